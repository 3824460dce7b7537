//! Which event codes are known, and what is meant by one that is not.

use super::Policy;
use crate::model::code::{Category, CategoryInfo, Code, GLOSSARY, Suffix};
use crate::model::text::{alternatives, fold, nearest};

/// More codes than these are no guess.
const MOST_NEAR: usize = 4;

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

/// Why a code is not in the glossary, and what may be meant.
pub fn why_unknown(key: &str) -> (String, String) {
    let is_meant = |code: &&Code| key.is_ascii() && fold(code.key) == fold(key);
    if let Some(meant) = GLOSSARY.iter().find(is_meant) {
        return (
            format!(
                "{key} is not in the glossary: codes are written without separators, in upper case"
            ),
            format!("write {}", meant.key),
        );
    }
    let upper = key.trim().to_ascii_uppercase();
    let digits = upper.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = upper.split_at(digits);
    let siblings: Vec<_> = Code::with_number(number).collect();
    match siblings.as_slice() {
        [] => no_such_number(key, &upper, number),
        siblings => other_letter(key, number, suffix, siblings),
    }
}

fn no_such_number(key: &str, upper: &str, number: &str) -> (String, String) {
    let message = if number.len() == 4 {
        format!("{key} is not in the glossary: no code has the number {number}")
    } else {
        format!("{key} is not in the glossary: a code is four digits and N, W or E")
    };
    let near: Vec<_> = near(upper).into_iter().map(described).collect();
    let help = match category_of(number) {
        _ if !near.is_empty() => {
            let near = alternatives(&near);
            format!("did you mean {near}? hivelog codes lists all")
        }
        Some(category) => format!(
            "{} is {}: hivelog codes --category {} lists its codes",
            category.range, category.name, category.word
        ),
        None => "the glossary: hivelog codes".to_owned(),
    };
    (message, help)
}

/// The category in whose range a number lies.
fn category_of(number: &str) -> Option<&'static CategoryInfo> {
    let number = Some(number).filter(|number| number.len() == 4)?;
    let mut all = Category::ALL.into_iter().map(Category::row);
    all.find(|category| {
        let range = category.range.split_once('-');
        range.is_some_and(|(first, last)| (first..=last).contains(&number))
    })
}

/// The codes that a code with an unknown number may be meant for: those that differ in one
/// character, the nearest number first; else the one that differs least.
pub fn near(typed: &str) -> Vec<&'static Code> {
    let upper = typed.trim().to_ascii_uppercase();
    let keys = GLOSSARY.iter().map(|code| code.key);
    let Some(nearest) = nearest(&upper, keys) else {
        return Vec::new();
    };
    let number = |text: &str| text.get(..4)?.parse::<u16>().ok();
    let wanted = number(&upper);
    let distance = |code: &Code| {
        let pair = wanted.zip(number(code.key));
        pair.map_or(u16::MAX, |(one, other)| one.abs_diff(other))
    };
    let differs_in_one = |code: &&Code| {
        let both = code.key.bytes().zip(upper.bytes());
        code.key.len() == upper.len() && both.filter(|(one, other)| one != other).count() == 1
    };
    let mut near: Vec<_> = GLOSSARY.iter().filter(differs_in_one).collect();
    near.sort_by_key(|code| distance(code));
    near.truncate(MOST_NEAR);
    if near.is_empty() {
        near.extend(Code::find(nearest));
    }
    near
}

fn described(code: &Code) -> String {
    format!("{} ({})", code.key, code.description)
}

/// The number exists, the letter does not exist with it.
fn other_letter(key: &str, number: &str, suffix: &str, siblings: &[&Code]) -> (String, String) {
    let names: Vec<_> = siblings.iter().map(|code| described(code)).collect();
    let exist = names.join(" and ");
    let has_info = informs(number).is_some();
    let message = match suffix {
        "" => format!("{key} lacks the letter of its level"),
        "I" if has_info => {
            format!("{key} is not in the glossary: the letter for information is N")
        }
        "I" => format!(
            "{key} is not in the glossary: the letter for information is N, and {number}N does not exist"
        ),
        "N" if number == "0000" => {
            format!("{key} is not in the glossary: the catch-all codes have no information form")
        }
        _ => {
            format!("{key} is not in the glossary: the number {number} exists with another letter")
        }
    };
    let help = match siblings {
        _ if suffix == "I" && has_info => format!("write {number}N"),
        [only] => {
            let near = only.nearest.and_then(Code::find);
            let near = near.map_or_else(String::new, |near| {
                format!("; near to it: {}", described(near))
            });
            format!("only {exist} exists{near}")
        }
        [first, ..] if first.sibling_means_the_same() => {
            format!("{exist} exist and mean the same at different levels")
        }
        _ => format!("{exist} exist and mean different things"),
    };
    (message, help)
}

/// The code of a number that says information, which a writer of `I` for `N` means.
fn informs(number: &str) -> Option<&'static Code> {
    Code::with_number(number).find(|code| code.suffix == Suffix::N)
}

/// The one code that is meant by another spelling of it: other case, separators, or `I` for the
/// letter of information. `None` for a code that is known or could be several.
pub fn respelled<'a>(policy: &'a Policy, key: &str) -> Option<&'a str> {
    if !key.is_ascii() || Known::find(policy, key.as_bytes()).is_some() {
        return None;
    }
    let folded = fold(key);
    let known = GLOSSARY.iter().map(|code| code.key);
    let extra = policy.extra_codes.iter().map(String::as_str);
    let mut meant = known.chain(extra).filter(|code| fold(code) == folded);
    match (meant.next(), meant.next()) {
        (Some(only), None) => Some(only),
        (None, _) => informs(folded.strip_suffix('i')?).map(|code| code.key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_respelled_only_where_one_is_meant() {
        let mut policy = Policy::at(crate::model::timestamp::Timestamp::from_millis(0));
        policy.extra_codes = vec!["9001E".to_owned()];
        for (key, meant) in [
            ("4005e", Some("4005E")),
            (" 4005-e ", Some("4005E")),
            ("5004I", Some("5004N")),
            ("5004i", Some("5004N")),
            ("9001e", Some("9001E")),
            ("4005E", None),
            ("9001E", None),
            ("4005I", None),
            ("0000N", None),
            ("4005", None),
            ("4005W", None),
            ("4003N", None),
            ("５004N", None),
            ("", None),
        ] {
            assert_eq!(respelled(&policy, key), meant, "{key}");
        }
    }

    #[test]
    fn why_a_code_is_unknown_is_reported() {
        for (key, said, helped) in [
            ("9999E", "no code has the number 9999", "glossary"),
            (
                "4009E",
                "no code has the number 4009",
                "did you mean 4005E (Authentication to external system failed), 4004E (",
            ),
            ("405E", "four digits", "did you mean 4005E (Auth"),
            (
                "4009",
                "no code has the number 4009",
                "4000-4999 is Contact: hivelog codes --category contact",
            ),
            ("4005W", "exists with another letter", "only 4005E"),
            (
                "4004N",
                "exists with another letter",
                "mean different things",
            ),
            ("4003N", "exists with another letter", "mean the same"),
            ("5004I", "letter for information is N", "write 5004N"),
            ("4005I", "N, and 4005N does not exist", "only 4005E"),
            ("1000I", "letter for information is N", "write 1000N"),
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
