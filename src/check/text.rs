//! The rules about the record's text: what the JSON reader found, in words.

use super::fields::name_of;
use super::finding::Place;
use super::rule::Rule;
use super::subject::Subject;
use crate::wire::json::{NodeKind, SyntaxError, SyntaxErrorKind, foreign};
use crate::wire::records::ArrayError;

/// Judges the text. True if the record is an object whose members can be judged further.
pub fn check(subject: &mut Subject<'_>) -> bool {
    if let Some(error) = subject.record.flaw {
        array_error(subject, error);
        // Only a missing comma comes with a record.
        if error != ArrayError::MissingComma {
            return false;
        }
    }
    if subject.record.is_oversize() && foreign(subject.text()).is_none() {
        let message = format!("the record has {} bytes", subject.record.length);
        subject.report(Rule::TooLarge, Place::Record, message);
        return false;
    }
    let document = subject.document;
    let root = document.root();
    let kind = root.map(|root| document.node(root).kind);
    report_faults(subject, kind == Some(NodeKind::Object));
    let (Some(root), Some(kind)) = (root, kind) else {
        return false;
    };
    let mut faults = document.faults().iter();
    let is_json = !faults.any(|fault| rule_of(fault.kind) == Rule::JsonSyntax);
    if kind != NodeKind::Object && kind != NodeKind::Broken && document.is_whole() && is_json {
        let message = format!("the record is {}, not an object", name_of(kind));
        subject.report(Rule::NotAnObject, Place::Value(root), message);
    }
    kind == NodeKind::Object
}

/// What is wrong with the array around a record.
fn array_error(subject: &mut Subject<'_>, error: ArrayError) {
    let (place, help) = match error {
        ArrayError::MissingComma => (
            Place::Span(0, subject.text().len().min(1)),
            "separate the elements of an array with commas",
        ),
        ArrayError::StrayComma => (
            Place::Span(0, 1),
            "remove the comma, or put the missing record before it",
        ),
        ArrayError::TrailingComma => (Place::Span(0, 1), "remove the comma"),
        ArrayError::ArrayCutOff => (
            Place::Record,
            "check that the writer finished; a cut-off input may have lost records",
        ),
    };
    subject.report_with(Rule::JsonSyntax, place, error.to_string(), help);
}

/// Every fault of an object; but a writer that puts one text in single quotes does so with all of them,
/// and a line that is not JSON is one finding, however many words it has.
fn report_faults(subject: &mut Subject<'_>, is_object: bool) {
    let mut reported: Vec<SyntaxErrorKind> = Vec::new();
    for fault in subject.document.faults() {
        let is_repeated = |before: &SyntaxErrorKind| {
            if is_object {
                *before == fault.kind
            } else {
                rule_of(fault.kind) == Rule::JsonSyntax && rule_of(*before) == Rule::JsonSyntax
            }
        };
        if reported.iter().any(is_repeated) {
            continue;
        }
        let is_habit = matches!(
            fault.kind,
            SyntaxErrorKind::SingleQuotes | SyntaxErrorKind::BareName
        );
        if is_habit || (!is_object && rule_of(fault.kind) == Rule::JsonSyntax) {
            reported.push(fault.kind);
        }
        report(subject, *fault);
    }
}

fn report(subject: &mut Subject<'_>, fault: SyntaxError) {
    let place = Place::Span(fault.start, fault.end);
    let rule = rule_of(fault.kind);
    if !subject.wants(rule) {
        return;
    }
    let message = fault.message(subject.text());
    subject.report_with(rule, place, message, help(fault.kind));
}

fn rule_of(cause: SyntaxErrorKind) -> Rule {
    match cause {
        SyntaxErrorKind::Duplicate => Rule::DuplicateMember,
        SyntaxErrorKind::TooDeep => Rule::TooDeep,
        _ => Rule::JsonSyntax,
    }
}

/// How to fix it.
fn help(kind: SyntaxErrorKind) -> &'static str {
    match kind {
        SyntaxErrorKind::TrailingComma => "remove the comma",
        SyntaxErrorKind::RawLineBreak => "write it as \\n; a JSON string stays on one line",
        SyntaxErrorKind::RawControl(_) => "write it as an escape, for example \\t or \\u001b",
        SyntaxErrorKind::SingleQuotes => "use double quotes",
        SyntaxErrorKind::Comment => "remove it, or move it into customData",
        SyntaxErrorKind::Word => "use null, true, false, a number or a quoted text",
        SyntaxErrorKind::BareName => "put the name in double quotes",
        SyntaxErrorKind::Number => {
            "no plus sign, no leading zero, and digits on both sides of the point"
        }
        SyntaxErrorKind::Escape => "a backslash in text is written \\\\",
        SyntaxErrorKind::LoneSurrogate => "write both halves, or the character itself",
        SyntaxErrorKind::InnerMark => "remove it; files were probably joined that begin with one",
        SyntaxErrorKind::OddBlank(_) => {
            "use a plain space; the text was probably copied from a page or a document"
        }
        SyntaxErrorKind::NotUtf8 => "write the record in UTF-8",
        SyntaxErrorKind::MissingComma => "separate members with commas",
        SyntaxErrorKind::MissingColon => "write \"name\": value",
        SyntaxErrorKind::CutOff => "check that the writer finished the record",
        SyntaxErrorKind::Unexpected(0) => {
            "look at what wrote it: a crash or a full disk may have left a hole in the file"
        }
        SyntaxErrorKind::Unexpected(_) => "check the quotes, commas and brackets before it",
        SyntaxErrorKind::Behind => "one record ends before the next begins",
        SyntaxErrorKind::Html => {
            "look at what produced it: a login or error page was probably saved"
        }
        SyntaxErrorKind::Gzip => "decompress it first: gzip -dc FILE | hivelog validate -",
        SyntaxErrorKind::Wide => "convert it first: iconv -f UTF-16 -t UTF-8 FILE",
        SyntaxErrorKind::Duplicate => Rule::DuplicateMember.description().help,
        SyntaxErrorKind::TooDeep => Rule::TooDeep.description().help,
    }
}
