//! Record framing: where one record ends and the next begins, told by content.
//!
//! One object, an array of objects, one object a line, or objects one after the other: all are
//! accepted, in any mixture a stream may hold. A broken record costs itself, not its neighbours:
//! a line that begins a new object where none can stand ends the record before it.
//!
//! Push-style and bounded: what is held is at most one record, and of a record beyond the limit
//! only its beginning. Where the bytes were split between pushes never changes what comes out.

mod array;
mod between;
mod blanks;
mod record;
#[cfg(test)]
mod tests;
mod whole_lines;

pub use record::{Flaw, Record};

use super::scan::{Met, Scan};
use array::{Expect, element_end};
use blanks::{is_blank, without_blanks_behind};
use memchr::memchr;

const BOM: [u8; 3] = *b"\xEF\xBB\xBF";

/// How much of a record beyond the limit is kept, to show where it is.
const KEPT_OF_OVERSIZE: usize = 1024;

/// Where the framer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between records.
    Between,
    /// In a line whose end has not come yet.
    Line,
    /// In a byte-order mark that stands where a record should begin; so many bytes are matched.
    Mark(usize),
    /// In an object, or in an array inside an array.
    Nested(Scan),
    /// Behind a closed object, in the blanks of its line.
    Behind,
    /// In something that ends with its line.
    ToLineEnd,
    /// In an element of the outer array that is not an object: ends at comma, bracket or line end.
    Element { in_string: bool, escaped: bool },
    /// In something that is no JSON at all and has no end: HTML, gzip, UTF-16.
    Opaque,
}

/// Splits one source into records.
#[derive(Debug)]
pub struct Framer {
    limit: usize,
    state: State,
    /// Whether the last record was one whole line, so that the next lines are likely to be too.
    lines: bool,
    /// Inside the outer array: whether a comma has just been seen (or the bracket).
    array: Option<Expect>,
    /// The bytes of the record in progress that came with earlier pushes.
    held: Vec<u8>,
    /// The length of the record in progress.
    length: u64,
    /// Its length up to the closing brace.
    end: u64,
    /// The line breaks in it, and the characters since the last one.
    breaks: u64,
    tail: u64,
    /// How many bytes of a byte-order mark at the very beginning have been passed over.
    mark: usize,
    started: bool,
    number: u64,
    line: u64,
    column: u64,
    /// The bytes passed over so far, up to the record or the line in progress.
    offset: u64,
    /// Where the record in progress begins.
    start: Spot,
    /// Where the outer array's last comma stands.
    comma: Spot,
    flaw: Option<Flaw>,
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    line: u64,
    column: u64,
    offset: u64,
}

impl Spot {
    const BEGINNING: Spot = Spot {
        line: 1,
        column: 1,
        offset: 0,
    };
}

impl Framer {
    /// A framer for one source; no record larger than `limit` bytes is held.
    pub fn new(limit: usize) -> Framer {
        Framer {
            limit,
            state: State::Between,
            lines: false,
            array: None,
            held: Vec::new(),
            length: 0,
            end: 0,
            breaks: 0,
            tail: 0,
            mark: 0,
            started: false,
            number: 0,
            line: 1,
            column: 1,
            offset: 0,
            start: Spot::BEGINNING,
            comma: Spot::BEGINNING,
            flaw: None,
        }
    }

