//! The rules about the record's text: what the JSON reader found, in words.

use super::rule::Rule;
use super::subject::{Place, Subject, shortened};
use crate::wire::json::{Document, Kind, SyntaxError, SyntaxErrorKind, foreign};
use crate::wire::records::ArrayError;
use std::borrow::Cow;

/// The first thing that is wrong with a text by itself: the rule, the byte it begins at, and words.
pub fn first_fault(text: &[u8]) -> Option<(Rule, usize, String)> {
    let mut document = Document::default();
    document.read(text);
    let fault = *document.faults().first()?;
    let (message, _) = words(fault.kind, &shown(text, fault));
    Some((rule_of(fault.kind), fault.start, shortened(message)))
}

/// Judges the text. True if the record is an object whose members can be judged further.
pub fn check(subject: &mut Subject<'_>) -> bool {
    match subject.record.flaw {
        Some(ArrayError::MissingComma) => subject.report_with(
            Rule::JsonSyntax,
            Place::Span(0, subject.text().len().min(1)),
            "no comma between this record and the one before",
            "separate the elements of an array with commas",
        ),
        Some(ArrayError::StrayComma) => {
            subject.report_with(
                Rule::JsonSyntax,
                Place::Span(0, 1),
                "a comma with no record before it",
                "remove the comma, or put the missing record before it",
            );
            return false;
        }
        Some(ArrayError::TrailingComma) => {
            subject.report_with(
                Rule::JsonSyntax,
                Place::Span(0, 1),
                "trailing comma: no record follows it",
                "remove the comma",
            );
            return false;
        }
        Some(ArrayError::ArrayCutOff) => {
            subject.report_with(
                Rule::JsonSyntax,
                Place::Record,
                "the array is cut off: no closing bracket at the end of the input",
                "check that the writer finished; a cut-off input may have lost records",
            );
            return false;
        }
        None => {}
    }
    if subject.record.is_oversize() && foreign(subject.text()).is_none() {
        let length = subject.record.length;
        subject.report(
            Rule::TooLarge,
            Place::Record,
            format!("the record has {length} bytes"),
        );
        return false;
    }
    let document = subject.document;
    for fault in document.faults() {
        report(subject, *fault);
    }
    let Some(root) = document.root() else {
        return false;
    };
    match document.node(root).kind {
        Kind::Object => true,
        Kind::Broken => false,
        _ if !document.is_whole() => false,
        kind => {
            let what = match kind {
                Kind::Null => "null",
                Kind::True | Kind::False => "a boolean",
                Kind::Number => "a number",
                Kind::Array => "an array",
                _ => "text",
            };
            subject.report(
                Rule::NotAnObject,
                Place::Value(root),
                format!("the record is {what}, not an object"),
            );
            false
        }
    }
}

fn report(subject: &mut Subject<'_>, fault: SyntaxError) {
    let place = Place::Span(fault.start, fault.end);
    let rule = rule_of(fault.kind);
    if !subject.wants(rule) {
        return;
    }
    let (message, help) = words(fault.kind, &shown(subject.text(), fault));
    subject.report_with(rule, place, message, help);
}

fn rule_of(cause: SyntaxErrorKind) -> Rule {
    match cause {
        SyntaxErrorKind::Duplicate => Rule::DuplicateMember,
        SyntaxErrorKind::TooDeep => Rule::TooDeep,
        _ => Rule::JsonSyntax,
    }
}

fn shown(text: &[u8], fault: SyntaxError) -> Cow<'_, str> {
    String::from_utf8_lossy(&text[fault.start..fault.end])
}

/// What a cause is in words, and how to mend it.
fn words(cause: SyntaxErrorKind, shown: &str) -> (String, &'static str) {
    let plain = |text: &str| text.to_owned();
    match cause {
        SyntaxErrorKind::TrailingComma => (
            plain("trailing comma: nothing follows it"),
            "remove the comma",
        ),
        SyntaxErrorKind::RawLineBreak => (
            plain("raw line break inside a string"),
            "write it as \\n; a JSON string stays on one line",
        ),
        SyntaxErrorKind::RawControl(byte) => (
            format!("raw control character U+{byte:04X} inside a string"),
            "write it as an escape, for example \\t or \\u001b",
        ),
        SyntaxErrorKind::SingleQuotes => (plain("single quotes around text"), "use double quotes"),
        SyntaxErrorKind::Comment => (
            plain("a comment: JSON has none"),
            "remove it, or move it into customData",
        ),
        SyntaxErrorKind::Word => (
            format!("{shown} is not a JSON value"),
            "use null, true, false, a number or a quoted text",
        ),
        SyntaxErrorKind::BareName => (
            format!("the member name {shown} has no quotes"),
            "put the name in double quotes",
        ),
        SyntaxErrorKind::Number => (
            format!("{shown} is not a JSON number"),
            "no plus sign, no leading zero, and digits on both sides of the point",
        ),
        SyntaxErrorKind::Escape => (
            format!("{shown} is no escape that JSON knows"),
            "a backslash in text is written \\\\",
        ),
        SyntaxErrorKind::LoneSurrogate => (
            format!("{shown} is half of a surrogate pair"),
            "write both halves, or the character itself",
        ),
        SyntaxErrorKind::InnerMark => (
            plain("a byte-order mark inside the input"),
            "remove it; files were probably joined that begin with one",
        ),
        SyntaxErrorKind::OddBlank(blank) => (
            format!(
                "the blank U+{:04X} between tokens is none in JSON",
                u32::from(blank)
            ),
            "use a plain space; the text was probably copied from a page or a document",
        ),
        SyntaxErrorKind::NotUtf8 => (
            plain("bytes that are not UTF-8"),
            "write the record in UTF-8",
        ),
        SyntaxErrorKind::MissingComma => (
            plain("no comma before this"),
            "separate members with commas",
        ),
        SyntaxErrorKind::MissingColon => (
            plain("no colon between name and value"),
            "write \"name\": value",
        ),
        SyntaxErrorKind::CutOff => (
            plain("the record is cut off here"),
            "check that the writer finished the record",
        ),
        SyntaxErrorKind::Unexpected(0) => (
            plain("a NUL byte cannot stand here"),
            "look at what wrote it: a crash or a full disk may have left a hole in the file",
        ),
        SyntaxErrorKind::Unexpected(byte) => (
            format!("'{}' cannot stand here", char::from(byte).escape_default()),
            "check the quotes, commas and brackets before it",
        ),
        SyntaxErrorKind::Behind => (
            plain("something follows the record on its line"),
            "one record ends before the next begins",
        ),
        SyntaxErrorKind::Html => (
            plain("this is HTML, not JSON"),
            "look at what produced it: a login or error page was probably saved",
        ),
        SyntaxErrorKind::Gzip => (
            plain("this is gzip-compressed, not JSON"),
            "decompress it first: gzip -dc FILE | hivelog validate -",
        ),
        SyntaxErrorKind::Wide => (
            plain("this is UTF-16 or UTF-32, not UTF-8"),
            "convert it first: iconv -f UTF-16 -t UTF-8 FILE",
        ),
        SyntaxErrorKind::Duplicate => (
            format!("the member {shown} appears twice"),
            Rule::DuplicateMember.description().help,
        ),
        SyntaxErrorKind::TooDeep => (
            plain("nested more than 64 levels deep"),
            Rule::TooDeep.description().help,
        ),
    }
}
