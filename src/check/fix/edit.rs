//! Which bytes of a record are exchanged for which.

use crate::check::known_code::respelled;
use crate::check::record::{EventLog, Respelled};
use crate::check::rule::Rule;
use crate::check::{Policy, is_sys_event};
use crate::model::event_log::Field;
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES};
use crate::model::text::meant;
use crate::model::timestamp::Timestamp;
use crate::wire::json::{Document, SyntaxError, SyntaxErrorKind};

/// An exchange of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where the bytes to go begin.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What stands there afterwards.
    pub with: String,
}

impl Edit {
    /// Takes bytes away.
    pub fn delete(start: usize, end: usize) -> Edit {
        Edit::replace(start, end, "")
    }

    fn replace(start: usize, end: usize, with: impl Into<String>) -> Edit {
        Edit {
            start,
            end,
            with: with.into(),
        }
    }

    /// Moves it behind so many bytes.
    pub fn shift(&mut self, by: usize) {
        self.start += by;
        self.end += by;
    }
}

/// The bytes with the edits made. Edits may come in any order.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.start);
    let mut fixed = Vec::with_capacity(bytes.len() + 16);
    let mut at = 0;
    for edit in edits {
        fixed.extend_from_slice(&bytes[at..edit.start]);
        fixed.extend_from_slice(edit.with.as_bytes());
        at = edit.end;
    }
    fixed.extend_from_slice(&bytes[at..]);
    fixed
}

/// The repairs of a record that was read: those of its text together, then each of a value by
/// itself.
pub fn groups(
    document: &Document,
    policy: &Policy,
    timestamps: bool,
    bytes: &[u8],
) -> Vec<Vec<Edit>> {
    let mut groups = Vec::new();
    if !is_sure(document) {
        return groups;
    }
    if policy.levels.of(Rule::JsonSyntax).is_some() {
        groups.push(text(document.faults()));
    }
    if let Some(root) = document.root()
        && !is_sys_event(document, bytes, policy.schema, root)
    {
        let edits = respellings(document, policy, bytes, root, timestamps);
        groups.extend(edits.into_iter().map(|edit| vec![edit]));
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Whether the text shows beyond doubt where its strings and objects begin and end. With a quote
/// or a comma missing, what looks like a broken string may be the text between two strings.
fn is_sure(document: &Document) -> bool {
    document.is_whole()
        && document.faults().iter().all(|fault| {
            !matches!(
                fault.kind,
                SyntaxErrorKind::MissingComma
                    | SyntaxErrorKind::MissingColon
                    | SyntaxErrorKind::BareName
                    | SyntaxErrorKind::Unexpected(_)
                    | SyntaxErrorKind::CutOff
                    | SyntaxErrorKind::Behind
                    | SyntaxErrorKind::InnerMark
            )
        })
}

/// The repairs of the text.
fn text(faults: &[SyntaxError]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut escape_ends = None;
    for fault in faults {
        let with = match fault.kind {
            SyntaxErrorKind::TrailingComma => "",
            // Behind a backslash the break was meant to be no part of the text, or was it?
            SyntaxErrorKind::RawLineBreak | SyntaxErrorKind::RawControl(b'\r')
                if escape_ends == Some(fault.start) =>
            {
                continue;
            }
            SyntaxErrorKind::RawLineBreak => "\\n",
            SyntaxErrorKind::RawControl(b'\r') => "\\r",
            SyntaxErrorKind::RawControl(b'\t') => "\\t",
            SyntaxErrorKind::Escape => {
                escape_ends = Some(fault.end);
                continue;
            }
            _ => continue,
        };
        edits.push(Edit::replace(fault.start, fault.end, with));
    }
    edits
}

/// The repairs of values: the documented spelling of what was spelled loosely.
fn respellings(
    document: &Document,
    policy: &Policy,
    bytes: &[u8],
    root: usize,
    timestamps: bool,
) -> Vec<Edit> {
    let texts = Respelled::of(document, bytes, root);
    let log = EventLog::exact(document, bytes, root, &texts);
    let mut edits = Vec::new();
    let mut respell = |field: Field, meant: &dyn Fn(&str) -> Option<String>| {
        let Some(value) = log.get(field) else {
            return;
        };
        let span = document.node(value.node as usize).span();
        if bytes.get(span.start) != Some(&b'"') {
            return;
        }
        if let Some(meant) = value.text().and_then(|typed| meant(&typed)) {
            edits.push(Edit::replace(span.start + 1, span.end - 1, meant));
        }
    };
    let is_on = |rule| policy.levels.of(rule).is_some();
    if is_on(Rule::UnknownCode) {
        respell(Field::EventCode, &|typed| {
            respelled(policy, typed).map(str::to_owned)
        });
    }
    if is_on(Rule::UnknownValue) {
        let directions = Direction::ALL.map(Direction::name);
        respell(Field::Direction, &|typed| listed(typed, directions));
        respell(Field::LifeCycleStage, &|typed| {
            listed(typed, STAGES.map(|stage| stage.key))
        });
        respell(Field::Outcome, &|typed| {
            listed(typed, OUTCOMES.map(|choice| choice.value))
        });
        respell(Field::Mode, &|typed| {
            listed(typed, MODES.map(|choice| choice.value))
        });
    }
    if timestamps {
        respell(Field::GeneratedAt, &rfc3339);
    }
    edits
}

/// The value of a closed list that is meant by another case or other separators.
fn listed<const N: usize>(typed: &str, names: [&'static str; N]) -> Option<String> {
    if !typed.is_ascii() || names.contains(&typed) {
        return None;
    }
    meant(typed, names).map(str::to_owned)
}

/// The same time in RFC 3339, digit by digit, so that no precision is lost; `None` where it is
/// written so already.
fn rfc3339(typed: &str) -> Option<String> {
    let stamp = Timestamp::parse(typed)?;
    let (date, rest) = typed.split_at_checked(10)?;
    let (clock, rest) = rest.get(1..)?.split_at_checked(5)?;
    let zone = rest.find(['Z', 'z', '+', '-', ' '])?;
    let (seconds, zone) = rest.split_at(zone);
    let seconds = if seconds.is_empty() { ":00" } else { seconds };
    let zone = zone.trim_start();
    let zone = match zone.len() {
        1 => "Z".to_owned(),
        3 => format!("{zone}:00"),
        5 => format!("{}:{}", &zone[..3], &zone[3..]),
        _ => zone.to_owned(),
    };
    let written = format!("{date}T{clock}{}{zone}", seconds.replace(',', "."));
    let same = Timestamp::parse(&written) == Some(stamp);
    (same && written != typed).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc3339_without_losing_a_digit() {
        for (typed, written) in [
            (
                "2024-05-03 17:30:00.895 +1200",
                Some("2024-05-03T17:30:00.895+12:00"),
            ),
            ("2024-05-03t17:30:00z", Some("2024-05-03T17:30:00Z")),
            ("2024-05-03T17:30+12", Some("2024-05-03T17:30:00+12:00")),
            (
                "2024-05-03T17:30:00,1234567890123-0330",
                Some("2024-05-03T17:30:00.1234567890123-03:30"),
            ),
            ("2024-05-03T17:30:00.895+12:00", None),
            ("2024-05-03T17:30:00Z", None),
            ("2024-05-03 17:30:00", None),
            ("yesterday", None),
        ] {
            assert_eq!(rfc3339(typed).as_deref(), written, "{typed}");
        }
    }
}
