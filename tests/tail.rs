//! `tail`, through the program: recorded events, servers of several kinds, and every verdict.

use crate::support::server::{Request, Server, answer};
use crate::support::{Place, Running, data, hivelog};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

fn event(id: u32, name: &str) -> String {
    format!(
        r#"{{"id":"e-{id}","ts":"2024-05-03T05:30:0{}Z","type":"{name}","data":{{"n":{id}}}}}"#,
        id % 10
    )
}

fn events(names: &[&str]) -> String {
    names
        .iter()
        .zip(1..)
        .map(|(name, id)| event(id, name) + "\n")
        .collect()
}

/// The ids that were shown, without hivelog's own records.
fn ids(ndjson: &str) -> Vec<String> {
    ndjson
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .filter(|event| event["kind"] != "hivelog")
        .map(|event| event["id"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn recorded_events_come_out_byte_for_byte_however_they_are_framed() {
    let one = r#"{ "id":"a", "type":"x.y", "n":1.50, "t":"\u0041\/ü" }"#;
    let two = r#"{"type":"auth.ok","data":{}}"#;
    let expected = format!("{one}\n{two}\n");
    for framed in [
        format!("{one}\n{two}\n"),
        format!("\u{feff}{one}\r\n\r\n{two}"),
        format!("[{one},\n{two}]"),
        format!("{one}{two}"),
    ] {
        let place = Place::new();
        place.file("events", &framed);
        for run in [
            place.hivelog(["tail", "events"]),
            hivelog(["tail", "-"]).stdin(framed.clone()),
            hivelog(["tail"]).stdin(framed.clone()),
        ] {
            let ended = run.run().exits(0);
            assert_eq!(ended.text(), expected, "{framed:?}");
            assert_eq!(ended.errors(), "");
        }
    }
    // What came over several lines is compacted, and nothing else changes.
    let ended = hivelog(["tail"])
        .stdin("{\n \"type\" : \"a b\",\n \"n\": 1.50\n}")
        .run();
    assert_eq!(ended.exits(0).text(), "{\"type\":\"a b\",\"n\":1.50}\n");
}

#[test]
fn every_verdict_has_its_exit_code() {
    let input = events(&[
        "auth.ok",
        "trigger.event.ok",
        "trigger.event.error",
        "auth.renew",
    ]);
    for (args, code, shown) in [
        (&[][..], 0, 4),
        (&["--until", "trigger.event.ok"], 0, 2),
        (&["--until", "trigger.event.ok n=2"], 0, 2),
        (&["--until", "trigger.event.ok n=3"], 8, 4),
        (&["--until", "license.valid"], 8, 4),
        (&["--fail-on", "@bad"], 1, 3),
        (&["--fail-on", "@bad", "--until", "auth.ok"], 0, 1),
        (&["--fail-on", "auth.*", "--until", "auth.ok"], 1, 1),
        (&["--expect", "auth.renew"], 0, 4),
        (&["--expect", "server.ready"], 1, 4),
        (&["--expect", "auth.renew", "--count", "2"], 1, 2),
        (&["--count", "2"], 0, 2),
        (&["--count", "9"], 8, 4),
        (&["-t", "trigger.*", "--count", "2"], 0, 2),
        (&["-t", "!@bad", "--fail-on", "@bad"], 1, 2),
        (&["-t", "server.*"], 0, 0),
        (&["--last", "1"], 0, 1),
        (&["--since", "2024-05-03T05:30:03Z"], 0, 2),
        (&["--where", "n >= 2 and not type ~ renew"], 0, 2),
        (&["--grep", "e-[12]"], 0, 2),
    ] {
        let mut line = vec!["tail"];
        line.extend(args);
        let ended = hivelog(&line).stdin(input.clone()).run().exits(code);
        assert_eq!(ended.text().lines().count(), shown, "{}", ended.tell());
    }
    hivelog(["tail"]).stdin("").run().exits(3);
    hivelog(["tail"]).stdin("\n nonsense\n").run().exits(3);
    hivelog(["tail", "--allow-empty"]).stdin("").run().exits(0);
    hivelog(["tail", "absent.ndjson"])
        .run()
        .exits(3)
        .warns("absent.ndjson");
}

#[test]
fn time_outs_end_without_a_verdict() {
    for flag in ["--timeout", "--idle-timeout"] {
        let mut running = hivelog(["tail", flag, "200ms"]).start();
        running.write(event(1, "auth.ok").as_bytes());
        running.write(b"\n");
        running.stdout.until("e-1");
        running.stderr.until(flag);
        // Standard input is still open: the clock has ended it, and not the input.
        running.end().exits(8);
    }
}

#[test]
fn what_was_typed_wrongly_is_told_with_its_place() {
    for (args, told) in [
        (["--where", "data.n >"], "at character 9"),
        (
            ["--until", "trigger.event.okk"],
            "did you mean trigger.event.ok?",
        ),
        (["--type", "@bda"], "did you mean @bad?"),
        (
            ["--type", "trigger.schedul.failed"],
            "did you mean trigger.schedule.failed?",
        ),
        (["--grep", "["], "regular expression"),
        (["--server", "http://example.com"], "not encrypted"),
        (["--server", "localhost:80"], "scheme"),
        (["--server", "https://user:canary@x.example"], "user name"),
        (["--listen", "nonsense"], "HOST:PORT"),
        (["--count", "0"], "--count"),
        (["--envelope", "a.b"], "/a/b"),
        (["--since", "whenever"], "--since"),
    ] {
        let ended = hivelog(["tail", args[0], args[1]])
            .run()
            .exits(2)
            .warns(told);
        assert!(!ended.errors().contains("canary"));
    }
}

#[test]
fn flaws_are_remarks_and_stop_nothing() {
    let large = format!(r#"{{"type":"x","pad":"{}"}}"#, "x".repeat(2 << 20));
    let input = format!(
        "{}\nnonsense\n{{\"no\":\"type\"}}\n{large}\n\x1b[2J\n{}\n",
        event(1, "auth.ok"),
        event(2, "auth.ok")
    );
    let ended = hivelog(["tail", "-"]).stdin(input).run().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    let errors = ended.errors();
    assert!(errors.contains("-:2:1: not JSON"), "{errors}");
    assert!(errors.contains("-:3:1: no type"), "{errors}");
    assert!(
        errors.contains("-:4:1: ") && errors.contains("1 MiB"),
        "{errors}"
    );
    assert!(!errors.contains('\u{1b}'));
}

#[test]
fn an_event_is_shown_before_the_next_one_is_made() {
    let mut running = hivelog(["tail"]).start();
    for id in 1..=3 {
        running.write((event(id, "auth.ok") + "\n").as_bytes());
        assert!(running.stdout.next().contains(&format!("e-{id}")));
    }
    running.end().exits(0);
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let place = Place::new();
    let names = vec!["auth.ok"; 100_000];
    place.file("events", events(&names));
    let script = format!(
        "{{ '{}' tail '{}'; echo \"code $?\" >&2; }} | head -1",
        env!("CARGO_BIN_EXE_hivelog"),
        place.path("events").display()
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .output()
        .expect("sh");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "code 0\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
}

#[test]
fn a_signal_stops_it_cleanly() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut running = hivelog(["tail"]).start();
        running.write((event(1, "auth.ok") + "\n").as_bytes());
        running.stdout.until("e-1");
        running.signal(name);
        let ended = running.wait();
        assert_eq!(ended.exits(code).errors(), "");
    }
}

#[test]
fn hostile_text_is_harmless_on_its_way_to_a_person() {
    let raw = "{\"ts\":\"2024-05-03T05:30:00Z\",\"type\":\"auth.error\",\"data\":{\"username\":\"a\\u001b]52;c;eA==\\u0007\",\"reason\":\"x\\r\\ny\\u202e\u{9b}31m\"}}";
    let ended = hivelog(["tail", "-o", "human"]).stdin(raw).run().exits(0);
    let text = ended.text();
    assert_eq!(text.matches('\n').count(), 1, "{text:?}");
    assert!(
        text.trim_end()
            .chars()
            .all(|c| !c.is_control() && c != '\u{202e}'),
        "{text:?}"
    );
    let ended = hivelog(["tail"]).stdin(raw).run().exits(0);
    assert_eq!(ended.text(), format!("{raw}\n"), "byte for byte in a pipe");
}

/// A foreign server, as a process of its own.
struct Foreign {
    child: Child,
    port: u16,
    lines: Receiver<String>,
}

impl Foreign {
    /// Starts it, or says aloud why not.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn start(args: [&str; 4]) -> Option<Foreign> {
        let spawned = Command::new("python3")
            .arg(data("sse_server.py"))
            .args(args)
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = spawned else {
            eprintln!("SKIPPED: there is no python3 for the foreign server");
            return None;
        };
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("a pipe");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let first = lines
            .recv_timeout(crate::support::PATIENCE)
            .expect("a port");
        Some(Foreign {
            child,
            port: first.parse().expect("a port"),
            lines,
        })
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_stream_that_is_cut_anywhere_loses_and_repeats_nothing() {
    for (newline, cut, way) in [
        ("lf", "1501", "close"),
        ("crlf", "1733", "close"),
        ("cr", "1999", "close"),
        ("lf", "1777", "reset"),
    ] {
        let Some(foreign) = Foreign::start(["30", cut, newline, way]) else {
            return;
        };
        let server = format!("http://127.0.0.1:{}", foreign.port);
        let ended = hivelog(["tail", "--server", &server, "--meta"])
            .run()
            .exits(0);
        let wanted: Vec<_> = (1..=30).map(|id| format!("e-{id}")).collect();
        assert_eq!(ids(&ended.text()), wanted, "{}", ended.tell());
        let gaps: Vec<_> = ended
            .ndjson()
            .into_iter()
            .filter(|event| event["type"] == "hivelog.gap")
            .collect();
        assert!(!gaps.is_empty());
        assert!(
            gaps.iter()
                .all(|gap| gap["recovered"] == true && gap["from"].is_string()),
            "{gaps:?}"
        );
        let mut asked = Vec::new();
        while asked.last().is_none_or(|last| last != "30") {
            let next = foreign.lines.recv_timeout(crate::support::PATIENCE);
            asked.push(next.expect("it asks for what comes after the last event"));
        }
        assert_eq!(asked[0], "None");
        assert!(asked.len() > 3, "it was cut: {asked:?}");
    }
}

fn sse(stream: &mut TcpStream, body: &[u8]) {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let _ = stream.write_all(head);
    let _ = stream.write_all(body);
    let _ = stream.flush();
}

fn tail(server: &Server, more: &[&str]) -> Running {
    let url = server.url();
    let mut line = vec!["tail", "--server", &url];
    line.extend(more);
    hivelog(line).start()
}

/// Waits for the other side to hang up.
fn hold(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 64]);
}

#[test]
fn bytes_of_a_stream_may_come_one_by_one() {
    let server = Server::scripted(|_, _, stream| {
        sse(stream, b"");
        let body = format!(
            "\u{feff}data: {}\r\n\r\ndata: {}\r\r",
            event(1, "auth.ok"),
            event(2, "auth.ok")
        );
        for byte in body.as_bytes() {
            let _ = stream.write_all(&[*byte]);
            let _ = stream.flush();
        }
        hold(stream);
    });
    let ended = tail(&server, &["--count", "2"]).wait().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    let request = &server.requests()[0];
    assert_eq!(request.header("accept-encoding"), Some("identity"));
    assert!(
        request
            .head
            .starts_with("GET /api/v1/events/stream HTTP/1.1")
    );
}

#[test]
fn an_event_from_a_server_is_shown_at_once() {
    let (go, wait) = channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = Server::scripted(move |_, _, stream| {
        sse(
            stream,
            format!("data: {}\n\n", event(1, "auth.ok")).as_bytes(),
        );
        let _ = wait.lock().expect("no panic").recv();
        let _ = stream.write_all(format!("data: {}\n\n", event(2, "auth.ok")).as_bytes());
        hold(stream);
    });
    let running = tail(&server, &[]);
    assert!(running.stdout.next().contains("e-1"));
    go.send(()).expect("it waits");
    assert!(running.stdout.next().contains("e-2"));
    running.signal("INT");
    running.wait().exits(130);
}

#[test]
fn a_reader_that_comes_late_stalls_the_server_and_misses_nothing() {
    const COUNT: u32 = 24_000;
    let (stalled, stall) = channel::<()>();
    let stalled = std::sync::Mutex::new(stalled);
    let server = Server::scripted(move |_, _, stream| {
        sse(stream, b"");
        let pad = "x".repeat(1000);
        let events = (1..=COUNT).map(|id| {
            format!("data: {{\"id\":\"e-{id}\",\"type\":\"auth.ok\",\"pad\":\"{pad}\"}}\n\n")
        });
        let body = events.collect::<Vec<_>>().concat();
        let mut rest = body.as_bytes();
        // A write that gets nowhere for so long is a peer that does not read.
        let patience = Some(std::time::Duration::from_millis(500));
        stream.set_write_timeout(patience).expect("a socket");
        while !rest.is_empty() {
            match stream.write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    let _ = stalled.lock().expect("no panic").send(());
                }
                Err(error) => panic!("{error}"),
            }
        }
        hold(stream);
    });
    let limit = COUNT.to_string();
    let line = ["tail", "--server", &server.url(), "--count", &limit];
    let mut command = hivelog(line).into_command();
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let told = stall.recv_timeout(crate::support::PATIENCE);
    told.expect("24 MB must not all fit between the server and a reader that does not read");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let peak = status.ok().and_then(|status| {
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    assert!(peak.is_none_or(|kib| kib < 64 * 1024), "{peak:?} KiB");
    let stdout = child.stdout.take().expect("a pipe");
    let lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let mut shown = 0;
    for (line, id) in lines.zip(1..=COUNT) {
        assert!(line.starts_with(&format!("{{\"id\":\"e-{id}\",")), "{line}");
        shown = id;
    }
    assert!(child.wait().expect("it ends").success());
    assert_eq!(shown, COUNT);
}

#[test]
fn what_a_server_answers_decides_how_it_ends() {
    for (status, headers, code) in [
        ("204 No Content", "", 0),
        ("401 Unauthorized", "", 4),
        ("403 Forbidden", "", 4),
        ("404 Not Found", "", 2),
        ("302 Found", "Location: http://127.0.0.1:1/\r\n", 2),
        ("200 OK", "Content-Type: text/html\r\n", 2),
        ("422 Unprocessable Content", "", 5),
        ("503 Service Unavailable", "", 6),
        ("500 Internal Server Error", "", 6),
    ] {
        let server = Server::answering(move |_, _| answer(status, headers, ""));
        let ended = tail(&server, &[]).wait().exits(code);
        assert_eq!(server.requests().len(), 1, "{}", ended.tell());
    }
    let server = Server::answering(|_, _| answer("204 No Content", "", ""));
    tail(&server, &["--until", "auth.ok"]).wait().exits(8);
}

#[test]
fn reconnecting_has_a_bound_if_one_is_set() {
    let server = Server::answering(|_, _| answer("503 Service Unavailable", "", ""));
    tail(&server, &["--reconnect", "1"])
        .wait()
        .exits(6)
        .warns("503");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_gap_that_may_have_cost_events_can_end_the_run() {
    let script = |number: usize, _: &Request, stream: &mut TcpStream| {
        let id = u32::try_from(number).expect("few") + 1;
        sse(
            stream,
            format!("retry: 1\ndata: {}\n\n", event(id, "auth.ok")).as_bytes(),
        );
    };
    let ended = tail(&Server::scripted(script), &["--gap", "fail"])
        .wait()
        .exits(1);
    assert!(
        ended.text().contains("\"type\":\"hivelog.gap\""),
        "{}",
        ended.tell()
    );
    let ended = tail(&Server::scripted(script), &["--count", "2"])
        .wait()
        .exits(0);
    let ended = ended.warns("events may be missing");
    assert!(
        ended.text().contains("\"recovered\":false"),
        "{}",
        ended.tell()
    );
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    let ended = tail(
        &Server::scripted(script),
        &["--count", "2", "--gap", "ignore"],
    )
    .wait();
    assert_eq!(ended.exits(0).errors(), "");
}

#[test]
fn a_position_the_server_does_not_know_is_given_up() {
    let server = Server::scripted(|number, request, stream| match number {
        0 => sse(
            stream,
            format!("retry: 1\nid: 7\ndata: {}\n\n", event(1, "auth.ok")).as_bytes(),
        ),
        _ if request.header("last-event-id").is_some() => {
            let _ = stream.write_all(&answer("410 Gone", "", ""));
        }
        _ => sse(
            stream,
            format!("data: {}\n\n", event(2, "auth.ok")).as_bytes(),
        ),
    });
    let ended = tail(&server, &["--count", "2"]).wait().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    assert_eq!(
        ended.text().matches("hivelog.gap").count(),
        1,
        "{}",
        ended.tell()
    );
    assert!(ended.text().contains("\"recovered\":false"));
}

#[test]
fn lines_without_an_end_are_a_stream_too() {
    let server = Server::scripted(|number, _, stream| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n";
        let _ = stream.write_all(head);
        // The first connection is cut inside the second event.
        let body = format!("{}\n{}\n", event(1, "auth.ok"), event(2, "auth.ok"));
        let end = if number == 0 {
            body.len() - 9
        } else {
            body.len()
        };
        let _ = stream.write_all(&body.as_bytes()[..end]);
        if number > 0 {
            hold(stream);
        }
    });
    let ended = tail(&server, &["--count", "2"]).wait().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"], "the repeat is dropped");
}

#[test]
fn a_document_is_asked_for_again_and_repeats_are_dropped() {
    let server = Server::answering(|number, _| {
        let all: Vec<_> = (1..=u32::try_from(number).expect("few") + 2)
            .map(|id| event(id, "auth.ok"))
            .collect();
        let body = format!("[{}]", all.join(","));
        answer("200 OK", "Content-Type: application/json\r\n", &body)
    });
    let ended = tail(&server, &["--count", "4", "--poll-interval", "10ms"])
        .wait()
        .exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2", "e-3", "e-4"]);
    assert!(!ended.text().contains("hivelog.gap"));
    let ended = tail(&server, &["--no-follow"]).wait().exits(0);
    assert!(ended.text().lines().count() >= 4);
}

#[test]
fn a_login_gives_the_token_and_a_refused_token_asks_for_another() {
    let server = Server::scripted(|number, request, stream| {
        let _ = match number {
            0 | 2 => stream.write_all(&answer("200 OK", "", r#"{"token":"canary-1"}"#)),
            1 => stream.write_all(&answer("401 Unauthorized", "", "")),
            _ => {
                assert_eq!(request.header("authorization"), Some("Bearer canary-1"));
                sse(
                    stream,
                    format!("data: {}\n\n", event(1, "auth.ok")).as_bytes(),
                );
                hold(stream);
                Ok(())
            }
        };
    });
    let url = server.url();
    let line = [
        "tail",
        "--server",
        &url,
        "--username",
        "operator",
        "--count",
        "1",
        "-v",
    ];
    let ended = hivelog(line)
        .env("HIVELOG_SERVER_PASSWORD", "canary-2")
        .run()
        .exits(0);
    let said = ended.text() + &ended.errors();
    assert!(!said.contains("canary"), "{said}");
    let requests = server.requests();
    assert!(requests[0].head.starts_with("POST /api/v1/auth/login"));
    let body: serde_json::Value = serde_json::from_slice(&requests[0].body).expect("JSON");
    assert_eq!(
        body,
        serde_json::json!({"username": "operator", "password": "canary-2"})
    );
    hivelog(line)
        .run()
        .exits(2)
        .warns("HIVELOG_SERVER_PASSWORD");
}

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
fn websocket_messages_are_events() {
    use tokio_tungstenite::tungstenite::{Message, accept};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        // The first connection is dropped without a farewell, the second one says goodbye.
        for round in 0..3 {
            let (stream, _) = listener.accept().expect("it connects");
            let mut socket = accept(stream).expect("a handshake");
            let send = |socket: &mut tokio_tungstenite::tungstenite::WebSocket<TcpStream>,
                        text: String| {
                socket.send(Message::text(text)).expect("it reads");
            };
            send(&mut socket, event(1, "auth.ok"));
            match round {
                0 => {}
                1 => {
                    send(&mut socket, "x".repeat((1 << 20) + 1));
                    send(&mut socket, event(2, "auth.ok"));
                    socket
                        .send(Message::Ping(b"live?".to_vec().into()))
                        .expect("it reads");
                    assert_eq!(
                        socket.read().expect("an answer"),
                        Message::Pong(b"live?".to_vec().into())
                    );
                    socket.close(None).expect("it reads");
                    let _ = socket.read();
                }
                _ => {
                    send(&mut socket, event(3, "auth.ok"));
                    let _ = socket.read();
                }
            }
        }
    });
    let ended = hivelog(["tail", "--server", &url, "--count", "3"])
        .run()
        .exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2", "e-3"]);
    assert_eq!(
        ended.text().matches("hivelog.gap").count(),
        2,
        "{}",
        ended.tell()
    );
    let ended = ended.warns("1048577 bytes are more than the 1 MiB");
    assert!(ended.errors().contains("events may be missing"));
    server.join().expect("the server is content");
    let plain = Server::answering(|_, _| answer("200 OK", "", ""));
    tail(&plain, &["--transport", "websocket"]).wait().exits(2);
}

#[test]
fn pages_are_asked_for_from_a_position_on() {
    let server = Server::answering(|number, _| {
        let first = u32::try_from(number).expect("few") * 2 + 1;
        // Newest first: the position is still the newest.
        let items = [event(first + 1, "auth.ok"), event(first, "auth.ok")].join(",");
        answer(
            "200 OK",
            "Content-Type: application/json\r\n",
            &format!("{{\"page\":{{\"items\":[{items}]}}}}"),
        )
    });
    let more = [
        "--count",
        "5",
        "--poll-interval",
        "1ms",
        "--page-items",
        "/page/items",
        "--cursor-param",
        "after",
        "--last",
        "1",
    ];
    let ended = tail(&server, &more).wait().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-4", "e-3", "e-6", "e-5"]);
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            request
                .head
                .split_whitespace()
                .nth(1)
                .expect("a path")
                .to_owned()
        })
        .collect();
    let path = "/api/v1/events/stream";
    assert_eq!(
        asked[..3],
        [
            path.to_owned(),
            format!("{path}?after=e-2"),
            format!("{path}?after=e-4")
        ]
    );
}

