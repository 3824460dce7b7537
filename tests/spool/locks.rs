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

/// The database as a program holds it that lets nobody else read or write.
fn held(place: &Place, how: &str) -> rusqlite::Connection {
    let database = rusqlite::Connection::open(place.path("spool/spool.db")).expect("a database");
    database.execute_batch(how).expect("a lock");
    database
}

const EXCLUSIVE: &str = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";

#[test]
fn a_lock_that_is_not_released_ends_a_run_in_words() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let url = server.url();
    run(&place, &url, &["spool", "drain"]).run().exits(0);
    let refused = |args: &[&str]| {
        let mut args = args.to_vec();
        args.extend(["--timeout", "50ms"]);
        run(&place, &url, &args)
            .stdin(numbered("k", 1, 1).join("\n"))
            .run()
            .exits(3)
            .warns("another process has held")
            .warns("locked for 50ms")
            .warns("--timeout");
    };
    let opening = std::fs::File::open(place.path("spool/open.lock")).expect("a file");
    opening.lock().expect("a lock");
    refused(&["emit", "-"]);
    refused(&["spool", "drain"]);
    drop(opening);
    let database = held(&place, EXCLUSIVE);
    refused(&["emit", "-"]);
    refused(&["spool", "drain"]);
    drop(database);
    // Nothing is sent that could not be noted.
    let database = held(&place, "BEGIN IMMEDIATE");
    refused(&["spool", "drain"]);
    // What is accepted needs no database.
    run(&place, &url, &["emit", "-", "--timeout", "50ms"])
        .stdin(numbered("k", 1, 1).join("\n"))
        .run()
        .exits(6)
        .says("kept 1");
    drop(database);
    assert!(server.requests().is_empty());
    run(&place, &url, &["spool", "drain"])
        .run()
        .exits(0)
        .says("delivered 1");
}

#[test]
fn a_run_says_what_it_waits_for_and_goes_on() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let url = server.url();
    run(&place, &url, &["spool", "drain"]).run().exits(0);
    let opening = std::fs::File::open(place.path("spool/open.lock")).expect("a file");
    opening.lock().expect("a lock");
    let listing = run(&place, &url, &["spool", "list"]).start();
    listing.stderr.until("waiting for another process");
    opening.unlock().expect("released");
    listing.end().exits(0);
    let database = held(&place, EXCLUSIVE);
    let args = ["spool", "drain", "--timeout", "30s"];
    let draining = run(&place, &url, &args).start();
    draining.stderr.until("waiting for another process");
    drop(database);
    draining.end().exits(0);
}
