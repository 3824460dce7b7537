//! The sys events, over every transport.

use super::{event, exchange, line, listen, request, start};
use std::io::{BufReader, Read};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn the_stream_is_sse_and_goes_on_behind_the_last_event_that_was_seen() {
    let sandbox = start(|options| options.rate = 10_000.0);
    let (head, mut first) = listen(&sandbox, "Accept: text/event-stream\r\n");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(
        head.contains("content-type: text/event-stream\r\n"),
        "{head}"
    );
    assert_eq!(line(&mut first), "retry: 1000\n");
    let events: Vec<_> = (0..40).map(|_| event(&mut first)).collect();
    assert_eq!(
        events[0].1["type"], "server.ready",
        "the first listener sees the beginning"
    );
    for (id, data) in &events {
        assert_eq!(data["id"], id.as_str());
        assert_eq!(data["kind"], "sys");
    }
    drop(first);
    let resume = format!("Last-Event-ID: {}\r\n", events[9].0);
    let (_, mut second) = listen(&sandbox, &resume);
    for seen in &events[10..] {
        assert_eq!(&event(&mut second), seen);
    }
}

#[test]
fn a_seed_and_a_clock_give_the_same_events() {
    let reported = |seed| {
        let sandbox = start(|options| {
            options.rate = 10_000.0;
            options.seed = seed;
        });
        let (_, mut reader) = listen(&sandbox, "");
        let events = (0..60).map(|_| event(&mut reader).1);
        events
            .map(|event| {
                (
                    event["id"].clone(),
                    event["type"].clone(),
                    event["data"].clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    let strip = |events: Vec<(_, _, serde_json::Value)>| {
        events
            .into_iter()
            .map(|(id, kind, mut data)| {
                if data.is_object() {
                    data["exp"].take();
                }
                (id, kind, data)
            })
            .collect::<Vec<(serde_json::Value, serde_json::Value, serde_json::Value)>>()
    };
    assert_eq!(strip(reported(3)), strip(reported(3)));
    assert_ne!(strip(reported(3)), strip(reported(4)));
}

#[test]
fn a_silent_stream_beats_and_ends_with_the_sandbox() {
    let sandbox = start(|options| options.heartbeat = Duration::from_millis(5));
    let (_, mut reader) = listen(&sandbox, "");
    assert_eq!(line(&mut reader), "retry: 1000\n");
    assert_eq!(line(&mut reader), "\n");
    assert_eq!(line(&mut reader), ": heartbeat\n");
    drop(sandbox);
    let mut rest = Vec::new();
    // A reset is an end as well.
    let _ = reader.read_to_end(&mut rest);
}

#[test]
fn lines_and_pages_carry_the_same_events() {
    let sandbox = start(|_| {});
    let order = r#"[{"type":"trigger.schedule.failed","data":{"error":"flow validation failed: x"}},{"type":"trigger.schedule.disabled"}]"#;
    let (status, _, ids) = exchange(&sandbox, &request("POST /_sandbox/events", "", order));
    assert_eq!(status, 200, "{ids}");
    let ids: serde_json::Value = serde_json::from_str(&ids).expect("JSON");
    let (_, mut lines) = listen(&sandbox, "Accept: application/x-ndjson\r\n");
    let next = |reader: &mut BufReader<TcpStream>| {
        serde_json::from_str::<serde_json::Value>(&line(reader)).expect("an envelope")
    };
    let (failed, disabled) = (next(&mut lines), next(&mut lines));
    assert_eq!(
        (&failed["id"], &disabled["id"]),
        (&ids["ids"][0], &ids["ids"][1])
    );
    assert_eq!(disabled["data"]["reason"], "flow validation failed: x");
    assert_eq!(disabled["data"]["trigger_id"], failed["data"]["trigger_id"]);

    let page = |query: &str| {
        let target = format!("GET /api/v1/events/stream{query}");
        let (_, head, body) = exchange(
            &sandbox,
            &request(&target, "Accept: application/json\r\n", ""),
        );
        assert!(head.contains("content-type: application/json"), "{head}");
        serde_json::from_str::<Vec<serde_json::Value>>(&body).expect("an array")
    };
    assert_eq!(page(""), [failed.clone(), disabled.clone()]);
    let after = format!("?after={}", failed["id"].as_str().expect("text"));
    assert_eq!(page(&after), [disabled]);
}

#[test]
fn a_websocket_carries_one_envelope_a_message() {
    let sandbox = start(|_| {});
    let order = r#"[{"type":"auth.ok","data":{"username":"mere"}}]"#;
    let fire = || exchange(&sandbox, &request("POST /_sandbox/events", "", order));
    assert_eq!(fire().0, 200);
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let (head, mut reader) = listen(&sandbox, upgrade);
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    let frame = |from: &mut BufReader<TcpStream>| {
        let mut start = [0; 4];
        from.read_exact(&mut start).expect("a frame in time");
        assert_eq!(
            start[..2],
            [0x81, 126],
            "one text frame with a length of two bytes"
        );
        let mut text = vec![0; usize::from(u16::from_be_bytes([start[2], start[3]]))];
        from.read_exact(&mut text).expect("the text");
        serde_json::from_slice::<serde_json::Value>(&text).expect("an envelope")
    };
    assert_eq!(frame(&mut reader)["data"]["username"], "mere");
    assert_eq!(fire().0, 200);
    assert_eq!(frame(&mut reader)["type"], "auth.ok");

    // What has happened before comes without a pause, however much it is.
    let sandbox = start(|options| options.heartbeat = Duration::from_secs(3600));
    let many = format!("[{}]", vec![r#"{"type":"auth.ok"}"#; 600].join(","));
    let ordered = exchange(&sandbox, &request("POST /_sandbox/events", "", &many));
    assert_eq!(ordered.0, 200);
    let (_, mut reader) = listen(&sandbox, upgrade);
    for _ in 0..600 {
        assert_eq!(frame(&mut reader)["type"], "auth.ok");
    }
}
