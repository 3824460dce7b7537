//! `validate`: each rule by itself, framing, positions, flags, exit codes, and hostile input.

pub mod examples;
mod torture;

use crate::support::{Ended, Place, Run, data, hivelog};
use hivelog::check::rule::RULES;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// An event log that breaks no rule.
pub fn valid_log() -> Value {
    json!({
        "eventCode": "1000N",
        "direction": "INBOUND",
        "lifeCycleStage": "INBOUND_2",
        "outcome": "PROCESSING",
        "generatedAt": "2024-05-03T17:30:00.895+12:00",
        "correlationId": "14cac731-6dd7-424c-bfbf-f0be0b07f8cf",
        "dataId": {
            "@type": "DataReference",
            "schemaName": "limber",
            "shapeName": "Product",
            "externalIdentities": [{"integrationKey": "ShopifyNZ", "externalId": "92"}]
        },
        "integrationKey": "ShopifyNZ",
        "shapeName": "Product",
        "mode": "LIVE",
        "schemaName": "limber"
    })
}

/// The valid one with some members exchanged; null removes a member.
#[allow(
    clippy::needless_pass_by_value,
    reason = "reads better with the macro in place"
)]
pub fn with(changes: Value) -> Value {
    let mut record = valid_log();
    for (pointer, value) in changes.as_object().expect("an object") {
        let (object, name) = match pointer.rsplit_once('/') {
            Some((parent, name)) => (record.pointer_mut(parent).expect("a parent"), name),
            None => (&mut record, pointer.as_str()),
        };
        let object = object.as_object_mut().expect("an object");
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.to_owned(), value.clone());
        }
    }
    record
}

/// One record a line.
pub fn lines(records: &[Value]) -> String {
    let mut text = String::new();
    for record in records {
        text.push_str(&record.to_string());
        text.push('\n');
    }
    text
}

fn validate(args: &[&str], input: impl AsRef<[u8]>) -> Ended {
    run(args).stdin(input.as_ref()).run()
}

fn run(args: &[&str]) -> Run {
    hivelog([&["validate", "--now", "2026-01-01T00:00:00Z"], args].concat())
}

/// A finding as a reader of the contract sees it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading them is the test")]
struct Finding {
    source: String,
    record: u64,
    line: u64,
    column: u64,
    pointer: String,
    rule: String,
    level: Level,
    message: String,
    help: String,
    journey: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Hint,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "the names are the contract's")]
struct Summary {
    summary: bool,
    records: u64,
    journeys: u64,
    errors: u64,
    warnings: u64,
    hints: u64,
    known: Option<u64>,
}

/// Everything `-o ndjson` says, strictly read.
fn read(ended: &Ended) -> (Vec<Finding>, Summary) {
    let text = ended.text();
    let mut lines: Vec<&str> = text.lines().collect();
    let summary = lines
        .pop()
        .unwrap_or_else(|| panic!("{}", ended.transcript()));
    let findings = lines
        .into_iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let summary = serde_json::from_str(summary).unwrap_or_else(|e| panic!("{e}: {summary}"));
    (findings, summary)
}

fn findings(args: &[&str], input: impl AsRef<[u8]>) -> Vec<Finding> {
    read(&validate(&[&["-o", "ndjson", "-"], args].concat(), input)).0
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect()
}

#[test]
fn the_published_sample_has_three_text_errors_and_a_missing_iri() {
    let sample = std::fs::read(data("published-sample.json")).expect("the sample");
    let found = findings(&[], sample);
    let reported: Vec<_> = found
        .iter()
        .map(|f| (f.rule.as_str(), f.line, f.column, f.pointer.as_str()))
        .collect();
    assert_eq!(
        reported,
        [
            ("json-syntax", 8, 38, "/detail"),
            ("json-syntax", 9, 35, "/detail"),
            ("outbound-needs-iri", 12, 11, "/dataId"),
            ("json-syntax", 27, 25, ""),
        ]
    );
    assert!(found[0].message.contains("raw line break"));
    assert!(found[3].message.contains("trailing comma"));
}

