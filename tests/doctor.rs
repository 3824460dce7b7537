//! `doctor`: what it finds in an intact and in a broken place, and what it never does.

use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, Run};

fn status(ended: &Ended, check: &str) -> String {
    let rows = ended.json();
    let mut named = rows
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["check"] == check);
    let row = named
        .next()
        .unwrap_or_else(|| panic!("no {check}\n{}", ended.transcript()));
    row["status"].as_str().expect("text").to_owned()
}

fn doctor(place: &Place, more: &[&str]) -> Run {
    let args = ["doctor", "-o", "json"].iter().chain(more).copied();
    place.hivelog(args.collect::<Vec<_>>())
}

#[test]
fn a_place_without_settings_is_fine_and_says_what_is_missing() {
    let place = Place::new();
    let ended = doctor(&place, &[]).run().exits(0);
    assert_eq!(status(&ended, "synchive"), "skipped");
    assert_eq!(status(&ended, "spool"), "ok");
    assert!(
        !place.path(".local").exists(),
        "looking leaves nothing behind"
    );
    place
        .hivelog(["doctor"])
        .run()
        .exits(0)
        .says("--sandbox")
        .says("config init");
    let narrow = place.hivelog(["doctor"]).env("COLUMNS", "60").run().text();
    for line in narrow.lines().filter(|line| !line.contains('/')) {
        assert!(line.len() <= 60, "{line}");
    }
}

#[test]
fn what_is_wrong_is_named_with_what_to_do() {
    let place = Place::new();
    let valid = |place: &Place| {
        doctor(place, &[])
            .env("HIVELOG_SYNCHIVE_URL", "https://x.example.com")
            .env("HIVELOG_CONNECTOR", "shop")
            .env("HIVELOG_KEY", "canary")
    };
    let ended = valid(&place).run().exits(0);
    assert_eq!(status(&ended, "synchive"), "ok");
    assert!(ended.text().contains("variable HIVELOG_KEY") && !ended.text().contains("canary"));
    for (variable, value, check) in [
        ("HIVELOG_KEY", "", "synchive"),
        ("HIVELOG_SYNCHIVE_URL", "http://x.example.com", "synchive"),
        ("HIVELOG_SERVER_URL", "x.example.com", "server"),
        ("HIVELOG_SPOOL", "/dev/null/spool", "spool"),
    ] {
        let ended = valid(&place).env(variable, value).run().exits(1);
        assert_eq!(status(&ended, check), "failed", "{variable}={value}");
    }
    place.file(
        ".config/hivelog/config.toml",
        "[check]\nrules = { \"missing-feild\" = \"off\" }\n",
    );
    let ended = valid(&place).run().exits(1);
    assert_eq!(status(&ended, "check"), "failed");
    assert!(
        ended.text().contains("missing-field"),
        "{}",
        ended.transcript()
    );
}

#[test]
fn a_command_for_a_secret_is_run_once() {
    let place = Place::new();
    let prints = |name: &str| format!("[\"sh\", \"-c\", \"echo {name} >> ran; echo {name}\"]");
    place.file(
        ".config/hivelog/config.toml",
        format!(
            "[synchive]\nurl = \"https://x.example.com\"\nconnector = \"shop\"\nkey_command = {}\n\
             [server]\nurl = \"https://y.example.com\"\ntoken_command = {}\n",
            prints("key"),
            prints("token")
        ),
    );
    let ended = doctor(&place, &[]).run().exits(0);
    assert!(ended.text().contains("the token from the command 'sh'"));
    let ran = std::fs::read_to_string(place.path("ran")).unwrap();
    assert_eq!(ran, "key\ntoken\n");
}

#[test]
fn a_probe_knocks_and_sends_neither_key_nor_record() {
    let server = Server::answering(|_, _| answer("404 Not Found", "", ""));
    let place = Place::new();
    let run = |url: &str| {
        doctor(&place, &["--probe"])
            .env("HIVELOG_SYNCHIVE_URL", url)
            .env("HIVELOG_CONNECTOR", "shop")
            .env("HIVELOG_KEY", "canary")
            .run()
    };
    let ended = run(&server.url()).exits(0);
    assert_eq!(status(&ended, "synchive probe"), "ok");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(
        requests[0].head.starts_with("HEAD / "),
        "{}",
        requests[0].head
    );
    assert!(!requests[0].head.contains("canary") && requests[0].body.is_empty());

    let silent = Server::answering(|_, _| Vec::new());
    let ended = run(&silent.url()).exits(1);
    assert_eq!(status(&ended, "synchive probe"), "failed");
}

#[test]
fn what_waits_is_named_with_for_whom_and_why_and_the_command_that_sends_it() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("401 x", "", ""));
    let url = server.url();
    place.file(
        ".config/hivelog/config.toml",
        format!("[profile.shop.synchive]\nurl = \"{url}\"\nconnector = \"c\"\n"),
    );
    let log = crate::emit::record("j", "5004N");
    let emit = |args: &[&str]| {
        let run = place.hivelog([&["emit", "-"], args].concat());
        run.env("HIVELOG_KEY", "canary").stdin(log.clone()).run()
    };
    let _ = emit(&["-p", "shop"]).exits(4);
    let _ = emit(&[
        "--queue",
        "--url",
        "http://127.0.0.1:9",
        "--connector",
        "other",
    ])
    .exits(0);
    let ended = doctor(&place, &[]).run().exits(0);
    let rows = ended.json();
    let rows = rows.as_array().expect("rows").iter();
    let said = |row: &serde_json::Value| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        [text("status"), text("message"), text("help")].join(" | ")
    };
    let rows: Vec<String> = rows
        .filter(|row| row["check"] == "spool" || row["check"] == "waiting")
        .map(said)
        .collect();
    let [spool, own, other] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert!(spool.contains(": 2 ready, 0 dead, oldest "), "{spool}");
    let unasked = if own.contains("other") { own } else { other };
    let held = if own.contains("other") { other } else { own };
    assert!(
        held.starts_with("warning | ") && held.contains("401"),
        "{held}"
    );
    assert!(
        held.ends_with("send with: hivelog spool drain -p shop"),
        "{held}"
    );
    assert!(
        unasked.starts_with("ok | ") && unasked.contains("no profile"),
        "{unasked}"
    );
}
