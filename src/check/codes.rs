//! The rules about event codes and lifecycle stages.

use super::Policy;
use super::fields::{Values, at};
use super::rule::Rule;
use super::subject::{Place, Subject};
use crate::model::code::{Category, Code, GLOSSARY, Suffix};
use crate::model::stage::Sender;
use crate::model::text::nearest;

/// A code that is known: from the glossary, or declared in the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its place in the glossary, or behind it for a declared one.
    pub id: u16,
    /// The letter, which carries the level.
    pub suffix: Option<Suffix>,
}

impl Known {
    /// The glossary's entry, unless the code was declared.
    pub fn code(self) -> Option<&'static Code> {
        GLOSSARY.get(usize::from(self.id))
    }

    /// Whether it is an error code.
    pub fn is_error(self) -> bool {
        self.suffix == Some(Suffix::E)
    }

    /// Whether it belongs to the filter range.
    pub fn is_filter(self) -> bool {
        self.code()
            .is_some_and(|code| code.category() == Category::Filter)
    }

    /// Looks a code up in the glossary and among the declared ones.
    pub fn find(policy: &Policy, key: &[u8]) -> Option<Known> {
        if let Some(at) = Code::position(key) {
            return Some(Known {
                id: u16::try_from(at).ok()?,
                suffix: Some(GLOSSARY[at].suffix),
            });
        }
        let extra = policy
            .extra_codes
            .iter()
            .position(|code| code.as_bytes() == key)?;
        Some(Known {
            id: u16::try_from(GLOSSARY.len() + extra).ok()?,
            suffix: match key.last() {
                Some(b'N') => Some(Suffix::N),
                Some(b'W') => Some(Suffix::W),
                Some(b'E') => Some(Suffix::E),
                _ => None,
            },
        })
    }

    /// The code as it is written.
    pub fn name(self, policy: &Policy) -> &str {
        match self.code() {
            Some(code) => code.key,
            None => policy
                .extra_codes
                .get(usize::from(self.id) - GLOSSARY.len())
                .map_or("", String::as_str),
        }
    }
}

/// Judges the code by itself; gives it back if it is known.
pub fn check_code(subject: &mut Subject<'_>, policy: &Policy, values: &Values) -> Option<Known> {
    let value = values.get(at::EVENT_CODE)?;
    if let Some(known) = Known::find(policy, &subject.bytes(value)?) {
        if let Some(code) = known.code()
            && code.category() == Category::Internal
        {
            let message = format!("{code} is a catch-all code");
            subject.report(Rule::CatchAllCode, Place::Value(value), message);
        }
        return Some(known);
    }
    let key = subject.string(value)?;
    if !key.trim().is_empty() && subject.wants(Rule::UnknownCode) {
        let (message, help) = why_unknown(&key);
        subject.report_with(Rule::UnknownCode, Place::Value(value), message, help);
    }
    None
}

/// Why a code is not in the glossary, and what may be meant.
pub fn why_unknown(key: &str) -> (String, String) {
    let glossary = "the glossary: hivelog codes".to_owned();
    let upper = key.trim().to_ascii_uppercase();
    if Code::find(&upper).is_some() {
        return (
            format!(
                "{key} is not in the glossary: codes are written without blanks, in upper case"
            ),
            format!("write {upper}"),
        );
    }
    let digits = upper.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = upper.split_at(digits);
    let siblings: Vec<_> = Code::with_number(number).collect();
    if siblings.is_empty() {
        let message = if digits == 4 {
            format!("{key} is not in the glossary: there is no number {number}")
        } else {
            format!("{key} is not in the glossary: a code is four digits and N, W or E")
        };
        let help = nearest(&upper, GLOSSARY.iter().map(|code| code.key))
            .map_or(glossary, |guess| {
                format!("did you mean {guess}? hivelog codes lists all")
            });
        return (message, help);
    }
    let names: Vec<_> = siblings
        .iter()
        .map(|code| format!("{} ({})", code.key, code.description))
        .collect();
    let exist = names.join(" and ");
    let message = match suffix {
        "" => format!("{key} lacks the letter of its level"),
        "I" => format!("{key} is not in the glossary: the letter for information is N"),
        "N" if number == "0000" => {
            format!("{key} is not in the glossary: the catch-all codes have no information form")
        }
        _ => {
            format!("{key} is not in the glossary: the number {number} exists with another letter")
        }
    };
    let help = match siblings.as_slice() {
        [only] if suffix == "I" && only.suffix == Suffix::N => format!("write {}", only.key),
        [only] => format!(
            "only {exist} exists{}",
            only.nearest
                .and_then(Code::find)
                .map_or_else(String::new, |near| format!(
                    "; near to it: {} ({})",
                    near.key, near.description
                ))
        ),
        _ if siblings[0].sibling_means_the_same() => {
            format!("{exist} exist and mean the same at different levels")
        }
        _ => format!("{exist} exist and mean different things"),
    };
    (message, help)
}

/// Judges the stage against its sender and its direction.
pub fn check_stage(subject: &mut Subject<'_>, values: &Values) {
    let (Some(stage), Some(value)) = (values.stage, values.get(at::LIFE_CYCLE_STAGE)) else {
        return;
    };
    if stage.sender == Sender::Platform {
        let message = format!("{stage} is for platform use only");
        subject.report(Rule::PlatformOnlyStage, Place::Value(value), message);
    }
    if let Some(direction) = values.direction
        && direction != stage.direction
    {
        let message = format!(
            "{stage} belongs to {}, but direction is {}",
            stage.direction.name(),
            direction.name()
        );
        subject.report(Rule::StageDirectionMismatch, Place::Value(value), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_code_is_unknown_is_told() {
        for (key, said, helped) in [
            ("9999E", "no number 9999", "glossary"),
            ("4005W", "exists with another letter", "only 4005E"),
            (
                "4004N",
                "exists with another letter",
                "mean different things",
            ),
            ("4003N", "exists with another letter", "mean the same"),
            ("5004I", "letter for information is N", "write 5004N"),
            ("4005I", "letter for information is N", "only 4005E"),
            ("4005", "lacks the letter", "only 4005E"),
            ("4005e", "upper case", "write 4005E"),
            ("0000N", "no information form", "0000E"),
            ("OK", "four digits", "hivelog codes"),
        ] {
            let (message, help) = why_unknown(key);
            assert!(
                message.contains(said) && message.contains(key),
                "{key}: {message}"
            );
            assert!(help.contains(helped), "{key}: {help}");
        }
    }
}
