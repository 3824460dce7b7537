//! What `explain` does: finds out what each value is, and says what it means.

mod describe;
mod event_code;
pub mod explanation;
pub mod output;

use crate::check::rule::Rule;
use crate::commands::codes::{by_text, unknown_event_code};
use crate::commands::explain::explanation::Explanation;
use crate::commands::ui::Ui;
use crate::commands::vocabulary;
use crate::failure::{Exit, Failure};
use crate::model::code::{Category, Code, Suffix};
use crate::model::event_log::Field;
use crate::model::format::Format;
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::stage::{Direction, Stage};
use crate::model::sys_event::{SYS_TYPES, SysType};
use crate::model::text::{did_you_mean, did_you_mean_one_of, fold, nearest};
use crate::model::trigger::{FAILURE_PREFIXES, FailurePrefix};

/// More codes than these are a list, which `codes` shows.
const MOST_CODES: usize = 3;

/// The shortest part of a word that may be meant for the whole, and the most words that are named.
const SHORTEST_PART: usize = 4;
const MOST_WORDS: usize = 4;

/// Explains every value, as they were typed, and shows it.
pub fn run(values: &[String], format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let (mut explanations, mut missing) = (Vec::new(), Vec::new());
    for value in rejoined(values) {
        let mut found = explain(&value);
        if found.is_empty() {
            found = described_so(&value);
        }
        if found.is_empty() {
            missing.push(unknown(&value));
        }
        explanations.append(&mut found);
    }
    ui.print(&output::render(&explanations, &ui.page(format)))?;
    Ok(ui.report_missing(&missing))
}

/// The values, or all of them as one where the shell has split a pasted error text.
fn rejoined(values: &[String]) -> Vec<String> {
    let joined = values.join(" ");
    let split = quoted_failure(&joined).is_some()
        && values.iter().all(|value| quoted_failure(value).is_none());
    if split { vec![joined] } else { values.to_vec() }
}

/// Everything a value may mean; nothing if it means nothing here.
fn explain(value: &str) -> Vec<Explanation> {
    let value = value.trim();
    if let Some((known, rest)) = quoted_failure(value) {
        return vec![describe::failure(known, rest)];
    }
    let mut all = event_code::explain(value);
    all.extend(exit_code(value).map(describe::exit));
    all.extend(suffix(value).map(describe::suffix));
    // The star of the two sync types is a footnote mark of the reference.
    if let Some(word) = vocabulary::meant(value.trim_end_matches('*')) {
        all.extend(word_meaning(word));
    }
    all.extend(group(value));
    all
}

/// The few codes whose description a text repeats, unless it is nearly a word that is known.
fn described_so(value: &str) -> Vec<Explanation> {
    let is_text = value.contains(|c: char| c.is_alphabetic());
    if !is_text || nearest(value, vocabulary::words()).is_some() {
        return Vec::new();
    }
    let codes = by_text(value);
    let codes = codes.iter().filter(|_| codes.len() <= MOST_CODES);
    codes
        .flat_map(|code| event_code::explain(code.key))
        .collect()
}

/// What one of the words of the vocabulary means; codes are explained elsewhere.
fn word_meaning(word: &'static str) -> Option<Explanation> {
    if let Some(stage) = Stage::find(word) {
        return Some(describe::stage(stage));
    }
    if let Some(known) = OUTCOMES.iter().find(|known| known.value == word) {
        return Some(describe::outcome(known));
    }
    if let Some(known) = MODES.iter().find(|known| known.value == word) {
        return Some(describe::mode(known));
    }
    if let Some(direction) = Direction::find(word) {
        return Some(describe::direction(direction));
    }
    if let Some(known) = SysType::find(word) {
        return Some(describe::sys_type(known));
    }
    if let Some(rule) = Rule::find(word) {
        return Some(describe::rule(rule.description()));
    }
    if let Some(field) = Field::find(word) {
        return Some(describe::field(field.row()));
    }
    let mut categories = Category::ALL.into_iter();
    if let Some(category) = categories.find(|known| known.row().word == word) {
        return Some(describe::category(category));
    }
    let mut prefixes = FAILURE_PREFIXES.iter();
    let known = prefixes.find(|known| known.prefix == word)?;
    Some(describe::failure(known, ""))
}

/// A failure's prefix anywhere in a pasted text, and what the text says after it.
fn quoted_failure(text: &str) -> Option<(&'static FailurePrefix, &str)> {
    let lower = text.to_ascii_lowercase();
    FAILURE_PREFIXES.iter().find_map(|known| {
        let at = lower.find(known.prefix)?;
        let rest = &text[at + known.prefix.len()..];
        Some((known, rest.trim_start_matches(':').trim()))
    })
}

/// `6`, `exit 6` or `exit-code 6`.
fn exit_code(value: &str) -> Option<Exit> {
    let lower = value.to_ascii_lowercase();
    let number = lower
        .strip_prefix("exit")
        .map_or(lower.as_str(), |rest| {
            let rest = rest.trim_start_matches([' ', '-', '_']);
            rest.strip_prefix("code").unwrap_or(rest)
        })
        .trim();
    Exit::ALL
        .into_iter()
        .find(|exit| exit.code().to_string() == number)
}

