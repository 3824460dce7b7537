//! One source as it is read and framed, block by block, by whichever worker takes the next one.
//!
//! Where a record ends is only known from what stands before it, so blocks are framed in turn. Of a
//! plain file only little is done in turn: each worker reads its own block by position and counts
//! its lines, hands the next one a forecast of where framing goes on, as if every line were a
//! record, and then frames its block without keeping the others waiting. Where a forecast was
//! wrong, the blocks behind it are read again.

use super::Batch;
use super::sources::SourceContent;
use crate::host::ReadBlock;
use crate::wire::records::{Framer, LineEnds};
use std::fs::File;
use std::io::{self, Read};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many blocks are framed in turn after the first forecast that was wrong; after each further
/// one twice as many, so that a file that is full of them loses little.
const FIRST_SETBACK: u64 = 8;

/// A source that is being read.
pub(super) struct Feed {
    /// What is read by position.
    file: Option<File>,
    turn: Mutex<Turn>,
    turned: Condvar,
}

/// What is passed on from block to block.
struct Turn {
    /// What is read in turn.
    stream: Option<Box<dyn Read + Send>>,
    never_waits: bool,
    framer: Framer,
    /// The number of the block that is framed next.
    next: u64,
    /// The number of the block that is read next, and where it begins.
    ahead: u64,
    position: u64,
    /// How often blocks were read again.
    generation: u64,
    /// For how many blocks nothing is foreseen.
    without_forecast: u64,
    setback: u64,
    /// How many records the last block had that was framed in turn.
    usual: usize,
    /// Why no more can be read, until that is reported.
    failed: Option<io::Error>,
    ended: bool,
}

/// What a feed gives.
pub(super) struct Portion {
    /// From 0.
    pub(super) number: u64,
    /// How often blocks had been read again by then.
    pub(super) generation: u64,
    pub(super) content: io::Result<Batch>,
    pub(super) is_last: bool,
    /// Where the blocks behind it have to be read again, because they were framed from a wrong
    /// forecast.
    pub(super) wrong: Option<WrongForecast>,
}

/// How the reading really goes on behind a block.
pub(super) struct WrongForecast {
    framer: Framer,
    position: u64,
}

impl Feed {
    /// A source of records of at most `limit` bytes.
    pub(super) fn new(content: SourceContent, limit: usize) -> Feed {
        let never_waits = content.never_waits();
        let (file, stream) = match content {
            SourceContent::File(file) => (Some(file), None),
            SourceContent::AtHand(stream) | SourceContent::Waited(stream) => (None, Some(stream)),
        };
        Feed {
            file,
            turn: Mutex::new(Turn {
                stream,
                never_waits,
                framer: Framer::new(limit),
                next: 0,
                ahead: 0,
                position: 0,
                generation: 0,
                without_forecast: 0,
                setback: FIRST_SETBACK,
                usual: 0,
                failed: None,
                ended: false,
            }),
            turned: Condvar::new(),
        }
    }

    /// Reads the next block into this memory and frames it; nothing after the last one.
    pub(super) fn next(&self, block: ReadBlock) -> Option<Portion> {
        match &self.file {
            Some(file) => self.next_of_file(file, block),
            None => self.turn().next_of_stream(block),
        }
    }

    fn next_of_file(&self, file: &File, mut block: ReadBlock) -> Option<Portion> {
        loop {
            let claim = self.turn().claim(block.room())?;
            let read = block.fill_at(file, claim.position);
            let ends = LineEnds::of(&block);
            let mut turn = self.wait_for(&claim);
            if turn.generation != claim.generation {
                continue;
            }
            if turn.ended {
                return None;
            }
            let read = turn.read(read, block.is_empty());
            let is_last = *read.as_ref().unwrap_or(&true);
            let forecast = (!is_last).then(|| turn.forecast(&block, &ends)).flatten();
            let portion = match forecast {
                Some((framer, forecast)) => {
                    drop(turn);
                    self.turned.notify_all();
                    return Some(claim.framed(block, &ends, framer, &forecast));
                }
                None => turn.frame(block, read),
            };
            drop(turn);
            self.turned.notify_all();
            return Some(portion);
        }
    }

