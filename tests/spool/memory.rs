//! What a run needs of memory, whatever it is given.

use crate::emit::records;
use crate::support::Place;
use crate::support::server::{Server, answer};
use serde_json::Value;

/// The most memory a run used, in KiB, when nothing gets through: because the server refuses it
/// all, or because another process has the sending to itself.
fn peak(count: usize, abroad: bool) -> Option<u64> {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("401 x", "", ""));
    let lock = super::lock(&place, &server.url());
    if abroad {
        lock.lock().expect("free");
    }
    let input = place.file("input", records(count));
    let output = std::fs::File::create(place.path("out")).expect("a file");
    let url = server.url();
    let mut args = vec!["emit", "-o", "ndjson", "--url", &url, "--connector", "c"];
    args.extend([
        "--retry-for",
        "0s",
        "--spool",
        "spool",
        input.to_str().expect("text"),
    ]);
    let mut command = place.hivelog(args).env("HIVELOG_KEY", "k").into_command();
    let most = high_water(command.stdout(output));
    let reported = std::fs::read_to_string(place.path("out")).expect("an output");
    let summary: Value =
        serde_json::from_str(reported.lines().last().expect("a line")).expect("JSON");
    assert_eq!(summary["kept"], count);
    most
}

/// The most memory a program used, in KiB.
fn high_water(command: &mut std::process::Command) -> Option<u64> {
    let mut child = command.spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let read = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = read.max(most);
        std::thread::yield_now();
    }
    most
}

#[test]
fn memory_does_not_grow_with_what_is_listed() {
    let place = Place::new();
    let url = "http://127.0.0.1:9";
    let _ = super::run(&place, url, &["emit", "-", "--retry-for", "0s"])
        .stdin(records(1))
        .run()
        .exits(6);
    super::multiply(&place, 100_000);
    for format in ["human", "table", "json", "ndjson"] {
        let output = std::fs::File::create(place.path("out")).expect("a file");
        let args = ["spool", "list", "--spool", "spool", "-o", format];
        let mut command = place.hivelog(args).into_command();
        let Some(most) = high_water(command.stdout(output)) else {
            crate::support::skip("there is no /proc to read the memory from");
            return;
        };
        let lines = std::fs::read_to_string(place.path("out")).expect("an output");
        assert!(lines.lines().count() > 100_000, "{format}");
        // All of them together would take more than their text.
        assert!(most < 32 * 1024, "{format}: {most} KiB");
    }
}

#[test]
fn memory_does_not_grow_with_what_is_kept() {
    for abroad in [false, true] {
        let (Some(few), Some(many)) = (peak(4_000, abroad), peak(40_000, abroad)) else {
            crate::support::skip("there is no /proc to read the memory from");
            return;
        };
        assert!(many < few + 8 * 1024, "{few} KiB and {many} KiB");
    }
}
