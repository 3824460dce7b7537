//! What people read about records that were not delivered: which they are, why, and what to do.

use super::{numbered, run};
use crate::connection::closed;
use crate::emit::record;
use crate::support::Place;
use crate::support::server::{Server, answer};

/// Accepts a record in a run of its own, which sends nothing.
fn accept(place: &Place, url: &str, record: &str) {
    let args = ["emit", "-", "--queue"];
    run(place, url, &args).stdin(record).run().exits(0);
}

#[test]
fn drained_records_of_several_runs_are_named_by_their_ids() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("400 x", "", ""));
    let url = server.url();
    for journey in ["one", "two", "three"] {
        accept(&place, &url, &record(journey, "5004N"));
    }
    let list = ["spool", "list", "-o", "json"];
    let list = run(&place, &url, &list).run().exits(0).json();
    let ids: Vec<String> = (0..3)
        .map(|at| list[at]["id"].as_str().expect("an id")[28..].to_owned())
        .collect();
    let drain = ["spool", "drain", "--jobs", "1"];
    let ended = run(&place, &url, &drain).run().exits(5);
    let text = ended.text();
    let first = format!("{}: refused 5004N one\n", ids[0]);
    assert!(text.starts_with(&first), "{text}");
    let folded = format!("refused 3 ({}): 400 Bad Request\n", ids.join(", "));
    assert!(text.contains(&folded), "{text}");
    assert!(!text.contains("line"), "{text}");
}

#[test]
fn a_drained_record_that_was_composed_from_flags_is_one_of_many() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let compose = "emit --queue -c 5004N -s INBOUND_3 --outcome PROCESSING --integration Shop \
                   --shape Product --schema limber --mode LIVE --external-id Shop=9 --detail x";
    let compose: Vec<&str> = compose.split_whitespace().collect();
    for _ in 0..2 {
        run(&place, &server.url(), &compose).run().exits(0);
    }
    let ended = run(&place, &server.url(), &["spool", "drain"]).run();
    let ended = ended.exits(0).says("delivered 2, invalid 0, kept 0");
    assert_eq!(ended.text().lines().count(), 1, "{}", ended.transcript());
}

#[test]
fn a_record_that_was_not_sent_has_no_status() {
    for (status, said) in [
        ("503 x", "not sent: the server asked"),
        ("401 x", "401 Unauthorized"),
    ] {
        let place = Place::new();
        let server = Server::answering(move |_, _| answer(status, "Retry-After: 600\r\n", ""));
        let sent = numbered("j", 3, 3).join("\n");
        let emit = |more: &[&str]| {
            let args = [&["emit", "-", "--jobs", "1"], more].concat();
            run(&place, &server.url(), &args).stdin(sent.clone()).run()
        };
        let reported = emit(&["-o", "ndjson"]).ndjson();
        let unsent: Vec<_> = reported
            .iter()
            .filter(|line| line["attempts"] == 0)
            .collect();
        assert_eq!(unsent.len(), 2, "{reported:?}");
        for line in unsent {
            assert_eq!(line.get("http"), None, "{line}");
            let title = line["error"]["title"].as_str().expect("a title");
            assert!(title.starts_with(said), "{line}");
        }
        let ended = emit(&[]);
        assert!(
            !ended.text().contains("503 not sent"),
            "{}",
            ended.transcript()
        );
    }
}

#[test]
fn what_a_person_has_to_correct_comes_before_sending_again() {
    let place = Place::new();
    place.file("key", "canary-7f3a");
    let key = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(place.path("key"), key).expect("a mode");
    for (status, code, from_flags, from_profile) in [
        (
            "401 x",
            4,
            "check the key (HIVELOG_KEY), its header and the connector: hivelog doctor\n",
            "check the key (synchive.key_file of profile shop), its header and the connector: \
             hivelog doctor --config",
        ),
        (
            "403 x",
            4,
            "check the key (HIVELOG_KEY)",
            "check the key (synchive.key_file of profile shop)",
        ),
        (
            "404 x",
            2,
            "check the address (--url) and synchive.path: hivelog doctor\n",
            "check the address (synchive.url of profile shop) and synchive.path: \
             hivelog doctor --config",
        ),
    ] {
        let server = Server::answering(move |_, _| answer(status, "", ""));
        let sent = numbered("j", 3, 3).join("\n");
        let flags = run(&place, &server.url(), &["emit", "-"]).stdin(sent.clone());
        let text = flags.run().exits(code).says(from_flags).text();
        let end = format!(
            "they are in the spool; send them with: hivelog spool drain --url {} --connector c \
             --spool spool\n",
            server.url()
        );
        assert!(text.ends_with(&end), "{text}");
        let url = server.url();
        let file = place.path("key");
        let config = place.file(
            "config.toml",
            format!(
                "[profile.shop.synchive]\nurl = \"{url}\"\nconnector = \"c\"\nkey_file = {file:?}\n"
            ),
        );
        let config = config.to_str().expect("a path");
        let args = [
            "emit", "-", "--config", config, "-p", "shop", "--spool", "s",
        ];
        let text = place.hivelog(args).stdin(sent).run().exits(code);
        let text = text.says(from_profile).text();
        let end = format!(
            "they are in the spool; send them with: hivelog spool drain --config {config} \
             -p shop --spool s\n"
        );
        assert!(text.ends_with(&end), "{text}");
    }
}

