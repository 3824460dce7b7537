//! What holds for every input: however it is cut, wherever its faults are.

use crate::support::Place;
use hivelog::check::finding::Finding;
use hivelog::check::rule::Level;
use hivelog::check::{Checker, Policy};
use hivelog::model::timestamp::Timestamp;
use hivelog::wire::records::{Framer, Record};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const IDS: [&str; 3] = [
    "14cac731-6dd7-424c-bfbf-f0be0b07f8cf",
    "77b0f3a2-93a1-4b39-8b9b-0d7d6cf1c7f7",
    "order 7",
];

/// A record that is valid unless a change breaks it, of one of few journeys.
fn record() -> impl Strategy<Value = Value> {
    let of_journey = (
        select(IDS.to_vec()),
        select(vec!["1000N", "1000W", "4003W", "4005E", "2001E"]),
        select(vec!["INBOUND_1", "INBOUND_2", "INBOUND_3"]),
        prop::option::weighted(0.3, select(vec!["a", "b", "c"])),
        0..3_u8,
        0..60_u8,
    );
    let change = (
        select(vec![
            "eventCode",
            "direction",
            "outcome",
            "generatedAt",
            "detail",
            "dataId",
            "mode",
            "integrationKey",
            "correlationId",
            "unheardOf",
            "stream",
            "customData",
        ]),
        select(vec![
            json!(null),
            json!("4005e"),
            json!("漢字 🐝\u{7f}\"\\"),
            json!(7),
            json!([]),
            json!({}),
            json!(""),
            json!("2024-05-03 17:30:00.895 +1200"),
            json!("FAILED"),
        ]),
    );
    let changes = prop::collection::vec(change, 0..2);
    (of_journey, changes).prop_map(|((id, code, stage, stream, data, second), changes)| {
        let outcome = match code.as_bytes()[4] {
            b'E' => "FAILED",
            b'W' => "RETRYING",
            _ => "PROCESSING",
        };
        let mut record = json!({
            "eventCode": code, "direction": "INBOUND", "lifeCycleStage": stage,
            "outcome": outcome,
            "generatedAt": format!("2024-05-03T17:30:{second:02}Z"),
            "detail": "Zustand.\nUrsache: 漢字 🐝.\nWas zu tun ist.",
            "correlationId": id,
            "dataId": {
                "@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
                "externalIdentities": [
                    { "integrationKey": "ShopifyNZ", "externalId": data.to_string() }
                ],
            },
            "integrationKey": "ShopifyNZ", "shapeName": "Product", "mode": "LIVE",
            "schemaName": "limber", "customData": { "größe": [1, 2.5e3, null, "\t"] },
        });
        if let Some(stream) = stream {
            record["stream"] = stream.into();
        }
        for (name, value) in changes {
            record[name] = value;
        }
        record
    })
}

/// A record as text, with a fault in the text now and then.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let sys = json!({ "kind": "sys", "type": "trigger.event.ok", "data": { "ok": false } });
    let whole = prop_oneof![
        8 => record().prop_map(|record| record.to_string().into_bytes()),
        2 => record().prop_map(|record| format!("{record:#}").into_bytes()),
        1 => Just(sys.to_string().into_bytes()),
    ];
    let broken = (whole, any::<prop::sample::Index>(), 0..24_u8).prop_map(|(text, at, fault)| {
        let mut text = text;
        let at = at.index(text.len());
        match fault {
            0 => drop(text.remove(at)),
            1 => text.insert(at, b','),
            2 => text.insert(at, b'\n'),
            3 => text.insert(at, b'"'),
            4 => text.insert(at, 0xFF),
            5 => text.truncate(at),
            6 => drop(text.splice(..0, *b"\xEF\xBB\xBF")),
            7 => drop(text.splice(at..at, *b"\xEF\xBB\xBF")),
            _ => {}
        }
        text
    });
    prop_oneof![
        20 => broken,
        1 => select(vec![
            "", " ", "null", "[1]", "<html>", "{", "}", "]", "\"a", "# x", "{}", ",",
        ]).prop_map(|text| text.as_bytes().to_vec()),
    ]
}

/// Bytes that are shown as text when a test fails.
struct Input(Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", String::from_utf8_lossy(&self.0))
    }
}

