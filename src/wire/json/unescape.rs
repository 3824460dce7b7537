//! From the bytes of a JSON string to its decoded text.

use std::borrow::Cow;

/// Text from bytes; the usual case is valid UTF-8, which is checked faster than the lossy way does.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The decoded text of a JSON string with escapes; `inner` is what is between its quotes.
pub fn unescaped(inner: &[u8]) -> Cow<'_, str> {
    Cow::Owned(unescape(&lossy(inner)))
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

/// The character behind `\u`, and the length of its escape.
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
