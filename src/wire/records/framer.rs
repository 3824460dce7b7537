//! The framer: pushed in as bytes come, records come out.

use super::line::{is_exactly_one_object, is_plainly_one_object, trim, trim_end, trim_start};
use super::outer_array::{OuterArray, Sign, element_end};
use super::pending::{Pending, Spot};
use super::{ArrayError, Record};
use crate::wire::json::nesting::{Nesting, NestingEnd};
use crate::wire::json::{BOM, is_whitespace};
use memchr::memchr;

/// How much of a record beyond the limit is held, to show where it is.
const KEPT_OF_OVERSIZE: usize = 1024;

/// How long a line may be whose end is looked for each time that more of it has come.
const LONGEST_FLUSHED: usize = 64 << 10;

/// Where the framer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FramerState {
    /// Between records.
    Between,
    /// In a line whose end has not come yet.
    Line,
    /// In a byte-order mark that stands where a record should begin; so many bytes are matched.
    Mark(usize),
    /// In an object, or in an array inside an array.
    Nested(Nesting),
    /// Behind a closed object, in the blanks of its line.
    Behind,
    /// In something that ends with its line.
    ToLineEnd,
    /// In an element of the outer array that is not an object: ends at comma, bracket or line end.
    Element { in_string: bool, escaped: bool },
    /// In something that is not JSON at all and has no end: HTML, gzip, UTF-16.
    Opaque,
}

/// Splits one source into records.
#[derive(Clone, Debug)]
pub struct Framer {
    pub(super) limit: usize,
    pub(super) state: FramerState,
    /// Whether the last record was one whole line, so that the next lines are likely to be too.
    pub(super) lines: bool,
    pub(super) array: OuterArray,
    /// The record in progress, or the line.
    pub(super) pending: Pending,
    /// How many records were handed over.
    pub(super) number: u64,
    /// What was passed over so far, up to the record or the line in progress.
    pub(super) here: Spot,
    /// How many bytes of a byte-order mark at the very beginning have been passed over.
    mark: usize,
    pub(super) started: bool,
}

impl Framer {
    /// A framer for one source; no record larger than `limit` bytes is held.
    pub fn new(limit: usize) -> Framer {
        Framer {
            limit,
            state: FramerState::Between,
            lines: false,
            array: OuterArray::new(),
            pending: Pending::new(),
            number: 0,
            here: Spot::BEGINNING,
            mark: 0,
            started: false,
        }
    }

