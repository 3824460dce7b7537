//! Servers that never pause, readers that stall or leave, and inputs that never open: signals and
//! time-outs are heeded, and the verdict is what was seen.

use super::{event, events, sse, tail};
use crate::support::server::Server;
use crate::support::{PATIENCE, Place};
use std::io::Write;
use std::process::{Command, Stdio};

/// A server that sends the same bytes without end.
fn flooding(piece: &str) -> Server {
    let block = piece.repeat(32 * 1024 / piece.len());
    Server::scripted(move |_, _, stream| {
        sse(stream, b"");
        while stream.write_all(block.as_bytes()).is_ok() {}
    })
}

#[test]
fn a_stream_that_never_pauses_is_no_way_past_a_time_out_or_a_signal() {
    for flood in [":\n", "data: {'a'\n\n"] {
        let server = flooding(flood);
        for flag in ["--timeout", "--idle-timeout"] {
            let ended = tail(&server, &[flag, "300ms"]).wait().exits(8).warns(flag);
            assert_eq!(ended.text(), "");
            let lines = ended.errors().lines().count();
            assert!(lines <= 8, "{lines} lines\n{}", ended.transcript());
        }
        let running = tail(&server, &["-v"]);
        running.stderr.until("connected to");
        running.signal("TERM");
        running.wait().exits(143);
    }
    let server = flooding("data: {'a'\n\n");
    let ended = tail(&server, &["--timeout", "300ms"]).wait().exits(8);
    let ended = ended.warns("not JSON: single quotes around text (byte 2)");
    assert!(
        !ended.errors().contains("expected"),
        "{}",
        ended.transcript()
    );
    ended.warns("more findings of these kinds not shown");
}

#[test]
fn a_reader_that_leaves_does_not_make_what_was_awaited_come() {
    let place = Place::new();
    place.file("events", events(&vec!["auth.ok"; 100_000]));
    for (args, code) in [
        (&["--until", "license.valid"][..], 8),
        (&["--expect", "license.valid"], 1),
        (&["--until", "auth.ok n=2"], 0),
    ] {
        let mut command = place
            .hivelog(["tail", "events"].iter().chain(args))
            .into_command();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(code), "{args:?}");
    }
}

#[test]
fn a_reader_that_stalls_is_no_way_past_a_time_out_or_a_signal() {
    let place = Place::new();
    place.file("events", events(&vec!["auth.ok"; 100_000]));
    for (args, signal, code) in [
        (&["--timeout", "100ms"][..], false, 8),
        (&["--until", "license.valid"], true, 143),
    ] {
        let mut command = place
            .hivelog(
                ["tail", "events", "--ready-file", "ready"]
                    .iter()
                    .chain(args),
            )
            .into_command();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let began = std::time::Instant::now();
        while !place.path("ready").exists() && began.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
        std::fs::remove_file(place.path("ready")).expect("it is ready");
        if signal {
            let id = child.id().to_string();
            let sent = Command::new("kill").args(["-TERM", &id]).status();
            assert!(sent.expect("kill runs").success());
        }
        // Nobody reads, and the pipe stays open until it has ended.
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(code), "{args:?}");
    }
}

#[test]
fn one_signal_ends_the_wait_for_the_writer_of_a_pipe() {
    let place = Place::new();
    let made = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(made.expect("mkfifo runs").success());
    place.file("good", event(1, "auth.ok"));
    for command in ["tail", "validate", "stats", "journey"] {
        // The finding on the first file says that the second one is next.
        place.file("bad", "nonsense");
        let running = place.hivelog([command, "bad", "pipe"]).start();
        if command == "validate" {
            running.stdout.until("nonsense");
        } else {
            running.stderr.until("not JSON");
        }
        running.signal("TERM");
        running.wait().exits(143);
    }
    // Once there is a writer, it is read like any other input.
    let writer = place.path("pipe");
    std::thread::spawn(move || std::fs::write(writer, event(2, "auth.ok")));
    let ended = place.hivelog(["tail", "good", "pipe"]).run().exits(0);
    assert_eq!(super::ids(&ended.text()), ["e-1", "e-2"]);
}
