//! Reading on threads: bytes to records to the spool, with the runtime left to the sending.

use crate::commands::emit::end_of;
use crate::commands::emit::gate::{Gate, Invalid};
use crate::failure::Failure;
use crate::records::Sources;
use crate::spool::{self, Receipt, Spool};
use crate::wire::records::Framer;
use std::io::{self, Read};
use std::mem;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use tokio::sync::mpsc::Sender;

/// Bytes that are read at once.
const BLOCK: usize = 64 * 1024;

/// Blocks that are read ahead.
const AHEAD: usize = 4;

/// A batch is handed to the spool when it holds so many records or bytes, or when there is
/// nothing more to read at the moment.
const BATCH_RECORDS: usize = 1000;
const BATCH_BYTES: usize = 256 * 1024;

/// Where records come from.
pub enum Input {
    /// One that was composed from flags.
    Composed(Vec<u8>),
    /// Files and standard input.
    Sources(Sources),
}

impl Input {
    /// Where records come from, if not from flags.
    pub fn sources(&self) -> Option<&Sources> {
        match self {
            Input::Composed(_) => None,
            Input::Sources(sources) => Some(sources),
        }
    }
}

/// What the reading has to tell.
pub enum News {
    /// A record broke our own rules.
    Invalid(Box<Invalid>),
    /// Records are safe in a durable spool.
    Accepted(Vec<Receipt>),
    /// The reading or the keeping has failed; nothing more comes.
    Failed(Failure),
}

enum Block {
    Begin(Arc<str>),
    Bytes(Vec<u8>),
    End,
    Failed(Failure),
}

/// Starts the reading. The channel closes when everything is in the spool.
pub fn start(
    input: Input,
    gate: Gate,
    limit: usize,
    spool: Arc<dyn Spool>,
    news: Sender<News>,
) -> Result<(), Failure> {
    let (sender, receiver) = sync_channel(AHEAD);
    let about = |error| Failure::io("cannot start a thread", error);
    std::thread::Builder::new()
        .name("reader".into())
        .spawn(move || read(input, &sender))
        .map_err(about)?;
    let mut intake = Intake {
        gate,
        limit,
        batch: Vec::new(),
        bytes: 0,
        spool,
        news,
    };
    std::thread::Builder::new()
        .name("intake".into())
        .spawn(move || {
            // An error means that nobody listens any more.
            let _ = intake.run(&receiver);
        })
        .map(drop)
        .map_err(about)
}

/// Reads every source, as far as somebody takes what is read.
fn read(input: Input, blocks: &SyncSender<Block>) {
    let _ = match input {
        Input::Composed(record) => blocks
            .send(Block::Begin("flags".into()))
            .and_then(|()| blocks.send(Block::Bytes(record)))
            .and_then(|()| blocks.send(Block::End)),
        Input::Sources(sources) => read_sources(sources, blocks),
    };
}

type Sent = Result<(), std::sync::mpsc::SendError<Block>>;

fn read_sources(sources: Sources, blocks: &SyncSender<Block>) -> Sent {
    for source in sources {
        let mut source = match source {
            Ok(source) => source,
            Err(failure) => return blocks.send(Block::Failed(failure)),
        };
        blocks.send(Block::Begin(source.name.as_str().into()))?;
        loop {
            let mut block = vec![0; BLOCK];
            match source.stream.read(&mut block) {
                Ok(0) => break,
                Ok(length) => {
                    block.truncate(length);
                    blocks.send(Block::Bytes(block))?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let failure = Failure::io(format!("cannot read {}", source.name), error);
                    return blocks.send(Block::Failed(failure));
                }
            }
        }
        blocks.send(Block::End)?;
    }
    Ok(())
}

struct Intake {
    gate: Gate,
    limit: usize,
    batch: Vec<spool::Record>,
    bytes: usize,
    spool: Arc<dyn Spool>,
    news: Sender<News>,
}

/// Nobody takes records any more.
struct Unwanted;

impl Intake {
    fn run(&mut self, blocks: &Receiver<Block>) -> Result<(), Unwanted> {
        let mut name: Arc<str> = "".into();
        let mut framer = Framer::new(self.limit);
        while let Some(block) = self.next(blocks)? {
            let mut invalid = Vec::new();
            match block {
                Block::Begin(begun) => {
                    name = begun;
                    framer = Framer::new(self.limit);
                }
                Block::Bytes(bytes) => framer.push(&bytes, &mut |record| {
                    self.take(&name, &record, &mut invalid);
                }),
                Block::End => framer.finish(&mut |record| {
                    self.take(&name, &record, &mut invalid);
                }),
                Block::Failed(failure) => {
                    self.hand_over()?;
                    self.tell(News::Failed(failure))?;
                    break;
                }
            }
            for invalid in invalid {
                self.tell(News::Invalid(Box::new(invalid)))?;
            }
            if self.bytes >= BATCH_BYTES
                || self.batch.len() >= BATCH_RECORDS
                || !self.spool.is_durable()
            {
                self.hand_over()?;
            }
        }
        self.hand_over()
    }

    /// The next block. Before waiting for one, what has come is handed over.
    fn next(&mut self, blocks: &Receiver<Block>) -> Result<Option<Block>, Unwanted> {
        match blocks.try_recv() {
            Ok(block) => Ok(Some(block)),
            Err(TryRecvError::Disconnected) => Ok(None),
            Err(TryRecvError::Empty) => {
                self.hand_over()?;
                Ok(blocks.recv().ok())
            }
        }
    }

    fn take(
        &mut self,
        name: &Arc<str>,
        record: &crate::wire::records::Record<'_>,
        invalid: &mut Vec<Invalid>,
    ) {
        match self.gate.pass(name, record) {
            Ok((record, _)) => {
                self.bytes += record.body.len();
                self.batch.push(record);
            }
            Err(refused) => invalid.push(*refused),
        }
    }

    fn hand_over(&mut self) -> Result<(), Unwanted> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let batch = mem::take(&mut self.batch);
        let news = &self.news;
        let accepted = &mut |receipts| {
            let _ = news.blocking_send(News::Accepted(receipts));
        };
        match self.spool.append(batch, accepted) {
            Ok(()) => Ok(()),
            Err(spool::Error::Closed) => Err(Unwanted),
            Err(error) => {
                let exit = end_of(&error);
                let failure = Failure {
                    exit,
                    ..Failure::input(error)
                };
                self.tell(News::Failed(failure))?;
                Err(Unwanted)
            }
        }
    }

    fn tell(&self, news: News) -> Result<(), Unwanted> {
        self.news.blocking_send(news).map_err(|_| Unwanted)
    }
}
