//! The JSON Schema and the rules draw the same line: a record fulfils the schema exactly when it
//! has no finding of level error on its own.

use crate::support::{Place, hivelog, skip};
use crate::validate::examples;
use hivelog::check::rule::{Level, Rule};
use hivelog::check::{Checker, Policy};
use hivelog::model::schema;
use hivelog::model::timestamp::Timestamp;
use hivelog::wire::records::Record;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

fn sample() -> Value {
    json!({
        "eventCode": "4003W", "direction": "OUTBOUND", "lifeCycleStage": "OUTBOUND_4",
        "outcome": "RETRYING", "generatedAt": "2024-05-03 17:30:00.895 +1200",
        "detail": "State.\nCause.\nAction.", "technicalInfo": "HTTP 503",
        "correlationId": "14cac731-6dd7-424c-bfbf-f0be0b07f8cf",
        "dataId": {
            "@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
            "iri": "https://schema.limbergraph.com/limber/Product#366821d6",
            "externalIdentities": [{ "integrationKey": "ShopifyNZ", "externalId": "1" }],
            "keys": [{ "code": "NZD" }],
        },
        "integrationKey": "ShopifyNZ", "shapeName": "Product", "mode": "LIVE", "stream": "a",
        "schemaName": "limber", "schemaVersion": "2.1.0", "customData": { "x": 1 },
        "linkIdentities": [],
    })
}

/// What is done to one place of the sample: another value, or none.
fn change() -> impl Strategy<Value = (String, Option<Value>)> {
    let places = [
        "/eventCode",
        "/direction",
        "/lifeCycleStage",
        "/outcome",
        "/generatedAt",
        "/detail",
        "/technicalInfo",
        "/correlationId",
        "/dataId",
        "/integrationKey",
        "/shapeName",
        "/mode",
        "/stream",
        "/schemaName",
        "/schemaVersion",
        "/customData",
        "/linkIdentities",
        "/unheardOf",
        "/dataId/@type",
        "/dataId/schemaName",
        "/dataId/shapeName",
        "/dataId/iri",
        "/dataId/externalIdentities",
        "/dataId/keys",
        "/dataId/label",
        "/dataId/externalIdentities/0/integrationKey",
        "/dataId/externalIdentities/0/externalId",
    ];
    let words = [
        "4003W",
        "9001N",
        "9001E",
        "9001W",
        "4005E",
        "1000N",
        "0000W",
        "4005W",
        "4005e",
        "INBOUND",
        "OUTBOUND",
        "inbound",
        "INBOUND_1",
        "INBOUND_4",
        "OUTBOUND_1",
        "OUTBOUND_2",
        "RETRYING",
        "FAILED",
        "FILTERED",
        "MESSAGE_STORED",
        "LIVE",
        "SANDBOX",
        "DataReference",
        "",
        " ",
        "\t\n",
        "\u{a0}",
        "\u{85}",
        "\u{feff}",
        "\u{200b}",
        "2024-05-03T17:30:00Z",
        "2024-02-30T17:30:00Z",
        "2024-05-03",
        "{\"a\":1}",
    ];
    let value = prop_oneof![
        4 => select(words.to_vec()).prop_map(|word| Some(Value::from(word))),
        1 => select(vec![1999, 2000, 2001, 2999, 3000, 3001, 3002])
            .prop_map(|length| Some("\u{1f41d}".repeat(length).into())),
        2 => Just(None),
        3 => select(vec![
            json!(null), json!(7), json!(1.5), json!(true), json!([]), json!({}), json!([null]),
            json!([{}]), json!([[]]), json!(["x"]), json!([{ "integrationKey": "A", "externalId": "1" }]),
            json!([{ "integrationKey": "A" }]), json!({ "@type": "DataReference" }),
        ]).prop_map(Some),
    ];
    (select(places.map(str::to_owned).to_vec()), value)
}

fn changed(changes: &[(String, Option<Value>)]) -> Value {
    let mut record = sample();
    for (place, value) in changes {
        let (parent, name) = place.rsplit_once('/').expect("a pointer");
        // An earlier change may have taken the parent away.
        if let Some(Value::Object(members)) = record.pointer_mut(parent) {
            match value {
                Some(value) => members.insert(name.to_owned(), value.clone()),
                None => members.remove(name),
            };
        }
    }
    record
}

