//! An event log as machines write it, read in one walk.

use super::{EventLog, FieldValue, Identifier, Identifiers, Reference};
use crate::model::event_log::{Field, Shape};
use crate::model::vocabulary::Word;
use crate::wire::json::NodeKind;
use crate::wire::json::fast::Walk;
use crate::wire::json::structural::Structural;

/// Reads event logs that hold nothing unusual. Its memory serves from record to record.
#[derive(Debug, Default)]
pub struct FastReader {
    structural: Structural,
}

impl FastReader {
    /// Reads a text into `log`, which is empty. Gives `None` for whatever is out of the ordinary,
    /// a member that the document does not list among it: the exact reader says what it means.
    #[inline]
    pub fn read<'t>(&mut self, text: &'t [u8], log: &mut EventLog<'t>) -> Option<()> {
        self.structural.index(text);
        let Structural {
            no_controls,
            is_ascii,
            ..
        } = self.structural;
        if !no_controls || !(is_ascii || simdutf8::basic::from_utf8(text).is_ok()) {
            return None;
        }
        members(&mut Walk::new(text, &self.structural), log)
    }
}

#[inline]
fn members<'t>(walk: &mut Walk<'t, '_>, log: &mut EventLog<'t>) -> Option<()> {
    log.is_whole = true;
    log.has_all_names = true;
    walk.take(b'{')?;
    loop {
        let field = Word::find(walk.plain()?)?.field()?;
        walk.take(b':')?;
        if log.values[field as usize].is_some() {
            return None;
        }
        let (kind, bytes) = match field.row().shape {
            Shape::Text if matches!(field, Field::Detail | Field::TechnicalInfo) => walk.text()?,
            Shape::Text => (NodeKind::Text, walk.plain()?),
            Shape::Reference => (NodeKind::Object, reference(walk, &mut log.reference)?),
            Shape::Json => json(walk)?,
        };
        log.values[field as usize] = Some(value(kind, bytes));
        if !walk.goes_on(b'}')? {
            return walk.peek().is_none().then_some(());
        }
    }
}

#[inline]
fn value(kind: NodeKind, bytes: &[u8]) -> FieldValue<'_> {
    FieldValue {
        kind,
        is_whole: true,
        node: 0,
        bytes,
    }
}

#[inline]
fn plain<'t>(walk: &mut Walk<'t, '_>) -> Option<FieldValue<'t>> {
    Some(value(NodeKind::Text, walk.plain()?))
}

/// Any value; of those that are not texts, only that matters.
fn json<'t>(walk: &mut Walk<'t, '_>) -> Option<(NodeKind, &'t [u8])> {
    let kind = match walk.peek()? {
        b'"' => return walk.text(),
        b'{' => NodeKind::Object,
        b'[' => NodeKind::Array,
        b'n' => NodeKind::Null,
        b't' => NodeKind::True,
        b'f' => NodeKind::False,
        _ => NodeKind::Number,
    };
    let start = walk.place();
    walk.pass()?;
    Some((kind, walk.since(start)))
}

/// Reads a data reference into `to`; gives the whole of it.
fn reference<'t>(walk: &mut Walk<'t, '_>, to: &mut Option<Reference<'t>>) -> Option<&'t [u8]> {
    let reference = to.insert(Reference::of(value(NodeKind::Object, b"")));
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
            Word::EXTERNAL_IDENTITIES => {
                if reference.identities.replace(identities(walk)?).is_some() {
                    return None;
                }
                if walk.goes_on(b'}')? {
                    continue;
                }
                break;
            }
            _ => return None,
        };
        if slot.replace(plain(walk)?).is_some() {
            return None;
        }
        if !walk.goes_on(b'}')? {
            break;
        }
    }
    let whole = walk.since(start);
    reference.object.bytes = whole;
    Some(whole)
}

fn identities<'t>(walk: &mut Walk<'t, '_>) -> Option<Identifiers<'t>> {
    let mut entries = Vec::new();
    walk.take(b'[')?;
    loop {
        let mut entry = Identifier {
            object: value(NodeKind::Object, b""),
            integration_key: None,
            external_id: None,
        };
        walk.take(b'{')?;
        loop {
            let word = Word::find(walk.plain()?)?;
            walk.take(b':')?;
            let slot = match word {
                Word::INTEGRATION_KEY => &mut entry.integration_key,
                Word::EXTERNAL_ID => &mut entry.external_id,
                _ => return None,
            };
            if slot.replace(plain(walk)?).is_some() {
                return None;
            }
            if !walk.goes_on(b'}')? {
                break;
            }
        }
        entries.push(entry);
        if !walk.goes_on(b']')? {
            return Some(Identifiers {
                list: value(NodeKind::Array, b""),
                entries,
            });
        }
    }
}
