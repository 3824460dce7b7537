//! What arrives, opened: the envelope may stand inside something else, and several may come
//! together in an array.

use super::event::EventReader;
use super::mapping::Mapping;
use crate::model::event::{Event, Flaw};
use serde::Deserializer as _;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The largest event that is taken, in bytes.
pub const LIMIT: usize = 1 << 20;

/// Where envelopes are in what arrives, and where their members are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The pointer to the envelope (RFC 6901; empty for the whole).
    pub envelope: String,
    /// What makes a foreign envelope ours.
    pub mapping: Mapping,
}

/// Opens one JSON value after the other.
#[derive(Clone, Debug, Default)]
pub struct Opener {
    layout: Layout,
    reader: EventReader,
}

impl Opener {
    /// Opens values that are laid out like this.
    pub fn new(layout: Layout) -> Opener {
        Opener {
            layout,
            reader: EventReader::default(),
        }
    }

    /// The same for events of which few are asked for their facts.
    #[must_use]
    pub fn leaving_facts(self) -> Opener {
        Opener {
            reader: EventReader::leaving_facts(),
            ..self
        }
    }

    /// Whether something is where envelopes are, as far as shows without reading it.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        inside(text.trim_ascii(), &self.layout.envelope).is_ok()
    }

    /// Opens a value: an envelope, or an array of them. What is no envelope is a flaw of that one
    /// alone. `name` is what the SSE event is called that brought it.
    pub fn open(
        &mut self,
        bytes: &[u8],
        name: Option<&str>,
        take: &mut impl FnMut(Result<Event<'_>, Flaw>),
    ) {
        let Ok(text) = simdutf8::basic::from_utf8(bytes) else {
            return take(Err(Flaw::NotJson));
        };
        let text = text.trim_start_matches('\u{feff}').trim_ascii();
        let Opener { layout, reader } = self;
        let mut one = |found: &str| {
            if layout.mapping.is_empty() {
                return take(reader.read(found));
            }
            match layout.mapping.apply(found, name) {
                Ok(envelope) => take(reader.read(&envelope)),
                Err(flaw) => take(Err(flaw)),
            }
        };
        match inside(text, &layout.envelope) {
            Ok(found) if found.starts_with('[') => {
                if elements(found, &mut one).is_err() {
                    take(Err(Flaw::NotJson));
                }
            }
            Ok(found) => one(found),
            Err(flaw) => take(Err(flaw)),
        }
    }
}

/// Opens a single value, as [`Opener::open`] does.
pub fn open(bytes: &[u8], pointer: &str, take: &mut impl FnMut(Result<Event<'_>, Flaw>)) {
    let layout = Layout {
        envelope: pointer.to_owned(),
        ..Layout::default()
    };
    Opener::new(layout).open(bytes, None, take);
}

/// The text of the value at a pointer.
pub fn inside<'a>(text: &'a str, pointer: &str) -> Result<&'a str, Flaw> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(text, |text, token| step(text, &unescape(token), pointer))
}

fn step<'a>(text: &'a str, name: &str, pointer: &str) -> Result<&'a str, Flaw> {
    let mut found = None;
    let read = if text.starts_with('[') {
        let (wanted, mut at) = (name.parse::<usize>().ok(), 0);
        elements(text, |item| {
            if Some(at) == wanted {
                found = Some(item);
            }
            at += 1;
        })
    } else if text.starts_with('{') {
        members(text, |member, value| {
            if member == name {
                found = Some(value);
            }
        })
    } else {
        serde_json::from_str::<&RawValue>(text).map(drop)
    };
    read.map_err(|_| Flaw::NotJson)?;
    found.ok_or_else(|| Flaw::NothingAt(pointer.to_owned()))
}

/// Visits the elements of an array one by one, so that their number takes no memory. Those before
/// a mistake have been visited when it is found.
pub fn elements<'a>(array: &'a str, take: impl FnMut(&'a str)) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(array);
    reader.deserialize_seq(Elements(take))?;
    reader.end()
}

/// Visits the members of an object in the same way.
pub fn members<'a>(object: &'a str, take: impl FnMut(&str, &'a str)) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(object);
    reader.deserialize_map(Members(take))?;
    reader.end()
}

struct Elements<F>(F);

impl<'de, F: FnMut(&'de str)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<(), A::Error> {
        while let Some(item) = array.next_element::<&RawValue>()? {
            (self.0)(item.get());
        }
        Ok(())
    }
}

struct Members<F>(F);

impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        while let Some((name, value)) = object.next_entry::<String, &RawValue>()? {
            (self.0)(&name, value.get());
        }
        Ok(())
    }
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(text: &[u8], pointer: &str) -> Vec<String> {
        let mut said = Vec::new();
        open(text, pointer, &mut |found| {
            said.push(match found {
                Ok(event) => event.raw.to_owned(),
                Err(flaw) => flaw.to_string(),
            });
        });
        said
    }

    #[test]
    fn envelopes_are_found_where_they_are_and_keep_their_bytes() {
        let one = r#"{ "type" : "x", "n": 1.0e5 }"#;
        assert_eq!(opened(one.as_bytes(), ""), [one]);
        let two = format!(" [{one}, 7, {{}}, {one}]");
        assert_eq!(
            opened(two.as_bytes(), ""),
            [
                one,
                "an event is a JSON object",
                "no type: is the envelope inside? (--envelope)",
                one
            ]
        );
        let deep = format!(r#"{{"a/b":[0,{{"event":{one}}}]}}"#);
        assert_eq!(opened(deep.as_bytes(), "/a~1b/1/event"), [one]);
        assert_eq!(opened(deep.as_bytes(), "/a/1"), ["no envelope at /a/1"]);
    }

    #[test]
    fn whatever_comes_is_at_most_a_flaw() {
        for junk in [
            &b""[..],
            b"\xff",
            b"{",
            b"[",
            b"nul",
            b"<html>",
            b"\x1f\x8b\x08",
            b"[{]",
        ] {
            for pointer in ["", "/a", "/0", "/"] {
                assert_eq!(opened(junk, pointer).len(), 1, "{junk:?} at {pointer:?}");
            }
        }
        let deep = "[".repeat(100_000);
        assert_eq!(opened(deep.as_bytes(), "").len(), 1);
    }
}
