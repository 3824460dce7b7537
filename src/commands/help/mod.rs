//! `help`: the topics of the manual, and how they look on a terminal.

pub mod output;
pub mod topics;

/// A topic of `hivelog help`, which is also a part of the manual page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What it is about, as a heading.
    pub title: &'static str,
    /// What it says.
    pub blocks: Vec<HelpBlock>,
}

/// A piece of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpBlock {
    /// A heading within the topic.
    Heading(&'static str),
    /// A paragraph.
    Text(String),
    /// Names and what they mean.
    Terms(Vec<(String, String)>),
    /// Lines that stay as they are, to be copied.
    Example(&'static str),
}

impl HelpBlock {
    /// A paragraph.
    pub fn text(text: impl Into<String>) -> HelpBlock {
        HelpBlock::Text(text.into())
    }

    /// Names and what they mean.
    pub fn terms<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> HelpBlock {
        let own = |(name, meaning): (&str, &str)| (name.to_owned(), meaning.to_owned());
        HelpBlock::Terms(pairs.into_iter().map(own).collect())
    }
}
