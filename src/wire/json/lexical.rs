//! What the bytes of JSON are: blanks, words, numbers, plain text.

/// The byte-order mark, in UTF-8.
pub const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What JSON counts as white space; not a form feed, as others do.
pub const fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
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

/// Whether a text is a number by JSON's grammar.
pub(super) fn is_number(text: &[u8]) -> bool {
    number_length(text) == Some(text.len())
}

/// The length of the number at the beginning, by JSON's grammar.
#[inline]
pub(super) fn number_length(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        let count = text[from..].iter().take_while(|byte| byte.is_ascii_digit());
        Some(count.count()).filter(|count| *count > 0)
    };
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at)?;
    if whole > 1 && text[at] == b'0' {
        return None;
    }
    at += whole;
    if text.get(at) == Some(&b'.') {
        at += 1 + digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        at += digits(at)?;
    }
    Some(at)
}

/// How many bytes at the beginning are neither quote, backslash nor control character.
///
/// Eight at a time; the classic trick of finding a byte in a word by borrowing across it.
pub fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let equals = |byte: u8| {
            let x = word ^ (ONES * u64::from(byte));
            x.wrapping_sub(ONES) & !x
        };
        let below_space = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (equals(b'"') | equals(b'\\') | below_space) & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes[at..]
        .iter()
        .take_while(|byte| !matches!(**byte, b'"' | b'\\' | 0..0x20))
        .count();
    at + rest
}
