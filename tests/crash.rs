//! Deaths, signals and full disks: what was accepted before them is there after them.

pub mod recovery;
mod storage;

use crate::spool::{Judgement, judge, numbered, run, sandbox};
use crate::support::server::{Server, answer};
use crate::support::{Place, Random, Run, Running, skip};
use hivelog::sandbox::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// How often something random is tried: a few times, or as often as a variable says.
pub fn times(variable: &str, usual: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A place, an input and an emulator of their own for one run that does not end well.
struct Trial {
    place: Place,
    sandbox: Sandbox,
    sent: Vec<String>,
}

impl Trial {
    fn new(faults: &str, records: usize) -> Trial {
        Trial {
            place: Place::new(),
            sandbox: sandbox(faults),
            sent: numbered("x", records, 10),
        }
    }

    /// The run that is struck.
    fn emit(&self) -> Run {
        let args = ["emit", "-", "--receipts", "-o", "ndjson"];
        run(&self.place, &self.sandbox.url(), &args)
    }

    /// Starts it, with input that comes in pieces, so that there are many batches.
    fn start(&self, run: Run) -> Running {
        let mut running = run.start();
        let mut pipe = running.stdin.take().expect("a pipe");
        let pieces: Vec<String> = self.sent.chunks(20).map(|piece| piece.join("\n")).collect();
        std::thread::spawn(move || {
            for piece in pieces {
                let _ = pipe.write_all(piece.as_bytes());
                let _ = pipe.write_all(b"\n");
                std::thread::yield_now();
            }
        });
        running
    }

    /// Lets another run send what was left and asks the ledger: nothing that `reported` calls
    /// accepted may be missing.
    fn judge(&self, reported: &str, about: &str) -> Judgement {
        self.judge_within(reported, 8, about)
    }

    /// The same, where so many may have been under way when it ended.
    fn judge_within(&self, reported: &str, under_way: usize, about: &str) -> Judgement {
        let url = self.sandbox.url();
        // Where the files may be damaged, the first says so and goes on.
        let mut drained = run(&self.place, &url, &["spool", "drain"]).run();
        if drained.code == Some(3) {
            drained = run(&self.place, &url, &["spool", "drain"]).run();
        }
        let drained = drained.exits(0);
        let accepted: BTreeSet<usize> = reported
            .lines()
            .filter(|line| line.contains("\"accepted\""))
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|line| usize::try_from(line["record"].as_u64()?).ok())
            .collect();
        let found = judge(&self.sandbox, &self.sent, |at| accepted.contains(&(at + 1)));
        let ledger = self.sandbox.ledger();
        let faults = ledger.iter().filter(|entry| entry.fault.is_some()).count();
        assert_eq!(
            (found.lost, found.overtaken, found.changed),
            (0, 0, 0),
            "{about}: {found:?}\n{}",
            drained.transcript()
        );
        assert!(found.extra <= under_way + faults, "{about}: {found:?}");
        found
    }
}

/// Deaths at chosen moments; `HIVELOG_KILLS` asks for more than the usual number.
#[test]
fn nothing_accepted_is_lost_when_the_process_is_killed() {
    let kills = times("HIVELOG_KILLS", 50);
    let mut random = Random::new(4);
    let (mut extra, mut survived, mut receipts) = (0, 0, 0);
    for kill in 0..kills {
        let trial = Trial::new(["", "503:3%, lose-answer:1%"][random.index(2)], 300);
        let mut running = trial.start(trial.emit());
        // Dies after so many lines, receipts first and results then, or after so many requests.
        let moment = random.index(600);
        let mut reported = String::new();
        if random.index(3) == 0 {
            while trial.sandbox.tally().requests < moment as u64 / 2 {
                std::thread::yield_now();
            }
        } else {
            for _ in 0..moment {
                reported += &running.stdout.next_or_end().unwrap_or_default();
            }
        }
        running.kill();
        reported += &running.end().text();
        survived += usize::from(reported.contains("\"summary\""));
        receipts += reported.matches("\"accepted\"").count();
        extra += trial
            .judge(&reported, &format!("kill {kill} at {moment}"))
            .extra;
    }
    assert!(survived < usize::try_from(kills).expect("a number"));
    assert!(receipts > 0, "everything died before it was accepted");
    eprintln!("{kills} kills: lost 0 of {receipts}, extra {extra}, ended before {survived}");
}

