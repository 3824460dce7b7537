//! The reports of `validate`, read the way the systems read them that they are for.

use crate::support::{Place, data};
use crate::validate::{lines, valid_log, with};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OTHER: &str = "77b0c731-6dd7-424c-bfbf-f0be0b07f8cf";

/// A place with a file of three journeys (one bad, one odd, one fine), a record without a journey,
/// hostile text, and a name that needs escaping.
fn place() -> Place {
    let place = Place::new();
    let hostile = "X\u{1b}[31m\u{0}<b>|%0A::error::,\r\n\u{ffff}";
    let records = [
        with(json!({"mode": hostile})),
        with(json!({"correlationId": OTHER, "extra": 1})),
        with(json!({"mode": "SANDBOX", "correlationId": "11111111-6dd7-424c-bfbf-f0be0b07f8cf"})),
        with(json!({"correlationId": null})),
    ];
    place.file("a b,c:100%.ndjson", lines(&records));
    place.file(
        "fine.ndjson",
        lines(&[with(
            json!({"correlationId": "22222222-6dd7-424c-bfbf-f0be0b07f8cf"}),
        )]),
    );
    place
}

fn report(place: &Place, format: &str) -> String {
    let ended = place
        .hivelog([
            "validate",
            "--report",
            format,
            "a b,c:100%.ndjson",
            "fine.ndjson",
        ])
        .run()
        .exits(1);
    assert!(ended.stderr.is_empty(), "{}", ended.transcript());
    ended.text()
}

fn schema() -> jsonschema::Validator {
    let text = std::fs::read(data("sarif-schema-2.1.0.json")).expect("the schema");
    let mut schema: Value = serde_json::from_slice(&text).expect("JSON");
    // This pattern has a bracket too many, and is no regular expression to everyone. Errata 01 of
    // the standard corrected it.
    for part in ["run", "toolComponent"] {
        let pattern = &mut schema["definitions"][part]["properties"]["language"]["pattern"];
        assert_eq!(*pattern, "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$");
        *pattern = json!("^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    }
    jsonschema::draft7::new(&schema).expect("a schema")
}

#[track_caller]
fn fits(schema: &jsonschema::Validator, log: &Value) {
    let errors: Vec<_> = schema
        .iter_errors(log)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn sarif_fits_its_schema_and_says_where_what_and_how_grave() {
    let schema = schema();
    let log: Value = serde_json::from_str(&report(&place(), "sarif")).expect("JSON");
    fits(&schema, &log);
    let mut wrong = log.clone();
    wrong["runs"][0]["results"][0]["level"] = json!("hint");
    assert!(!schema.is_valid(&wrong), "the schema is in force");

    let run = &log["runs"][0];
    assert_eq!(
        (&log["version"], &run["columnKind"]),
        (&json!("2.1.0"), &json!("unicodeCodePoints"))
    );
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), hivelog::check::rule::RULES.len());
    for rule in rules {
        for member in ["shortDescription", "fullDescription", "help"] {
            assert!(
                rule[member]["text"]
                    .as_str()
                    .is_some_and(|text| text.len() > 5),
                "{rule}"
            );
        }
        let level = rule["defaultConfiguration"]["level"].as_str();
        assert!(
            matches!(level, Some("error" | "warning" | "note")),
            "{rule}"
        );
    }
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 3);
    for result in results {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let first = &results[0];
    assert_eq!(
        (&first["ruleId"], &first["level"]),
        (&json!("unknown-value"), &json!("error"))
    );
    let place = &first["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"],
        "a%20b%2Cc%3A100%25.ndjson"
    );
    let region = &place["region"];
    assert_eq!(region["startLine"], 1);
    let line = with(json!({"mode": "X"})).to_string();
    let column = line.find("\"X\"").expect("it") as u64 + 1;
    assert_eq!(region["startColumn"], column);
    assert!(region["endColumn"].as_u64() > Some(column));
    assert_eq!(
        first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
        "/mode"
    );

    let none = Place::new();
    none.file("fine.ndjson", lines(&[valid_log()]));
    let ended = none
        .hivelog(["validate", "--report", "sarif", "fine.ndjson"])
        .run()
        .exits(0);
    fits(&schema, &ended.json());
    assert_eq!(ended.json()["runs"][0]["results"], json!([]));
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let prints = |input: &str| -> BTreeSet<String> {
        let ended = crate::support::hivelog(["validate", "--report", "sarif", "-"])
            .stdin(input)
            .run()
            .exits(1);
        let log = ended.json();
        let results = log["runs"][0]["results"].as_array().expect("results");
        let print = |result: &Value| {
            result["partialFingerprints"]["hivelogFinding/v1"]
                .as_str()
                .expect("text")
                .to_owned()
        };
        results.iter().map(print).collect()
    };
    let bad = lines(&[with(json!({"mode": "x", "extra": 1}))]);
    let before = prints(&bad);
    assert_eq!(before.len(), 2);
    let other = lines(&[with(json!({"correlationId": OTHER}))]);
    assert_eq!(prints(&format!("\n\n{other}{bad}")), before);
    let changed = bad.replace("\"x\"", "\"y\"");
    assert!(prints(&changed).is_disjoint(&before));
}

