//! Records that wait: they say for what, hold up nothing else, and have one verdict whoever else
//! is at work with the spool.

use super::{lines, numbered, run};
use crate::emit::record;
use crate::support::server::{Request, Server, answer};
use crate::support::{Ended, Place};
use serde_json::Value;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn text(request: &Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

fn ok() -> Vec<u8> {
    answer("200 OK", "", "")
}

/// Accepts records without sending them: the key is refused.
fn fill(place: &Place, server: &Server, key_works: &Arc<Mutex<bool>>, records: &[String]) {
    *key_works.lock().expect("no panic") = false;
    run(place, &server.url(), &["emit", "-"])
        .stdin(records.join("\n"))
        .run()
        .exits(4);
    *key_works.lock().expect("no panic") = true;
}

/// A server whose key can stop working, and which answers as the script says otherwise.
fn server(script: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (Server, Arc<Mutex<bool>>) {
    let key_works = Arc::new(Mutex::new(true));
    let works = Arc::clone(&key_works);
    let server = Server::answering(move |_, request| {
        if *works.lock().expect("no panic") {
            script(&text(request))
        } else {
            answer("401 x", "", "")
        }
    });
    (server, key_works)
}

/// A server that answers nothing before the test says so, and says what has come.
fn slow() -> (Server, Receiver<String>, Sender<()>) {
    let (came, arrivals) = channel();
    let (go, release) = channel();
    let (came, release) = (Mutex::new(came), Mutex::new(release));
    let server = Server::answering(move |_, request| {
        let _ = came.lock().expect("no panic").send(text(request));
        let _ = release.lock().expect("no panic").recv();
        ok()
    });
    (server, arrivals, go)
}

fn errors(ended: &Ended) -> Vec<String> {
    let records = ended.ndjson().into_iter();
    records
        .filter(|line| line["summary"] != true)
        .map(|line| line["error"]["title"].as_str().unwrap_or("").to_owned())
        .collect()
}

/// How the follower reports on records that are delivered, until as many have been.
fn delivered(follower: &crate::support::Running, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let line = follower.stdout.until("\"status\":\"delivered\"");
        let line: Value = serde_json::from_str(&line).expect("JSON");
        ids.push(line["correlationId"].as_str().expect("an id").to_owned());
    }
    ids
}

const FOLLOW: [&str; 5] = ["spool", "drain", "--follow", "-o", "ndjson"];

#[test]
fn records_behind_one_that_fails_do_not_hold_up_others() {
    let place = Place::new();
    let (server, key) = server(|text| {
        if text.contains("poison-0") {
            answer("500 x", "", "")
        } else {
            ok()
        }
    });
    fill(&place, &server, &key, &numbered("poison", 1100, 1));
    fill(&place, &server, &key, &numbered("healthy", 50, 50));
    let follower = run(&place, &server.url(), &FOLLOW).start();
    let ids = delivered(&follower, 50);
    assert!(ids.iter().all(|id| id.starts_with("healthy")), "{ids:?}");
    follower.signal("TERM");
    follower.end().exits(143);
    let sent = server.requests();
    let poison: Vec<String> = sent.iter().map(text).collect();
    let poison = poison.iter().filter(|text| text.contains("poison"));
    assert!(
        poison
            .into_iter()
            .all(|text| text.contains("\"customData\":0,"))
    );
}

#[test]
fn journeys_that_are_asked_to_come_later_do_not_hold_up_others() {
    let place = Place::new();
    let (server, key) = server(|text| {
        if text.contains("later-") {
            answer(
                "500 x",
                "Content-Type: application/problem+json\r\n",
                "{\"typeCode\":\"RETRY_LATER\"}",
            )
        } else {
            ok()
        }
    });
    fill(&place, &server, &key, &numbered("later", 1100, 1100));
    fill(&place, &server, &key, &numbered("healthy", 50, 50));
    let follower = run(&place, &server.url(), &FOLLOW).start();
    delivered(&follower, 50);
    follower.signal("TERM");
    follower.end().exits(143);
}

#[test]
fn a_record_that_follows_says_which_line_it_waits_for() {
    let place = Place::new();
    let (server, _) = server(|_| answer("503 x", "", ""));
    let args = ["emit", "-", "-o", "ndjson", "--retry-for", "100ms"];
    let ended = run(&place, &server.url(), &args)
        .stdin(numbered("one", 3, 1).join("\n"))
        .run()
        .exits(6);
    let waits = "waits behind line 1 of the same journey";
    assert_eq!(
        errors(&ended)[1..],
        [waits, waits],
        "{}",
        ended.transcript()
    );
}

#[test]
fn without_a_spool_nothing_follows_a_record_that_was_given_up() {
    let (server, _) = server(|text| {
        if text.contains("\"customData\":0,") {
            answer("503 x", "", "")
        } else {
            ok()
        }
    });
    let args = ["-", "-o", "ndjson", "--retry-for", "100ms"];
    let ended = crate::emit::emit(&server.url(), &args)
        .stdin(numbered("one", 3, 1).join("\n") + "\n" + &record("other", "5004N"))
        .run()
        .exits(7);
    let reported = ended.ndjson();
    let summary = reported.last().expect("a summary");
    assert_eq!(
        (&summary["failed"], &summary["delivered"]),
        (&3.into(), &1.into())
    );
    let follows = "not sent: line 1 of the same journey was not delivered";
    assert_eq!(
        errors(&ended)
            .iter()
            .filter(|title| *title == follows)
            .count(),
        2
    );
    assert!(
        !server
            .requests()
            .iter()
            .any(|request| text(request).contains("\"customData\":1,"))
    );
}

#[test]
fn a_pause_the_server_asked_for_holds_for_later_runs_and_is_reported() {
    let place = Place::new();
    let (server, _) = server(|_| {
        let problem = "{\"title\":\"busy\"}";
        answer("503 x", "Retry-After: 600\r\n", problem)
    });
    let first = record("first", "5004N");
    let url = server.url();
    let emit = |record: &str| {
        run(&place, &url, &["emit", "-"])
            .stdin(record)
            .run()
            .exits(6)
    };
    emit(&first);
    emit(&record("second", "5004N")).says("the server asked to wait until");
    let behind = record("first", "5003N");
    emit(&behind).says("waits behind an older record of the same journey until");
    run(&place, &url, &["spool", "drain"])
        .run()
        .exits(6)
        .says("kept 3")
        .warns("3 records wait for")
        .warns("until")
        .warns(": 503 busy; ");
    assert_eq!(server.requests().len(), 1);
    run(&place, &url, &["spool", "verify"]).run().exits(0);
}

#[test]
fn a_time_that_no_server_can_have_asked_for_keeps_nothing_back() {
    let place = Place::new();
    let (server, key) = server(|_| ok());
    let url = server.url();
    fill(&place, &server, &key, &numbered("k", 3, 2));
    let database = rusqlite::Connection::open(place.path("spool/spool.db")).expect("a database");
    let far = "UPDATE event SET next_ms = 9999999999999";
    database.execute(far, []).expect("an update");
    let pause = "INSERT OR REPLACE INTO pause SELECT dest, 9999999999999, 503, NULL FROM event";
    database.execute(pause, []).expect("an insert");
    run(&place, &url, &["spool", "drain"])
        .run()
        .exits(0)
        .says("delivered 3");
}

#[test]
fn a_record_that_is_dropped_beside_its_sender_is_reported_as_lost_once() {
    let place = Place::new();
    let (server, arrivals, go) = slow();
    let url = server.url();
    let sent = numbered("one", 3, 1);
    let args = ["emit", "-", "-o", "ndjson", "--receipts"];
    let mut emit = run(&place, &url, &args).start();
    emit.write(sent.join("\n").as_bytes());
    drop(emit.stdin.take());
    let ids: Vec<String> = (0..3)
        .map(|_| {
            let line: Value = serde_json::from_str(&emit.stdout.until("accepted")).expect("JSON");
            line["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    assert_eq!(arrivals.recv().expect("a request"), sent[0]);
    let drop_one = |id: &String| run(&place, &url, &["spool", "drop", "--yes", id]).run();
    // One is under way, the other waits.
    let refused = drop_one(&ids[0]).exits(1).warns("being sent now");
    assert!(
        !refused.text().contains("dropped"),
        "{}",
        refused.transcript()
    );
    drop_one(&ids[2]).exits(0).says("dropped");
    for _ in 0..2 {
        go.send(()).expect("a server");
    }
    let ended = emit.wait().exits(7);
    let reported = ended.ndjson();
    let verdict = |id: &String| -> Vec<&Value> {
        let of = reported.iter().filter(|line| line["id"] == **id);
        of.map(|line| &line["status"]).collect()
    };
    assert_eq!(verdict(&ids[0]), ["delivered"], "{}", ended.transcript());
    assert_eq!(verdict(&ids[1]), ["delivered"], "{}", ended.transcript());
    assert_eq!(verdict(&ids[2]), ["failed"], "{}", ended.transcript());
    assert!(ended.text().contains("lost: it was dropped from the spool"));
    assert!(!place.path("spool/suspect").exists());
    assert_eq!(lines(&place, &url).len(), 0);
}

#[test]
fn a_record_that_is_retried_beside_a_follower_is_sent_by_it() {
    let place = Place::new();
    let status = Arc::new(Mutex::new(answer("400 x", "", "")));
    let now = Arc::clone(&status);
    let server = Server::answering(move |_, _| now.lock().expect("no panic").clone());
    let url = server.url();
    let set = |bytes: Vec<u8>| *status.lock().expect("no panic") = bytes;
    let follower = run(&place, &url, &FOLLOW).start();
    follower.stderr.until("until stopped");
    let id = || {
        lines(&place, &url)[0]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    let retry = |id: &str| run(&place, &url, &["spool", "retry", id]).run().exits(0);
    // One that was refused for good.
    run(&place, &url, &["emit", "-"])
        .stdin(record("dead", "5004N"))
        .run()
        .exits(5);
    follower.stdout.until("\"status\":\"refused\"");
    let dead = id();
    set(ok());
    retry(&dead);
    assert_eq!(delivered(&follower, 1), ["dead"]);
    // One of a server that has asked for a quarter of an hour.
    set(answer("503 x", "Retry-After: 900\r\n", ""));
    let emit = ["emit", "-", "--retry-for", "0s"];
    run(&place, &url, &emit)
        .stdin(record("later", "5004N"))
        .run()
        .exits(6);
    let asked = Instant::now();
    while lines(&place, &url)[0]["attempts"] != 1 {
        assert!(
            asked.elapsed() < crate::support::PATIENCE,
            "it was not tried"
        );
    }
    set(ok());
    retry(&id());
    assert_eq!(delivered(&follower, 1), ["later"]);
    follower.signal("TERM");
    follower.end().exits(143);
}

#[test]
fn a_drain_beside_an_idle_follower_ends_at_once() {
    let place = Place::new();
    let (server, _) = server(|_| ok());
    let url = server.url();
    let follower = run(&place, &url, &FOLLOW).start();
    follower.stderr.until("until stopped");
    // Longer than the test waits for its end.
    run(&place, &url, &["spool", "drain", "--retry-for", "10m"])
        .run()
        .exits(0);
    follower.signal("TERM");
    follower.end().exits(143);
}

#[test]
fn a_run_that_stood_still_asks_what_became_of_its_records() {
    let place = Place::new();
    let patience = Duration::from_millis(500);
    let (server, arrivals, go) = slow();
    let url = server.url();
    let follower = run(&place, &url, &FOLLOW).start();
    follower.stderr.until("until stopped");
    let args = [
        "emit",
        "-",
        "-o",
        "ndjson",
        "--receipts",
        "--retry-for",
        "500ms",
    ];
    let mut emit = run(&place, &url, &args).start();
    emit.write(record("one", "5004N").as_bytes());
    drop(emit.stdin.take());
    emit.stdout.until("accepted");
    emit.signal("STOP");
    let stopped = Instant::now();
    arrivals.recv().expect("a request");
    go.send(()).expect("a server");
    delivered(&follower, 1);
    // Another one comes only when it is let go: until then this waits.
    while stopped.elapsed() < patience {
        let _ = arrivals.recv_timeout(patience.saturating_sub(stopped.elapsed()));
    }
    // Others see a delivery soon, not at once.
    while !lines(&place, &url).is_empty() {}
    emit.signal("CONT");
    let ended = emit.wait().exits(0);
    assert!(
        ended.text().contains("\"status\":\"delivered\""),
        "{}",
        ended.transcript()
    );
    follower.signal("TERM");
    follower.end().exits(143);
}

#[test]
fn without_room_to_note_deliveries_only_own_records_are_sent() {
    let place = Place::new();
    let (server, key_works) = server(|_| ok());
    let url = server.url();
    // What gives way when the disk is full cannot be laid.
    let no_room = || {
        let ballast = place.path("spool/ballast");
        let _ = std::fs::remove_file(&ballast);
        std::fs::create_dir(&ballast).expect("a folder");
    };
    let drain = || run(&place, &url, &["spool", "drain"]).run();
    drain().exits(0);
    no_room();
    drain().exits(0);
    std::fs::remove_dir(place.path("spool/ballast")).expect("it is empty");
    fill(&place, &server, &key_works, &[record("old", "5004N")]);
    no_room();
    let before = server.requests().len();
    drain().exits(3).warns("not enough disk space");
    let ended = run(&place, &url, &["emit", "-", "-o", "ndjson"])
        .stdin([record("new", "5004N"), record("old", "5004N")].join("\n"))
        .run()
        .exits(7);
    let waits = "waits behind an older record of the same journey";
    assert!(
        errors(&ended).iter().any(|error| error == waits),
        "{}",
        ended.text()
    );
    let sent: Vec<String> = server.requests()[before..].iter().map(text).collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].contains("\"new\""), "{sent:?}");
    assert_eq!(lines(&place, &url).len(), 2);
}