fn suffix(value: &str) -> Option<Suffix> {
    let upper = value.to_ascii_uppercase();
    Suffix::ALL.into_iter().find(|suffix| {
        upper == suffix.letter().to_string()
            || upper == suffix.level().name()
            || upper == format!("-{}", suffix.letter())
    })
}

/// The beginning of several event types, such as `trigger.schedule` or `auth`.
fn group(value: &str) -> Option<Explanation> {
    let wanted = fold(value.trim_end_matches('*'));
    let types: Vec<_> = SYS_TYPES
        .iter()
        .filter(|known| fold(known.group) == wanted)
        .collect();
    (!types.is_empty()).then(|| describe::group(types[0].group, &types))
}

/// `, did you mean X or Y?` for the few words that the value is a part of, else the nearest.
fn guess(value: &str) -> String {
    let part = fold(value);
    let longer: Vec<_> = vocabulary::words()
        .filter(|word| part.len() >= SHORTEST_PART && fold(word).contains(&part))
        .collect();
    if (1..=MOST_WORDS).contains(&longer.len()) {
        return did_you_mean_one_of(&longer);
    }
    did_you_mean(value, vocabulary::words())
}

fn unknown(value: &str) -> Failure {
    let starts_like_a_code = value.trim().bytes().take_while(u8::is_ascii_digit).count() >= 4;
    if starts_like_a_code && value.trim().len() <= 6 {
        return unknown_event_code(value);
    }
    let failure = Failure::message(
        Exit::No,
        format!("nothing known about '{value}'{}", guess(value)),
    );
    let is_status = value
        .trim()
        .parse()
        .is_ok_and(|n: u16| (100..600).contains(&n));
    let codes = by_text(value).len();
    failure.hint(if codes > MOST_CODES {
        format!("{codes} event codes have this meaning: hivelog codes {}", value.trim())
    } else if is_status {
        format!(
            "for the codes that fit an HTTP status: hivelog codes pick --http {}",
            value.trim()
        )
    } else {
        "explain takes event codes, stages, outcomes, modes, fields, event types, rules, exit codes and the server's error texts; 'hivelog codes WORDS' searches the codes".to_owned()
    })
}

/// Codes in their usual notation, for texts.
fn named(code: &Code) -> String {
    format!("{code} {} ({})", code.level().name(), code.description)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(value: &str) -> Vec<(&'static str, String)> {
        let all = explain(value).into_iter();
        all.map(|one| (one.kind, one.value)).collect()
    }

    #[test]
    fn every_word_of_the_vocabulary_has_a_meaning() {
        for word in vocabulary::words() {
            assert!(!explain(word).is_empty(), "{word}");
            assert!(!explain(&word.to_uppercase()).is_empty(), "{word}");
        }
        for exit in Exit::ALL {
            assert!(!explain(&exit.code().to_string()).is_empty(), "{exit:?}");
        }
    }

    #[test]
    fn loose_spellings_find_the_value() {
        for (typed, kind, value) in [
            ("4005e", "event code", "4005E"),
            ("outbound 4", "lifecycle stage", "OUTBOUND_4"),
            ("message-delivered", "outcome", "MESSAGE_DELIVERED"),
            ("sandbox", "mode", "SANDBOX"),
            ("inbound", "direction", "INBOUND"),
            (
                "trigger.schedule.sync*",
                "system event",
                "trigger.schedule.sync",
            ),
            ("Missing_Field", "rule", "missing-field"),
            ("data-id", "event log field", "dataId"),
            ("w", "level", "W"),
            ("exit 6", "exit code", "6"),
            ("trigger.schedule.*", "system events", "trigger.schedule"),
        ] {
            assert_eq!(kinds(typed), [(kind, value.to_owned())], "{typed}");
        }
    }

    #[test]
    fn a_pasted_error_text_is_recognised_within_its_surroundings() {
        let pasted = "ERR trigger 7: Flow validation failed: node 3: bad";
        let (known, rest) = quoted_failure(pasted).unwrap();
        assert_eq!(
            (known.prefix, rest),
            ("flow validation failed", "node 3: bad")
        );
        let words = ["flow", "rejected", "input", "data:", "x"].map(str::to_owned);
        assert_eq!(rejoined(&words), ["flow rejected input data: x"]);
        let separate = ["4004", "FAILED"].map(str::to_owned);
        assert_eq!(rejoined(&separate), separate);
    }

    #[test]
    fn an_unknown_value_gets_the_nearest_word_of_any_kind() {
        for (typed, expected) in [
            ("OUTBUND_4", "did you mean OUTBOUND_4?"),
            ("RETRYNG", "did you mean RETRYING?"),
            ("trigger.event.okk", "did you mean trigger.event.ok?"),
            ("flase-twin", "did you mean false-twin?"),
            (
                "unknown",
                "did you mean unknown-value, unknown-field, unknown-code or sys-unknown-type?",
            ),
            ("outcome-mismatch", "did you mean filter-outcome-mismatch?"),
            (
                "4005X",
                "only 4005E (Authentication to external system failed) exists",
            ),
            (
                "flow validaton failed",
                "did you mean flow validation failed?",
            ),
        ] {
            let failure = unknown(typed);
            let message = format!("{failure}; {}", failure.hint.as_deref().unwrap_or(""));
            assert!(
                explain(typed).is_empty() && message.contains(expected),
                "{message}"
            );
        }
    }
}
