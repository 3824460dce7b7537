//! The promise of the spool: what was accepted is delivered or kept, and each can be identified. The
//! emulator's ledger is the judge.

mod damage;
mod identity;
mod import;
mod locks;
mod memory;
mod messages;
mod queue;
mod selection;
mod status;
mod waiting;

use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{Place, Run};
use hivelog::sandbox::faults::Faults;
use hivelog::sandbox::{Sandbox, SandboxOptions};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Records numbered from 0, spread over journeys.
pub fn numbered(prefix: &str, count: usize, journeys: usize) -> Vec<String> {
    (0..count)
        .map(|at| {
            let plain = record(&format!("{prefix}-{}", at % journeys), "5004N");
            plain.replace("}]},", &format!("}}]}},\"customData\":{at},"))
        })
        .collect()
}

/// A run in a place, with its spool there and a key.
pub fn run(place: &Place, url: &str, args: &[&str]) -> Run {
    let mut all = args.to_vec();
    all.extend(["--spool", "spool"]);
    if args[0] == "emit" || args[1] == "drain" {
        all.extend(["--url", url, "--connector", "c"]);
    }
    place.hivelog(all).env("HIVELOG_KEY", "canary-7f3a")
}

/// The file whose holder sends to `url`, in a spool that is made for it.
pub fn lock(place: &Place, url: &str) -> std::fs::File {
    let _ = run(place, url, &["spool", "drain"]).run().exits(0);
    std::fs::File::open(lock_path(place)).expect("a file")
}

/// Where the lock of the one destination of a spool is.
pub fn lock_path(place: &Place) -> PathBuf {
    std::fs::read_dir(place.path("spool"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains("/drain-"))
        .expect("a lock")
}

/// Copies the one record of a spool, so that there are so many more.
pub fn multiply(place: &Place, more: u32) {
    let database = rusqlite::Connection::open(place.path("spool/spool.db")).expect("a database");
    let copied = database.execute(
        "INSERT INTO event (id, run, dest, source, record, line, code, correlation, body, sum, \
         accepted_ms) \
         WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ?) \
         SELECT randomblob(16), run, dest, source, record, line, code, correlation, body, sum, \
         accepted_ms FROM event, n",
        [more],
    );
    assert_eq!(copied.expect("copies"), more as usize);
}

/// What the ledger has to say about records that were accepted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    pub lost: usize,
    pub extra: usize,
    pub overtaken: usize,
    pub changed: usize,
}

pub fn judge(sandbox: &Sandbox, sent: &[String], accepted: impl Fn(usize) -> bool) -> Judgement {
    let mut copies: HashMap<&[u8], usize> = HashMap::new();
    let places: HashMap<&[u8], usize> = sent
        .iter()
        .enumerate()
        .map(|(at, text)| (text.as_bytes(), at))
        .collect();
    let mut judgement = Judgement::default();
    let mut last: HashMap<Option<String>, usize> = HashMap::new();
    let ledger = sandbox.ledger();
    for entry in ledger.iter().filter(|entry| entry.accepted()) {
        let Some(at) = places.get(entry.body.as_slice()) else {
            judgement.changed += 1;
            continue;
        };
        let count = copies.entry(entry.body.as_slice()).or_default();
        *count += 1;
        if *count > 1 {
            judgement.extra += 1;
            continue;
        }
        let before = last.insert(entry.journey.clone(), *at);
        judgement.overtaken += usize::from(before.is_some_and(|before| before > *at));
    }
    judgement.lost = sent
        .iter()
        .enumerate()
        .filter(|(at, text)| accepted(*at) && !copies.contains_key(text.as_bytes()))
        .count();
    judgement
}

pub fn sandbox(faults: &str) -> Sandbox {
    Sandbox::start(SandboxOptions {
        faults: Faults::parse(faults).expect("faults"),
        rate: 0.0,
        ..SandboxOptions::default()
    })
    .expect("the emulator")
}

fn lines(place: &Place, url: &str) -> Vec<Value> {
    run(place, url, &["spool", "list", "-o", "json"])
        .run()
        .exits(0)
        .json()
        .as_array()
        .expect("an array")
        .clone()
}

