//! Events that are sent to us.

use super::{event, ids};
use crate::support::{Place, Running, hivelog};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// Sends a request and returns the whole answer.
fn exchange(address: &str, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let host = if head.contains("Host:") {
        ""
    } else {
        "Host: localhost\r\n"
    };
    let head = format!(
        "{head}{host}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let request = [head.as_bytes(), body].concat();
    stream.write_all(&request).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// Sends a request and returns the status line.
fn send(address: &str, head: &str, body: &str) -> String {
    let answer = exchange(address, head, body.as_bytes());
    answer.lines().next().unwrap_or_default().to_owned()
}

/// The address of a listener that has just started.
fn address(running: &Running) -> String {
    let told = running.stderr.until("listening on http://127.0.0.1:");
    let address = told.trim().rsplit('/').next();
    address.expect("an address").to_owned()
}

/// The reason in an answer that refuses, which is one line of JSON.
fn reason(answer: &str) -> String {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body.matches('\n').count(), 1, "{body:?}");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    body["error"].as_str().expect("a reason").to_owned()
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
    let address = address(&running);
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
    let refused = exchange(&address, "POST / HTTP/1.1\r\n", b"nonsense");
    assert!(refused.contains(" 400 "), "{refused}");
    let why = "not JSON: nonsense is not a JSON value (byte 1)";
    assert_eq!(reason(&refused), why);
    let outside = event(9, "auth.ok");
    assert!(send(&address, "POST / HTTP/1.1\r\n", &outside).contains(" 400 "));
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
    let ended = ended.warns(why);
    let ended = ended.warns("no envelope at /in");
    let _ = ended.warns("1048577 bytes are more than the 1 MiB");
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

#[test]
fn every_form_of_json_is_taken_and_shown() {
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    };
    let deflate = |text: &str| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    };
    let one = |id| event(id, "auth.ok");
    let many: Vec<_> = (100..3100).map(one).collect();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let batch = "Content-Type: application/cloudevents-batch+json\r\n";
    let requests: Vec<(&str, Vec<u8>, usize)> = vec![
        ("Content-Type: application/json\r\n", one(1).into(), 1),
        (form, one(2).into(), 1),
        ("", format!("[{},{}]", one(3), one(4)).into(), 2),
        ("", format!("{}\n{}\n", one(5), one(6)).into(), 2),
        ("", format!("{}{}", one(7), one(8)).into(), 2),
        ("Content-Encoding: gzip\r\n", gzip(&one(9)), 1),
        ("Content-Encoding: deflate\r\n", deflate(&one(10)), 1),
        (
            "Content-Type: application/cloudevents+json\r\n",
            one(11).into(),
            1,
        ),
        (batch, format!("[{}]", one(12)).into(), 1),
        ("", format!("[{}]", many.join(",")).into(), 3000),
        ("", b"[]".to_vec(), 0),
    ];
    let all: usize = requests.iter().map(|(_, _, count)| count).sum();
    let count = (all + 1).to_string();
    let running = hivelog(["tail", "--listen", ":0", "--count", &count]).start();
    let address = address(&running);
    for (headers, body, _) in &requests {
        let head = format!("POST / HTTP/1.1\r\n{headers}");
        let answer = exchange(&address, &head, body);
        assert!(answer.starts_with("HTTP/1.1 204 "), "{headers}{answer}");
    }
    let binary = "POST / HTTP/1.1\r\nContent-Type: application/json\r\nce-specversion: 1.0\r\nce-type: auth.ok\r\nce-id: last\r\nce-source: /a%20b\r\n";
    let answer = exchange(&address, binary, b"{\"n\": 1.0}");
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    let ended = running.wait().exits(0);
    assert_eq!(ended.errors(), "");
    let shown = ended.ndjson();
    assert_eq!(shown.len(), all + 1);
    let last = shown.last().expect("an event");
    assert_eq!(
        (&last["source"], &last["data"]["n"]),
        (&"/a b".into(), &1.0.into())
    );
}

#[test]
fn what_is_refused_is_told_to_both_sides_in_the_same_words() {
    let place = Place::new();
    let line = ["tail", "--listen", ":0", "--listen-path", "/in"];
    let run = place.hivelog(line).env("HIVELOG_LISTEN_SECRET", "canary");
    let running = run.start();
    let address = address(&running);
    let good = event(1, "auth.ok");
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let msgpack = "Content-Type: application/msgpack\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let multipart = "Content-Type: multipart/form-data; boundary=x\r\n";
    let (wrong, page) = (
        "X-Hivelog-Secret: canarx\r\n",
        "Origin: http://evil.example\r\n",
    );
    for (line, headers, body, status, header) in [
        (
            "POST /in",
            wrong,
            good.as_bytes(),
            401,
            "www-authenticate: ",
        ),
        ("POST /other", "", good.as_bytes(), 404, ""),
        ("GET /in", "", b"", 405, "allow: POST, PUT\r\n"),
        ("POST /in", page, good.as_bytes(), 403, ""),
        (
            "POST /in",
            "Sec-Fetch-Site: cross-site\r\n",
            good.as_bytes(),
            403,
            "",
        ),
        (
            "POST /in",
            "Host: evil.example\r\n",
            good.as_bytes(),
            403,
            "",
        ),
        ("POST /in", "", b"", 400, ""),
        ("POST /in", "", br#"{"type":"auth.ok","id":"#, 400, ""),
        (
            "POST /in",
            "",
            br#"[{"type":"auth.ok"},{"id":"x"}]"#,
            400,
            "",
        ),
        ("POST /in", msgpack, b"\x82\xa4type\xa1x", 415, ""),
        ("POST /in", form, b"type=auth.ok", 415, ""),
        ("POST /in", multipart, b"--x\r\n\r\n{}\r\n--x--", 415, ""),
        ("POST /in", "", &utf16, 415, ""),
        (
            "POST /in",
            "Content-Encoding: br\r\n",
            good.as_bytes(),
            415,
            "accept-encoding: gzip, deflate\r\n",
        ),
        (
            "POST /in",
            "Content-Encoding: gzip\r\n",
            good.as_bytes(),
            400,
            "",
        ),
    ] {
        let secret = if headers == wrong {
            ""
        } else {
            "X-Hivelog-Secret: canary\r\n"
        };
        let head = format!("{line} HTTP/1.1\r\n{headers}{secret}");
        let answer = exchange(&address, &head, body);
        let status_line = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&status_line), "{head}{answer}");
        assert!(answer.contains(header), "{head}{answer}");
        let told = format!("refused {line} ({status}): {}", reason(&answer));
        running.stderr.until(&told);
    }
    running.signal("INT");
    assert_eq!(running.wait().exits(130).text(), "", "nothing is shown");
    let line = ["tail", "--listen", ":0", "--listen-path", "/in?a=b"];
    let _ = place.hivelog(line).run().exits(2).warns("has a query");
}