/// Signals at chosen moments: what is under way ends, the rest is kept and reported.
#[test]
fn nothing_is_lost_when_a_signal_ends_the_run() {
    let mut random = Random::new(5);
    for round in 0..times("HIVELOG_SIGNALS", 10) {
        let trial = Trial::new(["", "503:3%"][random.index(2)], 300);
        let running = trial.start(trial.emit());
        let moment = random.index(500);
        let mut reported = String::new();
        for _ in 0..moment {
            reported += &running.stdout.next_or_end().unwrap_or_default();
        }
        // The last two end it as a death does.
        let signals = [("INT", 130), ("TERM", 143), ("HUP", 0), ("QUIT", 0)];
        let (signal, code) = signals[random.index(4)];
        running.signal(signal);
        let ended = running.end();
        reported += &ended.text();
        if ended.code == Some(code) && code > 0 && moment > 0 {
            // Every record that was accepted has its one result.
            let count = |word: &str| reported.matches(word).count();
            let results = count("\"status\":\"delivered\"") + count("\"status\":\"kept\"");
            assert!(results >= count("\"accepted\""), "{}", ended.transcript());
        }
        trial.judge(&reported, &format!("{signal} in round {round} at {moment}"));
    }
}

/// Deaths at the n-th call that writes or flushes, whatever it is; `HIVELOG_POINTS` asks for
/// every n up to a number instead of a few.
#[test]
fn nothing_accepted_is_lost_by_dying_at_any_write_or_flush() {
    const CALLS: &str = "write,pwrite64,writev,sendto,fdatasync,fsync,rename,unlink,ftruncate";
    let mut random = Random::new(6);
    let every = times("HIVELOG_POINTS", 0);
    let points: Vec<u64> = if every > 0 {
        (1..=every).collect()
    } else {
        (0..15).map(|_| random.index(130) as u64 + 1).collect()
    };
    let (mut died, mut extra, mut receipts) = (0, 0, 0);
    for point in &points {
        let trial = Trial::new("", 100);
        // Counted in each thread on its own: the first to come so far ends them all.
        let inject = format!("inject={CALLS}:signal=KILL:when={point}");
        let tool = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
        let Some(run) = trial.emit().under(&tool) else {
            return;
        };
        let ended = trial.start(run).end();
        died += usize::from(ended.code != Some(0));
        receipts += ended.text().matches("\"accepted\"").count();
        extra += trial.judge(&ended.text(), &format!("call {point}")).extra;
    }
    assert!(died > 0, "no point was reached");
    eprintln!(
        "{} points, {died} deaths: lost 0 of {receipts}, extra {extra}",
        points.len()
    );
}

#[test]
fn every_receipt_comes_after_the_flush() {
    let place = Place::new();
    // With the sender's lock taken nothing but acceptance writes.
    let lock = crate::spool::lock(&place, "http://127.0.0.1:9");
    lock.lock().expect("free");
    let trace = place.path("trace");
    let tool = [
        "strace",
        "-f",
        "-y",
        "-e",
        "trace=write,pwrite64,fdatasync,fsync",
        "-s",
        "40",
        "-o",
        trace.to_str().expect("text"),
    ];
    let args = [
        "emit",
        "-",
        "--receipts",
        "-o",
        "ndjson",
        "--retry-for",
        "0s",
    ];
    let prepared = run(&place, "http://127.0.0.1:9", &args);
    let Some(prepared) = prepared.under(&tool) else {
        return;
    };
    let mut running = prepared.start();
    let sent = numbered("s", 100, 100);
    for piece in sent.chunks(5) {
        running.write((piece.join("\n") + "\n").as_bytes());
        for _ in piece {
            running.stdout.until("\"accepted\"");
        }
    }
    let _ = running.end().exits(6);
    let trace = std::fs::read_to_string(trace).expect("a trace");
    let (mut flushed, mut flushing, mut receipts) = (true, BTreeSet::new(), 0);
    for line in trace.lines() {
        let thread = line.split_whitespace().next().unwrap_or_default();
        let log = line.contains("spool.db-wal");
        if line.contains("pwrite64(") && log {
            flushed = false;
        } else if line.contains("sync(") && log && line.contains("unfinished") {
            flushing.insert(thread);
        } else if line.contains("sync(") && log
            || line.contains("sync resumed") && flushing.remove(thread)
        {
            flushed = line.ends_with("= 0");
        } else if line.contains("write(1<") && line.contains("accepted") {
            receipts += 1;
            assert!(flushed, "a receipt before the flush: {line}");
        }
    }
    assert!(receipts >= 20, "{receipts}");
}

/// Bodies that were answered with 200, in order of arrival.
type Taken = Arc<Mutex<Vec<Vec<u8>>>>;

/// A server that refuses until a file appears.
fn closed_until(open: std::path::PathBuf) -> (Server, Taken) {
    let taken = Taken::default();
    let noted = Arc::clone(&taken);
    let server = Server::answering(move |_, request| {
        if !open.exists() {
            return answer("503 x", "", "");
        }
        let mut noted = noted.lock().expect("no panic");
        noted.push(request.body.clone());
        answer("200 OK", "", "")
    });
    (server, taken)
}

