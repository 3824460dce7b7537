//! What `explain` answers: a value, what it means and what to do.

use serde::Serialize;

/// One thing explained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The value as it is spelled in the documents.
    pub value: String,
    /// What kind of value it is, for example `event code`.
    pub kind: &'static str,
    /// One line that says what it means.
    pub title: String,
    /// Named facts, in the order to show them.
    pub facts: Vec<Fact>,
    /// Paragraphs: consequences and what to do.
    pub notes: Vec<String>,
}

/// A named fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The name, for example `level`.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

impl Explanation {
    /// Begins an explanation.
    pub fn new(value: impl Into<String>, kind: &'static str, title: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            kind,
            title: title.into(),
            ..Self::default()
        }
    }

    /// Adds a named fact.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.facts.push(Fact {
            name,
            value: value.into(),
        });
        self
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}
