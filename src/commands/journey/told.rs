//! What one record says that a journey is made of.

use crate::model::event::{Event, Flaw, Text};
use crate::model::sys_event::SysMember;
use crate::model::timestamp::Timestamp;
use serde::Deserialize;

/// A record, by what it is.
pub enum RecordKind<'a> {
    /// An event log.
    Log(Box<LogFields<'a>>),
    /// An event of the automation server.
    Sys(Box<Event<'a>>),
    /// JSON that is neither.
    Neither,
}

/// The members of an event log that are shown.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogFields<'a> {
    #[serde(borrow)]
    pub event_code: Text<'a>,
    #[serde(borrow)]
    pub correlation_id: Text<'a>,
    #[serde(borrow)]
    pub integration_key: Text<'a>,
    #[serde(borrow)]
    pub direction: Text<'a>,
    #[serde(borrow)]
    pub stream: Text<'a>,
    #[serde(borrow)]
    pub shape_name: Text<'a>,
    #[serde(borrow)]
    pub life_cycle_stage: Text<'a>,
    #[serde(borrow)]
    pub outcome: Text<'a>,
    #[serde(borrow)]
    pub generated_at: Text<'a>,
    #[serde(borrow)]
    pub detail: Text<'a>,
    #[serde(borrow, rename = "type")]
    event_type: Text<'a>,
    #[serde(borrow)]
    kind: Text<'a>,
}

impl LogFields<'_> {
    /// When it was generated, if that is an instant.
    pub fn time(&self) -> Option<Timestamp> {
        Timestamp::parse(self.generated_at.get()?)
    }

    /// The rule by which `validate` tells the two kinds of records apart, as far as it needs no
    /// list of types.
    fn is_sys(&self) -> bool {
        let has = |text: &Text<'_>| text.get().is_some();
        has(&self.event_type) && (has(&self.kind) || !has(&self.event_code))
    }
}

/// Reads a record.
pub fn read(bytes: &[u8]) -> Result<RecordKind<'_>, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| Flaw::NotJson)?;
    let text = text.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']);
    let fields: LogFields<'_> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() && !text.starts_with('{') {
            Flaw::NotAnObject
        } else {
            Flaw::NotJson
        }
    })?;
    if !text.starts_with('{') {
        return Err(Flaw::NotAnObject);
    }
    if fields.is_sys() {
        return Event::read(text).map(|event| RecordKind::Sys(Box::new(event)));
    }
    let is_log = fields.event_code.get().or(fields.correlation_id.get());
    Ok(match is_log {
        Some(_) => RecordKind::Log(Box::new(fields)),
        None => RecordKind::Neither,
    })
}

/// Whose event it is: the trigger's name, or the flow's.
pub fn name(event: &Event<'_>) -> Option<String> {
    let facts = event.facts();
    let name = facts
        .trigger_name()
        .or_else(|| facts.text(SysMember::FlowName))
        .or_else(|| facts.trigger_id());
    name.map(str::to_owned)
}

/// What an event says in words.
pub fn words(event: &Event<'_>) -> Option<String> {
    let words = [
        SysMember::Error,
        SysMember::Reason,
        SysMember::Msg,
        SysMember::StatusMsg,
    ];
    let mut words = words
        .iter()
        .filter_map(|member| event.facts().text(*member));
    words.next().map(str::to_owned)
}

/// Whether a text names an id: as a whole, not as a part of a longer one.
pub fn names(text: &str, id: &str) -> bool {
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

    #[test]
    fn an_id_is_named_as_a_whole() {
        assert!(names(r#"{"error":"order 14cac731 is late"}"#, "14cac731"));
        assert!(!names(r#"{"id":"14cac731-6dd7"}"#, "14cac731"));
        assert!(!names("2024", "24"));
    }
}
