//! One event log as the rules see it: its values, borrowed from the text, whichever reader read them.

mod exact;
mod fast;
#[cfg(test)]
mod tests;

use super::finding::FindingPlace;
use crate::model::event_log::{FIELDS, Field};
use crate::wire::json::{NodeKind, lossy, unescaped};
use std::borrow::Cow;

pub use exact::Respelled;
pub use fast::FastReader;

/// A value of an event log.
#[derive(Clone, Copy, Debug)]
pub struct FieldValue<'a> {
    /// What it is. A short text is `Text`, however it was spelled; one that may be long is
    /// `Escaped` where escapes stand in it.
    pub kind: NodeKind,
    /// Of an object: whether what it lacks is really absent.
    pub is_whole: bool,
    /// Its place in the tree of the exact reader; the fast one has none.
    pub node: u32,
    /// A text without its quotes, any other value as it is written.
    pub bytes: &'a [u8],
}

impl<'a> FieldValue<'a> {
    /// Where it is, for a finding.
    pub fn place(&self) -> FindingPlace {
        FindingPlace::Value(self.node as usize)
    }

    /// Whether it is text.
    #[inline]
    pub fn is_text(&self) -> bool {
        matches!(self.kind, NodeKind::Text | NodeKind::Escaped)
    }

    /// The text it stands for; `None` for any other value.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self.kind {
            NodeKind::Text => Some(lossy(self.bytes)),
            NodeKind::Escaped => Some(unescaped(self.bytes)),
            _ => None,
        }
    }

    /// Whether a text holds nothing but white space.
    #[inline]
    pub fn is_blank(&self) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        !self.bytes.first().is_some_and(|byte| is_plain(*byte)) && self.is_all_blank()
    }

    #[cold]
    fn is_all_blank(&self) -> bool {
        self.text().is_none_or(|text| text.trim().is_empty())
    }
}

/// An event log. Its names and short texts are what they stand for; texts that may be long are as
/// JSON spells them.
#[derive(Debug, Default)]
pub struct EventLog<'a> {
    values: [Option<FieldValue<'a>>; FIELDS.len()],
    /// What `dataId` holds, if it is an object.
    pub reference: Option<Reference<'a>>,
    /// Whether the text was read to its end.
    pub is_whole: bool,
    /// Whether, besides, every name in it can be read, so that what it lacks is really absent.
    pub has_all_names: bool,
    /// The names of members that the document does not list.
    pub unknown: Vec<FieldValue<'a>>,
}

impl<'a> EventLog<'a> {
    /// A field's value, null included.
    #[inline]
    pub fn get(&self, field: Field) -> Option<&FieldValue<'a>> {
        self.values[field as usize].as_ref()
    }

    /// The bytes of a field that is text.
    #[inline]
    pub fn text(&self, field: Field) -> Option<&'a [u8]> {
        let value = self.get(field)?;
        value.is_text().then_some(value.bytes)
    }
}

/// A data reference. Members that are null count as absent.
#[derive(Debug)]
pub struct Reference<'a> {
    /// The object itself.
    pub object: FieldValue<'a>,
    /// `@type`
    pub kind: Option<FieldValue<'a>>,
    /// `schemaName`
    pub schema: Option<FieldValue<'a>>,
    /// `shapeName`
    pub shape: Option<FieldValue<'a>>,
    /// `iri`
    pub iri: Option<FieldValue<'a>>,
    /// `externalIdentities`
    pub identities: Option<Identifiers<'a>>,
    /// `keys`
    pub keys: Option<Identifiers<'a>>,
    /// The names of other members.
    pub unknown: Vec<FieldValue<'a>>,
}

impl<'a> Reference<'a> {
    /// One that nothing is known of yet.
    fn of(object: FieldValue<'a>) -> Reference<'a> {
        Reference {
            object,
            kind: None,
            schema: None,
            shape: None,
            iri: None,
            identities: None,
            keys: None,
            unknown: Vec::new(),
        }
    }

    /// Whether it has an iri that says something.
    #[inline]
    pub fn has_iri(&self) -> bool {
        self.iri.is_some_and(|iri| iri.is_text() && !iri.is_blank())
    }
}

/// A list of identifiers in a data reference.
#[derive(Debug)]
pub struct Identifiers<'a> {
    /// The list itself.
    pub list: FieldValue<'a>,
    /// Its entries, where it is an array.
    pub entries: Vec<Identifier<'a>>,
}

/// An entry of such a list.
#[derive(Clone, Copy, Debug)]
pub struct Identifier<'a> {
    /// The entry itself.
    pub object: FieldValue<'a>,
    /// `integrationKey`
    pub integration_key: Option<FieldValue<'a>>,
    /// `externalId`
    pub external_id: Option<FieldValue<'a>>,
}
