//! The rules about the record's text: what the JSON reader found, in words.

use super::rule::Rule;
use super::subject::{Place, Subject, shortened};
use crate::wire::json::{Cause, Document, Fault, Kind, foreign};
use crate::wire::records::Flaw;
use std::borrow::Cow;

/// The first thing that is wrong with a text by itself: the rule, the byte it begins at, and words.
pub fn first_fault(text: &[u8]) -> Option<(Rule, usize, String)> {
    let mut document = Document::default();
    document.read(text);
    let fault = *document.faults().first()?;
    let (message, _) = words(fault.cause, &shown(text, fault));
    Some((rule_of(fault.cause), fault.start, shortened(message)))
}

/// Judges the text. True if the record is an object whose members can be judged further.
pub fn check(subject: &mut Subject<'_>) -> bool {
    match subject.record.flaw {
        Some(Flaw::MissingComma) => subject.report_with(
            Rule::JsonSyntax,
            Place::Span(0, subject.text().len().min(1)),
            "no comma between this record and the one before",
            "separate the elements of an array with commas",
        ),
        Some(Flaw::StrayComma) => {
            subject.report_with(
                Rule::JsonSyntax,
                Place::Span(0, 1),
                "a comma with no record before it",
                "remove the comma, or put the missing record before it",
            );
            return false;
        }
        Some(Flaw::TrailingComma) => {
            subject.report_with(
                Rule::JsonSyntax,
                Place::Span(0, 1),
                "trailing comma: no record follows it",
                "remove the comma",
            );
            return false;
        }
        Some(Flaw::ArrayCutOff) => {
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

fn report(subject: &mut Subject<'_>, fault: Fault) {
    let place = Place::Span(fault.start, fault.end);
    let rule = rule_of(fault.cause);
    if !subject.wants(rule) {
        return;
    }
    let (message, help) = words(fault.cause, &shown(subject.text(), fault));
    subject.report_with(rule, place, message, help);
}

fn rule_of(cause: Cause) -> Rule {
    match cause {
        Cause::Duplicate => Rule::DuplicateMember,
        Cause::TooDeep => Rule::TooDeep,
        _ => Rule::JsonSyntax,
    }
}

fn shown(text: &[u8], fault: Fault) -> Cow<'_, str> {
    String::from_utf8_lossy(&text[fault.start..fault.end])
}

/// What a cause is in words, and how to mend it.
fn words(cause: Cause, shown: &str) -> (String, &'static str) {
    let plain = |text: &str| text.to_owned();
    match cause {
        Cause::TrailingComma => (
            plain("trailing comma: nothing follows it"),
            "remove the comma",
        ),
        Cause::RawLineBreak => (
            plain("raw line break inside a string"),
            "write it as \\n; a JSON string stays on one line",
        ),
        Cause::RawControl(byte) => (
            format!("raw control character U+{byte:04X} inside a string"),
            "write it as an escape, for example \\t or \\u001b",
        ),
        Cause::SingleQuotes => (plain("single quotes around text"), "use double quotes"),
        Cause::Comment => (
            plain("a comment: JSON has none"),
            "remove it, or move it into customData",
        ),
        Cause::Word => (
            format!("{shown} is not a JSON value"),
            "use null, true, false, a number or a quoted text",
        ),
        Cause::BareName => (
            format!("the member name {shown} has no quotes"),
            "put the name in double quotes",
        ),
        Cause::Number => (
            format!("{shown} is not a JSON number"),
            "no plus sign, no leading zero, and digits on both sides of the point",
        ),
        Cause::Escape => (
            format!("{shown} is no escape that JSON knows"),
            "a backslash in text is written \\\\",
        ),
        Cause::LoneSurrogate => (
            format!("{shown} is half of a surrogate pair"),
            "write both halves, or the character itself",
        ),
        Cause::InnerMark => (
            plain("a byte-order mark inside the input"),
            "remove it; files were probably joined that begin with one",
        ),
        Cause::OddBlank(blank) => (
            format!(
                "the blank U+{:04X} between tokens is none in JSON",
                u32::from(blank)
            ),
            "use a plain space; the text was probably copied from a page or a document",
        ),
        Cause::NotUtf8 => (
            plain("bytes that are not UTF-8"),
            "write the record in UTF-8",
        ),
        Cause::MissingComma => (
            plain("no comma before this"),
            "separate members with commas",
        ),
        Cause::MissingColon => (
            plain("no colon between name and value"),
            "write \"name\": value",
        ),
        Cause::CutOff => (
            plain("the record is cut off here"),
            "check that the writer finished the record",
        ),
        Cause::Unexpected(0) => (
            plain("a NUL byte cannot stand here"),
            "look at what wrote it: a crash or a full disk may have left a hole in the file",
        ),
        Cause::Unexpected(byte) => (
            format!("'{}' cannot stand here", char::from(byte).escape_default()),
            "check the quotes, commas and brackets before it",
        ),
        Cause::Behind => (
            plain("something follows the record on its line"),
            "one record ends before the next begins",
        ),
        Cause::Html => (
            plain("this is HTML, not JSON"),
            "look at what produced it: a login or error page was probably saved",
        ),
        Cause::Gzip => (
            plain("this is gzip-compressed, not JSON"),
            "decompress it first: gzip -dc FILE | hivelog validate -",
        ),
        Cause::Wide => (
            plain("this is UTF-16 or UTF-32, not UTF-8"),
            "convert it first: iconv -f UTF-16 -t UTF-8 FILE",
        ),
        Cause::Duplicate => (
            format!("the member {shown} appears twice"),
            Rule::DuplicateMember.description().help,
        ),
        Cause::TooDeep => (
            plain("nested more than 64 levels deep"),
            Rule::TooDeep.description().help,
        ),
    }
}
