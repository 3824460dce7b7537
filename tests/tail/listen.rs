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
    let reported = running.stderr.until("listening on http://127.0.0.1:");
    let (_, address) = reported.trim().rsplit_once("http://").expect("an address");
    address.split('/').next().unwrap_or_default().to_owned()
}

/// The reason in an answer that refuses, which is one line of JSON.
fn reason(answer: &str) -> String {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body.matches('\n').count(), 1, "{body:?}");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    body["error"].as_str().expect("a reason").to_owned()
}

#[test]
fn events_that_are_sent_to_us_are_accepted_at_once() {
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
    let why = "not JSON: nonsense is not a JSON value (byte 1); sent without a content type";
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
    let _ = ended.warns("1048577 bytes exceed the limit of 1 MiB");
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
    // It is where events are sent to.
    let address = address.trim().strip_suffix("/in").expect("the path");
    let address = address.trim_start_matches("http://").to_owned();
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
    assert!(taken > 32, "{taken}");
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
fn every_form_of_json_is_accepted_and_shown() {
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
fn a_rejection_reads_the_same_on_both_sides() {
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
        let reported = format!("refused {line} ({status}): {}", reason(&answer));
        running.stderr.until(&reported);
    }
    running.signal("INT");
    assert_eq!(running.wait().exits(130).text(), "", "nothing is shown");
    let line = ["tail", "--listen", ":0", "--listen-path", "/in?a=b"];
    let _ = place.hivelog(line).run().exits(2).warns("has a query");
}

#[test]
fn the_shared_secret_may_come_as_basic_authentication_or_as_a_token() {
    for (secret, given, status) in [
        ("canary", "Bearer canary", 204),
        ("canary", "bearer  canary", 204),
        ("canary", "Basic dTpjYW5hcnk=", 204),
        ("u:canary", "Basic dTpjYW5hcnk=", 204),
        ("v:canary", "Basic dTpjYW5hcnk=", 401),
        ("canary", "Basic dTpjYW5hcng=", 401),
        ("canary", "Basic canary", 401),
        ("canary", "Bearer canar", 401),
        ("canary", "canary", 401),
    ] {
        let run = hivelog(["tail", "--listen", ":0", "--count", "1"]);
        let running = run.env("HIVELOG_LISTEN_SECRET", secret).start();
        let address = address(&running);
        let head = format!("POST / HTTP/1.1\r\nAuthorization: {given}\r\n");
        let answer = exchange(&address, &head, event(1, "auth.ok").as_bytes());
        let line = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&line), "{given}: {answer}");
        if status == 401 {
            assert!(
                answer.contains("www-authenticate: Basic realm="),
                "{answer}"
            );
            running.signal("INT");
            running.wait().exits(130);
        } else {
            running.wait().exits(0);
        }
    }
}