/// Records in every framing.
fn input(most: usize) -> impl Strategy<Value = Input> {
    let between = select(vec!["\n", "\n", "\n", "\r\n", "", " ", ",\n", "\n\n"]);
    let around = select(vec![
        ("", ""),
        ("", "\n"),
        ("", ""),
        ("[", "]"),
        ("[\n", "\n]\n"),
        ("[", ""),
    ]);
    (prop::collection::vec(text(), 1..most), between, around).prop_map(
        |(records, between, (before, behind))| {
            let mut all = before.as_bytes().to_vec();
            all.extend(records.join(between.as_bytes()));
            all.extend_from_slice(behind.as_bytes());
            Input(all)
        },
    )
}

fn policy() -> Policy {
    Policy {
        // Small enough for some records to be beyond it.
        max_record: 900,
        ..Policy::at(Timestamp::parse("2024-05-03T17:30:00Z").expect("a time"))
    }
}

/// A record's number, place and length, and what was found in it.
type Reported = (u64, u64, u64, Vec<Finding>);

fn reported<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Reported> {
    let policy = policy();
    let mut framer = Framer::new(policy.max_record);
    let mut checker = Checker::new(policy);
    let mut all = Vec::new();
    let mut take = |record: Record<'_>| {
        let findings = checker.check("x", &record);
        checker.accept(&record);
        all.push((record.number, record.offset, record.length, findings));
    };
    for chunk in chunks {
        framer.push(chunk, &mut take);
    }
    framer.finish(&mut take);
    all
}

/// A few in every run, and more on request.
fn cases() -> ProptestConfig {
    let more = std::env::var("PROPTEST_CASES").is_ok();
    if more {
        ProptestConfig::default()
    } else {
        ProptestConfig::with_cases(48)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..cases() })]

    #[test]
    fn no_cut_changes_a_finding(
        Input(input) in input(6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 16)
    ) {
        let whole = reported(std::iter::once(&input[..]));
        prop_assert_eq!(&reported(input.chunks(1)), &whole);
        for cut in cuts {
            let (one, two) = input.split_at(cut.index(input.len() + 1));
            prop_assert_eq!(&reported([one, two].into_iter()), &whole);
        }
    }

    #[test]
    fn positions_point_into_the_record_at_the_value(Input(input) in input(6)) {
        for (number, offset, length, findings) in reported(std::iter::once(&input[..])) {
            for finding in findings {
                let at = place(&input, finding.line, finding.column);
                let within = offset..=offset + length;
                prop_assert!(within.contains(&(at as u64)), "{number} {within:?} {at} {finding:?}");
                check_value(&input, number, offset, length, at, &finding)?;
            }
        }
    }
}

/// The byte at a line and a column in characters.
fn place(input: &[u8], line: u64, column: u64) -> usize {
    // A mark at the very beginning is no character of the text.
    let mut start = if input.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    for _ in 1..line {
        start += 1 + input[start..]
            .iter()
            .position(|byte| *byte == b'\n')
            .expect("the line");
    }
    let line = input[start..]
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let begins = |byte: u8| byte & 0xC0 != 0x80;
    let mut seen = 0;
    for (at, byte) in line.iter().enumerate() {
        seen += u64::from(begins(*byte));
        if seen == column {
            return start + at;
        }
    }
    assert!(
        column <= seen + 1,
        "column {column} in {:?}",
        String::from_utf8_lossy(line)
    );
    start + line.len()
}

/// What stands where a finding points is what its pointer leads to.
fn check_value(
    input: &[u8],
    number: u64,
    offset: u64,
    length: u64,
    at: usize,
    finding: &Finding,
) -> Result<(), TestCaseError> {
    let start = usize::try_from(offset).expect("a place");
    let record = &input[start..start + usize::try_from(length).expect("a length")];
    let whole: Result<Value, _> = serde_json::from_slice(record);
    // The same name twice has one pointer and two places.
    let twice = finding.rule.name() == "duplicate-member";
    let Some(value) = whole
        .ok()
        .and_then(|whole| whole.pointer(&finding.pointer).cloned())
    else {
        return Ok(());
    };
    if finding.pointer.is_empty() || twice {
        return Ok(());
    }
    let mut there = serde_json::Deserializer::from_slice(&input[at..]).into_iter::<Value>();
    let there = there.next().and_then(Result::ok);
    if finding.rule.name() == "unknown-field" {
        // The name is what is wrong, not the value.
        let name = there.as_ref().and_then(Value::as_str).unwrap_or_default();
        let name = name.replace('~', "~0").replace('/', "~1");
        prop_assert!(
            finding.pointer.ends_with(&format!("/{name}")),
            "{finding:?}"
        );
        return Ok(());
    }
    prop_assert_eq!(there, Some(value), "record {}, {:?}", number, finding);
    Ok(())
}