#[test]
fn a_position_is_kept_between_runs_and_nothing_is_repeated() {
    let place = Place::new();
    // The server sends an overlap each time.
    let server = Server::scripted(|number, request, stream| {
        let first = match request.header("last-event-id") {
            None => 1,
            Some(last) => last
                .parse::<u32>()
                .expect("our own id")
                .saturating_sub(1)
                .max(1),
        };
        let body: Vec<_> = (first..first + 4)
            .map(|id| format!("id: {id}\ndata: {}\n\n", event(id, "auth.ok")))
            .collect();
        let body = body.concat();
        sse(stream, body.as_bytes());
        if number < 2 {
            hold(stream);
        }
    });
    let url = server.url();
    let run = |more: &[&str]| {
        let mut line = vec!["tail", "--server", &url, "--resume", "night"];
        line.extend(more);
        place.hivelog(line)
    };
    let ended = run(&["--count", "2"]).run().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"]);
    // The second run is interrupted, which is a clean stop too.
    let running = run(&[]).start();
    running.stdout.until("hivelog.gap");
    running.stdout.until("e-4");
    run(&[])
        .run()
        .exits(2)
        .warns("another hivelog is at 'night'");
    running.signal("INT");
    running.wait().exits(130);
    let ended = run(&["--count", "2"]).run().exits(0);
    assert_eq!(ids(&ended.text()), ["e-5", "e-6"], "{}", ended.tell());
    assert!(ended.text().contains("hivelog was not running"));
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("last-event-id").map(str::to_owned))
        .collect();
    assert_eq!(asked, [None, Some("2".to_owned()), Some("4".to_owned())]);
    place
        .hivelog(["tail", "--resume", "../up"])
        .run()
        .exits(2)
        .warns("is no name");
    // What a reader that has left never saw is not passed over in the next run.
    let script = format!(
        "'{}' tail --resume pipe '{}' | head -1",
        env!("CARGO_BIN_EXE_hivelog"),
        place
            .file("events", events(&vec!["auth.ok"; 5000]))
            .display()
    );
    let head = Command::new("sh")
        .args(["-c", &script])
        .env("HOME", place.path(""))
        .output();
    assert!(head.expect("sh").stdout.starts_with(b"{\"id\":\"e-1\""));
    let rest = place
        .hivelog(["tail", "--resume", "pipe", "events"])
        .run()
        .exits(0);
    assert_eq!(ids(&rest.text()).last().map(String::as_str), Some("e-5000"));
}

