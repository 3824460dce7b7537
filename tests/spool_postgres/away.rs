//! The database is unavailable: this machine takes the records, and brings them over once.

use super::{Shared, on_spool};
use crate::emit::record;
use crate::spool::{judge, numbered, sandbox};
use crate::support::postgres::lasting;
use crate::support::{PATIENCE, Place};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const NOWHERE: &str = "http://localhost:9";

#[test]
fn what_is_accepted_meanwhile_is_brought_over_once() {
    let Some(cluster) = lasting("") else { return };
    let shared = Shared::on(cluster);
    cluster.down();
    let emit = |args: &[&str], journey: &str| {
        let mut all = vec!["emit", "-"];
        all.extend(args);
        let mut running = shared.run(NOWHERE, &all).start();
        running.write(record(journey, "5004N").as_bytes());
        drop(running.stdin.take());
        running
    };
    let (queued, sent) = (emit(&["--queue"], "a"), emit(&["--retry-for", "1s"], "b"));
    let queued = queued.wait().exits(0);
    assert!(
        queued.errors().contains("machine's inbox"),
        "{}",
        queued.transcript()
    );
    let _ = sent.wait().exits(6).says("machine's inbox");
    // Whoever only looks says that it is unavailable.
    let _ = shared
        .spool(&["list"])
        .run()
        .exits(6)
        .warns("is unavailable");
    let _ = shared
        .spool(&["drain"])
        .run()
        .exits(6)
        .warns("is unavailable");
    let folder = shared.place.path(".local/state/hivelog/postgres");
    let inbox = || {
        let of_database = std::fs::read_dir(&folder).expect("a folder").next();
        of_database
            .expect("one")
            .expect("an entry")
            .path()
            .join("inbox")
    };
    let files = || -> Vec<_> {
        let files = std::fs::read_dir(inbox()).expect("a folder");
        files.map(|file| file.expect("an entry").path()).collect()
    };
    let kept = files();
    assert_eq!(kept.len(), 2);
    let copies: Vec<_> = kept
        .iter()
        .map(|file| std::fs::read(file).expect("a file"))
        .collect();
    cluster.up();
    let _ = shared.spool(&["list"]).run().exits(0).says("2 ready");
    assert_eq!(files().len(), 0);
    // As after a death between the commit and the removal of the files.
    for (file, copy) in kept.iter().zip(copies) {
        std::fs::write(file, copy).expect("a file");
    }
    let sandbox = sandbox("");
    let _ = shared
        .run(&sandbox.url(), &["spool", "list"])
        .run()
        .exits(0)
        .says("2 ready");
    assert_eq!((files().len(), shared.ready()), (0, 2));
    cluster.down();
}

/// As a pooler does whose server does not answer.
#[test]
fn a_server_that_lets_in_and_says_nothing_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for client in listener.incoming() {
            let mut client = client.expect("a connection");
            let _ = client.read(&mut [0; 1024]).expect("who it is");
            let let_in = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
            client.write_all(let_in).expect("it reads");
            silent.push(client);
        }
    });
    let place = Place::new();
    let url = format!("postgres://owner@127.0.0.1:{port}/d");
    let on = |args: &[&str]| on_spool(&place, &url, NOWHERE, args);
    let why = "no answer within 10 s";
    let listed = on(&["spool", "list"]).start();
    let _ = on(&["emit", "--queue", "-"])
        .stdin(record("a", "5004N"))
        .run()
        .exits(0)
        .warns("machine's inbox")
        .warns(why);
    let _ = listed.wait().exits(6).warns(why);
}

/// A drainer outlives the end of the database in the middle of its work.
#[test]
fn a_drainer_goes_on_when_the_database_is_back() {
    let Some(cluster) = lasting("") else { return };
    let shared = Shared::on(cluster);
    let sandbox = sandbox("");
    let sent = numbered("x", 300, 20);
    let _ = on_spool(
        &shared.place,
        &shared.url,
        &sandbox.url(),
        &["emit", "--queue", "-"],
    )
    .stdin(sent[..200].join("\n"))
    .run()
    .exits(0);
    let args = ["spool", "drain", "--follow", "--rate", "100/s"];
    let drainer = shared.run(&sandbox.url(), &args).start();
    let received = |count: usize| {
        let deadline = Instant::now() + PATIENCE;
        while sandbox.ledger().len() < count {
            assert!(
                Instant::now() < deadline,
                "{} of {count}",
                sandbox.ledger().len()
            );
            std::thread::yield_now();
        }
    };
    received(50);
    cluster.down();
    drainer.stderr.until("is unavailable");
    cluster.up();
    drainer.stderr.until("is available again");
    let _ = shared
        .run(&sandbox.url(), &["emit", "--queue", "-"])
        .stdin(sent[200..].join("\n"))
        .run()
        .exits(0);
    let deadline = Instant::now() + PATIENCE;
    while shared.ready() > 0 {
        assert!(Instant::now() < deadline, "{} are left", shared.ready());
    }
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
    // Nobody's lease is left, and no more were sent twice than were under way.
    assert_eq!(shared.sql("SELECT count(*) FROM hivelog.drainer"), "0");
    let found = judge(&sandbox, &sent, |_| true);
    assert!(
        found.lost == 0 && found.overtaken == 0 && found.changed == 0,
        "{found:?}"
    );
    assert!(found.extra <= 8, "{found:?}");
    cluster.down();
}

/// Each event log opens the spool anew; together they wait as long as one does.
#[test]
fn the_event_logs_of_a_run_wait_for_the_database_once() {
    let Some(cluster) = lasting("") else { return };
    let shared = Shared::on(cluster);
    cluster.down();
    let logs = ["--on-start", "5004N", "--on-success", "2000N"];
    let fields = "run -s INBOUND_2 --mode SANDBOX --schema limber --shape Product --integration Shop \
                  --external-id Shop=42";
    let mut run: Vec<&str> = fields.split_whitespace().collect();
    run.extend(logs);
    run.extend(["--", "true"]);
    let ran = shared.run(NOWHERE, &run).run().exits(0);
    let waits = ran.errors().matches("retrying for").count();
    assert_eq!(waits, 1, "{}", ran.transcript());
    cluster.up();
    let _ = shared.spool(&["list"]).run().exits(0).says("2 ready");
    cluster.down();
}

/// What a drainer wants all the time must not make it ask all the time.
#[test]
fn a_drainer_does_not_storm_a_database_that_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            drop(client);
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let place = Place::new();
    let url = format!("postgres://owner@127.0.0.1:{port}/d");
    let on = |args: &[&str]| on_spool(&place, &url, NOWHERE, args);
    let drainer = on(&["spool", "drain", "--follow"]).start();
    drainer.stderr.until("retrying");
    // In the seconds that this one tries.
    let _ = on(&["emit", "--queue", "-"])
        .stdin(record("a", "5004N"))
        .run()
        .exits(0);
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
    let connections = connections.load(Ordering::SeqCst);
    assert!(connections < 100, "{connections}");
}
