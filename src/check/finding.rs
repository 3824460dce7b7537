//! What a rule found, and where.

use super::rule::{Level, Rule};

/// Where in a record something was found.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// The whole record.
    Record,
    /// A value.
    Value(usize),
    /// Bytes of the text.
    Span(usize, usize),
}

/// One thing that is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Its level in this run.
    pub level: Level,
    /// RFC 6901 pointer to the value; empty for the whole record.
    pub pointer: String,
    /// Line in the source, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// Where the value begins in the record's bytes.
    pub offset: usize,
    /// How many bytes the value spans; 0 for a place between values.
    pub length: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// How to fix it.
    pub help: String,
    /// The correlation id, on journey rules only.
    pub journey: Option<String>,
}
