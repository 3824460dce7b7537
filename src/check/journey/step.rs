//! What a journey needs to know of one record.

use super::hashing::{hash, mix, quick};
use crate::check::Policy;
use crate::check::codes::Known;
use crate::check::fields::{Values, at};
use crate::check::subject::Subject;
use crate::model::outcome::UNFINISHED;
use crate::model::stage::Stage;
use crate::model::timestamp::Timestamp;
use crate::wire::json::{Document, Kind};
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
    /// The outcome, if it does not end a journey.
    pub(super) unfinished: Option<&'static str>,
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
                key(
                    integration.as_deref()?,
                    correlation.as_deref()?,
                    direction.as_deref(),
                    stream.as_deref(),
                )
            }
            Some(fields) => custom_key(subject, fields)?,
        };
        let same = |place: usize| {
            values
                .get(place)
                .and_then(|value| comparable(subject, value))
        };
        let same = [
            same(at::EVENT_CODE),
            same(at::LIFE_CYCLE_STAGE),
            same(at::OUTCOME),
            same(at::GENERATED_AT),
            same(at::DETAIL),
        ];
        let data = match (&stream, values.get(at::DATA_ID)) {
            (Some(_), Some(value)) => canonical(subject.document, subject.text(), value),
            _ => 0,
        };
        Some(Step::told(
            key,
            &Told {
                correlation: correlation.as_deref(),
                stream: stream.as_deref(),
                code,
                has_code: text(at::EVENT_CODE).is_some_and(|code| !code.trim_ascii().is_empty()),
                stage: values.stage,
                mode: values.mode,
                time: values.time,
                outcome: values.outcome,
                same: same.each_ref().map(Option::as_deref),
                data,
            },
        ))
    }

    /// The step of a record of which this was told.
    pub fn told(key: u64, told: &Told<'_>) -> Step {
        Step {
            key,
            event: told.stream.map_or(0, |_| quick([told.correlation])),
            code: told.code,
            has_code: told.has_code,
            stage: told
                .stage
                .map(|stage| (stage.direction as u8, stage.number)),
            mode: told.mode.map(|mode| mode == "LIVE"),
            time: told.time.map(|stamp| stamp.micros()),
            same: quick(told.same),
            data: told.data,
            stream: told.stream.map(|stream| quick([Some(stream)])),
            unfinished: told.outcome.filter(|outcome| UNFINISHED.contains(outcome)),
        }
    }
}

/// What a record says that matters to its journey.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The correlation id.
    pub correlation: Option<&'a [u8]>,
    /// The part of an event that is split.
    pub stream: Option<&'a [u8]>,
    /// The code, if it is known.
    pub code: Option<Known>,
    /// Whether there is any code at all, known or not.
    pub has_code: bool,
    /// The stage, if it is a documented one.
    pub stage: Option<&'static Stage>,
    /// The mode, if it is a documented one.
    pub mode: Option<&'static str>,
    /// When it was generated, if that is an instant.
    pub time: Option<Timestamp>,
    /// The outcome, if it is a documented one.
    pub outcome: Option<&'static str>,
    /// Code, stage, outcome, time and detail as they are written.
    pub same: [Option<&'a [u8]>; 5],
    /// The [`canonical`] hash of the data reference, if there is a stream.
    pub data: u64,
}

/// The bytes of a text by which repeats are told; null counts as absent. A text that spells plain
/// characters as escapes is brought into the usual spelling first.
fn comparable<'a>(subject: &Subject<'a>, value: usize) -> Option<Cow<'a, [u8]>> {
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
pub fn canonical(document: &Document, text: &[u8], value: usize) -> u64 {
    let node = document.node(value);
    let within = |value| canonical(document, text, value);
    match node.kind {
        Kind::Object => document
            .members(value)
            .map(|(name, member)| mix(text_hash(document, text, name), within(member)))
            .fold(1, u64::wrapping_add),
        Kind::Array => document
            .elements(value)
            .fold(2, |state, element| mix(state, within(element))),
        Kind::Text | Kind::Escaped => mix(3, text_hash(document, text, value)),
        _ => mix(
            4,
            quick([Some(&text[node.start as usize..node.end as usize])]),
        ),
    }
}

fn text_hash(document: &Document, text: &[u8], value: usize) -> u64 {
    match document.node(value).kind {
        Kind::Text => quick([Some(document.inner(text, value))]),
        _ => quick([document.text(text, value).as_deref().map(str::as_bytes)]),
    }
}

/// The key of a record's journey, unless the user named other fields for it.
pub fn key(
    integration: &[u8],
    correlation: &[u8],
    direction: Option<&[u8]>,
    stream: Option<&[u8]>,
) -> u64 {
    quick([Some(integration), Some(correlation), direction, stream])
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
        parts.push(value.map(|value| canonical(subject.document, subject.text(), value)));
    }
    parts.iter().any(Option::is_some).then(|| hash(&parts))
}
