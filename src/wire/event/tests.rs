//! What the quick reader reads is what the exact one reads.

use super::*;
use crate::model::event::Number;
use proptest::prelude::*;

const SOUND: &str = r#"{"id":"8b9d2434-e465-4150-ad9c-66b3ad3c2d6d","ts":"2024-02-25T11:58:12.116739Z","kind":"sys","type":"trigger.event.ok","persistent":true,"n":[1.5e3,{"":null}],"data":{"trigger_id":7,"flow_name":"O\u0072ders","inputs":3,"outputs":"7","duration_ms":24.5,"ok":true,"error":"ünï \"x\"","status":null,"msg":{"a":[]}},"updated_at":"now"}"#;

/// Reads twice: what is learned the first time is recognised the second.
fn quick(raw: &str) -> Option<Event<'_>> {
    let mut forms = Forms::default();
    let learned = forms.learned(raw).map(|event| said(&event));
    let recognised = forms.recognised(raw);
    assert_eq!(recognised.as_ref().map(said), learned);
    recognised
}

fn read(raw: &str) -> Result<Event<'_>, Flaw> {
    Forms::default().read(raw)
}

/// What an event says, in a form that can be compared.
fn said(event: &Event<'_>) -> String {
    let Event {
        raw,
        id,
        ts,
        kind,
        event_type,
        ..
    } = event;
    let data = event.data();
    let facts = event.facts();
    format!("{raw} {id:?} {ts:?} {kind} {event_type} {data:?} {facts:?}")
}

