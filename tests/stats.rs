//! `stats`, through the program.

use crate::support::hivelog;
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
        assert_eq!(ended.errors().is_empty(), code == 0, "{}", ended.tell());
        let _ = ended.warns(said);
    }
    hivelog(["stats"]).stdin("").run().exits(3);
    hivelog(["stats", "absent"]).run().exits(3).warns("absent");
    hivelog(["stats", "--allow-empty"]).stdin("").run().exits(0);
    let ended = hivelog(["stats", "-"])
        .stdin(format!("nonsense\n{}", events()))
        .run();
    ended.exits(0).warns("-:1:1: not JSON");
}

#[test]
fn what_no_record_has_is_told() {
    for (args, code, told) in [
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
            0,
            "no record has a number in 'n'",
        ),
        (&["--by", "code"], 0, "no record has an event code"),
        (&["--field", "duration_ms"], 0, ""),
        (&["--fail-on", "count>500"], 0, ""),
    ] {
        let line = ["stats"].iter().chain(args);
        let ended = hivelog(line).stdin(events()).run().exits(code);
        let errors = ended.errors();
        assert_eq!(errors.is_empty(), told.is_empty(), "{}", ended.tell());
        assert!(errors.contains(told), "{}", ended.tell());
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
fn a_number_stays_with_its_unit_on_eighty_columns() {
    let input: String = (1..=50)
        .map(|at| run("Magento-EU import", at * 79, "ok"))
        .collect();
    let line = ["stats", "--by", "type", "-o", "table"];
    let ended = hivelog(line)
        .env("COLUMNS", "80")
        .stdin(input)
        .run()
        .exits(0);
    let text = ended.text();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(text.contains("79ms") && text.contains("2.0s"), "{text}");
}
