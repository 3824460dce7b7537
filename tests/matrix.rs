//! What can go wrong on the way to the server: sixty faults by their numbers, each met with and
//! without a spool, from flags and from a pipe. What plain HTTP/1.1 can do stands here, the rest
//! in the files beside it.

mod connection;
mod http2;
mod names;
mod tls;

use crate::emit::{record, records};
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, Run};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

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

/// A fault: what the first request, or connection, meets. What comes after meets a 200.
#[derive(Clone)]
enum Fault {
    /// These bytes, every time.
    Always(Vec<u8>),
    /// These bytes, once.
    Once(Vec<u8>),
    /// These bytes, once, and then silence.
    Stuck(&'static [u8]),
    /// Once the first bytes, and then the second one by one.
    Slow(&'static [u8], &'static [u8]),
    /// A whole answer, once, when nobody waits for it any more.
    TooLate,
    /// Whatever this does to the first connection.
    Spoilt(fn(&mut TcpStream)),
}

fn status(line: &str) -> Vec<u8> {
    answer(line, "", "")
}

fn problem(line: &str) -> Vec<u8> {
    let later = r#"{"type":"http://www.meaningful.co.nz/limber-sync/retry-later","typeCode":"RETRY_LATER"}"#;
    answer(line, "Content-Type: application/problem+json\r\n", later)
}

/// Takes so many bytes and leaves: what follows meets a reset.
fn take(stream: &mut TcpStream, bytes: usize) {
    let mut taken = vec![0; bytes];
    let _ = stream.read_exact(&mut taken);
}

/// A fault by its number, in words, and how it ends.
type Row = (u8, String, Fault, End);

#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, number: u8, name: &str, fault: Fault, end: End) {
        self.0.push((number, name.to_owned(), fault, end));
    }

    fn once(&mut self, number: u8, name: &str, bytes: impl Into<Vec<u8>>, end: End) {
        self.add(number, name, Fault::Once(bytes.into()), end);
    }
}

fn rows() -> Vec<Row> {
    let mut rows = Rows::default();
    refusals(&mut rows);
    pauses(&mut rows);
    deliveries(&mut rows);
    silences(&mut rows);
    resets(&mut rows);
    nonsense(&mut rows);
    rows.0
}

/// Statuses that are an answer.
fn refusals(rows: &mut Rows) {
    for (number, line) in [
        (1, "400"),
        (5, "409"),
        (6, "413"),
        (6, "414"),
        (7, "415"),
        (8, "422"),
        (9, "431"),
    ] {
        let bytes = status(&format!("{line} x"));
        rows.add(number, line, Fault::Always(bytes), End::Refused);
    }
    for (number, line) in [(2, "401"), (3, "403"), (3, "407")] {
        let bytes = status(&format!("{line} x"));
        rows.add(number, line, Fault::Always(bytes), End::Held(4));
    }
    for line in ["304", "404", "405", "410", "501", "505"] {
        let bytes = format!("HTTP/1.1 {line} x\r\nContent-Length: 0\r\n\r\n").into_bytes();
        rows.add(4, line, Fault::Always(bytes), End::Held(2));
    }
    for (number, line) in [
        (25, "301"),
        (26, "302"),
        (27, "303"),
        (28, "307"),
        (29, "308"),
    ] {
        for to in ["http://127.0.0.1:9/", "https://localhost/", "//x/", "/same"] {
            let bytes = answer(&format!("{line} x"), &format!("Location: {to}\r\n"), "");
            let name = format!("{line} to {to}");
            rows.add(number, &name, Fault::Always(bytes), End::Held(2));
        }
    }
    for (number, line, unheard) in [
        (18, "408", 0),
        (18, "425", 0),
        (11, "500", 1),
        (14, "502", 1),
        (15, "503", 0),
        (16, "504", 1),
        (17, "507", 0),
        (11, "520", 1),
    ] {
        let bytes = status(&format!("{line} x"));
        rows.once(number, line, bytes, End::Delivered(2, unheard));
    }
    for (number, line) in [(10, "400"), (10, "401"), (10, "404"), (12, "500")] {
        let name = format!("{line} RETRY_LATER");
        let bytes = problem(&format!("{line} x"));
        rows.once(number, &name, bytes, End::Delivered(2, 0));
    }
}

