//! `run`: event logs around a command, and the command's own end.

use crate::support::server::{Server, answer};
use crate::support::{Place, Run};
use serde_json::Value;

/// The fields of an event log, code and outcome left out.
const FIELDS: [&str; 12] = [
    "-s",
    "INBOUND_2",
    "--integration",
    "Shop",
    "--shape",
    "Product",
    "--schema",
    "limber",
    "--mode",
    "LIVE",
    "--external-id",
    "Shop=9",
];

fn run(place: &Place, url: &str, args: &[&str], command: &str) -> Run {
    let mut all = vec!["run"];
    all.extend(FIELDS);
    all.extend([
        "--url",
        url,
        "--connector",
        "c",
        "--on-start",
        "5004N",
        "--on-success",
        "2000N",
        "--on-failure",
        "2002E",
    ]);
    all.extend(args);
    all.extend(["--", "sh", "-c", command]);
    place.hivelog(all).env("HIVELOG_KEY", "canary-7f3a")
}

#[test]
fn an_output_format_that_run_does_not_have_is_a_usage_error() {
    let place = Place::new();
    let ended = run(&place, "http://127.0.0.1:9", &["-o", "table"], "touch ran").run();
    let _ = ended.exits(2).warns("supported formats: human");
    assert!(!place.path("ran").exists());
}

fn bodies(server: &Server) -> Vec<Value> {
    let requests = server.requests();
    requests
        .iter()
        .map(|request| serde_json::from_slice(&request.body).expect("JSON"))
        .collect()
}

#[test]
fn a_rejected_key_is_reported_with_what_to_check() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("401 Unauthorized", "", ""));
    let ended = run(&place, &server.url(), &[], "true").run().exits(0);
    let ended = ended.warns("the event log 5004N was not delivered: ");
    let ended = ended.warns("check the key (HIVELOG_KEY), its header and the connector");
    let _ = ended.warns("it is saved in the spool");
}

#[test]
fn a_command_that_succeeds_is_reported_with_its_correlation_id() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let ended = run(
        &place,
        &server.url(),
        &[],
        "cat; echo $HIVELOG_CORRELATION_ID",
    )
    .stdin("through\n")
    .run()
    .exits(0);
    let sent = bodies(&server);
    assert_eq!(sent.len(), 2);
    assert_eq!(
        (&sent[0]["eventCode"], &sent[1]["eventCode"]),
        (&"5004N".into(), &"2000N".into())
    );
    assert_eq!(sent[0]["correlationId"], sent[1]["correlationId"]);
    let id = sent[0]["correlationId"].as_str().expect("an id");
    assert_eq!(ended.text(), format!("through\n{id}\n"));
}

#[test]
fn a_command_that_fails_is_reported_with_its_last_lines_and_keeps_its_code() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let ended = run(
        &place,
        &server.url(),
        &["--tail-lines", "2"],
        "echo one >&2; echo two >&2; echo three >&2; exit 41",
    )
    .run()
    .exits(41);
    assert_eq!(ended.errors(), "one\ntwo\nthree\n");
    let sent = bodies(&server);
    assert_eq!(
        (&sent[1]["eventCode"], &sent[1]["outcome"]),
        (&"2002E".into(), &"FAILED".into())
    );
    assert_eq!(
        sent[1]["technicalInfo"],
        "sh ended with exit code 41\ntwo\nthree"
    );
    run(&place, &server.url(), &[], "kill -9 $$")
        .run()
        .exits(137);
    let detail = |log: &Value| log["detail"].as_str().unwrap_or_default().to_owned();
    let sent = bodies(&server);
    assert!(detail(&sent[1]).ends_with("\nIts last messages are in the technical information."));
    assert!(detail(&sent[3]).contains("\nIt wrote nothing to standard error"));
}

#[test]
fn a_server_that_is_down_changes_nothing_but_is_reported() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    run(&place, &server.url(), &["--retry-for", "100ms"], "exit 3")
        .run()
        .exits(3)
        .warns("saved in the spool");
    let kept = place
        .hivelog(["spool", "list", "-o", "json"])
        .run()
        .exits(0)
        .json();
    assert_eq!(kept.as_array().map(Vec::len), Some(2));
    run(
        &place,
        &server.url(),
        &["--retry-for", "100ms", "--no-spool"],
        "exit 0",
    )
    .run()
    .exits(0)
    .warns("was not delivered");
}

