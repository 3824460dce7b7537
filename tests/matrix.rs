//! What can go wrong on the way to the server, one row a fault, each with and without a spool,
//! from flags and from a pipe.

use crate::emit::{record, records};
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

/// How a record ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
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
enum Fault {
    /// These bytes, every time.
    Always(Vec<u8>),
    /// These bytes, once.
    Once(Vec<u8>),
    /// These bytes, once, and then silence.
    Stuck(&'static [u8]),
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

fn rows() -> Vec<(String, Fault, End)> {
    let mut rows: Vec<(String, Fault, End)> = Vec::new();
    let mut row = |name: &str, fault, end| rows.push((name.to_owned(), fault, end));
    for line in ["400", "409", "413", "414", "415", "422", "431"] {
        row(
            line,
            Fault::Always(status(&format!("{line} x"))),
            End::Refused,
        );
    }
    for line in ["401", "403", "407"] {
        row(
            line,
            Fault::Always(status(&format!("{line} x"))),
            End::Held(4),
        );
    }
    for line in ["304", "404", "405", "410", "501", "505"] {
        let bytes = format!("HTTP/1.1 {line} x\r\nContent-Length: 0\r\n\r\n").into_bytes();
        row(line, Fault::Always(bytes), End::Held(2));
    }
    for line in ["301", "302", "303", "307", "308"] {
        for to in ["http://127.0.0.1:9/", "https://localhost/", "//x/", "/same"] {
            let bytes = answer(&format!("{line} x"), &format!("Location: {to}\r\n"), "");
            row(
                &format!("{line} to {to}"),
                Fault::Always(bytes),
                End::Held(2),
            );
        }
    }
    for line in ["408", "425", "500", "502", "503", "504", "507", "520"] {
        let bytes = status(&format!("{line} x"));
        row(line, Fault::Once(bytes), End::Delivered(2, 0));
    }
    for line in ["400", "401", "404", "500"] {
        let name = format!("{line} RETRY_LATER");
        row(
            &name,
            Fault::Once(problem(&format!("{line} x"))),
            End::Delivered(2, 0),
        );
    }
    for (name, header, end) in [
        ("429", "", End::Delivered(2, 0)),
        ("429 after 0", "Retry-After: 0\r\n", End::Delivered(2, 0)),
        (
            "429 after garbage",
            "Retry-After: \u{1}soon\r\n",
            End::Delivered(2, 0),
        ),
        (
            "429 after less than nothing",
            "Retry-After: -1\r\n",
            End::Delivered(2, 0),
        ),
        ("429 after a day", "Retry-After: 86400\r\n", End::Late(0)),
    ] {
        // A header with a control character is no answer at all.
        let end = if header.contains('\u{1}') {
            End::Delivered(2, 1)
        } else {
            end
        };
        row(name, Fault::Once(answer("429 x", header, "")), end);
    }
    for (name, bytes) in [
        ("204", &b"HTTP/1.1 204 x\r\n\r\n"[..]),
        (
            "200 and HTML",
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
        ),
        (
            "200 and less than announced",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx",
        ),
        (
            "200 and a bad chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        ),
        (
            "103 before 200",
            b"HTTP/1.1 103 x\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ),
    ] {
        row(name, Fault::Once(bytes.to_vec()), End::Delivered(1, 0));
    }
    let storm = b"HTTP/1.1 100 x\r\n\r\n".repeat(10);
    let storm = [storm, status("200 OK")].concat();
    row("a storm of 100", Fault::Once(storm), End::Delivered(1, 0));
    rows.extend(broken());
    rows
}

/// Answers that never came, or not as answers.
fn broken() -> Vec<(String, Fault, End)> {
    let mut rows: Vec<(String, Fault, End)> = Vec::new();
    let mut row = |name: &str, fault, end| rows.push((name.to_owned(), fault, end));
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("half a status line", b"HTTP/1.1 2"),
        ("half a head", b"HTTP/1.1 200 OK\r\nContent-Le"),
        ("no HTTP", b"\0\x16\x03\x01garbage\r\n\r\n"),
        (
            "a header without a colon",
            b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        ),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        ),
        ("a header of 1 MiB", long.as_bytes()),
    ] {
        row(name, Fault::Once(bytes.to_vec()), End::Delivered(2, 1));
    }
    row("silence", Fault::Stuck(b""), End::Delivered(2, 1));
    row(
        "a head that never ends",
        Fault::Stuck(b"HTTP/1.1 200 OK\r\nX: "),
        End::Delivered(2, 1),
    );
    row(
        "reset in the head",
        Fault::Spoilt(|stream| take(stream, 20)),
        End::Delivered(2, 1),
    );
    row(
        "reset in the body",
        Fault::Spoilt(|stream| take(stream, 400)),
        End::Delivered(2, 1),
    );
    let reset_in_answer = |stream: &mut TcpStream| {
        take(stream, 20);
        let _ = stream.write_all(b"HTTP/1.1 20");
    };
    row(
        "reset in the answer",
        Fault::Spoilt(reset_in_answer),
        End::Delivered(2, 1),
    );
    let half = |stream: &mut TcpStream| {
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    };
    row(
        "closed for writing",
        Fault::Spoilt(half),
        End::Delivered(2, 1),
    );
    rows
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
        Fault::Spoilt(script) => Server::spoiling_the_first(script),
    }
}

/// Sends one record to a server.
fn send(place: &Place, server: &Server, spool: bool, flags: bool) -> Ended {
    let url = server.url();
    let mut args = vec!["emit", "-o", "ndjson", "--timeout", "2s", "--url", &url];
    args.extend(["--connector", "c"]);
    if spool {
        args.extend(["--spool", "spool"]);
    } else {
        args.push("--no-spool");
    }
    if flags {
        args.extend(["-c", "5004N", "-s", "INBOUND_2", "--outcome", "PROCESSING"]);
        args.extend([
            "--integration",
            "Shop",
            "--shape",
            "Product",
            "--schema",
            "limber",
        ]);
        args.extend(["--mode", "SANDBOX", "--external-id", "Shop=9"]);
        place.hivelog(args).env("HIVELOG_KEY", "k").run()
    } else {
        args.push("-");
        let run = place.hivelog(args).env("HIVELOG_KEY", "k");
        run.stdin(record("a", "5004N")).run()
    }
}

/// One row: what is told, what stays in the spool, and what the server saw.
fn check(name: &str, fault: Fault, end: End, spool: bool, flags: bool) {
    let place = Place::new();
    let server = server(fault);
    let ended = send(&place, &server, spool, flags);
    let about = format!("{name}, spool {spool}, flags {flags}: {}", ended.tell());
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
        End::Delivered(attempts, duplicates) => (attempts, duplicates),
        End::Refused | End::Held(_) => (1, 0),
        End::Late(duplicates) => (1, duplicates),
    };
    assert_eq!(result["attempts"], attempts, "{about}");
    assert_eq!(summary["maybeDuplicate"], duplicates, "{about}");
    let requests = server.requests();
    assert!(
        requests.windows(2).all(|two| two[0].body == two[1].body),
        "{about}"
    );
    if spool {
        let args = ["spool", "list", "--spool", "spool", "-o", "json"];
        let list = place.hivelog(args).run().exits(0).json();
        let state = list.get(0).and_then(|kept| kept["state"].as_str());
        assert_eq!(state, left, "{about}");
    }
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
                    let Some((name, fault, end)) = next else {
                        break;
                    };
                    let at = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let even = at.is_multiple_of(2);
                    let copy = match &fault {
                        Fault::Always(bytes) => Fault::Always(bytes.clone()),
                        Fault::Once(bytes) => Fault::Once(bytes.clone()),
                        Fault::Stuck(bytes) => Fault::Stuck(bytes),
                        Fault::Spoilt(script) => Fault::Spoilt(*script),
                    };
                    check(&name, copy, end, false, even);
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
