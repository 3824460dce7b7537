//! A WebSocket in literal bytes, against a server that keeps to RFC 6455 and one that does not.

use super::{event, hold, ids, tail};
use crate::support::server::{self, Request, Server};
use crate::support::{Place, hivelog};
use std::io::{Read, Write};
use std::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

/// Agrees to the request, with these headers beside the key.
fn agree(request: &Request, headers: &str, stream: &mut TcpStream) {
    let key = request.header("sec-websocket-key").expect("a key");
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\n{headers}Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("it reads");
}

/// An unmasked frame of fewer than 64 KiB.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("a short payload");
    let mut bytes = vec![first];
    if let Some(length) = u8::try_from(length).ok().filter(|length| *length < 126) {
        bytes.push(length);
    } else {
        bytes.push(126);
        bytes.extend(length.to_be_bytes());
    }
    bytes.extend(payload);
    bytes
}

/// The next frame of the client, which must be masked: its first byte and its payload.
fn answer(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 6];
    stream.read_exact(&mut head).expect("a frame");
    assert_eq!(head[1] & 0x80, 0x80, "a client masks");
    let mut payload = vec![0; usize::from(head[1] & 0x7f)];
    stream.read_exact(&mut payload).expect("a payload");
    for (at, byte) in payload.iter_mut().enumerate() {
        *byte ^= head[2 + at % 4];
    }
    (head[0], payload)
}

#[test]
fn every_ping_gets_a_pong_with_its_own_payload() {
    let server = Server::scripted(|_, request, stream| {
        agree(request, UPGRADE, stream);
        let text = event(1, "auth.ok");
        let (start, rest) = text.as_bytes().split_at(10);
        let bytes = [
            frame(0x89, b""),
            frame(0x89, b"one"),
            frame(0x01, start),
            frame(0x89, b""),
            frame(0x89, b"inside"),
            frame(0x80, rest),
        ];
        stream.write_all(&bytes.concat()).expect("it reads");
        for payload in [&b""[..], b"one", b"", b"inside"] {
            assert_eq!(answer(stream), (0x8a, payload.to_vec()));
        }
        let _ = stream.write_all(&frame(0x81, event(2, "auth.ok").as_bytes()));
        hold(stream);
    });
    let ended = tail(&server, &["--transport", "websocket", "--count", "2"])
        .wait()
        .exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"], "{}", ended.transcript());
}

/// What comes of a connection that sends an event and these bytes, and of the next one.
fn after(bytes: Vec<u8>, code: Option<u16>) -> (Vec<String>, String) {
    let server = Server::scripted(move |number, request, stream| {
        agree(request, UPGRADE, stream);
        if number == 0 {
            let first = frame(0x81, event(1, "auth.ok").as_bytes());
            // Whatever follows in the same packet does not count any more.
            let late = frame(0x81, event(8, "auth.ok").as_bytes());
            let all = [first, bytes.clone(), late].concat();
            stream.write_all(&all).expect("it reads");
            let reported = code.map_or_else(Vec::new, |code| code.to_be_bytes().to_vec());
            assert_eq!(answer(stream), (0x88, reported));
        } else {
            let _ = stream.write_all(&frame(0x81, event(2, "auth.ok").as_bytes()));
            hold(stream);
        }
    });
    let ended = tail(&server, &["--transport", "websocket", "--count", "2"])
        .wait()
        .exits(0);
    let (gaps, events): (Vec<_>, Vec<_>) = ended
        .ndjson()
        .into_iter()
        .partition(|event| event["kind"] == "hivelog");
    assert_eq!(gaps.len(), 1, "{}", ended.transcript());
    let ids = events.iter().map(|event| event["id"].to_string()).collect();
    let reason = gaps[0]["reason"].as_str().expect("a reason");
    (ids, format!("{reason}\n{}", ended.errors()))
}

