//! What is wrong with an event, in the words that `validate` uses.

use crate::check::rule::Rule;
use crate::check::text::first_fault;
use crate::model::event::Flaw;

/// A flaw of these bytes on one line.
pub(super) fn words(flaw: &Flaw, bytes: &[u8]) -> String {
    if *flaw != Flaw::NotJson {
        return flaw.to_string();
    }
    match first_fault(bytes) {
        Some((Rule::JsonSyntax, at, why)) => format!("{flaw}: {why} (byte {})", at + 1),
        Some((_, at, why)) => format!("{why} (byte {})", at + 1),
        None => flaw.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_told_in_the_words_of_the_rules() {
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