#[test]
fn several_servers_are_merged_and_named() {
    let serve = |first: u32| {
        Server::scripted(move |number, request, stream| {
            if number > 0 {
                let _ = stream.write_all(&answer("204 No Content", "", ""));
                return;
            }
            assert_eq!(request.header("authorization"), None);
            let body = format!("id: x\nretry: 1\ndata: {}\n\n", event(first, "auth.ok"));
            sse(stream, body.as_bytes());
        })
    };
    let (one, two) = (serve(1), serve(2));
    let place = Place::new();
    let profiles = format!(
        "[profile.one.server]\nurl = \"{}\"\n[profile.two.server]\nurl = \"{}\"\n",
        one.url(),
        two.url()
    );
    place.file("hivelog.toml", profiles);
    let line = ["tail", "--config", "hivelog.toml", "-p", "one", "-p", "two"];
    let ended = place.hivelog(line).run().exits(0);
    let mut named: Vec<_> = ended
        .ndjson()
        .iter()
        .filter(|event| event["kind"] != "hivelog")
        .map(|event| format!("{} {}", event["hivelogSource"], event["id"]))
        .collect();
    named.sort();
    assert_eq!(
        named,
        ["\"one\" \"e-1\"", "\"two\" \"e-2\""],
        "{}",
        ended.tell()
    );
    let line = [
        "stats",
        "--config",
        "hivelog.toml",
        "-p",
        "one",
        "-p",
        "two",
    ];
    place.hivelog(line).run().exits(2).warns("only tail");
}

