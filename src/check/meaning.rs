//! The rules about how the fields fit together, and about what the texts say.

use super::Policy;
use super::fields::Resolved;
use super::known_code::Known;
use super::record::{EventLog, FieldValue};
use super::rule::Rule;
use super::secrets;
use super::sink::{Judged, Sink};
use crate::model::code::{CodeLevel, Suffix};
use crate::model::event_log::Field;
use crate::wire::json::NodeKind;
use aho_corasick::packed::Searcher;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// Judges the fields together. An unknown code silences the rules that depend on what it
/// means: one cause, one finding.
#[inline]
pub fn check(
    log: &EventLog<'_>,
    policy: &Policy,
    resolved: &Resolved,
    sink: &mut impl Sink,
) -> Judged {
    if let (Some(outcome), Some(value)) = (resolved.outcome, log.get(Field::Outcome)) {
        if let Some(code) = resolved.code {
            outcome_and_code(code, policy, (outcome, value), sink)?;
        }
        if outcome == "MESSAGE_STORED" {
            sink.found_in(Rule::PlatformOutcome, value, || {
                "MESSAGE_STORED is reported by the platform, not by a connector".to_owned()
            })?;
        }
    }
    correlation(log, sink)?;
    if let Some(code) = resolved.code {
        detail(log, code, sink)?;
    }
    stack_trace(log, sink)?;
    secret(log, sink)
}

#[inline]
fn outcome_and_code(
    code: Known,
    policy: &Policy,
    (outcome, value): (&str, &FieldValue<'_>),
    sink: &mut impl Sink,
) -> Judged {
    if let Some(rule) = level_clash(code, outcome) {
        sink.found_in(rule, value, || {
            let name = code.name(policy);
            match rule {
                Rule::RetryingWithErrorCode => {
                    format!("RETRYING with the error code {name}, which ends the message")
                }
                Rule::FailedWithoutErrorCode => format!("FAILED with the information code {name}"),
                _ => format!("{outcome} with the error code {name}"),
            }
        })?;
    }
    if filter_clash(code, outcome) {
        sink.found_in(Rule::FilterOutcomeMismatch, value, || {
            let name = code.name(policy);
            if outcome == "FILTERED" {
                format!("FILTERED with {name}, which is not a filter code")
            } else {
                format!("{name} says filtered or skipped, the outcome says {outcome}")
            }
        })?;
    }
    Ok(())
}

/// The rule that an outcome breaks with a code of this level.
#[inline]
fn level_clash(code: Known, outcome: &str) -> Option<Rule> {
    match (outcome, code.suffix.map(Suffix::level)?) {
        ("RETRYING", CodeLevel::Error) => Some(Rule::RetryingWithErrorCode),
        ("FAILED", CodeLevel::Info) => Some(Rule::FailedWithoutErrorCode),
        (outcome, CodeLevel::Error) if outcome != "FAILED" => Some(Rule::ErrorCodeNotFailed),
        _ => None,
    }
}

/// Whether code and outcome disagree about filtering. A declared code may mean anything.
#[inline]
fn filter_clash(code: Known, outcome: &str) -> bool {
    code.code().is_some_and(|entry| {
        if outcome == "FILTERED" {
            !code.is_filter()
        } else {
            matches!(entry.key, "3000N" | "3001N")
        }
    })
}

#[inline]
fn correlation(log: &EventLog<'_>, sink: &mut impl Sink) -> Judged {
    match log.get(Field::CorrelationId) {
        Some(value) if value.is_text() && !is_uuid(value.bytes) && !value.is_blank() => sink
            .found_in(Rule::CorrelationIdNotUuid, value, || {
                "correlationId is not a UUID".to_owned()
            }),
        _ => Ok(()),
    }
}

/// Whether a text has the form of a UUID.
#[inline]
fn is_uuid(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 36]>::try_from(text) else {
        return false;
    };
    // All bytes are looked at, without branches, which is quicker than to stop at the first.
    let (digits, dashes) = text.iter().fold((0, 0), |(digits, dashes), byte| {
        (
            digits + u8::from(byte.is_ascii_hexdigit()),
            dashes + u8::from(*byte == b'-'),
        )
    });
    digits == 32 && dashes == 4 && [8, 13, 18, 23].iter().all(|at| text[*at] == b'-')
}

/// The detail of a warning or error: there, and in more than one line.
#[inline]
fn detail(log: &EventLog<'_>, code: Known, sink: &mut impl Sink) -> Judged {
    let level = code.suffix.map(Suffix::level);
    let (Some(CodeLevel::Warning | CodeLevel::Error), Some(code)) =
        (level, log.get(Field::EventCode))
    else {
        return Ok(());
    };
    let detail = log.get(Field::Detail);
    match detail.filter(|value| value.kind != NodeKind::Null) {
        None if !log.has_all_names => Ok(()),
        None => sink.found_in(Rule::DetailMissing, code, || {
            "a warning or error without detail".to_owned()
        }),
        Some(value) if !value.is_text() => Ok(()),
        Some(value) if value.is_blank() => sink.found_in(Rule::DetailMissing, value, || {
            "a warning or error with an empty detail".to_owned()
        }),
        Some(value) if !has_second_line(value) => {
            sink.found_in(Rule::DetailUnstructured, value, || {
                "the detail is a single line".to_owned()
            })
        }
        Some(_) => Ok(()),
    }
}

