//! The records of one block.

use crate::host::ReadBlock;
#[cfg(test)]
use crate::wire::records::Framer;
use crate::wire::records::{ArrayError, Record};
use std::ops::Range;

/// The records that ended in one block of input.
#[derive(Debug, Default)]
pub struct Batch {
    block: ReadBlock,
    /// Records that began in an earlier block.
    held: Vec<u8>,
    places: Vec<RecordPlace>,
}

/// Where a record is.
#[derive(Debug)]
struct RecordPlace {
    bytes: Range<usize>,
    is_in_block: bool,
    number: u64,
    line: u64,
    column: u64,
    offset: u64,
    length: u64,
    flaw: Option<ArrayError>,
}

impl Batch {
    /// The records that `frame` finds in a block, without copying those that lie in it whole; there
    /// are about so many.
    pub(super) fn framed(
        block: ReadBlock,
        about: usize,
        frame: impl FnOnce(&[u8], &mut dyn FnMut(Record<'_>)),
    ) -> Batch {
        let mut held = Vec::new();
        let mut places = Vec::with_capacity(about + about / 8);
        let block_place = block.as_ptr_range();
        frame(&block, &mut |record| {
            let start = record.bytes.as_ptr();
            let is_in_block = block_place.contains(&start) && !record.bytes.is_empty();
            let from = if is_in_block {
                start.addr() - block_place.start.addr()
            } else {
                held.extend_from_slice(record.bytes);
                held.len() - record.bytes.len()
            };
            places.push(RecordPlace {
                bytes: from..from + record.bytes.len(),
                is_in_block,
                number: record.number,
                line: record.line,
                column: record.column,
                offset: record.offset,
                length: record.length,
                flaw: record.flaw,
            });
        });
        Batch {
            block,
            held,
            places,
        }
    }

    /// The records of a text.
    #[cfg(test)]
    pub fn of(text: &str) -> Batch {
        let mut block = ReadBlock::with_room(text.len());
        block.read(&mut text.as_bytes()).unwrap();
        Batch::framed(block, 1, |bytes, take| {
            let mut framer = Framer::new(text.len());
            framer.push(bytes, &mut |record| take(record));
            framer.finish(&mut |record| take(record));
        })
    }

    /// The bytes in which all records lie.
    pub fn bytes(&self) -> [&[u8]; 2] {
        [&self.block, &self.held]
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The records, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.len()).map(|at| self.record(at))
    }

    /// One of the records, counted from 0.
    pub fn record(&self, at: usize) -> Record<'_> {
        let place = &self.places[at];
        Record {
            bytes: &(if place.is_in_block {
                &*self.block
            } else {
                &self.held
            })[place.bytes.clone()],
            number: place.number,
            line: place.line,
            column: place.column,
            offset: place.offset,
            length: place.length,
            flaw: place.flaw,
        }
    }

    /// The block, whose memory serves again.
    pub(super) fn into_block(self) -> ReadBlock {
        self.block
    }
}
