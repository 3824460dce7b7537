//! `emit`, as far as it is about what is sent and reported. What servers may do to it is in
//! `hostile.rs`.

use crate::support::server::{Server, answer};
use crate::support::{Place, Run, hivelog};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A valid event log on one line.
pub fn record(correlation: &str, code: &str) -> String {
    let outcome = if code.ends_with('E') {
        "FAILED"
    } else {
        "PROCESSING"
    };
    format!(
        "{{\"eventCode\":\"{code}\",\"direction\":\"INBOUND\",\"lifeCycleStage\":\"INBOUND_2\",\
         \"outcome\":\"{outcome}\",\"detail\":\"a\\nb\\nc\",\"correlationId\":\"{correlation}\",\
         \"dataId\":{{\"@type\":\"DataReference\",\"schemaName\":\"limber\",\"shapeName\":\"Product\",\
         \"externalIdentities\":[{{\"integrationKey\":\"Shop\",\"externalId\":\"9\"}}]}},\
         \"integrationKey\":\"Shop\",\"shapeName\":\"Product\",\"mode\":\"SANDBOX\",\"schemaName\":\"limber\"}}"
    )
}

/// Records of journeys of their own, one a line.
pub fn records(count: usize) -> String {
    (0..count)
        .map(|at| record(&format!("journey-{at}"), "5004N") + "\n")
        .collect()
}

/// A run of `emit` against a server, with a key.
pub fn emit(url: &str, args: &[&str]) -> Run {
    let mut all = vec![
        "emit",
        "--url",
        url,
        "--connector",
        "shopify_connector",
        "--no-spool",
    ];
    all.extend(args);
    hivelog(all).env("HIVELOG_KEY", "canary-7f3a")
}

fn ok() -> Vec<u8> {
    answer("200 OK", "", "")
}

const FLAGS: [&str; 12] = [
    "-s",
    "INBOUND_3",
    "--integration",
    "Shop",
    "--shape",
    "Product",
    "--schema",
    "limber",
    "--mode",
    "LIVE",
    "--external-id",
    "Shop=9",
];