/// Whether a text has more than one line with something on it.
#[inline]
fn has_second_line(value: &FieldValue<'_>) -> bool {
    plainly_has_second_line(value.bytes)
        || value.text().is_some_and(|text| text.trim().contains('\n'))
}

/// The usual case, recognised in the raw bytes: an escaped break between two letters.
fn plainly_has_second_line(inner: &[u8]) -> bool {
    let graphic =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_graphic() && *byte != b'\\');
    // Behind an odd number of backslashes the n is an n: `C:\\new`.
    let escaped = |at: usize| {
        inner[..at]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count()
            % 2
            == 1
    };
    LINE_BREAK
        .find(inner)
        .is_some_and(|at| !escaped(at) && graphic(inner.first()) && graphic(inner.get(at + 2)))
}

#[inline]
fn stack_trace(log: &EventLog<'_>, sink: &mut impl Sink) -> Judged {
    match log.get(Field::Detail) {
        Some(value)
            if value.kind == NodeKind::Escaped
                && may_hold_a_frame(value.bytes)
                && value
                    .text()
                    .is_some_and(|text| looks_like_a_stack_trace(&text)) =>
        {
            sink.found_in(Rule::StackTraceInDetail, value, || {
                "the detail looks like a stack trace".to_owned()
            })
        }
        _ => Ok(()),
    }
}

#[inline]
fn secret(log: &EventLog<'_>, sink: &mut impl Sink) -> Judged {
    if !sink.wants(Rule::SecretInText) {
        return Ok(());
    }
    for field in [Field::Detail, Field::TechnicalInfo, Field::CustomData] {
        if let Some(value) = log.get(field)
            && value.kind != NodeKind::Broken
            && let Some(found) = secrets::find(value.bytes)
        {
            sink.found_in(Rule::SecretInText, value, || {
                format!("{} seems to carry a secret: {found}", field.name())
            })?;
        }
    }
    Ok(())
}

static LINE_BREAK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\n"));

/// Without one of these a text can hold no stack trace; they are looked for in the raw bytes.
static FRAME_MARKS: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    Searcher::new([
        "tat ",
        " at ",
        "nat ",
        "Traceback",
        "Stack trace",
        "File \\\"",
        "goroutine ",
        ".rb:",
        ".php(",
        ".rs:",
    ])
});

/// Whether a text is worth a closer look, decided from its raw bytes in one pass.
fn may_hold_a_frame(raw: &[u8]) -> bool {
    FRAME_MARKS
        .as_ref()
        .is_none_or(|marks| marks.find(raw).is_some())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The marks that stack traces of the usual languages leave.
fn looks_like_a_stack_trace(text: &str) -> bool {
    let frame = |line: &str| {
        let line = line.trim();
        let place = || {
            // `file:10:22`, `call(file:12)`, `call (file:12)`, or one that names its line.
            let bare = line.strip_suffix(')').unwrap_or(line);
            let numbered = bare.rsplit_once(':').is_some_and(|(file, number)| {
                // `at 12:30` is a time of day.
                is_digits(number) && file.contains(['/', '\\', '.', '<'])
            });
            let called =
                line.ends_with(')') && line.find('(').is_some_and(|at| !line[..at].ends_with(' '));
            numbered || called || line.contains(":line ")
        };
        (line.starts_with("at ") && place())
            || (line.starts_with("File \"") && line.contains(", line "))
            || (line.starts_with("goroutine ") && line.contains('['))
            || line.starts_with("Traceback (most recent call last)")
            || line == "Stack trace:"
            || (line.starts_with("from ") && line.contains(".rb:"))
            || (line.starts_with('#') && line.contains(".php("))
            || (line.contains("panicked at ") && line.contains(".rs:"))
    };
    text.lines().any(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_before_an_n_is_no_line_break() {
        for (detail, breaks) in [
            (r"The file C:\\new.txt is missing", false),
            (r"Orders wait.\nThe shop is closed.", true),
            (r"C:\\\nIt is missing.", true),
            (r"Orders wait.", false),
            (r"\nOrders wait.", false),
        ] {
            assert_eq!(
                plainly_has_second_line(detail.as_bytes()),
                breaks,
                "{detail}"
            );
        }
    }

    #[test]
    fn stack_traces_of_several_languages_are_distinguished_from_prose() {
        for trace in [
            "x\njava.lang.Error: y\n\tat okio.Okio$4.read(Okio.java:12)",
            "TypeError: x\n    at Object.<anonymous> (/app/index.js:1:1)",
            "Traceback (most recent call last):\n  File \"a.py\", line 3, in f",
            "panic: x\n\ngoroutine 1 [running]:",
            "x\n   at Foo.Bar() in C:\\a.cs:line 3",
            "x\n    at /a/b.js:10:22",
            "x\n    at new Foo (/a/c.js:3:4)",
            "x\n#0 /a/b.php(3): foo()",
            "PHP Fatal error: x in /a/b.php:3\nStack trace:\n#0 {main}",
            "  File \"a.py\", line 3, in f\n    raise X",
            "x\n    at <anonymous>:1:1",
            "thread 'main' panicked at src/main.rs:3:5:",
        ] {
            assert!(looks_like_a_stack_trace(trace), "{trace}");
        }
        let prose = "The shop did not answer.\nIt was asked at 12:00 (local time) twice.\nat least try again\nat checkout (step 3)\nat 12:30\nat step:3";
        assert!(!looks_like_a_stack_trace(prose));
    }
}
