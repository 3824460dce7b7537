//! Reads a text into a [`Document`], noting every fault and going on where the meaning is clear.

use super::cursor::{Cursor, ReadResult};
use super::lexical::{is_number, is_word, word_length};
use super::names::DuplicateNames;
use super::nesting::{Nesting, NestingEnd};
use super::strings::Strings;
use super::{Document, JsonNode, MAX_DEPTH, NodeKind, SyntaxErrorKind, offset};

/// Reads one record; true if it was read to its end. `marks` are the places of its quotes and
/// backslashes, given for a text without control characters.
pub fn record(text: &[u8], marks: Option<&[u32]>, document: &mut Document) -> bool {
    let mut reader = DocumentReader {
        cursor: Cursor {
            text,
            at: 0,
            document,
        },
        depth: 0,
        strings: Strings::new(text, marks),
    };
    reader.record().is_ok()
}

struct DocumentReader<'t, 'd> {
    cursor: Cursor<'t, 'd>,
    depth: usize,
    strings: Strings<'t>,
}

impl DocumentReader<'_, '_> {
    fn record(&mut self) -> ReadResult {
        self.cursor.blanks();
        self.value()?;
        self.cursor.blanks();
        if self.cursor.at < self.cursor.text.len() {
            let kind = if self.cursor.rest() == b"," {
                SyntaxErrorKind::TrailingComma
            } else {
                SyntaxErrorKind::Behind
            };
            self.cursor
                .document
                .fault(kind, self.cursor.at, self.cursor.text.len());
        }
        Ok(())
    }

