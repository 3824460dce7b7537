//! JSON with positions: a flat tree of spans over the record's own bytes, and every fault of the
//! text by its cause.
//!
//! One pass serves sound and broken records alike. A sound one costs no allocation (the tree's
//! memory is kept from record to record); a broken one is read on as far as its meaning is clear,
//! so that a trailing comma does not hide a missing field. Values that were mended in reading keep
//! their spans, hence a repair can be made byte by byte.

use super::scan::plain_length;
use std::borrow::Cow;
use std::collections::HashSet;

/// The deepest nesting that is accepted.
pub const MAX_DEPTH: usize = 64;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
    /// Something that is no JSON value; a fault says what.
    Broken,
}

/// One value, or one member name.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it begins, quotes and brackets included.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The node behind it and everything in it.
    pub after: u32,
}

/// What is wrong with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
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
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// No comma between two members or elements.
    MissingComma,
    /// No colon behind a member name.
    MissingColon,
    /// The text ends before the value does.
    CutOff,
    /// A byte that can't stand here.
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
pub struct Fault {
    /// What is wrong.
    pub cause: Cause,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The reading stops here; a fault has been noted.
struct Stopped;

type Step = Result<(), Stopped>;

/// A record, read. Reused from record to record.
#[derive(Debug, Default)]
pub struct Document {
    nodes: Vec<Node>,
    faults: Vec<Fault>,
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
        if let Err(error) = std::str::from_utf8(text) {
            let start = error.valid_up_to();
            let length = error.error_len().unwrap_or(text.len() - start);
            self.fault(Cause::NotUtf8, start, start + length);
        }
        let mut reader = Reader {
            text,
            at: 0,
            depth: 0,
            document: self,
        };
        let read = reader.record();
        self.whole = read.is_ok();
        self.faults.sort_by_key(|fault| fault.start);
    }

    fn fault(&mut self, cause: Cause, start: usize, end: usize) {
        self.faults.push(Fault { cause, start, end });
    }

    /// What is wrong with the text, in order.
    pub fn faults(&self) -> &[Fault] {
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
    pub fn node(&self, at: usize) -> Node {
        self.nodes[at]
    }

    /// The members of an object, as name and value; nothing for any other value.
    pub fn members(&self, object: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let node = self.nodes[object];
        let end = if node.kind == Kind::Object {
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
        let end = if node.kind == Kind::Array {
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
            Kind::Text => self.inner(text, at) == wanted.as_bytes(),
            Kind::Escaped => self.text(text, at).as_deref() == Some(wanted),
            _ => false,
        }
    }

    /// The bytes of a string between its quotes, escapes and all.
    pub fn inner<'t>(&self, text: &'t [u8], at: usize) -> &'t [u8] {
        let node = self.nodes[at];
        let (start, end) = (node.start as usize, node.end as usize);
        if matches!(node.kind, Kind::Text | Kind::Escaped) && text[start] == b'"' {
            return &text[start + 1..end - 1];
        }
        match text.get(start) {
            Some(quote @ (b'"' | b'\'')) => {
                let closed = end > start + 1 && text[end - 1] == *quote;
                &text[start + 1..if closed { end - 1 } else { end }]
            }
            _ => &text[start..end],
        }
    }

    /// The text a string stands for; `None` for any other value.
    pub fn text<'t>(&self, text: &'t [u8], at: usize) -> Option<Cow<'t, str>> {
        let inner = match self.nodes[at].kind {
            Kind::Text => return Some(lossy(self.inner(text, at))),
            Kind::Escaped => lossy(self.inner(text, at)),
            _ => return None,
        };
        Some(Cow::Owned(unescape(&inner)))
    }

    /// The RFC 6901 pointer to the innermost value that holds a place in the text.
    pub fn pointer_to(&self, text: &[u8], place: usize) -> String {
        let mut pointer = String::new();
        let Some(mut at) = self.root() else {
            return pointer;
        };
        let holds = |node: Node| (node.start as usize..node.end as usize).contains(&place);
        loop {
            if let Some((name, value)) = self
                .members(at)
                .find(|(name, value)| holds(self.nodes[*name]) || holds(self.nodes[*value]))
            {
                pointer.push('/');
                let name = self.text(text, name).unwrap_or_default();
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                at = value;
            } else if let Some((index, element)) = self
                .elements(at)
                .enumerate()
                .find(|(_, element)| holds(self.nodes[*element]))
            {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                at = element;
            } else {
                return pointer;
            }
        }
    }
}