#[test]
fn every_rule_has_an_example_that_fires_it_and_no_other() {
    let examples = examples::all();
    let known: BTreeSet<_> = RULES.iter().map(|(_, rule)| rule.name).collect();
    let shown: BTreeSet<_> = examples.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(shown, known);
    for (rule, input) in examples {
        // The data that an event lacks is only reported by the rule that is about it.
        let args: &[&str] = match rule {
            "never-ended" => &["--whole"],
            "sys-missing-data" => &[],
            _ => &["--skip", "sys-missing-data"],
        };
        let found = findings(args, &input);
        let distinct: BTreeSet<_> = rules(&found).into_iter().collect();
        assert_eq!(distinct, BTreeSet::from([rule]), "{input:.400}");
        let described = RULES.iter().find(|(_, known)| known.name == rule);
        let level = described.map(|(_, known)| known.level.name());
        for finding in found {
            assert_eq!(
                Some(format!("{:?}", finding.level).to_lowercase().as_str()),
                level
            );
            assert!(!finding.message.is_empty() && !finding.help.is_empty());
            let journey = described.is_some_and(|(_, known)| {
                known.subject == hivelog::check::rule::RuleSubject::Journey
            });
            assert_eq!(finding.journey.is_some(), journey, "{rule}");
        }
    }
    let none = findings(&["--whole", "--skip", "never-ended"], lines(&[valid_log()]));
    assert_eq!(rules(&none), [""; 0]);
}

#[test]
fn records_are_found_in_every_framing_with_their_places() {
    let (a, b) = (valid_log(), with(json!({"mode": "live"})));
    let pretty = serde_json::to_string_pretty(&b).expect("JSON");
    let column = |text: &str| text.find("\"live\"").expect("it") as u64 + 1;
    let compact = b.to_string();
    for (input, record, line, at) in [
        (format!("{a}\n{b}\n"), 2, 2, column(&compact)),
        (format!("{a}\r\n\r\n{b}"), 2, 3, column(&compact)),
        (format!("[{a},\n {b}]"), 2, 2, column(&compact) + 1),
        (format!("\u{feff}{b}"), 1, 1, column(&compact)),
        (
            format!("{a}{b}"),
            2,
            1,
            a.to_string().len() as u64 + column(&compact),
        ),
        (pretty.clone(), 1, 21, 11),
        (format!("{pretty}\n{a}"), 1, 21, 11),
    ] {
        let found = findings(&["--only", "unknown-value"], &input);
        let places: Vec<_> = found.iter().map(|f| (f.record, f.line, f.column)).collect();
        assert_eq!(places, [(record, line, at)], "{input}");
    }
    let wide = format!("{{\"ü漢\":1,{}", &compact[1..]);
    let found = findings(&["--only", "unknown-value"], &wide);
    assert_eq!(found[0].column, column(&compact) + 7);
}

#[test]
fn journeys_are_followed_across_interleaved_records_and_files() {
    let other = "77b0c731-6dd7-424c-bfbf-f0be0b07f8cf";
    let error = json!({"eventCode": "4005E", "outcome": "FAILED", "detail": "a\nb\nc"});
    let place = Place::new();
    let first = place.file(
        "a.ndjson",
        lines(&[with(error), with(json!({"correlationId": other}))]),
    );
    let again =
        json!({"correlationId": other, "eventCode": "5000N", "outcome": "MESSAGE_DELIVERED"});
    let second = place.file("b.ndjson", lines(&[with(again), valid_log()]));
    let ended = place
        .hivelog(
            ["validate", "-o", "ndjson"]
                .map(std::ffi::OsStr::new)
                .into_iter()
                .chain([first.as_os_str(), second.as_os_str()]),
        )
        .run()
        .exits(1);
    let (found, summary) = read(&ended);
    assert_eq!(rules(&found), ["after-terminal-error"]);
    assert!(
        found[0]
            .message
            .starts_with("1000N follows the terminal error 4005E (")
    );
    assert!(
        found[0].message.ends_with("a.ndjson line 1)"),
        "{}",
        found[0].message
    );
    assert_eq!((found[0].record, found[0].line), (2, 2));
    assert_eq!(found[0].pointer, "/eventCode");
    assert_eq!(
        found[0].journey.as_deref(),
        Some("14cac731-6dd7-424c-bfbf-f0be0b07f8cf")
    );
    assert_eq!(
        (summary.records, summary.journeys, summary.errors),
        (4, 2, 1)
    );
}