/// The elements of an XML text, as their tags; fails on anything that is not well-formed.
fn elements(xml: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .expect("a head");
    for part in body.split_inclusive('>') {
        let (text, tag) = part.split_once('<').unwrap_or((part, ""));
        assert!(!text.contains('>'), "{text}");
        for entity in text.split('&').chain(tag.split('&')).skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;"];
            assert!(
                known.iter().any(|known| entity.starts_with(known))
                    || !part.contains(&format!("&{entity}")),
                "{entity}"
            );
        }
        let tag = tag.trim_end_matches('>');
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !tag.is_empty() {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.split([' ', '/']).next().unwrap_or_default();
            if !tag.ends_with('/') {
                open.push(name.to_owned());
            }
            all.push(tag.to_owned());
        }
    }
    assert_eq!(open, [""; 0]);
    all
}

#[test]
fn junit_has_a_suite_per_source_and_a_case_per_journey() {
    let xml = report(&place(), "junit");
    let legal = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(legal), "{xml}");
    let elements = elements(&xml);
    let of = |name: &str| -> Vec<&String> {
        elements
            .iter()
            .filter(|tag| tag.split(' ').next() == Some(name))
            .collect()
    };
    let suites = of("testsuite");
    assert_eq!(suites.len(), 2);
    assert!(
        suites[0].contains("name=\"a b,c:100%.ndjson\" tests=\"4\" failures=\"2\""),
        "{}",
        suites[0]
    );
    assert!(suites[1].contains("tests=\"1\" failures=\"0\""));
    let cases = of("testcase");
    assert_eq!(cases.len(), 5);
    assert!(cases[1].contains(&format!("name=\"journey {OTHER} (ShopifyNZ INBOUND)\"")));
    assert!(cases[3].contains("name=\"record 4 (line 4)\""));
    let failures = of("failure");
    assert_eq!(failures.len(), 2);
    assert!(failures[0].contains("type=\"unknown-value\""));
    // A warning fails nothing by default, but is reported.
    assert_eq!(of("system-out").len(), 1);
    assert!(xml.contains("warning unknown-field"));
    assert!(xml.contains("&lt;b&gt;") && !xml.contains("<b>"));
}

#[test]
fn interleaved_journeys_are_one_case_each_and_what_the_end_tells_joins_them() {
    let place = Place::new();
    let one = |detail: &str| with(json!({"detail": detail}));
    let two = |detail: &str| {
        with(json!({"detail": detail, "correlationId": OTHER, "outcome": "MESSAGE_DELIVERED"}))
    };
    place.file("x.ndjson", lines(&[one("1"), two("1"), one("2"), two("2")]));
    let args = [
        "validate",
        "--whole",
        "--fail-on",
        "warning",
        "--report",
        "junit",
        "x.ndjson",
    ];
    let xml = place.hivelog(args).run().exits(1).text();
    assert_eq!(xml.matches("<testcase").count(), 2, "{xml}");
    assert_eq!(xml.matches("assertions=\"2\"").count(), 2, "{xml}");
    assert!(xml.contains("<failure type=\"never-ended\""), "{xml}");
}

