//! The emulator, spoken to in literal bytes.

mod faults;

use crate::support::{PATIENCE, Place, hivelog};
use hivelog::sandbox::{Options, Sandbox};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An event log no rule has anything against.
const GOOD: &str = r#"{"eventCode":"5004N","direction":"INBOUND","lifeCycleStage":"INBOUND_1","outcome":"PROCESSING","generatedAt":"2024-05-03T17:30:00.895+12:00","correlationId":"14cac731-6dd7-424c-bfbf-f0be0b07f8cf","dataId":{"@type":"DataReference","schemaName":"limber","shapeName":"Product","externalIdentities":[{"integrationKey":"ShopifyNZ","externalId":"9217354452632"}]},"integrationKey":"ShopifyNZ","shapeName":"Product","mode":"SANDBOX","schemaName":"limber","schemaVersion":"2.1.0"}"#;

const HEADERS: &str = "X-Shopify-Connector-Key: 9XnZr4JmPWTVHuyFBheg\r\nlimber-connector: shopify_connector\r\nContent-Type: application/json\r\n";

fn start(change: impl FnOnce(&mut Options)) -> Sandbox {
    let mut options = Options {
        rate: 0.0,
        ..Options::default()
    };
    change(&mut options);
    Sandbox::start(options).expect("a free port")
}

fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(sandbox.address()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream
}

/// Sends bytes and reads to the end of the connection: status, head and body.
fn exchange(sandbox: &Sandbox, bytes: &[u8]) -> (u16, String, String) {
    let mut stream = connect(sandbox);
    stream.write_all(bytes).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("a status"), head.to_owned(), body.to_owned())
}

fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn put(sandbox: &Sandbox, headers: &str, body: &str) -> (u16, serde_json::Value) {
    let bytes = request("PUT /data-service/v1/eventLog", headers, body);
    let (status, _, body) = exchange(sandbox, &bytes);
    (status, serde_json::from_str(&body).expect("JSON"))
}

#[test]
fn an_event_log_is_taken_and_kept_byte_for_byte_without_its_key() {
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
        "PUT /data-service/v1/eventLog HTTP/1.1\r\nHost: x\r\n{HEADERS}Content-Length: 999\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    drop(stream);
    let head = format!(
        "PUT /data-service/v1/eventLog HTTP/1.1\r\nHost: x\r\n{HEADERS}Content-Length: 99999999999\r\n\r\n{{"
    );
    let (status, _, _) = exchange(&sandbox, head.as_bytes());
    assert_eq!(status, 413, "what is announced need not arrive first");
    let (status, _, _) = exchange(&sandbox, b"GARBAGE\r\n\r\n");
    assert_eq!(status, 400);
    assert_eq!(put(&sandbox, HEADERS, GOOD).0, 200);
}

/// Opens a stream and hands over the head and a reader of the lines behind it.
fn listen(sandbox: &Sandbox, headers: &str) -> (String, BufReader<TcpStream>) {
    let mut stream = connect(sandbox);
    let request = format!("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).expect("a head"), 0, "{head}");
    }
    (head, reader)
}

/// The next line of a body in chunks: sizes and their line ends are passed over.
fn line(reader: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(
            reader.read_line(&mut line).expect("in time"),
            0,
            "it goes on"
        );
        if !line.ends_with("\r\n") {
            return line;
        }
    }
}