#[test]
fn a_journey_can_be_made_of_other_fields() {
    let records = lines(&[
        with(json!({"customData": {"order": 7}})),
        with(json!({"customData": {"order": 8}})),
    ]);
    assert_eq!(rules(&findings(&[], &records)), ["duplicate-log"]);
    let by_order = ["--journey-key", "integrationKey, customData.order"];
    assert_eq!(rules(&findings(&by_order, &records)), [""; 0]);
}

#[test]
fn the_present_moment_can_be_so_long_ago() {
    let record = valid_log().to_string();
    let ended = hivelog(["validate", "--now", "-3h", "-"]).stdin(record.as_bytes());
    ended.run().exits(0);
}

#[test]
fn exit_codes_tell_good_from_bad_from_unreadable() {
    let (good, bad) = (lines(&[valid_log()]), lines(&[with(json!({"mode": "x"}))]));
    let _ = validate(&["-"], &good)
        .exits(0)
        .says("1 record in 1 journey: no findings");
    let _ = validate(&[], &good).exits(0);
    let _ = validate(&["-"], &bad).exits(1);
    let _ = validate(&["--fail-on", "never", "-"], &bad).exits(0);
    let warning = lines(&[with(json!({"extra": 1}))]);
    let _ = validate(&["-"], &warning).exits(0);
    let _ = validate(&["--fail-on", "warning", "-"], &warning).exits(1);
    let _ = validate(&["--fail-on", "hint", "-"], &warning).exits(1);
    for usage in [
        &["--rule", "unknown-cod=off"][..],
        &["--rule", "unknown-code=of"],
        &["--rule", "unknown-code"],
        &["--only", "nonsense"],
        &["--fail-on", "errors"],
        &["--report", "sarf"],
        &["--report", "json="],
        &["--report", "json", "--report", "sarif"],
        &["--report", "json", "--filter", "valid"],
        &["--diff"],
        &["--fix=times"],
        &["--fix", "--filter", "valid"],
        &["-o", "csv"],
        &["-", "-"],
    ] {
        let _ = validate(usage, &good).exits(2);
    }
    let _ = validate(&["--rule", "unknown-cod=off"], "")
        .exits(2)
        .warns("unknown-code");
    let _ = validate(&["--report", "sarf"], "").exits(2).warns("sarif");
    for empty in ["", " \n\r\n", "[]", "\u{feff}"] {
        let _ = validate(&["-"], empty).exits(3).warns("--allow-empty");
        let _ = validate(&["--allow-empty", "-"], empty).exits(0);
    }
    let place = Place::new();
    place.file("bad.json", &bad);
    let ended = place.hivelog(["validate", "none.json", "bad.json"]).run();
    let _ = ended.exits(3).warns("none.json").says("unknown-value");
    let _ = place
        .hivelog(["validate", "bad.json", "--report", "sarif=no/such/folder"])
        .run()
        .exits(3)
        .warns("no/such/folder");
}

