//! A quick look at a record that tells whether it is sound, as nearly all are.
//!
//! One walk over the text, borrowed from it and kept nowhere; then every rule in its plainest
//! form. A record that is not plainly sound gets no answer here: the exact pass, which knows every
//! rule in full, judges it. So a rule that is missing here would be a fault, one that is too
//! strict only costs time.

#[cfg(test)]
mod tests;

use super::codes::Known;
use super::fields::{at, choose, too_far_ahead};
use super::journey::{Step, Told, canonical, key};
use super::meaning::{
    filter_clash, is_uuid, level_clash, may_hold_a_frame, plainly_has_second_line,
};
use super::{Policy, Schema, secrets};
use crate::model::code::{Category, Level, Suffix};
use crate::model::event_log::{FIELDS, Shape};
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::reference::{TYPE, iri_names};
use crate::model::stage::{Direction, STAGES, Sender, Stage};
use crate::model::timestamp;
use crate::model::vocabulary::Word;
use crate::wire::json::Document;
use crate::wire::json::fast::Walk;
use crate::wire::json::structural::Structural;
use crate::wire::records::Record;

/// Looks at records. Its memory is kept from record to record.
#[derive(Debug, Default)]
pub struct Glance {
    structural: Structural,
    reference: Document,
}

impl Glance {
    /// What the journey of a plainly sound record needs to know; `None` for any other record.
    pub fn look(&mut self, policy: &Policy, record: &Record<'_>) -> Option<Step> {
        let usual = policy.schema != Schema::SysEvent && policy.journey_key.is_none();
        if !usual || record.flaw.is_some() || record.is_oversize() {
            return None;
        }
        self.structural.index(record.bytes);
        let Structural {
            no_controls,
            is_ascii,
            ..
        } = self.structural;
        if !no_controls || !(is_ascii || simdutf8::basic::from_utf8(record.bytes).is_ok()) {
            return None;
        }
        let sketch = Sketch::of(&mut Walk::new(record.bytes, &self.structural))?;
        let closed = Closed::of(policy, &sketch)?;
        sketch.is_complete().then_some(())?;
        sketch
            .reference
            .is_sound(&sketch, closed.stage.direction)
            .then_some(())?;
        sketch.texts_are_sound(closed.code).then_some(())?;
        let data = match sketch.text(at::STREAM) {
            Some(_) => {
                self.reference.read(sketch.reference.raw);
                canonical(&self.reference, sketch.reference.raw, 0)
            }
            None => 0,
        };
        sketch.step(policy, &closed, data)
    }
}

/// The fields that take values from closed lists, of a record where they fit together.
struct Closed {
    code: Known,
    stage: &'static Stage,
    outcome: &'static str,
    mode: &'static str,
}

impl Closed {
    fn of(policy: &Policy, sketch: &Sketch<'_>) -> Option<Closed> {
        let code = Known::find(policy, sketch.text(at::EVENT_CODE)?)?;
        let direction = sketch.text(at::DIRECTION)?;
        let direction = choose(direction, &Direction::ALL, |known| known.name())?;
        let stage = choose(sketch.text(at::LIFE_CYCLE_STAGE)?, &STAGES, |stage| {
            stage.key
        })?;
        let outcome = choose(sketch.text(at::OUTCOME)?, &OUTCOMES, |choice| choice.value)?.value;
        let mode = choose(sketch.text(at::MODE)?, &MODES, |choice| choice.value)?.value;
        let specific = code
            .code()
            .is_none_or(|code| code.category() != Category::Internal);
        let fit = specific
            && stage.sender == Sender::Connector
            && stage.direction == *direction
            && outcome != "MESSAGE_STORED"
            && level_clash(code, outcome).is_none()
            && !filter_clash(code, outcome);
        fit.then_some(Closed {
            code,
            stage,
            outcome,
            mode,
        })
    }
}

/// Where the values of an event log are.
struct Sketch<'t> {
    /// Texts without their quotes, any other value as it is.
    values: [Option<&'t [u8]>; FIELDS.len()],
    reference: Reference<'t>,
}