/// One long input of every kind of record, the same in every run.
fn long_input(kinds: usize) -> Vec<u8> {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(text(), kinds);
    let records = strategy.new_tree(&mut runner).expect("records").current();
    let mut all = Vec::new();
    for record in records {
        all.extend_from_slice(&record);
        all.push(b'\n');
    }
    all
}

#[test]
fn what_the_filter_lets_pass_has_no_error() {
    let place = Place::new();
    place.file("one.ndjson", long_input(400));
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend(long_input(300));
    place.file("two.ndjson", marked);
    let mut array = b"[".to_vec();
    let records = long_input(200);
    array.extend(
        records
            .trim_ascii_end()
            .split(|byte| *byte == b'\n')
            .collect::<Vec<_>>()
            .join(&b",\n"[..]),
    );
    array.extend(b"]");
    place.file("three.json", array);
    let ways: [&[&str]; 7] = [
        &[],
        &["--whole"],
        &["--schema", "event-log"],
        &["--schema", "sys-event"],
        &["--journey-key", "correlationId"],
        &["--fail-on", "hint"],
        &[
            "--skip",
            "unknown-field,wrong-type",
            "--rule",
            "detail-missing=error",
        ],
    ];
    for way in ways {
        let args = |rest: &[&'static str]| {
            [&["validate", "--now", "2026-01-01T00:00:00Z"], way, rest].concat()
        };
        let first = place
            .hivelog(args(&[
                "--filter",
                "valid",
                "one.ndjson",
                "two.ndjson",
                "three.json",
            ]))
            .run()
            .exits(1);
        let again = place
            .hivelog(args(&["--allow-empty", "-o", "ndjson", "-"]))
            .stdin(first.stdout.clone())
            .run();
        let errors: Vec<_> = again
            .ndjson()
            .into_iter()
            .filter(|finding| finding["level"] == Level::Error.name())
            .collect();
        assert_eq!(errors, [] as [Value; 0], "{way:?}");
        let passed = first.text().lines().count();
        assert!(
            passed > 50 || way.contains(&"hint") || way.contains(&"sys-event"),
            "{way:?} {passed}"
        );
    }
}

#[test]
fn a_file_and_a_pipe_and_one_thread_tell_the_same() {
    let input = long_input(2_500);
    let place = Place::new();
    place.file("in.ndjson", &input);
    let args = |name| {
        [
            "validate",
            "--now",
            "2024-05-03T17:30:00Z",
            "-o",
            "ndjson",
            "--stdin-name",
            "in.ndjson",
            name,
        ]
    };
    let file = place.hivelog(args("in.ndjson")).run().exits(1);
    let pipe = place.hivelog(args("-")).stdin(input.clone()).run().exits(1);
    assert_eq!(file.text(), pipe.text());
    let mut framer = Framer::new(1 << 20);
    let mut checker = Checker::new(Policy::at(
        Timestamp::parse("2024-05-03T17:30:00Z").expect("a time"),
    ));
    let mut reported = Vec::new();
    let mut take = |record: Record<'_>| {
        for finding in checker.check("in.ndjson", &record) {
            reported.push(json!([
                record.number,
                finding.line,
                finding.column,
                finding.pointer,
                finding.rule.name(),
                finding.message,
                finding.journey
            ]));
        }
        checker.accept(&record);
    };
    framer.push(&input, &mut take);
    framer.finish(&mut take);
    let mut lines = file.ndjson();
    assert_eq!(lines.pop().expect("a summary")["summary"], true);
    let lines: Vec<_> = lines
        .iter()
        .map(|line| {
            let names = [
                "record", "line", "column", "pointer", "rule", "message", "journey",
            ];
            Value::from(names.map(|name| line[name].clone()).to_vec())
        })
        .collect();
    assert!(lines.len() > 1_000);
    assert_eq!(lines, reported);
}