#[test]
fn rules_can_be_chosen_and_weighed() {
    let record = lines(&[with(json!({"mode": "x", "extra": 1, "correlationId": "y"}))]);
    let chosen = |args: &[&str]| -> Vec<String> {
        let found = findings(args, &record);
        found
            .into_iter()
            .map(|f| format!("{:?} {}", f.level, f.rule))
            .collect()
    };
    let all = [
        "Hint correlation-id-not-uuid",
        "Warning unknown-field",
        "Error unknown-value",
    ];
    let mut found = chosen(&[]);
    found.sort_by_key(|reported| all.iter().position(|wanted| wanted == reported));
    assert_eq!(found, all);
    assert_eq!(chosen(&["--only", "unknown-value,unknown-code"]), [all[2]]);
    assert_eq!(chosen(&["--skip", "unknown-value,unknown-field"]), [all[0]]);
    let weighed = ["--only", "unknown-field", "--rule", "unknown-field=error"];
    assert_eq!(chosen(&weighed), ["Error unknown-field"]);
    assert_eq!(
        chosen(&["--only", "unknown-field", "--rule", "unknown-field=off"]),
        [""; 0]
    );
    let event = json!({"kind": "sys", "type": "x"}).to_string();
    assert!(rules(&findings(&["--schema", "event-log"], &event)).contains(&"missing-field"));
    let log = lines(&[valid_log()]);
    assert!(rules(&findings(&["--schema", "sys-event"], log)).contains(&"sys-missing-field"));
}

#[test]
fn findings_can_be_limited_and_the_first_can_end_the_run() {
    let bad = lines(&vec![with(json!({"mode": "x"})); 30]);
    let only = ["--only", "unknown-value", "-o", "ndjson", "-"];
    let ended = validate(&[&["--max-findings", "4"], &only[..]].concat(), &bad).exits(1);
    let (found, summary) = read(&ended);
    assert_eq!((found.len(), summary.errors), (4, 30));
    let _ = ended.warns("26 more findings");
    let ended = validate(&[&["--fail-fast"], &only[..]].concat(), &bad).exits(1);
    let (found, summary) = read(&ended);
    assert_eq!((found.len(), summary.records), (1, 1));
    let human = validate(&["--only", "unknown-value", "-"], &bad).exits(1);
    assert_eq!(
        human.text().matches("-:").count(),
        10,
        "{}",
        human.transcript()
    );
    let _ = human.says("20 similar findings hidden (--all)");
    let all = validate(&["--only", "unknown-value", "--all", "-"], &bad).exits(1);
    assert_eq!(all.text().matches("-:").count(), 30);
}

#[test]
fn every_field_that_is_missing_counts_in_what_is_hidden() {
    let ended = validate(
        &["--only", "missing-field", "-"],
        "{\"mode\":\"LIVE\"}\n".repeat(12),
    );
    let ended = ended.exits(1);
    assert_eq!(ended.text().matches("help:").count(), 10);
    // Nine fields in each of the two records that are not shown.
    let _ = ended
        .says("18 similar findings hidden (--all)")
        .says("12 records in 0 journeys: 108 errors");
}

#[test]
fn what_sys_events_lack_is_said_once() {
    let event = json!({"kind": "sys", "type": "trigger.event.ok", "data": {"status": "x"}});
    let ended = validate(&["-"], lines(&vec![event; 30])).exits(0);
    assert_eq!(
        ended.text().matches("help:").count(),
        1,
        "{}",
        ended.transcript()
    );
    let fields = "trigger.event.ok has no data.trigger_id, data.";
    let _ = ended
        .says(fields)
        .says("348 similar findings hidden (--all)")
        .says("360 hints");
}

#[test]
fn the_filter_hands_records_out_byte_for_byte() {
    let odd = valid_log().to_string().replacen(':', " :  ", 3);
    let bad = with(json!({"mode": "x"})).to_string();
    let input = format!("{odd}\n{bad}\nnonsense\n{odd}");
    let valid = validate(
        &["--filter", "valid", "--skip", "duplicate-log", "-"],
        &input,
    )
    .exits(1);
    assert_eq!(valid.text(), format!("{odd}\n{odd}\n"));
    let valid = valid.warns("unknown-value").warns("json-syntax");
    let invalid = validate(&["--filter", "invalid", "-o", "ndjson", "-"], &input).exits(1);
    assert_eq!(invalid.text(), format!("{bad}\nnonsense\n"));
    let _ = validate(&["-"], valid.stdout).exits(0);
}

