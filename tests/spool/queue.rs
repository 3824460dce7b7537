//! `emit --queue`: records are durable in the spool, and nothing else happens.

use super::{numbered, run};
use crate::support::server::{Server, answer};
use crate::support::{Place, Run};

/// A run that knows where to, and has no key.
fn queue_for(place: &Place, url: &str, more: &[&str]) -> Run {
    let target = ["--url", url, "--connector", "c", "--spool", "spool"];
    place.hivelog([&["emit", "-", "--queue"], &target[..], more].concat())
}

/// One that could not reach anything either.
fn queue(place: &Place, more: &[&str]) -> Run {
    queue_for(place, "http://127.0.0.1:9", more)
}

#[test]
fn records_are_durable_and_nothing_is_sent() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let records = numbered("j", 3, 1).join("\n");
    let queueing = queue_for(&place, &server.url(), &["--receipts", "-o", "ndjson"]);
    let ended = queueing.stdin(records).run().exits(0);
    let reported = ended.ndjson();
    assert_eq!(reported.len(), 7, "{}", ended.transcript());
    // A pipe may bring them in parts, so receipts and results may take turns.
    let ids = |status| -> Vec<_> {
        let of_status = reported.iter().filter(|row| row["status"] == status);
        of_status.map(|row| &row["id"]).collect()
    };
    assert_eq!(ids("accepted").len(), 3);
    assert_eq!(ids("kept"), ids("accepted"));
    assert_eq!(reported[5]["eventCode"], "5004N");
    assert_eq!(reported[6]["kept"], 3);
    assert_eq!(server.requests().len(), 0);
    let drain = run(&place, &server.url(), &["spool", "drain"]);
    drain.run().exits(0).says("delivered 3");
}

#[test]
fn no_key_command_is_run() {
    let place = Place::new();
    let config = place.file(
        "config.toml",
        "[profile.p.synchive]\nurl = \"http://127.0.0.1:9\"\nconnector = \"c\"\n\
         key_command = [\"touch\", \"asked\"]\n",
    );
    let config = config.to_str().expect("a path");
    let args = [
        "emit", "-", "--queue", "--spool", "spool", "--config", config, "-p", "p",
    ];
    place
        .hivelog(args)
        .stdin(numbered("j", 1, 1).join("\n"))
        .run()
        .exits(0);
    assert!(!place.path("asked").exists());
}

#[test]
fn people_read_one_line_and_the_next_step() {
    let place = Place::new();
    let ended = queue(&place, &["-o", "human"]).stdin(numbered("j", 40, 4).join("\n"));
    let ended = ended.run().exits(0).says("kept 40 (lines 1-40) in ");
    assert_eq!(ended.text().lines().count(), 2, "{}", ended.transcript());
    ended.says("hivelog spool drain");
    let quiet = queue(&place, &["-o", "human", "-q"]).stdin(numbered("j", 40, 4).join("\n"));
    assert_eq!(quiet.run().exits(0).text(), "");
}

#[test]
fn what_our_own_rules_refuse_is_not_queued() {
    let place = Place::new();
    queue(&place, &[]).stdin("{}").run().exits(5);
    let mixed = format!("{{}}\n{}", numbered("j", 1, 1).join("\n"));
    queue(&place, &[]).stdin(mixed).run().exits(7);
}

#[test]
fn a_spool_without_room_is_not_a_success() {
    let place = Place::new();
    let full = |most: &str| {
        let config = place.file(
            "config.toml",
            format!("[profile.p.spool]\nmax_bytes = \"{most}\"\n"),
        );
        let config = config.to_str().expect("a path").to_owned();
        move |place: &Place, records: usize| {
            let args = ["--config", &config, "-p", "p"];
            queue(place, &args)
                .stdin(numbered("j", records, 1).join("\n"))
                .run()
        }
    };
    full("1KiB")(&place, 1).exits(3).warns("the spool is full");
    full("1MiB")(&place, 5000)
        .exits(7)
        .warns("the spool is full");
}

#[test]
fn the_log_does_not_grow_with_every_process_that_accepts_one_record() {
    let place = Place::new();
    let large = format!("{{\"detail\":\"{}\"}}", "x".repeat(400_000));
    for _ in 0..12 {
        let ended = queue(&place, &["--no-validate"]).stdin(large.clone()).run();
        let _ = ended.exits(0);
    }
    let log = place.path("spool/spool.db-wal").metadata().expect("a log");
    assert!(log.len() < 2 << 20, "{} bytes", log.len());
    let list = ["spool", "list", "--spool", "spool", "-o", "ndjson"];
    let list = place.hivelog(list).run().exits(0);
    assert_eq!(list.ndjson().len(), 12);
}

#[test]
fn flags_that_contradict_it_are_rejected() {
    let place = Place::new();
    for flag in ["--sandbox", "--no-spool"] {
        let args = ["emit", "-", "--queue", flag];
        place.hivelog(args).stdin("").run().exits(2).warns(flag);
    }
    let nowhere = [
        "emit",
        "-",
        "--queue",
        "--connector",
        "c",
        "--spool",
        "spool",
    ];
    place
        .hivelog(nowhere)
        .stdin("")
        .run()
        .exits(2)
        .warns("--url");
}

#[test]
fn a_forwarder_that_starts_later_sends_while_records_are_still_queued() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let mut queueing = queue_for(&place, &server.url(), &["-o", "ndjson"]).start();
    queueing.write((numbered("j", 1, 1).remove(0) + "\n").as_bytes());
    queueing.stdout.until("\"kept\"");
    let drain = run(&place, &server.url(), &["spool", "drain"]);
    drain.run().exits(0).says("delivered 1");
    queueing.end().exits(0);
}