#[test]
fn sound_events_are_read_as_the_exact_reader_reads_them() {
    let event = quick(SOUND).unwrap();
    assert_eq!(said(&event), said(&Event::read(SOUND).unwrap()));
    assert_eq!(event.facts().duration_ms, Number(Some(24.5)));
    assert!(quick(&SOUND.replace("},", " } , ").replace("\":", "\" :\t")).is_some());
    for data in ["[1]", "null", "\"x\"", "7", "{}"] {
        let raw = format!(r#"{{"type":"x","data":{data}}}"#);
        let exact = Event::read(&raw).unwrap();
        assert_eq!(said(&quick(&raw).unwrap()), said(&exact), "{data}");
    }
}

#[test]
fn what_is_out_of_the_ordinary_is_left_to_the_exact_reader() {
    for odd in [
        r#"{"type":"x","type":"x"}"#,
        r#"{"type":"x","data":{},"data":{}}"#,
        r#"{"type":"x","data":{"inputs":1,"inputs":1}}"#,
        r#"{"ty\u0070e":"x"}"#,
        r#"{"type":"\ud800"}"#,
        r#"{"type":"x","data":{"error":"\ud800"}}"#,
        r#"{"type":"x","data":{"inputs":1e999}}"#,
        r#"{"type":"x","data":{"exp":1e999}}"#,
        r#"{"type":""}"#,
        r#"{"id":"x"}"#,
        "[]",
        "",
    ] {
        assert!(quick(odd).is_none(), "{odd}");
        let same = match (read(odd), Event::read(odd)) {
            (Ok(ours), Ok(exact)) => said(&ours) == said(&exact),
            (ours, exact) => ours.err() == exact.err(),
        };
        assert!(same, "{odd}");
    }
}

#[test]
fn broken_json_is_a_flaw_wherever_it_is_and_whether_or_not_anybody_looks() {
    for end in 0..SOUND.len() {
        if SOUND.is_char_boundary(end) {
            assert!(quick(&SOUND[..end]).is_none(), "cut at {end}");
        }
    }
    for part in [
        "01",
        "1.",
        "-",
        "1e",
        ".5",
        "+1",
        "tru",
        "nulll",
        r#""\x""#,
        r#""\u12g4""#,
        "\"\t\"",
        "[1,]",
        "[1 2]",
        r#"{"a":1,}"#,
        r#"{"a"}"#,
        r"{a:1}",
        "{,}",
        "",
        "'a'",
        "[}",
        "NaN",
    ] {
        for raw in [
            format!(r#"{{"type":"x","handled":{part}}}"#),
            format!(r#"{{"type":"x","data":{{"b":{part}}}}}"#),
            format!(r#"{{"type":"x","data":{{"inputs":{part}}}}}"#),
            format!(r#"{{"type":"x"}}{part}x"#),
        ] {
            assert!(matches!(read(&raw), Err(Flaw::NotJson)), "{raw}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_it_reads_is_what_the_exact_reader_reads(
        at in any::<prop::sample::Index>(),
        length in 0..12_usize,
        with in "(\\\\|\"|[{}\\[\\]:,]|[a-z]|[0-9.eE+-]|\\\\u[0-9d]{4}| |ü|\"data\":|\"id\":|\"inputs\":1,){0,3}",
    ) {
        let chars: Vec<char> = SOUND.chars().collect();
        let at = at.index(chars.len());
        let text: String = chars[..at]
            .iter()
            .copied()
            .chain(with.chars())
            .chain(chars.iter().copied().skip(at + length))
            .collect();
        match (read(&text), Event::read(&text)) {
            (Ok(ours), Ok(exact)) => prop_assert_eq!(said(&ours), said(&exact)),
            (ours, exact) => prop_assert_eq!(ours.err(), exact.err()),
        }
    }
}

#[test]
fn forms_are_told_apart_however_alike_they_begin() {
    let mut forms = Forms::default();
    let events = [
        r#"{"type":"a","data":null}"#,
        r#"{"type":"a","data":{}}"#,
        r#"{"type":"a","data":{"inputs":1}}"#,
        r#"{"type":"a","data":{"inputs":1},"x":[{}]}"#,
        r#"{"type":"a","data": {"inputs": 1 } }"#,
        r#"{"type":"a","data":{"inputs":1,"msg":"m"}}"#,
        r#"{"type":"a","data":{"msg":"m","inputs":1}}"#,
        r#"{"type":"a","data":{"x":{"inputs":2}}}"#,
        r#"{"type":"a","inputs":1,"data":"x"}"#,
        r#"{"data":{"id":"d"},"id":"e","type":"a"}"#,
        r#"{"type":"a"}"#,
    ];
    for round in 0..3 {
        for raw in events {
            let known = forms.recognised(raw).map(|event| said(&event));
            assert_eq!(known.is_some(), round > 0, "{raw}");
            let exact = said(&Event::read(raw).unwrap());
            assert_eq!(said(&forms.read(raw).unwrap()), exact);
            assert!(known.is_none_or(|known| known == exact));
        }
    }
    let nodes = forms.nodes.len();
    assert!(forms.read(r#"{"type":"b","data":{"inputs":7}}"#).is_ok());
    assert_eq!(forms.nodes.len(), nodes, "other values are no other form");
    for odd in [
        r#"{"type":"a","data":{"inputs":1}"#,
        r#"{"type":"a","data":{"inputs":1}}}"#,
        r#"{"type":"a","data":{"inputs":01}}"#,
        r#"{"type":"a","data":nul}"#,
    ] {
        assert_eq!(forms.read(odd).err(), Event::read(odd).err(), "{odd}");
    }
}

#[test]
fn what_is_remembered_has_a_bound() {
    let mut forms = Forms::default();
    for number in 0..5000 {
        let name = "n".repeat(number % 400);
        let raw = format!(r#"{{"type":"x","{name}{number}":1,"data":{{"y{number}":1}}}}"#);
        assert!(forms.read(&raw).is_ok());
        assert!(forms.nodes.len() <= MOST);
        assert!(forms.nodes.iter().all(|node| node.next.len() <= CHOICES));
    }
    let many: Vec<_> = (0..3000)
        .map(|number| format!(r#""m{number}":1"#))
        .collect();
    let before = forms.nodes.len();
    assert!(
        forms
            .read(&format!(r#"{{"type":"x",{}}}"#, many.join(",")))
            .is_ok()
    );
    assert_eq!(forms.nodes.len(), before);
    assert!(forms.nodes.iter().all(|node| node.text.len() <= LONGEST));
}
