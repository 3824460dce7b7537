//! Reads events: those that are written as machines write them quickly, any other exactly.

mod numbers;

use super::json::fast::{FastValue, Walk};
use super::json::structural::Structural;
use crate::model::event::{Event, EventHead, Facts, Flaw, Text};
use crate::model::sys_event::SysMember;
use numbers::{FoundNumber, note_number};
pub use numbers::{WatchedFields, as_number};
use std::borrow::Cow;

/// Digits of which every number is the same in any reader.
const EXACT: usize = 15;

/// Reads one envelope after the other.
#[derive(Clone, Debug, Default)]
pub struct EventReader {
    structural: Structural,
    found: Vec<FoundNumber>,
    leaves_facts: bool,
}

impl EventReader {
    /// A reader for events of which few are asked for their facts: those are read when that happens.
    pub fn leaving_facts() -> EventReader {
        EventReader {
            leaves_facts: true,
            ..EventReader::default()
        }
    }

    /// Reads an envelope.
    pub fn read<'a>(&mut self, raw: &'a str) -> Result<Event<'a>, Flaw> {
        match self.quick(raw, |_, _, _, _| Some(())) {
            Some(event) => event,
            None => Event::read(raw),
        }
    }

    /// Reads an envelope, and the numbers of fields that are watched.
    pub fn read_numbers<'a>(
        &mut self,
        raw: &'a str,
        watched: &WatchedFields,
        numbers: &mut Vec<Option<f64>>,
    ) -> Result<Event<'a>, Flaw> {
        numbers.clear();
        if let Some(names) = &watched.names {
            let quick = self.quick(raw, |found, is_in_data, name, value| {
                note_number(names, found, is_in_data, name, raw, value)
            });
            if let Some(event) = quick {
                self.found.resize(names.len(), FoundNumber::default());
                numbers.extend(self.found.iter().map(|found| found.number()));
                return event;
            }
        }
        let event = Event::read(raw)?;
        let paths = watched.paths.iter();
        numbers.extend(paths.map(|path| as_number(event.field(path)?)));
        Ok(event)
    }

    /// Reads what is plainly an event, or plainly none. Nothing else gets an answer here: the exact
    /// reader says what is meant or wrong. `note` gets every member, and whether it is one of
    /// the data.
    #[inline]
    fn quick<'a>(
        &mut self,
        raw: &'a str,
        note: impl Fn(&mut Vec<FoundNumber>, bool, &[u8], &FastValue) -> Option<()>,
    ) -> Option<Result<Event<'a>, Flaw>> {
        self.structural.index(raw.as_bytes());
        let EventReader {
            structural,
            found,
            leaves_facts,
        } = self;
        found.clear();
        let mut walk = Walk::new(raw.as_bytes(), structural).taking_numbered();
        let (mut head, mut facts) = (EventHead::default(), None);
        if !raw.starts_with('{') {
            return None;
        }
        walk.members(|walk, name| {
            let text = match name {
                b"id" => &mut head.id,
                b"ts" => &mut head.ts,
                b"kind" => &mut head.kind,
                b"type" => &mut head.event_type,
                b"data" => {
                    let opening = walk.peek()?;
                    let start = walk.place();
                    if opening == b'{' && !*leaves_facts {
                        let facts = facts.insert(Box::<Facts<'_>>::default());
                        walk.members(|walk, name| {
                            let value = walk.value()?;
                            note(found, true, name, &value)?;
                            if let Some(member) = SysMember::find(name) {
                                facts.set(member, text_of(raw, value)?);
                            }
                            Some(())
                        })?;
                    } else {
                        walk.pass()?;
                    }
                    head.data = raw.get(start..walk.place()).filter(|data| *data != "null");
                    return Some(());
                }
                _ => {
                    let value = walk.value()?;
                    return note(found, false, name, &value);
                }
            };
            *text = text_of(raw, walk.value()?)?;
            Some(())
        })?;
        walk.is_at_end().then_some(())?;
        Some(Event::of(raw, head, facts))
    }
}

fn text_of(raw: &str, value: FastValue) -> Option<Text<'_>> {
    let text = match value {
        FastValue::Plain(place) => raw.get(place)?,
        FastValue::Json(place) => match raw.get(place)? {
            "true" | "false" | "null" => return Some(Text(None)),
            number if is_exact(number) => number,
            // What is not plain is read as the exact reader reads it.
            json => return serde_json::from_str(json).ok(),
        },
    };
    Some(Text(Some(Cow::Borrowed(text))))
}

