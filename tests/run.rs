//! `run`: event logs around a command, and the command's own end.

use crate::support::server::{Server, answer};
use crate::support::{Place, Run};
use serde_json::Value;

fn run(place: &Place, url: &str, args: &[&str], command: &str) -> Run {
    let mut all = vec![
        "run",
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
    ];
    all.extend(args);
    all.extend(["--", "sh", "-c", command]);
    place.hivelog(all).env("HIVELOG_KEY", "canary-7f3a")
}

fn bodies(server: &Server) -> Vec<Value> {
    let requests = server.requests();
    requests
        .iter()
        .map(|request| serde_json::from_slice(&request.body).expect("JSON"))
        .collect()
}

#[test]
fn a_command_that_succeeds_is_told_with_its_correlation_id() {
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
fn a_command_that_fails_is_told_with_its_last_words_and_keeps_its_code() {
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
}

#[test]
fn a_server_that_is_down_changes_nothing_but_is_told() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    run(&place, &server.url(), &["--retry-for", "100ms"], "exit 3")
        .run()
        .exits(3)
        .warns("kept in the spool");
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
fn a_command_that_does_not_exist_is_127_and_a_wrong_event_log_is_told_before_it_runs() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let common = [
        "run",
        "-s",
        "INBOUND_2",
        "--integration",
        "S",
        "--shape",
        "P",
        "--schema",
        "l",
        "--mode",
        "LIVE",
        "--external-id",
        "S=9",
        "--url",
    ];
    let url = server.url();
    let tail = |code, command| {
        let mut all = common.to_vec();
        all.extend([
            &url,
            "--connector",
            "c",
            "--on-failure",
            code,
            "--",
            command,
        ]);
        place.hivelog(all).env("HIVELOG_KEY", "k").run()
    };
    tail("2002E", "no-such-command-here")
        .exits(127)
        .warns("could not be started");
    assert_eq!(bodies(&server).len(), 1);
    tail("2002X", "/bin/true")
        .exits(2)
        .warns("2002 exists as 2002E");
    assert_eq!(bodies(&server).len(), 1);
}