#[test]
fn junit_tells_journeys_apart_by_their_whole_key() {
    let place = Place::new();
    let outbound = json!({"direction": "OUTBOUND", "lifeCycleStage": "OUTBOUND_2", "/dataId/iri": "https://x/limber/Product#1"});
    let records = [
        valid_log(),
        with(outbound),
        with(json!({"stream": "a <b>"})),
        with(json!({"integrationKey": null})),
        valid_log(),
    ];
    place.file("x.ndjson", lines(&records));
    let names = |more: &[&str]| -> Vec<String> {
        let args = ["validate", "--report", "junit", "x.ndjson"];
        let xml = place.hivelog(args.iter().chain(more)).run().text();
        let name = |line: &str| {
            Some(
                line.split_once("<testcase name=\"")?
                    .1
                    .split('"')
                    .next()?
                    .to_owned(),
            )
        };
        xml.lines().filter_map(name).collect()
    };
    let id = "14cac731-6dd7-424c-bfbf-f0be0b07f8cf";
    assert_eq!(
        names(&[]),
        [
            format!("journey {id} (ShopifyNZ INBOUND)"),
            format!("journey {id} (ShopifyNZ OUTBOUND)"),
            format!("journey {id} (ShopifyNZ INBOUND, stream a &lt;b&gt;)"),
            "record 4 (line 4)".to_owned(),
        ]
    );
    assert_eq!(
        names(&["--journey-key", "shapeName,dataId.schemaName"]),
        ["journey shapeName=Product dataId.schemaName=limber"]
    );
}

#[test]
fn github_commands_are_one_line_each_and_escaped() {
    let text = report(&place(), "github");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].starts_with("::error file=a b%2Cc%3A100%25.ndjson,line=1,col="),
        "{}",
        lines[0]
    );
    assert!(lines[0].contains(",title=unknown-value::mode 'X"));
    assert!(lines[0].contains("%250A::error") && lines[0].contains("%0Ahelp: "));
    assert!(lines[1].starts_with("::warning file="));
    assert!(
        lines
            .iter()
            .all(|line| !line.contains(|c: char| c.is_control()))
    );
    let place = Place::new();
    place.file(
        "h.ndjson",
        self::lines(&[with(json!({"correlationId": "x"}))]),
    );
    let hint = place
        .hivelog(["validate", "--report", "github", "./h.ndjson"])
        .run()
        .exits(0);
    assert!(
        hint.text()
            .starts_with("::notice file=h.ndjson,line=1,col="),
        "{}",
        hint.transcript()
    );
}

#[test]
fn gitlab_issues_have_their_own_fingerprints_and_a_relative_path() {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Issue {
        description: String,
        check_name: String,
        fingerprint: String,
        severity: String,
        location: Location,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Location {
        path: String,
        lines: Lines,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Lines {
        begin: u64,
    }
    let place = Place::new();
    let twice = with(json!({"mode": "x", "extra": 1, "correlationId": "y"}));
    place.file("logs/x.ndjson", lines(&[twice.clone(), twice]));
    let absolute = place.path("logs/x.ndjson");
    let root = place.path("");
    let ended = place
        .hivelog([
            "validate".as_ref(),
            "--report".as_ref(),
            "gitlab".as_ref(),
            "--skip".as_ref(),
            "duplicate-log".as_ref(),
            absolute.as_os_str(),
        ])
        .env("PWD", &root)
        .run()
        .exits(1);
    let issues: Vec<Issue> = serde_json::from_slice(&ended.stdout).expect("issues");
    let reported: Vec<_> = issues
        .iter()
        .map(|issue| {
            (
                issue.check_name.as_str(),
                issue.severity.as_str(),
                issue.location.lines.begin,
            )
        })
        .collect();
    let mut each = reported[..3].to_vec();
    each.sort_unstable();
    assert_eq!(
        each,
        [
            ("correlation-id-not-uuid", "info", 1),
            ("unknown-field", "minor", 1),
            ("unknown-value", "major", 1)
        ]
    );
    assert_eq!(issues.len(), 6);
    let prints: BTreeSet<_> = issues.iter().map(|issue| &issue.fingerprint).collect();
    assert_eq!(prints.len(), 6);
    for issue in &issues {
        assert_eq!(issue.location.path, "logs/x.ndjson");
        assert!(!issue.description.is_empty());
    }
}

#[test]
fn markdown_is_a_table_that_nothing_breaks_out_of() {
    let text = report(&place(), "markdown");
    assert!(
        text.contains("5 records in 4 journeys: **2 errors, 1 warning, 0 hints**"),
        "{text}"
    );
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 2 + 3, "{text}");
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        assert!(!row.contains('<'), "{row}");
    }
}