    /// Takes the next bytes and hands over the records that are complete.
    pub fn push(&mut self, chunk: &[u8], take: &mut impl FnMut(Record<'_>)) {
        let mut rest = chunk;
        while !rest.is_empty() {
            rest = if self.lines && matches!(self.state, FramerState::Between | FramerState::Line) {
                self.by_line(rest, take)
            } else {
                self.by_byte(rest, true, take)
            };
        }
    }

    /// Takes the next bytes of a stream whose values may each begin with a record separator
    /// (RFC 7464), which no JSON text contains: like the end of a line it ends what came before.
    pub fn push_sequence(&mut self, chunk: &[u8], take: &mut impl FnMut(Record<'_>)) {
        let mut rest = chunk;
        while let Some(at) = memchr(b'\x1e', rest) {
            self.push(&rest[..at], take);
            self.push(b"\n", take);
            rest = &rest[at + 1..];
        }
        self.push(rest, take);
    }

    /// Nothing more is at hand: an object that is closed is handed over without waiting for what
    /// comes behind it.
    pub fn flush(&mut self, take: &mut impl FnMut(Record<'_>)) {
        if self.state == FramerState::Line {
            let line = &self.pending.held;
            let may_be_whole = line.len() <= LONGEST_FLUSHED && line.ends_with(b"}");
            // Braces in a text that has not ended count for the quick look.
            if may_be_whole && is_exactly_one_object(line) {
                let line = std::mem::take(&mut self.pending.held);
                self.state = FramerState::Between;
                self.number += 1;
                take(record(trim(&line), self.number, self.here, None));
                self.here = self.here.behind(line.len());
            }
        } else if self.state == FramerState::Behind {
            let stop = RecordEnd {
                taken: 0,
                end: Some(self.pending.end),
                next: None,
            };
            self.close(&[], &stop, None, take);
        }
    }

    /// Whether an array is open: input that ends here was cut off.
    pub const fn is_in_array(&self) -> bool {
        self.array.is_open()
    }

    /// Whether more than the limit has come of a record that has not ended.
    pub const fn is_over_limit(&self) -> bool {
        let is_in_record = !matches!(self.state, FramerState::Between | FramerState::Line);
        is_in_record && self.pending.length > self.limit as u64
    }

    /// How many bytes of the source are settled: no record still to come begins before here.
    pub fn settled(&self) -> u64 {
        match self.state {
            FramerState::Between if self.array.is_behind_comma() => self.array.comma.offset,
            // Part of a byte-order mark may still turn out to be the beginning of a record.
            FramerState::Between if !self.started && self.mark < BOM.len() => {
                self.here.offset - self.mark as u64
            }
            FramerState::Between | FramerState::Element { .. }
                if self.array.opening().is_some() =>
            {
                // What begins like an array may still turn out to be a line.
                self.array.opening().map_or(0, |bracket| bracket.offset)
            }
            FramerState::Between | FramerState::Line => self.here.offset,
            _ => self.pending.start.offset,
        }
    }

    /// The source has ended: hands over what is left.
    pub fn finish(&mut self, take: &mut impl FnMut(Record<'_>)) {
        if self.state == FramerState::Line {
            let line = std::mem::take(&mut self.pending.held);
            self.state = FramerState::Between;
            self.whole_line(&line, false, take);
        }
        if matches!(self.state, FramerState::Element { .. }) && self.is_line(&[]) {
            self.state = FramerState::ToLineEnd;
        }
        match self.state {
            FramerState::Between | FramerState::Line => {}
            state => {
                let end = match state {
                    FramerState::Behind => self.pending.end,
                    _ => self.pending.length,
                };
                self.here = self.pending.behind();
                self.emit(&[], end, take);
            }
        }
        self.state = FramerState::Between;
        if self.array.finish() {
            self.pending.begin(self.here, Some(ArrayError::ArrayCutOff));
            self.emit(&[], 0, take);
        }
    }

    /// Takes lines as long as each is one object, which two quick counts show.
    fn by_line<'c>(&mut self, chunk: &'c [u8], take: &mut impl FnMut(Record<'_>)) -> &'c [u8] {
        let Some(end) = memchr(b'\n', chunk) else {
            self.pending.held.extend_from_slice(chunk);
            self.state = FramerState::Line;
            if self.pending.held.len() > self.limit {
                // Too long to wait for its end: it is looked at byte by byte.
                self.state = FramerState::Between;
                let line = std::mem::take(&mut self.pending.held);
                self.replay(&line, take);
            }
            return &[];
        };
        if self.state == FramerState::Line {
            let mut line = std::mem::take(&mut self.pending.held);
            line.extend_from_slice(&chunk[..end]);
            self.state = FramerState::Between;
            self.whole_line(&line, true, take);
            // The buffer is given back so that a stream of small pushes does not allocate.
            if self.pending.held.is_empty() {
                line.clear();
                self.pending.held = line;
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
        let is_object = |line| is_plainly_one_object(line) || is_exactly_one_object(trim(line));
        if line.len() <= self.limit && is_object(line) {
            let start = self.here.behind(line.len() - trim_start(line).len());
            self.number += 1;
            take(record(trim(line), self.number, start, None));
            self.here = self.here.next_line(line.len() + 1);
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

    /// Takes bytes with the exact machine, up to the end of a record or of the chunk. Gives back
    /// what was not taken.
    fn by_byte<'c>(
        &mut self,
        chunk: &'c [u8],
        may_leave: bool,
        take: &mut impl FnMut(Record<'_>),
    ) -> &'c [u8] {
        let mut rest = chunk;
        if self.state == FramerState::Between {
            rest = &chunk[self.pass_to_record(chunk, may_leave, take)..];
            if self.state == FramerState::Between {
                return rest;
            }
        }
        let mut state = self.state;
        let ended = match &mut state {
            FramerState::Mark(matched) => Some(marked(*matched, rest[0])),
            FramerState::Nested(nesting) => self.nested(nesting, rest),
            FramerState::Behind => self.behind(rest),
            FramerState::ToLineEnd => memchr(b'\n', rest).map(RecordEnd::at),
            FramerState::Element { in_string, escaped } => element_end(rest, in_string, escaped)
                .map(|taken| RecordEnd {
                    next: self
                        .is_line(&rest[..taken])
                        .then_some(FramerState::ToLineEnd),
                    ..RecordEnd::at(taken)
                }),
            FramerState::Between | FramerState::Line | FramerState::Opaque => None,
        };
        self.state = state;
        let Some(stop) = ended else {
            self.pending.hold(rest, self.limit);
            return &[];
        };
        let (taken, rest) = rest.split_at(stop.taken);
        match stop.next {
            Some(next) => {
                self.state = next;
                self.pending.hold(taken, self.limit);
            }
            None => self.close(taken, &stop, rest.first().copied(), take),
        }
        rest
    }

    /// Passes over what stands between records and begins the next one.
    fn pass_to_record(
        &mut self,
        chunk: &[u8],
        may_leave: bool,
        take: &mut impl FnMut(Record<'_>),
    ) -> usize {
        for (at, byte) in chunk.iter().enumerate() {
            let is_at_beginning = !self.started && (self.here.line, self.here.column) == (1, 1);
            if is_at_beginning && BOM.get(self.mark) == Some(byte) {
                self.mark += 1;
                self.here.offset += 1;
                continue;
            }
            if !self.started && (1..BOM.len()).contains(&self.mark) {
                self.here.offset -= self.mark as u64;
                self.pending.begin(self.here, None);
                self.pending.hold(&BOM[..self.mark], self.limit);
                self.started = true;
                self.state = FramerState::ToLineEnd;
                return at;
            }
            if *byte == b'\n' {
                self.here = self.here.next_line(1);
                if may_leave && self.lines {
                    return at + 1;
                }
                continue;
            }
            if !is_whitespace(*byte) && !self.is_of_array(*byte, take) {
                self.begin_with(*byte);
                return at;
            }
            self.here = self.here.behind(1);
        }
        chunk.len()
    }

    /// Takes a bracket or a comma of the outer array; false when the byte is none. A comma that
    /// stands where none can is handed over.
    fn is_of_array(&mut self, byte: u8, take: &mut impl FnMut(Record<'_>)) -> bool {
        match self.array.take(byte, self.here, !self.lines) {
            Sign::None => return false,
            Sign::Fits => self.started |= byte == b'[',
            Sign::Odd(flaw, place) => {
                self.pending.begin(place, Some(flaw));
                self.hand_over(b",", 1, take);
            }
        }
        true
    }

    fn begin_with(&mut self, byte: u8) {
        let flaw = self.array.lacks_comma().then_some(ArrayError::MissingComma);
        self.pending.begin(self.here, flaw);
        let whole_source = !std::mem::replace(&mut self.started, true);
        self.state = match byte {
            b'{' => FramerState::Nested(Nesting::default()),
            b'[' if self.array.is_open() => FramerState::Nested(Nesting::default()),
            b'<' | 0x1F | 0xFE | 0xFF | 0 if whole_source => FramerState::Opaque,
            0xEF => FramerState::Mark(0),
            _ if self.array.is_open() => FramerState::Element {
                in_string: false,
                escaped: false,
            },
            _ => FramerState::ToLineEnd,
        };
    }

    /// Whether what began like an array is a line of text, such as `[INFO] started`: its first
    /// element, which ends with these bytes, is not JSON. The bracket then belongs to the line.
    fn is_line(&mut self, last: &[u8]) -> bool {
        let Some(bracket) = self.array.opening() else {
            return false;
        };
        let pending = &mut self.pending;
        let length = pending.length + last.len() as u64;
        if pending.start != bracket.behind(1) || length > self.limit as u64 {
            return false;
        }
        let first = [&pending.held, last].concat();
        if serde_json::from_slice::<serde::de::IgnoredAny>(&first).is_ok() {
            return false;
        }
        self.array = OuterArray::new();
        let held = std::mem::take(&mut pending.held);
        pending.begin(bracket, None);
        pending.hold(b"[", self.limit);
        pending.hold(&held, self.limit);
        true
    }

    /// Follows an object (or nested array) to its end.
    fn nested(&mut self, nesting: &mut Nesting, bytes: &[u8]) -> Option<RecordEnd> {
        match nesting.follow(bytes, self.lines, self.pending.length)? {
            NestingEnd::Closed(taken) => {
                self.pending.end = self.pending.length + taken as u64;
                Some(RecordEnd {
                    taken,
                    end: None,
                    next: Some(FramerState::Behind),
                })
            }
            NestingEnd::CutOff { taken, end } => Some(RecordEnd {
                taken,
                end: Some(end),
                next: None,
            }),
        }
    }

    /// Looks at what follows a closed object on its line.
    fn behind(&self, bytes: &[u8]) -> Option<RecordEnd> {
        let is_blank = |byte: &u8| is_whitespace(*byte) && *byte != b'\n';
        let blanks = bytes.iter().take_while(|byte| is_blank(byte)).count();
        let ends = match bytes.get(blanks)? {
            // A byte-order mark begins the next record, as in files that were joined.
            b'\n' | b'{' | b'[' | 0xEF => true,
            _ => self.array.is_open(),
        };
        Some(RecordEnd {
            taken: blanks,
            end: ends.then_some(self.pending.end),
            next: (!ends).then_some(FramerState::ToLineEnd),
        })
    }

    /// Ends the record in progress and works out where the next one may begin.
    fn close(
        &mut self,
        taken: &[u8],
        stop: &RecordEnd,
        next: Option<u8>,
        take: &mut impl FnMut(Record<'_>),
    ) {
        let first = self.pending.held.first().or(taken.first()).copied();
        let borrowed = self.pending.held.is_empty();
        if borrowed {
            self.pending.measure(taken);
        } else {
            self.pending.hold(taken, self.limit);
        }
        let is_one_line = self.pending.breaks == 0;
        if stop.end.is_none() || is_one_line {
            self.lines = match (is_one_line, next, first) {
                (true, Some(b'\n'), Some(b'{')) => !self.array.is_open(),
                (true, ..) => self.lines,
                _ => false,
            };
        }
        self.here = self.pending.behind();
        let end = stop.end.unwrap_or(self.pending.length);
        self.emit(if borrowed { taken } else { &[] }, end, take);
    }

    /// Hands a record over and notes that an array continues behind it.
    fn emit(&mut self, bytes: &[u8], end: u64, take: &mut impl FnMut(Record<'_>)) {
        self.hand_over(bytes, end, take);
        self.state = FramerState::Between;
        self.array.take_record();
    }

    /// Hands a record over: the first `end` bytes of what is held, or else of `bytes`.
    fn hand_over(&mut self, bytes: &[u8], end: u64, take: &mut impl FnMut(Record<'_>)) {
        let mut held = std::mem::take(&mut self.pending.held);
        let all = if held.is_empty() { bytes } else { &held };
        let is_oversize = end > self.limit as u64;
        let bytes = if is_oversize {
            &all[..all.len().min(KEPT_OF_OVERSIZE).min(self.limit)]
        } else {
            let end = usize::try_from(end).map_or(all.len(), |end| end.min(all.len()));
            trim_end(&all[..end])
        };
        self.number += 1;
        let flaw = self.pending.flaw.take();
        let mut record = record(bytes, self.number, self.pending.start, flaw);
        if is_oversize {
            record.length = end;
        }
        take(record);
        held.clear();
        self.pending.held = held;
    }
}

fn record(bytes: &[u8], number: u64, start: Spot, flaw: Option<ArrayError>) -> Record<'_> {
    Record {
        bytes,
        number,
        line: start.line,
        column: start.column,
        offset: start.offset,
        length: bytes.len() as u64,
        flaw,
    }
}

/// Where a record, or a part of it, ends.
struct RecordEnd {
    /// How many bytes of the chunk were looked at.
    taken: usize,
    /// Where the record ends, counted from its beginning; `None`: with what was taken.
    end: Option<u64>,
    /// The state to go on in; `None`: the record has ended.
    next: Option<FramerState>,
}

impl RecordEnd {
    fn at(taken: usize) -> RecordEnd {
        RecordEnd {
            taken,
            end: None,
            next: None,
        }
    }
}

/// Matches one byte of a mark; behind it an object begins, or else a broken line.
fn marked(matched: usize, byte: u8) -> RecordEnd {
    let (taken, next) = match BOM.get(matched) {
        Some(expected) if *expected == byte => (1, FramerState::Mark(matched + 1)),
        None if byte == b'{' => (0, FramerState::Nested(Nesting::default())),
        _ => (0, FramerState::ToLineEnd),
    };
    RecordEnd {
        taken,
        end: None,
        next: Some(next),
    }
}
