//! For each rule, input that breaks it and no other.

use super::{lines, valid_log, with};
use serde_json::{Value, json};

/// For every rule, input in which it fires and no other does.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn all() -> Vec<(&'static str, String)> {
    let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    let one = |rule, changes| (rule, with(changes).to_string());
    let text = |rule, from: &str, to: &str| (rule, valid_log().to_string().replacen(from, to, 1));
    let two = |rule, changes| (rule, lines(&[valid_log(), with(changes)]));
    let iri = |iri: &str| json!({"direction": "OUTBOUND", "lifeCycleStage": "OUTBOUND_4", "/dataId/iri": iri});
    let sys = |rule, event: Value| (rule, event.to_string());
    let failed =
        json!({"eventCode": "4005E", "outcome": "FAILED", "detail": "state\ncause\naction"});
    let detailed = |more: Value| {
        let mut changes = failed.clone();
        for (name, value) in more.as_object().expect("an object") {
            changes[name] = value.clone();
        }
        with(changes)
    };
    vec![
        text("json-syntax", "\"LIVE\",", "\"LIVE\",,"),
        ("not-an-object", "[1, 2]\n42".to_owned()),
        text(
            "duplicate-member",
            "\"mode\"",
            "\"m\\u006fde\":\"LIVE\",\"mode\"",
        ),
        (
            "too-deep",
            with(json!({"customData": 1}))
                .to_string()
                .replace("\"customData\":1", &format!("\"customData\":{deep}")),
        ),
        one("too-large", json!({"customData": "x".repeat(1 << 20)})),
        one("missing-field", json!({"schemaName": null})),
        one("wrong-type", json!({"dataId": "limber/Product"})),
        one(
            "empty-value",
            json!({"integrationKey": " ", "/dataId/externalIdentities": null, "/dataId/iri": "urn:x"}),
        ),
        one("unknown-value", json!({"outcome": "DONE"})),
        one("unknown-field", json!({"lifecycleStage": "INBOUND_2"})),
        one("too-long", json!({"technicalInfo": "ü".repeat(2001)})),
        one(
            "bad-timestamp",
            json!({"generatedAt": "2024-05-03 17:30:00"}),
        ),
        one(
            "future-timestamp",
            json!({"generatedAt": "2026-01-01T00:05:01Z"}),
        ),
        one("incomplete-reference", json!({"/dataId/@type": null})),
        one("stringified-json", json!({"customData": "{\"a\":1}"})),
        one("unknown-code", json!({"eventCode": "9999N"})),
        one(
            "platform-only-stage",
            json!({"lifeCycleStage": "INBOUND_5"}),
        ),
        one(
            "stage-direction-mismatch",
            json!({"lifeCycleStage": "OUTBOUND_4"}),
        ),
        one(
            "outbound-needs-iri",
            json!({"direction": "OUTBOUND", "lifeCycleStage": "OUTBOUND_4"}),
        ),
        one(
            "keys-only-reference",
            json!({"/dataId/externalIdentities": null, "/dataId/keys": [{"sku": "1"}]}),
        ),
        one(
            "catch-all-code",
            json!({"eventCode": "0000W", "outcome": "RETRYING", "detail": "a\nb\nc"}),
        ),
        (
            "retrying-with-error-code",
            detailed(json!({"outcome": "RETRYING"})).to_string(),
        ),
        (
            "error-code-not-failed",
            detailed(json!({"outcome": "PROCESSING"})).to_string(),
        ),
        one("failed-without-error-code", json!({"outcome": "FAILED"})),
        one("filter-outcome-mismatch", json!({"eventCode": "3000N"})),
        one("platform-outcome", json!({"outcome": "MESSAGE_STORED"})),
        one(
            "foreign-integration-key",
            json!({"/dataId/externalIdentities": [{"integrationKey": "Other", "externalId": "1"}]}),
        ),
        (
            "reference-name-mismatch",
            with(iri("https://x/limber/Customer#1")).to_string(),
        ),
        one(
            "correlation-id-not-uuid",
            json!({"correlationId": "order 7"}),
        ),
        (
            "detail-missing",
            detailed(json!({"detail": null})).to_string(),
        ),
        (
            "detail-unstructured",
            detailed(json!({"detail": "It broke."})).to_string(),
        ),
        (
            "stack-trace-in-detail",
            detailed(json!({"detail": "It broke.\njava.lang.Error\n\tat a.B.c(B.java:1)"}))
                .to_string(),
        ),
        one(
            "secret-in-text",
            json!({"technicalInfo": "X-Api-Key: 9f8e7d6c5b4a"}),
        ),
        (
            "after-terminal-error",
            lines(&[detailed(json!({})), valid_log()]),
        ),
        ("duplicate-log", lines(&[valid_log(), valid_log()])),
        two(
            "false-twin",
            json!({"eventCode": "1000W", "outcome": "RETRYING", "detail": "a\nb\nc"}),
        ),
        two("stage-goes-back", json!({"lifeCycleStage": "INBOUND_1"})),
        two(
            "time-goes-back",
            json!({"generatedAt": "2024-05-03T17:29:00+12:00"}),
        ),
        (
            "split-data-id",
            lines(&[
                with(json!({"stream": "a"})),
                with(
                    json!({"stream": "b", "/dataId/externalIdentities": [{"integrationKey": "ShopifyNZ", "externalId": "93"}]}),
                ),
            ]),
        ),
        two(
            "mixed-mode",
            json!({"mode": "SANDBOX", "eventCode": "2000N"}),
        ),
        ("never-ended", lines(&[valid_log()])),
        sys("sys-missing-field", json!({"kind": "sys", "type": ""})),
        sys(
            "sys-unknown-type",
            json!({"kind": "sys", "type": "trigger.schedule.paused"}),
        ),
        sys(
            "sys-wrong-type",
            json!({"kind": "sys", "type": "trigger.schedule.failed", "data": 1}),
        ),
        sys(
            "sys-missing-data",
            json!({"kind": "sys", "type": "auth.error", "data": {}}),
        ),
        (
            "sys-contradiction",
            json!({"kind": "sys", "type": "trigger.schedule.ok", "data": {"ok": false}})
                .to_string(),
        ),
        sys(
            "sys-star-in-type",
            json!({"kind": "sys", "type": "trigger.schedule.sync*"}),
        ),
    ]
}
