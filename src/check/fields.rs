//! The rules about single fields: present, of the right type, within their lists and lengths.

use super::Policy;
use super::rule::Rule;
use super::subject::{Place, Subject};
use crate::model::event_log::{FIELDS, Field, FieldInfo, Shape};
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES, Stage};
use crate::model::text::{did_you_mean, nearest};
use crate::model::timestamp::{self, Timestamp};
use crate::model::vocabulary::Word;
use crate::wire::json::{Document, Kind};
use std::time::Duration;

/// How far ahead a clock may be.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// An event log's fields: where their values are, and what the closed lists and the time say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Values {
    /// The node of each field's value; none is the root, so zero is for absent ones.
    places: [u32; FIELDS.len()],
    /// The direction, if it is a documented one.
    pub direction: Option<Direction>,
    /// The stage, if it is a documented one.
    pub stage: Option<&'static Stage>,
    /// The outcome, if it is a documented one.
    pub outcome: Option<&'static str>,
    /// The mode, if it is a documented one.
    pub mode: Option<&'static str>,
    /// When it was generated, if that is an instant.
    pub time: Option<Timestamp>,
}

/// The places of the fields in [`FIELDS`], so that a value is one index away.
pub mod at {
    use super::Field;

    pub const EVENT_CODE: usize = Field::EventCode as usize;
    pub const DIRECTION: usize = Field::Direction as usize;
    pub const LIFE_CYCLE_STAGE: usize = Field::LifeCycleStage as usize;
    pub const OUTCOME: usize = Field::Outcome as usize;
    pub const GENERATED_AT: usize = Field::GeneratedAt as usize;
    pub const DETAIL: usize = Field::Detail as usize;
    pub const TECHNICAL_INFO: usize = Field::TechnicalInfo as usize;
    pub const CORRELATION_ID: usize = Field::CorrelationId as usize;
    pub const DATA_ID: usize = Field::DataId as usize;
    pub const INTEGRATION_KEY: usize = Field::IntegrationKey as usize;
    pub const SHAPE_NAME: usize = Field::ShapeName as usize;
    pub const MODE: usize = Field::Mode as usize;
    pub const STREAM: usize = Field::Stream as usize;
    pub const SCHEMA_NAME: usize = Field::SchemaName as usize;
    pub const CUSTOM_DATA: usize = Field::CustomData as usize;
}

impl Values {
    /// Finds the fields of an event log. Members nobody knows are handed to `unknown`.
    pub(super) fn of(
        document: &Document,
        text: &[u8],
        root: usize,
        mut unknown: impl FnMut(usize),
    ) -> Values {
        let mut values = Values::default();
        for (name, value) in document.members(root) {
            let word = document.text(text, name);
            let word = word.and_then(|name| Word::find(name.as_bytes()));
            match word.and_then(|word| values.places.get_mut(word.index())) {
                Some(place) if *place == 0 => *place = u32::try_from(value).unwrap_or(0),
                Some(_) => {}
                None => unknown(name),
            }
        }
        values
    }

    /// The value of the field at a place of [`at`], null included.
    pub fn get(&self, place: usize) -> Option<usize> {
        match self.places[place] {
            0 => None,
            value => Some(value as usize),
        }
    }
}

/// Judges every field by itself.
pub fn check(subject: &mut Subject<'_>, policy: &Policy, root: usize) -> Values {
    let mut strangers = Vec::new();
    let mut values = Values::of(subject.document, subject.text(), root, |name| {
        strangers.push(name);
    });
    let mut meant = [None; FIELDS.len()];
    for name in strangers {
        if let Some(place) = unknown_field(subject, name) {
            meant[place] = meant[place].or(Some(name));
        }
    }
    for (place, field) in FIELDS.iter().enumerate() {
        match values.get(place) {
            Some(value) => check_value(subject, policy, &mut values, place, value),
            None if field.required && subject.document.is_whole() => {
                let message = match meant[place] {
                    // Its name is damaged, which has been reported.
                    Some(name) if subject.node(name).kind == Kind::Broken => continue,
                    Some(name) => {
                        let typed = subject.string(name).unwrap_or_default();
                        format!("{} is missing; {typed} may be meant for it", field.name)
                    }
                    None => format!("{} is missing", field.name),
                };
                let help = format!("add {}: {}", field.name, lower_first(field.description));
                subject.report_with(Rule::MissingField, Place::Record, message, help);
            }
            None => {}
        }
    }
    values
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// Reports a member that nobody knows; gives the place of the field that may be meant. One whose
/// name is damaged has been reported already.
fn unknown_field(subject: &mut Subject<'_>, name: usize) -> Option<usize> {
    let is_damaged = subject.node(name).kind == Kind::Broken;
    if !is_damaged && !subject.wants(Rule::UnknownField) {
        return None;
    }
    let typed = subject.document.inner(subject.text(), name);
    let typed = subject
        .string(name)
        .unwrap_or_else(|| String::from_utf8_lossy(typed));
    let guess = nearest(&typed, FIELDS.iter().map(|field| field.name));
    let place = guess.and_then(|guess| FIELDS.iter().position(|field| field.name == guess));
    if is_damaged {
        return place;
    }
    let message = format!("{typed} is not a field of an event log");
    match guess {
        Some(guess) => subject.report_with(
            Rule::UnknownField,
            Place::Value(name),
            message,
            format!("did you mean {guess}?"),
        ),
        None => subject.report(Rule::UnknownField, Place::Value(name), message),
    }
    place
}

fn check_value(
    subject: &mut Subject<'_>,
    policy: &Policy,
    values: &mut Values,
    place: usize,
    value: usize,
) {
    let field = &FIELDS[place];
    let kind = subject.node(value).kind;
    match (field.shape, kind) {
        (_, Kind::Broken) | (Shape::Reference, Kind::Object) => {}
        (_, Kind::Null) if !field.required => {}
        (Shape::Json, _) => stringified(subject, field, value),
        (Shape::Text, Kind::Text | Kind::Escaped) => text(subject, policy, values, place, value),
        (Shape::Reference, Kind::Text | Kind::Escaped) => subject.report_with(
            Rule::WrongType,
            Place::Value(value),
            format!("{} is text where an object is needed", field.name),
            "send the data reference object; the document's table says string, its sample shows the object",
        ),
        (shape, kind) => {
            let wanted = if shape == Shape::Text { "text" } else { "an object" };
            let message = format!("{} is {} where {wanted} is needed", field.name, name_of(kind));
            subject.report(Rule::WrongType, Place::Value(value), message);
        }
    }
}

/// The kind of a value, in words.
pub fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::True | Kind::False => "a boolean",
        Kind::Number => "a number",
        Kind::Text | Kind::Escaped => "text",
        Kind::Object => "an object",
        Kind::Array => "an array",
        Kind::Broken => "no JSON",
    }
}

