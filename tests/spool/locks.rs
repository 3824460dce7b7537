//! Other programs that look at the database while a run uses it.

use super::{numbered, run};
use crate::support::server::{Server, answer};
use crate::support::{Place, Running, skip};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

/// A run that sends nothing and has accepted these records.
fn accepting(place: &Place, url: &str, records: &[String]) -> Running {
    let args = [
        "emit",
        "-",
        "--receipts",
        "-o",
        "ndjson",
        "--retry-for",
        "0s",
    ];
    let mut running = run(place, url, &args).start();
    accept(&mut running, records);
    running
}

fn accept(running: &mut Running, records: &[String]) {
    running.write((records.join("\n") + "\n").as_bytes());
    for _ in records {
        running.stdout.until("\"accepted\"");
    }
}

/// Lets the engine's own client open the database, read it, and close it.
fn look_at_the_database(place: &Place) {
    let looked = Command::new("sqlite3")
        .arg(place.path("spool/spool.db"))
        .arg("SELECT count(*) FROM event")
        .output();
    match looked {
        Ok(looked) => assert!(looked.status.success(), "{looked:?}"),
        Err(_) => skip("sqlite3 is not installed"),
    }
}

#[test]
fn a_program_that_looks_at_the_database_takes_no_record_from_a_run() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    let sent = numbered("look", 8, 8);
    let mut running = accepting(&place, &server.url(), &sent[..5]);
    look_at_the_database(&place);
    accept(&mut running, &sent[5..]);
    // Killed, so that it writes nothing back.
    running.kill();
    let export = run(&place, &server.url(), &["spool", "export"]);
    let export = export.run().exits(0).text();
    assert_eq!(export.lines().collect::<Vec<_>>(), sent);
}

#[test]
fn a_run_holds_its_locks_on_the_database_for_as_long_as_it_is_open() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    let running = accepting(&place, &server.url(), &numbered("lock", 1, 1));
    let Ok(locks) = std::fs::read_to_string("/proc/locks") else {
        skip("there is no /proc/locks");
        return;
    };
    let database = place.path("spool/spool.db").metadata().expect("it");
    let (pid, inode) = (running.pid().to_string(), database.ino().to_string());
    let held = locks.lines().any(|line| {
        let mut words = line.split_whitespace().skip(4);
        let process = words.next();
        let file = words.next().and_then(|file| file.rsplit(':').next());
        line.contains("POSIX") && process == Some(&pid) && file == Some(&inode)
    });
    assert!(held, "{locks}");
}
