//! `codes`: what is found, what is not, and what can be done with it elsewhere.

use crate::support::{Place, hivelog};
use hivelog::check::rule::RULES;
use hivelog::model::code::GLOSSARY;
use hivelog::model::stage::STAGES;
use serde_json::Value;
use std::process::Command;

fn keys(args: &[&str]) -> Vec<String> {
    let all = hivelog(args).run().exits(0).json();
    let rows = all.as_array().expect("an array").iter();
    rows.map(|row| row["code"].as_str().expect("a code").to_owned())
        .collect()
}

#[test]
fn the_whole_glossary_is_there_in_every_format() {
    assert_eq!(keys(&["codes", "-o", "json"]).len(), GLOSSARY.len());
    assert_eq!(
        hivelog(["codes", "-o", "ndjson"])
            .run()
            .exits(0)
            .ndjson()
            .len(),
        GLOSSARY.len()
    );
    let csv = hivelog(["codes", "-o", "csv"]).run().exits(0);
    assert!(
        csv.text()
            .starts_with("code,number,suffix,level,category,description")
    );
    assert_eq!(csv.text().lines().count(), 1 + GLOSSARY.len());
    for format in ["human", "table"] {
        let shown = hivelog(["codes", "-o", format]).run().exits(0);
        assert_eq!(
            shown.text().matches("Unauthorized").count(),
            2,
            "{}",
            shown.transcript()
        );
    }
}

#[test]
fn a_code_is_described_as_the_contract_says() {
    let all = hivelog(["codes", "4004", "-o", "json"])
        .run()
        .exits(0)
        .json();
    let expected: Value = serde_json::from_str(
        r#"{"code":"4004E","number":"4004","suffix":"E","level":"ERROR","category":"Contact",
            "description":"Authentication to SyncHive failed","siblings":["4004W"],
            "siblingMeansTheSame":false}"#,
    )
    .expect("JSON");
    assert_eq!(all[0], expected);
    assert_eq!(all[1]["code"], "4004W");
}

#[test]
fn queries_and_filters_narrow_the_list() {
    for (args, expected) in [
        (vec!["rate", "limit"], vec!["4004W"]),
        (vec!["athentication", "external"], vec!["4005E"]),
        (
            vec!["--level", "w", "--category", "Contact"],
            vec!["4003W", "4004W"],
        ),
        (
            vec!["--level", "info", "message"],
            vec!["2000N", "3000N", "3001N", "5000N", "5001N"],
        ),
        (vec!["0000"], vec!["0000E", "0000W"]),
    ] {
        let args: Vec<_> = ["codes", "-o", "json"].into_iter().chain(args).collect();
        assert_eq!(keys(&args), expected, "{args:?}");
    }
}

#[test]
fn what_is_not_found_ends_with_1_and_the_nearest_spelling() {
    for (args, expected) in [
        (&["codes", "4005I"][..], "only 4005E"),
        (&["codes", "9999E"], "no code has the number 9999"),
        (&["codes", "405E"], "did you mean 4005E (Authentication"),
        (&["codes", "zebra"], "no event code matches 'zebra'"),
        (&["codes", "outcome"], "hivelog codes outcomes"),
        (&["codes", "RETRYING"], "hivelog explain RETRYING"),
        (
            &["codes", "--level", "W", "--category", "filter"],
            "no event code has all of these",
        ),
        (
            &["codes", "sys", "trigger.event.okay"],
            "did you mean trigger.event.ok?",
        ),
    ] {
        let ended = hivelog(args).run().exits(1).warns(expected);
        assert!(ended.stdout.is_empty(), "{}", ended.transcript());
    }
    let ended = hivelog(["codes", "zebra", "-o", "json"]).run().exits(1);
    assert_eq!(ended.json(), Value::Array(Vec::new()));
}

