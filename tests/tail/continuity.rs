//! Breaks, positions and what they cost.

use super::{event, events, hold, ids, sse, tail};
use crate::support::Place;
use crate::support::server::{Request, Server, answer};
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;

#[test]
fn a_gap_that_may_have_cost_events_can_end_the_run() {
    let script = |number: usize, _: &Request, stream: &mut TcpStream| {
        let id = u32::try_from(number).expect("few") + 1;
        sse(
            stream,
            format!("retry: 1\ndata: {}\n\n", event(id, "auth.ok")).as_bytes(),
        );
    };
    let ended = tail(&Server::scripted(script), &["--gap", "fail"])
        .wait()
        .exits(1);
    assert!(
        ended.text().contains("\"type\":\"hivelog.gap\""),
        "{}",
        ended.transcript()
    );
    let ended = tail(&Server::scripted(script), &["--count", "2"])
        .wait()
        .exits(0);
    let ended = ended.warns("events may be missing");
    assert!(
        ended.text().contains("\"recovered\":false"),
        "{}",
        ended.transcript()
    );
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    let ended = tail(
        &Server::scripted(script),
        &["--count", "2", "--gap", "ignore"],
    )
    .wait();
    assert_eq!(ended.exits(0).errors(), "");
}

#[test]
fn a_position_the_server_does_not_know_is_given_up() {
    let server = Server::scripted(|number, request, stream| match number {
        0 => sse(
            stream,
            format!("retry: 1\nid: 7\ndata: {}\n\n", event(1, "auth.ok")).as_bytes(),
        ),
        _ if request.header("last-event-id").is_some() => {
            let _ = stream.write_all(&answer("410 Gone", "", ""));
        }
        _ => sse(
            stream,
            format!("data: {}\n\n", event(2, "auth.ok")).as_bytes(),
        ),
    });
    let ended = tail(&server, &["--count", "2"]).wait().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    assert_eq!(
        ended.text().matches("hivelog.gap").count(),
        1,
        "{}",
        ended.transcript()
    );
    assert!(ended.text().contains("\"recovered\":false"));
}

#[test]
fn a_position_is_kept_between_runs_and_nothing_is_repeated() {
    let place = Place::new();
    // The server sends an overlap each time.
    let server = Server::scripted(|number, request, stream| {
        let first = match request.header("last-event-id") {
            None => 1,
            Some(last) => last
                .parse::<u32>()
                .expect("our own id")
                .saturating_sub(1)
                .max(1),
        };
        let body: Vec<_> = (first..first + 4)
            .map(|id| format!("id: {id}\ndata: {}\n\n", event(id, "auth.ok")))
            .collect();
        let body = body.concat();
        sse(stream, body.as_bytes());
        if number < 2 {
            hold(stream);
        }
    });
    let url = server.url();
    let run = |more: &[&str]| {
        let mut line = vec!["tail", "--server", &url, "--resume", "night"];
        line.extend(more);
        place.hivelog(line)
    };
    let ended = run(&["--count", "2"]).run().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    // The second run is interrupted, which is a clean stop too.
    let running = run(&[]).start();
    running.stdout.until("hivelog.gap");
    running.stdout.until("e-4");
    run(&[])
        .run()
        .exits(2)
        .warns("position 'night' is in use by another hivelog");
    running.signal("INT");
    running.wait().exits(130);
    let ended = run(&["--count", "2"]).run().exits(0);
    assert_eq!(ids(&ended.text()), ["e-5", "e-6"], "{}", ended.transcript());
    assert!(ended.text().contains("hivelog was not running"));
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("last-event-id").map(str::to_owned))
        .collect();
    assert_eq!(asked, [None, Some("2".to_owned()), Some("4".to_owned())]);
    place
        .hivelog(["tail", "--resume", "../up"])
        .run()
        .exits(2)
        .warns("is not a name");
    // What a reader that has left never saw is not passed over in the next run.
    let script = format!(
        "'{}' tail --resume pipe '{}' | head -1",
        env!("CARGO_BIN_EXE_hivelog"),
        place
            .file("events", events(&vec!["auth.ok"; 5000]))
            .display()
    );
    let head = Command::new("sh")
        .args(["-c", &script])
        .env("HOME", place.path(""))
        .output();
    assert!(head.expect("sh").stdout.starts_with(b"{\"id\":\"e-1\""));
    let rest = place
        .hivelog(["tail", "--resume", "pipe", "events"])
        .run()
        .exits(0);
    assert_eq!(ids(&rest.text()).last().map(String::as_str), Some("e-5000"));
}