/// The next event as its id and its data.
fn event(reader: &mut BufReader<TcpStream>) -> (String, serde_json::Value) {
    let id = loop {
        if let Some(id) = line(reader).strip_prefix("id: ") {
            break id.trim_end().to_owned();
        }
    };
    let data = line(reader);
    let data = data.strip_prefix("data: ").expect("data behind the id");
    let data = serde_json::from_str(data).expect("an envelope");
    assert_eq!(line(reader), "\n", "an empty line ends the event");
    (id, data)
}

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
    let told = |seed| {
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
    assert_eq!(strip(told(3)), strip(told(3)));
    assert_ne!(strip(told(3)), strip(told(4)));
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
fn a_login_gives_a_token_raises_events_and_opens_the_stream() {
    let sandbox = start(|options| {
        options.require_login = true;
        options.login = Some(("operator".to_owned(), "sesame".to_owned()));
    });
    let (head, _) = listen(&sandbox, "");
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    let login = |password: &str| {
        let body = format!(r#"{{"username":"operator","password":"{password}"}}"#);
        let (status, _, body) = exchange(&sandbox, &request("POST /api/v1/auth/login", "", &body));
        (
            status,
            serde_json::from_str::<serde_json::Value>(&body).expect("JSON"),
        )
    };
    assert_eq!(login("wrong").0, 401);
    let (status, granted) = login("sesame");
    assert_eq!(status, 200);
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        granted["token"].as_str().expect("a token")
    );
    let (status, _, renewed) = exchange(&sandbox, &request("POST /api/v1/auth/renew", &bearer, ""));
    assert_eq!(status, 200, "{renewed}");
    assert_eq!(
        exchange(&sandbox, &request("POST /api/v1/auth/renew", "", "")).0,
        401
    );
    let (_, mut reader) = listen(&sandbox, &bearer);
    let types: Vec<_> = (0..3).map(|_| event(&mut reader).1).collect();
    assert_eq!(types[0]["type"], "auth.error");
    assert_eq!(types[0]["data"]["reason"], "invalid credentials");
    assert_eq!(types[1]["type"], "auth.ok");
    assert_eq!(types[1]["data"]["username"], "operator");
    assert_eq!(types[2]["type"], "auth.renew");
    assert!(!format!("{types:?}").contains("sesame"));
}

#[test]
fn a_token_that_expires_closes_its_stream() {
    let sandbox = start(|options| options.token_life = Duration::from_millis(30));
    let body = r#"{"username":"a","password":"b"}"#;
    let (_, _, granted) = exchange(&sandbox, &request("POST /api/v1/auth/login", "", body));
    let granted: serde_json::Value = serde_json::from_str(&granted).expect("JSON");
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        granted["token"].as_str().expect("a token")
    );
    let mut stream = connect(&sandbox);
    let request = format!("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut all = String::new();
    let ended = loop {
        let mut block = [0; 4096];
        match stream.read(&mut block).expect("it ends in time") {
            0 => break false,
            length => all.push_str(&String::from_utf8_lossy(&block[..length])),
        }
        if all.ends_with("0\r\n\r\n") || all.starts_with("HTTP/1.1 401") {
            break true;
        }
    };
    assert!(ended, "{all}");
}

#[test]
fn the_command_says_where_it_is_keeps_a_record_and_stops_on_a_signal() {
    let place = Place::new();
    let record = place.path("record.ndjson");
    let running = place
        .hivelog([
            "sandbox",
            "-o",
            "json",
            "--rate",
            "0",
            "--record",
            "record.ndjson",
        ])
        .start();
    let told: serde_json::Value = serde_json::from_str(&running.stdout.next()).expect("JSON");
    let url = told["url"].as_str().expect("a url");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    stream
        .write_all(&request("PUT /data-service/v1/eventLog", HEADERS, GOOD))
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    running.signal("TERM");
    let ended = running.end().exits(143).warns("accepted 1, refused 0");
    assert_eq!(
        ended.text(),
        "",
        "nothing but the address on standard output"
    );
    let line = std::fs::read_to_string(&record).expect("a record");
    let line: serde_json::Value = serde_json::from_str(&line).expect("one line of JSON");
    assert_eq!(line["body"], GOOD);
    assert_eq!(line["headers"]["x-shopify-connector-key"], "***");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&record)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_cannot_be_served_is_said_at_once() {
    let sandbox = start(|_| {});
    let port = sandbox.address().port().to_string();
    let _ = hivelog(["sandbox", "--port", &port])
        .run()
        .exits(2)
        .warns("is in use");
    let _ = hivelog(["sandbox", "--record", "no/such/folder"])
        .run()
        .exits(3)
        .warns("no/such/folder");
    let _ = hivelog(["sandbox", "--rate", "fast"])
        .run()
        .exits(2)
        .warns("5/s");
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

#[test]
fn a_key_of_a_real_server_is_refused_and_not_kept() {
    let sandbox = start(|options| options.real_keys = vec!["9XnZr4JmPWTVHuyFBheg".to_owned()]);
    let (status, problem) = put(&sandbox, HEADERS, GOOD);
    assert_eq!((status, &problem["typeCode"]), (403, &"FORBIDDEN".into()));
    let kept = format!("{:?}", sandbox.ledger());
    assert!(
        !kept.contains("9XnZr4JmPWTVHuyFBheg") && !kept.contains("5004N"),
        "{kept}"
    );
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
}

/// A program that sends one event log as a client that is not ours would.
fn sender(place: &Place, body: &str) -> std::path::PathBuf {
    place.file(
        "send.sh",
        format!(
            "exec 3<>/dev/tcp/127.0.0.1/${{SYNCHIVE_URL##*:}}\nbody='{body}'\nprintf 'PUT /data-service/v1/eventLog HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nAny-Key: %s\\r\\nlimber-connector: c\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \"$SYNCHIVE_KEY\" ${{#body}} \"$body\" >&3\ncat <&3 >/dev/null\necho from the program\n"
        ),
    )
}

#[test]
fn a_program_is_judged_by_the_event_logs_it_sent() {
    let place = Place::new();
    sender(&place, GOOD);
    let ended = place
        .hivelog(["sandbox", "run", "--", "bash", "send.sh"])
        .run();
    let ended = ended
        .exits(0)
        .warns("1 accepted, 0 refused in 1 journey: 0 errors");
    assert_eq!(
        ended.text(),
        "from the program\n",
        "its output is passed through"
    );

    sender(&place, &GOOD.replace("5004N", "5004I"));
    let ended = place
        .hivelog([
            "sandbox",
            "run",
            "--report",
            "json=report.json",
            "--report",
            "junit=report.xml",
            "--",
            "bash",
            "send.sh",
        ])
        .run()
        .exits(1)
        .warns("unknown-code");
    assert_eq!(ended.text(), "from the program\n");
    let report = std::fs::read(place.path("report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(
        (&report["good"], &report["refused"]),
        (&false.into(), &1.into())
    );
    assert_eq!(report["findings"][0]["rule"], "unknown-code");
    let junit = std::fs::read_to_string(place.path("report.xml")).expect("a report");
    assert!(junit.contains("failures=\"1\""), "{junit}");
    let _ = place
        .hivelog([
            "sandbox",
            "run",
            "--fail-on",
            "never",
            "--",
            "bash",
            "send.sh",
        ])
        .run()
        .exits(0);

    let run = |script: &str| {
        place
            .hivelog(["sandbox", "run", "--", "sh", "-c", script])
            .run()
    };
    let _ = run("exit 7").exits(7);
    let _ = run("kill -9 $$").exits(137);
    let _ = run("true").exits(3).warns("sent no event log");
    let _ = place
        .hivelog(["sandbox", "run", "--", "no-such-program"])
        .run()
        .exits(2);
    let _ = run("test \"$HIVELOG_SYNCHIVE_URL\" = \"$SYNCHIVE_URL\" -a \"$HIVELOG_KEY\" = \"$SYNCHIVE_KEY\" || exit 9").exits(3);
}

#[test]
fn expectations_are_written_from_a_run_and_held_against_the_next() {
    let place = Place::new();
    sender(&place, GOOD);
    let run = |more: &[&str]| {
        let arguments = ["sandbox", "run", "--expect", "expect.toml"];
        let command = ["--", "bash", "send.sh"];
        place
            .hivelog(arguments.iter().chain(more).chain(&command))
            .run()
    };
    let _ = run(&[]).exits(3).warns("--update");
    let _ = run(&["--update"]).exits(0);
    let _ = run(&[]).exits(0);
    sender(
        &place,
        &GOOD
            .replace("INBOUND_1", "INBOUND_2")
            .replace("5004N", "2000N"),
    );
    let _ = run(&[]).exits(1).warns("not as expected");
    place.file("expect.toml", "codes = ['5004I']");
    let _ = run(&[]).exits(2).warns("did you mean");
}

#[test]
fn events_are_fired_and_played_into_a_running_sandbox() {
    let place = Place::new();
    let sandbox = start(|_| {});
    let url = sandbox.url();
    let fired = place
        .hivelog([
            "sandbox",
            "fire",
            "trigger.schedule.failed",
            "--set",
            "error=flow validation failed: x",
            "--then",
            "trigger.schedule.disabled",
            "-o",
            "json",
        ])
        .env("HIVELOG_SERVER_URL", &url)
        .run()
        .exits(0);
    let ids: Vec<_> = fired
        .ndjson()
        .iter()
        .map(|event| event["id"].clone())
        .collect();
    let (_, mut reader) = listen(&sandbox, "");
    let (failed, disabled) = (event(&mut reader).1, event(&mut reader).1);
    assert_eq!([&failed["id"], &disabled["id"]], [&ids[0], &ids[1]]);
    assert_eq!(disabled["data"]["reason"], "flow validation failed: x");

    place.file(
        "scene.ndjson",
        "{\"ts\":\"2024-05-03T00:00:00Z\",\"type\":\"server.shutdown\",\"data\":{\"reason\":\"SIGINT\"}}\n{\"ts\":\"2024-05-03T01:00:00Z\",\"type\":\"server.ready\"}\n",
    );
    let _ = place
        .hivelog([
            "sandbox",
            "play",
            "scene.ndjson",
            "--speed",
            "1000000x",
            "--server",
            &url,
        ])
        .run()
        .exits(0)
        .says("server.ready");
    assert_eq!(event(&mut reader).1["data"]["reason"], "SIGINT");
    assert_eq!(event(&mut reader).1["type"], "server.ready");

    let _ = place
        .hivelog(["sandbox", "fire", "server.redy", "--server", &url])
        .run()
        .exits(2)
        .warns("did you mean server.ready");
    let _ = place
        .hivelog(["sandbox", "fire", "server.ready"])
        .run()
        .exits(2)
        .warns("--server");
    drop(sandbox);
    let _ = place
        .hivelog(["sandbox", "fire", "server.ready", "--server", &url])
        .run()
        .exits(6);
}

#[test]
fn the_page_shows_the_state_without_a_script_and_hostile_text_as_text() {
    let sandbox = start(|_| {});
    let hostile = "<script>alert(1)</script>\u{202e}";
    let detail = format!("\"detail\":\"{hostile}\",\"mode\"");
    let body = GOOD
        .replace("\"mode\"", &detail)
        .replace("\"Product\"", "\"<img src=x>\"");
    assert_eq!(put(&sandbox, HEADERS, &body).0, 200);
    let order =
        format!(r#"[{{"type":"auth.error","data":{{"username":"{hostile}","reason":"</ol>"}}}}]"#);
    assert_eq!(
        exchange(&sandbox, &request("POST /_sandbox/events", "", &order)).0,
        200
    );
    let (status, head, page) = exchange(&sandbox, &request("GET /", "", ""));
    assert_eq!(status, 200);
    assert!(
        head.contains("content-security-policy: default-src 'none';"),
        "{head}"
    );
    for wanted in [
        "5004N",
        "Data received",
        "INBOUND_1",
        "&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}",
        "&lt;img src=x&gt;",
        "auth.error",
    ] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    for unwanted in ["<script>", "<img src=x", "\u{202e}", "</ol></p>"] {
        assert!(!page.contains(unwanted), "{unwanted} in {page}");
    }
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "nothing from elsewhere"
    );
    let filtered =
        |query: &str| exchange(&sandbox, &request(&format!("GET /?q={query}"), "", "")).2;
    assert!(filtered("5004n").contains("<article"));
    assert!(!filtered("4003w").contains("<article"));
}

/// The connectors that are shipped as examples, run as their first lines say.
#[test]
fn the_example_connectors_send_event_logs_that_are_right() {
    let place = Place::new();
    for (program, file, logs) in [("python3", "connector.py", 5), ("node", "connector.mjs", 2)] {
        if std::process::Command::new(program)
            .arg("--version")
            .output()
            .is_err()
        {
            eprintln!("SKIPPED: {program} is not on this machine, so examples/{file} was not run");
            continue;
        }
        let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(file);
        let example = example.to_str().expect("text");
        let _ = place
            .hivelog([
                "sandbox",
                "run",
                "--fail-on",
                "hint",
                "--",
                program,
                example,
            ])
            .run()
            .exits(0)
            .warns(&format!("{logs} accepted, 0 refused"));
    }
}

#[test]
fn the_example_scenario_is_played_to_its_end() {
    let sandbox = start(|_| {});
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/outage.ndjson");
    let url = sandbox.url();
    let played = hivelog([
        "sandbox", "play", scenario, "--speed", "1000000x", "--server", &url,
    ]);
    let played = played.run().exits(0);
    assert_eq!(played.text().lines().count(), 7);
}

#[test]
fn a_profile_s_key_is_known_and_refused_by_the_command() {
    let place = Place::new();
    let key = place.file("key", "9XnZr4JmPWTVHuyFBheg\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("ours");
    }
    let profile = format!("[profile.live.synchive]\nkey_file = {key:?}\n");
    place.file(".config/hivelog/config.toml", profile);
    let running = place
        .hivelog(["sandbox", "-o", "json", "--rate", "0"])
        .start();
    let told: serde_json::Value = serde_json::from_str(&running.stdout.next()).expect("JSON");
    let url = told["url"].as_str().expect("a url");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    stream
        .write_all(&request("PUT /data-service/v1/eventLog", HEADERS, GOOD))
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    running.signal("INT");
    let _ = running.end().exits(130).warns("accepted 0, refused 1");
}

#[test]
fn people_are_told_where_it_is_on_lines_of_their_own() {
    let running = hivelog(["sandbox"]).start();
    let first = running.stderr.next();
    assert!(first.starts_with("sandbox at http://127.0.0.1:"), "{first}");
    assert!(
        running
            .stderr
            .until("PUT")
            .contains("/data-service/v1/eventLog")
    );
    running.stderr.until("Ctrl-C");
    running.signal("INT");
    assert_eq!(running.end().exits(130).text(), "");
}

#[test]
fn a_signal_is_handed_on_to_the_program_and_the_verdict_still_comes() {
    let place = Place::new();
    let script = "trap 'echo stopped; exit 5' TERM; echo up; while :; do sleep 0.05; done";
    let running = place
        .hivelog(["sandbox", "run", "--", "sh", "-c", script])
        .start();
    assert_eq!(running.stdout.next(), "up\n");
    running.signal("TERM");
    let ended = running.end().exits(143).warns("0 accepted, 0 refused");
    assert_eq!(ended.text(), "stopped\n");
}