#[test]
fn wrong_usage_is_reported_with_the_valid_values() {
    for (args, expected) in [
        (&["codes", "--level", "warn"][..], "warning"),
        (&["codes", "--category", "datas"], "'data'"),
        (&["codes", "pick"], "--side"),
        (&["codes", "pick", "--http", "42"], "42 is not in 100..=599"),
        (&["codes", "export", "--format", "typscript"], "typescript"),
        (
            &["codes", "--level", "W", "stages"],
            "apply to event codes only",
        ),
    ] {
        let ended = hivelog(args).run().exits(2).warns(expected);
        assert!(ended.stdout.is_empty(), "{}", ended.transcript());
    }
}

#[test]
fn the_other_subjects_are_complete() {
    for (subject, count) in [
        ("stages", 10),
        ("outcomes", 7),
        ("modes", 2),
        ("sys", 17),
        ("rules", RULES.len()),
    ] {
        let all = hivelog(["codes", subject, "-o", "json"])
            .run()
            .exits(0)
            .json();
        assert_eq!(all.as_array().map(Vec::len), Some(count), "{subject}");
        assert!(!hivelog(["codes", subject]).run().exits(0).stdout.is_empty());
    }
    hivelog(["codes", "stages"])
        .run()
        .exits(0)
        .says("platform use only");
}

#[test]
fn system_events_are_chosen_by_glob() {
    let types = |glob: &str| -> Vec<String> {
        let all = hivelog(["codes", "sys", glob, "-o", "ndjson"])
            .run()
            .exits(0)
            .ndjson();
        let types = all
            .iter()
            .map(|row| row["type"].as_str().expect("text").to_owned());
        types.collect()
    };
    assert_eq!(
        types("trigger.*.failed"),
        ["trigger.schedule.failed", "trigger.event.failed"]
    );
    assert_eq!(types("license.*"), ["license.invalid", "license.valid"]);
    assert_eq!(types("*").len(), 17);
    assert_eq!(types("server.ready"), ["server.ready"]);
}

#[test]
fn a_situation_gets_at_most_three_codes_best_first_with_reasons() {
    let all = hivelog([
        "codes",
        "pick",
        "--side",
        "external",
        "--http",
        "429",
        "--retrying",
        "-o",
        "json",
    ])
    .run()
    .exits(0)
    .json();
    assert_eq!(all[0]["code"], "4004W");
    assert!(
        all[0]["reason"]
            .as_str()
            .is_some_and(|text| text.contains("rate limit"))
    );
    let three = keys(&[
        "codes", "pick", "--side", "external", "--http", "401", "-o", "json",
    ]);
    assert_eq!(three, ["4005E", "5006E"]);
    hivelog(["codes", "pick", "--category", "filter"])
        .run()
        .exits(0)
        .says("3000N");
    hivelog(["codes", "pick", "--http", "200", "--category", "internal"])
        .run()
        .exits(1)
        .warns("no code for this situation");
}

fn export(format: &str) -> String {
    hivelog(["codes", "export", "--format", format])
        .run()
        .exits(0)
        .text()
}

#[test]
fn every_export_holds_every_code_stage_and_outcome() {
    for format in [
        "json",
        "csv",
        "markdown",
        "typescript",
        "rust",
        "java",
        "json-schema",
    ] {
        let text = export(format);
        let codes = keys(&["codes", "-o", "json"]);
        for code in &codes {
            assert!(text.contains(code.as_str()), "{format} lacks {code}");
        }
        if !["json", "csv"].contains(&format) {
            for word in ["OUTBOUND_4", "MESSAGE_DELIVERED", "SANDBOX"] {
                assert!(text.contains(word), "{format} lacks {word}");
            }
        }
    }
    assert_eq!(
        export("csv"),
        hivelog(["codes", "-o", "csv"]).run().exits(0).text()
    );
    assert_eq!(
        export("json"),
        hivelog(["codes", "-o", "json"]).run().exits(0).text()
    );
}

