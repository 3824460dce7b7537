//! One test of a field.

use super::QueryError;
use crate::model::event::Event;
use crate::model::field;
use crate::model::timestamp::{Timestamp, parse_duration};
use regex::Regex;
use serde_json::Value;
use std::cmp::Ordering;

/// A comparison of a field with a value.
///
/// A missing field (or `null`) equals nothing and is neither less nor more than anything: only
/// `!=` holds, and `= null`.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) path: String,
    /// Where the path stands in what was typed, in characters.
    pub(super) at: usize,
    pub(super) check: Check,
}

/// What is asked of the field.
#[derive(Clone, Debug)]
pub(super) enum Check {
    /// It is there, and neither `false`, `0` nor empty.
    Truthy,
    /// It compares so with the value.
    Compare(Comparison, Operand),
    /// It matches a regular expression.
    Matches(Regex),
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A value to compare with, read in every way it can be.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    text: String,
    number: Option<f64>,
    /// The same where it is whole: ids have more digits than a floating-point number holds.
    whole: Option<i128>,
    instant: Option<Timestamp>,
    null: bool,
}

impl Operand {
    /// A value as it was typed; what stood in quotes is text only, but still compares as a number
    /// with a number.
    pub(super) fn new(text: String, quoted: bool) -> Operand {
        let duration = || {
            parse_duration(&text)
                .ok()
                .map(|time| time.as_secs_f64() * 1000.0)
        };
        Operand {
            number: text.parse().ok().or_else(duration),
            whole: text.parse().ok(),
            instant: Timestamp::parse(&text),
            null: !quoted && text == "null",
            text,
        }
    }
}

impl Operand {
    /// The value as a number; a duration is milliseconds.
    pub(super) fn number(&self) -> Option<f64> {
        self.number
    }

    /// How a number stands to this one: exactly, if both are whole.
    fn compared(&self, whole: Option<i128>, float: Option<f64>) -> Option<Ordering> {
        match (whole, self.whole) {
            (Some(whole), Some(own)) => Some(whole.cmp(&own)),
            _ => float?.partial_cmp(&self.number?),
        }
    }
}

impl Test {
    /// Whether its field's name is nearly a known one; `text` is what was typed.
    pub(super) fn misspelt(&self, text: &str) -> Option<QueryError> {
        let guess = field::misspelt(&self.path)?;
        Some(QueryError {
            text: text.to_owned(),
            at: self.at,
            message: format!("unknown field '{}', {guess}", self.path),
        })
    }

    /// Whether an event passes.
    pub(super) fn holds(&self, event: &Event<'_>) -> bool {
        if let Some(text) = head(event, &self.path) {
            return self.check.holds_text(text);
        }
        self.check.holds(event.field(&self.path))
    }
}

/// The fields that are at hand without reading the whole envelope.
fn head<'e>(event: &'e Event<'_>, path: &str) -> Option<&'e str> {
    match path {
        "type" => Some(&event.event_type),
        "kind" => Some(&event.kind),
        "id" => event.id.as_deref(),
        "ts" => event.ts.as_deref(),
        _ => None,
    }
}

impl Check {
    fn holds(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return match self {
                Check::Compare(Comparison::Equal, operand) => operand.null,
                Check::Compare(Comparison::Unequal, operand) => !operand.null,
                _ => false,
            };
        };
        match value {
            Value::String(text) => self.holds_text(text),
            Value::Bool(flag) => match self {
                Check::Truthy => *flag,
                other => other.holds_text(if *flag { "true" } else { "false" }),
            },
            Value::Number(number) => match (self, number.as_f64()) {
                (Check::Truthy, Some(number)) => number != 0.0,
                (Check::Compare(comparison, operand), Some(float)) => {
                    let whole = number.as_i64().map(i128::from);
                    let whole = whole.or_else(|| number.as_u64().map(i128::from));
                    comparison.of(operand.compared(whole, Some(float)))
                }
                _ => self.holds_text(&number.to_string()),
            },
            Value::Array(items) => match self {
                Check::Truthy => !items.is_empty(),
                // One item that passes is enough, as long as nothing is excluded.
                Check::Compare(Comparison::Unequal, operand) => {
                    let equal = Check::Compare(Comparison::Equal, operand.clone());
                    !items.iter().any(|item| equal.holds(Some(item)))
                }
                other => items.iter().any(|item| other.holds(Some(item))),
            },
            other => match self {
                Check::Truthy => true,
                check => check.holds_text(&other.to_string()),
            },
        }
    }

    fn holds_text(&self, text: &str) -> bool {
        match self {
            Check::Truthy => !text.is_empty(),
            Check::Matches(regex) => regex.is_match(text),
            Check::Compare(comparison, operand) => {
                let instants = || Timestamp::parse(text)?.partial_cmp(&operand.instant?);
                let numbers = || operand.compared(text.parse().ok(), text.parse().ok());
                let ordering = instants()
                    .or_else(numbers)
                    .unwrap_or_else(|| text.cmp(&operand.text));
                comparison.of(Some(ordering))
            }
        }
    }
}

impl Comparison {
    /// The comparison an operator stands for.
    pub(super) fn find(operator: &str) -> Option<Comparison> {
        Some(match operator {
            "=" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::More,
            ">=" => Comparison::AtLeast,
            _ => return None,
        })
    }

    pub(super) fn of(self, ordering: Option<Ordering>) -> bool {
        match self {
            Comparison::Equal => ordering == Some(Ordering::Equal),
            Comparison::Unequal => ordering != Some(Ordering::Equal),
            Comparison::Less => ordering == Some(Ordering::Less),
            Comparison::AtMost => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
            Comparison::More => ordering == Some(Ordering::Greater),
            Comparison::AtLeast => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}