#[test]
fn one_log_from_flags_has_everything_derived() {
    let server = Server::answering(|_, _| ok());
    let place = Place::new();
    let detail = place.file("technical.txt", "line one\nline two\n");
    let technical = format!("@{}", detail.display());
    let mut args = vec![
        "-c",
        "5003E",
        "--state",
        "It failed.",
        "--cause",
        "It was full.",
        "--action",
        "Empty it.",
        "--technical-info",
        &technical,
        "--custom-data",
        "{\"b\": 1, \"a\": [2.50]}",
    ];
    args.extend(FLAGS);
    let ended = emit(&server.url(), &args)
        .run()
        .exits(0)
        .says("delivered 5003E ");
    assert!(
        !(ended.text() + &ended.errors()).contains("canary"),
        "{}",
        ended.transcript()
    );

    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert!(
        request
            .head
            .starts_with("PUT /data-service/v1/eventLog HTTP/1.1\r\n")
    );
    assert_eq!(
        request.header("X-Shopify-Connector-Key"),
        Some("canary-7f3a")
    );
    assert_eq!(
        request.header("limber-connector"),
        Some("shopify_connector")
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(body["direction"], "INBOUND");
    assert_eq!(body["outcome"], "FAILED");
    assert_eq!(body["detail"], "It failed.\nIt was full.\nEmpty it.");
    assert_eq!(body["technicalInfo"], "line one\nline two");
    assert_eq!(body["correlationId"].as_str().map(str::len), Some(36));
    assert_eq!(
        body["correlationId"]
            .as_str()
            .and_then(|id| id.chars().nth(14)),
        Some('4')
    );
    assert!(
        body["generatedAt"]
            .as_str()
            .is_some_and(|at| at.ends_with('Z'))
    );
    assert_eq!(
        body["dataId"],
        json!({"@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
            "externalIdentities": [{"integrationKey": "Shop", "externalId": "9"}]})
    );
    // Own JSON travels as it was written.
    let text = String::from_utf8_lossy(&request.body);
    assert!(
        text.contains("\"customData\":{\"b\": 1, \"a\": [2.50]}"),
        "{text}"
    );
}

#[test]
fn fields_come_from_variables_and_the_profile() {
    let server = Server::answering(|_, _| ok());
    let place = Place::new();
    place.file(
        ".config/hivelog/config.toml",
        format!(
            "default_profile = \"t\"\n[profile.t.synchive]\nurl = \"{}\"\nconnector = \"my_erp_connector\"\n\
             key_header = \"X-Own\"\npath = \"/other\"\nheaders = {{ X-Team = \"blue\" }}\n\
             [profile.t.defaults]\nintegrationKey = \"Shop\"\nschemaName = \"limber\"\nmode = \"LIVE\"\n",
            server.url()
        ),
    );
    place
        .hivelog([
            "emit",
            "-c",
            "5004N",
            "-s",
            "INBOUND_1",
            "--outcome",
            "PROCESSING",
            "--external-id",
            "Shop=1",
            "--shape",
            "Product",
            "--generated-at",
            "none",
            "--no-spool",
        ])
        .env("HIVELOG_KEY", "k")
        .env("HIVELOG_CORRELATION_ID", "from-outside")
        .run()
        .exits(0);
    let request = &server.requests()[0];
    assert!(request.head.starts_with("PUT /other "));
    assert_eq!(request.header("x-own"), Some("k"));
    assert_eq!(request.header("x-team"), Some("blue"));
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(body["correlationId"], "from-outside");
    assert_eq!(body.get("generatedAt"), None);
}

#[test]
fn composing_takes_what_people_type_and_sends_the_documented_spelling() {
    let args = [
        "send",
        "--dry-run",
        "-c",
        "4005e",
        "-s",
        "inbound-3",
        "--mode",
        "live",
    ];
    let rest = ["--outcome", "failed", "--integration", "S", "--shape", "P"];
    let more = ["--schema", "l", "--external-id", "S=9"];
    // A text may be a list, and a time may be so long ago.
    let texts = ["--detail", "- a\n- b", "--generated-at", "-3h"];
    let all = [&args[..], &rest, &more, &texts].concat();
    let shown = hivelog(all).run().exits(0);
    for spelled in [
        "\"4005E\"",
        "\"INBOUND_3\"",
        "\"LIVE\"",
        "\"FAILED\"",
        "\"- a\\n- b\"",
    ] {
        assert!(shown.text().contains(spelled), "{}", shown.text());
    }
}

#[test]
fn what_is_missing_or_mistyped_is_an_error_that_names_it() {
    let run = |args: &[&str]| hivelog([&["emit", "--sandbox", "--no-spool"], args].concat()).run();
    let ended = run(&["-c", "5004N", "-s", "OUTBOUND_2"]).exits(2);
    for flag in [
        "--outcome",
        "--correlation-id",
        "--integration",
        "--shape",
        "--schema",
        "--data-iri",
    ] {
        assert!(
            ended.errors().contains(flag),
            "{flag}: {}",
            ended.transcript()
        );
    }
    for (args, said) in [
        (&["-c", "5004I"][..], "5004 exists as 5004N"),
        (
            &["-c", "5004N", "--outcome", "PROCESING"],
            "did you mean PROCESSING?",
        ),
        (
            &[
                "-c",
                "5004N",
                "--outcome",
                "PROCESSING",
                "--set",
                "lifecycleStage=x",
            ],
            "did you mean lifeCycleStage?",
        ),
        (
            &["-c", "5004N", "--fail-on", "eror"],
            "similar value exists: 'error'",
        ),
        (
            &["-c", "5004N", "--custom-data", "{"],
            "--custom-data is not JSON",
        ),
        (
            &["-c", "5004N", "--custom-data", "{\"a\":"],
            "--custom-data is not JSON: its end is missing",
        ),
        (
            &["-c", "5004N", "--custom-data", "{\n \"a\": x}"],
            "--custom-data is not JSON: x is not a JSON value (line 2, character 7)",
        ),
        (
            &["-c", "5004N", "--detail", "@/nonexistent"],
            "/nonexistent",
        ),
    ] {
        let ended = run(&[args, &FLAGS].concat());
        assert_ne!(ended.code, Some(0), "{}", ended.transcript());
        ended.warns(said);
    }
    let server = Server::answering(|_, _| ok());
    hivelog(["emit", "--url", &server.url(), "--connector", "c", "-"])
        .run()
        .exits(2)
        .warns("HIVELOG_KEY");
    hivelog(["emit", "-"]).run().exits(2).warns("--url");
    emit("http://example.com", &["-"])
        .run()
        .exits(2)
        .warns("--allow-http");
    emit(&server.url(), &["-", "--receipts"])
        .run()
        .exits(2)
        .warns("--receipts needs a spool, and --no-spool works without one");
    hivelog(["emit", "-", "--sandbox", "--receipts"])
        .run()
        .exits(2)
        .warns("--receipts needs a spool, and --sandbox works without one");
    emit("https://user:hunter2@example.com", &["-"])
        .run()
        .exits(2)
        .warns("user name");
    emit(&server.url(), &["-", "-H", "Host: x"])
        .run()
        .exits(2)
        .warns("host");
    emit(&server.url(), &["-", "-H", "Authorization: Bearer x"])
        .run()
        .exits(2);
    emit(&server.url(), &["-", "--connector", "a"])
        .run()
        .exits(2);
    emit(&server.url(), &["-"])
        .env("HIVELOG_KEY", "a\r\nX-Evil: 1")
        .run()
        .exits(2)
        .warns("line break");
    emit(&server.url(), &["/nonexistent.ndjson"])
        .run()
        .exits(3)
        .warns("/nonexistent.ndjson");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn records_travel_byte_for_byte_unless_they_are_changed() {
    let server = Server::answering(|_, _| ok());
    let odd = record("a", "5004N")
        .replace("\"mode\":", " \"mode\" :\t")
        .replace("Shop\"", "\\u0053hop\"");
    let pretty = serde_json::to_string_pretty(
        &serde_json::from_str::<Value>(&record("b", "5004N")).expect("JSON"),
    )
    .expect("JSON");
    let input = format!("\u{feff}{odd}\r\n\r\n{pretty}\n");
    emit(&server.url(), &["-", "--jobs", "1"])
        .stdin(input.clone())
        .run()
        .exits(0);
    let sent: Vec<Vec<u8>> = server
        .requests()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(
        sent,
        [odd.clone().into_bytes(), pretty.clone().into_bytes()]
    );

    emit(
        &server.url(),
        &[
            "-",
            "--jobs",
            "1",
            "--set",
            "mode=LIVE",
            "--default",
            "stream=s",
            "--default",
            "shapeName=Other",
            "--set",
            "customData.run=7",
        ],
    )
    .stdin(input)
    .run()
    .exits(0);
    let changed = &server.requests()[2].body;
    let expected = odd.replace("\t\"SANDBOX\"", "\t\"LIVE\"").replace(
        "\"limber\"}",
        "\"limber\",\"stream\":\"s\",\"customData\":{\"run\":7}}",
    );
    // The last member of the nested reference ends in the same way.
    let expected = expected.replacen(
        "\"limber\",\"stream\":\"s\",\"customData\":{\"run\":7}}",
        "\"limber\"}",
        expected.matches("\"stream\"").count() - 1,
    );
    assert_eq!(String::from_utf8_lossy(changed), expected);
}

#[test]
fn each_record_gets_a_result_and_mixed_ends_are_seven() {
    let server = Server::answering(|_, request| {
        if String::from_utf8_lossy(&request.body).contains("refuse-me") {
            let problem = r#"{"type":"http://x/bad","typeCode":"BAD_MODE","status":400,"title":"Bad","detail":"mode","uuid":"u-9"}"#;
            answer(
                "400 Bad Request",
                "Content-Type: application/problem+json\r\n",
                problem,
            )
        } else {
            ok()
        }
    });
    let place = Place::new();
    let broken = record("c", "5004N").replace("INBOUND_2", "INBOUND_4");
    let input = format!(
        "{}\n{}\n{broken}\n{{\"eventCode\":\n",
        record("a", "5004N"),
        record("refuse-me", "4005E")
    );
    let file = place.file("logs.ndjson", &input);
    let copies = place.path("refused.ndjson");
    let (file, copies) = (file.to_str().expect("text"), copies.to_str().expect("text"));
    let ended = emit(&server.url(), &[file, "-o", "ndjson", "--rejected", copies])
        .run()
        .exits(7);
    let mut results: HashMap<u64, Value> = HashMap::new();
    let mut lines = ended.ndjson();
    let summary = lines.pop().expect("a summary");
    for line in lines {
        results.insert(line["record"].as_u64().expect("a number"), line);
    }
    assert_eq!(results[&1]["status"], "delivered");
    assert_eq!(results[&1]["http"], 200);
    assert_eq!(results[&1]["attempts"], 1);
    assert_eq!(results[&1]["eventCode"], "5004N");
    assert_eq!(results[&1]["correlationId"], "a");
    assert_eq!(results[&1]["source"], file);
    assert_eq!(results[&2]["status"], "refused");
    assert_eq!(
        results[&2]["error"],
        json!({"title": "Bad", "detail": "mode", "typeCode": "BAD_MODE", "uuid": "u-9"})
    );
    assert_eq!(results[&3]["status"], "invalid");
    assert_eq!(results[&3]["line"], 3);
    assert_eq!(results[&3]["findings"][0]["rule"], "platform-only-stage");
    assert_eq!(results[&4]["findings"][0]["rule"], "json-syntax");
    for (name, count) in [
        ("records", 4),
        ("delivered", 1),
        ("refused", 1),
        ("invalid", 2),
        ("kept", 0),
        ("failed", 0),
        ("maybeDuplicate", 0),
    ] {
        assert_eq!(summary[name], count, "{name}");
    }
    assert_eq!(summary["summary"], true);
    let turned_away = std::fs::read_to_string(copies).expect("the copies");
    for wanted in [&record("refuse-me", "4005E"), &broken] {
        assert!(
            turned_away.lines().any(|line| line == wanted),
            "{turned_away}"
        );
    }

    let human = emit(&server.url(), &[file]).run().exits(7);
    assert!(
        human
            .text()
            .contains("delivered 1, invalid 2 (lines 3-4), refused 1 (line 2), kept 0 in "),
        "{}",
        human.transcript()
    );
    let array = emit(&server.url(), &[file, "-o", "json"])
        .run()
        .exits(7)
        .json();
    assert_eq!(array.as_array().map(Vec::len), Some(5));
}

#[test]
fn one_reason_for_all_is_the_exit_code() {
    let invalid = record("c", "5004N").replace("INBOUND_2", "INBOUND_4");
    let server = Server::answering(|_, _| ok());
    emit(&server.url(), &["-"])
        .stdin(format!("{invalid}\n{invalid}"))
        .run()
        .exits(5);
    assert_eq!(server.requests().len(), 0);
    emit(&server.url(), &["-", "--no-validate"])
        .stdin(invalid.clone())
        .run()
        .exits(0);
    emit(&server.url(), &["-", "--fail-on", "never"])
        .stdin(invalid)
        .run()
        .exits(0);
    emit(&server.url(), &["-", "--fail-on", "hint"])
        .stdin(record("no-uuid", "5004N"))
        .run()
        .exits(5);
    emit(&server.url(), &["-"])
        .stdin("")
        .run()
        .exits(3)
        .warns("--allow-empty");
    emit(&server.url(), &["-", "--allow-empty"])
        .stdin("  \n")
        .run()
        .exits(0);
}

#[test]
fn a_record_never_overtakes_another_of_its_journey() {
    // Every third request fails, so that there is something to overtake.
    let (count, arrived) = (
        AtomicUsize::new(0),
        std::sync::Arc::new(Mutex::new(Vec::new())),
    );
    let seen = std::sync::Arc::clone(&arrived);
    let server = Server::answering(move |_, request| {
        if count.fetch_add(1, Ordering::SeqCst) % 3 == 2 {
            return answer("503 Service Unavailable", "", "");
        }
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        seen.lock()
            .expect("no panic")
            .push((text("correlationId"), body["customData"].as_u64()));
        ok()
    });
    let input: String = (0..90)
        .map(|at| {
            let plain = record(&format!("j{}", at % 5), "5004N");
            plain.replace("}]},", &format!("}}]}},\"customData\":{at},")) + "\n"
        })
        .collect();
    let ended = emit(&server.url(), &["-", "--jobs", "8", "-o", "ndjson"])
        .stdin(input)
        .run()
        .exits(0);
    assert_eq!(ended.ndjson().last().expect("a summary")["delivered"], 90);
    let arrived = arrived.lock().expect("no panic");
    assert_eq!(arrived.len(), 90);
    let mut last: HashMap<&str, Option<u64>> = HashMap::new();
    for (journey, at) in arrived.iter() {
        let before = last.insert(journey, *at).flatten();
        assert!(before < *at, "{journey}: {at:?} after {before:?}");
    }
}

#[test]
fn flags_mean_that_standard_input_is_not_read() {
    let server = Server::answering(|_, _| ok());
    let mut args = vec!["-c", "5004N", "--outcome", "PROCESSING"];
    args.extend(FLAGS);
    let running = emit(&server.url(), &args).start();
    // The pipe stays open; only a program that does not read it ends.
    running.stdout.until("delivered 5004N");
    let _ = running.end().exits(0);
}

#[test]
fn a_silent_pipe_is_reported() {
    let running = hivelog(["emit", "--sandbox", "--no-spool", "--allow-empty"]).start();
    running.stderr.until("reading records from standard input");
    let _ = running.end().exits(0);
}

#[test]
fn headers_of_the_request_itself_carry_no_key_and_are_not_extra() {
    for name in [
        "Host",
        "content-type",
        "TE",
        "Proxy-Anything",
        "limber-connector",
    ] {
        emit(
            "http://127.0.0.1:9",
            &["--dry-run", "--key-header", name, "-"],
        )
        .stdin(record("c", "5004N"))
        .run()
        .exits(2);
        emit(
            "http://127.0.0.1:9",
            &["--dry-run", "-H", &format!("{name}: x"), "-"],
        )
        .stdin(record("c", "5004N"))
        .run()
        .exits(2);
    }
    emit(
        "http://127.0.0.1:9",
        &["--dry-run", "--key-header", "Authorization", "-"],
    )
    .stdin(record("c", "5004N"))
    .run()
    .exits(0)
    .says("Authorization: ***");
}

#[test]
fn values_of_profile_headers_are_not_shown_and_can_be_overridden() {
    let place = Place::new();
    place.file(
        "config.toml",
        "[profile.p.synchive]\nurl = \"http://127.0.0.1:9\"\nconnector = \"shop\"\n\
         [profile.p.synchive.headers]\nX-Tenant = \"canary\"\n",
    );
    let config = place.path("config.toml");
    let config = config.to_str().expect("a path");
    let shown = |more: &[&str]| {
        let args = ["emit", "--config", config, "-p", "p"];
        place
            .hivelog([&args[..], more].concat())
            .stdin(record("c", "5004N"))
            .run()
            .exits(0)
            .text()
    };
    let dry = shown(&["--dry-run"]);
    assert!(
        dry.contains("x-tenant: ***") && !dry.contains("canary"),
        "{dry}"
    );
    let curl = shown(&["--as-curl"]);
    assert!(curl.contains("\"x-tenant: $HEADER_X_TENANT\""), "{curl}");
    assert!(
        curl.contains(": $HIVELOG_KEY\"") && !curl.contains("canary"),
        "{curl}"
    );
    // What everyone types first, and what needs no server either.
    assert_eq!(shown(&["--dry-run", "--as-curl"]), curl);
    let other = shown(&["--dry-run", "-H", "X-Tenant: other"]);
    assert!(other.contains("x-tenant: other"), "{other}");
}

#[test]
fn a_dry_run_shows_a_request_before_the_next_record_is_written() {
    let mut dry = emit("http://127.0.0.1:9", &["--dry-run", "-o", "ndjson", "-"]).start();
    for _ in 0..3 {
        dry.write(record("c", "5004N").as_bytes());
        dry.write(b"\n");
        dry.stdout.until("\"method\":\"PUT\"");
    }
    dry.end().exits(0);
}

/// Text that its reader has enough of after one line.
fn one_line_of(script: &str, hivelog: &str) -> std::process::Output {
    let script = format!("{script} | {{ {hivelog}; echo $? >&2; }} | head -1");
    let shell = Command::new("sh").args(["-c", &script]).output();
    shell.expect("sh")
}

#[test]
fn a_dry_run_without_a_reader_ends() {
    let record = record("c", "5004N");
    let program = env!("CARGO_BIN_EXE_hivelog");
    let dry = format!("'{program}' emit --config none --sandbox --dry-run -q -");
    let output = one_line_of(&format!("yes '{record}'"), &dry);
    assert!(output.stdout.starts_with(b"PUT "), "{output:?}");
    assert_eq!(output.stderr, b"0\n");
}

#[test]
fn what_another_command_takes_is_said_once() {
    let event = r#"{"id":"e","kind":"sys","type":"trigger.event.failed","data":{"error":"x"}}"#;
    let input = format!(
        "{}\n{event}\n{event}\n{event}\n{{\"a\":1}}\n{{broken\n",
        record("c", "5004N")
    );
    let server = Server::answering(|_, _| ok());
    for (more, sent) in [(&[][..], "delivered 1"), (&["--dry-run"], "PUT ")] {
        let ended = emit(&server.url(), more).stdin(input.clone()).run();
        let ended = ended.exits(7).says(sent);
        let (text, errors) = (ended.text(), ended.errors());
        for said in [
            "-:2: invalid\n  a sys event, not an event log\n",
            "invalid 3 (lines 2-4): a sys event, not an event log\n",
            "  error missing-field: missing: eventCode, direction, lifeCycleStage, ",
            "-:6: invalid\n  error json-syntax: ",
        ] {
            assert!(text.contains(said), "{said}\n{}", ended.transcript());
        }
        for said in [
            "skipped 3 sys events: 'hivelog tail' shows and 'hivelog stats' counts them",
            "skipped 1 other record: neither event logs nor sys events; 'hivelog validate'",
        ] {
            assert_eq!(errors.matches(said).count(), 1, "{}", ended.transcript());
        }
    }
}

#[test]
fn a_dry_run_of_the_sandbox_shows_the_request() {
    let line = "emit --sandbox --dry-run -c 5004N -s INBOUND_1 --outcome PROCESSING --integration i \
                --shape S --schema s --external-id i=1";
    let ended = hivelog(line.split_whitespace()).run().exits(0);
    assert!(ended.text().starts_with("PUT "), "{}", ended.transcript());
    assert!(
        ended.text().contains("\"mode\":\"SANDBOX\""),
        "{}",
        ended.transcript()
    );
}

#[test]
fn an_address_that_ends_in_the_endpoint_is_not_doubled() {
    for (url, whole) in [
        (
            "http://127.0.0.1:9/p/data-service/v1/eventLog/",
            "/p/data-service/v1/eventLog",
        ),
        (
            "http://127.0.0.1:9/data-service/v1/eventLog",
            ":9/data-service/v1/eventLog",
        ),
        (
            "http://127.0.0.1:9/xdata-service/v1/eventLog",
            "/xdata-service/v1/eventLog/data-service/v1/eventLog",
        ),
    ] {
        emit(url, &["--dry-run", "-"])
            .stdin(record("c", "5004N"))
            .run()
            .exits(0)
            .says(&format!("{whole}\n"));
    }
}

#[test]
fn a_curl_line_sends_the_body_it_shows() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let long = record("c", "5004N").replacen(
        '{',
        &format!("{{\"x\":\"it's $HOME {}\",", "a".repeat(200_000)),
        1,
    );
    let delete = record("c", "5004N").replacen('{', "{\"x\":\"a\u{7f}b\",", 1);
    for body in ["@/etc/hosts", &delete, &long] {
        let server = Server::answering(|_, _| ok());
        let shown = emit(&server.url(), &["--as-curl", "--no-validate", "-"])
            .stdin(body)
            .run()
            .exits(0);
        let mut shell = Command::new("sh")
            .env("HIVELOG_KEY", "canary-7f3a")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut script = shell.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut script, &shown.stdout).expect("a script");
        drop(script);
        assert!(shell.wait().expect("an end").success());
        let sent = String::from_utf8_lossy(&server.requests()[0].body).into_owned();
        assert!(sent.trim_end_matches('\n') == body, "{}", sent.len());
    }
}

