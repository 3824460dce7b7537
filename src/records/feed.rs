//! One source as it is read and framed, block by block, by whichever worker takes the next one.

use super::Batch;
use super::sources::Source;
use crate::host::ReadBlock;
use crate::wire::records::Framer;
use std::io::{self, Read};

/// A source that is being read. Blocks are framed in order: where a record ends is only known from
/// what stands before it.
pub(super) struct Feed {
    stream: Box<dyn Read + Send>,
    is_file: bool,
    framer: Framer,
    /// How many records the last block had.
    usual: usize,
    /// Why no more can be read, until that is reported.
    failed: Option<io::Error>,
    next: u64,
    ended: bool,
}

/// What a feed gives.
pub(super) struct Portion {
    /// From 0.
    pub(super) number: u64,
    pub(super) content: io::Result<Batch>,
    pub(super) is_last: bool,
}

impl Feed {
    /// A source of records of at most `limit` bytes.
    pub(super) fn new(source: Source, limit: usize) -> Feed {
        Feed {
            stream: source.stream,
            is_file: source.is_file,
            framer: Framer::new(limit),
            usual: 0,
            failed: None,
            next: 0,
            ended: false,
        }
    }

    /// Reads the next block into this memory and frames it; nothing after the last one.
    pub(super) fn next(&mut self, mut block: ReadBlock) -> Option<Portion> {
        if self.ended {
            return None;
        }
        let read = self.read(&mut block);
        let framer = &mut self.framer;
        let content = read.map(|is_last| {
            self.ended = is_last;
            let batch = Batch::framed(block, self.usual, |bytes, take| {
                framer.push(bytes, &mut |record| take(record));
                if is_last {
                    framer.finish(&mut |record| take(record));
                }
            });
            self.usual = batch.len();
            batch
        });
        self.ended |= content.is_err();
        let number = self.next;
        self.next += 1;
        Some(Portion {
            number,
            content,
            is_last: self.ended,
        })
    }

    /// Reads into a block; true once the end is reached. What came before a failure is not lost
    /// with it.
    fn read(&mut self, block: &mut ReadBlock) -> io::Result<bool> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if !self.is_file {
            return block.read(&mut self.stream).map(|()| block.is_empty());
        }
        match block.fill(&mut self.stream) {
            Err(error) if !block.is_empty() => {
                self.failed = Some(error);
                Ok(false)
            }
            read => read,
        }
    }
}
