//! Follows the nesting of one record, byte by byte, without understanding it.

use super::lexical::{is_whitespace, plain_length};

/// What ended the following.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NestingEnd {
    /// The outermost bracket was closed; the number of bytes up to and including it.
    Closed(usize),
    /// A new object begins where none is valid: the record was cut off before it.
    CutOff {
        /// The number of bytes up to the new object's brace.
        taken: usize,
        /// Where the record ends, counted from its beginning: at its last line break.
        end: u64,
    },
}

/// The nesting so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nesting {
    depth: u32,
    /// One bit a level, the innermost lowest: set for an object. Deeper levels are forgotten,
    /// which only makes a cut-off record harder to notice.
    objects: u128,
    in_string: bool,
    escaped: bool,
    /// The last byte outside strings that was not a blank.
    last: u8,
    /// Only blanks since the last line break, and where that break is, from the record's start.
    fresh: Option<u64>,
    /// How many blanks there are between the break and here.
    indent: u32,
}

impl Nesting {
    /// Takes bytes until the record ends; `None` if it does not end in them.
    ///
    /// `before` is the length of the record before these bytes. With `strict`, every bracket in
    /// the first column begins a new record, as is right where records are lines.
    pub fn follow(&mut self, bytes: &[u8], strict: bool, before: u64) -> Option<NestingEnd> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.in_string && !self.escaped && self.fresh.is_none() {
                let plain = plain_length(&bytes[at..]);
                if plain > 0 {
                    at += plain;
                    continue;
                }
            }
            if byte == b'\n' {
                self.fresh = Some(before + at as u64);
                self.indent = 0;
                self.escaped = false;
            } else if is_whitespace(byte) {
                self.indent += 1;
                self.escaped = false;
            } else {
                if (byte == b'{' || byte == b'[' && strict)
                    && let Some(end) = self.fresh
                    && self.cannot_stand_here(strict)
                {
                    return Some(NestingEnd::CutOff { taken: at, end });
                }
                self.fresh = None;
                if self.significant(byte) {
                    return Some(NestingEnd::Closed(at + 1));
                }
            }
            at += 1;
        }
        None
    }

    /// Whether an opening brace that begins a line shows that the record was cut off.
    fn cannot_stand_here(&self, strict: bool) -> bool {
        let first_column = self.indent == 0;
        if self.in_string {
            return first_column;
        }
        if self.objects & 1 == 1 && self.last != b':' {
            return true;
        }
        first_column && (strict || !matches!(self.last, b':' | b',' | b'['))
    }

    /// Follows a byte that is not blank; true if it closed the outermost bracket.
    fn significant(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.objects = self.objects << 1 | u128::from(byte == b'{');
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.objects >>= 1;
            }
            _ => {}
        }
        self.last = byte;
        self.depth == 0 && matches!(byte, b'}' | b']')
    }
}
