//! Which journeys are asked for.

use super::summary::JourneyKey;
use crate::commands::record_kind::LogFields;
use crate::model::event::Event;
use crate::records::{Batch, InspectRecords};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The beginning of a correlation id says which one is meant from so many characters on.
pub const BEGINNING: usize = 8;

/// An id that was asked for, and the correlation ids of the data that have it.
#[derive(Debug)]
pub struct WantedId {
    /// A correlation id or its beginning, an external id, or an IRI.
    pub text: String,
    /// Correlation ids of event logs that refer to data with this id.
    pub referring: BTreeSet<String>,
    /// What finds them.
    pub sieve: Sieve,
}

/// Finds the records that can name an id; without an id, every record can.
#[derive(Clone, Debug, Default)]
pub struct Sieve(Vec<Finder<'static>>);

impl Sieve {
    /// Whether a record's bytes can name the id; what may be no JSON object at all counts as such.
    pub fn may_hold(&self, bytes: &[u8]) -> bool {
        let is_whole = bytes.first() == Some(&b'{') && bytes.last() == Some(&b'}');
        let any = || self.0.iter().any(|id| id.find(bytes).is_some());
        !is_whole || self.0.is_empty() || any() || is_escaped(bytes)
    }
}

impl InspectRecords for Sieve {
    type Memory = ();
    /// The places of such records in a block.
    type Found = Vec<usize>;

    fn inspect(&self, (): &mut (), _: &str, batch: &Batch) -> Vec<usize> {
        let records = batch.records().enumerate();
        let found = records.filter(|(_, record)| self.may_hold(record.bytes));
        found.map(|(at, _)| at).collect()
    }
}

impl WantedId {
    /// The id.
    pub fn new(text: String) -> WantedId {
        let mut wanted = WantedId {
            text,
            referring: BTreeSet::new(),
            sieve: Sieve::default(),
        };
        wanted.look_for_referring();
        wanted
    }

    /// From now on, records that name one of the correlation ids that were found count as well.
    fn look_for_referring(&mut self) {
        let all = std::iter::once(&self.text).chain(&self.referring);
        // JSON may escape a quote, a backslash and what cannot be printed in several ways.
        let is_plain = |id: &&String| !id.contains(['"', '\\']) && !id.contains(char::is_control);
        let plain: Vec<_> = all.clone().filter(is_plain).collect();
        let finders = if plain.len() == all.count() && !self.text.is_empty() {
            let finders = plain.into_iter();
            finders
                .map(|id| Finder::new(id.as_bytes()).into_owned())
                .collect()
        } else {
            Vec::new()
        };
        self.sieve = Sieve(finders);
    }

    /// Whether an event log belongs to what was asked for; notes the correlation id where it is
    /// its data that have the id.
    pub fn takes(&mut self, key: &JourneyKey, log: &LogFields<'_>) -> bool {
        let id = &key.correlation_id;
        if self.is_beginning_of(id) || self.referring.contains(id) {
            return true;
        }
        let refers = data_has(log.raw, &self.text);
        if refers {
            self.referring.insert(id.clone());
            self.look_for_referring();
        }
        refers
    }

    /// Whether a correlation id is the one that was asked for, or begins like it.
    pub fn is_beginning_of(&self, id: &str) -> bool {
        id == self.text || self.text.chars().count() >= BEGINNING && id.starts_with(&self.text)
    }

    /// Whether an event names the id, as far as that can be said without a whole correlation id.
    pub fn may_name(&self, event: &Event<'_>) -> bool {
        let mut all = std::iter::once(&self.text).chain(&self.referring);
        all.any(|id| !id.is_empty() && mentions(event.value(), &|text| text.contains(id.as_str())))
    }

    /// Whether an event names a journey that was found.
    pub fn names(&self, event: &Value, key: &JourneyKey) -> bool {
        let id = &key.correlation_id;
        let by_data = self.referring.contains(id);
        names(event, id) || by_data && names(event, &self.text)
    }
}

/// Whether text may stand in a record under escapes that no search for it finds.
fn is_escaped(bytes: &[u8]) -> bool {
    let mut escapes = memchr::memchr_iter(b'\\', bytes);
    escapes.any(|at| matches!(bytes.get(at + 1), Some(b'u' | b'/')))
}

/// Whether the data that an event log refers to have this external id or IRI.
fn data_has(raw: &str, id: &str) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Record {
        data_id: Value,
    }
    let record: Record = serde_json::from_str(raw).unwrap_or_default();
    let data = record.data_id;
    let is_id = |value: Option<&Value>| value.and_then(Value::as_str) == Some(id);
    let external = data.get("externalIdentities").and_then(Value::as_array);
    is_id(data.get("iri"))
        || external
            .into_iter()
            .flatten()
            .any(|one| is_id(one.get("externalId")))
}

/// Whether a text of an event names an id: a short one only where it is the whole text.
fn names(event: &Value, id: &str) -> bool {
    let is_short = id.chars().count() < BEGINNING;
    mentions(event, &|text| {
        text == id || !is_short && is_named_in(text, id)
    })
}

/// Whether any text of a value, however deep, is such a one.
fn mentions(value: &Value, is_meant: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_meant(text),
        Value::Array(items) => items.iter().any(|item| mentions(item, is_meant)),
        Value::Object(members) => members.values().any(|value| mentions(value, is_meant)),
        _ => false,
    }
}

/// Whether a text names an id as a whole, not as a part of a longer one.
fn is_named_in(text: &str, id: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(id).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + id.len()..].chars().next();
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_is_named_as_a_whole_and_a_short_one_alone() {
        let id = "14cac731";
        for (event, id, expected) in [
            (
                json!({"data": {"error": "order 14cac731 is late"}}),
                id,
                true,
            ),
            (json!({"data": {"error": ["14cac731-6dd7"]}}), id, false),
            (json!({"data": {"error": "took 42 ms"}}), "42", false),
            (json!({"data": {"order": "42"}}), "42", true),
            (json!({"data": {"order": 42}}), "42", false),
        ] {
            assert_eq!(names(&event, id), expected, "{event}");
        }
    }

    #[test]
    fn what_is_escaped_or_broken_is_looked_at_too() {
        let wanted = WantedId::new("https://x/y".to_owned());
        for (text, expected) in [
            (r#"{"iri":"https://x/y"}"#, true),
            (r#"{"iri":"https:\/\/x\/y"}"#, true),
            (r#"{"iri":"\u0068ttps"}"#, true),
            (r#"{"detail":"a\n\nb\"c"}"#, false),
            (r#"{"detail":"a"#, true),
            ("nonsense", true),
        ] {
            assert_eq!(wanted.sieve.may_hold(text.as_bytes()), expected, "{text}");
        }
        assert!(WantedId::new("a\"b".to_owned()).sieve.may_hold(b"{}"));
    }
}