/// Text from bytes; the usual case is sound and is told so faster than by the lossy way.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Resolves the escapes of a string; one that is broken stays as it is.
fn unescape(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else {
            text.push('\\');
            break;
        };
        rest = &rest[escape.len_utf8()..];
        match escape {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'u' => {
                let (c, length) = unicode(rest);
                text.push(c);
                rest = &rest[length..];
            }
            other => text.push(other),
        }
    }
    text.push_str(rest);
    text
}

/// The character behind `\u`, and how many bytes it took.
fn unicode(rest: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 4)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let Some(high) = unit(0) else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    if !(0xD800..0xE000).contains(&high) {
        return (
            char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
            4,
        );
    }
    let low = rest
        .get(4..6)
        .filter(|mark| *mark == "\\u")
        .and_then(|_| unit(6));
    match low {
        Some(low @ 0xDC00..0xE000) if high < 0xDC00 => {
            let joined = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            (
                char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER),
                10,
            )
        }
        _ => (char::REPLACEMENT_CHARACTER, 4),
    }
}

/// What a text is that is not JSON at all.
pub fn foreign(text: &[u8]) -> Option<Cause> {
    match text {
        [0x1F, 0x8B, ..] => Some(Cause::Gzip),
        // With a mark, or without one: then every other byte of plain text is zero.
        [0xFF, 0xFE, ..]
        | [0xFE, 0xFF, ..]
        | [0, 0, 0xFE, 0xFF, ..]
        | [0, 1..=255, 0, 1..=255, ..]
        | [1..=255, 0, 1..=255, 0, ..] => Some(Cause::Wide),
        [b'<', ..] => Some(Cause::Html),
        _ => None,
    }
}

struct Reader<'t, 'd> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    document: &'d mut Document,
}

impl Reader<'_, '_> {
    fn record(&mut self) -> Step {
        self.blanks();
        self.value()?;
        self.blanks();
        if self.at < self.text.len() {
            let cause = if self.rest() == b"," {
                Cause::TrailingComma
            } else {
                Cause::Behind
            };
            self.document.fault(cause, self.at, self.text.len());
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn stop(&mut self, cause: Cause) -> Step {
        let end = (self.at + 1).min(self.text.len());
        let start = self.at.min(end);
        self.document.fault(cause, start, end);
        Err(Stopped)
    }

    /// The byte that stands where something else should, or the end.
    fn unexpected(&mut self) -> Step {
        match self.peek() {
            Some(byte) => self.stop(Cause::Unexpected(byte)),
            None => self.stop(Cause::CutOff),
        }
    }

    fn blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                b'/' if matches!(self.text.get(self.at + 1), Some(b'/' | b'*')) => self.comment(),
                b'#' => self.comment(),
                0xEF if self.rest().starts_with(b"\xEF\xBB\xBF") => {
                    let end = self.at + 3;
                    self.document.fault(Cause::InnerMark, self.at, end);
                    self.at = end;
                }
                _ => break,
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        let length = if self.rest().starts_with(b"/*") {
            memchr::memmem::find(&self.text[start + 2..], b"*/").map(|at| at + 4)
        } else {
            memchr::memchr(b'\n', self.rest())
        };
        self.at = length.map_or(self.text.len(), |length| start + length);
        self.document.fault(Cause::Comment, start, self.at);
    }

    fn open(&mut self, kind: Kind) -> usize {
        let start = self.at;
        self.document.nodes.push(Node {
            kind,
            start: offset(start),
            end: offset(start),
            after: 0,
        });
        self.document.nodes.len() - 1
    }

    fn close(&mut self, node: usize) {
        let after = offset(self.document.nodes.len());
        let node = &mut self.document.nodes[node];
        node.end = offset(self.at);
        node.after = after;
    }

    fn value(&mut self) -> Step {
        match self.peek() {
            Some(b'"') => self.string(b'"'),
            Some(b'{') => self.nested(Kind::Object),
            Some(b'[') => self.nested(Kind::Array),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
                self.number();
                Ok(())
            }
            Some(b'\'') => {
                let start = self.at;
                let read = self.string(b'\'');
                self.document.fault(Cause::SingleQuotes, start, self.at);
                read
            }
            Some(byte) if is_word(byte) => {
                self.word();
                Ok(())
            }
            _ => self.unexpected(),
        }
    }