#[test]
fn a_command_that_does_not_exist_is_127() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let mut args = vec!["run"];
    args.extend(FIELDS);
    let url = server.url();
    args.extend(["--url", &url, "--connector", "c", "--on-failure", "2002E"]);
    args.extend(["--", "no-such-command-here"]);
    let run = place.hivelog(args).env("HIVELOG_KEY", "k").run();
    let _ = run.exits(127).warns("could not be started");
    assert_eq!(bodies(&server).len(), 1);
}

#[test]
fn whatever_is_wrong_with_the_event_logs_the_command_runs_unless_it_is_strict() {
    let place = Place::new();
    let broken = place.file("broken.toml", "nonsense = [");
    let failing = place.file(
        "failing.toml",
        "[synchive]\nkey_command = ['false']\n[check]\nrules = { }\n",
    );
    let (broken, failing) = (broken.to_str().unwrap(), failing.to_str().unwrap());
    let on_failure = ["--on-failure", "2002E"];
    let url = ["--url", "http://127.0.0.1:9", "--connector", "c"];
    let cases: [(&[&[&str]], &str); 7] = [
        (
            &[&FIELDS, &url, &on_failure],
            "the connector's key is missing",
        ),
        (
            &[&FIELDS, &url, &on_failure, &["--config", failing]],
            "synchive.key_command) failed",
        ),
        (
            &[&FIELDS, &url, &on_failure, &["--config", broken]],
            "broken.toml",
        ),
        (
            &[&FIELDS, &url, &on_failure, &["-p", "nobody"]],
            "unknown profile 'nobody'",
        ),
        (&[&FIELDS, &on_failure], "--url"),
        (&[&FIELDS[..2], &url, &on_failure], "--shape"),
        (
            &[&FIELDS, &url, &["--on-failure", "2002X"]],
            "2002 exists as 2002E",
        ),
    ];
    for (parts, wanted) in cases {
        let run = |strict: &[&'static str]| {
            let mut args = vec!["run"];
            args.extend(strict);
            args.extend(parts.iter().copied().flatten());
            args.extend(["--", "sh", "-c", "echo it ran; exit 9"]);
            place.hivelog(args).run()
        };
        let ended = run(&[]).exits(9).warns(wanted);
        assert_eq!(ended.text(), "it ran\n", "{wanted}");
        let ended = run(&["--strict"]).exits(2).warns(wanted);
        assert_eq!(ended.text(), "", "{wanted}");
    }
}

#[test]
fn without_a_key_event_logs_wait_in_the_spool_and_without_a_spool_they_are_sent() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let url = server.url();
    let mut args = vec![
        "run",
        "--url",
        &url,
        "--connector",
        "c",
        "--on-success",
        "2000N",
    ];
    args.extend(FIELDS);
    args.extend(["--", "true"]);
    let ended = place.hivelog(&args).run().exits(0);
    let _ = ended.warns("is saved in the spool; send it with: hivelog spool drain");
    let drain = ["spool", "drain", "--url", &url, "--connector", "c"];
    let _ = place.hivelog(drain).env("HIVELOG_KEY", "k").run().exits(0);
    assert_eq!(bodies(&server).len(), 1);

    let file = place.file("a-file", "");
    let with_spool = |more: &[&'static str]| {
        let spool = ["--spool", file.to_str().unwrap()].map(str::to_owned);
        let args: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let all = args[..1].iter().cloned().chain(spool);
        let all = all.chain(more.iter().map(|arg| (*arg).to_owned()));
        place
            .hivelog(all.chain(args[1..].iter().cloned()))
            .env("HIVELOG_KEY", "k")
            .run()
    };
    let _ = with_spool(&[]).exits(0).warns("without the spool");
    assert_eq!(bodies(&server).len(), 2);
    assert_ne!(with_spool(&["--strict"]).code, Some(0));
    assert_eq!(bodies(&server).len(), 2);
}

#[test]
fn what_a_command_has_said_is_sent_though_something_holds_its_stream_open() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let command = "echo the reason >&2; printf unfinished >&2; sleep 30 & exit 4";
    // Through the shell: the sleeper keeps our standard error open, which nobody waits for here.
    let mut child = run(&place, &server.url(), &[], command)
        .into_command()
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    assert_eq!(child.wait().expect("an end").code(), Some(4));
    let sent = bodies(&server);
    assert_eq!(
        sent[1]["technicalInfo"],
        "sh ended with exit code 4\nthe reason\nunfinished"
    );
}