#[test]
fn dry_run_and_curl_show_the_request_and_not_the_key() {
    let server = Server::answering(|_, _| ok());
    let mut args = vec![
        "-c",
        "5004N",
        "--outcome",
        "PROCESSING",
        "--correlation-id",
        "it's",
    ];
    args.extend(FLAGS);
    for how in ["--dry-run", "--as-curl"] {
        let ended = emit(&server.url(), &[&args[..], &[how]].concat())
            .run()
            .exits(0)
            .says(&format!("{}/data-service/v1/eventLog", server.url()))
            .says("limber-connector: shopify_connector");
        assert!(
            !(ended.text() + &ended.errors()).contains("canary"),
            "{}",
            ended.transcript()
        );
    }
    let ended = emit(&server.url(), &[&args[..], &["--as-curl"]].concat())
        .run()
        .exits(0)
        .says("$HIVELOG_KEY");
    assert_eq!(server.requests().len(), 0);
    // What is shown does what is meant.
    if Command::new("curl").arg("--version").output().is_ok() {
        let pasted = Command::new("sh")
            .arg("-c")
            .arg(ended.text())
            .env("HIVELOG_KEY", "canary-7f3a")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("a shell");
        assert!(pasted.success());
        let request = &server.requests()[0];
        assert_eq!(
            request.header("X-Shopify-Connector-Key"),
            Some("canary-7f3a")
        );
        assert!(String::from_utf8_lossy(&request.body).contains("\"it's\""));
    }
    hivelog(["emit", "--dry-run", "-"])
        .stdin(record("c", "9999X"))
        .run()
        .exits(5)
        .says("unknown-code");
    let shown = emit(&server.url(), &["--dry-run", "-o", "ndjson", "-"])
        .stdin(record("c", "5004N"))
        .run()
        .exits(0)
        .ndjson();
    assert_eq!(shown[0]["body"], record("c", "5004N"));
    assert_eq!(shown[0]["headers"]["X-Shopify-Connector-Key"], "***");
}

