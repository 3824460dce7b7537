//! What is sent to the event-log endpoint: taken, refused, kept.

use super::{GOOD, HEADERS, connect, exchange, put, request, start};
use std::io::Write;

#[test]
fn an_event_log_is_accepted_and_stored_byte_for_byte_without_its_key() {
    let sandbox = start(|_| {});
    let (status, answer) = put(&sandbox, HEADERS, GOOD);
    assert_eq!(
        (status, &answer["accepted"]),
        (200, &true.into()),
        "{answer}"
    );
    let ledger = sandbox.ledger();
    let [entry] = ledger.as_slice() else {
        panic!("{ledger:?}")
    };
    assert_eq!((entry.number, entry.status), (1, 200));
    assert_eq!(
        (entry.method.as_str(), entry.path.as_str()),
        ("PUT", "/data-service/v1/eventLog")
    );
    assert_eq!(entry.body, GOOD.as_bytes());
    assert_eq!(entry.event_code.as_deref(), Some("5004N"));
    assert_eq!(
        entry.journey.as_deref(),
        Some("14cac731-6dd7-424c-bfbf-f0be0b07f8cf")
    );
    let header = |wanted: &str| {
        let found = entry.headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("limber-connector"), Some("shopify_connector"));
    assert_eq!(header("x-shopify-connector-key"), Some("***"));
    assert!(!format!("{ledger:?}").contains("9XnZr4JmPWTVHuyFBheg"));
}

#[test]
fn each_refusal_is_a_problem_of_its_own_kind() {
    let sandbox = start(|options| {
        options.max_body = 4096;
        options.key = Some("the-right-one".to_owned());
        options.key_header = Some("Shop-Key".to_owned());
    });
    let good = "Shop-Key: the-right-one\r\nlimber-connector: c\r\nContent-Type: application/json; charset=utf-8\r\n";
    assert_eq!(put(&sandbox, good, GOOD).0, 200);
    let large = format!("{{\"detail\":\"{}\"}}", "x".repeat(5000));
    let no_code = GOOD.replace("5004N", "5004I");
    let cases = [
        (
            401,
            "UNAUTHORIZED",
            good.replace("the-right-one", "wrong"),
            GOOD,
        ),
        (
            401,
            "UNAUTHORIZED",
            good.replace("Shop-Key: the-right-one\r\n", ""),
            GOOD,
        ),
        (
            400,
            "MISSING_HEADER",
            good.replace("limber-connector", "limber"),
            GOOD,
        ),
        (
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            good.replace("application/json", "text/plain"),
            GOOD,
        ),
        (
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            format!("{good}Content-Encoding: gzip\r\n"),
            GOOD,
        ),
        (413, "PAYLOAD_TOO_LARGE", good.to_owned(), large.as_str()),
        (400, "INVALID_EVENT_LOG", good.to_owned(), no_code.as_str()),
        (400, "INVALID_EVENT_LOG", good.to_owned(), "{\"eventCode\":"),
        (400, "INVALID_EVENT_LOG", good.to_owned(), ""),
    ];
    for (status, kind, headers, body) in &cases {
        let (answered, problem) = put(&sandbox, headers, body);
        assert_eq!(
            (answered, problem["typeCode"].as_str()),
            (*status, Some(*kind)),
            "{problem}"
        );
        assert_eq!(problem["status"], *status);
        for member in ["type", "title", "detail", "uuid"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{member} of {problem}");
        }
    }
    assert_eq!(sandbox.tally().refused, cases.len() as u64);
    assert_eq!(sandbox.ledger().len(), cases.len() + 1);

    let (status, head, _) = exchange(
        &sandbox,
        &request("POST /data-service/v1/eventLog", good, GOOD),
    );
    assert_eq!(status, 405);
    assert!(
        head.to_ascii_lowercase().contains("\r\nallow: put"),
        "{head}"
    );
    let (status, _, body) = exchange(
        &sandbox,
        &request("PUT /data-service/v1/eventlog", good, GOOD),
    );
    assert_eq!(status, 404);
    assert!(body.contains("/data-service/v1/eventLog"), "{body}");
}

