//! Words a person may have mistyped, and names in their loose spellings; long text cut down.

/// A longer message quotes more than helps.
const LONGEST: usize = 400;

/// The length of a short id.
pub const SHORT_ID: usize = 8;

/// The candidate nearest to what was typed, if it is near enough to be meant.
///
/// Case, `-`, `_` and blanks do not count as differences.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(typed);
    let length = wanted.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let folded = fold(candidate);
            let most = (candidate.chars().count().max(length) / 3).max(1);
            // Texts differ at least by their lengths, and a long one takes long to compare.
            if folded.chars().count().abs_diff(length) > most {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&wanted, &folded);
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A name without case and separators, for comparing loose spellings.
pub fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' ' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The one name that is meant by other case and separators; `None` for none or several.
pub fn meant<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(typed);
    let mut same = names.into_iter().filter(|name| fold(name) == folded);
    let only = same.next()?;
    same.next().is_none().then_some(only)
}

/// `, did you mean X?` for the nearest candidate, or nothing.
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean_one_of(nearest(typed, candidates).as_slice())
}

/// `, did you mean X or Y?` for what may be meant, or nothing.
pub fn did_you_mean_one_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names => format!(", did you mean {}?", alternatives(names)),
    }
}

/// `A, B or C`.
pub fn alternatives<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A text in single quotes for a shell.
pub fn quoted_for_shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A word for a shell, in quotes only where it needs them.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@=,+%".contains(c);
    // Some shells look for a command behind `=`.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return word.to_owned();
    }
    quoted_for_shell(word)
}

/// A text without its middle, if it is long.
pub fn abridged(text: String) -> String {
    // Bytes are quicker to count, and never fewer than characters.
    let chars = if text.len() > LONGEST {
        text.chars().count()
    } else {
        0
    };
    if chars <= LONGEST {
        return text;
    }
    let head = text.chars().take(LONGEST / 2);
    let tail = text.chars().skip(chars - LONGEST / 4);
    head.chain(['…']).chain(tail).collect()
}

/// A number with its noun, in the singular or the plural.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A sentence as the end of another one.
pub fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// A text as the beginning of a sentence.
pub fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// As much of an id as people are shown: its end, which records of one run do not share.
pub fn short_id(id: &str) -> &str {
    id.get(id.len().saturating_sub(SHORT_ID)..).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_spellings_are_found_and_far_ones_are_not() {
        let names = ["lifeCycleStage", "outcome", "direction"];
        assert_eq!(nearest("lifecycleStage", names), Some("lifeCycleStage"));
        assert_eq!(nearest("life_cycle_stage", names), Some("lifeCycleStage"));
        assert_eq!(nearest("outcom", names), Some("outcome"));
        assert_eq!(nearest("colour", names), None);
    }
}
