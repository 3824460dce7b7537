//! Readers that are slow, come late or leave.

use super::{events, hold, sse};
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, hivelog};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let place = Place::new();
    let names = vec!["auth.ok"; 100_000];
    place.file("events", events(&names));
    let script = format!(
        "{{ '{}' tail '{}'; echo \"code $?\" >&2; }} | head -1",
        env!("CARGO_BIN_EXE_hivelog"),
        place.path("events").display()
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .output()
        .expect("sh");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "code 0\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
}

#[test]
fn a_reader_that_comes_late_stalls_the_server_and_misses_nothing() {
    const COUNT: u32 = 24_000;
    let (stalled, stall) = channel::<()>();
    let stalled = std::sync::Mutex::new(stalled);
    let server = Server::scripted(move |_, _, stream| {
        sse(stream, b"");
        let pad = "x".repeat(1000);
        let events = (1..=COUNT).map(|id| {
            format!("data: {{\"id\":\"e-{id}\",\"type\":\"auth.ok\",\"pad\":\"{pad}\"}}\n\n")
        });
        let body = events.collect::<Vec<_>>().concat();
        let mut rest = body.as_bytes();
        // A write that gets nowhere for so long is a peer that does not read.
        let patience = Some(std::time::Duration::from_millis(500));
        stream.set_write_timeout(patience).expect("a socket");
        while !rest.is_empty() {
            match stream.write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    let _ = stalled.lock().expect("no panic").send(());
                }
                Err(error) => panic!("{error}"),
            }
        }
        hold(stream);
    });
    let limit = COUNT.to_string();
    let line = ["tail", "--server", &server.url(), "--count", &limit];
    let mut command = hivelog(line).into_command();
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let reported = stall.recv_timeout(crate::support::PATIENCE);
    reported.expect("24 MB must not all fit between the server and a reader that does not read");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let peak = status.ok().and_then(|status| {
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    assert!(peak.is_none_or(|kib| kib < 64 * 1024), "{peak:?} KiB");
    let stdout = child.stdout.take().expect("a pipe");
    let lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let mut shown = 0;
    for (line, id) in lines.zip(1..=COUNT) {
        assert!(line.starts_with(&format!("{{\"id\":\"e-{id}\",")), "{line}");
        shown = id;
    }
    assert!(child.wait().expect("it ends").success());
    assert_eq!(shown, COUNT);
}

/// Follows a server that sends so many events of a KiB, and reads nothing before all are sent.
fn unread(count: u32, more: &[&str]) -> Ended {
    let (sent, all) = channel();
    let sent = std::sync::Mutex::new(sent);
    let server = Server::scripted(move |number, _, stream| {
        if number > 0 {
            let _ = stream.write_all(&answer("204 No Content", "", ""));
            return;
        }
        sse(stream, b"retry: 1\n\n");
        let pad = "x".repeat(1000);
        for id in 1..=count {
            let event =
                format!("data: {{\"id\":\"e-{id}\",\"type\":\"auth.ok\",\"pad\":\"{pad}\"}}\n\n");
            stream.write_all(event.as_bytes()).expect("nothing stalls");
        }
        let _ = sent.lock().expect("no panic").send(());
    });
    let url = server.url();
    let mut line = vec!["tail", "--server", &url];
    line.extend(more);
    let mut command = hivelog(line).into_command();
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    all.recv_timeout(crate::support::PATIENCE)
        .expect("the server is not held up");
    Ended::of(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_slow_reader_may_miss_events_and_their_number_is_reported() {
    // More than both sockets hold, which may be some 10 MB.
    const COUNT: u32 = 20_000;
    for format in ["ndjson", "json"] {
        let ended = unread(COUNT, &["--on-slow", "drop", "-o", format]).exits(0);
        let records = match format {
            "json" => ended.json().as_array().expect("an array").clone(),
            _ => ended.ndjson(),
        };
        let (mut next, mut left_out) = (1, 0);
        for record in &records {
            if record["type"] == "hivelog.dropped" {
                assert_eq!(record["reason"], "slow reader");
                left_out += record["count"].as_u64().expect("a number");
                next += record["count"].as_u64().expect("a number");
            } else if record["kind"] != "hivelog" {
                assert_eq!(
                    record["id"],
                    format!("e-{next}"),
                    "in order, and none unsaid"
                );
                next += 1;
            }
        }
        assert_eq!(next, u64::from(COUNT) + 1);
        assert!(left_out > u64::from(COUNT) / 10, "{left_out}");
        ended.warns(&format!("{left_out} events left out"));
    }
    // A position promises that nothing is passed over.
    hivelog(["tail", "--on-slow", "drop", "--resume", "night"])
        .run()
        .exits(2)
        .warns("--resume");
}
