//! Reads strings and their escapes.

use super::lexical::plain_length;
use super::{NodeKind, SyntaxError, SyntaxErrorKind};

/// The strings of a text.
pub struct Strings<'t> {
    text: &'t [u8],
    /// The quotes and backslashes ahead, of a text without control characters.
    marks: Option<&'t [u32]>,
}

/// A string that has been read.
pub struct StringRead {
    /// Plain or with escapes; `None` when it is cut off.
    pub kind: Option<NodeKind>,
    /// The place behind its closing quote.
    pub end: usize,
}

impl<'t> Strings<'t> {
    pub fn new(text: &'t [u8], marks: Option<&'t [u32]>) -> Strings<'t> {
        Strings { text, marks }
    }

    /// How many bytes of a string are just text, from a place in it.
    #[inline]
    pub fn plain_length(&mut self, from: usize) -> usize {
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

    /// Reads on from a place behind the opening quote, noting every fault.
    pub fn read(&mut self, from: usize, quote: u8, faults: &mut Vec<SyntaxError>) -> StringRead {
        let mut kind = NodeKind::Text;
        let mut at = from;
        loop {
            at += if quote == b'"' {
                self.plain_length(at)
            } else {
                let is_plain = |byte: &&u8| !matches!(**byte, b'\'' | b'\\' | 0..0x20);
                self.text[at..].iter().take_while(is_plain).count()
            };
            let (length, wrong) = match &self.text[at..] {
                [] => {
                    return StringRead {
                        kind: None,
                        end: at,
                    };
                }
                [byte, ..] if *byte == quote => {
                    return StringRead {
                        kind: Some(kind),
                        end: at + 1,
                    };
                }
                [b'"', ..] => (1, None),
                [b'\\', behind @ ..] => {
                    kind = NodeKind::Escaped;
                    escape(behind)
                }
                [b'\r', b'\n', ..] => (2, Some(SyntaxErrorKind::RawLineBreak)),
                [b'\n', ..] => (1, Some(SyntaxErrorKind::RawLineBreak)),
                [byte, ..] => (1, Some(SyntaxErrorKind::RawControl(*byte))),
            };
            if let Some(kind) = wrong {
                faults.push(SyntaxError {
                    kind,
                    start: at,
                    end: at + length,
                });
            }
            at += length;
        }
    }
}

/// The length of an escape, and what is wrong with it; `behind` is what follows its backslash.
fn escape(behind: &[u8]) -> (usize, Option<SyntaxErrorKind>) {
    match behind {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => (2, None),
        [b'u', digits @ ..] => unicode_escape(digits),
        // A line break behind a backslash is reported as a line break.
        [b'\n' | b'\r', ..] | [] => (1, Some(SyntaxErrorKind::Escape)),
        _ => (2, Some(SyntaxErrorKind::Escape)),
    }
}

/// The same of an escape by number; `digits` is what follows its `\u`.
fn unicode_escape(digits: &[u8]) -> (usize, Option<SyntaxErrorKind>) {
    let unit = |digits: &[u8]| {
        digits.get(..4)?.iter().try_fold(0, |sum, digit| {
            Some(sum << 4 | char::from(*digit).to_digit(16)?)
        })
    };
    let second = || unit(digits.get(4..)?.strip_prefix(b"\\u")?);
    match unit(digits) {
        None => (2, Some(SyntaxErrorKind::Escape)),
        Some(0xD800..0xDC00) => match second() {
            Some(0xDC00..0xE000) => (12, None),
            _ => (6, Some(SyntaxErrorKind::LoneSurrogate)),
        },
        Some(0xDC00..0xE000) => (6, Some(SyntaxErrorKind::LoneSurrogate)),
        Some(_) => (6, None),
    }
}
