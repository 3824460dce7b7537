use super::*;
use crate::model::timestamp::Timestamp;
use crate::wire::records::Framer;
use proptest::prelude::*;

const VALID: &str = r#"{"eventCode":"1000N","direction":"INBOUND","lifeCycleStage":"INBOUND_2","outcome":"PROCESSING","correlationId":"14cac731-6dd7-424c-bfbf-f0be0b07f8cf","dataId":{"@type":"DataReference","schemaName":"limber","shapeName":"Product","iri":"https://x/limber/Product#1"},"integrationKey":"Shop","shapeName":"Product","mode":"LIVE","schemaName":"limber"}"#;

fn policy() -> Policy {
    Policy::at(Timestamp::from_millis(1_900_000_000_000))
}

fn fixed_in_chunks(source: &[u8], size: usize, timestamps: bool) -> Vec<u8> {
    let mut repair = StreamFixer::new(Fixer::new(policy(), timestamps), 4096);
    let mut fixed = Vec::new();
    let mut old = Vec::new();
    let mut hand = |part: Part<'_>| {
        fixed.extend_from_slice(part.fixed());
        match part {
            Part::Same(bytes) | Part::Changed { old: bytes, .. } => old.extend_from_slice(bytes),
        }
    };
    for chunk in source.chunks(size) {
        repair.push(chunk, &mut hand);
    }
    repair.finish(&mut hand);
    assert_eq!(old, source, "every byte comes by once");
    fixed
}

/// Whether a line break stands inside the first record: once that is fixed and on one line, the
/// rest is read line by line.
fn first_record_spans_lines(source: &[u8]) -> bool {
    let mut spans = None;
    let mut framer = Framer::new(4096);
    let mut take = |record: Record<'_>| {
        spans.get_or_insert(record.bytes.contains(&b'\n'));
    };
    framer.push(source, &mut take);
    framer.finish(&mut take);
    spans.unwrap_or(false)
}

fn fixed(source: &str) -> String {
    String::from_utf8(fixed_in_chunks(source.as_bytes(), 64, false)).unwrap()
}

/// How many errors each record has by itself.
fn errors(source: &[u8]) -> Vec<usize> {
    let mut errors = Vec::new();
    let mut inspector = Inspector::default();
    let mut framer = Framer::new(4096);
    let policy = policy();
    let mut take = |record: Record<'_>| {
        let mut findings = Vec::new();
        inspector.inspect(&policy, &record, &mut findings);
        let all = findings.iter();
        errors.push(all.filter(|finding| finding.level == Level::Error).count());
    };
    framer.push(source, &mut take);
    framer.finish(&mut take);
    errors
}

#[test]
fn what_is_safe_is_fixed_and_nothing_else_is_touched() {
    for (broken, right) in [
        ("{\"a\": 1,}", "{\"a\": 1}"),
        ("{\"a\": [1, 2 , ],\n}", "{\"a\": [1, 2  ]\n}"),
        ("[{\"a\":1} ,\n]", "[{\"a\":1} \n]"),
        ("{\"a\":1},\n{\"b\":2}\n", "{\"a\":1}\n{\"b\":2}\n"),
        ("{\"a\":\"x\ny\r\nz\tw\"}", "{\"a\":\"x\\ny\\nz\\tw\"}"),
        ("\u{feff}\n{\"a\":1}", "\n{\"a\":1}"),
        ("{\"a\":1}\n\u{feff}{\"b\":2,}", "{\"a\":1}\n{\"b\":2}"),
        ("{\"eventCode\" : \"4005e\"}", "{\"eventCode\" : \"4005E\"}"),
        ("{\"eventCode\":\"5004I\"}", "{\"eventCode\":\"5004N\"}"),
        (
            "{\"lifeCycleStage\":\"outbound-4\",\"mode\":\" live\"}",
            "{\"lifeCycleStage\":\"OUTBOUND_4\",\"mode\":\"LIVE\"}",
        ),
        (
            "{\"outcome\":\"message delivered\"}",
            "{\"outcome\":\"MESSAGE_DELIVERED\"}",
        ),
    ] {
        assert_eq!(fixed(broken), right, "{broken}");
    }
}

#[test]
fn what_could_mean_something_else_is_left_alone() {
    for source in [
        VALID,
        "{\"eventCode\":\"4005I\"}",
        "{\"eventCode\":\"4005W\"}",
        "{\"mode\":\"lively\"}",
        "{\"generatedAt\":\"2024-05-03 17:30:00.895 +1200\"}",
        // A quote is missing: the break does not belong to a text.
        "{\n\"a\": \"x,\n\"b\": \"y\"\n}",
        "{\"a\": \"x\n",
        "{\"a\": 1,, \"b\": 2}",
        "[{},,{}]",
        "{\"a\":\"x\\\ny\"}",
        "{\"a\": 'x', // why\n \"b\": NaN}",
        "<html>\n\u{feff}",
        "",
    ] {
        assert_eq!(fixed(source), source);
    }
}