#[test]
fn secrets_among_the_last_lines_are_masked() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let command = "env >&2; echo 'password=hunter2hunter2' >&2; exit 1";
    let ended = run(&place, &server.url(), &["--tail-lines", "99"], command)
        .env("DEPLOY_TOKEN", "canary-token-1")
        .run()
        .exits(1);
    assert!(
        ended.errors().contains("canary-token-1"),
        "it passes through"
    );
    let sent = bodies(&server);
    let reported = sent[1]["technicalInfo"].as_str().expect("text");
    assert!(reported.contains("HIVELOG_KEY=***"), "{reported}");
    assert!(reported.contains("HOME=/"), "{reported}");
    for secret in ["canary-7f3a", "canary-token-1", "hunter2hunter2"] {
        assert!(!reported.contains(secret), "{reported}");
    }
}

#[test]
fn a_signal_reaches_the_command_where_no_kill_is_installed_and_the_failure_is_reported() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)] {
        let place = Place::new();
        let server = Server::answering(|_, _| answer("200 OK", "", ""));
        let only_shells = place.path("bin");
        std::fs::create_dir(&only_shells).expect("a folder");
        std::os::unix::fs::symlink("/bin/bash", only_shells.join("sh")).expect("a link");
        let script = "for s in INT TERM HUP QUIT; do trap \"echo got $s >&2; exit 6\" $s; done\n\
                      trap 'echo usr1' USR1; trap 'echo usr2' USR2; echo up\n\
                      while :; do :; done";
        let running = run(&place, &server.url(), &[], script)
            .env("PATH", &only_shells)
            .start();
        assert_eq!(running.stdout.next(), "up\n");
        for own in ["USR1", "USR2"] {
            running.signal(own);
            assert_eq!(running.stdout.next(), format!("{}\n", own.to_lowercase()));
        }
        running.signal(signal);
        running.wait().exits(6).warns(&format!("got {signal}"));
        let sent = bodies(&server);
        assert_eq!(sent[1]["eventCode"], "2002E", "{signal}");

        // A command that has not prepared for it ends by it, and so it is reported.
        let running = run(&place, &server.url(), &[], "echo up; exec sleep 60").start();
        assert_eq!(running.stdout.next(), "up\n");
        running.signal(signal);
        running.wait().exits(128 + number);
    }
}

#[test]
fn what_run_has_to_say_is_marked_as_a_warning() {
    let place = Place::new();
    let ended = run(&place, "http://127.0.0.1:9", &["--retry-for", "0s"], "true").run();
    let text = ended.exits(0).errors();
    assert!(!text.is_empty());
    for line in text.lines() {
        let marked = line.starts_with("warning: ") || line.starts_with("  help: ");
        assert!(marked, "{text}");
    }
}

/// A server that never answers, and hears what is sent to it.
fn silent() -> Server {
    Server::scripted(|_, _, _| {
        loop {
            std::thread::park();
        }
    })
}

fn kept(place: &Place) -> usize {
    let listed = place
        .hivelog(["spool", "list", "-o", "json"])
        .run()
        .exits(0);
    listed.json().as_array().map_or(0, Vec::len)
}

#[test]
fn a_server_that_takes_nothing_does_not_outlast_the_command_by_much() {
    let patient = ["--timeout", "10m"];
    for server in [silent(), Server::answering(|_, _| answer("503 x", "", ""))] {
        let place = Place::new();
        let _ = run(&place, &server.url(), &patient, "exit 3")
            .run()
            .exits(3)
            .warns("5004N was not delivered")
            .warns("it is saved in the spool; send it with: hivelog spool drain")
            .warns("the event log is saved in the spool");
        assert_eq!(kept(&place), 2);
    }
}

#[test]
fn a_signal_ends_the_reporting_and_everything_stays_in_the_spool() {
    let patient = ["--timeout", "10m", "--retry-for", "10m"];
    // While it reports.
    let place = Place::new();
    let server = silent();
    let running = run(&place, &server.url(), &patient, "true").start();
    let tasks = format!("/proc/{}/task", running.pid());
    let reports = || {
        let tasks = std::fs::read_dir(&tasks).expect("its threads");
        let names = tasks.flatten().map(|task| task.path().join("comm"));
        names
            .filter_map(|name| std::fs::read_to_string(name).ok())
            .any(|name| name == "patience\n")
    };
    let begun = std::time::Instant::now();
    while !reports() || server.requests().is_empty() {
        assert!(begun.elapsed() < crate::support::PATIENCE, "no report");
        std::thread::yield_now();
    }
    running.signal("INT");
    let _ = running.wait().exits(130).warns("stopping: 1 record");
    assert_eq!(kept(&place), 2);
    // While the command runs.
    let place = Place::new();
    let running = run(&place, &server.url(), &patient, "echo up; exec sleep 60").start();
    assert_eq!(running.stdout.next(), "up\n");
    running.signal("TERM");
    let _ = running.wait().exits(143).warns("saved in the spool");
    assert_eq!(kept(&place), 2);
}
