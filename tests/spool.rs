//! The promise of the spool: what was accepted is delivered or kept, and told apart. The
//! emulator's ledger is the judge.

use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{Place, Run};
use hivelog::sandbox::faults::Faults;
use hivelog::sandbox::{Options, Sandbox};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Records numbered from 0, spread over journeys.
fn numbered(prefix: &str, count: usize, journeys: usize) -> Vec<String> {
    (0..count)
        .map(|at| {
            let plain = record(&format!("{prefix}-{}", at % journeys), "5004N");
            plain.replace("}]},", &format!("}}]}},\"customData\":{at},"))
        })
        .collect()
}

/// A run in a place, with its spool there and a key.
fn run(place: &Place, url: &str, args: &[&str]) -> Run {
    let mut all = args.to_vec();
    all.extend(["--spool", "spool"]);
    if args[0] == "emit" || args[1] == "drain" {
        all.extend(["--url", url, "--connector", "c"]);
    }
    place.hivelog(all).env("HIVELOG_KEY", "canary-7f3a")
}

/// What the ledger has to say about records that were accepted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Judgement {
    lost: usize,
    extra: usize,
    overtaken: usize,
    changed: usize,
}

fn judge(sandbox: &Sandbox, sent: &[String], accepted: impl Fn(usize) -> bool) -> Judgement {
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

fn sandbox(faults: &str) -> Sandbox {
    Sandbox::start(Options {
        faults: Faults::parse(faults).expect("faults"),
        rate: 0.0,
        ..Options::default()
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
    let told = ended.ndjson();
    let accepted: Vec<&Value> = told
        .iter()
        .filter(|line| line["status"] == "accepted")
        .collect();
    assert_eq!(accepted.len(), 6);
    assert_eq!(accepted[2]["record"], 3);
    let summary = told.last().expect("a summary");
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
        .says("6 sound");

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

/// Deaths at random moments; `HIVELOG_KILLS` asks for more than the usual number.
#[test]
fn nothing_accepted_is_lost_when_the_process_is_killed() {
    let kills: u64 = std::env::var("HIVELOG_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(50);
    let place = Place::new();
    let sent = numbered("x", 300, 10);
    let input = place.file("input.ndjson", sent.join("\n"));
    let mut total = Judgement::default();
    let mut survived = 0;
    for kill in 0..kills {
        let sandbox = sandbox(if kill % 5 == 0 {
            "503:3%, lose-answer:1%"
        } else {
            "delay:1ms..3ms"
        });
        let spool = place.path(&format!("spool-{kill}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_hivelog"))
            .args([
                "emit",
                "--url",
                &sandbox.url(),
                "--connector",
                "c",
                "--receipts",
                "-o",
                "ndjson",
                "--spool",
            ])
            .args([&spool, &input])
            .env_clear()
            .env("HOME", place.path(""))
            .env("HIVELOG_KEY", "k")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // Spread over start, acceptance and sending.
        std::thread::sleep(Duration::from_millis(kill * 7919 % 180));
        child.kill().expect("it can be killed");
        let told = child.wait_with_output().expect("it ends").stdout;
        let told = String::from_utf8_lossy(&told).into_owned();
        let accepted: BTreeSet<usize> = told
            .lines()
            .filter(|line| line.contains("\"accepted\""))
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|line| usize::try_from(line["record"].as_u64()?).ok())
            .collect();
        survived += usize::from(told.contains("\"summary\""));
        let url = sandbox.url();
        let drained = place
            .hivelog([
                "spool",
                "drain",
                "--url",
                &url,
                "--connector",
                "c",
                "--spool",
                spool.to_str().expect("text"),
            ])
            .env("HIVELOG_KEY", "k")
            .run()
            .exits(0);
        let found = judge(&sandbox, &sent, |at| accepted.contains(&(at + 1)));
        let lost_answers = sandbox
            .ledger()
            .iter()
            .filter(|entry| entry.fault.is_some())
            .count();
        assert_eq!(
            (found.lost, found.overtaken, found.changed),
            (0, 0, 0),
            "kill {kill}: {found:?}\n{}",
            drained.tell()
        );
        assert!(found.extra <= 8 + lost_answers, "kill {kill}: {found:?}");
        total.extra += found.extra;
    }
    assert!(
        survived < usize::try_from(kills).expect("a number"),
        "nothing was killed at work"
    );
    eprintln!(
        "{kills} kills: lost 0, overtaken 0, changed 0, extra {}, ended before {survived}",
        total.extra
    );
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
        assert_eq!(summary["delivered"], 40, "{}", ended.tell());
        assert!(!ended.errors().contains("locked"), "{}", ended.tell());
    }
    assert_eq!(judge(&sandbox, &sent, |_| true), Judgement::default());
}

#[test]
fn a_damaged_spool_is_set_aside_and_the_work_goes_on() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    place.file("spool/spool.db", vec![0x55; 20_000]);
    run(&place, &server.url(), &["emit", "-"])
        .stdin(record("a", "5004N"))
        .run()
        .exits(0)
        .warns("damaged");
    let aside = std::fs::read_dir(place.path("spool/quarantine"))
        .expect("a folder")
        .next()
        .expect("an entry")
        .expect("it");
    assert_eq!(
        std::fs::read(aside.path().join("spool.db"))
            .expect("kept")
            .len(),
        20_000
    );
    place.file("spool/VERSION", "99\n");
    run(&place, &server.url(), &["emit", "-"])
        .stdin(record("a", "5004N"))
        .run()
        .exits(2)
        .warns("newer");
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
fn the_forwarder_takes_what_comes_and_stops_when_told() {
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

#[test]
fn neither_spool_nor_arguments_hold_the_key() {
    let place = Place::new();
    let body = r#"{"title":"no canary-7f3a","detail":"canary-7f3a"}"#;
    let server = Server::answering(move |_, _| answer("400 x", "", body));
    let url = server.url();
    let ended = run(&place, &url, &["emit", "-", "-v"])
        .stdin(record("a", "5004N"))
        .run()
        .exits(5);
    assert!(!(ended.text() + &ended.errors()).contains("canary"));
    for entry in std::fs::read_dir(place.path("spool"))
        .expect("a folder")
        .flatten()
    {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        assert!(
            !bytes.windows(6).any(|window| window == b"canary"),
            "{:?}",
            entry.path()
        );
    }
    place.hivelog(["emit", "--key", "hunter2"]).run().exits(2);
}

#[test]
fn a_receipt_is_told_after_the_flush() {
    if Command::new("strace").arg("-V").output().is_err() {
        return;
    }
    let place = Place::new();
    let input = place.file("input.ndjson", numbered("s", 3000, 3000).join("\n"));
    let trace = place.path("trace");
    let status = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-e",
            "trace=write,pwrite64,fdatasync,fsync",
            "-s",
            "40",
            "-o",
        ])
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_hivelog"))
        // Nobody listens there, so that nothing but acceptance writes.
        .args([
            "emit",
            "--url",
            "http://127.0.0.1:9",
            "--connector",
            "c",
            "--receipts",
            "-o",
            "ndjson",
            "--retry-for",
            "1s",
        ])
        .arg("--spool")
        .arg(place.path("spool"))
        .arg(&input)
        .env_clear()
        .env("HOME", place.path(""))
        .env("HIVELOG_KEY", "k")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("strace runs");
    assert_eq!(status.code(), Some(6));
    let trace = std::fs::read_to_string(trace).expect("a trace");
    let (mut flushed, mut receipts) = (true, 0);
    for line in trace.lines() {
        if line.contains("pwrite64(") && line.contains("spool.db-wal") {
            flushed = false;
        } else if (line.contains("fdatasync(") || line.contains("fsync("))
            && line.contains("spool.db-wal")
        {
            flushed = true;
        } else if line.contains("write(1<") && line.contains("accepted") {
            receipts += 1;
            assert!(flushed, "a receipt before the flush: {line}");
            break;
        }
    }
    assert!(receipts > 0);
}
