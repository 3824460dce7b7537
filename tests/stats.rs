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
        assert_eq!(
            ended.errors().contains("--fail-on"),
            code != 0,
            "{}",
            ended.tell()
        );
    }
    hivelog(["stats"]).stdin("").run().exits(3);
    hivelog(["stats", "absent"]).run().exits(3).warns("absent");
    hivelog(["stats", "--allow-empty"]).stdin("").run().exits(0);
    let ended = hivelog(["stats", "-"])
        .stdin(format!("nonsense\n{}", events()))
        .run();
    ended.exits(0).warns("-:1:1: not JSON");
}
