//! The rules about how the fields fit together, and about what the texts say.

use super::Policy;
use super::codes::Known;
use super::fields::{Values, at, is_blank};
use super::rule::Rule;
use super::secrets;
use super::subject::{Place, Subject};
use crate::model::code::{Level, Suffix};
use crate::wire::json::Kind;
use aho_corasick::packed::Searcher;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// Judges the fields together. `code` is `None` for an unknown one, and then the rules that
/// depend on what it means stay silent: one cause, one finding.
pub fn check(subject: &mut Subject<'_>, policy: &Policy, values: &Values, code: Option<Known>) {
    let outcome = values.outcome.zip(values.get(at::OUTCOME));
    if let (Some(code), Some(outcome)) = (code, outcome) {
        outcome_and_code(subject, code, code.name(policy), outcome);
    }
    if let Some(("MESSAGE_STORED", value)) = outcome {
        subject.report(
            Rule::PlatformOutcome,
            Place::Value(value),
            "MESSAGE_STORED is reported by the platform, not by a connector",
        );
    }
    correlation(subject, values);
    if let Some(code) = code {
        detail(subject, values, code);
    }
    texts(subject, values);
}

fn outcome_and_code(
    subject: &mut Subject<'_>,
    code: Known,
    name: &str,
    (outcome, outcome_value): (&str, usize),
) {
    let at_outcome = Place::Value(outcome_value);
    if let Some(rule) = level_clash(code, outcome) {
        let message = match rule {
            Rule::RetryingWithErrorCode => {
                format!("RETRYING with the error code {name}, which ends the message")
            }
            Rule::FailedWithoutErrorCode => format!("FAILED with the information code {name}"),
            _ => format!("{outcome} with the error code {name}"),
        };
        subject.report(rule, at_outcome, message);
    }
    if filter_clash(code, outcome) {
        let message = if outcome == "FILTERED" {
            format!("FILTERED with {name}, which is not a filter code")
        } else {
            format!("{name} says filtered or skipped, the outcome says {outcome}")
        };
        subject.report(Rule::FilterOutcomeMismatch, at_outcome, message);
    }
}

/// The rule that an outcome breaks with a code of this level.
pub fn level_clash(code: Known, outcome: &str) -> Option<Rule> {
    match (outcome, code.suffix.map(Suffix::level)?) {
        ("RETRYING", Level::Error) => Some(Rule::RetryingWithErrorCode),
        ("FAILED", Level::Info) => Some(Rule::FailedWithoutErrorCode),
        (outcome, Level::Error) if outcome != "FAILED" => Some(Rule::ErrorCodeNotFailed),
        _ => None,
    }
}

/// Whether code and outcome disagree about filtering. A declared code may mean anything.
pub fn filter_clash(code: Known, outcome: &str) -> bool {
    code.code().is_some_and(|entry| {
        if outcome == "FILTERED" {
            !code.is_filter()
        } else {
            matches!(entry.key, "3000N" | "3001N")
        }
    })
}

fn correlation(subject: &mut Subject<'_>, values: &Values) {
    let Some(value) = values.get(at::CORRELATION_ID) else {
        return;
    };
    if !matches!(subject.node(value).kind, Kind::Text | Kind::Escaped) || is_blank(subject, value) {
        return;
    }
    if !is_uuid(subject.document.inner(subject.text(), value)) {
        subject.report(
            Rule::CorrelationIdNotUuid,
            Place::Value(value),
            "correlationId is not a UUID",
        );
    }
}

