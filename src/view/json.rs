//! JSON for machines: compact, with every control character escaped, DEL and C1 included.

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
        while let Some(at) = rest.find(|c| ('\u{7f}'..='\u{9f}').contains(&c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut tail = rest[at..].chars();
            if let Some(control) = tail.next() {
                write!(writer, "\\u{:04x}", u32::from(control))?;
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

/// One JSON array, a value a line.
pub fn array<T: Serialize>(values: &[T]) -> Vec<u8> {
    let mut bytes = b"[".to_vec();
    for (at, value) in values.iter().enumerate() {
        bytes.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        let text = line(value);
        bytes.extend_from_slice(&text[..text.len() - 1]);
    }
    bytes.extend_from_slice(if values.is_empty() { b"]\n" } else { b"\n]\n" });
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_escapes_and_read_back_the_same() {
        let text = "a\u{7f}b\u{9b}31mc\u{1b}d";
        let bytes = line(&text);
        assert!(!bytes[..bytes.len() - 1].iter().any(u8::is_ascii_control));
        assert_eq!(bytes, b"\"a\\u007fb\\u009b31mc\\u001bd\"\n");
        assert_eq!(
            serde_json::from_slice::<String>(&bytes).ok().as_deref(),
            Some(text)
        );
    }
}