#[test]
fn the_rust_export_compiles() {
    let place = Place::new();
    let program = format!(
        "{}\nfn main() {{\n  assert_eq!(EventCode::C4004W.as_str(), \"4004W\");\n  assert_eq!(EventCode::C4004W.level(), \"WARNING\");\n  assert_eq!((EventCode::ALL.len(), LifeCycleStage::ALL.len()), ({}, {}));\n  assert_eq!(Outcome::MessageStored.as_str(), \"MESSAGE_STORED\");\n}}\n",
        export("rust"),
        GLOSSARY.len(),
        STAGES.len()
    );
    let source = place.file("export.rs", program);
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let built = Command::new(compiler)
        .args([
            "--edition",
            "2024",
            "-A",
            "dead_code",
            "-D",
            "warnings",
            "-o",
        ])
        .arg(place.path("export"))
        .arg(&source)
        .output()
        .expect("the compiler that built this test");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let ran = Command::new(place.path("export"))
        .status()
        .expect("it runs");
    assert!(ran.success());
}

#[test]
fn the_schema_accepts_the_codes_of_the_profile() {
    let place = Place::new();
    place.file("c.toml", "[check]\nextra_codes = [\"9001E\"]\n");
    let args = [
        "--config",
        "c.toml",
        "codes",
        "export",
        "--format",
        "json-schema",
    ];
    let schema = place.hivelog(args).run().exits(0).json();
    let of = |pointer: &str| {
        schema
            .pointer(pointer)
            .expect("codes")
            .as_array()
            .expect("a list")
            .clone()
    };
    assert_eq!(of("/properties/eventCode/enum").len(), GLOSSARY.len() + 1);
    assert!(of("/properties/eventCode/enum").contains(&"9001E".into()));
    let retrying = of("/allOf/3/then/properties/eventCode/enum");
    assert!(!retrying.contains(&"9001E".into()) && retrying.contains(&"4003W".into()));
}

#[test]
fn the_schema_rejects_the_published_sample_and_accepts_its_fixed_form() {
    let schema: Value = serde_json::from_str(&export("json-schema")).expect("JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert_eq!(schema["$id"], "urn:hivelog:schema:event-log");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let mut sample = serde_json::json!({
        "eventCode": "4005E", "direction": "OUTBOUND", "lifeCycleStage": "OUTBOUND_4",
        "outcome": "FAILED", "generatedAt": "2024-05-03 17:30:00.895 +1200",
        "detail": "Failed to send message to ShopifyNZ.\nThe HTTP API Key was not accepted.\nPlease provide a valid HTTP API Key to the ShopifyNZ Integration and try again.",
        "correlationId": "14cac731-6dd7-424c-bfbf-f0be0b07f8cf",
        "dataId": { "@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
            "externalIdentities": [{ "integrationKey": "ShopifyNZ", "externalId": "9217354452632" }] },
        "integrationKey": "ShopifyNZ", "shapeName": "Product", "mode": "LIVE",
        "schemaName": "limber", "schemaVersion": "2.1.0",
    });
    let complaints: Vec<_> = validator
        .iter_errors(&sample)
        .map(|error| error.to_string())
        .collect();
    assert!(
        complaints.len() == 1 && complaints[0].contains("iri"),
        "{complaints:?}"
    );
    sample["dataId"]["iri"] = "https://schema.limbergraph.com/limber/Product#366821d6".into();
    assert!(validator.is_valid(&sample));
}

#[test]
fn stages_outcomes_modes_and_rules_are_narrowed_by_words() {
    for (args, first, count) in [
        (&["stages", "inbound"][..], "INBOUND_1", 5),
        (&["stages", "OUTBOUND", "deliver"], "OUTBOUND_4", 1),
        (&["outcomes", "fail"], "FAILED", 1),
        (&["modes", "sandbox"], "SANDBOX", 1),
        (&["rules", "IRI"], "outbound-needs-iri", 1),
    ] {
        let args = [&["codes"], args, &["-o", "json"]].concat();
        let rows = hivelog(&args).run().exits(0).json();
        let rows = rows.as_array().expect("rows");
        assert!(
            rows.iter().any(|row| row.to_string().contains(first)),
            "{args:?}"
        );
        assert!(rows.len() >= count, "{args:?}: {rows:?}");
    }
    let none = hivelog(["codes", "rules", "outbound-need-iri"]).run();
    let _ = none.exits(1).warns("did you mean outbound-needs-iri?");
}