fn text(
    subject: &mut Subject<'_>,
    policy: &Policy,
    values: &mut Values,
    place: usize,
    value: usize,
) {
    let field = &FIELDS[place];
    let inner = subject.document.inner(subject.text(), value);
    if field.required && is_blank(subject, value) {
        let message = format!("{} is empty", field.name);
        subject.report(Rule::EmptyValue, Place::Value(value), message);
        return;
    }
    if let Some(limit) = field.max_length
        && inner.len() > limit
    {
        let length = subject.string(value).map_or(0, |text| text.chars().count());
        if length > limit {
            let message = format!(
                "{} has {length} characters, {limit} are allowed",
                field.name
            );
            subject.report(Rule::TooLong, Place::Value(value), message);
        }
    }
    match place {
        at::DIRECTION => {
            let found = listed(subject, field, value, &Direction::ALL, |known| known.name());
            values.direction = found.copied();
        }
        at::LIFE_CYCLE_STAGE => {
            values.stage = listed(subject, field, value, &STAGES, |stage| stage.key);
        }
        at::OUTCOME => {
            let found = listed(subject, field, value, &OUTCOMES, |choice| choice.value);
            values.outcome = found.map(|choice| choice.value);
        }
        at::MODE => {
            let found = listed(subject, field, value, &MODES, |choice| choice.value);
            values.mode = found.map(|choice| choice.value);
        }
        at::GENERATED_AT => values.time = generated_at(subject, policy, value),
        _ => {}
    }
}

/// Whether a text value holds nothing but white space.
#[inline]
pub fn is_blank(subject: &Subject<'_>, value: usize) -> bool {
    let inner = subject.document.inner(subject.text(), value);
    match inner.first() {
        Some(byte) if byte.is_ascii_graphic() && *byte != b'\\' => false,
        _ => subject
            .string(value)
            .is_none_or(|text| text.trim().is_empty()),
    }
}

/// The value of a closed list that a text is; another is reported with the nearest one.
fn listed<T>(
    subject: &mut Subject<'_>,
    field: &FieldInfo,
    value: usize,
    known: &'static [T],
    name: impl Fn(&T) -> &'static str,
) -> Option<&'static T> {
    let bytes = subject.bytes(value)?;
    if let Some(found) = choose(&bytes, known, &name) {
        return Some(found);
    }
    let typed = subject.string(value).unwrap_or_default();
    let names: Vec<_> = known.iter().map(name).collect();
    let guess = did_you_mean(&typed, names.iter().copied());
    let message = format!("{} '{typed}' is not a documented value{guess}", field.name);
    let help = format!("one of {}", names.join(", "));
    subject.report_with(Rule::UnknownValue, Place::Value(value), message, help);
    None
}

/// The entry of a closed list that bytes name.
#[inline]
pub fn choose<T>(
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

fn generated_at(subject: &mut Subject<'_>, policy: &Policy, value: usize) -> Option<Timestamp> {
    let Some(stamp) = timestamp::parse_bytes(&subject.bytes(value)?) else {
        let typed = subject.string(value).unwrap_or_default();
        let message = format!("generatedAt '{typed}' is not a date and time with an offset");
        subject.report(Rule::BadTimestamp, Place::Value(value), message);
        return None;
    };
    if let Some(ahead) = too_far_ahead(policy, stamp) {
        let ahead = timestamp::plain_duration(ahead);
        let message = format!("generatedAt lies {ahead} ahead");
        subject.report(Rule::FutureTimestamp, Place::Value(value), message);
    }
    Some(stamp)
}

/// How far an instant lies ahead, if that is farther than clocks go wrong.
pub fn too_far_ahead(policy: &Policy, stamp: Timestamp) -> Option<Duration> {
    let ahead = stamp.millis_since(policy.now);
    let ahead = Duration::from_millis(u64::try_from(ahead).ok()?);
    (ahead > AHEAD).then_some(ahead)
}

/// customData and linkIdentities as a text that is itself an object or array. A text such as
/// `42` also parses as JSON, but is most likely just a text.
fn stringified(subject: &mut Subject<'_>, field: &FieldInfo, value: usize) {
    if !matches!(subject.node(value).kind, Kind::Text | Kind::Escaped) {
        return;
    }
    let Some(text) = subject.string(value) else {
        return;
    };
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return;
    }
    let mut inner = Document::default();
    inner.read(text.as_bytes());
    if inner.is_whole() && inner.faults().is_empty() {
        let message = format!("{} is a text that holds JSON", field.name);
        subject.report(Rule::StringifiedJson, Place::Value(value), message);
    }
}
