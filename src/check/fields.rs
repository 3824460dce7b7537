//! The rules about single fields: present, of the right type, within their lists and lengths.

use super::Policy;
use super::finding::FindingPlace;
use super::known_code::Known;
use super::record::{EventLog, FieldValue};
use super::rule::Rule;
use super::sink::{Judged, Sink, Violated};
use crate::model::duration::plain_duration;
use crate::model::event_log::{FIELDS, Field, Shape};
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES, Stage};
use crate::model::text::{did_you_mean, lower_first, nearest};
use crate::model::timestamp::Timestamp;
use crate::wire::json::{Document, NodeKind};
use std::time::Duration;

/// How far ahead a clock may be.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// What the values stand for that come from closed lists, and the time; `None` where a value is
/// absent or not documented.
#[derive(Clone, Copy, Debug)]
pub struct Resolved {
    /// The code, from the glossary or declared in the profile.
    pub code: Option<Known>,
    /// The direction.
    pub direction: Option<Direction>,
    /// The stage.
    pub stage: Option<&'static Stage>,
    /// The outcome.
    pub outcome: Option<&'static str>,
    /// The mode.
    pub mode: Option<&'static str>,
    /// When the event log was generated.
    pub time: Option<Timestamp>,
}

/// Judges every field by itself.
#[inline]
pub fn check(log: &EventLog<'_>, sink: &mut impl Sink) -> Judged {
    let meant = unknown_fields(log, sink)?;
    for field in Field::ALL {
        match log.get(field) {
            Some(value) => check_value(field, value, sink)?,
            None if field.row().required && log.is_whole => missing(log, field, &meant, sink)?,
            None => {}
        }
    }
    Ok(())
}

/// Reports the members that nobody knows; gives the field that may be meant by each. One whose
/// name is damaged has been reported already.
#[inline]
fn unknown_fields(
    log: &EventLog<'_>,
    sink: &mut impl Sink,
) -> Result<Vec<Option<Field>>, Violated> {
    let mut meant = Vec::new();
    for name in &log.unknown {
        meant.push(unknown_field(name, sink)?);
    }
    Ok(meant)
}

fn unknown_field(name: &FieldValue<'_>, sink: &mut impl Sink) -> Result<Option<Field>, Violated> {
    let is_damaged = name.kind == NodeKind::Broken;
    if !is_damaged && !sink.wants(Rule::UnknownField) {
        return Ok(None);
    }
    let typed = String::from_utf8_lossy(name.bytes);
    let guess = nearest(&typed, FIELDS.iter().map(|field| field.name));
    if !is_damaged {
        sink.found_with(Rule::UnknownField, name.place(), || {
            let help = match guess {
                Some(guess) => format!("did you mean {guess}?"),
                None => Rule::UnknownField.description().help.to_owned(),
            };
            (format!("{typed} is not a field of an event log"), help)
        })?;
    }
    Ok(guess.and_then(Field::find))
}

fn missing(
    log: &EventLog<'_>,
    field: Field,
    meant: &[Option<Field>],
    sink: &mut impl Sink,
) -> Judged {
    let (name, info) = (field.name(), field.row());
    let alike = meant.iter().position(|meant| *meant == Some(field));
    let alike = alike.map(|at| &log.unknown[at]);
    if alike.is_some_and(|alike| alike.kind == NodeKind::Broken) {
        // Its name is damaged, which has been reported.
        return Ok(());
    }
    sink.found_with(Rule::MissingField, FindingPlace::Record, || {
        let message = match alike {
            Some(alike) => {
                let typed = String::from_utf8_lossy(alike.bytes);
                format!("{name} is missing; {typed} may be meant for it")
            }
            None => format!("{name} is missing"),
        };
        let help = format!("add {name}: {}", lower_first(info.description));
        (message, help)
    })
}

#[inline]
fn check_value(field: Field, value: &FieldValue<'_>, sink: &mut impl Sink) -> Judged {
    let info = field.row();
    match (info.shape, value.kind) {
        (Shape::Text, NodeKind::Text | NodeKind::Escaped) => text(field, value, sink),
        (_, NodeKind::Broken) | (Shape::Reference, NodeKind::Object) => Ok(()),
        (_, NodeKind::Null) if !info.required => Ok(()),
        (Shape::Json, _) => stringified(field, value, sink),
        (Shape::Reference, NodeKind::Text | NodeKind::Escaped) => {
            sink.found_with(Rule::WrongType, value.place(), || {
                let help = "send the data reference object; the document's table says string, its sample shows the object";
                (format!("{} is text where an object is needed", info.name), help.to_owned())
            })
        }
        (shape, kind) => sink.found_in(Rule::WrongType, value, || {
            let wanted = if shape == Shape::Text { "text" } else { "an object" };
            format!("{} is {} where {wanted} is needed", info.name, name_of(kind))
        }),
    }
}

/// The kind of a value, in words.
pub fn name_of(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Null => "null",
        NodeKind::True | NodeKind::False => "a boolean",
        NodeKind::Number => "a number",
        NodeKind::Text | NodeKind::Escaped => "text",
        NodeKind::Object => "an object",
        NodeKind::Array => "an array",
        NodeKind::Broken => "no JSON",
    }
}

