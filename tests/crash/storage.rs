//! Disks that fail and files that change: what was accepted is there, or was said to be missing,
//! and nothing else is sent in its place.

use super::{Trial, times};
use crate::emit::record;
use crate::spool::{numbered, run};
use crate::support::server::{Server, answer};
use crate::support::{Place, Random};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Errors at the n-th call that writes or flushes, once or from then on; `HIVELOG_POINTS` asks for
/// every n up to a number instead of a few.
#[test]
fn nothing_accepted_is_lost_when_the_disk_fails() {
    let mut random = Random::new(9);
    let every = times("HIVELOG_POINTS", 0);
    let kinds = [("EIO", ""), ("EIO", "+"), ("ENOSPC", ""), ("EDQUOT", "+")];
    let points: Vec<(u64, &str, &str)> = if every > 0 {
        let all = |point| kinds.map(|(error, on)| (point, error, on));
        (1..=every).flat_map(all).collect()
    } else {
        let mut some = |(error, on)| (random.index(60) as u64 + 1, error, on);
        [kinds, kinds].concat().into_iter().map(&mut some).collect()
    };
    let (mut failed, mut extra, mut receipts) = (0, 0, 0);
    for (point, error, on) in &points {
        let trial = Trial::new("", 100);
        let inject = format!("inject=pwrite64,fdatasync,fsync:error={error}:when={point}{on}");
        let tool = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
        let Some(run) = trial.emit().under(&tool) else {
            return;
        };
        let ended = trial.start(run).end();
        let code = ended.code.expect("a code");
        assert!([0, 3, 6, 7].contains(&code), "{}", ended.transcript());
        failed += usize::from(code != 0);
        let reported = ended.text();
        receipts += reported.matches("\"accepted\"").count();
        if code == 0 {
            // Success is said of nothing that was not delivered.
            assert_eq!(reported.matches("\"status\":\"delivered\"").count(), 100);
        }
        let about = format!("{error} at call {point}{on}");
        extra += trial.judge(&reported, &about).extra;
    }
    assert!(failed > 0, "no point was reached");
    let count = points.len();
    eprintln!("{count} errors, {failed} reported: lost 0 of {receipts}, extra {extra}");
}