#[test]
fn what_is_no_folder_is_not_an_empty_spool() {
    for kind in ["file", "pipe", "dangling link"] {
        let place = Place::new();
        let path = place.path("spool");
        let made = match kind {
            "file" => std::fs::write(path, "mine"),
            "pipe" => Command::new("mkfifo").arg(path).status().map(drop),
            _ => std::os::unix::fs::symlink("nowhere", path),
        };
        made.expect(kind);
        for line in [
            &["spool", "list"][..],
            &["spool", "verify"],
            &["spool", "show", "0192"],
            &["spool", "export"],
            &["spool", "drop", "--all", "--yes"],
            &["spool", "retry", "--all", "--yes"],
            &["spool", "drain"],
            &["emit", "-"],
        ] {
            let run = run(&place, "http://localhost:9", line).stdin(record("a", "5004N"));
            run.run().exits(3).warns("spool: it is not a folder");
        }
        assert!(!place.path("spool").is_dir());
    }
}

#[test]
fn what_cannot_be_delivered_is_kept_and_sent_later() {
    let place = Place::new();
    let sent = numbered("k", 6, 2);
    let down = Arc::new(AtomicBool::new(true));
    let state = Arc::clone(&down);
    let server = Server::answering(move |_, _| {
        if state.load(Ordering::SeqCst) {
            answer("503 x", "", "")
        } else {
            answer("200 OK", "", "")
        }
    });
    let url = server.url();
    let ended = run(
        &place,
        &url,
        &[
            "emit",
            "-",
            "-o",
            "ndjson",
            "--receipts",
            "--retry-for",
            "300ms",
        ],
    )
    .stdin(sent.join("\n"))
    .run()
    .exits(6);
    let reported = ended.ndjson();
    let accepted: Vec<&Value> = reported
        .iter()
        .filter(|line| line["status"] == "accepted")
        .collect();
    assert_eq!(accepted.len(), 6);
    assert_eq!(accepted[2]["record"], 3);
    let summary = reported.last().expect("a summary");
    assert_eq!(
        (&summary["kept"], &summary["records"]),
        (&6.into(), &6.into())
    );

    let kept = lines(&place, &url);
    assert_eq!(kept.len(), 6);
    for (line, receipt) in kept.iter().zip(&accepted) {
        assert_eq!(line["id"], receipt["id"]);
        assert_eq!(line["state"], "ready");
        assert_eq!(line["eventCode"], "5004N");
        for name in [
            "destination",
            "correlationId",
            "attempts",
            "maybeDuplicate",
            "accepted",
            "nextAttempt",
            "lastError",
        ] {
            assert!(line.get(name).is_some(), "{name}: {line}");
        }
    }
    let export = run(&place, &url, &["spool", "export"])
        .run()
        .exits(0)
        .text();
    assert_eq!(export.lines().collect::<Vec<_>>(), sent);
    let id = kept[0]["id"].as_str().expect("an id");
    run(&place, &url, &["spool", "show", id])
        .run()
        .exits(0)
        .says(&sent[0]);
    run(&place, &url, &["spool", "verify"])
        .run()
        .exits(0)
        .says("6 intact");

    down.store(false, Ordering::SeqCst);
    let before = server.requests().len();
    run(&place, &url, &["spool", "drain"])
        .run()
        .exits(0)
        .says("delivered 6");
    let bodies: BTreeSet<String> = server.requests()[before..]
        .iter()
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect();
    assert_eq!(bodies, sent.into_iter().collect());
    assert_eq!(lines(&place, &url).len(), 0);
    run(&place, &url, &["spool", "drain"]).run().exits(0);
}

