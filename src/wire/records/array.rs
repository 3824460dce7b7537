//! The outer array: its brackets and commas, those that are missing or odd included.

use super::{Flaw, Framer, Record, Spot};

/// What may come next in the outer array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    First,
    Value,
    Comma,
}

impl Framer {
    /// Takes a bracket or a comma of the outer array; false when the byte is none.
    pub(super) fn array_sign(&mut self, byte: u8, take: &mut impl FnMut(Record<'_>)) -> bool {
        match byte {
            b',' if self.array == Some(Expect::Comma) => {
                self.array = Some(Expect::Value);
                self.comma = self.spot();
            }
            b',' if self.array.is_some() => {
                self.odd_comma(Flaw::StrayComma, self.spot(), take);
                self.array = Some(Expect::First);
            }
            b']' if self.array.is_some() => {
                if self.array == Some(Expect::Value) {
                    self.odd_comma(Flaw::TrailingComma, self.comma, take);
                }
                self.array = None;
            }
            b'[' if self.array.is_none() && !self.lines => {
                self.array = Some(Expect::First);
                self.started = true;
            }
            _ => return false,
        }
        true
    }

    /// Hands over a comma that stands where none can.
    fn odd_comma(&mut self, flaw: Flaw, spot: Spot, take: &mut impl FnMut(Record<'_>)) {
        self.begin();
        self.start = spot;
        self.flaw = Some(flaw);
        self.length = 1;
        self.emit(b",", 1, take);
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
