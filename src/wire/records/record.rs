//! One record and what may be wrong with the array around it.

use std::fmt;

/// One record as it was framed, with where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its bytes, without the blanks around it; of an oversize record only the beginning.
    pub bytes: &'a [u8],
    /// Its number in the source, from 1.
    pub number: u64,
    /// The line it begins on, from 1.
    pub line: u64,
    /// The column it begins in, from 1, in characters.
    pub column: u64,
    /// Where it begins in the source, in bytes from 0.
    pub offset: u64,
    /// Its true length; more than `bytes` holds when it was larger than the limit.
    pub length: u64,
    /// What is wrong with the array around it.
    pub flaw: Option<ArrayError>,
}

impl<'a> Record<'a> {
    /// A record that is a source of its own.
    pub fn alone(bytes: &'a [u8]) -> Record<'a> {
        Record {
            bytes,
            number: 1,
            line: 1,
            column: 1,
            offset: 0,
            length: bytes.len() as u64,
            flaw: None,
        }
    }

    /// Whether the record was larger than the limit, so that only its beginning is here.
    pub fn is_oversize(&self) -> bool {
        self.length > self.bytes.len() as u64
    }
}

/// A fault of the array that holds the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayError {
    /// No comma before this record.
    MissingComma,
    /// This is not a record but a comma with none before it.
    StrayComma,
    /// This is not a record but the comma behind the array's last one.
    TrailingComma,
    /// This is not a record but the end of the source, where the array should have been closed.
    ArrayCutOff,
}

impl fmt::Display for ArrayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ArrayError::MissingComma => "no comma between this record and the one before",
            ArrayError::StrayComma => "a comma with no record before it",
            ArrayError::TrailingComma => "trailing comma: no record follows it",
            ArrayError::ArrayCutOff => {
                "the array is cut off: no closing bracket at the end of the input"
            }
        })
    }
}
