//! `stats`, through the program.

use crate::support::{Place, hivelog};
use serde_json::json;

fn run(flow: &str, millis: u32, name: &str) -> String {
    format!(
        r#"{{"ts":"2024-05-03T05:30:00Z","type":"trigger.event.{name}","data":{{"flow_name":"{flow}","duration_ms":{millis}}}}}"#
    ) + "\n"
}

fn events() -> String {
    let orders: String = (1..=100).map(|at| run("Orders", at * 10, "ok")).collect();
    orders + &run("Orders", 5000, "error") + &run("Stock", 7, "ok") + "{\"type\":\"auth.ok\"}\n"
}

/// What is said of the last one, which belongs to no flow.
const LEFT_OUT: &str = "skipped 1 record: without a flow; --by type counts them\n";

#[test]
fn groups_have_the_documented_shape() {
    let ended = hivelog(["stats", "-o", "json"])
        .stdin(events())
        .run()
        .exits(0);
    assert_eq!(
        ended.json(),
        json!([
            {"key": "Orders", "count": 101, "errors": 1, "errorRate": 0.01, "min": 10, "mean": 549.505,
             "p50": 510, "p90": 910, "p99": 1000, "max": 5000},
            {"key": "Stock", "count": 1, "errors": 0, "errorRate": 0, "min": 7, "mean": 7,
             "p50": 7, "p90": 7, "p99": 7, "max": 7},
        ])
    );
    let line = ["stats", "--by", "type", "--percentiles", "25", "-o", "csv"];
    let ended = hivelog(line).stdin(events()).run().exits(0);
    let text = ended.text();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("key,count,errors,errorRate,min,mean,p25,max")
    );
    assert_eq!(
        lines.next(),
        Some("trigger.event.ok,101,0,0,7,500.069,250,1000")
    );
    let line = ["stats", "--by", "hour", "-o", "ndjson"];
    let ended = hivelog(line).stdin(events()).run().exits(0);
    assert_eq!(ended.ndjson()[0]["key"], "2024-05-03T05:00+00:00");
}

#[test]
fn event_logs_are_counted_by_code() {
    let logs = r#"[{"eventCode":"4005E","retries":3},{"eventCode":"1000N"},{"eventCode":"4005E","retries":"5"}]"#;
    let line = ["stats", "--field", "retries", "-o", "json"];
    let rows = hivelog(line).stdin(logs).run().exits(0).json();
    assert_eq!(rows[0]["key"], "4005E");
    assert_eq!(
        (&rows[0]["errors"], &rows[0]["max"]),
        (&json!(2), &json!(5))
    );
    assert_eq!(rows[1]["p50"], json!(null));
}

#[test]
fn thresholds_and_bad_input_have_their_exit_codes() {
    for (threshold, code) in [
        ("p95(duration_ms)>2s", 0),
        ("max(duration_ms)>2s", 1),
        ("errorRate>0.005", 1),
        ("count>500", 0),
        ("p95(duration_ms", 2),
        ("median>1", 2),
    ] {
        let line = ["stats", "--fail-on", threshold];
        let ended = hivelog(line).stdin(events()).run();
        let ended = ended.exits(code);
        let said = match code {
            0 => "",
            1 => "threshold exceeded: ",
            _ => "--fail-on",
        };
        let errors = ended.errors().replace(LEFT_OUT, "");
        assert_eq!(errors.is_empty(), code == 0, "{}", ended.transcript());
        let _ = ended.warns(said);
    }
    hivelog(["stats"]).stdin("").run().exits(3);
    hivelog(["stats", "absent"]).run().exits(3).warns("absent");
    hivelog(["stats", "--allow-empty"]).stdin("").run().exits(0);
    let ended = hivelog(["stats", "-"])
        .stdin(format!("nonsense\n{}", events()))
        .run();
    ended.exits(0).warns("-:1:1: not JSON");
    // The advice names no flag that only tail has.
    let mistyped = hivelog(["stats", "-t", "server.start"]).stdin(events());
    let ended = mistyped.run().exits(2).warns("did you mean");
    assert!(!ended.errors().contains("--kind"), "{}", ended.transcript());
}

