//! What is wrong with the files of a spool and a person must know. Marks in the quarantine stay
//! until it was reported: where a run dies before that, the next one reports it.

use std::fmt;
use std::path::PathBuf;

/// Why records may be missing.
#[derive(Clone, Debug, Default)]
pub struct Damage {
    sentences: Vec<String>,
    marks: Vec<PathBuf>,
}

impl Damage {
    /// Adds a reason; the marks stay until it was reported.
    pub fn add(&mut self, sentence: String, marks: impl IntoIterator<Item = PathBuf>) {
        self.sentences.push(sentence);
        self.marks.extend(marks);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }

    /// It was reported to a person.
    pub fn reported(&self) {
        for mark in &self.marks {
            // One that stays is reported twice.
            let _ = std::fs::remove_file(mark);
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences.join("; "))
    }
}
