//! One source as it is read and framed, block by block, by whichever worker takes the next one.

use super::Batch;
use super::sources::Source;
use crate::host::ReadBlock;
use crate::wire::records::Framer;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A source that is being read. Blocks are framed in order: where a record ends is only known from
/// what stands before it.
pub(super) struct Feed {
    /// What it is called.
    pub(super) name: Arc<str>,
    stream: Box<dyn Read + Send>,
    is_file: bool,
    framer: Framer,
    /// Memory for blocks, which bounds how many are in flight.
    spares: Receiver<ReadBlock>,
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
    /// A source of records of at most `limit` bytes, read into these blocks, and where they go when
    /// they have been dealt with.
    pub(super) fn new(
        source: Source,
        limit: usize,
        blocks: impl IntoIterator<Item = ReadBlock>,
    ) -> (Feed, Sender<ReadBlock>) {
        let (used, spares) = channel();
        for block in blocks {
            let _ = used.send(block);
        }
        let feed = Feed {
            name: source.name.into(),
            stream: source.stream,
            is_file: source.is_file,
            framer: Framer::new(limit),
            spares,
            failed: None,
            next: 0,
            ended: false,
        };
        (feed, used)
    }

    /// Reads and frames the next block; nothing after the last one, or when nobody takes them any
    /// more.
    pub(super) fn next(&mut self) -> Option<Portion> {
        if self.ended {
            return None;
        }
        let Ok(mut block) = self.spares.recv() else {
            self.ended = true;
            return None;
        };
        let read = self.read(&mut block);
        let framer = &mut self.framer;
        let content = read.map(|is_last| {
            self.ended = is_last;
            Batch::framed(block, |bytes, take| {
                framer.push(bytes, &mut |record| take(record));
                if is_last {
                    framer.finish(&mut |record| take(record));
                }
            })
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
