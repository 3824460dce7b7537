//! The glossary, read from the page that has it.

use crate::commands::help::{HelpBlock, Topic};

/// The page of the repository: a table of words and meanings.
const PAGE: &str = include_str!("../../../../docs/words.md");

/// What the words of help and messages mean.
pub fn words() -> Topic {
    Topic {
        title: "Words",
        blocks: vec![
            HelpBlock::text("Each has one meaning, in help, messages and documentation."),
            HelpBlock::Terms(
                rows()
                    .map(|(word, meaning)| (word.to_owned(), plain(meaning)))
                    .collect(),
            ),
        ],
    }
}

/// The meaning of one word.
pub fn defined(word: &str) -> String {
    let found = rows().find(|(known, _)| *known == word);
    found.map_or_else(String::new, |(_, meaning)| plain(meaning))
}

/// The rows of the table.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = PAGE.lines().filter_map(|line| {
        let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
        row.split_once(" | ")
    });
    rows.filter(|(word, _)| *word != "word")
}

/// A text without marks of style.
fn plain(text: &str) -> String {
    text.replace(['`', '*'], "")
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