#[test]
fn a_repair_that_would_bring_errors_to_light_is_left_out_and_the_others_are_made() {
    let hidden = VALID.replace("\"INBOUND\"", "\"outbound\"").replace(
        "\"iri\":\"https://x/limber/Product#1\"",
        "\"keys\":[{\"k\":1}]",
    );
    let broken = hidden
        .replace("\"LIVE\"", "\"live\"")
        .replace("limber\"}", "limber\",}");
    let made = fixed(&broken);
    // As OUTBOUND it would need an iri, and the stage would contradict it: two errors for one.
    assert_eq!(made, hidden);
}

#[test]
fn times_are_fixed_on_request_only() {
    let source = "{\"generatedAt\":\"2024-05-03 17:30:00.895 +1200\"}";
    let made = fixed_in_chunks(source.as_bytes(), 7, true);
    assert_eq!(made, b"{\"generatedAt\":\"2024-05-03T17:30:00.895+12:00\"}");
}

/// A record with some of its values and punctuation spoilt.
fn spoilt() -> impl Strategy<Value = String> {
    const SWAPS: &[(&str, &str)] = &[
        ("1000N", "1000n"),
        ("1000N", "5004I"),
        ("1000N", "4005e"),
        ("1000N", "4005I"),
        ("\"INBOUND\"", "\"inbound\""),
        ("\"INBOUND\"", "\"outbound\""),
        ("INBOUND_2", "outbound-4"),
        ("INBOUND_2", "inbound 4"),
        ("PROCESSING", "retrying"),
        ("PROCESSING", "failed"),
        ("LIVE", "Live"),
        ("limber\",", "limber\" ,\n  "),
        ("Shop", "Sh\top"),
        ("Shop", "Sh\nop"),
        ("Shop", "Sh\r\nop"),
        ("Shop", "Sh\\\nop"),
        ("#1\"}", "#1\",}"),
        ("\"mode\"", "\"mode\":1,\"mode\""),
        (",\"mode\"", ",,\"mode\""),
        ("\"shapeName\":\"Product\",\"mode\"", "\"mode\""),
        ("\"limber\"}", "\"limber\",\n}"),
        ("\"limber\"}", "\"limber\"},"),
        ("\"limber\"}", "\"limber"),
        ("{\"eventCode\"", "{'eventCode'"),
        ("{\"eventCode\"", "\u{feff}{\"eventCode\""),
        (
            "{\"eventCode\"",
            "{\n\"generatedAt\":\"2024-05-03 17:30:00 +1200\",\"eventCode\"",
        ),
    ];
    prop::collection::vec(prop::sample::select(SWAPS), 0..6).prop_map(|swaps| {
        swaps
            .into_iter()
            .fold(VALID.to_owned(), |text, (from, to)| {
                text.replacen(from, to, 1)
            })
    })
}

fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => spoilt(),
        1 => Just(VALID.to_owned()),
        3 => prop::sample::select(vec!["\n", "\r\n", ",", ",\n", "[", "]", " ", "\u{feff}"])
            .prop_map(str::to_owned),
        1 => "[\\[\\]{},:\"\\\\ a\n\t]{0,6}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_second_run_changes_nothing(source in source(), timestamps: bool, size in 1_usize..200) {
        let once = fixed_in_chunks(source.as_bytes(), size, timestamps);
        prop_assert_eq!(&fixed_in_chunks(source.as_bytes(), 100_000, timestamps), &once);
        // What a first fix makes of the framing, the second one sees.
        let settled = if first_record_spans_lines(source.as_bytes()) {
            fixed_in_chunks(&once, size, timestamps)
        } else {
            once
        };
        let again = fixed_in_chunks(&settled, size, timestamps);
        prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&settled));
    }

    #[test]
    fn no_record_gets_more_errors(record in spoilt(), timestamps: bool) {
        let before = errors(record.as_bytes());
        let made = fixed_in_chunks(record.as_bytes(), 50, timestamps);
        let after = errors(&made);
        prop_assert!(after.len() <= before.len());
        prop_assert!(
            after.iter().sum::<usize>() <= before.iter().sum::<usize>(),
            "{}", String::from_utf8_lossy(&made)
        );
    }
}