#[test]
fn folders_are_walked_and_standard_input_has_a_name() {
    let place = Place::new();
    let bad = lines(&[with(json!({"mode": "x"}))]);
    for name in [
        "logs/b.ndjson",
        "logs/deep/a.jsonl",
        "logs/c.json",
        "logs/d.txt",
        "logs/.e.json",
    ] {
        place.file(name, &bad);
    }
    let ended = place
        .hivelog([
            "validate",
            "--only",
            "unknown-value",
            "-o",
            "ndjson",
            "logs",
        ])
        .run()
        .exits(1);
    let (found, _) = read(&ended);
    let sources: Vec<_> = found.iter().map(|f| f.source.as_str()).collect();
    assert_eq!(
        sources,
        ["logs/b.ndjson", "logs/c.json", "logs/deep/a.jsonl"]
    );
    let named = findings(
        &["--stdin-name", "pipe.ndjson", "--only", "unknown-value"],
        &bad,
    );
    assert_eq!(named[0].source, "pipe.ndjson");
}

#[test]
fn people_see_place_line_caret_sentence_and_help() {
    let record = with(json!({"eventCode": "4005I", "extra": "\u{1b}[2J漢"}));
    let shown = run(&[
        "--only",
        "unknown-code,unknown-field",
        "--stdin-name",
        "logs.ndjson",
        "-",
    ])
    .env("COLUMNS", "80")
    .stdin(format!("\n{record}\n"))
    .run()
    .exits(1);
    let text = shown.text();
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "logs.ndjson:2:14 error unknown-code");
    let caret = lines[2].find('^').expect("a caret");
    let under = lines[2].trim_end().len() - caret;
    assert_eq!(&lines[1][caret..caret + under], "\"4005I\"");
    assert!(lines[3].starts_with("  4005I is not in the glossary"));
    assert_eq!(
        text.lines().last(),
        Some("1 record in 1 journey: 1 error, 1 warning")
    );
    let helps = text.matches("  help: ").count();
    assert_eq!(helps, 2);
}

#[test]
fn the_first_finding_of_a_pipe_comes_before_its_end() {
    let mut running = run(&["-o", "ndjson", "--only", "unknown-value", "-"]).start();
    running.write(lines(&[with(json!({"mode": "x"}))]).as_bytes());
    assert!(running.stdout.next().contains("unknown-value"));
    running.write(lines(&[valid_log()]).as_bytes());
    let ended = running.end().exits(1);
    assert!(
        ended.text().contains("\"records\":2"),
        "{}",
        ended.transcript()
    );
}

#[test]
fn a_reader_that_leaves_does_not_change_the_verdict() {
    let place = Place::new();
    place.file("bad.ndjson", lines(&vec![with(json!({"mode": "x"})); 3000]));
    let script = format!(
        "{} validate --all -o ndjson bad.ndjson | head -n 1; exit ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_hivelog")
    );
    let ended = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(place.path("."))
        .env("HOME", place.path("."))
        .output()
        .expect("bash runs");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn input_nobody_should_send_gets_its_verdict_in_time_and_harms_no_terminal() {
    for (name, input, wanted) in torture::all() {
        let begun = Instant::now();
        let ended = validate(&["-o", "ndjson", "-"], &input);
        let (found, _) = read(&ended);
        let distinct: BTreeSet<_> = rules(&found).into_iter().collect();
        let wanted: BTreeSet<_> = wanted.iter().copied().collect();
        assert_eq!(distinct, wanted, "{name}: {}", ended.transcript());
        let ended = ended.exits(i32::from(!wanted.is_empty()));
        let human = validate(&["-"], &input);
        for shown in [&ended.stdout, &human.stdout] {
            let text = std::str::from_utf8(shown).unwrap_or_else(|e| panic!("{name}: {e}"));
            let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!human.text().contains(harmful), "{name}");
            assert!(
                !text.contains(|c: char| c.is_control() && c != '\n'),
                "{name}"
            );
        }
        // Not a measure of speed: a hang or something quadratic takes far longer.
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
    }
}

