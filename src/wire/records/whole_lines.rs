//! Whole lines: as long as each line is one object, two quick counts take the place of the machine.

use super::blanks::{without_blanks, without_blanks_before};
use super::{Framer, Record, State};
use crate::wire::json::structural::Places;
use memchr::memchr;

impl Framer {
    /// Takes lines as long as each is one object, which two quick counts tell.
    pub(super) fn by_line<'c>(
        &mut self,
        chunk: &'c [u8],
        take: &mut impl FnMut(Record<'_>),
    ) -> &'c [u8] {
        let Some(end) = memchr(b'\n', chunk) else {
            self.held.extend_from_slice(chunk);
            self.state = State::Line;
            if self.held.len() > self.limit {
                // Too long to wait for its end: what it holds is told byte by byte.
                self.state = State::Between;
                let line = std::mem::take(&mut self.held);
                self.replay(&line, take);
            }
            return &[];
        };
        if self.state == State::Line {
            let mut line = std::mem::take(&mut self.held);
            line.extend_from_slice(&chunk[..end]);
            self.state = State::Between;
            self.whole_line(&line, true, take);
            // The buffer is given back so that a stream of small pushes does not allocate.
            if self.held.is_empty() {
                line.clear();
                self.held = line;
            }
        } else {
            self.whole_line(&chunk[..end], true, take);
        }
        &chunk[end + 1..]
    }

    pub(super) fn whole_line(
        &mut self,
        line: &[u8],
        ended: bool,
        take: &mut impl FnMut(Record<'_>),
    ) {
        if line.len() <= self.limit && is_plainly_one_object(line) {
            let blanks = line.len() - without_blanks_before(line).len();
            self.number += 1;
            let bytes = without_blanks(line);
            take(Record {
                bytes,
                number: self.number,
                line: self.line,
                column: self.column + blanks as u64,
                offset: self.offset + blanks as u64,
                length: bytes.len() as u64,
                flaw: None,
            });
            self.line += 1;
            self.column = 1;
            self.offset += line.len() as u64 + 1;
            return;
        }
        self.replay(line, take);
        if ended {
            self.replay(b"\n", take);
        }
    }

    fn replay(&mut self, bytes: &[u8], take: &mut impl FnMut(Record<'_>)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = self.by_byte(rest, false, take);
        }
    }
}

/// Whether a line is one object, as far as counting braces can tell: it begins and ends with one,
/// they balance, and nowhere does a closing one meet an opening one.
fn is_plainly_one_object(line: &[u8]) -> bool {
    let line = without_blanks(line);
    if line.first() != Some(&b'{') || line.last() != Some(&b'}') {
        return false;
    }
    let mut open = 0_usize;
    for at in Places::of(b'{', b'}', line) {
        if line[at] == b'{' {
            open += 1;
            continue;
        }
        let Some(outer) = open.checked_sub(1) else {
            return false;
        };
        open = outer;
        let behind = without_blanks_before(&line[at + 1..]);
        if matches!(behind.first(), Some(b'{' | 0xEF)) {
            return false;
        }
    }
    open == 0
}
