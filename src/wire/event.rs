//! The quick way to read an event: one pass, and nothing is allocated.
//!
//! It knows only what sound events look like. Whatever is out of the ordinary, from a member that
//! comes twice to broken JSON, makes it give up, and the exact reader says what is meant or wrong.

use super::scan::plain_length;
use crate::model::event::{Event, Facts, Flaw, Head, Number, Text};
use serde::de::{Deserialize, IgnoredAny};
use std::borrow::Cow;

/// Nesting below which nobody looks for anything.
const DEEPEST: u8 = 32;

/// Digits of which every number is exact.
const EXACT: usize = 15;

/// Reads an envelope.
pub fn read(raw: &str) -> Result<Event<'_>, Flaw> {
    match (Reader { text: raw, at: 0 }).event() {
        Some(event) => Ok(event),
        None => Event::read(raw),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// Where a value stands that was passed over.
#[derive(Clone, Copy)]
struct Span {
    begin: usize,
    end: usize,
    /// Whether it is text without escapes; its quotes are left out then.
    plain: bool,
}

impl<'a> Reader<'a> {
    fn event(mut self) -> Option<Event<'a>> {
        let (mut head, mut facts) = (Head::default(), None);
        let mut seen = Once::default();
        self.members(&mut |reader, name| {
            let (place, slot) = match name {
                b"id" => (0, &mut head.id),
                b"ts" => (1, &mut head.ts),
                b"kind" => (2, &mut head.kind),
                b"type" => (3, &mut head.event_type),
                b"data" => {
                    let begin = reader.at;
                    if reader.peek() == Some(b'{') {
                        facts = Some(reader.facts()?);
                    } else {
                        reader.value(0)?;
                    }
                    let data = reader.text.get(begin..reader.at)?;
                    head.data = Some(data).filter(|data| *data != "null");
                    return seen.first(4);
                }
                _ => return reader.value(0).map(drop),
            };
            let value = reader.value(0)?;
            *slot = reader.text(value)?;
            seen.first(place)
        })?;
        let whole = self.at == self.text.len();
        whole.then(|| Event::of(self.text, head, facts).ok())?
    }

    fn facts(&mut self) -> Option<Facts<'a>> {
        let mut facts = Facts::default();
        let mut seen = Once::default();
        self.members(&mut |reader, name| {
            let value = reader.value(1)?;
            let (place, slot) = match name {
                b"trigger_id" => (0, &mut facts.trigger_id),
                b"schedule_id" => (1, &mut facts.schedule_id),
                b"trigger_name" => (2, &mut facts.trigger_name),
                b"schedule_name" => (3, &mut facts.schedule_name),
                b"flow_id" => (4, &mut facts.flow_id),
                b"flow_name" => (5, &mut facts.flow_name),
                b"error" => (6, &mut facts.error),
                b"reason" => (7, &mut facts.reason),
                b"status" => (8, &mut facts.status),
                b"status_msg" => (9, &mut facts.status_msg),
                b"username" => (10, &mut facts.username),
                b"ip" => (11, &mut facts.ip),
                b"exp" => (12, &mut facts.exp),
                b"msg" => (13, &mut facts.msg),
                _ => {
                    let (place, slot) = match name {
                        b"inputs" => (14, &mut facts.inputs),
                        b"outputs" => (15, &mut facts.outputs),
                        b"duration_ms" => (16, &mut facts.duration_ms),
                        _ => return Some(()),
                    };
                    *slot = reader.number(value)?;
                    return seen.first(place);
                }
            };
            *slot = reader.text(value)?;
            seen.first(place)
        })?;
        Some(facts)
    }

    /// Walks the members of an object; `take` is called at each value and passes over it.
    fn members(
        &mut self,
        take: &mut impl FnMut(&mut Reader<'a>, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        self.expect(b'{')?;
        self.blanks();
        if self.meets(b'}') {
            return Some(());
        }
        loop {
            let name = self.string().filter(|name| name.plain)?;
            self.blanks();
            self.expect(b':')?;
            self.blanks();
            take(self, self.text.as_bytes().get(name.begin..name.end)?)?;
            self.blanks();
            if !self.meets(b',') {
                return self.expect(b'}');
            }
            self.blanks();
        }
    }

    fn elements(&mut self, depth: u8) -> Option<()> {
        self.expect(b'[')?;
        self.blanks();
        if self.meets(b']') {
            return Some(());
        }
        loop {
            self.value(depth)?;
            self.blanks();
            if !self.meets(b',') {
                return self.expect(b']');
            }
            self.blanks();
        }
    }

    /// Passes over a value.
    fn value(&mut self, depth: u8) -> Option<Span> {
        let begin = self.at;
        match self.peek()? {
            b'"' => return self.string(),
            b'{' if depth < DEEPEST => {
                self.members(&mut |reader, _| reader.value(depth + 1).map(drop))?;
            }
            b'[' if depth < DEEPEST => self.elements(depth + 1)?,
            b'-' | b'0'..=b'9' => self.digits()?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => return None,
        }
        Some(Span {
            begin,
            end: self.at,
            plain: false,
        })
    }

    fn string(&mut self) -> Option<Span> {
        self.expect(b'"')?;
        let begin = self.at;
        self.at += plain_length(self.rest());
        if self.meets(b'"') {
            return Some(Span {
                begin,
                end: self.at - 1,
                plain: true,
            });
        }
        while !self.meets(b'"') {
            self.expect(b'\\')?;
            self.escape()?;
            self.at += plain_length(self.rest());
        }
        Some(Span {
            begin: begin - 1,
            end: self.at,
            plain: false,
        })
    }

    fn escape(&mut self) -> Option<()> {
        let length = match self.peek()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 1,
            b'u' => {
                let digits = self.rest().get(1..5)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(5)?
            }
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let begin = self.at;
        self.at += self
            .rest()
            .iter()
            .take_while(|byte| of_number(byte))
            .count();
        let number = self.text.get(begin..self.at)?;
        let sound = exact(number).is_some() || exactly::<IgnoredAny>(number).is_some();
        sound.then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let found = self.rest().starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(())
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.meets(byte).then_some(())
    }

    /// Passes over a byte, if it is the next.
    fn meets(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn text(&self, value: Span) -> Option<Text<'a>> {
        let text = self.text.get(value.begin..value.end)?;
        if value.plain {
            Some(Text(Some(Cow::Borrowed(text))))
        } else {
            exactly(text)
        }
    }

    fn number(&self, value: Span) -> Option<Number> {
        let text = self.text.get(value.begin..value.end)?;
        match exact(text) {
            None if value.plain => Some(Number(text.parse().ok())),
            None => exactly(text),
            number => Some(Number(number)),
        }
    }
}

/// What is not plain is read as the exact reader reads it.
fn exactly<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// A whole number of few digits.
fn exact(number: &str) -> Option<f64> {
    let digits = number.as_bytes();
    let zero_leads = digits.len() > 1 && digits[0] == b'0';
    if digits.is_empty() || digits.len() > EXACT || zero_leads {
        return None;
    }
    digits.iter().try_fold(0.0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10.0 + f64::from(digit - b'0'))
    })
}

/// Members may come once.
#[derive(Default)]
struct Once(u32);

impl Once {
    /// Gives up at a member whose place was filled before.
    fn first(&mut self, place: u32) -> Option<()> {
        let before = self.0;
        self.0 |= 1 << place;
        (self.0 != before).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOUND: &str = r#"{"id":"8b9d2434-e465-4150-ad9c-66b3ad3c2d6d","ts":"2024-02-25T11:58:12.116739Z","kind":"sys","type":"trigger.event.ok","persistent":true,"n":[1.5e3,{"":null}],"data":{"trigger_id":7,"flow_name":"O\u0072ders","inputs":3,"outputs":"7","duration_ms":24.5,"ok":true,"error":"ünï \"x\"","status":null,"msg":{"a":[]}},"updated_at":"now"}"#;

    fn quick(raw: &str) -> Option<Event<'_>> {
        (Reader { text: raw, at: 0 }).event()
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
                assert!(matches!(read(&raw), Err(Flaw::NotJson(_))), "{raw}");
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
}
