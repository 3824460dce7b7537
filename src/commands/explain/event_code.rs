//! Explaining an event code, and the trap in its number.

use crate::commands::explain::explanation::Explanation;
use crate::commands::explain::named;
use crate::model::code::{Category, Code, Suffix};

/// The code that is meant, or every code with this number.
pub fn explain(value: &str) -> Vec<Explanation> {
    let plain: String = value
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_uppercase();
    let without_label = plain.strip_prefix("CODE").unwrap_or(&plain);
    match Code::find(without_label) {
        Some(code) => vec![describe(code)],
        None => Code::with_number(without_label).map(describe).collect(),
    }
}

fn describe(code: &'static Code) -> Explanation {
    let category = code.category();
    let mut explanation = Explanation::new(code.key, "event code", code.description)
        .fact("level", level(code.suffix))
        .fact(
            "category",
            format!(
                "{} ({}): {}",
                category.name(),
                category.row().range,
                category.row().description
            ),
        )
        .fact("outcome", outcome(code));
    for sibling in code.siblings() {
        explanation = explanation.fact("sibling", named(sibling));
    }
    explanation = explanation.note(siblings(code));
    match suggestion(code) {
        Some(note) => explanation.note(note),
        None => explanation,
    }
    .note(usage(code))
}

fn level(suffix: Suffix) -> String {
    let name = suffix.level().name();
    match suffix {
        Suffix::N => format!("{name}: for the record, nothing to do"),
        Suffix::W => format!("{name}: something is wrong, and the connector keeps trying"),
        Suffix::E => format!("{name}: terminal, the connector has given up on the message"),
    }
}

fn outcome(code: &Code) -> &'static str {
    match (code.suffix, code.category()) {
        (Suffix::E, _) => "FAILED",
        (Suffix::W, _) => "RETRYING, or WAITING or PROCESSING while work continues",
        (Suffix::N, Category::Filter) => "FILTERED",
        (Suffix::N, _) => "PROCESSING, WAITING or MESSAGE_DELIVERED",
    }
}

fn siblings(code: &Code) -> String {
    let others: Vec<_> = code.siblings().map(|other| other.key).collect();
    let number = code.number();
    if others.is_empty() {
        return format!(
            "{code} has no sibling: {number} exists with the letter {} only.",
            code.suffix.letter()
        );
    }
    let others = others.join(" and ");
    if code.sibling_means_the_same() {
        format!("{code} and {others} mean the same at different levels.")
    } else {
        format!(
            "{code} and {others} mean different things: they share the number {number} and nothing else, so the letter must not be swapped."
        )
    }
}

/// Where no sibling means the same: the code to turn to, marked as our own idea.
fn suggestion(code: &Code) -> Option<String> {
    let nearest = Code::find(code.nearest?)?;
    let when = match code.suffix {
        Suffix::E => "While you still retry, the nearest warning is",
        Suffix::W => "Once you give up, the nearest error is",
        Suffix::N => "When it goes wrong, the nearest code is",
    };
    Some(format!(
        "{when} {} (our suggestion, not the document's).",
        named(nearest)
    ))
}

fn usage(code: &Code) -> &'static str {
    match code.suffix {
        Suffix::E => {
            "An error code ends the message: it is shown among the stuck messages, must not be processed further, and no other code may follow for it. Say in detail what the end user can do."
        }
        Suffix::W => {
            "Use it while the connector retries; send an error code only once it has given up. Say in detail what happened and what the end user can do."
        }
        Suffix::N => "It reports that something was done; no detail is needed.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::code::GLOSSARY;

    fn text(value: &str) -> String {
        let all = explain(value);
        all.iter().flat_map(|one| one.notes.clone()).collect()
    }

    #[test]
    fn a_shared_number_shows_every_code_and_says_whether_they_mean_the_same() {
        let both: Vec<_> = explain("4004").into_iter().map(|one| one.value).collect();
        assert_eq!(both, ["4004E", "4004W"]);
        assert!(text("4004").contains("mean different things"));
        assert!(text("5006").contains("mean the same at different levels"));
        assert!(text("0000").contains("mean the same"));
    }

    #[test]
    fn a_code_without_a_sibling_of_its_meaning_has_a_marked_suggestion() {
        assert!(text("4005E").contains("no sibling: 4005 exists with the letter E only"));
        for code in &GLOSSARY {
            assert_eq!(
                text(code.key).contains("our suggestion"),
                code.nearest.is_some(),
                "{code}"
            );
        }
    }
}
