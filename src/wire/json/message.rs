//! What is wrong with a text, in words.

use super::{MAX_DEPTH, SyntaxError, SyntaxErrorKind};
use crate::model::text::abridged;

impl SyntaxError {
    /// What is wrong, in words; `text` is what was read.
    pub fn message(&self, text: &[u8]) -> String {
        let shown = String::from_utf8_lossy(&text[self.start..self.end]);
        abridged(self.kind.message(&shown))
    }
}

impl SyntaxErrorKind {
    fn message(self, shown: &str) -> String {
        match self {
            Self::TrailingComma => "trailing comma: nothing follows it".into(),
            Self::RawLineBreak => "raw line break inside a string".into(),
            Self::RawControl(byte) => format!("raw control character U+{byte:04X} inside a string"),
            Self::SingleQuotes => "single quotes around text".into(),
            Self::Comment => "a comment, which JSON does not allow".into(),
            Self::Word => format!("{shown} is not a JSON value"),
            Self::BareName => format!("the member name {shown} has no quotes"),
            Self::Number => format!("{shown} is not a JSON number"),
            Self::Escape => format!("{shown} is not a JSON escape"),
            Self::LoneSurrogate => format!("{shown} is half of a surrogate pair"),
            Self::InnerMark => "a byte-order mark inside the input".into(),
            Self::OddBlank(blank) => format!(
                "U+{:04X} between tokens is not JSON white space",
                u32::from(blank)
            ),
            Self::NotUtf8 => "bytes that are not UTF-8".into(),
            Self::MissingComma => "no comma before this".into(),
            Self::MissingColon => "no colon between name and value".into(),
            Self::CutOff => "the record is cut off here".into(),
            Self::Unexpected(0) => "unexpected NUL byte".into(),
            Self::Unexpected(byte) => {
                format!("unexpected '{}'", char::from(byte).escape_default())
            }
            Self::Behind => "something follows the record on its line".into(),
            Self::Html => "this is HTML, not JSON".into(),
            Self::Gzip => "this is gzip-compressed, not JSON".into(),
            Self::Wide => "this is UTF-16 or UTF-32, not UTF-8".into(),
            Self::Duplicate => format!("the member {shown} appears twice"),
            Self::TooDeep => format!("nested more than {MAX_DEPTH} levels deep"),
        }
    }
}