#[test]
fn a_position_that_cannot_be_sent_back_is_left_out_and_said() {
    for id in [
        "a\u{7}b".to_owned(),
        "x".repeat(900_000),
        "\u{85}".to_owned(),
    ] {
        let place = Place::new();
        let server = Server::scripted(move |number, _, stream| {
            let number = u32::try_from(number).expect("few") + 1;
            let body = format!("retry: 1\nid: {id}\ndata: {}\n\n", event(number, "auth.ok"));
            sse(stream, body.as_bytes());
        });
        let url = server.url();
        let line = ["tail", "--server", &url, "--resume", "q", "--count", "2"];
        let ended = place
            .hivelog(line)
            .run()
            .exits(0)
            .warns("cannot be sent back");
        assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
        ended.warns("events may be missing");
        let folder = place.path(".local/state/hivelog/positions");
        let kept = std::fs::read_to_string(folder.join("q.position")).expect("a position");
        assert!(kept.contains("\"position\":null"), "{kept:.200}");
        assert!(
            server
                .requests()
                .iter()
                .all(|request| request.header("last-event-id").is_none())
        );
        // One that another version has stored does no harm either.
        let bad = kept.replacen("\"position\":null", "\"position\":\"a\\u0007b\"", 1);
        place.file(".local/state/hivelog/positions/q.position", bad);
        place.hivelog(line).run().exits(0);
        let newer = kept.replacen("\"version\":1", "\"version\":99", 1);
        place.file(".local/state/hivelog/positions/q.position", newer);
        place.hivelog(line).run().exits(3).warns("version 99");
    }
}

#[test]
fn a_break_that_lasts_until_the_end_is_in_the_stream_and_counts() {
    let serve = || {
        Server::scripted(|number, _, stream| {
            if number == 0 {
                let body = format!("retry: 60000\nid: 1\ndata: {}\n\n", event(1, "auth.ok"));
                sse(stream, body.as_bytes());
            }
        })
    };
    for (more, code) in [
        (&["--gap", "fail"][..], 1),
        (&["--gap", "warn"], 8),
        (&["--gap", "ignore"], 8),
        (&["--gap", "fail", "--expect", "auth.ok"], 1),
    ] {
        let server = serve();
        let line = [&["--timeout", "1s", "--meta"], more].concat();
        let ended = tail(&server, &line).wait().exits(code);
        let records = ended.ndjson();
        let [.., gap, verdict] = records.as_slice() else {
            panic!("{}", ended.transcript());
        };
        assert_eq!(gap["type"], "hivelog.gap", "{}", ended.transcript());
        assert_eq!(gap["recovered"], false);
        assert_eq!(verdict["type"], "hivelog.verdict");
        assert_eq!(verdict["exit"], code);
        assert_eq!(ended.text().matches("hivelog.gap").count(), 1);
    }
    let running = tail(&serve(), &["--gap", "fail"]);
    running.stdout.until("e-1");
    running.signal("INT");
    running.wait().exits(130);
}

#[test]
fn a_second_run_over_the_same_file_has_nothing_new_and_that_is_no_failure() {
    let place = Place::new();
    place.file("events", events(&["auth.ok", "auth.renew"]));
    for shown in [2, 0] {
        let line = ["tail", "--no-follow", "--resume", "q", "events"];
        let ended = place.hivelog(line).run().exits(0);
        assert_eq!(ids(&ended.text()).len(), shown);
        assert_eq!(ended.errors(), "");
    }
}

#[test]
fn what_the_next_run_shows_again_is_said() {
    let place = Place::new();
    let events = events(&["auth.ok"]) + "{\"type\":\"auth.ok\"}\n{\"type\":\"auth.renew\"}\n";
    place.file("events", events);
    let said = "the next run shows 2 events again: --resume recognises events by their ids\n";
    for shown in [3, 2] {
        let ended = place.hivelog(["tail", "--resume", "q", "events"]).run();
        let ended = ended.exits(0);
        assert_eq!(ended.ndjson().len(), shown);
        assert_eq!(ended.errors(), said);
    }
}

#[test]
fn every_event_of_a_file_that_grows_is_known_to_the_next_run() {
    let place = Place::new();
    let line = |id: u32| format!("{{\"id\":\"{id}\",\"type\":\"auth.ok\"}}\n");
    place.file("events", (0..70_000).map(line).collect::<String>());
    let run = |until: &str| {
        let line = ["tail", "-f", "--resume", "q", "--until", until, "events"];
        place.hivelog(line).run().exits(0)
    };
    assert_eq!(run("*.ok id=69999").text().lines().count(), 70_000);
    place.file("events", (0..=70_000).map(line).collect::<String>());
    assert_eq!(run("*.ok id=70000").text(), line(70_000));
}

#[test]
fn a_server_that_stays_away_for_one_reason_is_reported_once() {
    let server = Server::answering(|_, _| answer("503 Service Unavailable", "", ""));
    let ended = tail(&server, &["--reconnect", "3"]).wait().exits(6);
    let errors = ended.errors();
    assert_eq!(errors.matches("trying again").count(), 1, "{errors}");
}

#[test]
fn reconnecting_has_a_bound_if_one_is_set() {
    let server = Server::answering(|_, _| answer("503 Service Unavailable", "", ""));
    tail(&server, &["--reconnect", "1"])
        .wait()
        .exits(6)
        .warns("503");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_position_that_cannot_be_written_is_reported_although_the_condition_came() {
    let place = Place::new();
    place.file("events", events(&["auth.ok", "auth.renew"]));
    let positions = place.path(".local/state/hivelog/positions");
    std::fs::create_dir_all(&positions).expect("a folder");
    std::os::unix::fs::symlink("missing/q", positions.join("q.position")).expect("a link");
    let line = ["tail", "--resume", "q", "--count", "2", "events"];
    let ended = place.hivelog(line).run().exits(3).warns("cannot write");
    assert_eq!(ids(&ended.text()).len(), 2);
}
