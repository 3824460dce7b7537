//! Reads a text into a [`Document`], noting every fault and going on where the meaning is clear.

use super::lexical::{BOM, is_number, is_whitespace, is_word, odd_blank, word_length};
use super::names::DuplicateNames;
use super::nesting::{Nesting, NestingEnd};
use super::strings::Strings;
use super::{Document, Kind, MAX_DEPTH, Node, SyntaxErrorKind, offset};

/// The reading stops here; a fault has been noted.
struct Stopped;

type Step = Result<(), Stopped>;

/// Reads one record; true if it was read to its end. `marks` are the places of its quotes and
/// backslashes, given for a text without control characters.
pub fn record(text: &[u8], marks: Option<&[u32]>, document: &mut Document) -> bool {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        strings: Strings::new(text, marks),
        document,
    };
    reader.record().is_ok()
}

struct Reader<'t, 'd> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    strings: Strings<'t>,
    document: &'d mut Document,
}

impl Reader<'_, '_> {
    fn record(&mut self) -> Step {
        self.blanks();
        self.value()?;
        self.blanks();
        if self.at < self.text.len() {
            let kind = if self.rest() == b"," {
                SyntaxErrorKind::TrailingComma
            } else {
                SyntaxErrorKind::Behind
            };
            self.document.fault(kind, self.at, self.text.len());
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[cold]
    fn stop(&mut self, kind: SyntaxErrorKind) -> Step {
        let end = (self.at + 1).min(self.text.len());
        let start = self.at.min(end);
        self.document.fault(kind, start, end);
        Err(Stopped)
    }

    /// The byte that stands where something else should, or the end.
    fn unexpected(&mut self) -> Step {
        match self.peek() {
            Some(byte) => self.stop(SyntaxErrorKind::Unexpected(byte)),
            None => self.stop(SyntaxErrorKind::CutOff),
        }
    }

    /// Passes over blanks, comments and marks, which mostly are not there.
    #[inline]
    fn blanks(&mut self) {
        if let Some(b' ' | 9..=13 | b'/' | b'#' | 0xC2 | 0xE1..=0xE3 | 0xEF) = self.peek() {
            self.pass_blanks();
        }
    }

    fn pass_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                _ if is_whitespace(byte) => self.at += 1,
                b'/' if matches!(self.text.get(self.at + 1), Some(b'/' | b'*')) => self.comment(),
                b'#' => self.comment(),
                0xEF if self.rest().starts_with(BOM) => {
                    let end = self.at + BOM.len();
                    self.document
                        .fault(SyntaxErrorKind::InnerMark, self.at, end);
                    self.at = end;
                }
                _ => match odd_blank(self.rest()) {
                    Some(blank) => self.odd_blanks(blank),
                    None => break,
                },
            }
        }
    }

    /// Passes over blanks that JSON does not know, as one fault.
    fn odd_blanks(&mut self, first: char) {
        let start = self.at;
        while let Some(blank) = odd_blank(self.rest()) {
            self.at += blank.len_utf8();
        }
        self.document
            .fault(SyntaxErrorKind::OddBlank(first), start, self.at);
    }

    fn comment(&mut self) {
        let start = self.at;
        let length = if self.rest().starts_with(b"/*") {
            memchr::memmem::find(&self.text[start + 2..], b"*/").map(|at| at + 4)
        } else {
            memchr::memchr(b'\n', self.rest())
        };
        self.at = length.map_or(self.text.len(), |length| start + length);
        self.document
            .fault(SyntaxErrorKind::Comment, start, self.at);
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

    /// A value, and the blanks before it.
    fn value(&mut self) -> Step {
        if self.peek() == Some(b'"') {
            return self.string();
        }
        self.blanks();
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.nested(Kind::Object),
            Some(b'[') => self.nested(Kind::Array),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
                self.number();
                Ok(())
            }
            Some(b'\'') => self.single_quoted(),
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
            self.document
                .fault(SyntaxErrorKind::TooDeep, self.at, self.at + 1);
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
        let mut nesting = Nesting::default();
        if let Some(NestingEnd::Closed(taken)) = nesting.follow(self.rest(), false, 0) {
            self.at += taken;
            return Ok(());
        }
        self.at = self.text.len();
        self.stop(SyntaxErrorKind::CutOff)
    }

    /// Passes over blanks, and commas with nothing before them; true at the closing bracket.
    fn reaches(&mut self, close: u8) -> bool {
        loop {
            self.blanks();
            match self.peek() {
                Some(b',') => {
                    self.document
                        .fault(SyntaxErrorKind::Unexpected(b','), self.at, self.at + 1);
                    self.at += 1;
                }
                byte => return byte == Some(close),
            }
        }
    }

    fn members(&mut self, object: usize) -> Step {
        let mut names = DuplicateNames::of(self.document);
        let mut comma = None;
        loop {
            // In tight text a name follows at once, a colon, a value, and a comma.
            if self.peek() != Some(b'"') && self.reaches(b'}') {
                break;
            }
            comma = None;
            let name = self.document.nodes.len();
            if self.peek() == Some(b'"') {
                self.string()?;
            } else {
                self.odd_name()?;
            }
            names.note(self.document, self.text, object, name);
            if self.peek() == Some(b':') {
                self.at += 1;
            } else {
                self.odd_colon(name)?;
            }
            if let Err(stopped) = self.value() {
                self.give_value(name);
                return Err(stopped);
            }
            if self.peek() != Some(b',') {
                self.blanks();
            }
            match self.peek() {
                Some(b',') => {
                    comma = Some(self.at);
                    self.at += 1;
                }
                Some(b'}') => break,
                Some(byte) if byte == b'"' || is_word(byte) => {
                    self.document
                        .fault(SyntaxErrorKind::MissingComma, self.at, self.at + 1);
                }
                _ => return self.unexpected(),
            }
        }
        self.end_of_list(comma);
        names.finish(self.document, self.text, object);
        Ok(())
    }

    /// A colon behind blanks, or none at all.
    fn odd_colon(&mut self, name: usize) -> Step {
        self.blanks();
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(b'"' | b'{' | b'[') => {
                self.document
                    .fault(SyntaxErrorKind::MissingColon, self.at, self.at + 1);
            }
            byte => {
                self.give_value(name);
                return if byte == Some(b'=') {
                    self.stop(SyntaxErrorKind::MissingColon)
                } else {
                    self.unexpected()
                };
            }
        }
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
                        .fault(SyntaxErrorKind::MissingComma, self.at, self.at + 1);
                }
                _ => return self.unexpected(),
            }
        }
        self.end_of_list(comma);
        Ok(())
    }

    fn end_of_list(&mut self, comma: Option<usize>) {
        if let Some(comma) = comma {
            self.document
                .fault(SyntaxErrorKind::TrailingComma, comma, comma + 1);
        }
        self.at += 1;
    }

    fn odd_name(&mut self) -> Step {
        match self.peek() {
            Some(b'\'') => self.single_quoted(),
            Some(byte) if is_word(byte) => {
                let node = self.open(Kind::Text);
                let length = word_length(self.rest());
                let start = self.at;
                self.at += length;
                if self.peek().is_none() {
                    // What was cut off says nothing about what was meant.
                    self.document.nodes[node].kind = Kind::Broken;
                    self.close(node);
                    return self.stop(SyntaxErrorKind::CutOff);
                }
                self.document
                    .fault(SyntaxErrorKind::BareName, start, self.at);
                self.close(node);
                Ok(())
            }
            _ => self.unexpected(),
        }
    }

    /// A string. Most have no escapes, and are known whole before anything is noted of them.
    fn string(&mut self) -> Step {
        let start = self.at;
        let end = start + 1 + self.strings.plain_length(start + 1);
        if self.text.get(end) != Some(&b'"') {
            return self.odd_string(b'"');
        }
        self.at = end + 1;
        self.document.nodes.push(Node {
            kind: Kind::Text,
            start: offset(start),
            end: offset(end + 1),
            after: offset(self.document.nodes.len() + 1),
        });
        Ok(())
    }

    /// A string in single quotes.
    fn single_quoted(&mut self) -> Step {
        let start = self.at;
        let read = self.odd_string(b'\'');
        self.document
            .fault(SyntaxErrorKind::SingleQuotes, start, self.at);
        read
    }

    /// A string with escapes, in single quotes, or with a fault.
    fn odd_string(&mut self, quote: u8) -> Step {
        let node = self.open(Kind::Text);
        let faults = &mut self.document.faults;
        let string = self.strings.read(self.at + 1, quote, faults);
        self.at = string.end;
        // What was cut off says nothing about what was meant.
        self.document.nodes[node].kind = string.kind.unwrap_or(Kind::Broken);
        self.close(node);
        match string.kind {
            Some(_) => Ok(()),
            None => self.stop(SyntaxErrorKind::CutOff),
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
            let kind = if word {
                SyntaxErrorKind::Word
            } else {
                SyntaxErrorKind::Number
            };
            self.document.fault(kind, start, start + length);
            self.document.nodes[node].kind = Kind::Broken;
        }
        self.close(node);
    }

    fn word(&mut self) {
        let node = self.open(Kind::Broken);
        let start = self.at;
        let length = word_length(self.rest());
        self.at += length;
        let kind = match &self.text[start..self.at] {
            b"true" => Kind::True,
            b"false" => Kind::False,
            b"null" => Kind::Null,
            _ => {
                self.document
                    .fault(SyntaxErrorKind::Word, start, start + length);
                Kind::Broken
            }
        };
        self.document.nodes[node].kind = kind;
        self.close(node);
    }
}
