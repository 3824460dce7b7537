//! JSON text of others as it came, but on one line, or harmless on a terminal.

use crate::render::sanitise;
use std::borrow::Cow;
use std::fmt::Write;

/// The JSON text on one line: the same bytes if it is on one already, else without the blanks
/// between its tokens.
pub fn one_line(raw: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\n', b'\r', raw.as_bytes()).is_none() {
        return raw.into();
    }
    let mut compact = String::with_capacity(raw.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in raw.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        compact.push(c);
    }
    compact.into()
}

/// Everything that could act on a terminal as a JSON escape; it can only stand inside strings.
pub fn push_escaped(text: &str, out: &mut String) {
    if sanitise::is_plain(text) {
        return out.push_str(text);
    }
    for c in text.chars() {
        if sanitise::is_harmful(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
}

/// JSON for a terminal: line breaks and tabs stay, and what else could act there is escaped.
pub fn for_terminal(json: &str) -> String {
    let mut shown = String::with_capacity(json.len() + 1);
    for piece in json.split_inclusive(['\n', '\t']) {
        let text = piece.trim_end_matches(['\n', '\t']);
        push_escaped(text, &mut shown);
        shown.push_str(&piece[text.len()..]);
    }
    shown
}

/// JSON for a terminal that comes in blocks.
#[derive(Default)]
pub struct TerminalBlocks {
    /// The beginning of a character that the next block completes.
    cut: Vec<u8>,
}

impl TerminalBlocks {
    /// What is shown of the next block.
    pub fn push(&mut self, block: &[u8]) -> String {
        let mut text = std::mem::take(&mut self.cut);
        text.extend_from_slice(block);
        let last = text.iter().rposition(|byte| byte & 0xC0 != 0x80);
        let is_cut = |from: &usize| {
            std::str::from_utf8(&text[*from..]).is_err_and(|error| error.error_len().is_none())
        };
        let end = last.filter(is_cut).unwrap_or(text.len());
        self.cut = text.split_off(end);
        for_terminal(&String::from_utf8_lossy(&text))
    }

    /// What is shown of a text that ends within a character.
    pub fn finish(self) -> String {
        String::from_utf8_lossy(&self.cut).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn json_over_several_lines_becomes_one_without_a_change_of_meaning() {
        let raw = "{\r\n  \"type\" : \"a b\\\" \\\\\",\n \"n\": 1.50 }";
        assert_eq!(one_line(raw), r#"{"type":"a b\" \\","n":1.50}"#);
    }

    proptest! {
        #[test]
        fn blocks_are_shown_as_the_whole_text_would_be(text in any::<String>(), cut in any::<prop::sample::Index>()) {
            let (first, second) = text.as_bytes().split_at(cut.index(text.len() + 1));
            let mut blocks = TerminalBlocks::default();
            let shown = blocks.push(first) + &blocks.push(second) + &blocks.finish();
            prop_assert_eq!(shown, for_terminal(&text));
        }

        #[test]
        fn escaping_for_a_terminal_keeps_the_meaning(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let mut escaped = String::new();
            push_escaped(&json, &mut escaped);
            prop_assert!(!escaped.chars().any(sanitise::is_harmful));
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
    }
}
