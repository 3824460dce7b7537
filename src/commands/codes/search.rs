//! Finding codes by what a person remembers of them.

use crate::model::code::{Code, GLOSSARY};

/// How well a word of the query fits a word of a code; less is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Same,
    Beginning,
    Part,
    /// A misspelling.
    Near,
}

/// The codes a query means: by the beginning of the code, or by every word of the query being
/// found in description, category or level. Misspellings count only where nothing else fits.
pub fn search(query: &str) -> Vec<&'static Code> {
    let query = query.trim().to_lowercase();
    if query.starts_with(|c: char| c.is_ascii_digit()) {
        return by_key(&query);
    }
    let words: Vec<&str> = split(&query).collect();
    let mut found: Vec<(Fit, usize, &Code)> = GLOSSARY
        .iter()
        .filter_map(|code| {
            let fits = fits(code, &words)?;
            let worst = fits.iter().copied().max()?;
            let loose = fits.iter().filter(|fit| **fit != Fit::Same).count();
            Some((worst, loose, code))
        })
        .collect();
    if found.iter().any(|(worst, ..)| *worst < Fit::Near) {
        found.retain(|(worst, ..)| *worst < Fit::Near);
    }
    found.sort_by_key(|(worst, loose, _)| (*worst, *loose));
    found.into_iter().map(|(.., code)| code).collect()
}

fn by_key(query: &str) -> Vec<&'static Code> {
    let upper = query.to_uppercase();
    GLOSSARY
        .iter()
        .filter(|code| code.key.starts_with(&upper))
        .collect()
}

/// How each word of the query fits the code; `None` if one does not fit at all.
fn fits(code: &Code, words: &[&str]) -> Option<Vec<Fit>> {
    let text = format!(
        "{} {} {} {}",
        code.description,
        code.category().name(),
        code.category().row().word,
        code.level().name()
    )
    .to_lowercase();
    words
        .iter()
        .map(|word| split(&text).filter_map(|known| fit(word, known)).min())
        .collect()
}

fn fit(word: &str, known: &str) -> Option<Fit> {
    if word == known {
        return Some(Fit::Same);
    }
    if known.starts_with(word) || same_stem(word, known) {
        return Some(Fit::Beginning);
    }
    if known.contains(word) && word.len() > 2 {
        return Some(Fit::Part);
    }
    let length = word.chars().count();
    let allowed = match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    // Somebody who misspells may also stop early: the beginning of the known word counts too.
    let beginning: String = known.chars().take(length).collect();
    let distance =
        strsim::damerau_levenshtein(word, known).min(strsim::damerau_levenshtein(word, &beginning));
    (distance <= allowed && allowed > 0).then_some(Fit::Near)
}

/// Whether two words differ in their endings alone: `authenticate` and `authentication`.
fn same_stem(one: &str, other: &str) -> bool {
    let shared = one
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let longer = one.chars().count().max(other.chars().count());
    shared >= 5 && shared * 3 >= longer * 2
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str) -> Vec<&'static str> {
        search(query).iter().map(|code| code.key).collect()
    }

    #[test]
    fn codes_are_found_by_what_one_remembers() {
        for (query, keys) in [
            ("4004", vec!["4004E", "4004W"]),
            ("4005e", vec!["4005E"]),
            ("300", vec!["3000N", "3001N", "3002E"]),
            ("rate limit", vec!["4004W"]),
            ("RATE", vec!["4004W"]),
            ("limt", vec!["4004W"]),
            ("duplicated", vec!["1003E"]),
            ("synchive auth", vec!["4000N", "4004E"]),
            ("authenticate external", vec!["4001N", "4005E"]),
            ("athentication failed", vec!["4004E", "4005E"]),
            ("unauthorised", vec!["5006W", "5006E"]),
            ("error unavailable", vec!["5007E", "5008E"]),
            ("9999", vec![]),
            ("4005X", vec![]),
            ("zebra", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(found(query), keys, "{query}");
        }
    }

    #[test]
    fn every_code_is_found_by_its_own_description() {
        for code in &GLOSSARY {
            assert!(search(code.description).contains(&code), "{code}");
            assert_eq!(search(code.key), [code]);
        }
    }
}
