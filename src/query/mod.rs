//! Which events are meant: type globs, conditions, expressions and time windows. Pure.

pub mod condition;
pub mod expression;
pub mod filter;
pub mod folding;
pub mod glob;
mod lexer;
pub mod limit;
pub mod no_match;
mod test;
pub mod threshold;
pub mod window;

use crate::model::sanitise;
use std::fmt;

/// What is wrong with something a user typed, and at which character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The whole text.
    pub text: String,
    /// Where the error is, in characters from 0.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at character {} of '{}'",
            self.message,
            self.at + 1,
            self.text
        )
    }
}

impl QueryError {
    /// The text on one line with a mark under the error; the second line is indented by `indent` more.
    pub fn marked(&self, indent: usize) -> String {
        let before: String = self.text.chars().take(self.at).collect();
        let blank = indent + sanitise::line(&before).chars().count();
        let text = sanitise::line(&self.text);
        format!("{text}\n{:blank$}^", "")
    }
}
