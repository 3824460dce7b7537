//! No input panics, and what is found lies inside its record.

#![no_main]

use hivelog::check::{Checker, Policy};
use hivelog::model::timestamp::Timestamp;
use hivelog::wire::json::{Document, SyntaxErrorKind};
use hivelog::wire::records::{Framer, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let policy = Policy::at(Timestamp::from_millis(1_700_000_000_000));
    let mut checker = Checker::new(policy.clone());
    let mut framer = Framer::new(policy.max_record);
    let mut take = |record: Record<'_>| {
        for finding in checker.check("fuzz", &record) {
            assert!(finding.offset + finding.length <= record.bytes.len());
            assert!(finding.line >= record.line && finding.column >= 1);
            assert!(!finding.message.is_empty());
        }
        checker.accept(&record);
    };
    framer.push(bytes, &mut take);
    framer.finish(&mut take);
    // Another parser agrees about what is JSON, but for what we refuse on purpose.
    if let Ok(text) = std::str::from_utf8(bytes) {
        let mut document = Document::default();
        document.read(text.as_bytes());
        let faultless = document.faults().is_empty();
        let stricter = document.faults().iter().all(|fault| {
            matches!(
                fault.kind,
                SyntaxErrorKind::Duplicate
                    | SyntaxErrorKind::TooDeep
                    | SyntaxErrorKind::Comment
                    | SyntaxErrorKind::InnerMark
            )
        });
        let other = serde_json_accepts(text);
        assert!(!faultless || other, "{text:?}");
        assert!(!other || stricter, "{text:?}");
    }
});

fn serde_json_accepts(text: &str) -> bool {
    match other_parser(text) {
        Ok(()) => true,
        // Numbers beyond the other parser's range are JSON all the same.
        Err(message) => message.contains("out of range") || message.contains("recursion"),
    }
}

fn other_parser(text: &str) -> Result<(), String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map(drop)
        .map_err(|error| error.to_string())
}