/// 429, and how long to wait.
fn pauses(rows: &mut Rows) {
    let by_date = |until: &str| {
        format!(
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 {until} GMT\r\n"
        )
    };
    let (ahead, behind) = (by_date("09:49:37"), by_date("07:49:37"));
    for (number, name, header, end) in [
        (18, "429", "", End::Delivered(2, 0)),
        (
            19,
            "429 after 0",
            "Retry-After: 0\r\n",
            End::Delivered(2, 0),
        ),
        (
            20,
            "429 after 2",
            "Retry-After: 2\r\n",
            End::Delivered(2, 0),
        ),
        (
            21,
            "429 after a day",
            "Retry-After: 86400\r\n",
            End::Late(0),
        ),
        (22, "429 after an hour by the clock", &ahead, End::Late(0)),
        (22, "429 after an hour ago", &behind, End::Delivered(2, 0)),
        (
            23,
            "429 after garbage",
            "Retry-After: soon\r\n",
            End::Delivered(2, 0),
        ),
        (
            23,
            "429 after less than nothing",
            "Retry-After: -1\r\n",
            End::Delivered(2, 0),
        ),
        // A header with a control character is no answer at all.
        (
            59,
            "429 after a bell",
            "Retry-After: \u{7}\r\n",
            End::Delivered(2, 1),
        ),
    ] {
        rows.once(number, name, answer("429 x", header, ""), end);
    }
}

