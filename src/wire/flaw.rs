//! Why some bytes are not an event, with cause and place where they are not JSON.

use super::json::{Document, SyntaxErrorKind};
use crate::model::event::Flaw;

/// A flaw of these bytes on one line.
pub fn words(flaw: &Flaw, bytes: &[u8]) -> String {
    if *flaw != Flaw::NotJson {
        return flaw.to_string();
    }
    let mut document = Document::default();
    document.read(bytes);
    let Some(error) = document.faults().first() else {
        return flaw.to_string();
    };
    let (message, byte) = (error.message(bytes), error.start + 1);
    match error.kind {
        // JSON, but not as it is accepted.
        SyntaxErrorKind::Duplicate | SyntaxErrorKind::TooDeep => format!("{message} (byte {byte})"),
        _ => format!("{flaw}: {message} (byte {byte})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_reported_with_cause_and_place() {
        for (text, expected) in [
            ("{'a':1}", "not JSON: single quotes around text (byte 2)"),
            (r#"{"a":"#, "not JSON: the record is cut off here (byte 6)"),
            (
                r#"{"type":"a","type":"b"}"#,
                "the member \"type\" appears twice (byte 13)",
            ),
            ("1", "not JSON"),
        ] {
            assert_eq!(words(&Flaw::NotJson, text.as_bytes()), expected, "{text}");
        }
        assert_eq!(words(&Flaw::NotAnObject, b"1"), "an event is a JSON object");
    }
}