/// What happens to the files of a spool.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Damage {
    /// A bit of the database, or of its log, is another.
    Flipped(&'static str),
    /// The database, or its log, ends too early.
    Cut(&'static str),
    /// A page is zero.
    Blank(&'static str),
    /// Database and log have changed places.
    Swapped,
    /// The database is empty.
    Empty,
    /// The database is somebody else's.
    Foreign,
}

use Damage::{Blank, Cut, Empty, Flipped, Foreign, Swapped};

const DAMAGES: [Damage; 9] = [
    Flipped("spool.db"),
    Flipped(LOG),
    Cut("spool.db"),
    Cut(LOG),
    Blank("spool.db"),
    Blank(LOG),
    Swapped,
    Empty,
    Foreign,
];

/// The log of the database.
const LOG: &str = "spool.db-wal";

/// Records that are kept when the damage is done.
const KEPT: usize = 120;

impl Damage {
    fn strike(self, place: &Place, random: &mut Random) {
        let path = |name: &str| place.path("spool").join(name);
        let change = |name: &str, how: &mut dyn FnMut(&mut Vec<u8>)| {
            let mut bytes = std::fs::read(path(name)).expect("a file");
            if !bytes.is_empty() {
                how(&mut bytes);
                std::fs::write(path(name), bytes).expect("written");
            }
        };
        match self {
            Flipped(name) => change(name, &mut |bytes| {
                let at = random.index(bytes.len());
                bytes[at] ^= 1 << random.index(8);
            }),
            Cut(name) => change(name, &mut |bytes| bytes.truncate(random.index(bytes.len()))),
            Blank(name) => change(name, &mut |bytes| {
                let from = random.index(bytes.len()) / 4096 * 4096;
                let to = bytes.len().min(from + 4096);
                bytes[from..to].fill(0);
            }),
            Swapped => {
                let (database, log) = (path("spool.db"), path("spool.db-wal"));
                let bytes = std::fs::read(&database).expect("a file");
                std::fs::rename(&log, &database).expect("moved");
                std::fs::write(log, bytes).expect("written");
            }
            Empty => change("spool.db", &mut Vec::clear),
            Foreign => {
                std::fs::remove_file(path("spool.db")).expect("removed");
                std::fs::remove_file(path("spool.db-wal")).expect("removed");
                rusqlite::Connection::open(path("spool.db"))
                    .and_then(|open| {
                        open.execute_batch("CREATE TABLE other (a); PRAGMA user_version = 1;")
                    })
                    .expect("a database");
            }
        }
    }
}

/// One spool that was damaged: how many of its records arrived.
fn survive(damage: Damage, written_back: bool, seed: u64) -> usize {
    let about = format!("{damage:?}, written back {written_back}, seed {seed}");
    let place = Place::new();
    let open = place.path("open");
    let server = Server::answering(move |_, _| {
        let status = if open.exists() { "200 OK" } else { "503 x" };
        answer(status, "", "")
    });
    let url = server.url();
    let sent = numbered("d", KEPT, 30);
    let prepared = run(&place, &url, &["emit", "-", "--retry-for", "0s"]);
    let _ = prepared.stdin(sent.join("\n")).run().exits(6);
    if written_back {
        rusqlite::Connection::open(place.path("spool/spool.db"))
            .and_then(|open| open.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
            .expect("written back");
        // So that what is there is the database alone.
        place.file("spool/spool.db-wal", "");
    }
    damage.strike(&place, &mut Random::new(seed));
    place.file("open", "");
    let before = server.requests().len();
    let new = record("new", "5004N");
    let accepted = run(&place, &url, &["emit", "-", "--receipts", "-o", "ndjson"]);
    let accepted = accepted.stdin(new.clone()).run();
    let reported = accepted.transcript();
    assert!(
        accepted.text().contains("\"accepted\""),
        "{about}: {reported}"
    );
    // The first that meets the damage says so, the next sets it aside, and then all is well.
    let codes: Vec<Option<i32>> = (0..3)
        .map(|_| run(&place, &url, &["spool", "drain"]).run().code)
        .collect();
    let known = codes.iter().all(|code| [Some(0), Some(3)].contains(code));
    assert!(
        known && codes[2] == Some(0),
        "{about}: {codes:?} {reported}"
    );
    let requests = server.requests().split_off(before);
    let arrived: BTreeSet<&[u8]> = requests.iter().map(|one| one.body.as_slice()).collect();
    assert!(arrived.contains(new.as_bytes()), "{about}");
    let mut known: BTreeSet<&[u8]> = sent.iter().map(String::as_bytes).collect();
    known.insert(new.as_bytes());
    assert!(
        arrived.is_subset(&known),
        "{about}: something else was sent"
    );
    let found = arrived.len() - 1;
    let in_log = [Flipped(LOG), Cut(LOG), Blank(LOG)].contains(&damage);
    if in_log && found < KEPT {
        let reported = accepted.errors().contains("is gone") || codes.contains(&Some(3));
        assert!(reported, "{about}: {found} arrived, and nothing was said");
    }
    found
}

/// `HIVELOG_FLIPS` asks for more than the usual number of each kind.
#[test]
fn a_damaged_spool_goes_on_and_sends_nothing_that_was_not_accepted() {
    let each = times("HIVELOG_FLIPS", 2);
    let trials: Vec<(Damage, bool, u64)> = (0..each)
        .flat_map(|seed| DAMAGES.map(|damage| (damage, seed)))
        .flat_map(|(damage, seed)| [true, false].map(|back| (damage, back, 11 + seed)))
        .collect();
    let count = trials.len();
    let trials = Mutex::new(trials.into_iter());
    let saved = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = trials.lock().expect("no panic").next();
                    let Some((damage, back, seed)) = next else {
                        break;
                    };
                    let found = survive(damage, back, seed);
                    saved.lock().expect("no panic").push((damage, back, found));
                }
            });
        }
    });
    let saved = saved.into_inner().expect("no panic");
    // A bit or a page costs the records of a page, or those below it: most are saved, though not in
    // each trial, as the one page that leads to all others may be the lost one.
    let mild: Vec<usize> = saved
        .iter()
        .filter(|(damage, back, _)| {
            *back && [Flipped("spool.db"), Blank("spool.db")].contains(damage)
        })
        .map(|(.., found)| *found)
        .collect();
    let (found, all) = (mild.iter().sum::<usize>(), mild.len() * KEPT);
    assert!(found >= all / 2, "{found} of {all} saved: {mild:?}");
    let sum: usize = saved.iter().map(|(.., found)| found).sum();
    eprintln!("{count} damaged spools: {sum} of {} saved", count * KEPT);
}
