//! What can go wrong on the way to the server: sixty faults by their numbers, each met with and
//! without a spool, from flags and from a pipe. What plain HTTP/1.1 can do stands here, the rest
//! in the files beside it.

mod connection;
mod http2;
mod names;
mod rows;
mod tls;

use crate::emit::{record, records};
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, Run};
use rows::{Fault, rows, server, status};

/// Faults whose tests are not rows of the table below.
const ELSEWHERE: [(u8, u8, &str); 9] = [
    (
        13,
        13,
        "dispatch: poison only when it fails while others get through",
    ),
    (24, 24, "a server that refuses every second request"),
    (36, 36, "connection: a reset before the request"),
    (42, 42, "connection: an idle connection that is closed"),
    (43, 44, "http2: streams that are refused, reset and cut off"),
    (
        45,
        50,
        "tls: certificates, versions and a client that must have one",
    ),
    (52, 52, "tls: closed without a farewell"),
    (
        53,
        56,
        "names: look-ups that fail, and an address that is dead",
    ),
    (57, 58, "connection: proxies"),
];

/// Faults that cannot happen: no client certificate can be given, so none can have expired.
const IMPOSSIBLE: [u8; 1] = [51];

/// How a record ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// Delivered with so many requests, of which so many had no answer.
    Delivered(u64, u64),
    /// Turned away.
    Refused,
    /// Nothing can get through before a person acts; the exit code says why.
    Held(i32),
    /// Not in time, with so many answers unseen.
    Late(u64),
}

/// A run that sends one record.
pub fn one(place: &Place, url: &str, spool: bool, flags: bool, more: &[&str]) -> Run {
    let mut args = vec!["emit", "-o", "ndjson", "--timeout", "2s", "--url", url];
    args.extend(["--connector", "c"]);
    args.extend(more);
    if spool {
        args.extend(["--spool", "spool"]);
    } else {
        args.push("--no-spool");
    }
    if flags {
        args.extend("-c 5004N -s INBOUND_2 --outcome PROCESSING --integration Shop".split(' '));
        args.extend("--shape Product --schema limber --mode SANDBOX".split(' '));
        args.extend(["--external-id", "Shop=9"]);
        place.hivelog(args).env("HIVELOG_KEY", "canary-7f3a")
    } else {
        args.push("-");
        let run = place.hivelog(args).env("HIVELOG_KEY", "canary-7f3a");
        run.stdin(record("a", "5004N"))
    }
}

/// What is reported of one record, and what stays in the spool.
pub fn expect(place: &Place, ended: &Ended, end: End, spool: bool, about: &str) {
    let about = format!("{about}: {}", ended.transcript());
    assert!(
        !(ended.text() + &ended.errors()).contains("canary"),
        "{about}"
    );
    let reported = ended.ndjson();
    let (result, summary) = (&reported[0], &reported[1]);
    let undelivered = if spool { "kept" } else { "failed" };
    let (code, word, left) = match end {
        End::Delivered(..) => (0, "delivered", None),
        End::Refused => (5, "refused", Some("dead")),
        End::Held(code) => (code, undelivered, Some("ready")),
        End::Late(_) => (6, undelivered, Some("ready")),
    };
    assert_eq!(ended.code, Some(code), "{about}");
    assert_eq!(result["status"], word, "{about}");
    let (attempts, duplicates) = match end {
        End::Delivered(attempts, duplicates) => (Some(attempts), duplicates),
        End::Refused | End::Held(_) => (Some(1), 0),
        End::Late(duplicates) => (None, duplicates),
    };
    if let Some(attempts) = attempts {
        assert_eq!(result["attempts"], attempts, "{about}");
    }
    assert_eq!(summary["maybeDuplicate"], duplicates, "{about}");
    if spool {
        let args = ["spool", "list", "--spool", "spool", "-o", "json"];
        let list = place.hivelog(args).run().exits(0).json();
        let kept = list.get(0);
        let state = kept.and_then(|kept| kept["state"].as_str());
        assert_eq!(state, left, "{about}");
        if let Some(kept) = kept {
            assert_eq!(kept["maybeDuplicate"], duplicates, "{about}");
        }
    }
}

/// One row: what is reported, what stays in the spool, and what the server saw.
fn check(name: &str, fault: Fault, end: End, spool: bool, flags: bool) {
    let place = Place::new();
    let server = server(fault);
    let ended = one(&place, &server.url(), spool, flags, &[]).run();
    let about = format!("{name}, spool {spool}, flags {flags}");
    expect(&place, &ended, end, spool, &about);
    let requests = server.requests();
    let same = requests.windows(2).all(|two| two[0].body == two[1].body);
    assert!(same, "{about}");
}

#[test]
fn every_number_has_its_test() {
    let mut numbers: Vec<u8> = rows().into_iter().map(|row| row.0).collect();
    numbers.extend(ELSEWHERE.iter().flat_map(|(from, to, _)| *from..=*to));
    numbers.extend(IMPOSSIBLE);
    let missing: Vec<u8> = (1..=60).filter(|one| !numbers.contains(one)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_fault_has_its_end() {
    let rows = std::sync::Mutex::new(rows().into_iter());
    let count = std::sync::atomic::AtomicUsize::new(0);
    // Most of the time is waiting for the next try.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let next = rows.lock().expect("no panic").next();
                    let Some((number, name, fault, end)) = next else {
                        break;
                    };
                    let name = format!("{number} {name}");
                    let at = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let even = at.is_multiple_of(2);
                    check(&name, fault.clone(), end, false, even);
                    check(&name, fault, end, true, !even);
                }
            });
        }
    });
}

#[test]
fn a_server_that_refuses_every_second_request_is_not_stormed() {
    let server = Server::answering(|number, _| {
        if number % 2 == 0 {
            answer("429 x", "Retry-After: 0\r\n", "")
        } else {
            status("200 OK")
        }
    });
    let ended = crate::emit::emit(&server.url(), &["-", "-o", "ndjson"])
        .stdin(records(20))
        .run()
        .exits(0);
    assert_eq!(ended.ndjson().last().expect("a summary")["delivered"], 20);
    let bodies: std::collections::HashSet<Vec<u8>> =
        server.requests().into_iter().map(|one| one.body).collect();
    assert_eq!(bodies.len(), 20);
    assert!(server.requests().len() <= 44, "{}", server.requests().len());
}
