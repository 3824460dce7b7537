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

/// An event log of a journey into SyncHive, whose data have an external id if one is given.
fn inbound(id: &str, second: u32, code: &str, external: Option<&str>) -> String {
    let mut record = json!({
        "eventCode": code, "direction": "INBOUND", "lifeCycleStage": "INBOUND_1",
        "outcome": "PROCESSING", "generatedAt": format!("2024-05-03T17:30:{second:02}+12:00"),
        "correlationId": id, "integrationKey": "ShopifyNZ", "shapeName": "Product",
    });
    if let Some(external) = external {
        record["dataId"] = json!({"@type": "DataReference", "schemaName": "limber",
            "shapeName": "Product", "externalIdentities": [
                {"integrationKey": "ShopifyNZ", "externalId": external}]});
    }
    format!("{record}\n")
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
        assert_eq!(ended.ndjson().len(), count, "{id}: {}", ended.transcript());
        assert_eq!(
            ended.errors().is_empty(),
            code == 0,
            "{}",
            ended.transcript()
        );
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
fn what_a_connector_advises_is_the_last_of_three_lines_or_paragraphs() {
    for (detail, advice) in [
        ("State.\nCause.\nRenew the\tkey.", Some("Renew the key.")),
        (
            "State.\r\nCause.\r\nRenew the key.\r\n",
            Some("Renew the key."),
        ),
        (
            "State.\n\nCause,\nin full.\n\nRenew\nthe key.",
            Some("Renew the key."),
        ),
        ("State.\nCause.", None),
    ] {
        let mut record: serde_json::Value =
            serde_json::from_str(&log(ID, 1, "4005E", 4, "FAILED")).expect("a record");
        record["detail"] = json!(detail);
        let ended = hivelog(["journey", ID]).stdin(record.to_string()).run();
        let text = ended.exits(0).text();
        let advised = text
            .split_once("the connector advises: ")
            .map(|(_, rest)| rest);
        let advised = advised.and_then(|rest| rest.lines().next());
        assert_eq!(advised, advice, "{text}");
    }
}

#[test]
fn what_is_passed_over_is_said_once_and_changes_nothing() {
    let mixed = failed() + &event(1, "x") + "{\"a\":1}\n{broken\n{\"eventCode\":\"1000N\"}\n";
    let ended = hivelog(["journey"]).stdin(mixed).run().exits(0);
    for said in [
        "skipped 1 sys event:",
        "skipped 1 other record: neither",
        "skipped 1 event log: without a correlation id",
        "-:7:",
    ] {
        assert!(
            ended.errors().contains(said),
            "{said}\n{}",
            ended.transcript()
        );
    }
    // The story of one id says the same, but for what it shows.
    let mixed = event(2, &format!("no answer for {ID}")) + &failed() + &event(1, "x");
    let mixed = mixed + "{\"a\":1}\n{\"broken\":}\n{\"eventCode\":\"1000N\"}\n";
    let ended = hivelog(["journey", ID]).stdin(mixed).run().exits(0);
    for said in [
        "skipped 1 sys event:",
        "skipped 1 other record: neither",
        "skipped 1 event log: without a correlation id",
        "-:8:1: not JSON",
    ] {
        assert_eq!(
            ended.errors().matches(said).count(),
            1,
            "{said}\n{}",
            ended.transcript()
        );
    }
    let ended = hivelog(["journey"]).stdin(event(1, "x")).run().exits(1);
    assert!(
        ended.errors().contains("hivelog stats"),
        "{}",
        ended.transcript()
    );
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
            ended.transcript()
        );
    }
}

