//! Flags that take one of a few words.

use crate::check::rule::Level;
use crate::model::text::alternatives;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// The level from which findings decide; none is `never`.
#[derive(Clone, Copy, Debug)]
pub struct LevelThreshold(pub Option<Level>);

/// The words for a threshold.
pub const THRESHOLDS: [(&str, LevelThreshold); 4] = [
    ("error", LevelThreshold(Some(Level::Error))),
    ("warning", LevelThreshold(Some(Level::Warning))),
    ("hint", LevelThreshold(Some(Level::Hint))),
    ("never", LevelThreshold(None)),
];

/// Parses one of the words, each of which maps to a value. Case only counts without `ignore_case`.
pub fn one_of<T: Clone + Send + Sync + 'static, const N: usize>(
    words: [(&'static str, T); N],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.each_ref().map(|(word, _)| *word)).try_map(move |typed| {
        let mut known = words.iter();
        let found = known.find(|(word, _)| word.eq_ignore_ascii_case(&typed));
        found
            .map(|(_, value)| value.clone())
            .ok_or("an unknown word")
    })
}

/// The help of such a flag: what it is for, and the words.
pub fn with_words<T>(purpose: &str, words: &[(&str, T)]) -> String {
    let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    format!("{purpose}: {}", alternatives(&words))
}