#[test]
fn journeys_run_across_requests_and_do_not_move_on_with_a_refused_one() {
    let sandbox = start(|_| {});
    let failed = GOOD
        .replace("5004N", "5002E")
        .replace("PROCESSING", "FAILED")
        .replace(
            "\"mode\"",
            "\"detail\":\"Not sent.\\nIt was refused.\\nCall us.\",\"mode\"",
        );
    assert_eq!(
        put(&sandbox, HEADERS, &failed.replace("FAILED", "RETRYING")).0,
        400
    );
    assert_eq!(
        put(&sandbox, HEADERS, GOOD).0,
        200,
        "the refused one does not count"
    );
    assert_eq!(put(&sandbox, HEADERS, &failed).0, 200);
    let (status, problem) = put(&sandbox, HEADERS, &GOOD.replace("INBOUND_1", "INBOUND_2"));
    assert_eq!(status, 400);
    assert_eq!(
        problem["findings"][0]["rule"], "after-terminal-error",
        "{problem}"
    );
    assert_eq!(
        problem["findings"][0]["journey"],
        "14cac731-6dd7-424c-bfbf-f0be0b07f8cf"
    );
    let other = GOOD.replace("14cac731", "24cac731");
    assert_eq!(put(&sandbox, HEADERS, &other).0, 200);
}

#[test]
fn a_body_that_is_cut_off_is_answered_or_closed_and_harms_nobody() {
    let sandbox = start(|_| {});
    let mut stream = connect(&sandbox);
    let head = format!(
        "PUT /data-service/v1/eventLog HTTP/1.1\r\nHost: localhost\r\n{HEADERS}Content-Length: 999\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    drop(stream);
    let head = format!(
        "PUT /data-service/v1/eventLog HTTP/1.1\r\nHost: localhost\r\n{HEADERS}Content-Length: 99999999999\r\n\r\n{{"
    );
    let (status, _, _) = exchange(&sandbox, head.as_bytes());
    assert_eq!(status, 413, "what is announced need not arrive first");
    let (status, _, _) = exchange(&sandbox, b"GARBAGE\r\n\r\n");
    assert_eq!(status, 400);
    assert_eq!(put(&sandbox, HEADERS, GOOD).0, 200);
}

#[test]
fn the_ledger_is_read_filtered_and_emptied_from_this_machine_only() {
    let sandbox = start(|_| {});
    let other = GOOD.replace("14cac731", "24cac731");
    for body in [GOOD, &other] {
        assert_eq!(put(&sandbox, HEADERS, body).0, 200);
    }
    let read = |target: &str, headers: &str| {
        exchange(&sandbox, &request(&format!("GET {target}"), headers, ""))
    };
    let (status, _, all) = read("/_sandbox/logs", "");
    let all: serde_json::Value = serde_json::from_str(&all).expect("an array");
    assert_eq!((status, all.as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(all[0]["body"], GOOD);
    let id = "24cac731-6dd7-424c-bfbf-f0be0b07f8cf";
    let (_, _, lines) = read(&format!("/_sandbox/logs?format=ndjson&journey={id}"), "");
    assert_eq!(lines.lines().count(), 1);
    let line: serde_json::Value = serde_json::from_str(&lines).expect("a line");
    assert_eq!(
        (&line["number"], &line["correlationId"]),
        (&2.into(), &id.into())
    );

    assert_eq!(
        read("/_sandbox/logs", "Origin: http://evil.example\r\n").0,
        403
    );
    let foreign = b"GET /_sandbox/logs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(&sandbox, foreign).0, 403);
    assert_eq!(
        exchange(&sandbox, &request("DELETE /_sandbox/logs", "", "")).0,
        204
    );
    assert_eq!(read("/_sandbox/logs", "").2, "[]");
    assert_eq!(
        put(&sandbox, HEADERS, GOOD).1["number"],
        1,
        "counting begins again"
    );
}