    fn nested(&mut self, kind: Kind) -> Step {
        let node = self.open(kind);
        if self.depth == MAX_DEPTH {
            self.document.fault(Cause::TooDeep, self.at, self.at + 1);
            let closed = self.skip_nested();
            self.document.nodes[node].kind = Kind::Broken;
            self.close(node);
            return closed;
        }
        self.depth += 1;
        self.at += 1;
        let read = if kind == Kind::Object {
            self.members(node)
        } else {
            self.elements()
        };
        self.depth -= 1;
        // Closed even when the reading stopped, so that every node has an end.
        self.close(node);
        read
    }

    /// Passes over a value without looking into it.
    fn skip_nested(&mut self) -> Step {
        let mut scan = super::scan::Scan::default();
        if let Some(super::scan::Met::Closed(taken)) = scan.run(self.rest(), false, 0) {
            self.at += taken;
            return Ok(());
        }
        self.at = self.text.len();
        self.stop(Cause::CutOff)
    }

    fn members(&mut self, object: usize) -> Step {
        let mut names = Names::default();
        let mut comma = None;
        loop {
            self.blanks();
            match self.peek() {
                Some(b'}') => break,
                Some(b',') => {
                    self.document
                        .fault(Cause::Unexpected(b','), self.at, self.at + 1);
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            comma = None;
            let name = self.document.nodes.len();
            self.name()?;
            names.note(self.document, self.text, object, name);
            self.blanks();
            if self.peek() == Some(b':') {
                self.at += 1;
                self.blanks();
            } else if self
                .peek()
                .is_some_and(|byte| byte == b'"' || byte == b'{' || byte == b'[')
            {
                self.document
                    .fault(Cause::MissingColon, self.at, self.at + 1);
            } else {
                self.give_value(name);
                return if self.peek() == Some(b'=') {
                    self.stop(Cause::MissingColon)
                } else {
                    self.unexpected()
                };
            }
            let read = self.value();
            self.give_value(name);
            read?;
            self.blanks();
            match self.peek() {
                Some(b',') => {
                    comma = Some(self.at);
                    self.at += 1;
                }
                Some(b'}') => break,
                Some(byte) if byte == b'"' || is_word(byte) => {
                    self.document
                        .fault(Cause::MissingComma, self.at, self.at + 1);
                }
                _ => return self.unexpected(),
            }
        }
        self.end_of_list(comma);
        names.finish(self.document, self.text, object);
        Ok(())
    }

    /// A name always has a value, be it a broken one, so that names and values stay in turn.
    fn give_value(&mut self, name: usize) {
        if self.document.nodes.len() == name + 1 {
            let node = self.open(Kind::Broken);
            self.close(node);
        }
    }

    fn elements(&mut self) -> Step {
        let mut comma = None;
        loop {
            self.blanks();
            match self.peek() {
                Some(b']') => break,
                Some(b',') => {
                    self.document
                        .fault(Cause::Unexpected(b','), self.at, self.at + 1);
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            self.value()?;
            comma = None;
            self.blanks();
            match self.peek() {
                Some(b',') => {
                    comma = Some(self.at);
                    self.at += 1;
                }
                Some(b']') => break,
                Some(b'"' | b'{' | b'[' | b'0'..=b'9') => {
                    self.document
                        .fault(Cause::MissingComma, self.at, self.at + 1);
                }
                _ => return self.unexpected(),
            }
        }
        self.end_of_list(comma);
        Ok(())
    }

    fn end_of_list(&mut self, comma: Option<usize>) {
        if let Some(comma) = comma {
            self.document.fault(Cause::TrailingComma, comma, comma + 1);
        }
        self.at += 1;
    }

    fn name(&mut self) -> Step {
        match self.peek() {
            Some(b'"') => self.string(b'"'),
            Some(b'\'') => {
                let start = self.at;
                let read = self.string(b'\'');
                self.document.fault(Cause::SingleQuotes, start, self.at);
                read
            }
            Some(byte) if is_word(byte) => {
                let node = self.open(Kind::Text);
                let length = self.rest().iter().take_while(|b| is_word(**b)).count();
                let start = self.at;
                self.at += length;
                self.document.fault(Cause::BareName, start, self.at);
                self.close(node);
                Ok(())
            }
            _ => self.unexpected(),
        }
    }

    fn string(&mut self, quote: u8) -> Step {
        let node = self.open(Kind::Text);
        self.at += 1;
        let read = self.string_rest(node, quote);
        if read.is_err() {
            // What was cut off says nothing about what was meant.
            self.document.nodes[node].kind = Kind::Broken;
        }
        self.close(node);
        read
    }

    fn string_rest(&mut self, node: usize, quote: u8) -> Step {
        loop {
            self.at += if quote == b'"' {
                plain_length(self.rest())
            } else {
                let special = |b: &u8| !matches!(*b, b'\'' | b'\\' | 0..0x20);
                self.rest().iter().take_while(|byte| special(byte)).count()
            };
            match self.peek() {
                None => return self.stop(Cause::CutOff),
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'"') => self.at += 1,
                Some(b'\\') => {
                    self.document.nodes[node].kind = Kind::Escaped;
                    self.escape();
                }
                Some(b'\r') if self.text.get(self.at + 1) == Some(&b'\n') => {
                    self.document
                        .fault(Cause::RawLineBreak, self.at, self.at + 2);
                    self.at += 2;
                }
                Some(byte) => {
                    let cause = match byte {
                        b'\n' => Cause::RawLineBreak,
                        _ => Cause::RawControl(byte),
                    };
                    self.document.fault(cause, self.at, self.at + 1);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self) {
        let start = self.at;
        match self.text.get(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => self.unicode_escape(),
            // A line break behind a backslash is reported as a line break.
            Some(b'\n' | b'\r') | None => {
                self.at += 1;
                self.document.fault(Cause::Escape, start, self.at);
            }
            Some(_) => {
                self.at += 2;
                self.document.fault(Cause::Escape, start, self.at);
            }
        }
    }

    fn unicode_escape(&mut self) {
        let start = self.at;
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 6)?.strip_prefix(b"\\u")?;
            digits.iter().try_fold(0, |sum, digit| {
                Some(sum << 4 | char::from(*digit).to_digit(16)?)
            })
        };
        let (cause, length) = match unit(start) {
            None => (Some(Cause::Escape), 2),
            Some(0xD800..0xDC00) => match unit(start + 6) {
                Some(0xDC00..0xE000) => (None, 12),
                _ => (Some(Cause::LoneSurrogate), 6),
            },
            Some(0xDC00..0xE000) => (Some(Cause::LoneSurrogate), 6),
            Some(_) => (None, 6),
        };
        self.at += length;
        if let Some(cause) = cause {
            self.document.fault(cause, start, self.at);
        }
    }

    fn number(&mut self) {
        let node = self.open(Kind::Number);
        let start = self.at;
        let length = self
            .rest()
            .iter()
            .take_while(|byte| matches!(**byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z'))
            .count();
        self.at += length;
        let number = &self.text[start..self.at];
        if !is_number(number) {
            let word = number
                .iter()
                .any(|byte| matches!(byte, b'I' | b'N' | b'i' | b'n'));
            let cause = if word { Cause::Word } else { Cause::Number };
            self.document.fault(cause, start, start + length);
            self.document.nodes[node].kind = Kind::Broken;
        }
        self.close(node);
    }

    fn word(&mut self) {
        let node = self.open(Kind::Broken);
        let start = self.at;
        let length = self
            .rest()
            .iter()
            .take_while(|byte| is_word(**byte))
            .count();
        self.at += length;
        let kind = match &self.text[start..self.at] {
            b"true" => Kind::True,
            b"false" => Kind::False,
            b"null" => Kind::Null,
            _ => {
                self.document.fault(Cause::Word, start, start + length);
                Kind::Broken
            }
        };
        self.document.nodes[node].kind = kind;
        self.close(node);
    }
}

/// Records are far below four gigabytes: the framer's limit is a few megabytes at most.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// JSON's grammar of numbers.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', digits @ ..] => digits,
            _ => exponent,
        };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

/// A number that few names of one object share: length, first, middle and last byte, mixed.
fn fingerprint(name: &[u8]) -> usize {
    let byte = |at: usize| name.get(at).copied().map_or(0, u32::from);
    let last = byte(name.len().wrapping_sub(1));
    let length = u32::try_from(name.len()).unwrap_or(0);
    let mixed = byte(0) | last << 8 | byte(name.len() / 2) << 16 | length << 24;
    (mixed.wrapping_mul(0x9E37_79B1) >> 24) as usize
}

/// Finds names that stand twice. A small filter passes over the usual case; objects with
/// many members, or with escaped names, are compared by a set at their end.
#[derive(Default)]
struct Names {
    filter: [u64; 4],
    count: usize,
    deferred: bool,
}

impl Names {
    const MANY: usize = 48;

    fn note(&mut self, document: &mut Document, text: &[u8], object: usize, name: usize) {
        self.count += 1;
        self.deferred |= self.count > Self::MANY || document.nodes[name].kind == Kind::Escaped;
        if self.deferred {
            return;
        }
        let inner = document.inner(text, name);
        let print = fingerprint(inner);
        let (word, mask) = (&mut self.filter[print / 64], 1_u64 << (print % 64));
        if *word & mask == 0 {
            *word |= mask;
            return;
        }
        // The object is still open, so its members are walked by their own ends.
        let mut at = object + 1;
        while at < name {
            if document.inner(text, at) == inner {
                let node = document.nodes[name];
                document.fault(Cause::Duplicate, node.start as usize, node.end as usize);
                return;
            }
            at = document.nodes[at + 1].after as usize;
        }
    }

    /// Compares all names at once, where that was put off. What the filter found before is found
    /// again, so its faults are dropped first.
    fn finish(&self, document: &mut Document, text: &[u8], object: usize) {
        if !self.deferred {
            return;
        }
        document.nodes[object].after = offset(document.nodes.len());
        let span = document.nodes[object].start as usize;
        let mut seen = HashSet::new();
        let mut twice = Vec::new();
        let mut names = Vec::new();
        for (name, _) in document.members(object) {
            let node = document.nodes[name];
            names.push(node.start as usize);
            if !seen.insert(document.text(text, name).unwrap_or_default()) {
                twice.push((node.start as usize, node.end as usize));
            }
        }
        document.faults.retain(|fault| {
            fault.cause != Cause::Duplicate
                || fault.start < span
                || names.binary_search(&fault.start).is_err()
        });
        for (start, end) in twice {
            document.fault(Cause::Duplicate, start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn causes(text: &str) -> Vec<(Cause, usize)> {
        causes_of(text.as_bytes())
    }

    fn causes_of(text: &[u8]) -> Vec<(Cause, usize)> {
        let mut document = Document::default();
        document.read(text);
        document
            .faults()
            .iter()
            .map(|fault| (fault.cause, fault.start))
            .collect()
    }

    #[test]
    fn the_usual_mistakes_are_named_where_they_are() {
        use Cause::*;
        for (text, expected) in [
            ("{\"a\":1,}", vec![(TrailingComma, 6)]),
            (
                "{\"a\":[1,],}",
                vec![(TrailingComma, 7), (TrailingComma, 9)],
            ),
            ("{\"a\":\"x\ny\"}", vec![(RawLineBreak, 7)]),
            ("{\"a\":\"x\ty\"}", vec![(RawControl(9), 7)]),
            ("{'a':'b'}", vec![(SingleQuotes, 1), (SingleQuotes, 5)]),
            ("{a:1}", vec![(BareName, 1)]),
            ("{\"a\":NaN}", vec![(Word, 5)]),
            ("{\"a\":-Infinity}", vec![(Word, 5)]),
            (
                "{\"a\":01,\"b\":.5,\"c\":1.,\"d\":+1}",
                vec![(Number, 5), (Number, 12), (Number, 19), (Number, 26)],
            ),
            ("{\"a\":1 // x\n}", vec![(Comment, 7)]),
            ("{\"a\":1 \"b\":2}", vec![(MissingComma, 7)]),
            ("{\"a\" \"b\"}", vec![(MissingColon, 5)]),
            ("{\"a\":\"\\x\"}", vec![(Escape, 6)]),
            ("{\"a\":\"\\ud800x\"}", vec![(LoneSurrogate, 6)]),
            (
                "{\"a\":\"\\udc00\\ud800\"}",
                vec![(LoneSurrogate, 6), (LoneSurrogate, 12)],
            ),
            ("{\"a\":1", vec![(CutOff, 6)]),
            ("{\"a\":\"b", vec![(CutOff, 7)]),
            ("{\"a\":", vec![(CutOff, 5)]),
            ("{\"a\":1}}", vec![(Behind, 7)]),
            ("{\"a\":1},", vec![(TrailingComma, 7)]),
            ("{\"a\":1;}", vec![(Unexpected(b';'), 6)]),
            ("<html>", vec![(Html, 0)]),
            ("\u{feff}{}", vec![(InnerMark, 0)]),
            ("{\"a\":1,\"a\":2}", vec![(Duplicate, 7)]),
            ("{\"a\":1,\"\\u0061\":2}", vec![(Duplicate, 7)]),
            ("{\"a\":{\"b\":1},\"b\":1,\"a\":2}", vec![(Duplicate, 19)]),
        ] {
            assert_eq!(causes(text), expected, "{text}");
        }
        assert_eq!(causes_of(b"{\"a\":\"\xff\"}"), [(NotUtf8, 6)]);
        assert_eq!(causes_of(b"\x1f\x8b\x08"), [(Gzip, 0)]);
        assert_eq!(causes_of(b"{\0\"\0"), [(Wide, 0)]);
        assert_eq!(causes_of(b"{\0\"a\":1}"), [(Unexpected(0), 1)]);
        assert_eq!(
            causes("{\u{feff}\"a\":\u{feff}1}"),
            [(InnerMark, 1), (InnerMark, 8)]
        );
    }

    #[test]
    fn many_members_are_compared_too() {
        let mut members: Vec<_> = (0..500).map(|n| format!("\"n{n}\":{n}")).collect();
        members.push("\"n7\":1".to_owned());
        let text = format!("{{\"o\":{{{}}}}}", members.join(","));
        assert_eq!(causes(&text).len(), 1);
        assert_eq!(causes(&text)[0].0, Cause::Duplicate);
    }

    #[test]
    fn sixty_four_levels_are_accepted_and_one_more_is_not() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(causes(&nested(64)), []);
        assert_eq!(causes(&nested(65)), [(Cause::TooDeep, 64)]);
        assert_eq!(
            causes(&"[".repeat(1_000_000)),
            [(Cause::TooDeep, 64), (Cause::CutOff, 1_000_000)]
        );
    }

    #[test]
    fn values_are_found_and_pointed_to() {
        let text = br#"{"a":{"x/y":[1,{"~":"\ud83d\ude00 z"}]},"b":null}"#;
        let mut document = Document::default();
        document.read(text);
        let at = document.get(text, 0, "a").unwrap();
        let list = document.get(text, at, "x/y").unwrap();
        let inmost = document.elements(list).last().unwrap();
        let (_, value) = document.members(inmost).next().unwrap();
        assert_eq!(document.text(text, value).as_deref(), Some("\u{1f600} z"));
        let place = document.node(value).start as usize;
        assert_eq!(document.pointer_to(text, place), "/a/x~1y/1/~0");
        let b = document.get(text, 0, "b").unwrap();
        assert_eq!(document.node(b).kind, Kind::Null);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::hash_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn rebuilt(document: &Document, text: &[u8], at: usize) -> serde_json::Value {
        let node = document.node(at);
        let raw = &text[node.start as usize..node.end as usize];
        match node.kind {
            Kind::Object => document
                .members(at)
                .map(|(name, value)| {
                    let name = document.text(text, name).unwrap().into_owned();
                    (name, rebuilt(document, text, value))
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Kind::Array => document
                .elements(at)
                .map(|element| rebuilt(document, text, element))
                .collect(),
            Kind::Text | Kind::Escaped => document.text(text, at).unwrap().into_owned().into(),
            _ => serde_json::from_slice(raw).unwrap(),
        }
    }

    proptest! {
        #[test]
        fn sound_json_is_read_as_another_parser_reads_it(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
            let mut document = Document::default();
            document.read(&text);
            prop_assert_eq!(document.faults(), &[]);
            prop_assert_eq!(rebuilt(&document, &text, 0), value);
        }

        #[test]
        fn a_text_is_faultless_exactly_when_another_parser_takes_it(text in "[\\[\\]{}:,\"\\\\ua0d1.eE+\\-tn \n]{0,16}") {
            let mut document = Document::default();
            document.read(text.as_bytes());
            // serde_json takes duplicate names and refuses numbers beyond its range.
            let ours = document.faults().iter().all(|fault| fault.cause == Cause::Duplicate);
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(_) => prop_assert!(ours, "{:?}", document.faults()),
                Err(error) => prop_assert!(!ours || error.to_string().contains("range"), "{error}"),
            }
        }

        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut document = Document::default();
            document.read(&bytes);
            for fault in document.faults().to_vec() {
                prop_assert!(fault.end <= bytes.len());
                document.pointer_to(&bytes, fault.start);
            }
        }
    }
}