#[test]
fn an_interrupt_finishes_what_is_under_way_and_tells_the_rest() {
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let server = Server::answering(move |_, _| {
        let _ = gate.lock().expect("no panic").recv();
        ok()
    });
    let mut running = emit(&server.url(), &["-", "--jobs", "1", "-o", "ndjson"]).start();
    running.write(records(5).as_bytes());
    while server.requests().is_empty() {
        std::thread::yield_now();
    }
    running.signal("INT");
    running.stderr.until("stopping: 1 record in flight");
    release.send(()).expect("the server waits");
    let result: Value =
        serde_json::from_str(&running.stdout.until("\"delivered\",")).expect("JSON");
    assert_eq!(result["record"], 1);
    let summary: Value = serde_json::from_str(&running.stdout.until("\"summary\"")).expect("JSON");
    assert_eq!(
        (&summary["delivered"], &summary["failed"]),
        (&json!(1), &json!(4))
    );
    let _ = running.end().exits(130);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn terminated_is_another_code() {
    let server = Server::scripted(|_, _, _| std::thread::park());
    let mut running = emit(&server.url(), &["-", "--timeout", "1s", "-o", "ndjson"]).start();
    running.write(records(1).as_bytes());
    while server.requests().is_empty() {
        std::thread::yield_now();
    }
    running.signal("TERM");
    let summary: Value = serde_json::from_str(&running.stdout.until("\"summary\"")).expect("JSON");
    assert_eq!(summary["maybeDuplicate"], 1);
    let _ = running.end().exits(143);
}

#[test]
fn a_reader_that_leaves_does_not_stop_the_sending() {
    let server = Server::answering(|_, _| ok());
    let place = Place::new();
    let file = place.file("logs.ndjson", records(60));
    let line = format!(
        "{} emit --url {} --connector c --no-spool -o ndjson {} | true; exit ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_hivelog"),
        server.url(),
        file.display()
    );
    let status = Command::new("bash")
        .args(["-c", &line])
        .env("HIVELOG_KEY", "k")
        .env("HOME", place.path(""))
        .status()
        .expect("bash");
    assert_eq!(status.code(), Some(0));
    assert_eq!(server.requests().len(), 60);
}