#[test]
fn what_can_be_read_is_counted_where_one_file_is_missing() {
    let line = ["stats", "-o", "json", "-", "absent.ndjson"];
    let ended = hivelog(line).stdin(events()).run();
    let ended = ended.exits(3).warns("cannot read absent.ndjson");
    assert_eq!(ended.json()[0]["key"], "Orders");
    // A comparison with nothing would say that everything is new.
    let line = ["stats", "-", "--against", "absent.ndjson"];
    let ended = hivelog(line).stdin(events()).run().exits(3);
    assert_eq!(ended.text(), "");
}

#[test]
fn what_no_record_has_is_reported() {
    for (args, code, reported) in [
        (
            &["--field", "duratoin"][..],
            0,
            "no record has a number in 'duratoin'",
        ),
        (
            &["--field", "flow_name"],
            0,
            "no record has a number in 'flow_name'",
        ),
        (
            &["--fail-on", "max(n)>1"],
            2,
            "no record has a number in 'n'",
        ),
        (
            &["--fail-on", "count(flow_name)>5"],
            2,
            "documented numbers are trigger_priority, inputs, outputs, duration_ms",
        ),
        (
            &["--fail-on", "count(duration_m)>5"],
            2,
            "did you mean duration_ms?",
        ),
        (
            &["--fail-on", "max(inputs)>1"],
            0,
            "no record has a number in 'inputs'",
        ),
        (&["--by", "code"], 0, "without an event code"),
        (
            &["--by", "status"],
            0,
            "no record has a status; --by type counts them",
        ),
        (&["--field", "duration_ms"], 0, ""),
        (&["--fail-on", "count>500"], 0, ""),
    ] {
        let line = ["stats"].iter().chain(args);
        let ended = hivelog(line).stdin(events()).run().exits(code);
        let errors = ended.errors().replace(LEFT_OUT, "");
        assert_eq!(
            errors.is_empty(),
            reported.is_empty(),
            "{}",
            ended.transcript()
        );
        assert!(errors.contains(reported), "{}", ended.transcript());
    }
    // Where others have it, those that do not are counted.
    let unnamed = "{\"type\":\"server.started\",\"data\":{}}\n".repeat(3);
    for (args, reported) in [
        (
            &[][..],
            "skipped 4 records: without a flow; --by type counts them\n",
        ),
        (
            &["--by", "type,flow"],
            "skipped 4 records: without a type or a flow; --by type counts them\n",
        ),
        (&["--by", "type"], ""),
        (&["--by", "type", "--fail-on", "count>500"], ""),
        (&["--by", "error"], ""),
        (&["--by", "flow,error"], ""),
    ] {
        let line = ["stats"].iter().chain(args);
        let ended = hivelog(line).stdin(events() + &unnamed).run().exits(0);
        assert_eq!(ended.errors(), reported, "{}", ended.transcript());
    }
    // Event logs have no durations, and nobody asked for them.
    let ended = hivelog(["stats"]).stdin(r#"{"eventCode":"1000N"}"#).run();
    assert_eq!(ended.exits(0).errors(), "");
}

#[test]
fn an_event_without_a_name_is_counted_under_the_name_of_its_id() {
    let event = |data: &str| format!("{{\"type\":\"trigger.schedule.{data}}}}}\n");
    let input = event(r#"failed","data":{"flow_id":"f1","trigger_id":"t1""#)
        + &event(
            r#"ok","data":{"flow_id":"f1","flow_name":"Orders","trigger_id":"t1","trigger_name":"Nightly","duration_ms":4"#,
        )
        + &event(r#"failed","data":{"flow_id":"f1","schedule_id":"t1""#)
        + &event(r#"failed","data":{"flow_id":"f2""#);
    for (by, wanted) in [("flow", "Orders"), ("trigger", "Nightly")] {
        let line = ["stats", "--by", by, "-o", "json"];
        let rows = hivelog(line).stdin(input.clone()).run().exits(0).json();
        assert_eq!(rows[0]["key"], wanted, "{rows}");
        assert_eq!(
            (&rows[0]["count"], &rows[0]["errors"]),
            (&json!(3), &json!(2)),
            "{rows}"
        );
        assert_eq!(rows[0]["p50"], json!(4));
    }
}

#[test]
fn a_table_has_its_total_last_and_its_numbers_right_within_eighty_columns() {
    let input: String = (1..=50)
        .map(|at| run("Magento-EU import", at * 79, "ok"))
        .collect();
    let input = input + &run("Stock", 5000, "error");
    for format in ["human", "table"] {
        let line = ["stats", "--by", "type", "-o", format];
        let ended = hivelog(line)
            .env("COLUMNS", "80")
            .stdin(input.clone())
            .run();
        let text = ended.exits(0).text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(
            lines.iter().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(text.contains("2.0 s"), "{text}");
        let words = |line: &str| {
            let words = line.split_whitespace().map(str::to_owned);
            words.collect::<Vec<_>>()
        };
        assert_eq!(words(lines[0])[..4], ["TYPE", "COUNT", "ERRORS", "RATE"]);
        assert_eq!(words(lines[3])[..4], ["total", "51", "1", "2.0%"]);
        let ends = |line: &str, word: &str| line.find(word).map(|at| at + word.len());
        assert_eq!(ends(lines[0], "COUNT"), ends(lines[3], "51"), "{text}");
    }
    // Columns without a value are left out.
    let line = ["stats", "--by", "type"];
    let text = hivelog(line)
        .stdin("{\"type\":\"auth.ok\"}")
        .run()
        .exits(0)
        .text();
    assert!(!text.contains("P50") && !text.contains("MAX"), "{text}");
}

fn failed(minute: u32, flow: &str, error: &str) -> String {
    format!(
        r#"{{"ts":"2024-05-03T05:{minute:02}:00Z","type":"trigger.schedule.failed","data":{{"flow_name":"{flow}","trigger_id":"t-{flow}","error":"{error}"}}}}"#
    ) + "\n"
}

fn night() -> String {
    let mut night = String::new();
    for minute in 0..20 {
        let (flow, port) = (["Orders", "Stock", "Prices"][minute % 3], 5432 + minute % 2);
        let minute = u32::try_from(minute).expect("a minute");
        let error = format!(
            "node 4: HTTP 503 from 10.20.0.{}:{port} for 0f3a{minute:04}",
            minute % 7
        );
        night += &failed(minute, flow, &error);
        let error = format!("failed to fetch target flow: dial tcp: timeout after {minute} ms");
        night += &failed(minute, flow, &error);
        night += &run(flow, 100, "ok");
    }
    night += &failed(30, "Nightly", "flow validation failed: node 3");
    night
        + r#"{"ts":"2024-05-03T05:31:00Z","type":"trigger.schedule.disabled","data":{"trigger_id":"t-Nightly","flow_name":"Nightly","reason":"flow validation failed: node 3"}}"#
}

#[test]
fn errors_are_folded_with_where_since_when_and_what_to_do() {
    let line = ["stats", "--by", "error", "-o", "json"];
    let rows = hivelog(line).stdin(night()).run().exits(0).json();
    assert_eq!(rows.as_array().map(Vec::len), Some(3), "{rows}");
    let first = &rows[0];
    assert_eq!(first["count"], 20);
    assert_eq!(first["flows"], json!(["Orders", "Prices", "Stock"]));
    assert_eq!(first["first"], "2024-05-03T05:00:00Z");
    assert_eq!(first["last"], "2024-05-03T05:19:00Z");
    let known = rows
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| {
            row["key"]
                .as_str()
                .is_some_and(|key| key.starts_with("failed to fetch"))
        })
        .expect("a known error");
    assert_eq!(known["count"], 20);
    assert_eq!(known["disabled"], false);
    assert!(
        known["advice"]
            .as_str()
            .is_some_and(|advice| advice.contains("database"))
    );
    let last = &rows[2];
    assert_eq!(
        (&last["count"], &last["disabled"], &last["flows"]),
        (&json!(2), &json!(true), &json!(["Nightly"])),
        "a failure, and that it has disabled its trigger"
    );
    let text = hivelog(["stats", "--by", "error"])
        .env("COLUMNS", "80")
        .stdin(night())
        .run()
        .exits(0)
        .text();
    for part in [
        "20  node 4: HTTP 503 from 10.20.0.",
        "3 flows: Orders, Prices, Stock · 2024-05-03 05:00:00 to 05:19:00\n",
        "· DISABLED",
        "help: check the server's database connection",
        "42 errors of 3 kinds\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("05:19:00 · not disabled help: check"),
        "{text}"
    );
    // With a second key it is a table, and the rows name both.
    let line = ["stats", "--by", "flow,error", "-o", "json"];
    let rows = hivelog(line).stdin(night()).run().exits(0).json();
    assert_eq!(rows[0]["keys"].as_array().map(Vec::len), Some(2), "{rows}");
    assert_eq!(
        rows[0]["key"],
        format!(
            "{} / {}",
            rows[0]["keys"][0].as_str().unwrap_or(""),
            rows[0]["keys"][1].as_str().unwrap_or("")
        )
    );
}

#[test]
fn every_key_groups_what_has_it() {
    let log = json!({"eventCode": "4005E", "integrationKey": "ShopNZ", "shapeName": "Product",
        "lifeCycleStage": "OUTBOUND_4", "outcome": "FAILED", "correlationId": "c-1",
        "generatedAt": "2024-05-03T05:30:00Z", "detail": "No answer after 5 s.\n\nCause.\n\nAction."});
    let event = json!({"type": "trigger.event.error", "ts": "2024-05-03T06:30:00Z", "data": {
        "flow_name": "Orders", "trigger_name": "New order", "status": "late", "error": "node 7"}});
    let place = Place::new();
    place.file("a.ndjson", format!("{log}\n{event}\n"));
    for (by, keys, left_out) in [
        ("flow", &["Orders"][..], "1 event log"),
        ("trigger", &["New order"], "1 event log"),
        ("type", &["trigger.event.error"], "1 event log"),
        ("status", &["late"], "1 event log"),
        ("error", &["No answer after 5 s.", "node 7"], ""),
        ("code", &["4005E"], "1 sys event"),
        ("integration", &["ShopNZ"], "1 sys event"),
        ("shape", &["Product"], "1 sys event"),
        ("stage", &["OUTBOUND_4"], "1 sys event"),
        ("outcome", &["FAILED"], "1 sys event"),
        ("journey", &["c-1"], "1 sys event"),
        (
            "hour",
            &["2024-05-03T05:00+00:00", "2024-05-03T06:00+00:00"],
            "",
        ),
        ("day", &["2024-05-03"], ""),
        ("file", &["a.ndjson"], ""),
        ("day,file", &["2024-05-03 / a.ndjson"], ""),
    ] {
        let line = ["stats", "a.ndjson", "--by", by, "-o", "json"];
        let ended = place.hivelog(line).run().exits(0);
        let rows = ended.json();
        let rows = rows.as_array().expect("rows");
        let mut found: Vec<_> = rows.iter().filter_map(|row| row["key"].as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, keys, "{by}");
        assert_eq!(
            ended.errors().is_empty(),
            left_out.is_empty(),
            "{}",
            ended.transcript()
        );
        assert!(ended.errors().contains(left_out), "{}", ended.transcript());
        for format in ["human", "table", "csv", "ndjson"] {
            let line = ["stats", "a.ndjson", "--by", by, "-o", format];
            let ended = place.hivelog(line).run().exits(0);
            assert!(
                ended
                    .text()
                    .contains(keys[0].split(" / ").next().unwrap_or("")),
                "{}",
                ended.transcript()
            );
        }
    }
    let text = place
        .hivelog(["stats", "a.ndjson", "--by", "code"])
        .run()
        .exits(0)
        .text();
    assert!(
        text.contains("Authentication to external system failed"),
        "{text}"
    );
    for by in ["flow,type,hour", "flow,flow", "flwo"] {
        place
            .hivelog(["stats", "a.ndjson", "--by", by])
            .run()
            .exits(2);
    }
}

#[test]
fn groups_are_filtered_as_events_are_by_tail() {
    let input = run("Orders", 10, "ok") + &run("Orders", 20, "error") + &run("Stock", 30, "ok");
    for (args, count) in [
        (&["-t", "*.error"][..], 1),
        (&["-t", "@bad,!*.failed"], 1),
        (&["--flow", "orders"], 2),
        (&["--where", "duration_ms >= 20"], 2),
        (&["--since", "2024-05-03T05:30:00Z"], 3),
        (&["--before", "2024-05-03T05:30:00Z"], 0),
    ] {
        let line = ["stats", "--by", "day", "-o", "json"].iter().chain(args);
        let ended = hivelog(line).stdin(input.clone()).run().exits(0);
        let rows = ended.json();
        assert_eq!(
            rows[0]["count"].as_u64().unwrap_or(0),
            count,
            "{args:?} {rows}"
        );
        assert_eq!(
            ended.errors().contains("0 of 3 records matched"),
            count == 0
        );
    }
    let line = ["stats", "--where", "data.durationms > 1", "--flow", "Order"];
    let ended = hivelog(line).stdin(input).run().exits(0);
    let _ = ended
        .warns("0 of 3 records matched")
        .warns("no event has data.durationms (did you mean data.duration_ms?)")
        .warns("no event has the flow 'Order' (did you mean Orders?)");
    let logs =
        r#"{"eventCode":"4005E","outcome":"FAILED"}{"eventCode":"1000N","outcome":"WAITING"}"#;
    let line = ["stats", "--where", "outcome = FAILED", "-o", "json"];
    let rows = hivelog(line).stdin(logs).run().exits(0).json();
    assert_eq!(
        (rows.as_array().map(Vec::len), &rows[0]["key"]),
        (Some(1), &json!("4005E"))
    );
}

#[test]
fn a_second_set_stands_below_the_first_with_the_change() {
    let place = Place::new();
    let set = |millis: u32, flows: &[&str]| {
        let runs = flows
            .iter()
            .flat_map(|flow| (1..=10).map(|at| run(flow, at * millis, "ok")));
        runs.collect::<String>()
    };
    place.file("mon.ndjson", set(100, &["Orders", "Gone"]));
    place.file(
        "tue.ndjson",
        set(200, &["Orders", "Orders", "New"]) + &run("Orders", 1, "error"),
    );
    let line = ["stats", "tue.ndjson", "--against", "mon.ndjson"];
    let ended = place
        .hivelog(line.iter().chain(&["-o", "json"]))
        .run()
        .exits(0);
    let rows = ended.json();
    let row = |key: &str| {
        let mut rows = rows.as_array().into_iter().flatten();
        rows.find(|row| row["key"] == key).cloned().expect("a row")
    };
    let orders = row("Orders");
    assert_eq!(orders["against"]["count"], 10);
    assert_eq!(orders["change"]["count"], 2.1);
    assert_eq!(orders["change"]["p50"], 2);
    assert_eq!(
        orders["change"]["errors"],
        json!(null),
        "there was none before"
    );
    assert_eq!(row("New")["against"], json!(null));
    assert_eq!(
        (&row("Gone")["count"], &row("Gone")["against"]["count"]),
        (&json!(0), &json!(10))
    );
    let text = place
        .hivelog(line)
        .env("COLUMNS", "80")
        .run()
        .exits(0)
        .text();
    for part in ["before", "2.10x", "new", "before: none", "total"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    for (threshold, code, said) in [
        (
            "p95>1.5x",
            1,
            "threshold exceeded: p95 2.0 s > 1.5x (before: 1.0 s) (Orders)",
        ),
        ("p95>2.5x", 0, ""),
        (
            "errorRate>4%",
            1,
            "threshold exceeded: errorRate 4.8% > 4% (Orders)",
        ),
        ("count>30", 0, ""),
    ] {
        let ended = place
            .hivelog(line.iter().chain(&["--fail-on", threshold]))
            .run();
        let ended = ended.exits(code);
        assert_eq!(ended.errors().trim_end(), said, "{threshold}");
    }
    let ended = place
        .hivelog(["stats", "tue.ndjson", "--fail-on", "p95>1.5x"])
        .run();
    ended.exits(2).warns("--against");
}

#[test]
fn groups_are_sorted_and_the_rest_is_left_out_but_for_the_total() {
    let input = run("a", 5, "ok") + &run("b", 9, "error") + &run("c", 1, "ok") + &run("c", 1, "ok");
    for (sort, first) in [
        ("count", "c"),
        ("errors", "b"),
        ("rate", "b"),
        ("p99", "b"),
        ("p50", "b"),
        ("key", "a"),
    ] {
        let line = ["stats", "--sort", sort, "--top", "1", "-o", "ndjson"];
        let rows = hivelog(line).stdin(input.clone()).run().exits(0).ndjson();
        assert_eq!((rows.len(), &rows[0]["key"]), (1, &json!(first)), "{sort}");
    }
    let text = hivelog(["stats", "--top", "2"]).stdin(input.clone()).run();
    let _ = text.exits(0).says("1 more group not shown (--top)");
    let text = hivelog(["stats", "--top", "1"])
        .stdin(input)
        .run()
        .exits(0)
        .text();
    assert!(text.contains("2 more groups not shown"), "{text}");
    let total = text
        .lines()
        .find(|line| line.starts_with("total"))
        .expect("a total");
    assert_eq!(total.split_whitespace().nth(1), Some("4"), "{text}");
    hivelog(["stats", "--sort", "size"])
        .run()
        .exits(2)
        .warns("--sort");
}

#[test]
fn two_keys_stay_within_the_screen_and_whole_in_a_pipe() {
    let id = "ef775124-0911-4215-a4b7-0864d362dea7";
    let event = json!({"kind": "sys", "type": "trigger.schedule.failed", "ts": "2026-11-25T10:00:00Z",
        "data": {"flow_id": id, "duration_ms": 1234}});
    let place = Place::new();
    place.file("one.ndjson", event.to_string());
    let run = || place.hivelog(["stats", "--by", "flow,type", "one.ndjson"]);
    let screen = run().env("COLUMNS", "80").run().exits(0).text();
    assert!(screen.contains("ef775124"), "{screen}");
    assert!(screen.contains("trigger.schedule.failed"), "{screen}");
    assert!(
        screen.lines().all(|line| line.chars().count() <= 80),
        "{screen}"
    );
    let mut piped = run().into_command();
    let piped = piped.env_remove("COLUMNS").output().expect("an end").stdout;
    assert!(String::from_utf8_lossy(&piped).contains(id));
}

#[test]
fn an_error_says_in_how_many_of_what_it_happened() {
    let count = |records: String| {
        let ended = hivelog(["stats", "--by", "error"]).stdin(records).run();
        ended.exits(0).text()
    };
    let event = |member: &str, name: String| {
        json!({"kind": "sys", "type": "trigger.event.failed", "data": {member: name, "error": "x"}})
            .to_string()
    };
    let log = |name: &str| {
        json!({"eventCode": "4005E", "correlationId": "1", "integrationKey": name, "detail": "x"})
            .to_string()
    };
    let flows = |most: usize| (0..most).map(|at| event("flow_name", format!("f{at:03}")));
    let of = |most| flows(most).collect::<Vec<_>>().join("\n");
    assert!(count(of(99)).contains("99 flows: f000, f001, f002, f003, …"));
    assert!(count(of(2000)).contains("100 flows or more: f000, "));
    let triggers = event("trigger_name", "a".into()) + &event("trigger_name", "b".into());
    assert!(count(triggers.clone()).contains("2 triggers: a, b"));
    let logs = log("Shop") + &log("Bank");
    assert!(count(logs.clone()).contains("2 integrations: Bank, Shop"));
    assert!(count(triggers + &logs).contains("4 sources: Bank, Shop, a, b"));
    let top = ["stats", "--by", "error", "--top", "1"];
    let two =
        event("flow_name", "a".into()) + &event("flow_name", "b".into()).replace("\"x\"", "\"y\"");
    let _ = hivelog(top)
        .stdin(two)
        .run()
        .exits(0)
        .says("2 errors of 2 kinds; 1 not shown");
}