/// Whether a JSON value is a whole number of few digits, which reads as it is written.
fn is_exact(json: &str) -> bool {
    let digits = json.as_bytes();
    let zero_leads = digits.len() > 1 && digits[0] == b'0';
    !zero_leads && digits.len() <= EXACT && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALID: &str = r#"{"id":"8b9d2434-e465-4150-ad9c-66b3ad3c2d6d","ts":"2024-02-25T11:58:12.116739Z","kind":"sys","type":"trigger.event.ok","persistent":true,"n":[1.5e3,{"":null}],"data":{"trigger_id":7,"flow_name":"O\u0072ders","inputs":3,"outputs":"7","duration_ms":24.5,"ok":true,"error":"ünï \"x\"","status":null,"msg":{"a":[]}},"updated_at":"now"}"#;

    fn quick(raw: &str) -> Option<Event<'_>> {
        EventReader::default()
            .quick(raw, |_, _, _, _| Some(()))?
            .ok()
    }

    fn read(raw: &str) -> Result<Event<'_>, Flaw> {
        let event = EventReader::default().read(raw);
        let said = |event: &Result<Event<'_>, Flaw>| event.as_ref().map(said).map_err(Flaw::clone);
        let later = EventReader::leaving_facts().read(raw);
        assert_eq!(said(&event), said(&later), "{raw}");
        event
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
    fn valid_events_are_read_as_the_exact_reader_reads_them() {
        let event = quick(VALID).unwrap();
        assert_eq!(said(&event), said(&Event::read(VALID).unwrap()));
        assert_eq!(event.facts().number(SysMember::DurationMs), Some(24.5));
        assert!(quick(&VALID.replace("},", " } , ").replace("\":", "\" :\t")).is_some());
        for data in ["[1]", "null", "\"x\"", "7", "{}"] {
            let raw = format!(r#"{{"type":"x","data":{data}}}"#);
            let exact = Event::read(&raw).unwrap();
            assert_eq!(said(&quick(&raw).unwrap()), said(&exact), "{data}");
        }
        for raw in [
            r#"{"type":"a","data":{"inputs":1},"x":[{}]}"#,
            r#"{"type":"a","data": {"inputs": 1 } }"#,
            r#"{"type":"a","data":{"inputs":1,"msg":"m"}}"#,
            r#"{"type":"a","data":{"x":{"inputs":2}}}"#,
            r#"{"type":"a","inputs":1,"data":"x"}"#,
            r#"{"data":{"id":"d"},"id":"e","type":"a"}"#,
            r#"{"type":"a"}"#,
        ] {
            let exact = Event::read(raw).unwrap();
            assert_eq!(said(&quick(raw).unwrap()), said(&exact), "{raw}");
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
        for end in 0..VALID.len() {
            if VALID.is_char_boundary(end) {
                assert!(quick(&VALID[..end]).is_none(), "cut at {end}");
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

    #[test]
    fn numbers_are_those_that_the_fields_are() {
        let paths = [
            "duration_ms",
            "data.inputs",
            "n",
            "outputs",
            "data.n",
            "error",
            "msg",
            "ok",
        ];
        let paths = paths.map(str::to_owned);
        let watched = WatchedFields::new(&paths);
        assert!(watched.names.is_some());
        let odd = WatchedFields::new(&["trigger_id".to_owned(), "a.b".to_owned()]);
        assert!(odd.names.is_none());
        for raw in [
            VALID,
            r#"{"type":"x","n":null,"data":{"n":7,"outputs":"1e2","inputs":-0.5}}"#,
            r#"{"type":"x","n":"12","data":{"n":7,"duration_ms":12345678901234567890}}"#,
            r#"{"type":"x","data.n":3,"data":{"n":7,"error":"5","msg":[1]}}"#,
            r#"{"type":"x","data":[1]}"#,
            r#"{"type":"x","data":{"trigger_id":1,"schedule_id":2,"a":{"b":3}}}"#,
            r#"{"type":"x","data":{"schedule_id":"2","a":[1],"n":"\u0037"}}"#,
            r#"{"type":"x"}"#,
        ] {
            for watched in [&watched, &odd] {
                let (mut reader, mut numbers) = (EventReader::default(), Vec::new());
                let event = reader.read_numbers(raw, watched, &mut numbers).unwrap();
                let exact = watched.paths.iter();
                let exact: Vec<_> = exact.map(|path| as_number(event.field(path)?)).collect();
                assert_eq!(numbers, exact, "{raw}");
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
            let chars: Vec<char> = VALID.chars().collect();
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
}