    /// Takes the next bytes and hands over the records that are complete.
    pub fn push(&mut self, chunk: &[u8], take: &mut impl FnMut(Record<'_>)) {
        let mut rest = chunk;
        while !rest.is_empty() {
            rest = if self.lines && matches!(self.state, State::Between | State::Line) {
                self.by_line(rest, take)
            } else {
                self.by_byte(rest, true, take)
            };
        }
    }

    /// Whether an array is open: input that ends here was cut off.
    pub const fn is_in_array(&self) -> bool {
        self.array.is_some()
    }

    /// How many bytes of the source are settled: no record still to come begins before here.
    pub fn settled(&self) -> u64 {
        match self.state {
            State::Between if self.array == Some(Expect::Value) => self.comma.offset,
            // Part of a byte-order mark may still turn out to be the beginning of a record.
            State::Between if !self.started && self.mark < BOM.len() => {
                self.offset - self.mark as u64
            }
            State::Between | State::Line => self.offset,
            _ => self.start.offset,
        }
    }

    /// The source has ended: hands over what is left.
    pub fn finish(&mut self, take: &mut impl FnMut(Record<'_>)) {
        if self.state == State::Line {
            let line = std::mem::take(&mut self.held);
            self.state = State::Between;
            self.whole_line(&line, false, take);
        }
        match self.state {
            State::Between | State::Line => {}
            state => {
                self.move_on();
                let end = if state == State::Behind {
                    self.end
                } else {
                    self.length
                };
                self.emit(&[], end, take);
            }
        }
        self.state = State::Between;
        if self.array.take().is_some() {
            self.flaw = Some(Flaw::ArrayCutOff);
            self.begin();
            self.emit(&[], 0, take);
        }
    }

    /// Takes bytes with the exact machine, up to the end of a record or of the chunk. Gives back
    /// what was not taken.
    fn by_byte<'c>(
        &mut self,
        chunk: &'c [u8],
        may_leave: bool,
        take: &mut impl FnMut(Record<'_>),
    ) -> &'c [u8] {
        let mut at = 0;
        if self.state == State::Between {
            at = self.skip_to_record(chunk, may_leave, take);
            if self.state == State::Between {
                return &chunk[at..];
            }
        }
        let from = at;
        let mut state = self.state;
        let ended = match &mut state {
            State::Mark(matched) => Some(marked(*matched, chunk[from])),
            State::Nested(scan) => self.nested(scan, &chunk[from..]),
            State::Behind => self.behind(&chunk[from..]),
            State::ToLineEnd => memchr(b'\n', &chunk[from..]).map(Stop::at),
            State::Element { in_string, escaped } => {
                element_end(&chunk[from..], in_string, escaped).map(Stop::at)
            }
            State::Between | State::Line | State::Opaque => None,
        };
        self.state = state;
        let Some(stop) = ended else {
            self.hold(&chunk[from..]);
            return &[];
        };
        let taken = &chunk[from..from + stop.taken];
        match stop.next {
            Some(next) => {
                self.state = next;
                self.hold(taken);
            }
            None => self.close(taken, &stop, chunk.get(from + stop.taken).copied(), take),
        }
        &chunk[from + stop.taken..]
    }

    /// Follows an object (or nested array) to its end.
    fn nested(&mut self, scan: &mut Scan, bytes: &[u8]) -> Option<Stop> {
        let strict = self.lines;
        match scan.run(bytes, strict, self.length)? {
            Met::Closed(taken) => {
                self.end = self.length + taken as u64;
                Some(Stop {
                    taken,
                    end: None,
                    next: Some(State::Behind),
                })
            }
            Met::Cut { taken, end } => Some(Stop {
                taken,
                end: Some(end),
                next: None,
            }),
        }
    }

    /// Looks at what follows a closed object on its line.
    fn behind(&self, bytes: &[u8]) -> Option<Stop> {
        let blanks = bytes.iter().take_while(|b| is_blank(**b)).count();
        let next = bytes.get(blanks)?;
        let ends = match next {
            // A byte-order mark begins the next record, as in files that were joined.
            b'\n' | b'{' | b'[' | 0xEF => true,
            _ => self.array.is_some(),
        };
        Some(Stop {
            taken: blanks,
            end: ends.then_some(self.end),
            next: (!ends).then_some(State::ToLineEnd),
        })
    }

    fn spot(&self) -> Spot {
        Spot {
            line: self.line,
            column: self.column,
            offset: self.offset,
        }
    }

    fn begin(&mut self) {
        self.start = self.spot();
        self.length = 0;
        self.end = 0;
        self.breaks = 0;
        self.tail = 0;
        self.held.clear();
    }

    /// Keeps bytes of a record whose end has not come yet.
    fn hold(&mut self, bytes: &[u8]) {
        self.measure(bytes);
        let room = (self.limit + 1).saturating_sub(self.held.len());
        self.held.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn measure(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.breaks += memchr::memchr_iter(b'\n', bytes).count() as u64;
        match memchr::memrchr(b'\n', bytes) {
            Some(at) => self.tail = count_chars(&bytes[at + 1..]),
            None => self.tail += count_chars(bytes),
        }
    }

    /// Ends the record in progress and works out where the next one may begin.
    fn close(
        &mut self,
        taken: &[u8],
        stop: &Stop,
        next: Option<u8>,
        take: &mut impl FnMut(Record<'_>),
    ) {
        let first = self.held.first().or(taken.first()).copied();
        let borrowed = self.held.is_empty();
        if borrowed {
            self.measure(taken);
        } else {
            self.hold(taken);
        }
        if stop.end.is_none() || self.breaks == 0 {
            self.lines = match (self.breaks, next, first) {
                (0, Some(b'\n'), Some(b'{')) => self.array.is_none(),
                (0, ..) => self.lines,
                _ => false,
            };
        }
        self.move_on();
        let end = stop.end.unwrap_or(self.length);
        self.emit(if borrowed { taken } else { &[] }, end, take);
    }

    /// The place behind the record in progress.
    fn move_on(&mut self) {
        self.line += self.breaks;
        self.column = if self.breaks > 0 {
            self.tail + 1
        } else {
            self.start.column + self.tail
        };
        self.offset = self.start.offset + self.length;
    }

    /// Hands a record over: the first `end` bytes of what is held, or else of `bytes`.
    fn emit(&mut self, bytes: &[u8], end: u64, take: &mut impl FnMut(Record<'_>)) {
        let held = std::mem::take(&mut self.held);
        let all = if held.is_empty() { bytes } else { &held };
        let bytes = if end > self.limit as u64 {
            &all[..all.len().min(KEPT_OF_OVERSIZE).min(self.limit)]
        } else {
            let end = usize::try_from(end).map_or(all.len(), |end| end.min(all.len()));
            without_blanks_behind(&all[..end])
        };
        self.number += 1;
        let oversize = end > self.limit as u64;
        take(Record {
            bytes,
            number: self.number,
            line: self.start.line,
            column: self.start.column,
            offset: self.start.offset,
            length: if oversize { end } else { bytes.len() as u64 },
            flaw: self.flaw.take(),
        });
        self.held = held;
        self.held.clear();
        self.state = State::Between;
        if self.array.is_some() {
            self.array = Some(Expect::Comma);
        }
    }
}

/// Where a record, or a part of it, ends.
struct Stop {
    /// How many bytes of the chunk were looked at.
    taken: usize,
    /// Where the record ends, counted from its beginning; `None`: with what was taken.
    end: Option<u64>,
    /// The state to go on in; `None`: the record has ended.
    next: Option<State>,
}

impl Stop {
    fn at(taken: usize) -> Stop {
        Stop {
            taken,
            end: None,
            next: None,
        }
    }
}

fn count_chars(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64
}

/// Matches one byte of a mark; behind it an object begins, or else a broken line.
fn marked(matched: usize, byte: u8) -> Stop {
    let (taken, next) = match BOM.get(matched) {
        Some(expected) if *expected == byte => (1, State::Mark(matched + 1)),
        None if byte == b'{' => (0, State::Nested(Scan::default())),
        _ => (0, State::ToLineEnd),
    };
    Stop {
        taken,
        end: None,
        next: Some(next),
    }
}