#[test]
fn a_breach_of_the_protocol_is_closed_with_its_code_and_costs_no_good_event() {
    for (bytes, code, why) in [
        (
            frame(0x80, b"x"),
            1002,
            "a continuation without a beginning",
        ),
        (
            [frame(0x01, b"{\"id\":"), frame(0x81, b"{}")].concat(),
            1002,
            "a new message inside a fragmented one",
        ),
        (frame(0xc1, b"{}"), 1002, "a frame with a reserved bit"),
        (frame(0x88, b"\x03"), 1002, "half a code"),
        (
            b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec(),
            1009,
            "9223372036854775807 bytes exceed the limit of 1 MiB",
        ),
    ] {
        let (ids, reported) = after(bytes, Some(code));
        assert_eq!(ids, ["\"e-1\"", "\"e-2\""], "{reported}");
        assert!(
            reported.contains("broke the WebSocket protocol"),
            "{reported}"
        );
        assert!(reported.contains(why), "{reported}");
    }
}

#[test]
fn a_close_is_answered_with_its_code_and_reported_with_its_reason() {
    for (payload, code, reported) in [
        (
            &b"\x03\xf0policy: token expired"[..],
            Some(1008),
            "closed the WebSocket with code 1008: policy: token expired\n",
        ),
        (
            b"\x03\xe8",
            Some(1000),
            "closed the WebSocket with code 1000\n",
        ),
        (b"", None, "the server closed the WebSocket\n"),
    ] {
        let (ids, reason) = after(frame(0x88, payload), code);
        assert_eq!(ids, ["\"e-1\"", "\"e-2\""]);
        assert!(reason.contains(reported), "{reason}");
    }
    let server = Server::scripted(|_, request, stream| {
        agree(request, UPGRADE, stream);
        let _ = stream.write_all(&frame(0x88, b"\x03\xf0policy: token expired"));
        hold(stream);
    });
    let line = ["--transport", "websocket", "--reconnect", "0"];
    let ended = tail(&server, &line).wait().exits(6);
    let _ = ended.warns("closed the WebSocket with code 1008: policy: token expired");
}

#[test]
fn an_answer_that_was_not_asked_for_is_no_websocket() {
    for (headers, why) in [
        (
            "Upgrade: foo\r\nConnection: Upgrade\r\n",
            "names another protocol",
        ),
        ("Connection: Upgrade\r\n", "names another protocol"),
        ("Upgrade: websocket\r\n", "does not upgrade the connection"),
        (
            "Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
            "an extension that was not asked for",
        ),
        (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n",
            "a subprotocol that was not asked for",
        ),
    ] {
        let server = Server::scripted(move |_, request, stream| {
            agree(request, headers, stream);
            let _ = stream.write_all(&frame(0x81, event(1, "auth.ok").as_bytes()));
        });
        let url = server.url().replace("http://", "ws://");
        let ended = hivelog(["tail", "--server", &url]).run().exits(2);
        assert_eq!(ended.text(), "");
        let ended = ended.warns(&format!(
            "{url}/api/v1/events/stream does not speak WebSocket"
        ));
        let _ = ended.warns(why);
    }
}

#[test]
fn a_websocket_is_shown_under_the_address_that_was_given() {
    let ended = hivelog(["tail", "--server", "ws://example.com"])
        .run()
        .exits(2);
    let _ = ended
        .warns("ws://example.com/ is not encrypted")
        .warns("use wss://");
    let ended = hivelog(["tail", "--server", "ws://127.0.0.1:9"])
        .run()
        .exits(6);
    assert!(
        !ended.errors().contains("http://"),
        "{}",
        ended.transcript()
    );
    let server = Server::answering(|_, _| server::answer("404 Not Found", "", ""));
    let url = server.url().replace("http://", "ws://");
    let ended = hivelog(["tail", "--server", &url]).run().exits(2);
    let _ = ended.warns(&format!("404 Not Found from {url}/"));
}

