//! Faults by instruction: the same grammar at every address, for a whole run or one request.

use super::{GOOD, HEADERS, connect, exchange, line, listen, put, request, start};
use hivelog::sandbox::Sandbox;
use hivelog::sandbox::faults::Faults;
use std::io::{Read, Write};

const LOGIN: &str = "POST /api/v1/auth/login";
const RENEW: &str = "POST /api/v1/auth/renew";
const EVENTS: &str = "GET /api/v1/events/stream";
const CREDENTIALS: &str = r#"{"username":"operator","password":"sesame"}"#;

fn start_with(faults: &str) -> Sandbox {
    start(|options| options.faults = Faults::parse(faults).expect("right"))
}

/// The header that asks for faults in one request.
fn asking(faults: &str) -> String {
    format!("X-Sandbox-Faults: {faults}\r\n")
}

/// Sends bytes to which no byte is answered: the connection is reset.
fn is_reset(sandbox: &Sandbox, bytes: &[u8]) -> bool {
    let mut stream = connect(sandbox);
    stream.write_all(bytes).expect("it reads");
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    ended.is_err() && answer.is_empty()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn faults_strike_as_instructed_and_are_in_the_ledger() {
    let sandbox = start(|options| {
        options.faults = Faults::parse("503:first=1, retry-later:2/4").expect("right");
    });
    let kind = |headers: &str| {
        let (status, answer) = put(&sandbox, headers, GOOD);
        (
            status,
            answer["typeCode"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(kind(HEADERS), (503, "SERVICE_UNAVAILABLE".to_owned()));
    assert_eq!(kind(HEADERS), (200, String::new()));
    assert_eq!(kind(HEADERS), (500, "RETRY_LATER".to_owned()));

    let limited = format!("{HEADERS}X-Sandbox-Faults: 429+retry-after=7\r\n");
    let bytes = request("PUT /data-service/v1/eventLog", &limited, GOOD);
    let (status, head, _) = exchange(&sandbox, &bytes);
    assert_eq!(status, 429);
    assert!(head.contains("retry-after: 7\r\n"), "{head}");

    let wrong = format!("{HEADERS}X-Sandbox-Faults: 5o3\r\n");
    let (status, problem) = put(&sandbox, &wrong, GOOD);
    assert_eq!(status, 400);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("5o3"))
    );

    for (fault, taken) in [("reset", 0), ("lose-answer", 200)] {
        let headers = format!("{HEADERS}X-Sandbox-Faults: {fault}\r\n");
        let mut stream = connect(&sandbox);
        stream
            .write_all(&request("PUT /data-service/v1/eventLog", &headers, GOOD))
            .expect("it reads");
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        assert!(
            ended.is_err() && answer.is_empty(),
            "{fault}: {ended:?} {answer:?}"
        );
        let ledger = sandbox.ledger();
        let entry = ledger.last().expect("an entry");
        assert_eq!((entry.fault.as_deref(), entry.status), (Some(fault), taken));
    }
}

#[test]
fn a_stream_is_cut_in_the_middle_of_an_event() {
    let sandbox = start(|options| {
        options.faults = Faults::parse("cut-stream:every=20ms").expect("right");
    });
    let (_, mut reader) = listen(&sandbox, "");
    let mut all = String::new();
    let _ = reader.read_to_string(&mut all);
    assert!(all.contains("data: {") && !all.contains("}\n"), "{all}");
}

#[test]
fn every_address_counts_its_own_requests_and_is_struck() {
    let sandbox = start_with("503+retry-after=2:first=1");
    for (line, body) in [
        (LOGIN, CREDENTIALS),
        (RENEW, ""),
        (EVENTS, ""),
        ("GET /api/v1/events/stream?transport=poll", ""),
    ] {
        let (status, head, body) = exchange(&sandbox, &request(line, "", body));
        // The stream and its polling are one address, and the first request was the one before.
        if line.ends_with("poll") {
            assert_eq!((status, body.as_str()), (200, "[]"));
            continue;
        }
        assert_eq!(status, 503, "{line}: {body}");
        assert!(head.contains("retry-after: 2\r\n"), "{head}");
        assert_eq!(json(&body)["typeCode"], "SERVICE_UNAVAILABLE");
    }
    assert_eq!(put(&sandbox, HEADERS, GOOD).0, 503);
    assert_eq!(put(&sandbox, HEADERS, GOOD).0, 200);
    assert_eq!(exchange(&sandbox, &request(LOGIN, "", CREDENTIALS)).0, 200);
    assert_eq!(
        exchange(&sandbox, &request("DELETE /_sandbox/logs", "", "")).0,
        204
    );
    assert_eq!(
        exchange(&sandbox, &request(LOGIN, "", CREDENTIALS)).0,
        503,
        "counting begins again"
    );
}

#[test]
fn a_single_request_asks_for_its_own_faults_at_every_address() {
    let sandbox = start(|_| {});
    let login = |headers: &str| exchange(&sandbox, &request(LOGIN, headers, CREDENTIALS));
    let polled = "GET /api/v1/events/stream?transport=page";
    for (line, body) in [
        (LOGIN, CREDENTIALS),
        (RENEW, ""),
        (EVENTS, ""),
        (polled, ""),
    ] {
        let (status, head, _) =
            exchange(&sandbox, &request(line, &asking("429+retry-after=7"), body));
        assert_eq!(status, 429, "{line}");
        assert!(head.contains("retry-after: 7\r\n"), "{head}");
        let (status, _, body) = exchange(&sandbox, &request(line, &asking("503:5%, 5o3"), body));
        let problem = json(&body);
        assert_eq!(status, 400, "{line}");
        let detail = problem["detail"].as_str().expect("text");
        assert!(
            detail.contains("character 9: unknown fault '5o3'"),
            "{detail}"
        );
    }
    for fault in ["reset", "lose-answer"] {
        for (line, body) in [
            (LOGIN, CREDENTIALS),
            (RENEW, ""),
            (EVENTS, ""),
            (polled, ""),
        ] {
            let bytes = request(line, &asking(fault), body);
            assert!(is_reset(&sandbox, &bytes), "{fault} at {line}");
        }
    }
    // The login whose answer was lost has happened; the one that was reset has not.
    let (_, _, page) = exchange(&sandbox, &request(polled, "", ""));
    let types: Vec<_> = json(&page).as_array().expect("an array").clone();
    assert_eq!(types.len(), 1, "{page}");
    assert_eq!(types[0]["type"], "auth.ok");

    let (status, _, granted) = login(&asking("expire-token:0s, delay:1ms..2ms"));
    assert_eq!(status, 200);
    let granted = json(&granted);
    assert_eq!(granted["expires_in"], 0.0);
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        granted["token"].as_str().expect("a token")
    );
    assert_eq!(exchange(&sandbox, &request(RENEW, &bearer, "")).0, 401);
    assert_eq!(
        json(&login("").2)["expires_in"],
        3600.0,
        "the next one lives on"
    );

    let (_, mut cut) = listen(&sandbox, &asking("cut-stream:every=20ms"));
    let mut all = String::new();
    let _ = cut.read_to_string(&mut all);
    assert!(all.contains("data: {\"id\":\"cut\","), "{all}");
    let (_, mut whole) = listen(&sandbox, "");
    assert_eq!(line(&mut whole), "retry: 1000\n");
}

#[test]
fn a_websocket_goes_through_the_same_ordeal() {
    let sandbox = start(|_| {});
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let (head, _) = listen(&sandbox, &format!("{upgrade}{}", asking("503")));
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let reset = format!(
        "{EVENTS} HTTP/1.1\r\nHost: localhost\r\n{upgrade}{}\r\n",
        asking("reset")
    );
    assert!(is_reset(&sandbox, reset.as_bytes()));
    let (head, mut reader) = listen(
        &sandbox,
        &format!("{upgrade}{}", asking("cut-stream:every=20ms")),
    );
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let mut frame = Vec::new();
    let _ = reader.read_to_end(&mut frame);
    assert!(
        frame.is_empty(),
        "dropped without a closing frame: {frame:?}"
    );
}

#[test]
fn the_events_of_a_struck_stream_wait_for_the_next_listener() {
    let sandbox = start_with("reset:first=1");
    let order = r#"[{"type":"server.ready"}]"#;
    assert_eq!(
        exchange(&sandbox, &request("POST /_sandbox/events", "", order)).0,
        200,
        "the sandbox's own addresses are not struck"
    );
    assert!(is_reset(&sandbox, &request(EVENTS, "", "")));
    let (_, mut reader) = listen(&sandbox, "");
    assert_eq!(super::event(&mut reader).1["type"], "server.ready");
}
