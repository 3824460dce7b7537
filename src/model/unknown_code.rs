//! Why a text is no event code, and which code was probably meant.

use super::code::{Code, GLOSSARY, Suffix};
use super::text::nearest;

/// What is to be said about a text that is not in the glossary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode {
    /// Why it is none, as a sentence without its full stop.
    pub reason: String,
    /// The code that was probably meant.
    pub guess: Option<&'static Code>,
}

/// Says why `typed` is no event code. It must not be in the glossary as it stands.
pub fn why(typed: &str) -> UnknownCode {
    let upper = typed.trim().to_ascii_uppercase();
    if let Some(code) = Code::find(&upper) {
        let reason = if typed.trim() == typed {
            "event codes are written in upper case"
        } else {
            "there are blanks around the event code"
        };
        return unknown(reason, Some(code));
    }
    let digits = upper.bytes().take_while(u8::is_ascii_digit).count();
    let (number, letter) = upper.split_at(digits);
    let known: Vec<_> = Code::with_number(number).collect();
    match (digits, letter) {
        (4, "") if !known.is_empty() => {
            let reason = format!("the letter is missing: {}", exists_as(number, &known));
            unknown(reason, only(&known))
        }
        (4, "I") if !known.is_empty() => {
            let with_n = known.iter().find(|code| code.suffix == Suffix::N).copied();
            let reason = match with_n {
                Some(_) => "the letter for information is N, not I".to_owned(),
                None => format!(
                    "the letter for information is N, not I, and {}",
                    exists_as(number, &known)
                ),
            };
            unknown(reason, with_n.or(only(&known)))
        }
        (4, _) if !known.is_empty() && letter.chars().count() == 1 => {
            unknown(exists_as(number, &known), only(&known))
        }
        (4, _) if letter.chars().count() <= 1 => unknown(
            format!("no event code has the number {number}"),
            closest(&upper),
        ),
        _ => unknown(
            "an event code is four digits and one of the letters N, W and E",
            closest(&upper),
        ),
    }
}

fn unknown(reason: impl Into<String>, guess: Option<&'static Code>) -> UnknownCode {
    UnknownCode {
        reason: reason.into(),
        guess,
    }
}

/// The codes a number exists as, and whether they can stand for each other.
fn exists_as(number: &str, known: &[&'static Code]) -> String {
    let keys: Vec<_> = known.iter().map(|code| code.key).collect();
    match keys.as_slice() {
        [key] => format!("{number} exists only as {key}"),
        keys => {
            let meaning = if known[0].sibling_means_the_same() {
                "the same at different levels"
            } else {
                "different things"
            };
            format!(
                "{number} exists as {}, which mean {meaning}",
                keys.join(" and ")
            )
        }
    }
}

fn only(known: &[&'static Code]) -> Option<&'static Code> {
    match known {
        [code] => Some(code),
        _ => None,
    }
}

fn closest(typed: &str) -> Option<&'static Code> {
    Code::find(nearest(typed, GLOSSARY.iter().map(|code| code.key))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_mistake_has_its_reason_and_its_guess() {
        for (typed, reason, guess) in [
            ("4005e", "upper case", Some("4005E")),
            (" 4005E", "blanks", Some("4005E")),
            (
                "1003",
                "letter is missing: 1003 exists only as 1003E",
                Some("1003E"),
            ),
            ("4004", "4004E and 4004W, which mean different things", None),
            ("5006", "mean the same at different levels", None),
            ("5004I", "the letter for information is N", Some("5004N")),
            (
                "4005I",
                "N, not I, and 4005 exists only as 4005E",
                Some("4005E"),
            ),
            ("0000N", "0000E and 0000W, which mean the same", None),
            ("4002W", "4002 exists only as 4002E", Some("4002E")),
            ("9999E", "no event code has the number 9999", None),
            ("9999", "no event code has the number 9999", None),
            ("405E", "four digits and one of the letters", Some("4005E")),
            ("E4005", "four digits", None),
            ("", "four digits", None),
            ("40Ω5E", "four digits", Some("4005E")),
        ] {
            let said = why(typed);
            assert!(said.reason.contains(reason), "{typed}: {said:?}");
            assert_eq!(said.guess.map(|code| code.key), guess, "{typed}");
        }
    }
}