/// Whether a text has the form of a UUID.
pub fn is_uuid(text: &[u8]) -> bool {
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
fn detail(subject: &mut Subject<'_>, values: &Values, code: Known) {
    let level = code.suffix.map(Suffix::level);
    let (Some(Level::Warning | Level::Error), Some(code_value)) =
        (level, values.get(at::EVENT_CODE))
    else {
        return;
    };
    let detail = values
        .get(at::DETAIL)
        .filter(|value| subject.node(*value).kind != Kind::Null);
    match detail {
        None if !subject
            .document
            .root()
            .is_some_and(|root| subject.document.is_whole_in(root)) => {}
        None => subject.report(
            Rule::DetailMissing,
            Place::Value(code_value),
            "a warning or error without detail",
        ),
        Some(value) if !matches!(subject.node(value).kind, Kind::Text | Kind::Escaped) => {}
        Some(value) if is_blank(subject, value) => subject.report(
            Rule::DetailMissing,
            Place::Value(value),
            "a warning or error with an empty detail",
        ),
        Some(value) => {
            let breaks = has_second_line(subject, value);
            if !breaks {
                subject.report(
                    Rule::DetailUnstructured,
                    Place::Value(value),
                    "the detail is a single line",
                );
            }
        }
    }
}

/// Whether a text has more than one line with something on it.
fn has_second_line(subject: &Subject<'_>, value: usize) -> bool {
    let inner = subject.document.inner(subject.text(), value);
    plainly_has_second_line(inner)
        || subject
            .string(value)
            .is_some_and(|text| text.trim().contains('\n'))
}

/// The usual case, told from the raw bytes: an escaped break between two letters.
pub fn plainly_has_second_line(inner: &[u8]) -> bool {
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

fn texts(subject: &mut Subject<'_>, values: &Values) {
    if let Some(value) = values.get(at::DETAIL)
        && subject.node(value).kind == Kind::Escaped
        && may_hold_a_frame(subject.document.inner(subject.text(), value))
        && subject
            .string(value)
            .is_some_and(|text| looks_like_a_stack_trace(&text))
    {
        subject.report(
            Rule::StackTraceInDetail,
            Place::Value(value),
            "the detail looks like a stack trace",
        );
    }
    if !subject.wants(Rule::SecretInText) {
        return;
    }
    for place in [at::DETAIL, at::TECHNICAL_INFO, at::CUSTOM_DATA] {
        let Some(value) = values.get(place) else {
            continue;
        };
        let node = subject.node(value);
        if node.kind == Kind::Broken {
            continue;
        }
        let raw = &subject.text()[node.start as usize..node.end as usize];
        if let Some(found) = secrets::find(raw) {
            let name = crate::model::event_log::FIELDS[place].name;
            let message = format!("{name} seems to carry a secret: {found}");
            subject.report(Rule::SecretInText, Place::Value(value), message);
        }
    }
}

static LINE_BREAK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\n"));

/// Without one of these a text can hold no stack trace; they are looked for in the raw bytes.
static FRAME_MARKS: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    Searcher::new([
        "tat ",
        " at ",
        "nat ",
        "Traceback",
        "goroutine ",
        ".rb:",
        ".php(",
        ".rs:",
    ])
});

/// Whether a text is worth a closer look, told from its raw bytes in one pass.
pub fn may_hold_a_frame(raw: &[u8]) -> bool {
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
            let numbered = bare.rsplit(':').next().is_some_and(is_digits);
            let called =
                line.ends_with(')') && line.find('(').is_some_and(|at| !line[..at].ends_with(' '));
            numbered || called || line.contains(":line ")
        };
        (line.starts_with("at ") && place())
            || (line.starts_with("File \"") && line.contains(", line "))
            || (line.starts_with("goroutine ") && line.contains('['))
            || line.starts_with("Traceback (most recent call last)")
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
    fn stack_traces_of_several_languages_are_told_from_prose() {
        for trace in [
            "x\njava.lang.Error: y\n\tat okio.Okio$4.read(Okio.java:12)",
            "TypeError: x\n    at Object.<anonymous> (/app/index.js:1:1)",
            "Traceback (most recent call last):\n  File \"a.py\", line 3, in f",
            "panic: x\n\ngoroutine 1 [running]:",
            "x\n   at Foo.Bar() in C:\\a.cs:line 3",
            "x\n    at /a/b.js:10:22",
            "x\n    at new Foo (/a/c.js:3:4)",
            "x\n#0 /a/b.php(3): foo()",
            "thread 'main' panicked at src/main.rs:3:5:",
        ] {
            assert!(looks_like_a_stack_trace(trace), "{trace}");
        }
        let prose = "The shop did not answer.\nIt was asked at 12:00 (local time) twice.\nat least try again\nat checkout (step 3)";
        assert!(!looks_like_a_stack_trace(prose));
    }
}