#[inline]
fn text(field: Field, value: &FieldValue<'_>, sink: &mut impl Sink) -> Judged {
    let info = field.row();
    if info.required && value.is_blank() {
        return sink.found_in(Rule::EmptyValue, value, || {
            format!("{} is empty", info.name)
        });
    }
    match info.max_length {
        Some(limit) if value.bytes.len() > limit => too_long(field, value, limit, sink),
        _ => Ok(()),
    }
}

fn too_long(field: Field, value: &FieldValue<'_>, limit: usize, sink: &mut impl Sink) -> Judged {
    let length = value.text().map_or(0, |text| text.chars().count());
    if length <= limit {
        return Ok(());
    }
    sink.found_in(Rule::TooLong, value, || {
        let name = field.name();
        format!("{name} has {length} characters, {limit} are allowed")
    })
}

/// The direction that a record names.
#[inline]
pub fn direction(log: &EventLog<'_>, sink: &mut impl Sink) -> Result<Option<Direction>, Violated> {
    let found = listed(
        log,
        Field::Direction,
        &Direction::ALL,
        |known| known.name(),
        sink,
    )?;
    Ok(found.copied())
}

/// The stage that a record names.
#[inline]
pub fn stage(log: &EventLog<'_>, sink: &mut impl Sink) -> Result<Option<&'static Stage>, Violated> {
    listed(log, Field::LifeCycleStage, &STAGES, |stage| stage.key, sink)
}

/// The outcome that a record names.
#[inline]
pub fn outcome(log: &EventLog<'_>, sink: &mut impl Sink) -> Result<Option<&'static str>, Violated> {
    let found = listed(log, Field::Outcome, &OUTCOMES, |choice| choice.value, sink)?;
    Ok(found.map(|choice| choice.value))
}

/// The mode that a record names.
#[inline]
pub fn mode(log: &EventLog<'_>, sink: &mut impl Sink) -> Result<Option<&'static str>, Violated> {
    let found = listed(log, Field::Mode, &MODES, |choice| choice.value, sink)?;
    Ok(found.map(|choice| choice.value))
}

/// The value of a closed list that a field is; another is reported with the nearest one.
#[inline]
fn listed<T>(
    log: &EventLog<'_>,
    field: Field,
    known: &'static [T],
    name: impl Fn(&T) -> &'static str,
    sink: &mut impl Sink,
) -> Result<Option<&'static T>, Violated> {
    let Some(value) = log.get(field).filter(|value| value.is_text()) else {
        return Ok(None);
    };
    let found = choose(value.bytes, known, &name);
    if found.is_none() && !value.is_blank() {
        sink.found_with(Rule::UnknownValue, value.place(), || {
            let typed = String::from_utf8_lossy(value.bytes);
            let names: Vec<_> = known.iter().map(name).collect();
            let guess = did_you_mean(&typed, names.iter().copied());
            let field = field.name();
            let message = format!("{field} '{typed}' is not a documented value{guess}");
            (message, format!("one of {}", names.join(", ")))
        })?;
    }
    Ok(found)
}

/// The entry of a closed list that bytes name.
#[inline]
fn choose<T>(
    bytes: &[u8],
    known: &'static [T],
    name: impl Fn(&T) -> &'static str,
) -> Option<&'static T> {
    known
        .iter()
        .find(|known| is_same(name(known).as_bytes(), bytes))
}

/// Equality that looks at the last byte first: names of one list mostly begin alike.
fn is_same(known: &[u8], typed: &[u8]) -> bool {
    known.len() == typed.len() && known.last() == typed.last() && known == typed
}

/// The instant at which a record says it was generated.
#[inline]
pub fn generated_at(
    log: &EventLog<'_>,
    policy: &Policy,
    sink: &mut impl Sink,
) -> Result<Option<Timestamp>, Violated> {
    let Some(value) = log.get(Field::GeneratedAt).filter(|value| value.is_text()) else {
        return Ok(None);
    };
    let Some(stamp) = Timestamp::parse_bytes(value.bytes) else {
        sink.found_in(Rule::BadTimestamp, value, || {
            let typed = String::from_utf8_lossy(value.bytes);
            format!("generatedAt '{typed}' is not a date and time with an offset")
        })?;
        return Ok(None);
    };
    if let Some(ahead) = too_far_ahead(policy, stamp) {
        sink.found_in(Rule::FutureTimestamp, value, || {
            format!("generatedAt is {} in the future", plain_duration(ahead))
        })?;
    }
    Ok(Some(stamp))
}

/// How far an instant lies ahead, if that is farther than clocks go wrong.
fn too_far_ahead(policy: &Policy, stamp: Timestamp) -> Option<Duration> {
    let ahead = stamp.millis_since(policy.now);
    let ahead = Duration::from_millis(u64::try_from(ahead).ok()?);
    (ahead > AHEAD).then_some(ahead)
}

/// customData and linkIdentities as a text that is itself an object or array. A text such as
/// `42` also parses as JSON, but is most likely just a text.
fn stringified(field: Field, value: &FieldValue<'_>, sink: &mut impl Sink) -> Judged {
    let Some(text) = value.text() else {
        return Ok(());
    };
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return Ok(());
    }
    let mut inner = Document::default();
    inner.read(text.as_bytes());
    if !inner.is_whole() || !inner.faults().is_empty() {
        return Ok(());
    }
    sink.found_in(Rule::StringifiedJson, value, || {
        format!("{} is a string that contains JSON", field.name())
    })
}