/// Codes that a profile declares.
fn extra_codes() -> Vec<String> {
    ["9001N", "9001E", "4003W"].map(str::to_owned).to_vec()
}

/// The rules of level error that a record breaks on its own.
fn broken(record: &Value) -> Vec<Rule> {
    let bytes = serde_json::to_vec(record).expect("JSON");
    let mut policy = Policy::at(Timestamp::from_millis(1_800_000_000_000));
    policy.schema = hivelog::check::Schema::EventLog;
    policy.extra_codes = extra_codes();
    let record = Record::alone(&bytes);
    let findings = Checker::new(policy).check("test", &record);
    let errors = findings
        .iter()
        .filter(|finding| finding.level == Level::Error);
    errors.map(|finding| finding.rule).collect()
}

#[test]
fn schema_and_rules_agree_on_two_thousand_records() {
    let validator =
        jsonschema::draft202012::new(&schema::event_log(&extra_codes())).expect("a schema");
    assert!(validator.is_valid(&sample()) && broken(&sample()).is_empty());
    let config = Config {
        cases: 2000,
        failure_persistence: None,
        ..Config::default()
    };
    let changes = prop::collection::vec(change(), 1..4);
    let outcome = TestRunner::new(config).run(&changes, |changes| {
        let record = changed(&changes);
        let errors = broken(&record);
        let complaints: Vec<_> = validator
            .iter_errors(&record)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        prop_assert_eq!(
            errors.is_empty(),
            complaints.is_empty(),
            "rules: {:?}\nschema: {:?}",
            errors,
            complaints
        );
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Compiles a schema as strictly as it can, and judges a record a line.
const FOREIGN: &str = r#"
const ajv = new (require("ajv/dist/2020").default)({ strict: true, allErrors: true });
require("ajv-formats").default(ajv);
const judge = ajv.compile(JSON.parse(require("fs").readFileSync("schema.json", "utf8")));
for (const line of require("fs").readFileSync("records", "utf8").trim().split("\n")) {
  console.log(judge(JSON.parse(line)));
}
"#;

#[test]
fn a_foreign_validator_compiles_the_schema_strictly_and_judges_alike() {
    let node = |program: &str| {
        let mut node = std::process::Command::new("node");
        node.args(["-e", program]);
        node
    };
    let asked = node("require('ajv/dist/2020'); require('ajv-formats')").output();
    if !asked.is_ok_and(|asked| asked.status.success()) {
        skip("node does not find ajv and ajv-formats (NODE_PATH names their folder)");
        return;
    }
    let place = Place::new();
    let export = ["codes", "export", "--format", "json-schema"];
    let schema = hivelog(export).run().exits(0).json();
    place.file("schema.json", schema.to_string());
    let ours = jsonschema::draft202012::new(&schema).expect("a schema");
    let own = include_str!("../examples/event-logs.ndjson").lines();
    let own = own.map(str::to_owned);
    // Of every rule a record that breaks it.
    let broken = examples::all().into_iter();
    let broken = broken.flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let records: Vec<Value> = own
        .chain(broken)
        .filter_map(|line| serde_json::from_str(&line).ok())
        .collect();
    let lines: Vec<_> = records.iter().map(Value::to_string).collect();
    place.file("records", lines.join("\n"));
    let judged = node(FOREIGN)
        .current_dir(place.path(""))
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&judged.stdout);
    let theirs: Vec<bool> = said.lines().map(|line| line == "true").collect();
    let errors = String::from_utf8_lossy(&judged.stderr);
    assert_eq!(theirs.len(), records.len(), "{errors}");
    assert_eq!(errors, "");
    for (record, theirs) in records.iter().zip(&theirs) {
        assert_eq!(ours.is_valid(record), *theirs, "{record}");
    }
    let accepted = theirs.iter().filter(|accepted| **accepted).count();
    assert!(accepted > 10 && theirs.len() - accepted > 10, "{accepted}");
}
