//! Which journeys are asked for.

use super::sieve::Sieve;
use super::summary::JourneyKey;
use crate::commands::record_kind::LogFields;
use crate::model::event::Event;
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
        self.sieve = Sieve::of(all.map(String::as_str));
    }

    /// Whether an event log belongs to what was asked for; notes the correlation id where it is
    /// its data that have the id.
    pub fn takes(&mut self, key: &JourneyKey, log: &LogFields<'_>) -> bool {
        let id = &key.correlation_id;
        if self.is_beginning_of(id) || self.referring.contains(&**id) {
            return true;
        }
        let refers = data_has(log.raw, &self.text);
        if refers {
            self.referring.insert(id.to_string());
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
        let by_data = self.referring.contains(&**id);
        names(event, id) || by_data && names(event, &self.text)
    }
}

/// Whether the data that an event log refers to have this external id or IRI.
fn data_has(raw: &str, id: &str) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct WithDataId {
        data_id: Value,
    }
    let record: WithDataId = serde_json::from_str(raw).unwrap_or_default();
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
}
