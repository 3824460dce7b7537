//! JSON with positions: a flat tree of spans over the record's own bytes, and every fault of the
//! text by its kind.
//!
//! One pass of the reader serves valid and broken records alike; [`fast`] walks over what is
//! plainly valid without noting it. A valid one costs no allocation (the tree's
//! memory is reused from record to record); a broken one is read on as far as its meaning is clear,
//! so that a trailing comma does not hide a missing field. Values that were repaired in reading keep
//! their spans, hence a repair can be made byte by byte.

mod cursor;
pub mod fast;
mod lexical;
mod message;
mod names;
pub mod nesting;
mod reader;
mod strings;
pub mod structural;
#[cfg(test)]
mod tests;
mod unescape;

use std::borrow::Cow;
use std::ops::Range;
use structural::Structural;

pub use lexical::{BOM, is_whitespace};
pub use unescape::{lossy, unescaped};

/// The deepest nesting that is accepted.
pub const MAX_DEPTH: usize = 64;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
    /// A number.
    Number,
    /// Text without escapes: its span, without the quotes, is the text.
    Text,
    /// Text with escapes.
    Escaped,
    /// An object; its members follow as name and value in turn.
    Object,
    /// An array; its elements follow.
    Array,
    /// Something that is not a JSON value; a fault says what.
    Broken,
}

/// One value, or one member name.
#[derive(Clone, Copy, Debug)]
pub struct JsonNode {
    /// What it is.
    pub kind: NodeKind,
    /// Where it begins, quotes and brackets included.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The node behind it and everything in it.
    pub after: u32,
}

impl JsonNode {
    /// Where it is in the text.
    #[inline]
    pub fn span(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes of a string between its quotes, escapes and all.
    #[inline]
    pub fn inner(self, text: &[u8]) -> &[u8] {
        match &text[self.span()] {
            [b'"', inner @ .., b'"'] => inner,
            odd => odd_inner(odd),
        }
    }
}

/// The same of a string that is cut off, or in single quotes, or in none.
#[cold]
fn odd_inner(string: &[u8]) -> &[u8] {
    match string {
        [b'\'', inner @ .., b'\''] | [b'"' | b'\'', inner @ ..] => inner,
        bare => bare,
    }
}

/// What is wrong with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// A comma with nothing behind it.
    TrailingComma,
    /// A line break inside a string.
    RawLineBreak,
    /// Another control character inside a string.
    RawControl(u8),
    /// Text in single quotes.
    SingleQuotes,
    /// A comment.
    Comment,
    /// A word such as NaN, Infinity, undefined or True.
    Word,
    /// A member name without quotes.
    BareName,
    /// A number that JSON does not allow.
    Number,
    /// A `\` escape that does not exist.
    Escape,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// A byte-order mark inside the source.
    InnerMark,
    /// A blank between tokens that JSON does not count as one, such as a no-break space.
    OddBlank(char),
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// No comma between two members or elements.
    MissingComma,
    /// No colon behind a member name.
    MissingColon,
    /// The text ends before the value does.
    CutOff,
    /// An unexpected byte.
    Unexpected(u8),
    /// Something behind the value.
    Behind,
    /// Not JSON at all but a page.
    Html,
    /// Not text at all but compressed.
    Gzip,
    /// UTF-16 or UTF-32.
    Wide,
    /// A member name that the object already has.
    Duplicate,
    /// Deeper nesting than is accepted.
    TooDeep,
}

/// A fault of the text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A record, read. Reused from record to record.
#[derive(Debug, Default)]
pub struct Document {
    nodes: Vec<JsonNode>,
    structural: Structural,
    faults: Vec<SyntaxError>,
    whole: bool,
}

