//! The three scenes of the README and the manual: one failed journey, one night, two days compared.
//! What stands in `docs/scenes` is what the program prints.

use crate::support::Place;
use serde_json::{Value, json};
use std::path::Path;

/// Set to 1, this variable makes the test write the files instead of comparing them.
const REGENERATE: &str = "HIVELOG_REGENERATE";

const ID: &str = "14cac731-6dd7-424c-bfbf-f0be0b07f8cf";

fn lines(records: &[Value]) -> String {
    let lines = records.iter().map(|record| format!("{record}\n"));
    lines.collect()
}

fn log(clock: &str, code: &str, stage: u32, outcome: &str, detail: &str) -> Value {
    let mut log = json!({
        "eventCode": code, "direction": "OUTBOUND", "lifeCycleStage": format!("OUTBOUND_{stage}"),
        "outcome": outcome, "generatedAt": format!("2026-11-25T{clock}+13:00"),
        "correlationId": ID, "integrationKey": "ShopifyNZ", "shapeName": "Product",
        "mode": "LIVE", "schemaName": "limber", "schemaVersion": "2.1.0",
        "dataId": {"@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
            "iri": "https://schema.limbergraph.com/limber/Product#366821d6"},
    });
    if !detail.is_empty() {
        log["detail"] = detail.into();
    }
    log
}

/// One message that could not be delivered.
fn journey() -> [(&'static str, String); 2] {
    let busy = "The product could not be delivered.\n\nShopify answered 503 and asks for 30 s of patience.\n\nNothing to do: the connector tries again.";
    let expired = "The product could not be delivered.\n\nThe access token has expired: 401 Unauthorized.\n\nRenew the token of ShopifyNZ and send the product again.";
    let logs = lines(&[
        log("23:14:58.120", "5001N", 2, "PROCESSING", ""),
        log("23:14:58.480", "2000N", 3, "PROCESSING", ""),
        log("23:14:59.020", "4003W", 4, "RETRYING", busy),
        log("23:15:29.700", "4003W", 4, "RETRYING", busy),
        log("23:16:00.220", "4005E", 4, "FAILED", expired),
    ]);
    let events = lines(&[
        json!({"id": "e-1", "ts": "2026-11-25T10:16:00.310Z", "kind": "sys",
        "type": "trigger.event.error", "data": {"trigger_name": "Product changed",
        "flow_name": "Products to Shopify", "error": format!("node 4: HTTP 401 for {ID}")}}),
    ]);
    [("logs.ndjson", logs), ("events.ndjson", events)]
}

/// The sys events of a night; the second one is worse.
fn night(number: u64) -> String {
    let flows = [
        ("Orders export", "Nightly orders", "schedule"),
        ("Stock sync", "Stock levels", "event"),
        ("Price list", "Price list", "schedule"),
    ];
    // Good enough for a story, and the same everywhere.
    let mut seed = number;
    let mut random = move |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut records = Vec::new();
    for at in 0..240_u64 {
        let (flow, trigger, kind) = flows[usize::try_from(random(3)).unwrap_or(0)];
        let seconds = at * 150 + random(100);
        let ts = format!(
            "2026-11-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            22 + number,
            8 + seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            random(1000)
        );
        let (name, data) = match random(100) {
            chance if chance < 7 * number => (
                "error",
                json!({"duration_ms": 100 + random(3000), "error":
                    format!("node 4: HTTP {} from erp.example.com:8443", 502 + random(2))}),
            ),
            chance if chance < 10 * number => (
                "failed",
                json!({"error": format!("failed to fetch target flow: dial tcp 10.20.0.5:{}: connection refused", 5432 + random(2))}),
            ),
            _ => (
                "ok",
                json!({"duration_ms": (80 + random(900)) * number, "inputs": random(40), "outputs": random(40)}),
            ),
        };
        let mut data = data;
        data["trigger_name"] = trigger.into();
        data["flow_name"] = flow.into();
        records.push(
            json!({"id": format!("e-{number}-{at}"), "ts": ts, "kind": "sys",
            "type": format!("trigger.{kind}.{name}"), "data": data}),
        );
    }
    if number == 2 {
        let why = "flow validation failed: node 3: unknown node type \"xml-parse\"";
        let data = |member: &str| {
            json!({"trigger_id": "5f0c2d9e", "trigger_name": "Nightly orders",
                "flow_name": "Orders export", member: why})
        };
        records.push(
            json!({"id": "x-1", "ts": "2026-11-24T18:04:02.114Z", "kind": "sys",
            "type": "trigger.schedule.failed", "data": data("error")}),
        );
        records.push(
            json!({"id": "x-2", "ts": "2026-11-24T18:04:02.131Z", "kind": "sys",
            "type": "trigger.schedule.disabled", "data": data("reason")}),
        );
    }
    lines(&records)
}

#[test]
fn the_scenes_of_the_documentation_are_what_the_program_prints() {
    let place = Place::new();
    for (name, text) in journey() {
        place.file(name, text);
    }
    place.file("monday.ndjson", night(1));
    place.file("tuesday.ndjson", night(2));
    for (scene, line, zone, code) in [
        (
            "journey",
            "journey 14cac731 logs.ndjson events.ndjson",
            "+13:00",
            0,
        ),
        ("night", "stats --by error tuesday.ndjson", "+13:00", 0),
        (
            "compare",
            "stats tuesday.ndjson --against monday.ndjson --fail-on p90>1.5x",
            "utc",
            1,
        ),
    ] {
        let run = place.hivelog(line.split(' '));
        let run = run.env("COLUMNS", "90").env("HIVELOG_TIMEZONE", zone);
        let ended = run.run().exits(code);
        let shown = line.replace("p90>1.5x", "'p90>1.5x'");
        let text = format!("$ hivelog {shown}\n{}{}", ended.text(), ended.errors());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/scenes/{scene}.txt"));
        if std::env::var(REGENERATE).is_ok_and(|value| value == "1") {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, &text).expect("a file");
        } else {
            let shipped = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                shipped, text,
                "{scene}: write it anew with {REGENERATE}=1 cargo test --locked scenes"
            );
        }
        let readme = include_str!("../README.md");
        assert!(
            readme.contains(&format!("```text\n{text}```")),
            "{scene} in the README"
        );
    }
}