    /// A value, and the blanks before it.
    fn value(&mut self) -> ReadResult {
        if self.cursor.peek() == Some(b'"') {
            return self.string();
        }
        self.cursor.blanks();
        match self.cursor.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.nested(NodeKind::Object),
            Some(b'[') => self.nested(NodeKind::Array),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
                self.number();
                Ok(())
            }
            Some(b'\'') => self.single_quoted(),
            Some(byte) if is_word(byte) => {
                self.word();
                Ok(())
            }
            _ => self.cursor.unexpected(),
        }
    }

    fn nested(&mut self, kind: NodeKind) -> ReadResult {
        let node = self.cursor.open(kind);
        if self.depth == MAX_DEPTH {
            self.cursor.document.fault(
                SyntaxErrorKind::TooDeep,
                self.cursor.at,
                self.cursor.at + 1,
            );
            let closed = self.skip_nested();
            self.cursor.document.nodes[node].kind = NodeKind::Broken;
            self.cursor.close(node);
            return closed;
        }
        self.depth += 1;
        self.cursor.at += 1;
        let read = if kind == NodeKind::Object {
            self.members(node)
        } else {
            self.elements()
        };
        self.depth -= 1;
        // Closed even when the reading stopped, so that every node has an end.
        self.cursor.close(node);
        read
    }

    /// Passes over a value without looking into it.
    fn skip_nested(&mut self) -> ReadResult {
        let mut nesting = Nesting::default();
        if let Some(NestingEnd::Closed(taken)) = nesting.follow(self.cursor.rest(), false, 0) {
            self.cursor.at += taken;
            return Ok(());
        }
        self.cursor.at = self.cursor.text.len();
        self.cursor.stop(SyntaxErrorKind::CutOff)
    }

    /// Passes over blanks, and commas with nothing before them; true at the closing bracket.
    fn reaches(&mut self, close: u8) -> bool {
        loop {
            self.cursor.blanks();
            match self.cursor.peek() {
                Some(b',') => {
                    self.cursor.document.fault(
                        SyntaxErrorKind::Unexpected(b','),
                        self.cursor.at,
                        self.cursor.at + 1,
                    );
                    self.cursor.at += 1;
                }
                byte => return byte == Some(close),
            }
        }
    }

    fn members(&mut self, object: usize) -> ReadResult {
        let mut names = DuplicateNames::of(self.cursor.document);
        let mut comma = None;
        loop {
            // In tight text a name follows at once, a colon, a value, and a comma.
            if self.cursor.peek() != Some(b'"') && self.reaches(b'}') {
                break;
            }
            comma = None;
            let name = self.cursor.document.nodes.len();
            if self.cursor.peek() == Some(b'"') {
                self.string()?;
            } else {
                self.odd_name()?;
            }
            names.note(self.cursor.document, self.cursor.text, object, name);
            if self.cursor.peek() == Some(b':') {
                self.cursor.at += 1;
            } else {
                self.odd_colon(name)?;
            }
            if let Err(stopped) = self.value() {
                self.give_value(name);
                return Err(stopped);
            }
            if self.cursor.peek() != Some(b',') {
                self.cursor.blanks();
            }
            match self.cursor.peek() {
                Some(b',') => {
                    comma = Some(self.cursor.at);
                    self.cursor.at += 1;
                }
                Some(b'}') => break,
                Some(byte) if byte == b'"' || is_word(byte) => {
                    self.cursor.document.fault(
                        SyntaxErrorKind::MissingComma,
                        self.cursor.at,
                        self.cursor.at + 1,
                    );
                }
                _ => return self.cursor.unexpected(),
            }
        }
        self.end_of_list(comma);
        names.finish(self.cursor.document, self.cursor.text, object);
        Ok(())
    }

    /// A colon behind blanks, or none at all.
    fn odd_colon(&mut self, name: usize) -> ReadResult {
        self.cursor.blanks();
        match self.cursor.peek() {
            Some(b':') => self.cursor.at += 1,
            Some(b'"' | b'{' | b'[') => {
                self.cursor.document.fault(
                    SyntaxErrorKind::MissingColon,
                    self.cursor.at,
                    self.cursor.at + 1,
                );
            }
            byte => {
                self.give_value(name);
                return if byte == Some(b'=') {
                    self.cursor.stop(SyntaxErrorKind::MissingColon)
                } else {
                    self.cursor.unexpected()
                };
            }
        }
        Ok(())
    }

    /// A name always has a value, be it a broken one, so that names and values stay in turn.
    fn give_value(&mut self, name: usize) {
        if self.cursor.document.nodes.len() == name + 1 {
            let node = self.cursor.open(NodeKind::Broken);
            self.cursor.close(node);
        }
    }

    fn elements(&mut self) -> ReadResult {
        let mut comma = None;
        loop {
            if self.reaches(b']') {
                break;
            }
            self.value()?;
            comma = None;
            self.cursor.blanks();
            match self.cursor.peek() {
                Some(b',') => {
                    comma = Some(self.cursor.at);
                    self.cursor.at += 1;
                }
                Some(b']') => break,
                Some(b'"' | b'{' | b'[' | b'0'..=b'9') => {
                    self.cursor.document.fault(
                        SyntaxErrorKind::MissingComma,
                        self.cursor.at,
                        self.cursor.at + 1,
                    );
                }
                _ => return self.cursor.unexpected(),
            }
        }
        self.end_of_list(comma);
        Ok(())
    }

    fn end_of_list(&mut self, comma: Option<usize>) {
        if let Some(comma) = comma {
            self.cursor
                .document
                .fault(SyntaxErrorKind::TrailingComma, comma, comma + 1);
        }
        self.cursor.at += 1;
    }

    fn odd_name(&mut self) -> ReadResult {
        match self.cursor.peek() {
            Some(b'\'') => self.single_quoted(),
            Some(byte) if is_word(byte) => {
                let node = self.cursor.open(NodeKind::Text);
                let length = word_length(self.cursor.rest());
                let start = self.cursor.at;
                self.cursor.at += length;
                if self.cursor.peek().is_none() {
                    // What was cut off says nothing about what was meant.
                    self.cursor.document.nodes[node].kind = NodeKind::Broken;
                    self.cursor.close(node);
                    return self.cursor.stop(SyntaxErrorKind::CutOff);
                }
                self.cursor
                    .document
                    .fault(SyntaxErrorKind::BareName, start, self.cursor.at);
                self.cursor.close(node);
                Ok(())
            }
            _ => self.cursor.unexpected(),
        }
    }

    /// A string. Most have no escapes, and are known whole before anything is noted of them.
    fn string(&mut self) -> ReadResult {
        let start = self.cursor.at;
        let end = start + 1 + self.strings.plain_length(start + 1);
        if self.cursor.text.get(end) != Some(&b'"') {
            return self.odd_string(b'"');
        }
        self.cursor.at = end + 1;
        self.cursor.document.nodes.push(JsonNode {
            kind: NodeKind::Text,
            start: offset(start),
            end: offset(end + 1),
            after: offset(self.cursor.document.nodes.len() + 1),
        });
        Ok(())
    }

    /// A string in single quotes.
    fn single_quoted(&mut self) -> ReadResult {
        let start = self.cursor.at;
        let read = self.odd_string(b'\'');
        self.cursor
            .document
            .fault(SyntaxErrorKind::SingleQuotes, start, self.cursor.at);
        read
    }

    /// A string with escapes, in single quotes, or with a fault.
    fn odd_string(&mut self, quote: u8) -> ReadResult {
        let node = self.cursor.open(NodeKind::Text);
        let faults = &mut self.cursor.document.faults;
        let string = self.strings.read(self.cursor.at + 1, quote, faults);
        self.cursor.at = string.end;
        // What was cut off says nothing about what was meant.
        self.cursor.document.nodes[node].kind = string.kind.unwrap_or(NodeKind::Broken);
        self.cursor.close(node);
        match string.kind {
            Some(_) => Ok(()),
            None => self.cursor.stop(SyntaxErrorKind::CutOff),
        }
    }

    fn number(&mut self) {
        let node = self.cursor.open(NodeKind::Number);
        let start = self.cursor.at;
        let length = self.cursor.rest()
            .iter()
            .take_while(|byte| matches!(**byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z'))
            .count();
        self.cursor.at += length;
        let number = &self.cursor.text[start..self.cursor.at];
        if !is_number(number) {
            let word = number
                .iter()
                .any(|byte| matches!(byte, b'I' | b'N' | b'i' | b'n'));
            let kind = if word {
                SyntaxErrorKind::Word
            } else {
                SyntaxErrorKind::Number
            };
            self.cursor.document.fault(kind, start, start + length);
            self.cursor.document.nodes[node].kind = NodeKind::Broken;
        }
        self.cursor.close(node);
    }

    fn word(&mut self) {
        let node = self.cursor.open(NodeKind::Broken);
        let start = self.cursor.at;
        let length = word_length(self.cursor.rest());
        self.cursor.at += length;
        let kind = match &self.cursor.text[start..self.cursor.at] {
            b"true" => NodeKind::True,
            b"false" => NodeKind::False,
            b"null" => NodeKind::Null,
            _ => {
                self.cursor
                    .document
                    .fault(SyntaxErrorKind::Word, start, start + length);
                NodeKind::Broken
            }
        };
        self.cursor.document.nodes[node].kind = kind;
        self.cursor.close(node);
    }
}