#[test]
fn a_wrong_key_keeps_everything_and_a_refusal_is_dead_until_a_person_acts() {
    let place = Place::new();
    let status = Arc::new(std::sync::Mutex::new("401 x"));
    let now = Arc::clone(&status);
    let server = Server::answering(move |_, _| answer(*now.lock().expect("no panic"), "", ""));
    let url = server.url();
    let sent = numbered("d", 3, 3);
    run(&place, &url, &["emit", "-", "--jobs", "1"])
        .stdin(sent.join("\n"))
        .run()
        .exits(4)
        .says("kept 3");
    assert_eq!(server.requests().len(), 1);
    *status.lock().expect("no panic") = "400 x";
    run(&place, &url, &["spool", "drain"]).run().exits(5);
    let dead = lines(&place, &url);
    assert!(dead.iter().all(|line| line["state"] == "dead"), "{dead:?}");
    // Dead records are left alone until somebody says otherwise.
    run(&place, &url, &["spool", "drain"]).run().exits(0);
    assert_eq!(server.requests().len(), 4);
    *status.lock().expect("no panic") = "200 OK";
    let id = |at: usize| dead[at]["id"].as_str().expect("an id").to_owned();
    run(&place, &url, &["spool", "retry", &id(0)])
        .run()
        .exits(0);
    run(&place, &url, &["spool", "drain"])
        .run()
        .exits(0)
        .says("delivered 1");
    run(&place, &url, &["spool", "drop", &id(1)])
        .run()
        .exits(2)
        .warns("--yes");
    run(&place, &url, &["spool", "drop", &id(1), "--yes"])
        .run()
        .exits(0);
    assert_eq!(lines(&place, &url).len(), 1);
    run(&place, &url, &["spool", "show", "no-such-id"])
        .run()
        .exits(1);
    // Another destination's records are not touched.
    run(&place, &url, &["spool", "retry", &id(2)])
        .run()
        .exits(0);
    let other = Server::answering(|_, _| answer("200 OK", "", ""));
    run(&place, &other.url(), &["spool", "drain"])
        .run()
        .exits(0);
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn many_processes_share_one_spool() {
    let place = Place::new();
    let sandbox = sandbox("delay:0ms..2ms");
    let url = sandbox.url();
    let mut sent = Vec::new();
    let mut running = Vec::new();
    for process in 0..16 {
        let own = numbered(&format!("p{process}"), 40, 4);
        let mut one = run(&place, &url, &["emit", "-", "-o", "ndjson"]).start();
        one.write(own.join("\n").as_bytes());
        drop(one.stdin.take());
        running.push(one);
        sent.extend(own);
        if process % 4 == 3 {
            run(&place, &url, &["spool", "list"]).run().exits(0);
            run(&place, &url, &["spool", "verify"]).run().exits(0);
        }
    }
    for one in running {
        let ended = one.end().exits(0);
        let summary = ended.ndjson().pop().expect("a summary");
        assert_eq!(summary["delivered"], 40, "{}", ended.transcript());
        assert!(!ended.errors().contains("locked"), "{}", ended.transcript());
    }
    assert_eq!(judge(&sandbox, &sent, |_| true), Judgement::default());
}

#[test]
fn a_refused_record_does_not_block_its_journey() {
    for spool in [true, false] {
        let place = Place::new();
        let server = Server::answering(|_, request| {
            let refused = String::from_utf8_lossy(&request.body).contains("\"customData\":1,");
            answer(if refused { "400 x" } else { "200 OK" }, "", "")
        });
        let sent = numbered("one", 4, 1);
        let url = server.url();
        let prepared = if spool {
            run(&place, &url, &["emit", "-"])
        } else {
            crate::emit::emit(&url, &["-"])
        };
        prepared
            .stdin(sent.join("\n"))
            .run()
            .exits(7)
            .says("delivered 3, invalid 0, refused 1 (line 2)");
        let bodies: Vec<Vec<u8>> = server.requests().into_iter().map(|one| one.body).collect();
        let wanted: Vec<Vec<u8>> = sent.into_iter().map(String::into_bytes).collect();
        assert_eq!(bodies, wanted);
    }
}

#[test]
fn a_full_spool_says_which_lines_it_did_not_take() {
    let place = Place::new();
    place.file(
        ".config/hivelog/config.toml",
        "[spool]\nmax_bytes = \"300KiB\"\n",
    );
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    let sent = numbered("f", 2000, 2000);
    let ended = run(
        &place,
        &server.url(),
        &[
            "emit",
            "-",
            "-o",
            "ndjson",
            "--retry-for",
            "100ms",
            "--receipts",
        ],
    )
    .stdin(sent.join("\n"))
    .run()
    .exits(3)
    .warns("not accepted");
    let accepted = ended
        .ndjson()
        .iter()
        .filter(|line| line["status"] == "accepted")
        .count();
    assert!(
        ended
            .errors()
            .contains(&format!("lines {} to", accepted + 1)),
        "{accepted}\n{}",
        ended.errors()
    );
    assert_eq!(lines(&place, &server.url()).len(), accepted);
}

#[test]
fn the_forwarder_sends_what_arrives_and_stops_on_a_signal() {
    let place = Place::new();
    let sandbox = sandbox("");
    let url = sandbox.url();
    let forwarder = run(
        &place,
        &url,
        &["spool", "drain", "--follow", "-o", "ndjson"],
    )
    .start();
    forwarder.stderr.until("until stopped");
    let sent = numbered("w", 5, 5);
    run(&place, &url, &["emit", "-"])
        .stdin(sent.join("\n"))
        .run()
        .exits(0)
        .says("delivered 5");
    forwarder.signal("TERM");
    forwarder.stdout.until("\"summary\":true");
    forwarder.end().exits(143);
    assert_eq!(judge(&sandbox, &sent, |_| true), Judgement::default());
}
