//! What a journey needs to know of one record.

use super::hashing::{hash, quick};
use crate::check::Policy;
use crate::check::codes::Known;
use crate::check::fields::{Values, at};
use crate::check::subject::Subject;
use crate::model::outcome::UNFINISHED;
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::sync::LazyLock;

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
    pub(super) unfinished: bool,
}

impl Step {
    /// The journey, as a number that no other has in this run.
    pub fn journey(&self) -> u64 {
        self.key
    }

    /// Reads what a record's journey needs to know; `None` where a part of its key is missing.
    pub fn of(
        subject: &Subject<'_>,
        policy: &Policy,
        values: &Values,
        code: Option<Known>,
    ) -> Option<Step> {
        let text = |place: usize| values.get(place).and_then(|value| subject.bytes(value));
        let integration = text(at::INTEGRATION_KEY);
        let correlation = text(at::CORRELATION_ID);
        let stream = text(at::STREAM);
        let key = match &policy.journey_key {
            None => {
                let direction = text(at::DIRECTION);
                quick([
                    Some(integration.as_deref()?),
                    Some(correlation.as_deref()?),
                    direction.as_deref(),
                    stream.as_deref(),
                ])
            }
            Some(fields) => custom_key(subject, fields)?,
        };
        let told = |place: usize| {
            values
                .get(place)
                .and_then(|value| comparable(subject, value))
        };
        Some(Step {
            key,
            event: stream.as_ref().map_or(0, |_| hash(&correlation)),
            code,
            has_code: text(at::EVENT_CODE).is_some_and(|code| !code.trim_ascii().is_empty()),
            stage: values
                .stage
                .map(|stage| (stage.direction as u8, stage.number)),
            mode: values.mode.map(|mode| mode == "LIVE"),
            time: values.time.map(|stamp| stamp.micros()),
            same: quick([
                told(at::EVENT_CODE).as_deref(),
                told(at::LIFE_CYCLE_STAGE).as_deref(),
                told(at::OUTCOME).as_deref(),
                told(at::GENERATED_AT).as_deref(),
                told(at::DETAIL).as_deref(),
            ]),
            data: stream.as_ref().map_or(0, |_| {
                values
                    .get(at::DATA_ID)
                    .map_or(0, |value| canonical(subject, value))
            }),
            stream: stream.as_ref().map(hash),
            unfinished: values
                .outcome
                .is_some_and(|outcome| UNFINISHED.contains(&outcome)),
        })
    }
}

/// The bytes of a text by which repeats are told; null counts as absent. A text that spells plain
/// characters as escapes is brought into the usual spelling first.
fn comparable<'a>(subject: &Subject<'a>, value: usize) -> Option<Cow<'a, [u8]>> {
    use crate::wire::json::Kind;
    let inner = subject.document.inner(subject.text(), value);
    match subject.node(value).kind {
        Kind::Null => None,
        Kind::Escaped if UNUSUAL.find(inner).is_some() => {
            let usual = serde_json::to_vec(&subject.string(value)?).ok()?;
            Some(Cow::Owned(usual[1..usual.len() - 1].to_vec()))
        }
        _ => Some(Cow::Borrowed(inner)),
    }
}

static UNUSUAL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\u"));

/// A value's hash that neither the order of members nor blanks nor escapes change.
fn canonical(subject: &Subject<'_>, value: usize) -> u64 {
    use crate::wire::json::Kind;
    let node = subject.node(value);
    match node.kind {
        Kind::Object => subject
            .document
            .members(value)
            .map(|(name, member)| hash(&(subject.string(name), canonical(subject, member))))
            .fold(1, u64::wrapping_add),
        Kind::Array => {
            let elements: Vec<_> = subject
                .document
                .elements(value)
                .map(|element| canonical(subject, element))
                .collect();
            hash(&(2, elements))
        }
        Kind::Text | Kind::Escaped => hash(&(3, subject.string(value))),
        _ => hash(&(4, &subject.text()[node.start as usize..node.end as usize])),
    }
}

/// The key made of the fields a user named, dotted inside objects.
fn custom_key(subject: &Subject<'_>, fields: &[String]) -> Option<u64> {
    let root = subject.document.root()?;
    let mut parts = Vec::new();
    for field in fields {
        let mut value = Some(root);
        for name in field.split('.') {
            value = value.and_then(|object| subject.get(object, name));
        }
        parts.push(value.map(|value| canonical(subject, value)));
    }
    parts.iter().any(Option::is_some).then(|| hash(&parts))
}
