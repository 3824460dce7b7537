//! Words a person may have mistyped, and names in their loose spellings.

/// The candidate nearest to what was typed, if it is near enough to be meant.
///
/// Case, `-`, `_` and blanks do not count as differences.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(typed);
    candidates
        .into_iter()
        .map(|candidate| {
            let folded = fold(candidate);
            (strsim::damerau_levenshtein(&wanted, &folded), candidate)
        })
        .filter(|(distance, candidate)| {
            let length = candidate.chars().count().max(wanted.chars().count());
            *distance <= (length / 3).max(1)
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

/// `, did you mean X?` for the nearest candidate, or nothing.
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(typed, candidates).map_or_else(String::new, |name| format!(", did you mean {name}?"))
}

/// Whether a character could steer a terminal or reorder what is read: control characters,
/// bidirectional and zero-width controls.
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'                        // soft hyphen
            | '\u{61c}'                     // Arabic letter mark
            | '\u{180e}'                    // Mongolian vowel separator
            | '\u{200b}'..='\u{200f}'       // zero-width characters and marks
            | '\u{2028}'..='\u{202e}'       // separators, embeddings and overrides
            | '\u{2060}'..='\u{2069}'       // word joiner, invisible operators, isolates
            | '\u{feff}'                    // byte-order mark
            | '\u{fff9}'..='\u{fffb}'       // interlinear annotation
            | '\u{e0000}'..='\u{e007f}') // tag characters
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