#[test]
fn the_published_sample_looks_right_at_80_columns() {
    let sample = std::fs::read(data("published-sample.json")).expect("the sample");
    let ended = run(&["--stdin-name", "published-sample.json", "-"])
        .env("COLUMNS", "80")
        .stdin(sample)
        .run()
        .exits(1);
    let golden = std::fs::read_to_string(data("published-sample.80.txt")).expect("the golden file");
    assert_eq!(ended.text(), golden);
}

#[test]
fn one_cause_is_one_finding() {
    let text = valid_log().to_string();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} in {text}");
        text.replace(from, to)
    };
    for (damaged, wanted) in [
        // A damaged value is reported once, whatever other rules would make of it.
        (
            changed("\"Product\",\"mode\"", "\"\tProduct\",\"mode\""),
            &["json-syntax"][..],
        ),
        (changed("\"mode\":\"", "\"mode\":\"\\x"), &["json-syntax"]),
        (
            changed("\"correlationId\":\"", "\"correlationId\":\"\\ud800"),
            &["json-syntax"],
        ),
        // And so is a damaged name, though the field is missing then.
        (
            changed("\"correlationId\":", "\"corre\\lationId\":"),
            &["json-syntax"],
        ),
        (changed("\"@type\":", "\"@ty\tpe\":"), &["json-syntax"]),
        // A blank that JSON does not know says nothing about the members around it.
        (changed("\"mode\":", "\u{a0}\"mode\":"), &["json-syntax"]),
        (changed("\"mode\":", "\"mode\"\u{2009}:"), &["json-syntax"]),
        (
            changed("\"mode\":", "\"mode\":\u{3000}\u{200b}"),
            &["json-syntax"],
        ),
        // Nor does a name that is blank, in whatever blanks, differ from another.
        (
            changed(
                "\"shapeName\":\"Product\",\"mode\"",
                "\"shapeName\":\"\u{a0}\",\"mode\"",
            ),
            &["empty-value"],
        ),
        (
            changed(
                "\"schemaName\":\"limber\",\"shapeName\"",
                "\"schemaName\":\"\",\"shapeName\"",
            ),
            &["incomplete-reference"],
        ),
        // Whoever writes single quotes writes them everywhere.
        (text.replace('"', "'"), &["json-syntax"]),
        // A line that is not JSON is one finding, however many words it has.
        ("not json at all".to_owned(), &["json-syntax"]),
        (
            "2026-11-25 12:00:01 started \"x\"".to_owned(),
            &["json-syntax"],
        ),
        ("1,2,3".to_owned(), &["json-syntax"]),
        ("# a comment".to_owned(), &["json-syntax"]),
        (format!("{text}\n[INFO] has started\n"), &["json-syntax"]),
        (format!("[INFO] has started\n{text}\n"), &["json-syntax"]),
        (format!("[INFO has started\n{text}\n"), &["json-syntax"]),
        // A misspelt field is missing too, and both say so.
        (
            changed("\"correlationId\":", "\"correlationID\":"),
            &["missing-field", "unknown-field"],
        ),
    ] {
        let findings = findings(&["--skip", "detail-unstructured"], &damaged);
        let mut found = rules(&findings);
        found.sort_unstable();
        assert_eq!(found, wanted, "{damaged}");
        if let [_, _] = wanted {
            let ended = validate(&["-o", "ndjson", "-"], &damaged);
            let reported = ended.text();
            assert!(
                reported.contains("correlationID may be meant for it"),
                "{reported}"
            );
            assert!(
                reported.contains("did you mean correlationId?"),
                "{reported}"
            );
        }
    }
}

