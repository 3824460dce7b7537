//! The glossary, read from the page that has it.

use crate::commands::help::{HelpBlock, Topic};

/// The page of the repository: a table of words and meanings.
const PAGE: &str = include_str!("../../../../docs/words.md");

/// What the words of help and messages mean.
pub fn words() -> Topic {
    Topic {
        name: "words",
        title: "Words",
        blocks: vec![
            HelpBlock::text("Each has one meaning, in help, messages and documentation."),
            HelpBlock::Terms(rows().collect()),
        ],
    }
}

/// The meaning of one word.
pub fn defined(word: &str) -> String {
    let found = rows().find(|(known, _)| known == word);
    found.map(|(_, meaning)| meaning).unwrap_or_default()
}

/// The rows of the table, without marks of style.
fn rows() -> impl Iterator<Item = (String, String)> {
    let rows = PAGE.lines().filter_map(|line| {
        let (word, meaning) = line
            .strip_prefix("| ")?
            .strip_suffix(" |")?
            .split_once(" | ")?;
        Some((word.to_owned(), meaning.replace(['`', '*'], "")))
    });
    rows.filter(|(word, _)| word != "word")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_help_relies_on_are_defined() {
        for word in ["event log", "sys event", "journey", "spool", "finding"] {
            assert!(!defined(word).is_empty(), "{word}");
        }
        assert!(defined("journey").contains("correlationId"));
    }
}
