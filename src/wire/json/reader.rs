//! Reads a text into a [`Document`], noting every fault and going on where the meaning is clear.

use super::names::Names;
use super::{Cause, Document, Kind, MAX_DEPTH, Node, offset};
use crate::wire::scan::{Met, Scan, plain_length};

/// The reading stops here; a fault has been noted.
struct Stopped;

type Step = Result<(), Stopped>;

/// Reads one record; true if it was read to its end.
pub fn record(text: &[u8], document: &mut Document) -> bool {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        document,
    };
    reader.record().is_ok()
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
        let mut scan = Scan::default();
        if let Some(Met::Closed(taken)) = scan.run(self.rest(), false, 0) {
            self.at += taken;
            return Ok(());
        }
        self.at = self.text.len();
        self.stop(Cause::CutOff)
    }

    /// Passes over blanks, and commas with nothing before them; true at the closing bracket.
    fn reaches(&mut self, close: u8) -> bool {
        loop {
            self.blanks();
            match self.peek() {
                Some(b',') => {
                    self.document
                        .fault(Cause::Unexpected(b','), self.at, self.at + 1);
                    self.at += 1;
                }
                byte => return byte == Some(close),
            }
        }
    }

    fn members(&mut self, object: usize) -> Step {
        let mut names = Names::default();
        let mut comma = None;
        loop {
            if self.reaches(b'}') {
                break;
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
            if self.reaches(b']') {
                break;
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
