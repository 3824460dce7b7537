//! Reads numbers and the words null, true and false.

use super::reader::Reader;
use super::{Cause, Kind};

impl Reader<'_, '_> {
    pub(super) fn number(&mut self) {
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

    pub(super) fn word(&mut self) {
        let node = self.open(Kind::Broken);
        let start = self.at;
        let length = word_length(self.rest());
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

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// The length of the word at the beginning, which a blank of any kind ends.
pub(super) fn word_length(text: &[u8]) -> usize {
    let mut places = (0..text.len()).take_while(|at| is_word(text[*at]));
    let blank = places.find(|at| text[*at] >= 0x80 && odd_blank(&text[*at..]).is_some());
    blank.unwrap_or_else(|| text.iter().take_while(|byte| is_word(**byte)).count())
}

/// The blank at the beginning, if it is one that JSON does not know.
pub(super) fn odd_blank(text: &[u8]) -> Option<char> {
    let length = match text.first()? {
        0x0B | 0x0C => 1,
        0xC2 => 2,
        0xE1..=0xE3 => 3,
        _ => return None,
    };
    let blank = std::str::from_utf8(text.get(..length)?)
        .ok()?
        .chars()
        .next()?;
    (blank.is_whitespace() || blank == '\u{200b}').then_some(blank)
}

/// JSON's grammar of numbers.
pub(super) fn is_number(text: &[u8]) -> bool {
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
