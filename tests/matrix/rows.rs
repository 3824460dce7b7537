//! What plain HTTP/1.1 can do, one row a fault.

use super::End;
use crate::support::server::{Server, answer};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// A fault: what the first request, or connection, meets. What comes after meets a 200.
#[derive(Clone)]
pub enum Fault {
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

pub fn status(line: &str) -> Vec<u8> {
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
pub type Row = (u8, String, Fault, End);

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

pub fn rows() -> Vec<Row> {
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

pub fn server(fault: Fault) -> Server {
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
