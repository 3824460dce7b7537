//! Databases that are damaged, or taken away, at rest and under a run.

use super::identity::first_spool;
use super::{numbered, run};
use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{Place, Running};
use std::collections::BTreeSet;

/// A place, and a server that takes nothing before there is a file `open`.
fn closed() -> (Place, Server) {
    let place = Place::new();
    let open = place.path("open");
    let server = Server::answering(move |_, _| {
        let status = if open.exists() { "200 OK" } else { "503 x" };
        answer(status, "", "")
    });
    (place, server)
}

/// A spool that holds so many records, all of them in the database file itself and not in its log.
fn kept(count: usize) -> (Place, Server, Vec<String>) {
    let (place, server) = closed();
    let sent = numbered("k", count, count);
    run(&place, &server.url(), &["emit", "-", "--retry-for", "0s"])
        .stdin(sent.join("\n"))
        .run()
        .exits(6);
    rusqlite::Connection::open(place.path("spool/spool.db"))
        .and_then(|open| open.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
        .expect("written back");
    place.file("open", "");
    (place, server, sent)
}

/// Hands records to a run and waits until they are accepted.
fn accept(running: &mut Running, records: &[String]) {
    running.write((records.join("\n") + "\n").as_bytes());
    for _ in records {
        running.stdout.until("\"accepted\"");
    }
}

/// The bodies that came behind so many requests.
fn arrived(server: &Server, before: usize) -> BTreeSet<String> {
    server.requests()[before..]
        .iter()
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect()
}

#[test]
fn a_drain_ends_where_the_last_record_is_not_what_was_accepted() {
    let (place, server, _) = kept(1);
    rusqlite::Connection::open(place.path("spool/spool.db"))
        .and_then(|open| open.execute("UPDATE event SET body = X'7B7D'", []))
        .expect("changed");
    let before = server.requests().len();
    let ended = run(&place, &server.url(), &["spool", "drain"]).run();
    let text = ended.exits(5).text();
    assert!(text.contains("do not match their checksum"), "{text}");
    assert_eq!(server.requests().len(), before);
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
fn a_database_that_breaks_under_a_run_does_not_stop_acceptance() {
    let (place, server) = closed();
    let sent = numbered("b", 10, 10);
    let args = ["emit", "-", "--receipts", "-o", "ndjson"];
    let mut running = run(&place, &server.url(), &args).start();
    accept(&mut running, &sent[..5]);
    for name in ["spool.db", "spool.db-wal", "spool.db-shm"] {
        let path = place.path("spool").join(name);
        let length = std::fs::metadata(&path).expect("a file").len();
        let garbage = vec![0x55; usize::try_from(length).expect("small")];
        // In place, under the process that has it open.
        let file = std::fs::OpenOptions::new().write(true).open(&path);
        std::io::Write::write_all(&mut file.expect("a file"), &garbage).expect("written");
    }
    accept(&mut running, &sent[5..]);
    let ended = running.end().exits(3).warns("storage has failed");
    let kept = ended.text().matches("\"kept\",").count();
    assert!(kept >= 5, "{}", ended.transcript());

    place.file("open", "");
    let before = server.requests().len();
    // Everything that could be read is sent, and that something may be missing is no success.
    run(&place, &server.url(), &["spool", "drain"])
        .run()
        .exits(3)
        .warns("has been moved to");
    run(&place, &server.url(), &["spool", "drain"])
        .run()
        .exits(0);
    let arrived = arrived(&server, before);
    assert_eq!(arrived, sent[5..].iter().cloned().collect());
}

#[test]
fn a_database_without_its_first_page_and_without_a_log_is_read_all_the_same() {
    let (place, server, sent) = kept(50);
    let before = server.requests().len();
    let database = place.path("spool/spool.db");
    let mut bytes = std::fs::read(&database).expect("the database");
    bytes[..100].fill(0xff);
    std::fs::write(&database, &bytes).expect("written");
    let _ = std::fs::remove_file(place.path("spool/spool.db-wal"));
    let _ = std::fs::remove_file(place.path("spool/spool.db-shm"));
    run(&place, &server.url(), &["spool", "drain"])
        .run()
        .exits(3);
    assert_eq!(arrived(&server, before), sent.into_iter().collect());
}

#[test]
fn an_empty_database_is_set_aside_with_its_log_and_everything_is_shown() {
    for args in [
        ["spool", "list", "-o", "json"].as_slice(),
        &["spool", "list", "-o", "ndjson"],
        &["spool", "export"],
    ] {
        for missing in [false, true] {
            let (place, server) = closed();
            let sent = numbered("k", 30, 30);
            run(&place, &server.url(), &["emit", "-", "--retry-for", "0s"])
                .stdin(sent.join("\n"))
                .run()
                .exits(6);
            if missing {
                std::fs::remove_file(place.path("spool/spool.db")).expect("removed");
            } else {
                place.file("spool/spool.db", "");
            }
            let shown = run(&place, &server.url(), args).run().exits(3);
            let shown = shown.warns("30 records could be read").text();
            assert_eq!(shown.matches("5004N").count(), 30, "{args:?}: {shown}");
            let export = run(&place, &server.url(), &["spool", "export"]).run();
            let export = export.exits(0).text();
            assert_eq!(export.lines().collect::<Vec<_>>(), sent);
        }
    }
}

#[test]
fn a_database_of_the_first_builds_is_used_on() {
    let (place, server, sent) = kept(50);
    let before = server.requests().len();
    rusqlite::Connection::open(place.path("spool/spool.db"))
        .and_then(|open| open.execute_batch("DROP VIEW kept; DROP TABLE done"))
        .expect("as it was");
    run(&place, &server.url(), &["spool", "drain"])
        .run()
        .exits(0);
    assert_eq!(arrived(&server, before), sent.into_iter().collect());
    assert!(!place.path("spool/quarantine").exists());
}

#[test]
fn what_can_still_be_read_of_a_damaged_database_is_sent() {
    let (place, server, sent) = kept(300);
    let url = server.url();
    let database = place.path("spool/spool.db");
    let mut bytes = std::fs::read(&database).expect("the database");
    let torn = sent[150].as_bytes();
    let at = bytes.windows(torn.len()).position(|window| window == torn);
    let page = at.expect("the record") / 4096 * 4096;
    bytes[page..page + 100].fill(0xff);
    std::fs::write(&database, &bytes).expect("written");
    // The first to meet the damage says so; the next looks at every page.
    let before = server.requests().len();
    for _ in 0..3 {
        if run(&place, &url, &["spool", "drain"]).run().code == Some(0) {
            break;
        }
    }
    run(&place, &url, &["spool", "drain"]).run().exits(0);
    let once = arrived(&server, before);
    assert!(once.iter().all(|body| sent.contains(body)), "changed");
    // A page holds a handful of rows; all the others are there, whether before it or behind.
    assert!(once.len() > 290 && once.len() < 300, "{}", once.len());
    assert!(once.contains(&sent[0]) && once.contains(&sent[299]));
    let aside = std::fs::read_dir(place.path("spool/quarantine")).expect("a folder");
    let aside = aside.flatten().next().expect("an entry").path();
    assert_eq!(
        std::fs::read(aside.join("spool.db")).expect("evidence"),
        bytes
    );
}

#[test]
fn a_database_that_is_moved_away_under_a_run_is_noticed() {
    let (place, server) = closed();
    let sent = numbered("m", 10, 10);
    let args = ["emit", "-", "--receipts", "-o", "ndjson"];
    let mut running = run(&place, &server.url(), &args).start();
    accept(&mut running, &sent[..5]);
    // As another process does that finds it damaged.
    for name in ["spool.db", "spool.db-wal", "spool.db-shm"] {
        let path = place.path("spool").join(name);
        std::fs::rename(&path, place.path(name)).expect("moved");
    }
    accept(&mut running, &sent[5..]);
    let _ = running.end().exits(3);
    // Nothing but the inbox is left.
    run(&place, &server.url(), &["spool", "export"])
        .run()
        .exits(0)
        .says(&sent[9]);
    place.file("open", "");
    let before = server.requests().len();
    run(&place, &server.url(), &["spool", "drain"])
        .run()
        .exits(0);
    let arrived = arrived(&server, before);
    assert_eq!(arrived, sent[5..].iter().cloned().collect());
}

#[test]
fn what_can_still_be_read_of_a_damaged_database_of_the_first_build_is_kept() {
    for first_page in [true, false] {
        let (place, server) = closed();
        let sent = numbered("old", 300, 300);
        first_spool(&place, &server.url(), &sent);
        let database = place.path("spool/spool.db");
        let mut bytes = std::fs::read(&database).expect("the database");
        let page = if first_page {
            0
        } else {
            let torn = sent[150].as_bytes();
            let at = bytes.windows(torn.len()).position(|window| window == torn);
            at.expect("the record") / 4096 * 4096
        };
        bytes[page..page + 100].fill(0xff);
        std::fs::write(&database, &bytes).expect("written");
        place.file("spool/suspect", "");
        run(&place, &server.url(), &["spool", "list"])
            .run()
            .exits(3)
            .warns("damaged");
        let export = run(&place, &server.url(), &["spool", "export"]).run();
        let kept: BTreeSet<String> = export.exits(0).text().lines().map(str::to_owned).collect();
        assert!(kept.iter().all(|body| sent.contains(body)), "changed");
        let least = if first_page { 300 } else { 290 };
        assert!(kept.len() >= least, "{first_page}: {}", kept.len());
    }
}

#[test]
fn what_cannot_be_read_beside_the_database_is_reported() {
    let (place, server, sent) = kept(2);
    let url = server.url();
    // A folder in the place of a file, and a file in the place of a folder: neither can be read.
    std::fs::create_dir_all(place.path("spool/inbox/batch.ndjson")).expect("a folder");
    let listed = run(&place, &url, &["spool", "export"]).run().exits(3);
    assert_eq!(listed.text().lines().count(), 2);
    listed.warns("batch.ndjson cannot be read");
    std::fs::remove_dir_all(place.path("spool/inbox")).expect("removed");
    place.file("spool/inbox", "");
    run(&place, &url, &["spool", "drain"])
        .run()
        .exits(3)
        .says("delivered 2")
        .warns("spool/inbox cannot be read");
    let before = server.requests().len();
    run(&place, &url, &["emit", "-"])
        .stdin(record("new", "5004N"))
        .run()
        .exits(0)
        .warns("spool/inbox cannot be read");
    assert_eq!(server.requests().len(), before + 1);
    assert_eq!(arrived(&server, 2).len(), sent.len() + 1);
}

#[test]
fn a_batch_that_holds_something_else_is_moved_away_and_reported_once() {
    let (place, server, _) = kept(1);
    place.file("spool/inbox/batch.ndjson", "{\"id\":\n");
    let url = server.url();
    let drain = || run(&place, &url, &["spool", "drain"]).run();
    drain()
        .exits(3)
        .warns("could not all be read")
        .warns("quarantine");
    drain().exits(0);
}

#[test]
fn a_recovery_that_was_not_reported_is_reported_by_the_next_run() {
    let (place, server, _) = kept(3);
    let url = server.url();
    place.file("spool/suspect", "");
    let database = place.path("spool/spool.db");
    let mut bytes = std::fs::read(&database).expect("the database");
    bytes[..100].fill(0xff);
    std::fs::write(&database, &bytes).expect("written");
    let list = || run(&place, &url, &["spool", "list"]);
    list().run().exits(3).warns("3 records could be read");
    // As after a death between the recovery and its report.
    let entries = std::fs::read_dir(place.path("spool/quarantine")).expect("a folder");
    let aside = entries.flatten().next().expect("an entry").path();
    std::fs::write(aside.join("unfinished"), "").expect("a mark");
    let again = list().run().exits(3).warns("3 records could be read");
    assert!(!again.errors().contains("interrupted"));
    list().run().exits(0);
}

/// Accepts records without sending any.
fn queue(place: &Place, records: &[String]) {
    let queue = run(place, "http://127.0.0.1:9", &["emit", "-", "--queue"]);
    let _ = queue.stdin(records.join("\n")).run().exits(0);
}

#[test]
fn records_that_went_with_the_end_of_a_log_are_reported_once() {
    let sent = numbered("log", 7, 7);
    let cut = |bytes: &mut Vec<u8>, at: usize| bytes.truncate(at + 5000);
    let flip = |bytes: &mut Vec<u8>, at: usize| bytes[at + 100] ^= 1;
    for strike in [&cut as &dyn Fn(&mut Vec<u8>, usize), &flip] {
        let place = Place::new();
        let log = place.path("spool/spool.db-wal");
        queue(&place, &sent[..3]);
        let whole = std::fs::read(&log).expect("a log").len();
        queue(&place, &sent[3..6]);
        let mut bytes = std::fs::read(&log).expect("a log");
        strike(&mut bytes, whole);
        std::fs::write(&log, bytes).expect("written");
        let export = |place: &Place| run(place, "http://127.0.0.1:9", &["spool", "export"]).run();
        let first = export(&place).exits(3).warns("is gone: 3 records");
        assert_eq!(first.text().lines().collect::<Vec<_>>(), sent[..3]);
        assert_eq!(export(&place).exits(0).text(), first.text());
        queue(&place, &sent[6..]);
        assert_eq!(export(&place).exits(0).text().lines().count(), 4);
    }
}

#[test]
fn a_database_that_replaced_another_is_not_expected_to_hold_its_records() {
    let place = Place::new();
    let sent = numbered("new", 4, 4);
    queue(&place, &sent[..3]);
    for name in ["spool.db", "spool.db-wal", "spool.db-shm"] {
        std::fs::remove_file(place.path("spool").join(name)).expect("removed");
    }
    queue(&place, &sent[3..]);
    let export = run(&place, "http://127.0.0.1:9", &["spool", "export"]).run();
    let export = export.exits(0).text();
    assert_eq!(export.lines().collect::<Vec<_>>(), sent[3..]);
}

#[test]
fn records_that_a_changed_index_hides_are_found_and_sent() {
    let (place, server, sent) = kept(12);
    let before = server.requests().len();
    let database = place.path("spool/spool.db");
    let mut bytes = std::fs::read(&database).expect("the database");
    // How an entry of the index by destination and state continues; a row continues otherwise.
    let entry = b"\"digest\":\"\"}ready";
    let entries = bytes.windows(entry.len()).enumerate();
    let places: Vec<usize> = entries
        .filter(|(_, window)| window == entry)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(places.len(), 12);
    bytes[places[6] + 10] ^= 0x40;
    std::fs::write(&database, bytes).expect("written");
    let drain = || run(&place, &server.url(), &["spool", "drain"]).run();
    let _ = drain().exits(3).warns("not found").warns("the next run");
    let _ = drain().exits(3).warns("7 records could be read");
    let _ = drain().exits(0);
    assert_eq!(arrived(&server, before), sent.iter().cloned().collect());
}