impl Document {
    /// Reads a text, forgetting the one before.
    pub fn read(&mut self, text: &[u8]) {
        self.nodes.clear();
        self.faults.clear();
        self.whole = false;
        if let Some(cause) = foreign(text) {
            self.fault(cause, 0, text.len().min(1));
            return;
        }
        let mut structural = std::mem::take(&mut self.structural);
        structural.index(text);
        if !structural.is_ascii
            && let Err(error) = std::str::from_utf8(text)
        {
            let start = error.valid_up_to();
            let length = error.error_len().unwrap_or(text.len() - start);
            self.fault(SyntaxErrorKind::NotUtf8, start, start + length);
        }
        let marks = structural.no_controls.then_some(structural.marks());
        self.whole = reader::record(text, marks, self);
        self.structural = structural;
        self.faults.sort_by_key(|fault| fault.start);
    }

    fn fault(&mut self, kind: SyntaxErrorKind, start: usize, end: usize) {
        self.faults.push(SyntaxError { kind, start, end });
    }

    /// Makes every string with a fault in it a broken value: its text is not what was meant.
    pub fn break_damaged(&mut self) {
        let is_of_text = |fault: &&SyntaxError| {
            matches!(
                fault.kind,
                SyntaxErrorKind::RawLineBreak
                    | SyntaxErrorKind::RawControl(_)
                    | SyntaxErrorKind::Escape
                    | SyntaxErrorKind::LoneSurrogate
                    | SyntaxErrorKind::NotUtf8
            )
        };
        let mut faults = self.faults.iter().filter(is_of_text).peekable();
        for node in &mut self.nodes {
            let is_before = |fault: &&SyntaxError| fault.start < node.start as usize;
            while faults.next_if(is_before).is_some() {}
            let Some(fault) = faults.peek() else { break };
            if matches!(node.kind, NodeKind::Text | NodeKind::Escaped)
                && fault.start < node.end as usize
            {
                node.kind = NodeKind::Broken;
            }
        }
    }

    /// Whether what an object lacks is really absent: the text was read to its end, and each
    /// name in the object can be read.
    pub fn is_whole_in(&self, object: usize) -> bool {
        let mut members = self.members(object);
        self.whole && members.all(|(name, _)| self.nodes[name].kind != NodeKind::Broken)
    }

    /// What is wrong with the text, in order.
    pub fn faults(&self) -> &[SyntaxError] {
        &self.faults
    }

    /// Whether the text was read to its end, so that what is absent really is absent.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The outermost value.
    pub fn root(&self) -> Option<usize> {
        (!self.nodes.is_empty()).then_some(0)
    }

    /// A node.
    pub fn node(&self, at: usize) -> JsonNode {
        self.nodes[at]
    }

    /// The members of an object, as name and value; nothing for any other value.
    pub fn members(&self, object: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let node = self.nodes[object];
        let end = if node.kind == NodeKind::Object {
            node.after as usize
        } else {
            0
        };
        let mut at = object + 1;
        std::iter::from_fn(move || {
            let value = at + 1;
            if value >= end {
                return None;
            }
            let pair = (at, value);
            at = self.nodes[value].after as usize;
            Some(pair)
        })
    }

