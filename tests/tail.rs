//! `tail`, through the program: recorded events, servers of several kinds, and every verdict.

mod continuity;
mod files;
mod floods;
mod foreign;
mod killed;
mod listen;
mod login;
mod mapping;
mod polling;
mod recorded;
mod slow;
mod websocket;

use crate::support::server::{Server, answer};
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
        (&["--before", "2024-05-03T05:30:03Z"], 0, 2),
        (
            &[
                "--since",
                "2024-05-03 05:30:02",
                "--before",
                "2024-05-03 05:30:03",
            ],
            0,
            1,
        ),
        (&["--since", "yesterday"], 0, 0),
        (&["--since", "-3h"], 0, 0),
        (&["--before", "3h"], 0, 4),
        (&["--since", "today", "--before", "yesterday"], 2, 0),
        (&["-n", "2"], 0, 2),
        (&["--where", "n >= 2 and not type ~ renew"], 0, 2),
        (&["--grep", "e-[12]"], 0, 2),
    ] {
        let mut line = vec!["tail"];
        line.extend(args);
        let ended = hivelog(&line).stdin(input.clone()).run().exits(code);
        assert_eq!(
            ended.text().lines().count(),
            shown,
            "{}",
            ended.transcript()
        );
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
fn a_typing_error_is_reported_with_its_position() {
    for (args, reported) in [
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
        (["--fields", "id,typ"], "did you mean type?"),
        (["--redact", "flowName"], "did you mean flow_name?"),
        (["--where", "n = 1 and duraton_ms > 2"], "at character 11"),
        (
            ["--until", "*.ok trigger_nam=x"],
            "did you mean trigger_name?",
        ),
        (["--expect", "dta.x=1"], "did you mean data.x?"),
        (["--until", "trigger.schedule.ok =5"], "is an event type"),
        (["--where", "auth.ok"], "is an event type"),
    ] {
        let ended = hivelog(["tail", args[0], args[1]])
            .run()
            .exits(2)
            .warns(reported);
        assert!(!ended.errors().contains("canary"));
    }
}

#[test]
fn names_that_no_event_had_are_reported_at_the_end() {
    let input = events(&["auth.ok", "auth.renew"]);
    for (args, reported) in [
        (
            &["--fields", "id,n,customer"][..],
            &["'customer' (--fields)"][..],
        ),
        (
            &["--fields", "id", "--redact", "n,shade"],
            &["'shade' (--redact)"],
        ),
        (
            &["--fields", "xx,yy"],
            &["'xx' (--fields)", "'yy' (--fields)"],
        ),
        (&["--fields", "id,data.n,flow_name"], &[]),
        (&["--fields", "data.xx"], &["'data.xx' (--fields)"]),
    ] {
        let line = ["tail"].iter().chain(args);
        let ended = hivelog(line).stdin(input.clone()).run().exits(0);
        let errors = ended.errors();
        let said: Vec<_> = errors
            .lines()
            .filter_map(|line| {
                line.split_once("no event had a field ")
                    .map(|(_, name)| name)
            })
            .collect();
        assert_eq!(said, reported, "{}", ended.transcript());
        assert_eq!(
            errors.lines().count(),
            reported.len(),
            "{}",
            ended.transcript()
        );
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
    let reported = "-:2:1: not JSON: nonsense is not a JSON value";
    assert!(errors.contains(reported), "{errors}");
    let counted = "skipped 1 other record: neither event logs nor sys events";
    assert!(errors.contains(counted), "{errors}");
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
fn a_signal_stops_it_cleanly() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut running = hivelog(["tail"]).start();
        running.write((event(1, "auth.ok") + "\n").as_bytes());
        running.stdout.until("e-1");
        running.signal(name);
        let ended = running.wait();
        let said = "stopped: 1 event shown, 0 bad\n";
        assert_eq!(ended.exits(code).errors(), said);
    }
}

#[test]
fn hostile_text_is_harmless_on_its_way_to_a_person() {
    let raw = "{\"ts\":\"2024-05-03T05:30:00Z\",\"type\":\"auth.error\",\"data\":{\"username\":\"a\\u001b]52;c;eA==\\u0007\",\"reason\":\"x\\r\\ny\\u202e\u{9b}31m\"}}";
    let ended = hivelog(["tail", "-o", "human"]).stdin(raw).run().exits(0);
    let text = ended.text();
    assert_eq!(text.matches('\n').count(), 2, "{text:?}");
    assert!(
        text.trim_end()
            .replacen('\n', "", 1)
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
        assert_eq!(ids(&ended.text()), wanted, "{}", ended.transcript());
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
fn what_is_too_large_is_reported_before_it_ends() {
    for (kind, begin) in [
        ("text/event-stream", "data: "),
        ("application/x-ndjson", "{\"type\":\""),
        ("application/json", "[{\"type\":\""),
    ] {
        let server = Server::scripted(move |_, _, stream| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{begin}");
            let endless = head + &"x".repeat(2 << 20);
            stream.write_all(endless.as_bytes()).expect("it reads");
            hold(stream);
        });
        let mut running = tail(&server, &[]);
        running.stderr.until("more than 1 MiB is skipped");
        running.kill();
    }
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
fn a_stream_that_stays_open_ends_behind_what_was_there_if_no_more_is_wanted() {
    let server = Server::scripted(move |_, _, stream| {
        let new = event(2, "auth.ok").replace("2024", "2999");
        let body = format!("data: {}\n\n", event(1, "auth.ok"));
        sse(stream, body.as_bytes());
        let new = format!("id: 2\ndata: {new}\n\n");
        while stream.write_all(new.as_bytes()).is_ok() {}
    });
    let ended = tail(&server, &["--no-follow"]).wait().exits(0);
    assert_eq!(ids(&ended.text())[0], "e-1");
    let more = ["--no-follow", "--until", "server.ready"];
    let ended = tail(&server, &more).wait().exits(8);
    let _ = ended.warns("everything available has been shown before --until 'server.ready'");
}

#[test]
fn what_a_server_answers_decides_how_it_ends() {
    for (status, headers, code) in [
        ("204 No Content", "", 0),
        ("205 Reset Content", "", 2),
        (
            "206 Partial Content",
            "Content-Type: text/event-stream\r\n",
            2,
        ),
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
        assert_eq!(server.requests().len(), 1, "{}", ended.transcript());
    }
    let server = Server::answering(|_, _| answer("204 No Content", "", ""));
    tail(&server, &["--until", "auth.ok"]).wait().exits(8);
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
        ended.transcript()
    );
    let ended = ended.warns("1048577 bytes exceed the limit of 1 MiB");
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
fn paths_are_asked_for_with_the_query_they_were_given() {
    let server = Server::answering(|_, request| {
        let login = request.head.starts_with("POST");
        let body = if login { r#"{"token":"t"}"# } else { "[]" };
        answer("200 OK", "Content-Type: application/json\r\n", body)
    });
    let place = Place::new();
    place.file(
        "hivelog.toml",
        format!(
            "default_profile = \"a\"\n[profile.a.server]\nurl = \"{}\"\nusername = \"u\"\nlogin_path = \"/login?realm=a\"\n",
            server.url()
        ),
    );
    let line = [
        "tail",
        "--config",
        "hivelog.toml",
        "--events-path",
        "/x?topic=a&b=%2F",
        "--cursor-param",
        "after",
        "--no-follow",
    ];
    let run = place.hivelog(line).env("HIVELOG_SERVER_PASSWORD", "p");
    let ended = run.run();
    let lines: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.head.lines().next().expect("a line").to_owned())
        .collect();
    let expected = [
        "POST /login?realm=a HTTP/1.1",
        "GET /x?topic=a&b=%2F HTTP/1.1",
    ];
    assert_eq!(lines, expected, "{}", ended.transcript());
}

#[test]
fn a_page_without_events_where_they_should_be_says_what_it_has() {
    let item = event(1, "auth.ok");
    let page = format!("{{\"page\":{{\"items\":[{item}]}},\"next\":null}}");
    let head = "Content-Type: application/json\r\n";
    for (pointer, reported) in [
        (
            "/items",
            "no array of events at /items (--page-items): the page has page, next",
        ),
        (
            "/page",
            "no array of events at /page (--page-items): what is there is not an array",
        ),
        (
            "",
            "the page is not an array of events: what is there is not an array; where is it?",
        ),
    ] {
        let body = page.clone();
        let server = Server::answering(move |_, _| answer("200 OK", head, &body));
        let more = ["--page-items", pointer, "--no-follow"];
        let ended = tail(&server, &more).wait().exits(0).warns(reported);
        assert_eq!(ended.text(), "");
    }
    // No events at the moment is nothing odd.
    for body in [r#"{"items":[]}"#, r#"{"items":null}"#] {
        let server = Server::answering(move |_, _| answer("200 OK", head, body));
        let more = ["--page-items", "/items", "--no-follow"];
        assert_eq!(tail(&server, &more).wait().exits(0).errors(), "");
    }
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
        ended.transcript()
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
    let one = hivelog(["tail", "--summary", "-o", "human"]).stdin(event(1, "auth.ok"));
    let _ = one.run().exits(0).says("1 event, 0 bad");
}

#[test]
fn the_emulator_can_be_followed_without_any_setting() {
    let ended = hivelog(["tail", "--sandbox", "--count", "3"])
        .run()
        .exits(0);
    assert_eq!(ended.ndjson().len(), 3);
}
