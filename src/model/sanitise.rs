//! Text from others, made harmless for display. What is stored or sent is never touched.

use std::borrow::Cow;

/// The text on one line, with everything that could steer a terminal or reorder what is read
/// shown escaped: control characters, bidirectional and zero-width controls.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

/// Like [`line()`], but line breaks and tabs stay.
pub fn block(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

fn escape(text: &str, keep_breaks: bool) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let harmful = |c: char| !(keep_breaks && matches!(c, '\n' | '\t')) && is_harmful(c);
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !harmful(c) => shown.push(c),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            _ => shown.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(shown)
}

/// Whether there is nothing but visible ASCII and blanks. Most text is like that, and it is recognised
/// eight bytes at a time.
pub fn is_plain(text: &str) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // A byte below a blank borrows, a deletion sign carries, and what is not ASCII has the bit as it is.
    let plain = |chunk: [u8; 8]| {
        let word = u64::from_le_bytes(chunk);
        let odd = word.wrapping_sub(0x20 * ONES) | word.wrapping_add(ONES) | word;
        odd & (0x80 * ONES) == 0
    };
    let bytes = text.as_bytes();
    match bytes.last_chunk() {
        Some(last) => bytes.as_chunks().0.iter().all(|chunk| plain(*chunk)) && plain(*last),
        None => bytes.iter().all(|byte| matches!(byte, b' '..=b'~')),
    }
}

/// Whether a character must not reach a terminal as it is.
pub fn is_harmful(c: char) -> bool {
    // Most are neither, which one look shows.
    if matches!(c, ' '..='~' | '\u{ae}'..='\u{61b}') {
        return false;
    }
    c.is_control()
        || matches!(c,
            '\u{ad}'                        // soft hyphen
            | '\u{61c}'                     // Arabic letter mark
            | '\u{180e}'                    // Mongolian vowel separator
            | '\u{200b}'..='\u{200f}'       // zero-width characters and marks
            | '\u{2028}'..='\u{202e}'       // separators, embeddings and overrides
            | '\u{2060}'..='\u{2069}'       // word joiner, invisible operators, isolates
            | '\u{feff}'                    // byte-order mark
            | '\u{fff9}'..='\u{fffb}'       // interlinear annotation
            | '\u{e0000}'..='\u{e007f}') // tag characters
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_become_visible() {
        assert_eq!(line("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(line("x\u{202e}y\n"), "x\\u{202e}y\\n");
        assert_eq!(block("x\ny\r"), "x\ny\\u{d}");
        assert!(matches!(line("plain – ünïcode"), Cow::Borrowed(_)));
    }

    #[test]
    fn plain_is_what_is_visible_or_blank_wherever_it_stands() {
        for byte in 0..=0x7f_u8 {
            for (before, behind) in [(0, 0), (7, 1), (8, 0), (3, 20)] {
                let [before, behind] = [before, behind].map(|count| "~ ".repeat(count));
                let text = format!("{before}{}{behind}", char::from(byte));
                assert_eq!(is_plain(&text), (b' '..=b'~').contains(&byte), "{text:?}");
            }
        }
        assert!(!is_plain("plain – ünïcode") && is_plain(""));
    }

    proptest! {
        #[test]
        fn nothing_harmful_survives(text in any::<String>()) {
            prop_assert!(!line(&text).chars().any(is_harmful));
        }
    }
}
