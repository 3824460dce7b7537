//! What a journey needs to know of one record.

use super::hashing::{hash, mix, quick};
use crate::check::fields::Resolved;
use crate::check::known_code::Known;
use crate::check::record::{EventLog, FieldValue};
use crate::model::event_log::Field;
use crate::model::outcome::UNFINISHED;
use crate::wire::json::{Document, NodeKind};

/// What a journey needs to know of one record. Made from a record alone, so it can be made on
/// another thread than the one that follows the journeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The journey.
    pub(super) key: u64,
    /// The correlation id: the event that streams are parts of.
    pub(super) event: u64,
    pub(super) code: Option<Known>,
    /// Whether there is any code at all, known or not.
    pub(super) has_code: bool,
    pub(super) stage: Option<(u8, u8)>,
    pub(super) mode: Option<bool>,
    pub(super) time: Option<i64>,
    /// Code, stage, outcome, time and detail at once.
    pub(super) same: u64,
    pub(super) data: u64,
    pub(super) stream: Option<u64>,
    /// The outcome, if it does not end a journey.
    pub(super) unfinished: Option<&'static str>,
}

impl Step {
    /// The journey, as a number that no other has in this run.
    pub fn journey(&self) -> u64 {
        self.key
    }

    /// What a record says that matters to the journey of this key. `data` gives the [`canonical`]
    /// hash of the data reference, which only parts of an event need.
    #[inline]
    pub fn of(
        key: u64,
        log: &EventLog<'_>,
        resolved: &Resolved,
        data: impl FnOnce(&FieldValue<'_>) -> u64,
    ) -> Step {
        let stream = log.text(Field::Stream);
        let compared = [
            Field::EventCode,
            Field::LifeCycleStage,
            Field::Outcome,
            Field::GeneratedAt,
            Field::Detail,
        ];
        // Null counts as absent.
        let same = compared.map(|field| {
            let value = log.get(field).filter(|value| value.kind != NodeKind::Null);
            value.map(|value| value.bytes)
        });
        let code = log.text(Field::EventCode);
        Step {
            key,
            event: stream.map_or(0, |_| quick([log.text(Field::CorrelationId)])),
            code: resolved.code,
            has_code: code.is_some_and(|code| !code.trim_ascii().is_empty()),
            stage: resolved
                .stage
                .map(|stage| (stage.direction as u8, stage.number)),
            mode: resolved.mode.map(|mode| mode == "LIVE"),
            time: resolved.time.map(|stamp| stamp.micros()),
            same: quick(same),
            data: stream.and_then(|_| log.get(Field::DataId)).map_or(0, data),
            stream: stream.map(|stream| quick([Some(stream)])),
            unfinished: resolved
                .outcome
                .filter(|outcome| UNFINISHED.contains(outcome)),
        }
    }
}

/// A value's hash that neither the order of members nor blanks nor escapes change.
pub fn canonical(document: &Document, text: &[u8], value: usize) -> u64 {
    let node = document.node(value);
    let within = |value| canonical(document, text, value);
    match node.kind {
        NodeKind::Object => document
            .members(value)
            .map(|(name, member)| mix(text_hash(document, text, name), within(member)))
            .fold(1, u64::wrapping_add),
        NodeKind::Array => document
            .elements(value)
            .fold(2, |state, element| mix(state, within(element))),
        NodeKind::Text | NodeKind::Escaped => mix(3, text_hash(document, text, value)),
        _ => mix(
            4,
            quick([Some(&text[node.start as usize..node.end as usize])]),
        ),
    }
}

fn text_hash(document: &Document, text: &[u8], value: usize) -> u64 {
    match document.node(value).kind {
        NodeKind::Text => quick([Some(document.inner(text, value))]),
        _ => quick([document.text(text, value).as_deref().map(str::as_bytes)]),
    }
}

/// The key of a record's journey, unless the user named other fields for it; `None` where a part of
/// it is missing.
#[inline]
pub fn key(log: &EventLog<'_>) -> Option<u64> {
    Some(quick([
        Some(log.text(Field::IntegrationKey)?),
        Some(log.text(Field::CorrelationId)?),
        log.text(Field::Direction),
        log.text(Field::Stream),
    ]))
}

/// The key made of the fields a user named, dotted inside objects.
pub fn custom_key(document: &Document, text: &[u8], fields: &[String]) -> Option<u64> {
    let root = document.root()?;
    let mut parts = Vec::new();
    for field in fields {
        let value = field.split('.').try_fold(root, |object, name| {
            let value = document.get(text, object, name)?;
            (document.node(value).kind != NodeKind::Null).then_some(value)
        });
        parts.push(value.map(|value| canonical(document, text, value)));
    }
    parts.iter().any(Option::is_some).then(|| hash(&parts))
}
