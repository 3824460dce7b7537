//! Events that are sent to us.

use super::{event, ids};
use crate::support::{Place, hivelog};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// Sends a request and returns the status line.
fn send(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!(
        "{head}Host: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn events_that_are_sent_to_us_are_taken_at_once() {
    let running = hivelog([
        "tail",
        "--listen",
        ":0",
        "--envelope",
        "/in",
        "--count",
        "4",
    ])
    .start();
    let told = running.stderr.until("listening on http://127.0.0.1:");
    let address = told
        .trim()
        .rsplit('/')
        .next()
        .expect("an address")
        .to_owned();
    let inside = |event: &str| format!("{{\"in\":{event}}}");
    let one = inside(&event(1, "auth.ok"));
    assert!(send(&address, "POST / HTTP/1.1\r\n", &one).contains(" 204 "));
    assert!(running.stdout.next().contains("e-1"));
    let two = inside(&format!(
        "[{},{}]",
        event(2, "auth.ok"),
        event(3, "auth.ok")
    ));
    assert!(send(&address, "PUT /any/path HTTP/1.1\r\n", &two).contains(" 204 "));
    assert!(
        send(&address, "POST / HTTP/1.1\r\n", &one).contains(" 204 "),
        "a repeat"
    );
    assert!(send(&address, "POST / HTTP/1.1\r\n", "nonsense").contains(" 204 "));
    assert!(send(&address, "GET / HTTP/1.1\r\n", "").contains(" 405 "));
    let large = "x".repeat((1 << 20) + 1);
    assert!(send(&address, "POST / HTTP/1.1\r\n", &large).contains(" 413 "));
    assert!(
        send(
            &address,
            "POST / HTTP/1.1\r\n",
            &inside(&event(4, "auth.ok"))
        )
        .contains(" 204 ")
    );
    let ended = running.wait().exits(0);
    assert_eq!(ids(&ended.text()), ["e-2", "e-3", "e-4"]);
    assert!(ended.errors().contains("not JSON"));
}

#[test]
fn a_shared_secret_keeps_others_out() {
    let place = Place::new();
    let ready = place.path("ready");
    let line = [
        "tail",
        "--listen",
        "0",
        "--listen-path",
        "/in",
        "--count",
        "1",
        "--ready-file",
        "ready",
    ];
    let running = place
        .hivelog(line)
        .env("HIVELOG_LISTEN_SECRET", "canary")
        .start();
    running.stderr.until("listening on");
    // Said before the file is there; it is renamed into place, so it is whole once it is.
    while !ready.exists() {
        std::thread::yield_now();
    }
    let address = std::fs::read_to_string(&ready).expect("it is there");
    let address = address.trim().trim_start_matches("http://").to_owned();
    let body = event(1, "auth.ok");
    assert!(send(&address, "POST /in HTTP/1.1\r\n", &body).contains(" 401 "));
    let wrong = "POST /in HTTP/1.1\r\nX-Hivelog-Secret: canarx\r\n";
    assert!(send(&address, wrong, &body).contains(" 401 "));
    let right = "X-Hivelog-Secret: canary\r\n";
    assert!(send(&address, &format!("POST / HTTP/1.1\r\n{right}"), &body).contains(" 404 "));
    assert!(send(&address, &format!("POST /in HTTP/1.1\r\n{right}"), &body).contains(" 204 "));
    let ended = running.wait().exits(0);
    assert!(!(ended.text() + &ended.errors()).contains("canary"));
}

#[test]
fn answers_do_not_wait_for_a_reader_that_stalls() {
    let place = Place::new();
    let line = ["tail", "--listen", ":0", "--ready-file", "ready"];
    let mut command = place.hivelog(line).into_command();
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    while !place.path("ready").exists() {
        std::thread::yield_now();
    }
    let address = std::fs::read_to_string(place.path("ready")).expect("it is there");
    let address = address.trim().trim_start_matches("http://");
    // Nobody reads: the pipe is full after the first of them, and in the end so is the queue.
    let pad = "x".repeat(200_000);
    let body = |id: u32| format!(r#"{{"id":"e-{id}","type":"auth.ok","pad":"{pad}"}}"#);
    let mut taken = 0;
    let refused = loop {
        let answer = send(address, "POST / HTTP/1.1\r\n", &body(taken + 1));
        if !answer.contains(" 204 ") {
            break answer;
        }
        taken += 1;
        assert!(taken < 1000, "what is held has a bound");
    };
    assert_eq!(refused, "HTTP/1.1 503 Service Unavailable");
    assert!(taken > 64, "{taken}");
    // A stop shows what was taken with a good answer, and nothing else.
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.expect("kill").success());
    let stdout = child.stdout.take().expect("a pipe");
    let lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let mut shown = 0;
    for line in lines {
        shown += 1;
        assert!(
            line.starts_with(&format!("{{\"id\":\"e-{shown}\",")),
            "{shown}"
        );
    }
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert_eq!(shown, taken);
}