/// How many of these were not taken, and how many were taken more than once.
fn lost_and_extra(sent: &[String], taken: &Taken) -> (usize, usize) {
    let taken = taken.lock().expect("no panic");
    let once: BTreeSet<&[u8]> = taken.iter().map(Vec::as_slice).collect();
    let missing = |text: &&String| !once.contains(text.as_bytes());
    (
        sent.iter().filter(missing).count(),
        taken.len() - once.len(),
    )
}

/// Runs a script with the program in `$H`, its sending arguments in `$TO`, and a spool to be.
fn script(place: &Place, url: &str, tool: &[&str], text: &str) -> Option<i32> {
    let mut command = Command::new(tool[0]);
    let status = command
        .args(&tool[1..])
        .arg(text)
        .current_dir(place.path(""))
        .env("H", env!("CARGO_BIN_EXE_hivelog"))
        .env("TO", format!("--url {url} --connector c --spool spool/s"))
        .env("HOME", place.path(""))
        .env("HIVELOG_KEY", "k")
        .status();
    status.ok().and_then(|status| status.code())
}

fn receipts(place: &Place) -> usize {
    let reported = std::fs::read_to_string(place.path("out")).expect("an output");
    reported.matches("\"accepted\"").count()
}

#[test]
fn a_full_disk_refuses_by_line_and_loses_nothing() {
    let place = Place::new();
    let (server, taken) = closed_until(place.path("open"));
    let sent = numbered("full", 16_000, 16_000);
    place.file("input", sent.join("\n"));
    std::fs::create_dir(place.path("spool")).expect("a folder");
    // In a namespace of its own: nothing outside sees the small disk, or needs cleaning up. It has
    // room for several of the largest batches, whatever else this machine does.
    let code = script(
        &place,
        &server.url(),
        &["unshare", "-rm", "sh", "-c"],
        "mount -t tmpfs -o size=6m,mode=0700 none spool || exit 77
         mkdir -m 700 spool/s
         $H emit input $TO --receipts -o ndjson --retry-for 0s --jobs 1 >out 2>err
         echo $? >code
         $H spool verify --spool spool/s >verified || exit 3
         dd if=/dev/zero of=spool/filler bs=1k 2>/dev/null
         touch open
         $H spool drain $TO -o ndjson >drained 2>drain-errors
         echo $? >drain-code
         rm spool/filler
         $H spool drain $TO >/dev/null 2>&1
         $H spool list --spool spool/s -o json >left",
    );
    if code == Some(77) || !place.path("code").exists() {
        skip("no disk can be mounted here");
        return;
    }
    let read = |name: &str| std::fs::read_to_string(place.path(name)).expect("a file");
    let accepted = receipts(&place);
    let errors = read("err");
    assert_eq!(read("code").trim(), "3", "{errors}");
    assert!(errors.contains("the disk is full"), "{errors}");
    assert!(0 < accepted && accepted < sent.len(), "{accepted}");
    let refused = format!("lines {} to", accepted + 1);
    assert!(errors.contains(&refused), "{refused}: {errors}");
    // On a disk without room the ballast lets deliveries be noted.
    assert_eq!(read("drain-code").trim(), "0", "{}", read("drain-errors"));
    assert_eq!(read("left").trim(), "[]");
    let (lost, extra) = lost_and_extra(&sent[..accepted], &taken);
    assert_eq!(lost, 0);
    assert!(extra <= 8, "{extra}");
    eprintln!("full disk: {accepted} accepted, lost 0, extra {extra}");
}

#[test]
fn files_that_may_not_grow_are_gone_around() {
    let place = Place::new();
    let (server, taken) = closed_until(place.path("open"));
    let sent = numbered("grow", 3000, 3000);
    place.file("input", sent.join("\n"));
    std::fs::create_dir(place.path("spool")).expect("a folder");
    script(
        &place,
        &server.url(),
        &["bash", "-c"],
        "(trap '' XFSZ; ulimit -f 1000
          $H emit input $TO --receipts -o ndjson --retry-for 0s --jobs 1 2>err; echo $? >code) |
             cat >out
         touch open
         $H spool drain $TO >/dev/null 2>&1",
    );
    let code = std::fs::read_to_string(place.path("code")).expect("a code");
    assert!(["3", "6"].contains(&code.trim()), "{code}");
    assert_eq!(receipts(&place), sent.len());
    assert_eq!(lost_and_extra(&sent, &taken).0, 0);
    assert_eq!(
        std::fs::read_dir(place.path("spool/s/inbox"))
            .expect("it was needed")
            .count(),
        0
    );
}