/// Answers that say yes, however oddly.
fn deliveries(rows: &mut Rows) {
    for (number, name, bytes) in [
        (31, "204", &b"HTTP/1.1 204 x\r\n\r\n"[..]),
        (
            31,
            "200 and HTML",
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
        ),
        (
            31,
            "200 and less than announced",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx",
        ),
        (
            59,
            "200 and a bad chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        ),
        (
            30,
            "103 before 200",
            b"HTTP/1.1 103 x\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ),
    ] {
        rows.once(number, name, bytes, End::Delivered(1, 0));
    }
    let storm = [b"HTTP/1.1 100 x\r\n\r\n".repeat(10), status("200 OK")].concat();
    rows.once(30, "ten times 100", storm, End::Delivered(1, 0));
    let endless = |stream: &mut TcpStream| {
        take(stream, 20);
        let hundred = b"HTTP/1.1 100 x\r\n\r\n".repeat(100);
        while stream.write_all(&hundred).is_ok() {}
    };
    let end = End::Delivered(2, 1);
    rows.add(30, "100 for ever", Fault::Spoilt(endless), end);
    let ten_gibibytes = |stream: &mut TcpStream| {
        take(stream, 20);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n");
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    };
    let end = End::Delivered(1, 0);
    rows.add(31, "200 and 10 GiB", Fault::Spoilt(ten_gibibytes), end);
    // The server keeps it and says that it has not.
    rows.once(60, "500 and kept", status("500 x"), End::Delivered(2, 1));
}

/// Answers that are not there in time.
fn silences(rows: &mut Rows) {
    let unseen = End::Delivered(2, 1);
    rows.add(32, "silence", Fault::Stuck(b""), unseen);
    let endless = Fault::Stuck(b"HTTP/1.1 200 OK\r\nX: ");
    rows.add(32, "a head that never ends", endless, unseen);
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    rows.add(
        33,
        "a head byte by byte",
        Fault::Slow(b"", &[b'x'; 9999]),
        unseen,
    );
    let body = Fault::Slow(head, &[b'x'; 9999]);
    rows.add(34, "a body byte by byte", body, End::Delivered(1, 0));
    rows.add(35, "an answer too late", Fault::TooLate, unseen);
}

/// Connections that break.
fn resets(rows: &mut Rows) {
    let unseen = End::Delivered(2, 1);
    let in_head = |stream: &mut TcpStream| take(stream, 20);
    rows.add(37, "reset in the head", Fault::Spoilt(in_head), unseen);
    let in_body = |stream: &mut TcpStream| take(stream, 400);
    rows.add(38, "reset in the body", Fault::Spoilt(in_body), unseen);
    rows.once(39, "closed after the body", "", unseen);
    let in_answer = |stream: &mut TcpStream| {
        take(stream, 20);
        let _ = stream.write_all(b"HTTP/1.1 20");
    };
    rows.add(40, "reset in the answer", Fault::Spoilt(in_answer), unseen);
    let half = |stream: &mut TcpStream| {
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    };
    rows.add(41, "closed for writing", Fault::Spoilt(half), unseen);
}

/// Answers that are none.
fn nonsense(rows: &mut Rows) {
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    for (name, bytes) in [
        ("half a status line", &b"HTTP/1.1 2"[..]),
        ("half a head", b"HTTP/1.1 200 OK\r\nContent-Le"),
        ("no HTTP", b"\0\x16\x03\x01garbage\r\n\r\n"),
        (
            "a header without a colon",
            b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        ),
        (
            "two status lines",
            b"HTTP/1.1 200 OK\r\nHTTP/1.1 400 x\r\n\r\n",
        ),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        ),
        ("a header of 1 MiB", long.as_bytes()),
    ] {
        rows.once(59, name, bytes, End::Delivered(2, 1));
    }
}

fn server(fault: Fault) -> Server {
    match fault {
        Fault::Always(bytes) => Server::answering(move |_, _| bytes.clone()),
        Fault::Once(bytes) => Server::answering(move |number, _| {
            if number == 0 {
                bytes.clone()
            } else {
                status("200 OK")
            }
        }),
        Fault::Stuck(bytes) => Server::scripted(move |number, _, stream| {
            if number == 0 {
                let _ = stream.write_all(bytes);
                std::thread::park();
            }
            let _ = stream.write_all(&status("200 OK"));
        }),
        Fault::Slow(first, rest) => Server::scripted(move |number, _, stream| {
            if number > 0 {
                let _ = stream.write_all(&status("200 OK"));
                return;
            }
            let _ = stream.write_all(first);
            let _ = stream.set_read_timeout(Some(Duration::from_millis(20)));
            for byte in rest {
                // Until the other side has left.
                if stream.write_all(&[*byte]).is_err() || stream.read(&mut [0]).is_ok() {
                    break;
                }
            }
        }),
        Fault::TooLate => Server::scripted(move |number, _, stream| {
            if number == 0 {
                let _ = stream.read_to_end(&mut Vec::new());
            }
            let _ = stream.write_all(&status("200 OK"));
        }),
        Fault::Spoilt(script) => Server::spoiling_the_first(script),
    }
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

/// What is told of one record, and what stays in the spool.
pub fn expect(place: &Place, ended: &Ended, end: End, spool: bool, about: &str) {
    let about = format!("{about}: {}", ended.tell());
    assert!(
        !(ended.text() + &ended.errors()).contains("canary"),
        "{about}"
    );
    let told = ended.ndjson();
    let (result, summary) = (&told[0], &told[1]);
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

/// One row: what is told, what stays in the spool, and what the server saw.
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

/// The most memory a run used, in KiB, when nothing gets through.
fn peak(count: usize) -> Option<u64> {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("401 x", "", ""));
    let input = place.file("input", records(count));
    let output = std::fs::File::create(place.path("out")).expect("a file");
    let url = server.url();
    let mut args = vec!["emit", "-o", "ndjson", "--url", &url, "--connector", "c"];
    args.extend(["--spool", "spool", input.to_str().expect("text")]);
    let mut command = place.hivelog(args).env("HIVELOG_KEY", "k").into_command();
    let mut child = command.stdout(output).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let read = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = read.max(most);
        std::thread::yield_now();
    }
    let told = std::fs::read_to_string(place.path("out")).expect("an output");
    let summary: Value = serde_json::from_str(told.lines().last().expect("a line")).expect("JSON");
    assert_eq!(summary["kept"], count);
    most
}

#[test]
fn memory_does_not_grow_with_what_is_kept() {
    let (Some(few), Some(many)) = (peak(4_000), peak(40_000)) else {
        crate::support::skip("there is no /proc to read the memory from");
        return;
    };
    assert!(many < few + 8 * 1024, "{few} KiB and {many} KiB");
}