    /// Waits until a block can be framed, or need not be.
    fn wait_for(&self, claim: &Claim) -> MutexGuard<'_, Turn> {
        let is_waiting = |turn: &mut Turn| {
            turn.generation == claim.generation && turn.next != claim.number && !turn.ended
        };
        let turn = self.turned.wait_while(self.turn(), is_waiting);
        turn.unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on behind a block as it must, the `number`th coming next; what was read ahead is of no
    /// use.
    pub(super) fn read_again(&self, number: u64, wrong: WrongForecast) {
        let mut turn = self.turn();
        turn.framer = wrong.framer;
        turn.position = wrong.position;
        (turn.next, turn.ahead) = (number, number);
        turn.generation += 1;
        turn.without_forecast = turn.setback;
        turn.setback *= 2;
        turn.failed = None;
        turn.ended = false;
        drop(turn);
        self.turned.notify_all();
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A block of a file that somebody reads.
struct Claim {
    number: u64,
    position: u64,
    generation: u64,
}

impl Claim {
    /// Frames the block.
    fn framed(
        &self,
        block: ReadBlock,
        ends: &LineEnds,
        mut framer: Framer,
        forecast: &Framer,
    ) -> Portion {
        let position = self.position + block.len() as u64;
        let batch = Batch::framed(block, ends.count(), |bytes, take| {
            framer.push_lines(bytes, ends, &mut |record| take(record));
        });
        let is_right = framer.goes_on_like(forecast);
        Portion {
            number: self.number,
            generation: self.generation,
            content: Ok(batch),
            is_last: false,
            wrong: (!is_right).then_some(WrongForecast { framer, position }),
        }
    }
}

impl Turn {
    /// Takes the next block of a file, of at most so many bytes.
    fn claim(&mut self, room: usize) -> Option<Claim> {
        if self.ended {
            return None;
        }
        let claim = Claim {
            number: self.ahead,
            position: self.position,
            generation: self.generation,
        };
        self.ahead += 1;
        self.position += room as u64;
        Some(claim)
    }

    /// Goes on behind a block before it is framed, where that can be foreseen; gives the framer
    /// for it, and the one that is foreseen behind it.
    fn forecast(&mut self, block: &ReadBlock, ends: &LineEnds) -> Option<(Framer, Framer)> {
        if self.without_forecast > 0 {
            self.without_forecast -= 1;
            return None;
        }
        let forecast = self.framer.behind_lines(block, ends)?;
        self.next += 1;
        let framer = std::mem::replace(&mut self.framer, forecast.clone());
        Some((framer, forecast))
    }

    fn next_of_stream(&mut self, mut block: ReadBlock) -> Option<Portion> {
        if self.ended {
            return None;
        }
        let read = match &mut self.stream {
            Some(stream) if self.failed.is_none() => {
                if self.never_waits {
                    block.fill(stream)
                } else {
                    block.read(stream).map(|()| block.is_empty())
                }
            }
            _ => Ok(true),
        };
        let read = self.read(read, block.is_empty());
        Some(self.frame(block, read))
    }

    /// Whether the end is reached with what was read. What came before a failure is not lost with
    /// it.
    fn read(&mut self, read: io::Result<bool>, is_empty: bool) -> io::Result<bool> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match read {
            Err(error) if !is_empty => {
                self.failed = Some(error);
                Ok(false)
            }
            read => read,
        }
    }

    /// Frames the next block.
    fn frame(&mut self, block: ReadBlock, read: io::Result<bool>) -> Portion {
        let content = read.map(|is_last| {
            self.ended = is_last;
            let framer = &mut self.framer;
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
        self.next += 1;
        Portion {
            number: self.next - 1,
            generation: self.generation,
            content,
            is_last: self.ended,
            wrong: None,
        }
    }
}
