//! A record under inspection: its text, its tree, and the findings so far.

use super::finding::Finding;
use super::rule::{Levels, Rule};
use crate::model::vocabulary::Word;
use crate::wire::json::{Document, Kind, Node};
use crate::wire::records::Record;
use std::borrow::Cow;

/// Where in a record something was found.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// The whole record.
    Record,
    /// A value.
    Value(usize),
    /// Bytes of the text.
    Span(usize, usize),
}

/// A record under inspection.
pub struct Subject<'a> {
    /// The record.
    pub record: Record<'a>,
    /// Its tree.
    pub document: &'a Document,
    /// The level of each rule.
    pub levels: &'a Levels,
    /// What was found so far.
    pub findings: &'a mut Vec<Finding>,
}

impl<'a> Subject<'a> {
    /// The record's bytes.
    pub fn text(&self) -> &'a [u8] {
        self.record.bytes
    }

    /// A node of the tree.
    pub fn node(&self, at: usize) -> Node {
        self.document.node(at)
    }

    /// The text a string value stands for.
    pub fn string(&self, at: usize) -> Option<Cow<'a, str>> {
        self.document.text(self.text(), at)
    }

    /// The bytes of a text value; of one with escapes, what they stand for.
    pub fn bytes(&self, at: usize) -> Option<Cow<'a, [u8]>> {
        match self.node(at).kind {
            Kind::Text => Some(Cow::Borrowed(self.document.inner(self.text(), at))),
            Kind::Escaped => Some(match self.string(at)? {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            }),
            _ => None,
        }
    }

    /// A member's value, unless it is absent or null.
    pub fn get(&self, object: usize, name: &str) -> Option<usize> {
        self.document
            .get(self.text(), object, name)
            .filter(|value| self.node(*value).kind != Kind::Null)
    }

    /// The value of a member whose name is a word, unless it is absent or null.
    pub fn member(&self, object: usize, word: Word) -> Option<usize> {
        self.document
            .member(self.text(), object, word)
            .filter(|value| self.node(*value).kind != Kind::Null)
    }

    /// Whether a rule is on.
    pub fn wants(&self, rule: Rule) -> bool {
        self.levels.of(rule).is_some()
    }

    /// Notes a finding, with the rule's own help.
    pub fn report(&mut self, rule: Rule, place: Place, message: impl Into<String>) {
        self.report_with(rule, place, message, rule.description().help);
    }

    /// Notes a finding.
    pub fn report_with(
        &mut self,
        rule: Rule,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let Some(level) = self.levels.of(rule) else {
            return;
        };
        let (start, end) = match place {
            Place::Record => (0, 0),
            Place::Value(at) => (self.node(at).start as usize, self.node(at).end as usize),
            Place::Span(start, end) => (start, end),
        };
        let pointer = match place {
            Place::Record => String::new(),
            Place::Value(_) | Place::Span(..) => self.document.pointer_to(self.text(), start),
        };
        let (line, column) = position(&self.record, start);
        self.findings.push(Finding {
            rule,
            level,
            pointer,
            line,
            column,
            offset: start,
            length: end - start,
            message: message.into(),
            help: help.into(),
            journey: None,
        });
    }
}

/// Line and column in the source of a place in a record.
pub fn position(record: &Record<'_>, place: usize) -> (u64, u64) {
    let before = &record.bytes[..place.min(record.bytes.len())];
    let chars = |bytes: &[u8]| bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count() as u64;
    match memchr::memrchr(b'\n', before) {
        Some(at) => {
            let breaks = memchr::memchr_iter(b'\n', before).count() as u64;
            (record.line + breaks, chars(&before[at + 1..]) + 1)
        }
        None => (record.line, record.column + chars(before)),
    }
}