#[test]
fn a_long_body_is_accepted_in_parts_and_a_short_one_whole_or_not_at_all() {
    let running = hivelog(["tail", "--listen", ":0"]).start();
    let address = address(&running);
    let lines = |ids: std::ops::Range<u32>| -> String {
        let pad = "x".repeat(1000);
        let line = |id| format!("{{\"id\":\"e-{id}\",\"type\":\"auth.ok\",\"pad\":\"{pad}\"}}\n");
        ids.map(line).collect()
    };
    let short = lines(0..10) + "nonsense\n";
    let answer = exchange(&address, "POST / HTTP/1.1\r\n", short.as_bytes());
    assert!(answer.contains(" 400 "), "{answer}");
    assert!(
        reason(&answer).starts_with("event 11: not JSON"),
        "{answer}"
    );
    assert!(!answer.contains("taken"), "{answer}");
    let long = lines(1000..4000) + "nonsense\n";
    let answer = exchange(&address, "POST / HTTP/1.1\r\n", long.as_bytes());
    assert!(answer.contains(" 400 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let taken = body["taken"].as_u64().expect("a number");
    assert!((1000..3000).contains(&taken), "{body}");
    let said = format!("({taken} values before it were accepted)");
    running.stderr.until(&said);
    let all = lines(5000..9000);
    let answer = exchange(&address, "POST / HTTP/1.1\r\n", all.as_bytes());
    assert!(answer.contains(" 204 "), "{answer}");
    running.signal("INT");
    let shown = ids(&running.wait().exits(130).text());
    let first: Vec<_> = (1000..1000 + u32::try_from(taken).expect("few")).collect();
    let wanted = first
        .into_iter()
        .chain(5000..9000)
        .map(|id| format!("e-{id}"));
    assert_eq!(shown, wanted.collect::<Vec<_>>());
}

#[test]
fn little_that_becomes_much_is_refused_at_the_limit() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..80 {
        encoder.write_all(&blanks).expect("memory");
    }
    let bomb = encoder.finish().expect("memory");
    let running = hivelog(["tail", "--listen", ":0"]).start();
    let address = address(&running);
    let head = "POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n";
    let answer = exchange(&address, head, &bomb);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(reason(&answer), "the body has more than 32 MiB");
}

/// Sends the head of a request, and what there is of its body.
fn begin(address: &str, length: usize, part: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
    let bytes = [head.as_bytes(), part].concat();
    stream.write_all(&bytes).expect("it reads");
    stream
}

#[test]
fn bodies_that_come_slowly_hold_nobody_up() {
    let running = hivelog(["tail", "--listen", ":0", "--count", "65"]).start();
    let address = address(&running);
    let slow: Vec<String> = (1..=64)
        .map(|id| {
            let pad = "x".repeat(if id % 2 == 0 { 100_000 } else { 10 });
            format!("{{\"id\":\"e-{id}\",\"type\":\"auth.ok\",\"pad\":\"{pad}\"}}")
        })
        .collect();
    let half = |body: &String| begin(&address, body.len(), &body.as_bytes()[..body.len() / 2]);
    let mut streams: Vec<_> = slow.iter().map(half).collect();
    let head = "POST / HTTP/1.1\r\n";
    assert!(send(&address, head, &event(0, "auth.ok")).contains(" 204 "));
    assert!(running.stdout.next().contains("e-0"));
    for (stream, body) in streams.iter_mut().zip(&slow) {
        let rest = &body.as_bytes()[body.len() / 2..];
        stream.write_all(rest).expect("it reads");
    }
    for stream in &mut streams {
        let mut status = [0; 12];
        stream.read_exact(&mut status).expect("it answers");
        assert_eq!(&status, b"HTTP/1.1 204");
    }
    let shown = ids(&running.wait().exits(0).text());
    assert_eq!(shown.len(), 64);
}

#[test]
fn a_thousand_connections_may_be_open() {
    let running = hivelog(["tail", "--listen", ":0", "--count", "2"]).start();
    let address = address(&running);
    hivelog::host::raise_descriptor_limit();
    let mut open: Vec<_> = (0..1000).map(|_| begin(&address, 100, b"")).collect();
    let head = "POST / HTTP/1.1\r\n";
    assert!(send(&address, head, &event(1, "auth.ok")).contains(" 204 "));
    // The first of them has not been closed for it.
    let body = format!("{:100}", event(2, "auth.ok"));
    open[0].write_all(body.as_bytes()).expect("it reads");
    let mut status = [0; 12];
    open[0].read_exact(&mut status).expect("it answers");
    assert_eq!(&status, b"HTTP/1.1 204");
    assert_eq!(ids(&running.wait().exits(0).text()), ["e-1", "e-2"]);
}

#[test]
fn what_was_answered_is_in_the_copy_and_in_the_position() {
    let place = Place::new();
    let line = ["tail", "--listen", ":0", "--tee", "copy", "--resume", "in"];
    let head = "POST / HTTP/1.1\r\n";
    let mut wanted = Vec::new();
    for round in 1..=2 {
        let mut running = place.hivelog(line).start();
        let address = address(&running);
        for id in 1..=5 * round {
            let answer = send(&address, head, &event(id, "auth.ok"));
            assert!(answer.contains(" 204 "), "{answer}");
            let event = event(id, "auth.ok");
            if !wanted.contains(&event) {
                wanted.push(event);
            }
            let copy = std::fs::read_to_string(place.path("copy")).expect("a copy");
            let events = copy.lines().filter(|line| !line.contains("hivelog.gap"));
            let events: Vec<_> = events.collect();
            assert_eq!(events, wanted, "written before the answer, and once");
        }
        running.kill();
    }
}