#[test]
fn a_known_type_without_an_event_code_is_a_sys_event() {
    let event = r#"{"type":"trigger.schedule.failed","data":{"ok":1}}"#;
    assert_eq!(rules(&findings(&[], event)), ["sys-missing-field"]);
    let no_type = r#"{"kind":"sys","data":{}}"#;
    assert_eq!(rules(&findings(&[], no_type)), ["sys-missing-field"]);
    let other = r#"{"type":"order.created"}"#;
    assert!(rules(&findings(&[], other)).contains(&"missing-field"));
    let log = r#"{"type":"auth.ok","eventCode":"1000N"}"#;
    assert!(rules(&findings(&[], log)).contains(&"missing-field"));
}

#[test]
fn a_baseline_without_end_is_refused() {
    validate(&["--baseline", "/dev/zero", "-"], "{}")
        .exits(3)
        .warns("larger than 64 MiB");
}

#[test]
fn a_file_that_is_not_there_is_reported_once_and_not_as_an_empty_one() {
    let ended = Place::new()
        .hivelog(["validate", "absent.json"])
        .run()
        .exits(3);
    assert_eq!(ended.text(), "");
    assert_eq!(ended.errors().lines().count(), 1, "{}", ended.transcript());
}

#[test]
fn what_can_be_repaired_is_marked_and_missing_fields_of_a_record_are_one_block() {
    let record = r#"{"eventCode":"1000N","lifeCycleStage":"INBOUND3","direction":"INBOUND",}"#;
    let text = hivelog(["validate", "-"])
        .stdin(record)
        .run()
        .exits(1)
        .text();
    for part in [
        "error json-syntax [*]",
        "error missing-field\n",
        "  missing: outcome, correlationId, ",
        "[*] 2 fixable with --fix\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("error missing-field").count(), 1, "{text}");
    let every = hivelog(["validate", "--all", "-"])
        .stdin(record)
        .run()
        .exits(1)
        .text();
    assert!(every.matches("error missing-field").count() > 3, "{every}");
}

#[test]
fn a_record_that_is_cut_off_in_a_name_has_one_finding() {
    assert_eq!(rules(&findings(&[], "{bad")), ["json-syntax"]);
    assert_eq!(rules(&findings(&[], "{\"bad")), ["json-syntax"]);
}

#[test]
fn a_misspelt_member_of_a_data_reference_is_named() {
    let reference = |members: Value| {
        let record = with(json!({"dataId": members}));
        let found = validate(&["-o", "ndjson", "-"], record.to_string()).text();
        assert!(found.contains("incomplete-reference"), "{found}");
        found
    };
    let found = reference(json!({"@type": "DataReference", "schemaName": "limber",
        "shapename": "Product", "iri": "https://schema.limbergraph.com/limber/Product#1"}));
    let message = "dataId has no shapeName; shapename may be meant for shapeName";
    assert!(found.contains(message), "{found}");
    let found = reference(json!({"@type": "DataReference", "schemaName": "limber",
        "shapeName": "Product", "externalIdentites": []}));
    let message = "externalIdentites may be meant for externalIdentities";
    assert!(found.contains(message), "{found}");
    let sarif = validate(&["--report", "sarif", "-"], "{\"eventcode\":\"4005E\"}").text();
    assert!(sarif.contains("did you mean eventCode?\""), "{sarif}");
}

#[test]
fn excerpts_stay_within_the_columns_of_the_page() {
    let long = format!("{{\"eventCode\":\"{}", "x".repeat(300));
    for columns in ["40", "80", "200"] {
        let shown = run(&["--all", "-"])
            .env("COLUMNS", columns)
            .stdin(long.clone());
        let shown = shown.run().exits(1).text();
        let widest = shown.lines().map(|line| line.chars().count()).max();
        let most: usize = columns.parse().expect("a number");
        assert!(widest.is_some_and(|widest| widest <= most), "{shown}");
    }
}