#[test]
fn a_log_from_flags_says_what_to_do_as_well() {
    let place = Place::new();
    let emit = "emit --retry-for 0s -c 5004N -s INBOUND_3 --outcome PROCESSING --integration Shop \
                --shape Product --schema limber --mode LIVE --external-id Shop=9 --detail x";
    let emit: Vec<&str> = emit.split_whitespace().collect();
    let ended = run(&place, &closed(), &emit).run().exits(6);
    ended.says("it is in the spool; send it with: hivelog spool drain --url http");
}

#[test]
fn the_next_step_that_is_printed_works_as_it_stands() {
    let place = Place::new();
    let server = Server::answering(|number, _| match number {
        0 => answer("503 x", "", ""),
        _ => answer("200 OK", "", ""),
    });
    let url = server.url();
    let args = [
        "emit",
        "-",
        "--url",
        &url,
        "--connector",
        "my shop's",
        "--key-header",
        "X-Key",
        "-H",
        "X-Gate: a b$c",
        "--spool",
        "a spool",
        "--retry-for",
        "0s",
    ];
    let run = place.hivelog(args).env("HIVELOG_KEY", "canary-7f3a");
    let text = run.stdin(record("a", "5004N")).run().exits(6).text();
    let (_, next) = text.trim_end().rsplit_once("with: ").expect("a next step");
    // Typed at a shell, to which the program is known by its name.
    let shell = format!("PATH=\"${{0%/*}}:$PATH\"; {next}");
    let typed = place.hivelog([""; 0]).under(&["bash", "-c", &shell]);
    let _ = typed
        .expect("bash")
        .env("HIVELOG_KEY", "canary-7f3a")
        .run()
        .exits(0);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].header("X-Gate"), Some("a b$c"));
    assert_eq!(requests[1].header("limber-connector"), Some("my shop's"));
}

#[test]
fn queueing_beside_a_database_that_cannot_be_used_is_a_warning() {
    let place = Place::new();
    let args = ["emit", "-", "--queue", "-o", "ndjson"];
    let mut queueing = run(&place, "http://127.0.0.1:9", &args).start();
    let sent = numbered("j", 3, 3);
    for (at, record) in sent.iter().enumerate() {
        queueing.write((record.clone() + "\n").as_bytes());
        queueing.stdout.until("\"kept\"");
        if at == 0 {
            for name in ["spool.db", "spool.db-wal", "spool.db-shm"] {
                let from = place.path("spool").join(name);
                std::fs::rename(from, place.path(name)).expect("moved");
            }
        }
    }
    let ended = queueing.end().exits(0);
    let errors = ended.errors();
    assert_eq!(errors.matches("warning: ").count(), 1, "{errors}");
    for wanted in ["inbox", "hivelog spool drain", "hivelog spool verify"] {
        assert!(errors.contains(wanted), "no {wanted} in {errors}");
    }
}

#[test]
fn a_forwarder_shows_how_many_have_ended_alike_while_it_runs() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("400 x", "", ""));
    let url = server.url();
    accept(&place, &url, &numbered("j", 40, 40).join("\n"));
    let args = ["spool", "drain", "--follow", "-o", "human"];
    let follower = run(&place, &url, &args).start();
    let line = follower.stdout.until(" so far (");
    assert!(line.starts_with("refused "), "{line}");
    assert!(line.ends_with(": 400 Bad Request\n"), "{line}");
    follower.signal("TERM");
    follower.end().exits(143);
}