#[test]
fn fail_fast_ends_with_the_first_that_is_not_delivered() {
    let server = Server::answering(|number, _| {
        if number == 1 {
            answer("400 Bad Request", "", "")
        } else {
            ok()
        }
    });
    let ended = emit(
        &server.url(),
        &["-", "--jobs", "1", "--fail-fast", "-o", "ndjson"],
    )
    .stdin(records(9))
    .run()
    .exits(7);
    assert_eq!(server.requests().len(), 2);
    let summary = ended.ndjson().pop().expect("a summary");
    assert_eq!(
        (&summary["delivered"], &summary["refused"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn the_rate_is_kept() {
    let server = Server::answering(|_, _| ok());
    let mut running = emit(&server.url(), &["-", "--rate", "1/h", "-o", "ndjson"]).start();
    running.write(records(5).as_bytes());
    running.stdout.until("\"delivered\",");
    running.signal("INT");
    let summary: Value = serde_json::from_str(&running.stdout.until("\"summary\"")).expect("JSON");
    assert_eq!(
        (&summary["delivered"], &summary["failed"]),
        (&json!(1), &json!(4))
    );
    let _ = running.end().exits(130);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_embedded_emulator_needs_nothing() {
    let ended = hivelog(["emit", "--sandbox", "--no-spool", "-o", "ndjson", "-"])
        .stdin(records(50))
        .run()
        .exits(0);
    assert_eq!(ended.ndjson().last().expect("a summary")["delivered"], 50);
}

/// A run of the composer on a terminal of its own.
fn composer() -> rexpect::session::PtySession {
    let place: &'static Place = Box::leak(Box::new(Place::new()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_hivelog"));
    command
        .args([
            "emit",
            "-i",
            "--sandbox",
            "--integration",
            "Shop",
            "--shape",
            "Product",
            "--schema",
            "limber",
        ])
        .env_clear()
        .env("HOME", place.path(""))
        .env("TERM", "xterm");
    rexpect::session::spawn_command(command, Some(30_000)).expect("a terminal")
}

#[test]
fn the_composer_asks_shows_and_sends() {
    let mut terminal = composer();
    for (prompt, answer) in [
        ("What happened?", "\r"),
        ("Which is nearest?", "\r"),
        ("At which stage?", "\r"),
        ("With what outcome?", "\r"),
        ("Correlation id", "\r"),
        ("In which mode?", "\r"),
        ("Id of the data", "42\r"),
        ("What state", "All is well.\r"),
        ("How did it", "\r"),
        ("What can the reader", "\r"),
    ] {
        terminal.exp_string(prompt).expect(prompt);
        terminal.send(answer).expect("it reads");
        terminal.flush().expect("it reads");
    }
    terminal
        .exp_string("Equivalent command:")
        .expect("the command line");
    terminal
        .exp_string("hivelog emit -c 1000N -s INBOUND_1")
        .expect("the command line");
    terminal.exp_string("Send it?").expect("the last word");
    terminal.send("\r").expect("it reads");
    terminal.flush().expect("it reads");
    terminal.exp_string("delivered").expect("a result");
    terminal.exp_eof().expect("its end");
}

#[test]
fn leaving_the_composer_gives_the_cursor_back() {
    let mut terminal = composer();
    terminal.exp_string("What happened?").expect("a prompt");
    terminal.send_control('c').expect("it reads");
    terminal.exp_string("\u{1b}[?25h").expect("the cursor");
    terminal.exp_eof().expect("its end");
    let status = terminal.process().wait().expect("a status");
    assert!(format!("{status:?}").contains("130"), "{status:?}");
    hivelog(["emit", "-i", "--sandbox"])
        .run()
        .exits(2)
        .warns("no terminal to ask on");
}

#[test]
fn what_set_and_default_give_is_not_missing() {
    let flags = "emit --dry-run --url https://x.example --connector c -c 5004N -s INBOUND_1 --outcome PROCESSING \
                 --integration I --shape P --external-id I=1";
    let more = ["--set", "mode=SANDBOX", "--default", "schemaName=limber"];
    let ended = hivelog(flags.split_whitespace().chain(more)).run().exits(0);
    for wanted in ["\"mode\":\"SANDBOX\"", "\"schemaName\":\"limber\""] {
        assert!(ended.text().contains(wanted), "{}", ended.transcript());
    }
}

#[test]
fn a_file_that_is_read_is_never_written_over() {
    let place = Place::new();
    let input = records(1);
    let path = place.file("in.ndjson", &input);
    let target = ["--url", "http://127.0.0.1:9", "--connector", "c"];
    for more in [
        &["--rejected", "./in.ndjson"][..],
        &["--rejected", "other", "--dry-run"],
    ] {
        place.file("other", "kept");
        let args = ["emit", "in.ndjson"].iter().chain(&target).chain(more);
        let ended = place.hivelog(args).env("HIVELOG_KEY", "k").run();
        let refused = more.len() == 2;
        assert_eq!(
            ended.code,
            Some(if refused { 2 } else { 0 }),
            "{}",
            ended.transcript()
        );
        assert_eq!(std::fs::read_to_string(&path).expect("the input"), input);
        let other = std::fs::read_to_string(place.path("other")).expect("the other");
        assert_eq!(other, "kept");
    }
}

#[test]
fn a_long_pause_is_not_waited_for_by_what_is_only_in_memory() {
    let server = Server::answering(|_, _| answer("503 x", "Retry-After: 900\r\n", ""));
    let ended = emit(&server.url(), &["-", "--jobs", "1", "-o", "ndjson"])
        .stdin(records(3))
        .run()
        .exits(6);
    assert_eq!(server.requests().len(), 1, "{}", ended.transcript());
    assert_eq!(ended.ndjson().last().expect("a summary")["failed"], 3);
}

#[test]
fn as_many_reasons_as_records_are_folded_beyond_a_number() {
    let server = Server::answering(|at, _| {
        // Words of letters alone: digits are left out of what makes outcomes alike.
        let word: String = format!("{at:03}")
            .bytes()
            .map(|digit| char::from(digit - b'0' + b'a'))
            .collect();
        answer("400 x", "", &format!("no {word}"))
    });
    let run = emit(&server.url(), &["-", "--jobs", "1"]).stdin(records(300));
    let text = run.run().exits(5).text();
    assert!(text.lines().count() < 3 * 210, "three lines each: {text}");
    let wanted = "refused 100 (lines 201-300): other reasons; '-o ndjson' has each\n";
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn a_night_of_mixed_outcomes_fits_on_a_screen() {
    let server = Server::answering(|at, request| {
        let text = String::from_utf8_lossy(&request.body);
        let about =
            |what: &str| format!("{{\"title\":\"{what}\",\"detail\":\"request r{at}: {at} s\"}}");
        let json = "Content-Type: application/problem+json\r\n";
        if text.contains("journey-1") {
            answer("400 x", json, &about("not valid"))
        } else if text.contains("journey-2") {
            answer("422 x", json, &about("too old"))
        } else {
            ok()
        }
    });
    let ended = emit(&server.url(), &["-"]).stdin(records(300));
    let text = ended.run().exits(7).text();
    assert!(text.lines().count() < 12, "{text}");
    for wanted in [
        "refused 111 (lines 2, 11-20, 101-200): 400 not valid: request … … s\n",
        "refused 111 (lines 3, 21-30, 201-300): 422 too old: request … … s\n",
    ] {
        assert!(!text.contains("so far") && text.contains(wanted), "{text}");
    }
}

#[test]
fn an_outage_fits_on_a_screen() {
    let closed = crate::connection::closed();
    let cause = format!("cannot connect to {closed}: connection refused");
    for (journeys, wanted) in [
        (150, &[format!("kept 300 (lines 1-300): {cause}\n")][..]),
        (
            20,
            &[
                format!("kept 20 (lines 1-20): {cause}\n"),
                "kept 20 (lines 21-40): waits behind an earlier line of the same journey\n"
                    .to_owned(),
            ],
        ),
    ] {
        let records: Vec<String> = (0..journeys * 2)
            .map(|at| record(&format!("order-{}", at % journeys), "1000N"))
            .collect();
        let run = Place::new()
            .hivelog([
                "emit",
                "-",
                "--url",
                &closed,
                "--connector",
                "shop",
                "--retry-for",
                "0s",
            ])
            .env("HIVELOG_KEY", "secret")
            .stdin(records.join("\n"))
            .run()
            .exits(6);
        let text = run.text();
        assert!(text.lines().count() < 12, "{text}");
        for wanted in wanted {
            assert!(text.contains(wanted), "no {wanted:?} in {text}");
        }
        assert!(
            text.contains("send them with: hivelog spool drain --url http"),
            "{text}"
        );
    }
}

#[test]
fn quiet_shows_only_what_did_not_end_well() {
    let server = Server::answering(|at, _| match at {
        0..3 => ok(),
        _ => answer("400 Bad Request", "", ""),
    });
    for args in [&["-q", "-"][..], &["-q", "-", "--dry-run"]] {
        let ended = emit(&server.url(), args).stdin(records(3)).run().exits(0);
        let shows = args.contains(&"--dry-run");
        assert_eq!(!ended.text().is_empty(), shows, "{}", ended.transcript());
    }
    let ended = emit(&server.url(), &["-q", "-"]).stdin(records(3));
    ended.run().exits(5).says("refused 3 (lines 1-3)");
}