    /// The elements of an array; nothing for any other value.
    pub fn elements(&self, array: usize) -> impl Iterator<Item = usize> + '_ {
        let node = self.nodes[array];
        let end = if node.kind == NodeKind::Array {
            node.after as usize
        } else {
            0
        };
        let mut at = array + 1;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let element = at;
            at = self.nodes[element].after as usize;
            Some(element)
        })
    }

    /// The value of a member, the first of that name.
    pub fn get(&self, text: &[u8], object: usize, name: &str) -> Option<usize> {
        self.members(object)
            .find(|(key, _)| self.is_text(text, *key, name))
            .map(|(_, value)| value)
    }

    /// Whether a node is this text.
    pub fn is_text(&self, text: &[u8], at: usize, wanted: &str) -> bool {
        match self.nodes[at].kind {
            NodeKind::Text => self.inner(text, at) == wanted.as_bytes(),
            NodeKind::Escaped => self.text(text, at).as_deref() == Some(wanted),
            _ => false,
        }
    }

    /// The bytes of a string between its quotes, escapes and all.
    #[inline]
    pub fn inner<'t>(&self, text: &'t [u8], at: usize) -> &'t [u8] {
        self.nodes[at].inner(text)
    }

    /// The decoded text of a string; `None` for any other value.
    pub fn text<'t>(&self, text: &'t [u8], at: usize) -> Option<Cow<'t, str>> {
        match self.nodes[at].kind {
            NodeKind::Text => Some(lossy(self.inner(text, at))),
            NodeKind::Escaped => Some(unescaped(self.inner(text, at))),
            _ => None,
        }
    }

    /// The RFC 6901 pointer to the innermost value that holds a place in the text, or to one
    /// around it if the pointer would grow too long. The way there is sought from where the one
    /// before ended: places mostly come in order.
    pub fn pointer_to(&self, text: &[u8], place: usize, way: &mut Way) -> String {
        let mut pointer = String::new();
        let holds = |node: JsonNode| node.span().contains(&place);
        let mut parent = self.root();
        let mut depth = 0;
        while let Some(at) = parent {
            let begun = way.0.get(depth).copied();
            let Some(child) = self.last_child(at, place, begun) else {
                way.0.truncate(depth);
                break;
            };
            if begun != Some(child) {
                way.0.truncate(depth);
                way.0.push(child);
            }
            let (name, value) = (self.nodes[child.node], self.nodes[child.value]);
            if !holds(name) && !holds(value) {
                break;
            }
            if child.node == child.value {
                pointer.push('/');
                pointer.push_str(&child.number.to_string());
            } else {
                if pointer.len() + name.inner(text).len() > LONGEST_POINTER {
                    break;
                }
                pointer.push('/');
                let name = self.text(text, child.node).unwrap_or_default();
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            parent = Some(child.value);
            depth += 1;
        }
        pointer
    }

    /// The last child of a value that does not begin behind a place.
    fn last_child(&self, parent: usize, place: usize, begun: Option<PathStep>) -> Option<PathStep> {
        let node = self.nodes[parent];
        let named = usize::from(node.kind == NodeKind::Object);
        if !matches!(node.kind, NodeKind::Object | NodeKind::Array) {
            return None;
        }
        let is_before = |child: &PathStep| {
            let exists = child.value < node.after as usize;
            exists && self.nodes[child.node].start as usize <= place
        };
        let first = PathStep {
            node: parent + 1,
            value: parent + 1 + named,
            number: 0,
        };
        let first = begun.filter(is_before).or(Some(first).filter(is_before));
        std::iter::successors(first, |child| {
            let next = self.nodes[child.value].after as usize;
            let next = PathStep {
                node: next,
                value: next + named,
                number: child.number + 1,
            };
            is_before(&next).then_some(next)
        })
        .last()
    }
}

/// A longer pointer is of no use to anybody.
const LONGEST_POINTER: usize = 4096;

/// The way to a place in a document, from the root.
#[derive(Clone, Debug, Default)]
pub struct Way(Vec<PathStep>);

/// A member or an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PathStep {
    /// A member's name; an element itself.
    node: usize,
    value: usize,
    /// Which one it is, from 0.
    number: usize,
}

/// What a text is that is not JSON at all.
pub fn foreign(text: &[u8]) -> Option<SyntaxErrorKind> {
    match text {
        [0x1F, 0x8B, ..] => Some(SyntaxErrorKind::Gzip),
        // With a mark, or without one: then every other byte of plain text is zero.
        [0xFF, 0xFE, ..]
        | [0xFE, 0xFF, ..]
        | [0, 0, 0xFE, 0xFF, ..]
        | [0, 1..=255, 0, 1..=255, ..]
        | [1..=255, 0, 1..=255, 0, ..] => Some(SyntaxErrorKind::Wide),
        [b'<', ..] => Some(SyntaxErrorKind::Html),
        _ => None,
    }
}

/// Records are far below four gigabytes: the framer's limit is a few megabytes at most.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
