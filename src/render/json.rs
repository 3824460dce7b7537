//! JSON for machines: compact, with everything escaped that must not act on a terminal, DEL, C1
//! and bidirectional controls included. The meaning stays the same.

use crate::model::sanitise::is_harmful;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use std::io::{self, Write};

struct Escaping(CompactFormatter);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        // What is below DEL in a fragment is harmless: C0 has been escaped before.
        while !rest.bytes().all(|byte| byte < 0x7f)
            && let Some(at) = rest.find(is_harmful)
        {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut tail = rest[at..].chars();
            if let Some(harmful) = tail.next() {
                for unit in harmful.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = tail.as_str();
        }
        self.0.write_string_fragment(writer, rest)
    }
}

/// One value on one line, line break included.
pub fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut bytes, Escaping(CompactFormatter));
    // Our own types with text keys: writing them to memory cannot fail.
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok(), "{written:?}");
    bytes.push(b'\n');
    bytes
}

/// One JSON array, written a value at a time.
#[derive(Debug, Default)]
pub struct Array {
    begun: bool,
}

impl Array {
    /// The next value.
    pub fn value(&mut self, value: &impl Serialize) -> Vec<u8> {
        let mut bytes = self.separator().as_bytes().to_vec();
        let text = line(value);
        bytes.extend_from_slice(&text[..text.len() - 1]);
        bytes
    }

    /// What stands before the next value.
    pub const fn separator(&mut self) -> &'static str {
        let begun = std::mem::replace(&mut self.begun, true);
        if begun { ",\n" } else { "[\n" }
    }

    /// What closes it.
    pub const fn end(&self) -> &'static str {
        if self.begun { "\n]\n" } else { "[]\n" }
    }
}

/// One JSON array, a value a line.
pub fn array<T: Serialize>(values: &[T]) -> Vec<u8> {
    let mut array = Array::default();
    let mut bytes: Vec<u8> = values.iter().flat_map(|value| array.value(value)).collect();
    bytes.extend_from_slice(array.end().as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_becomes_an_escape_and_reads_back_the_same() {
        let text = "a\u{7f}b\u{9b}31mc\u{1b}d\u{202e}e\u{e0041}";
        let bytes = line(&text);
        assert!(!bytes[..bytes.len() - 1].iter().any(u8::is_ascii_control));
        assert_eq!(
            bytes,
            b"\"a\\u007fb\\u009b31mc\\u001bd\\u202ee\\udb40\\udc41\"\n"
        );
        assert_eq!(
            serde_json::from_slice::<String>(&bytes).ok().as_deref(),
            Some(text)
        );
    }
}
