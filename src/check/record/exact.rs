//! An event log as the exact reader sees it, valid or not.

use super::{EventLog, FieldValue, Identifier, Identifiers, Reference};
use crate::model::event_log::Field;
use crate::model::reference::MEMBERS;
use crate::model::vocabulary::Word;
use crate::wire::json::{Document, NodeKind};
use memchr::memmem;
use std::ops::Range;

/// The texts of a document that are spelled unusually, in the usual spelling.
#[derive(Debug, Default)]
pub struct Respelled {
    /// By node, in order.
    texts: Vec<(usize, NodeKind, String)>,
}

impl Respelled {
    /// Those that the rules about event logs look at.
    pub fn of(document: &Document, text: &[u8], root: usize) -> Respelled {
        let mut respelled = Respelled::default();
        for (name, value) in document.members(root) {
            match field_named(document, text, name) {
                Some(Field::CustomData | Field::LinkIdentities) => {}
                Some(Field::Detail | Field::TechnicalInfo) => {
                    respelled.without_numbers(document, text, value);
                }
                _ => {
                    let nodes = name..document.node(value).after as usize;
                    respelled.without_escapes(document, text, nodes);
                }
            }
        }
        respelled
    }

    fn without_escapes(&mut self, document: &Document, text: &[u8], nodes: Range<usize>) {
        for node in nodes {
            if document.node(node).kind == NodeKind::Escaped
                && let Some(plain) = document.text(text, node)
            {
                self.texts.push((node, NodeKind::Text, plain.into_owned()));
            }
        }
    }

    /// A text with characters written as numbers; other escapes stay.
    fn without_numbers(&mut self, document: &Document, text: &[u8], node: usize) {
        let is_escaped = document.node(node).kind == NodeKind::Escaped;
        if is_escaped
            && memmem::find(document.inner(text, node), b"\\u").is_some()
            && let Some(plain) = document.text(text, node)
            && let Ok(quoted) = serde_json::to_string(&plain)
        {
            let usual = quoted[1..quoted.len() - 1].to_owned();
            self.texts.push((node, NodeKind::Escaped, usual));
        }
    }

    fn get(&self, node: usize) -> Option<(NodeKind, &[u8])> {
        let at = self.texts.binary_search_by_key(&node, |(node, ..)| *node);
        let (_, kind, text) = &self.texts[at.ok()?];
        Some((*kind, text.as_bytes()))
    }
}

fn field_named(document: &Document, text: &[u8], name: usize) -> Option<Field> {
    Word::find(document.text(text, name)?.as_bytes())?.field()
}

impl<'a> EventLog<'a> {
    /// The event log that an object is.
    pub fn exact(
        document: &'a Document,
        text: &'a [u8],
        root: usize,
        respelled: &'a Respelled,
    ) -> EventLog<'a> {
        let source = RecordTree {
            document,
            text,
            respelled,
        };
        let mut log = EventLog {
            is_whole: document.is_whole(),
            has_all_names: document.is_whole_in(root),
            ..EventLog::default()
        };
        for (name, value) in document.members(root) {
            let Some(field) = field_named(document, text, name) else {
                log.unknown.push(source.value(name));
                continue;
            };
            let slot = &mut log.values[field as usize];
            if slot.is_none() {
                *slot = Some(source.value(value));
                if field == Field::DataId && document.node(value).kind == NodeKind::Object {
                    log.reference = Some(source.reference(value));
                }
            }
        }
        log
    }
}

impl<'a> FieldValue<'a> {
    /// A value of a document, spelled as it is.
    pub fn of(document: &Document, text: &'a [u8], node: usize) -> FieldValue<'a> {
        let found = document.node(node);
        FieldValue {
            kind: found.kind,
            is_whole: document.is_whole_in(node),
            node: u32::try_from(node).unwrap_or(u32::MAX),
            bytes: match found.kind {
                NodeKind::Text | NodeKind::Escaped | NodeKind::Broken => found.inner(text),
                _ => &text[found.span()],
            },
        }
    }
}

/// A record's tree with its text.
#[derive(Clone, Copy)]
struct RecordTree<'a> {
    document: &'a Document,
    text: &'a [u8],
    respelled: &'a Respelled,
}

impl<'a> RecordTree<'a> {
    fn value(self, node: usize) -> FieldValue<'a> {
        let value = FieldValue::of(self.document, self.text, node);
        let (kind, bytes) = self
            .respelled
            .get(node)
            .unwrap_or((value.kind, value.bytes));
        FieldValue {
            kind,
            bytes,
            ..value
        }
    }

    /// The members of an object that are words, and not null; the first of each name.
    fn words(self, object: usize) -> impl Iterator<Item = (Word, usize)> {
        let known = move |(name, value)| {
            let is_null = self.document.node(value).kind == NodeKind::Null;
            let name = self.document.text(self.text, name)?;
            Some((Word::find(name.as_bytes())?, value)).filter(|_| !is_null)
        };
        self.document.members(object).filter_map(known)
    }

    fn reference(self, node: usize) -> Reference<'a> {
        let mut reference = Reference::of(self.value(node));
        for (word, value) in self.words(node) {
            let slot = match word {
                Word::KIND => &mut reference.kind,
                Word::SCHEMA_NAME => &mut reference.schema,
                Word::SHAPE_NAME => &mut reference.shape,
                Word::IRI => &mut reference.iri,
                Word::EXTERNAL_IDENTITIES => {
                    reference
                        .identities
                        .get_or_insert_with(|| self.identifiers(value));
                    continue;
                }
                Word::KEYS => {
                    reference
                        .keys
                        .get_or_insert_with(|| self.identifiers(value));
                    continue;
                }
                _ => continue,
            };
            slot.get_or_insert_with(|| self.value(value));
        }
        let names = self.document.members(node).map(|(name, _)| name);
        let unknown = names.filter(|name| {
            let name = self.document.text(self.text, *name);
            name.is_some_and(|name| !MEMBERS.contains(&&*name))
        });
        reference.unknown = unknown.map(|name| self.value(name)).collect();
        reference
    }

    fn identifiers(self, list: usize) -> Identifiers<'a> {
        let entry = |entry| {
            let mut identifier = Identifier {
                object: self.value(entry),
                integration_key: None,
                external_id: None,
            };
            for (word, value) in self.words(entry) {
                let slot = match word {
                    Word::INTEGRATION_KEY => &mut identifier.integration_key,
                    Word::EXTERNAL_ID => &mut identifier.external_id,
                    _ => continue,
                };
                slot.get_or_insert_with(|| self.value(value));
            }
            identifier
        };
        Identifiers {
            list: self.value(list),
            entries: self.document.elements(list).map(entry).collect(),
        }
    }
}