#[test]
fn several_reports_go_to_files_at_once_and_standard_output_stays() {
    let place = place();
    let args = [
        "validate",
        "-o",
        "ndjson",
        "--report",
        "json=r.json",
        "--report",
        "sarif=r.sarif",
        "--report",
        "junit=r.xml",
        "--report",
        "github=r.txt",
        "--report",
        "gitlab=r.gitlab",
        "--report",
        "markdown=r.md",
        "a b,c:100%.ndjson",
    ];
    let ended = place.hivelog(args).run().exits(1);
    let main = ended.ndjson();
    let json: Vec<Value> =
        serde_json::from_slice(&std::fs::read(place.path("r.json")).expect("it")).expect("JSON");
    assert_eq!(json, main);
    for name in ["r.sarif", "r.xml", "r.txt", "r.gitlab", "r.md"] {
        assert!(
            std::fs::metadata(place.path(name)).is_ok_and(|file| file.len() > 50),
            "{name}"
        );
    }
    assert_eq!(
        std::fs::read_dir(place.path("")).expect("a folder").count(),
        8
    );
    // One of them takes standard output, the others their files.
    let ended = place.hivelog([
        "validate",
        "--report",
        "json",
        "--report",
        "markdown=r.md",
        "fine.ndjson",
    ]);
    assert_eq!(
        ended.run().exits(0).json().as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn a_name_that_is_not_utf8_is_percent_encoded_and_stays_apart_from_others() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let names = [&b"a\xFF.json"[..], b"a\xFE.json", b"a\xC3.json"];
    for name in names {
        std::fs::write(place.path(".").join(OsStr::from_bytes(name)), "{}").expect("a file");
    }
    let run = |args: &[&str]| {
        let files = names.map(OsStr::from_bytes);
        let args = args.iter().map(OsStr::new).chain(files);
        place.hivelog(args).run()
    };
    let reported = run(&["validate", "-o", "ndjson"]).text();
    let sarif = run(&["validate", "--report", "sarif"]).text();
    for name in ["a%FF.json", "a%FE.json", "a%C3.json"] {
        assert!(
            reported.contains(&format!("\"source\":\"{name}\"")),
            "{reported}"
        );
        assert!(sarif.contains(&format!("\"uri\":\"{name}\"")));
    }
}

#[test]
fn nothing_in_a_ci_report_acts_on_a_terminal_or_reorders_text() {
    let place = Place::new();
    let name = "a\u{1b}[2J\u{9b}\u{202e}.json";
    place.file(name, "{\"mode\":\"a\\u0000\\u001b[2J\\u202e\"}");
    for format in ["github", "gitlab", "sarif"] {
        let reported = place
            .hivelog(["validate", name, "--report", format])
            .run()
            .text();
        let harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!reported.contains(harmful), "{reported}");
        // Once a reader has resolved its escapes, a message is still harmless.
        let messages: Vec<String> = match format {
            "github" => continue,
            "gitlab" => {
                let issues: Vec<Value> = serde_json::from_str(&reported).expect("issues");
                issues
                    .iter()
                    .map(|issue| issue["description"].to_string())
                    .collect()
            }
            _ => {
                let log: Value = serde_json::from_str(&reported).expect("a log");
                let results = log["runs"][0]["results"].as_array().expect("results");
                results
                    .iter()
                    .map(|result| result["message"]["text"].to_string())
                    .collect()
            }
        };
        for message in messages {
            let message: String = serde_json::from_str(&message).expect("a text");
            assert!(!message.contains(harmful), "{message:?}");
        }
    }
}

#[test]
fn every_rule_of_a_sarif_log_has_a_name_and_a_help() {
    let place = Place::new();
    place.file("in.json", "{}");
    let reported = place
        .hivelog(["validate", "in.json", "--report", "sarif"])
        .run()
        .text();
    let log: Value = serde_json::from_str(&reported).expect("a log");
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    for rule in rules.as_array().expect("rules") {
        let name = rule["name"].as_str().expect("a name");
        assert!(
            name.starts_with(char::is_uppercase) && !name.contains('-'),
            "{name}"
        );
        assert!(rule["help"]["text"].is_string(), "{name}");
    }
}