impl<'t> Sketch<'t> {
    fn of(walk: &mut Walk<'t, '_>) -> Option<Sketch<'t>> {
        let mut sketch = Sketch {
            values: [None; FIELDS.len()],
            reference: Reference::default(),
        };
        walk.take(b'{')?;
        loop {
            let place = Word::find(walk.plain()?)?.index();
            if sketch.values.get(place)?.is_some() {
                return None;
            }
            walk.take(b':')?;
            sketch.values[place] = Some(match FIELDS[place].shape {
                Shape::Text if matches!(place, at::DETAIL | at::TECHNICAL_INFO) => walk.string()?,
                Shape::Text => walk.plain()?,
                Shape::Reference => {
                    sketch.reference = Reference::of(walk)?;
                    sketch.reference.raw
                }
                Shape::Json => unquoted(walk)?,
            });
            if !walk.goes_on(b'}')? {
                return walk.peek().is_none().then_some(sketch);
            }
        }
    }

    fn text(&self, place: usize) -> Option<&'t [u8]> {
        self.values[place]
    }

    /// What its journey needs to know, if the time is sound too.
    fn step(&self, policy: &Policy, closed: &Closed, data: u64) -> Option<Step> {
        let time = match self.text(at::GENERATED_AT) {
            Some(text) => Some(timestamp::parse_bytes(text)?),
            None => None,
        };
        if time.is_some_and(|time| too_far_ahead(policy, time).is_some()) {
            return None;
        }
        let (correlation, stream) = (self.text(at::CORRELATION_ID)?, self.text(at::STREAM));
        let integration = self.text(at::INTEGRATION_KEY)?;
        let key = key(integration, correlation, self.text(at::DIRECTION), stream);
        Some(Step::told(
            key,
            &Told {
                correlation: Some(correlation),
                stream,
                code: Some(closed.code),
                has_code: true,
                stage: Some(closed.stage),
                mode: Some(closed.mode),
                time,
                outcome: Some(closed.outcome),
                same: [
                    self.text(at::EVENT_CODE),
                    self.text(at::LIFE_CYCLE_STAGE),
                    self.text(at::OUTCOME),
                    self.text(at::GENERATED_AT),
                    self.text(at::DETAIL),
                ],
                data,
            },
        ))
    }

    /// Whether nothing that is required is missing or may be blank, and no text is too long.
    fn is_complete(&self) -> bool {
        FIELDS
            .iter()
            .zip(self.values)
            .all(|(field, value)| match value {
                None => !field.required,
                Some(value) => {
                    (!field.required || is_filled(value))
                        && field.max_length.is_none_or(|limit| value.len() <= limit)
                }
            })
    }

    fn texts_are_sound(&self, code: Known) -> bool {
        let detail = self.text(at::DETAIL);
        let structured = match code.suffix.map(Suffix::level) {
            Some(Level::Warning | Level::Error) => detail.is_some_and(plainly_has_second_line),
            Some(Level::Info) | None => true,
        };
        structured
            && !detail.is_some_and(may_hold_a_frame)
            && self.text(at::CORRELATION_ID).is_some_and(is_uuid)
            && [at::DETAIL, at::TECHNICAL_INFO, at::CUSTOM_DATA]
                .iter()
                .filter_map(|place| self.text(*place))
                .all(|text| secrets::find(text).is_none())
    }
}

/// Any value but a text: one that holds JSON might be meant as that JSON.
fn unquoted<'t>(walk: &mut Walk<'t, '_>) -> Option<&'t [u8]> {
    if walk.peek()? == b'"' {
        return None;
    }
    let start = walk.place();
    walk.pass()?;
    Some(walk.since(start))
}

/// Whether a text surely holds more than white space.
fn is_filled(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_graphic)
}

/// Where the values of a data reference are.
#[derive(Default)]
struct Reference<'t> {
    raw: &'t [u8],
    kind: Option<&'t [u8]>,
    schema: Option<&'t [u8]>,
    shape: Option<&'t [u8]>,
    iri: Option<&'t [u8]>,
    /// The integration that all external identities belong to.
    owner: Option<&'t [u8]>,
}

impl<'t> Reference<'t> {
    fn of(walk: &mut Walk<'t, '_>) -> Option<Reference<'t>> {
        let mut reference = Reference::default();
        walk.peek()?;
        let start = walk.place();
        walk.take(b'{')?;
        loop {
            let word = Word::find(walk.plain()?)?;
            walk.take(b':')?;
            let slot = match word {
                Word::KIND => &mut reference.kind,
                Word::SCHEMA_NAME => &mut reference.schema,
                Word::SHAPE_NAME => &mut reference.shape,
                Word::IRI => &mut reference.iri,
                Word::EXTERNAL_IDENTITIES => &mut reference.owner,
                _ => return None,
            };
            if slot.is_some() {
                return None;
            }
            *slot = Some(match word {
                Word::EXTERNAL_IDENTITIES => identities(walk)?,
                _ => walk.plain()?,
            });
            if !walk.goes_on(b'}')? {
                reference.raw = walk.since(start);
                return Some(reference);
            }
        }
    }

    fn is_sound(&self, sketch: &Sketch<'_>, direction: Direction) -> bool {
        let named = |own: Option<&[u8]>, place: usize| {
            own.is_some_and(is_filled) && own == sketch.text(place)
        };
        let iri = match self.iri {
            Some(iri) => is_filled(iri) && self.agrees(iri),
            None => direction == Direction::Inbound && self.owner.is_some(),
        };
        self.kind == Some(TYPE.as_bytes())
            && named(self.schema, at::SCHEMA_NAME)
            && named(self.shape, at::SHAPE_NAME)
            && iri
            && self
                .owner
                .is_none_or(|owner| sketch.text(at::INTEGRATION_KEY) == Some(owner))
    }

    /// Whether an iri names the same schema and shape, if it names any.
    fn agrees(&self, iri: &[u8]) -> bool {
        iri_names(iri).is_none_or(|names| {
            self.schema == Some(names.schema) && self.shape == Some(names.shape)
        })
    }
}

/// External identities that all belong to one integration, which is given.
fn identities<'t>(walk: &mut Walk<'t, '_>) -> Option<&'t [u8]> {
    let mut owner = None;
    walk.take(b'[')?;
    loop {
        let (mut key, mut id) = (None, None);
        walk.take(b'{')?;
        loop {
            let word = Word::find(walk.plain()?)?;
            walk.take(b':')?;
            let slot = match word {
                Word::INTEGRATION_KEY => &mut key,
                Word::EXTERNAL_ID => &mut id,
                _ => return None,
            };
            if slot.replace(walk.plain()?).is_some() {
                return None;
            }
            if !walk.goes_on(b'}')? {
                break;
            }
        }
        let (key, id): (&[u8], &[u8]) = (key?, id?);
        let fits = is_filled(key) && is_filled(id) && owner.is_none_or(|owner| owner == key);
        owner = fits.then_some(Some(key))?;
        if !walk.goes_on(b']')? {
            return owner;
        }
    }
}