#[test]
fn an_external_id_or_an_iri_stands_for_the_journeys_of_its_data() {
    let place = Place::new();
    let (id, other) = ("0a0a0a0a-1111", "0b0b0b0b-2222");
    let logs = [
        inbound(id, 1, "5004N", None),
        inbound(other, 2, "5004N", Some("777")),
        inbound(id, 3, "2000N", Some("9217354452632")),
        inbound(id, 4, "5005N", None),
        log(ID, 5, "1000N", 4, "MESSAGE_DELIVERED"),
    ];
    place.file("k.ndjson", logs.concat());
    let said = event(3, &format!("{id} is late")) + &event(4, "order 9217354452632 is late");
    place.file("events.ndjson", said + &event(5, "took 777 ms"));
    let codes = |asked: &str| {
        let line = ["journey", asked, "k.ndjson", "events.ndjson", "-o", "json"];
        let found = place.hivelog(line).run().exits(0).json();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
        let entries = found[0]["entries"].as_array().cloned().unwrap_or_default();
        let shown = entries.iter().map(|entry| match entry["kind"].as_str() {
            Some("sys") => "sys".to_owned(),
            _ => entry["eventCode"].as_str().unwrap_or("").to_owned(),
        });
        shown.collect::<Vec<_>>().join(" ")
    };
    // Records that do not name the id are found as well, before and after the one that does.
    assert_eq!(codes("9217354452632"), "5004N 2000N sys 5005N sys");
    assert_eq!(codes("777"), "5004N");
    assert_eq!(
        codes("https://schema.limbergraph.com/limber/Product#1"),
        "1000N"
    );
    let escaped = log(ID, 5, "1000N", 4, "MESSAGE_DELIVERED").replace('/', "\\/");
    let iri = "https://schema.limbergraph.com/limber/Product#1";
    hivelog(["journey", iri]).stdin(escaped).run().exits(0);
    // A beginning of an external id is none.
    hivelog(["journey", "92173544"])
        .stdin(logs.concat())
        .run()
        .exits(1);
    let ended = hivelog(["journey", "9217354452632", "-o", "json"])
        .stdin(logs.concat())
        .run()
        .exits(0)
        .warns("read only once");
    assert_eq!(ended.json()[0]["records"], 2);
}