#[test]
fn a_dialogue_begins_with_the_subprotocol_and_the_first_messages() {
    let server = Server::scripted(|number, request, stream| {
        assert_eq!(request.header("sec-websocket-protocol"), Some("prefect"));
        let chosen = format!("{UPGRADE}Sec-WebSocket-Protocol: prefect\r\n");
        agree(request, &chosen, stream);
        let auth = br#"{"type":"auth","token":"canary-\"1"}"#;
        assert_eq!(answer(stream), (0x81, auth.to_vec()));
        let from = if number == 0 { "FROM ." } else { "FROM e-2." };
        assert_eq!(answer(stream), (0x81, from.as_bytes().to_vec()));
        let id = if number == 0 { 1 } else { 3 };
        let lines = format!("{}\n{}\n", event(id, "auth.ok"), event(id + 1, "auth.ok"));
        let _ = stream.write_all(&frame(0x81, lines.as_bytes()));
        if number == 0 {
            let _ = stream.write_all(&frame(0x88, b"\x03\xe9restart"));
        }
        hold(stream);
    });
    let place = Place::new();
    place.file("from", "FROM {position}.\n");
    let url = server.url().replace("http://", "ws://");
    let line = [
        "tail",
        "--server",
        &url,
        "--subprotocol",
        "prefect",
        "--hello",
        r#"{"type":"auth","token":"{token}"}"#,
        "--hello",
        "@from",
        "--auth",
        "header:X-Token",
        "--count",
        "4",
    ];
    let run = place
        .hivelog(line)
        .env("HIVELOG_SERVER_TOKEN", "canary-\"1");
    let ended = run.run().exits(0);
    assert_eq!(
        ids(&ended.text()),
        ["e-1", "e-2", "e-3", "e-4"],
        "{}",
        ended.transcript()
    );
    let gap = &ended.ndjson()[2];
    assert_eq!(
        gap["reason"],
        "the server closed the WebSocket with code 1001: restart"
    );
    assert_eq!(gap["recovered"], true, "it was asked to go on from e-2");
    assert!(!(ended.text() + &ended.errors()).contains("canary"));
    assert_eq!(server.requests()[0].header("x-token"), Some("canary-\"1"));
    let more = ["--transport", "websocket", "--hello", "@none"];
    let _ = tail(&server, &more)
        .wait()
        .exits(3)
        .warns("cannot read none");
    for (more, reported) in [
        (&["--hello", "x"][..], "are for a WebSocket"),
        (
            &["--transport", "websocket", "--hello", "{token}"],
            "no token is configured",
        ),
        (
            &["--transport", "websocket", "--subprotocol", "a b"],
            "'a b' is not the name",
        ),
        (&["--auth", "digest"], "use bearer, basic or header:NAME"),
        (&["--auth", "basic"], "needs a user name"),
    ] {
        let _ = tail(&server, more).wait().exits(2).warns(reported);
    }
}

#[test]
fn the_reason_of_a_close_is_part_of_the_verdict() {
    let server = Server::scripted(|_, request, stream| {
        agree(request, UPGRADE, stream);
        let _ = stream.write_all(&frame(0x88, b"\x03\xf0policy"));
        hold(stream);
    });
    let line = [
        "--transport",
        "websocket",
        "--no-follow",
        "--meta",
        "--until",
        "auth.ok",
    ];
    let ended = tail(&server, &line).wait().exits(8);
    let verdict = ended.ndjson().pop().expect("a verdict");
    let reason = verdict["reason"].as_str().expect("a reason");
    let reported = "the server closed the WebSocket with code 1008: policy before --until";
    assert!(reason.starts_with(reported), "{reason}");
}

#[test]
fn what_greets_over_a_websocket_and_sends_no_events_is_named() {
    for (greeting, reported) in [
        (
            &b"0{\"sid\":\"x\",\"upgrades\":[]}"[..],
            "it speaks Socket.IO",
        ),
        (b"INFO {\"server_id\":\"N\"} \r\n", "it is a NATS server"),
    ] {
        let server = Server::scripted(move |_, request, stream| {
            agree(request, UPGRADE, stream);
            let _ = stream.write_all(&frame(0x82, greeting));
            hold(stream);
        });
        let ended = tail(&server, &["--transport", "websocket"]).wait().exits(2);
        let _ = ended.warns(reported);
    }
}
