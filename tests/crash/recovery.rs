//! Deaths while the traces of another one are cleared away.

use super::{Trial, times};
use crate::spool::{numbered, run};
use crate::support::server::{Server, answer};
use crate::support::{Place, Random};
use std::path::Path;

/// `HIVELOG_KILLS` asks for more than the usual number.
#[test]
fn nothing_is_lost_when_the_recovery_is_killed_too() {
    let mut random = Random::new(7);
    let (mut extra, mut receipts) = (0, 0);
    let kills = times("HIVELOG_KILLS", 50) / 5;
    for kill in 0..kills {
        let trial = Trial::new("", 200);
        let mut running = trial.start(trial.emit());
        let mut reported = String::new();
        for _ in 0..random.index(300) {
            reported += &running.stdout.next_or_end().unwrap_or_default();
        }
        running.kill();
        reported += &running.end().text();
        receipts += reported.matches("\"accepted\"").count();
        // Twice more, at the beginning of the work or in the middle of it.
        for _ in 0..2 {
            let args = ["spool", "drain", "-o", "ndjson"];
            let mut draining = run(&trial.place, &trial.sandbox.url(), &args).start();
            let before = trial.sandbox.tally().requests;
            let wanted = random.index(40) as u64;
            while trial.sandbox.tally().requests < before + wanted && !draining.has_ended() {
                std::thread::yield_now();
            }
            draining.kill();
        }
        let about = format!("recovery {kill}");
        extra += trial.judge_within(&reported, 3 * 8, &about).extra;
    }
    eprintln!("{kills} recoveries: lost 0 of {receipts}, extra {extra}");
}

/// A spool with batches beside its database, as a run leaves it that could not use it.
pub fn with_inbox(place: &Place, url: &str, sent: &[String]) {
    let args = ["emit", "-", "--receipts", "-o", "ndjson"];
    let mut running = run(place, url, &args).start();
    let aside = place.path("aside");
    std::fs::create_dir(&aside).expect("a folder");
    let names = ["spool.db", "spool.db-wal", "spool.db-shm"];
    for (at, piece) in sent.chunks(4).enumerate() {
        running.write((piece.join("\n") + "\n").as_bytes());
        for _ in piece {
            running.stdout.until("\"accepted\"");
        }
        if at == 0 {
            for name in names {
                std::fs::rename(place.path("spool").join(name), aside.join(name)).expect("moved");
            }
        }
    }
    let _ = running.end();
    for name in names {
        let _ = std::fs::rename(aside.join(name), place.path("spool").join(name));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(to, private).expect("a mode");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).expect("a copy");
        }
    }
}

/// Deaths at the n-th call that writes, flushes or removes; `HIVELOG_POINTS` asks for every n up
/// to a number instead of a few.
#[test]
fn nothing_is_lost_by_dying_while_batches_are_brought_in() {
    const CALLS: &str = "write,pwrite64,fdatasync,fsync,rename,unlink,ftruncate";
    let sent = numbered("i", 16, 4);
    let refusing = Server::answering(|_, _| answer("503 x", "", ""));
    let prepared = Place::new();
    with_inbox(&prepared, &refusing.url(), &sent);
    let batches = std::fs::read_dir(prepared.path("spool/inbox")).expect("a folder");
    assert_eq!(batches.count(), 3);
    let mut random = Random::new(8);
    let every = times("HIVELOG_POINTS", 0);
    let points: Vec<u64> = if every > 0 {
        (1..=every).collect()
    } else {
        (0..10).map(|_| random.index(20) as u64 + 1).collect()
    };
    let mut died = 0;
    for point in &points {
        let place = Place::new();
        copy(&prepared.path("spool"), &place.path("spool"));
        let inject = format!("inject={CALLS}:signal=KILL:when={point}");
        let tool = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
        // Any command that looks into the spool takes the batches in.
        let looking = run(&place, &refusing.url(), &["spool", "list"]);
        let Some(looking) = looking.under(&tool) else {
            return;
        };
        died += usize::from(looking.run().code != Some(0));
        let export = run(&place, &refusing.url(), &["spool", "export"]);
        let export = export.run().exits(0).text();
        // Each once, in the order in which they were accepted.
        assert_eq!(export.lines().collect::<Vec<_>>(), sent, "point {point}");
    }
    assert!(died > 0, "no point was reached");
    eprintln!("{} points, {died} deaths: lost 0, extra 0", points.len());
}

/// Deaths and full disks at the n-th call while a damaged database is set aside;
/// `HIVELOG_POINTS` asks for every n up to a number instead of a few.
#[test]
fn nothing_is_lost_by_dying_while_a_damaged_database_is_set_aside() {
    const CALLS: &str = "write,pwrite64,fdatasync,fsync,rename,unlink,mkdir";
    let sent = numbered("a", 40, 4);
    let refusing = Server::answering(|_, _| answer("503 x", "", ""));
    let prepared = Place::new();
    let emit = run(
        &prepared,
        &refusing.url(),
        &["emit", "-", "--retry-for", "0s"],
    );
    let _ = emit.stdin(sent.join("\n")).run().exits(6);
    // Everything is in the log alone.
    prepared.file("spool/spool.db", "");
    let mut random = Random::new(10);
    let every = times("HIVELOG_POINTS", 0);
    let points: Vec<u64> = if every > 0 {
        (1..=every).collect()
    } else {
        (0..12).map(|_| random.index(60) as u64 + 1).collect()
    };
    let (mut died, mut resumed) = (0, 0);
    for point in &points {
        for failure in ["signal=KILL", "error=ENOSPC"] {
            let about = format!("{failure} at {point}");
            let place = Place::new();
            copy(&prepared.path("spool"), &place.path("spool"));
            let inject = format!("inject={CALLS}:{failure}:when={point}");
            let tool = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
            let looking = run(&place, &refusing.url(), &["spool", "list"]);
            let Some(looking) = looking.under(&tool) else {
                return;
            };
            died += usize::from(looking.run().code != Some(3));
            let export = run(&place, &refusing.url(), &["spool", "export"]).run();
            resumed += usize::from(export.errors().contains("interrupted"));
            let reported = export.text();
            assert_eq!(reported.lines().collect::<Vec<_>>(), sent, "{about}");
            let quiet = run(&place, &refusing.url(), &["spool", "export"]).run();
            assert_eq!(quiet.exits(0).text(), reported, "{about}");
        }
    }
    assert!(died > 0 && resumed > 0, "{died} died, {resumed} resumed");
}
