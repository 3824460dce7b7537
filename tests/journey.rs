//! `journey`, through the program.

use crate::support::{Place, hivelog};
use serde_json::json;

const ID: &str = "14cac731-6dd7-424c-bfbf-f0be0b07f8cf";

/// An event log of a journey out of SyncHive.
fn log(id: &str, second: u32, code: &str, stage: u32, outcome: &str) -> String {
    let record = json!({
        "eventCode": code, "direction": "OUTBOUND", "lifeCycleStage": format!("OUTBOUND_{stage}"),
        "outcome": outcome, "generatedAt": format!("2024-05-03T17:30:{second:02}+12:00"),
        "correlationId": id, "integrationKey": "ShopifyNZ", "shapeName": "Product",
        "mode": "LIVE", "schemaName": "limber", "detail": "State.\n\nCause.\n\nAction.",
        "dataId": {"@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
            "iri": "https://schema.limbergraph.com/limber/Product#1"},
    });
    format!("{record}\n")
}

fn failed() -> String {
    [
        log(ID, 1, "5001N", 2, "PROCESSING"),
        log(ID, 3, "4003W", 4, "RETRYING"),
        log(ID, 5, "4005E", 4, "FAILED"),
        log("77b0ffff-0000", 9, "5005N", 4, "MESSAGE_DELIVERED"),
    ]
    .concat()
}

fn event(second: u32, error: &str) -> String {
    let record = json!({"id": "e-1", "ts": format!("2024-05-03T05:30:{second:02}Z"), "kind": "sys",
        "type": "trigger.event.failed", "data": {"trigger_name": "Orders", "error": error}});
    format!("{record}\n")
}