#[test]
fn a_journey_is_shown_whole_when_any_of_its_records_lies_in_the_window() {
    for (args, shown) in [
        (&["--since", "2024-05-03T17:30:05+12:00"][..], 2),
        (&["--since", "2024-05-03T17:30:06+12:00"], 1),
        (&["--before", "2024-05-03T17:30:01+12:00"], 0),
        (&["--before", "2024-05-03 05:30:01.001"], 1),
        (&["--status", "failed"], 1),
        (&["--status", "failed,done"], 2),
        (&["--status", "open"], 0),
    ] {
        let mut line = vec!["journey", "-", "-o", "ndjson"];
        line.extend(args);
        let code = i32::from(shown == 0);
        let rows = hivelog(&line).stdin(failed()).run().exits(code).ndjson();
        assert_eq!(rows.len(), shown, "{args:?}");
        for row in rows {
            let whole = if row["correlationId"] == ID { 3 } else { 1 };
            assert_eq!(row["records"], whole);
        }
    }
    let line = ["journey", ID, "--since", "2024-05-03T17:30:05+12:00"];
    let ended = hivelog(line).stdin(failed()).run().exits(0);
    assert!(ended.text().contains("5001N"), "{}", ended.transcript());
    let _ = ended.warns("shown whole, with 2 of 3 event logs outside --since and --before");
    let other = log("14cac731-other", 50, "1000N", 4, "MESSAGE_DELIVERED");
    let line = [
        "journey",
        "14cac731",
        "--before",
        "2024-05-03T17:30:40+12:00",
    ];
    let ended = hivelog(line).stdin(failed() + &other).run().exits(0);
    assert_eq!(
        ended.errors(),
        "not shown: 1 journey outside --since and --before\n"
    );
    let line = ["journey", ID, "--before", "2024-05-03T00:00:00Z"];
    let ended = hivelog(line).stdin(failed()).run().exits(1);
    let _ = ended.warns("--before");
    let line = ["journey", ID, "-", "--status", "done"];
    let ended = hivelog(line).stdin(failed()).run().exits(1);
    assert_eq!(ended.errors(), "error: no journey has this status\n");
    let line = ["journey", "--status", "fialed"];
    hivelog(line).stdin("").run().exits(2).warns("failed");
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_hostile_text_is_text() {
    let mut record: serde_json::Value =
        serde_json::from_str(&log(ID, 1, "4005E", 4, "FAILED")).expect("a record");
    record["detail"] = json!("<script>alert(1)</script>\u{202e}");
    record["shapeName"] = json!("<img src=x>");
    let logs = failed() + &record.to_string() + "\n" + &event(4, &format!("{ID} \"</ol>"));
    let page = |args: &[&str]| hivelog(args).stdin(logs.clone()).run().exits(0).text();
    let story = page(&["journey", ID, "-", "-o", "html"]);
    for part in [
        "<!doctype html>",
        "Authentication to external system failed",
        "&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}",
        "trigger.event.failed",
        "time-goes-back",
        "failed after 4.0 s: 4005E",
        "prefers-color-scheme: dark",
    ] {
        assert!(story.contains(part), "{part}\n{story}");
    }
    let list = page(&["journey", "-", "-o", "html"]);
    assert!(list.contains("<td class=\"error\">failed</td>"), "{list}");
    for page in [story, list] {
        for part in [
            "<script",
            "<img",
            "\u{202e}",
            "</ol></p>",
            " src=",
            " href=",
        ] {
            assert!(!page.contains(part), "{part}\n{page}");
        }
        let mut addresses = page.matches("http").count();
        addresses -= page.matches("http-equiv").count();
        addresses -= page.matches("http://www.w3.org/2000/svg").count();
        assert_eq!(addresses, 0, "{page}");
    }
}

#[test]
fn a_journey_on_a_page_is_as_good_as_its_own_records() {
    let logs = log(ID, 1, "1000N", 4, "MESSAGE_DELIVERED") + &event(2, ID);
    let line = ["journey", ID, "-", "-o", "html"];
    let page = hivelog(line).stdin(logs).run().exits(0).text();
    assert!(page.contains("class=\"journey good\""), "{page}");
    assert!(page.contains("class=\"code error\""), "{page}");
}

#[test]
fn a_story_can_be_pasted_as_markdown_or_drawn_as_a_diagram() {
    let logs = failed() + &event(4, &format!("{ID} | `late`"));
    let shown = |args: &[&str]| hivelog(args).stdin(logs.clone()).run().exits(0).text();
    let story = shown(&["journey", ID, "-", "-o", "markdown"]);
    for part in [
        "### `14cac731-6dd7-424c-bfbf-f0be0b07f8cf` Product · ShopifyNZ · OUTBOUND\n",
        "| ✖ 4005E | Authentication to external system failed | OUTBOUND\\_4 | FAILED | State.<br>Cause.<br>Action. |",
        "\\| \\`late\\` |",
        "**failed after 4.0 s: 4005E Authentication to external system failed**",
        "- the connector advises: Action.",
    ] {
        assert!(story.contains(part), "{part}\n{story}");
    }
    let list = shown(&["journey", "-", "-o", "markdown"]);
    assert!(list.contains("| failed | 4005E | 14cac731-6dd7"), "{list}");
    let drawing = shown(&["journey", ID, "-", "-o", "mermaid"]);
    for part in [
        "sequenceDiagram\n",
        "    S->>C: 05:30:01.000 5001N Message received PROCESSING\n",
        "    C-->>X: 05:30:03.000 4003W",
        "    C-xX: 05:30:05.000 4005E Authentication to external system failed FAILED\n",
        "    Note right of S: 05:30:04.000 trigger.event.failed Orders",
    ] {
        assert!(drawing.contains(part), "{part}\n{drawing}");
    }
    let ended = hivelog(["journey", "-", "-o", "mermaid"]).stdin(logs).run();
    ended.exits(2).warns("journey ID");
    // Several journeys of an id are one diagram.
    let two = failed() + &inbound(ID, 1, "5004N", None);
    let ended = hivelog(["journey", ID, "-", "-o", "mermaid"])
        .stdin(two)
        .run();
    let drawing = ended.exits(0).text();
    assert_eq!(drawing.matches("sequenceDiagram").count(), 1, "{drawing}");
    for part in ["Product · ShopifyNZ · OUTBOUND\n", "INBOUND\n"] {
        assert!(drawing.contains(part), "{drawing}");
    }
}

#[test]
fn a_page_is_opened_in_the_browser_that_is_named() {
    let place = Place::new();
    let shown = place.path("shown");
    let browser = place.file(
        "browser",
        format!(
            "#!/bin/sh\ncp \"$1\" {0}.new && mv {0}.new {0}\n",
            shown.display()
        ),
    );
    std::fs::set_permissions(
        &browser,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .expect("a program");
    place.file("k.ndjson", failed());
    let run = place
        .hivelog(["journey", ID, "k.ndjson", "--open"])
        .env("BROWSER", &browser)
        .env("TMPDIR", place.path("."));
    let ended = run.run().exits(0).warns("the page is ");
    assert_eq!(ended.text(), "");
    let begun = std::time::Instant::now();
    while !shown.exists() {
        assert!(begun.elapsed() < crate::support::PATIENCE, "it is shown");
        std::thread::yield_now();
    }
    let page = std::fs::read_to_string(shown).expect("a page");
    assert!(page.contains("Authentication to external system failed"));
    let line = ["journey", ID, "k.ndjson", "--open", "-o", "json"];
    place.hivelog(line).run().exits(2);
}

#[test]
fn what_waits_in_the_spool_is_part_of_the_story() {
    let place = Place::new();
    place.file("k.ndjson", log(ID, 1, "5001N", 2, "PROCESSING"));
    place.file("waits.ndjson", log(ID, 3, "4003W", 4, "RETRYING"));
    let queue = |file: &str| {
        let line = [
            "emit",
            "--no-validate",
            "--retry-for",
            "0s",
            "--url",
            "http://127.0.0.1:9",
            "--connector",
            "shop",
            file,
        ];
        place.hivelog(line).env("HIVELOG_KEY", "k").run().exits(6);
    };
    queue("waits.ndjson");
    let rows = |args: &[&str]| place.hivelog(args).run().exits(0).ndjson();
    let found = rows(&["journey", ID, "k.ndjson", "--spool", "-o", "ndjson"]);
    let entries = &found[0]["entries"];
    assert_eq!(entries[1]["source"], "spool", "{entries}");
    assert_eq!(found[0]["status"], "retrying");
    // The spool alone, without waiting for standard input; and a record that is in both once.
    assert_eq!(
        rows(&["journey", "--spool", "-o", "ndjson"])[0]["records"],
        1
    );
    let line = ["journey", ID, "k.ndjson", "waits.ndjson", "--spool"];
    let text = place.hivelog(line).run().exits(0).text();
    assert!(text.contains("RETRYING (in the spool)"), "{text}");
    assert!(
        text.contains("one of its event logs waits in the spool"),
        "{text}"
    );
    assert_eq!(text.matches("4003W").count(), 2, "{text}");
}

#[test]
fn a_list_is_in_colour_where_colour_is_wanted() {
    let line = ["journey", "--color", "always"];
    let text = hivelog(line).stdin(failed()).run().exits(0).text();
    assert!(text.contains("\u{1b}["), "{text:?}");
    let plain = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    let plain = plain.replace_all(&text, "");
    let uncoloured = hivelog(["journey"]).stdin(failed()).run().exits(0).text();
    let trimmed = |text: &str| {
        let lines = text.lines().map(|line| line.trim_end().to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(trimmed(&plain), trimmed(&uncoloured));
}

#[test]
fn a_long_list_has_a_line_for_each_journey_and_stays_on_the_page() {
    let logs: String = (0..1500)
        .map(|at| log(&format!("{at:08}-long"), at % 60, "5001N", 2, "PROCESSING"))
        .collect();
    for (columns, least) in [("80", 75), ("200", 83)] {
        let text = hivelog(["journey", "-"])
            .env("COLUMNS", columns)
            .stdin(logs.clone())
            .run()
            .exits(0)
            .text();
        assert_eq!(text.lines().count(), 1502);
        let widest = text.lines().map(|line| line.chars().count()).max();
        let most = columns.parse().expect("a number");
        assert!(
            (least..=most).contains(&widest.unwrap_or_default()),
            "{widest:?}"
        );
        let mut lines = text.lines();
        assert!(lines.next().is_some_and(|line| line.starts_with("STATUS")));
        let words: Vec<_> = lines
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        assert_eq!(
            words[..6],
            ["open", "5001N", "00000059", "ShopifyNZ", "Product", "1"]
        );
        assert!(text.ends_with("1500 journeys: 1500 open\n"));
    }
    let rows = hivelog(["journey", "-", "-o", "json"])
        .stdin(logs)
        .run()
        .exits(0);
    assert_eq!(rows.json().as_array().map(Vec::len), Some(1500));
}

#[test]
fn what_is_named_like_a_file_and_is_none_is_said_to_be_missing() {
    let ended = hivelog(["journey", "logs.ndjson"])
        .stdin(failed())
        .run()
        .exits(3);
    assert!(
        ended
            .errors()
            .contains("cannot read logs.ndjson: no such file")
    );
    let ended = hivelog(["journey", "nofile-at-all"])
        .stdin(failed())
        .run()
        .exits(1);
    assert!(
        ended
            .errors()
            .contains("no such file either: 'nofile-at-all'")
    );
}
