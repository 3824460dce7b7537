//! Finds the records that can name an id, without reading them as JSON.

use crate::commands::record_kind::{RecordCounts, RecordReader};
use crate::records::{Batch, InspectRecords};
use memchr::memmem::{self, Finder};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Finds the records that can name one of some ids; without an id, every record can.
#[derive(Clone, Debug, Default)]
pub struct Sieve {
    ids: Vec<Finder<'static>>,
    /// What the ids are made of, as JSON escapes it.
    units: BTreeSet<u16>,
}

impl Sieve {
    /// What finds these ids.
    pub fn of<'a>(ids: impl Iterator<Item = &'a str> + Clone) -> Sieve {
        // JSON may escape a quote, a backslash and what cannot be printed in several ways.
        let is_plain = |id: &str| !id.contains(['"', '\\']) && !id.contains(char::is_control);
        if !ids.clone().all(|id| is_plain(id) && !id.is_empty()) {
            return Sieve::default();
        }
        let finders = ids
            .clone()
            .map(|id| Finder::new(id.as_bytes()).into_owned());
        Sieve {
            ids: finders.collect(),
            units: ids.flat_map(str::encode_utf16).collect(),
        }
    }

    /// Whether a record's bytes can name an id; what may be no JSON object at all counts as such.
    pub fn may_hold(&self, record: &[u8]) -> bool {
        !is_whole(record) || self.may_name(record)
    }

    /// Whether an id can be named somewhere in some bytes: it stands there, or may stand there
    /// under escapes.
    fn may_name(&self, bytes: &[u8]) -> bool {
        self.ids.is_empty()
            || self.ids.iter().any(|id| id.find(bytes).is_some())
            || self.may_be_escaped(bytes)
    }

    /// Texts are full of other escapes, so those that matter are sought with what follows the
    /// backslash.
    fn may_be_escaped(&self, bytes: &[u8]) -> bool {
        let mut numbers = memmem::find_iter(bytes, b"\\u").map(|at| &bytes[at + 2..]);
        let may_be_unit = |behind: &[u8]| {
            let digits = behind
                .get(..4)
                .and_then(|digits| std::str::from_utf8(digits).ok());
            let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
            unit.is_none_or(|unit| self.units.contains(&unit))
        };
        numbers.any(may_be_unit)
            || self.units.contains(&u16::from(b'/')) && memmem::find(bytes, b"\\/").is_some()
    }
}

/// Whether a record is one object, as far as its ends show.
fn is_whole(record: &[u8]) -> bool {
    record.first() == Some(&b'{') && record.last() == Some(&b'}')
}

/// What a block holds.
#[derive(Debug, Default)]
pub struct Sifted {
    /// The places of the records that can name an id, and of those that cannot be read.
    pub found: Vec<usize>,
    pub counts: RecordCounts,
}

impl InspectRecords for Sieve {
    type Memory = RecordReader;
    type Found = Sifted;

    fn inspect(&self, reader: &mut RecordReader, _: &str, batch: &Batch) -> Sifted {
        let mut sifted = Sifted::default();
        // Most blocks name no id at all, which one look at the whole block shows.
        let holds = |found: &dyn Fn(&[u8]) -> bool| batch.bytes().into_iter().any(found);
        let any = holds(&|bytes| self.may_name(bytes));
        let has_types = holds(&|bytes| TYPE.find(bytes).is_some());
        for (at, record) in batch.records().enumerate() {
            let is_found = any && self.may_name(record.bytes);
            if !is_found && is_plain_log(record.bytes, has_types) {
                sifted.counts.records += 1;
                sifted.counts.logs += 1;
                continue;
            }
            let read = reader.read(&record);
            sifted.counts.count(&read);
            if is_found || read.is_err() {
                sifted.found.push(at);
            }
        }
        sifted
    }
}

/// What an event has, and an event log has not.
static TYPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"type\""));

/// Whether a record is an event log of a journey, as far as shows without reading it as JSON;
/// `has_types` says whether any of its block may have a type.
fn is_plain_log(record: &[u8], has_types: bool) -> bool {
    static MEMBERS: LazyLock<[Finder<'static>; 2]> =
        LazyLock::new(|| ["\"eventCode\"", "\"correlationId\""].map(Finder::new));
    let has = |member: &Finder<'_>| member.find(record).is_some();
    is_whole(record) && MEMBERS.iter().all(has) && !(has_types && has(&TYPE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write;

    #[test]
    fn what_is_escaped_or_broken_is_looked_at_too() {
        let sieve = Sieve::of(std::iter::once("https://x/y"));
        for (text, expected) in [
            (r#"{"iri":"https://x/y"}"#, true),
            (r#"{"iri":"https:\/\/x\/y"}"#, true),
            (r#"{"iri":"\u0068ttps"}"#, true),
            (r#"{"detail":"a\n\nb\"c"}"#, false),
            (r#"{"detail":"caf\u00e9"}"#, false),
            (r#"{"detail":"caf\u00"}"#, true),
            (r#"{"detail":"a"#, true),
            ("nonsense", true),
        ] {
            assert_eq!(sieve.may_hold(text.as_bytes()), expected, "{text}");
        }
        let without_slash = Sieve::of(std::iter::once("14cac731"));
        assert!(!without_slash.may_hold(br#"{"iri":"https:\/\/x\/y"}"#));
        assert!(Sieve::of(std::iter::once("a\"b")).may_hold(b"{}"));
    }

    /// A text as JSON, in which each character is escaped or not as the bits say.
    fn spelled(text: &str, mut bits: u64) -> String {
        let mut json = String::from("{\"x\":\"");
        for c in text.chars() {
            let is_escaped = bits & 1 == 1;
            bits = bits.rotate_right(1);
            match c {
                '/' if is_escaped && bits & 1 == 1 => json.push_str("\\/"),
                '"' | '\\' => json.extend(['\\', c]),
                c if is_escaped || c.is_control() => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(json, "\\u{unit:04x}");
                    }
                }
                c => json.push(c),
            }
        }
        json + "\"}"
    }

    proptest! {
        /// However a record spells a text that holds the id, it is found.
        #[test]
        fn no_spelling_of_an_id_is_overlooked(
            before in any::<String>(),
            id in "[a-z0-9/:é😀\"\\\\-]{1,9}",
            behind in any::<String>(),
            bits in any::<u64>()
        ) {
            let text = format!("{before}{id}{behind}");
            let json = spelled(&text, bits);
            let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            prop_assert_eq!(read["x"].as_str(), Some(text.as_str()));
            let sieve = Sieve::of(std::iter::once(id.as_str()));
            prop_assert!(sieve.may_hold(json.as_bytes()), "{}", json);
        }
    }
}
