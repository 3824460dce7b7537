//! The array around the records: its brackets and commas, those that are missing or odd included.

use super::ArrayError;
use super::pending::Spot;

/// The outer array, if one is open.
#[derive(Clone, Debug)]
pub(super) struct OuterArray {
    /// What may come next in it.
    expected: Option<Expected>,
    /// Where its bracket stands.
    bracket: Spot,
    /// Where its last comma stands.
    pub(super) comma: Spot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    First,
    Value,
    Comma,
}

/// What a byte between records is.
pub(super) enum Sign {
    /// None of the array's.
    None,
    /// A bracket or a comma where it can stand.
    Fits,
    /// A comma where none can stand, and where it is.
    Odd(ArrayError, Spot),
}

impl OuterArray {
    /// None is open.
    pub(super) const fn new() -> OuterArray {
        OuterArray {
            expected: None,
            bracket: Spot::BEGINNING,
            comma: Spot::BEGINNING,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.expected.is_some()
    }

    /// Whether a record that begins now has no comma before it.
    pub(super) fn lacks_comma(&self) -> bool {
        self.expected == Some(Expected::Comma)
    }

    /// Whether a comma came last.
    pub(super) fn is_behind_comma(&self) -> bool {
        self.expected == Some(Expected::Value)
    }

    /// Takes a byte between records; `may_open` says whether a bracket may open an array.
    pub(super) fn take(&mut self, byte: u8, here: Spot, may_open: bool) -> Sign {
        use Expected::{Comma, First, Value};
        let (sign, expected) = match (byte, self.expected) {
            (b',', Some(Comma)) => {
                self.comma = here;
                (Sign::Fits, Some(Value))
            }
            (b',', Some(First | Value)) => (Sign::Odd(ArrayError::StrayComma, here), Some(First)),
            (b']', Some(Value)) => (Sign::Odd(ArrayError::TrailingComma, self.comma), None),
            (b']', Some(First | Comma)) => (Sign::Fits, None),
            (b'[', None) if may_open => {
                self.bracket = here;
                (Sign::Fits, Some(First))
            }
            _ => return Sign::None,
        };
        self.expected = expected;
        sign
    }

    /// Where its bracket stands, as long as nothing has ended behind it.
    pub(super) fn opening(&self) -> Option<Spot> {
        (self.expected == Some(Expected::First)).then_some(self.bracket)
    }

    /// A record has ended.
    pub(super) fn take_record(&mut self) {
        if self.is_open() {
            self.expected = Some(Expected::Comma);
        }
    }

    /// The source has ended; true if the array was cut off.
    pub(super) fn finish(&mut self) -> bool {
        self.expected.take().is_some()
    }
}

/// Where an element that is not an object ends.
pub(super) fn element_end(bytes: &[u8], in_string: &mut bool, escaped: &mut bool) -> Option<usize> {
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if std::mem::take(escaped) => {}
            b'\\' if *in_string => *escaped = true,
            b'"' => *in_string = !*in_string,
            b',' | b']' if !*in_string => return Some(at),
            b'\n' => return Some(at),
            _ => {}
        }
    }
    None
}