#[test]
fn one_journey_has_the_documented_shape() {
    let place = Place::new();
    place.file("k.ndjson", failed());
    place.file("events.ndjson", event(4, &format!("no answer for {ID}")));
    let line = ["journey", ID, "k.ndjson", "events.ndjson", "-o", "json"];
    let found = place.hivelog(line).run().exits(0).json();
    let first = &found[0]["entries"][0];
    assert_eq!(
        first,
        &json!({"kind": "event-log", "time": "2024-05-03T17:30:01+12:00", "source": "k.ndjson",
            "line": 1, "eventCode": "5001N", "level": "INFO", "meaning": "Message received",
            "lifeCycleStage": "OUTBOUND_2", "outcome": "PROCESSING",
            "detail": "State.\n\nCause.\n\nAction.", "findings": []})
    );
    assert_eq!(
        found[0]["entries"][2],
        json!({"kind": "sys", "time": "2024-05-03T05:30:04Z", "source": "events.ndjson", "line": 1,
            "type": "trigger.event.failed", "name": "Orders", "text": format!("no answer for {ID}")})
    );
    let mut whole = found[0].clone();
    assert!(whole["entries"].take().is_array());
    assert_eq!(
        whole,
        json!({"correlationId": ID, "integrationKey": "ShopifyNZ", "direction": "OUTBOUND",
            "stream": null, "shapeName": "Product", "status": "failed", "records": 3, "errors": 1,
            "warnings": 1, "first": "2024-05-03T17:30:01+12:00",
            "last": "2024-05-03T17:30:05+12:00", "seconds": 4.0, "lastCode": "4005E",
            "entries": null})
    );
    assert_eq!(found.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_beginning_of_eight_characters_is_enough_and_may_mean_several() {
    for (id, code, count) in [
        (ID, 0, 1),
        ("14cac731", 0, 1),
        ("14cac73", 1, 0),
        ("nothing-of-this-name", 1, 0),
    ] {
        let line = ["journey", id, "-o", "ndjson"];
        let ended = hivelog(line).stdin(failed()).run().exits(code);
        assert_eq!(ended.ndjson().len(), count, "{id}: {}", ended.tell());
        assert_eq!(ended.errors().is_empty(), code == 0, "{}", ended.tell());
    }
    let two = failed() + &log("14cac731-other", 2, "1000N", 4, "MESSAGE_DELIVERED");
    let ended = hivelog(["journey", "14cac731", "-o", "ndjson"])
        .stdin(two)
        .run();
    assert_eq!(ended.exits(0).ndjson().len(), 2);
    // A whole id is taken whatever its length.
    let short = log("42", 2, "1000N", 4, "MESSAGE_DELIVERED");
    hivelog(["journey", "42"]).stdin(short).run().exits(0);
}

#[test]
fn the_list_has_the_worst_first_and_the_newest_first_among_the_like() {
    let logs = [
        log("done-0001", 50, "1000N", 4, "MESSAGE_DELIVERED"),
        log("open-0001", 40, "5001N", 2, "PROCESSING"),
        log("waits-001", 30, "4003W", 4, "RETRYING"),
        // What came last in time decides, not what was written last.
        log("waits-001", 29, "5001N", 2, "PROCESSING"),
        log("failed-01", 10, "4005E", 4, "FAILED"),
        log("failed-02", 20, "1000N", 4, "FAILED"),
    ];
    let line = ["journey", "-", "-o", "ndjson"];
    let found = hivelog(line).stdin(logs.concat()).run().exits(0).ndjson();
    let listed: Vec<_> = found
        .iter()
        .map(|one| format!("{} {}", one["correlationId"], one["status"]).replace('"', ""))
        .collect();
    assert_eq!(
        listed,
        [
            "failed-02 failed",
            "failed-01 failed",
            "waits-001 retrying",
            "open-0001 open",
            "done-0001 done",
        ]
    );
    assert!(found[0].get("entries").is_none());
    let ended = hivelog(["journey"]).stdin(logs.concat()).run().exits(0);
    let text = ended.text();
    let heading: Vec<_> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    assert_eq!(
        heading,
        [
            "STATUS",
            "CODE",
            "JOURNEY",
            "INTEGRATION",
            "SHAPE",
            "RECORDS",
            "LAST",
            "LASTED"
        ]
    );
    assert!(
        text.ends_with("5 journeys: 2 failed, 1 retrying, 1 open, 1 done\n"),
        "{text}"
    );
}

#[test]
fn records_without_a_time_stand_after_the_one_before_them() {
    let untimed = |code: &str| {
        let mut record: serde_json::Value =
            serde_json::from_str(&log(ID, 0, code, 2, "PROCESSING")).expect("a record");
        record
            .as_object_mut()
            .expect("an object")
            .remove("generatedAt");
        format!("{record}\n")
    };
    let logs = [
        untimed("4000N"),
        log(ID, 5, "5005N", 4, "PROCESSING"),
        untimed("1000N"),
        log(ID, 1, "5001N", 2, "PROCESSING"),
    ];
    let ended = hivelog(["journey", ID, "-o", "json"])
        .stdin(logs.concat())
        .run();
    let found = ended.exits(0).json();
    let entries = found[0]["entries"].as_array().expect("entries");
    let codes: Vec<_> = entries.iter().map(|entry| &entry["eventCode"]).collect();
    assert_eq!(codes, ["4000N", "5001N", "5005N", "1000N"]);
}

#[test]
fn the_picture_tells_stages_entries_findings_and_the_end() {
    let logs = failed() + &log(ID, 7, "1000N", 4, "MESSAGE_DELIVERED");
    let ended = hivelog(["journey", ID]).stdin(logs).run().exits(0);
    let text = ended.text();
    for part in [
        "Product · ShopifyNZ · OUTBOUND",
        "○ generate   ● receive   ○ assemble   ✖ deliver ×3   ○ finalize",
        "2024-05-03 +00:00\n05:30:01.000  ● 5001N  Message received",
        "✖ after-terminal-error: 1000N follows the terminal error 4005E (line 3)",
        "✖ failed after 6.0 s: 4005E Authentication to external system failed",
        "hivelog explain 4005E",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    for width in ["80", "120", "200"] {
        let run = hivelog(["journey", ID])
            .stdin(failed())
            .env("COLUMNS", width);
        let text = run.run().exits(0).text();
        let most = width.parse().unwrap_or(0);
        assert!(
            text.lines().all(|line| line.chars().count() <= most),
            "{text}"
        );
    }
}

#[test]
fn what_is_passed_over_is_said_once_and_changes_nothing() {
    let mixed = failed() + &event(1, "x") + "{\"a\":1}\n{broken\n{\"eventCode\":\"1000N\"}\n";
    let ended = hivelog(["journey"]).stdin(mixed).run().exits(0);
    for said in [
        "passed over 1 sys event:",
        "passed over 1 record that",
        "passed over 1 event log without",
        "-:7:",
    ] {
        assert!(ended.errors().contains(said), "{said}\n{}", ended.tell());
    }
    let ended = hivelog(["journey"]).stdin(event(1, "x")).run().exits(1);
    assert!(ended.errors().contains("hivelog stats"), "{}", ended.tell());
    hivelog(["journey"]).stdin("").run().exits(3);
    hivelog(["journey", "-", "missing.ndjson"])
        .stdin(failed())
        .run()
        .exits(3);
}

#[test]
fn text_from_others_is_harmless() {
    let mut record: serde_json::Value =
        serde_json::from_str(&log(ID, 1, "4005E", 4, "FAILED")).expect("a record");
    for member in ["detail", "shapeName", "outcome", "eventCode", "stream"] {
        record[member] = json!("a\u{1b}[2J\u{202e}b");
    }
    for line in [&["journey", ID][..], &["journey"]] {
        let ended = hivelog(line).stdin(record.to_string()).run().exits(0);
        assert!(
            !ended.text().contains(['\u{1b}', '\u{202e}']),
            "{}",
            ended.tell()
        );
    }
}