#[test]
fn a_summary_stands_for_the_events_and_a_copy_holds_them() {
    let run = |millis: u32, name: &str| {
        format!(
            r#"{{"type":"trigger.event.{name}","data":{{"flow_name":"Orders","duration_ms":{millis}}}}}"#
        )
    };
    let input = [
        run(100, "ok"),
        run(200, "ok"),
        run(9000, "error"),
        event(1, "auth.ok"),
    ]
    .join("\n");
    let place = Place::new();
    let line = ["tail", "--summary", "--tee", "copy.ndjson"];
    let ended = place.hivelog(line).stdin(input.clone()).run().exits(0);
    let summary = ended.json();
    assert_eq!(summary["events"], 4);
    assert_eq!(summary["types"]["trigger.event.ok"], 2);
    let flow = &summary["flows"][0];
    assert_eq!(
        (&flow["key"], &flow["count"], &flow["errors"]),
        (&"Orders".into(), &3.into(), &1.into())
    );
    assert_eq!((&flow["p50"], &flow["p99"]), (&200.into(), &9000.into()));
    let copy = std::fs::read_to_string(place.path("copy.ndjson")).expect("a copy");
    assert_eq!(copy, input.clone() + "\n");
    let ended = hivelog(["tail", "--summary", "-o", "human"])
        .stdin(input)
        .run()
        .exits(0);
    assert!(ended.text().contains("4 events, 1 bad"), "{}", ended.text());
    assert!(!ended.text().contains('\u{1b}'));
}

#[test]
fn the_emulator_can_be_followed_without_any_setting() {
    let ended = hivelog(["tail", "--sandbox", "--count", "3"])
        .run()
        .exits(0);
    assert_eq!(ended.ndjson().len(), 3);
}
