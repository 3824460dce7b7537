//! Reads strings and their escapes.

use super::reader::{Reader, Step};
use super::{Cause, Kind, Node, offset};
use crate::wire::scan::plain_length;

impl Reader<'_, '_> {
    /// A string. Most have no escapes, and are known whole before anything is noted of them.
    pub(super) fn string(&mut self) -> Step {
        let start = self.at;
        let end = start + 1 + self.plain_length(start + 1);
        if self.text.get(end) != Some(&b'"') {
            return self.odd_string(b'"');
        }
        self.at = end + 1;
        self.document.nodes.push(Node {
            kind: Kind::Text,
            word: None,
            start: offset(start),
            end: offset(end + 1),
            after: offset(self.document.nodes.len() + 1),
        });
        Ok(())
    }

    /// How many bytes of a string are just text, from a place in it.
    #[inline]
    fn plain_length(&mut self, from: usize) -> usize {
        let Some(mut marks) = self.marks else {
            return plain_length(&self.text[from..]);
        };
        loop {
            match marks {
                [mark, ahead @ ..] if (*mark as usize) < from => marks = ahead,
                _ => break,
            }
        }
        self.marks = Some(marks);
        marks.first().map_or(self.text.len(), |mark| *mark as usize) - from
    }

    /// A string in single quotes.
    pub(super) fn single_quoted(&mut self) -> Step {
        let start = self.at;
        let read = self.odd_string(b'\'');
        self.document.fault(Cause::SingleQuotes, start, self.at);
        read
    }

    /// A string with escapes, in single quotes, or with a fault.
    fn odd_string(&mut self, quote: u8) -> Step {
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
                self.plain_length(self.at)
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
}
