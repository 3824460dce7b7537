//! What arrives, opened: the envelope may be inside something else, and several may come
//! together in an array.

use super::event::EventReader;
use super::mapping::Mapping;
use super::pointer::{elements, inside};
use crate::model::event::{Event, Flaw};

/// The largest event that is accepted, in bytes.
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

    /// Opens a value: an envelope, or an array of them. What is not an envelope is a flaw of that one
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
                "no type; is the envelope nested? (--envelope)",
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
