//! What stands between records, and what the first byte of the next one says of it.

use super::array::Expect;
use super::blanks::is_blank;
use super::{BOM, Flaw, Framer, Record, State};
use crate::wire::scan::Scan;

impl Framer {
    /// Passes over what stands between records and begins the next one.
    pub(super) fn skip_to_record(
        &mut self,
        chunk: &[u8],
        may_leave: bool,
        take: &mut impl FnMut(Record<'_>),
    ) -> usize {
        let mut at = 0;
        while let Some(byte) = chunk.get(at) {
            if !self.started
                && (self.line, self.column) == (1, 1)
                && BOM.get(self.mark) == Some(byte)
            {
                self.mark += 1;
                self.offset += 1;
                at += 1;
                continue;
            }
            if !self.started && (1..3).contains(&self.mark) {
                self.offset -= self.mark as u64;
                self.begin();
                self.hold(&BOM[..self.mark]);
                self.started = true;
                self.state = State::ToLineEnd;
                return at;
            }
            if *byte == b'\n' {
                self.line += 1;
                self.column = 1;
                self.offset += 1;
                at += 1;
                if may_leave && self.lines {
                    return at;
                }
                continue;
            }
            if !is_blank(*byte) && !self.array_sign(*byte, take) {
                self.begin_with(*byte);
                return at;
            }
            self.column += 1;
            self.offset += 1;
            at += 1;
        }
        at
    }

    fn begin_with(&mut self, byte: u8) {
        self.begin();
        let whole_source = !self.started;
        self.started = true;
        if self.array == Some(Expect::Comma) {
            self.flaw = Some(Flaw::MissingComma);
        }
        self.state = match byte {
            b'{' => State::Nested(Scan::default()),
            b'[' if self.array.is_some() => State::Nested(Scan::default()),
            b'<' | 0x1F | 0xFE | 0xFF | 0 if whole_source => State::Opaque,
            0xEF => State::Mark(0),
            _ if self.array.is_some() => State::Element {
                in_string: false,
                escaped: false,
            },
            _ => State::ToLineEnd,
        };
    }
}
