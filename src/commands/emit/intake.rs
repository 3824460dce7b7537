//! Reading on a thread: bytes to records to the spool, with the runtime left to the sending.

use crate::commands::emit::end_of;
use crate::commands::emit::gate::{Gate, Invalid};
use crate::failure::Failure;
use crate::host::Interrupt;
use crate::records::{Batch, FrameOnly, Progress, Sources, Take, read_all};
use crate::spool::{self, Receipt, Spool};
use std::mem;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// A batch is handed to the spool when it holds so many records or bytes, or when there is
/// nothing more to read at the moment.
const BATCH_RECORDS: usize = 1000;
const BATCH_BYTES: usize = 256 * 1024;

/// Where records come from.
pub enum EmitInput {
    /// One that was composed from flags.
    Composed(Vec<u8>),
    /// Files and standard input.
    Sources(Sources),
}

impl EmitInput {
    /// Where records come from, those from flags included.
    pub fn into_sources(self) -> Sources {
        match self {
            EmitInput::Composed(record) => Sources::of_bytes("flags", record),
            EmitInput::Sources(sources) => sources,
        }
    }

    /// Where records come from, if not from flags.
    pub fn sources(&self) -> Option<&Sources> {
        match self {
            EmitInput::Composed(_) => None,
            EmitInput::Sources(sources) => Some(sources),
        }
    }
}

/// What the reading reports.
pub enum News {
    /// A record broke our own rules.
    Invalid(Box<Invalid>),
    /// Records are safe in a durable spool.
    Accepted(Vec<Receipt>),
    /// The reading or the spool has failed; nothing more comes.
    Failed(Failure),
}

/// Starts the reading. The channel closes when everything is in the spool.
pub fn start(
    input: EmitInput,
    gate: Gate,
    limit: usize,
    spool: Arc<dyn Spool>,
    news: Sender<News>,
) -> Result<(), Failure> {
    let mut intake = Intake {
        gate,
        batch: Vec::new(),
        bytes: 0,
        spool,
        news,
    };
    let sources = input.into_sources();
    std::thread::Builder::new()
        .name("intake".into())
        .spawn(move || {
            // It ends when nobody listens any more.
            read_all(sources, limit, FrameOnly, &Interrupt::never(), &mut intake);
            let _ = intake.hand_over();
        })
        .map(drop)
        .map_err(|error| Failure::io("cannot start a thread", error))
}

struct Intake {
    gate: Gate,
    batch: Vec<spool::AcceptedRecord>,
    bytes: usize,
    spool: Arc<dyn Spool>,
    news: Sender<News>,
}

/// Nobody takes records any more.
struct Unwanted;

impl Take<()> for Intake {
    fn block(&mut self, source: &str, batch: &Batch, (): ()) -> Progress {
        self.accept(source, batch).into()
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        // Nothing more comes, whether or not anybody listens.
        let _ = self
            .hand_over()
            .and_then(|()| self.send(News::Failed(failure)));
        Progress::Stop
    }

    fn before_waiting(&mut self) -> Progress {
        self.hand_over().into()
    }
}

impl From<Result<(), Unwanted>> for Progress {
    fn from(result: Result<(), Unwanted>) -> Progress {
        match result {
            Ok(()) => Progress::GoOn,
            Err(Unwanted) => Progress::Stop,
        }
    }
}

impl Intake {
    fn accept(&mut self, source: &str, batch: &Batch) -> Result<(), Unwanted> {
        let source: Arc<str> = source.into();
        for record in batch.records() {
            match self.gate.pass(&source, &record) {
                Ok((record, _)) => {
                    self.bytes += record.body.len();
                    self.batch.push(record);
                }
                Err(invalid) => self.send(News::Invalid(invalid))?,
            }
        }
        if self.bytes >= BATCH_BYTES
            || self.batch.len() >= BATCH_RECORDS
            || !self.spool.is_durable()
        {
            self.hand_over()?;
        }
        Ok(())
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
                self.send(News::Failed(failure))?;
                Err(Unwanted)
            }
        }
    }

    fn send(&self, news: News) -> Result<(), Unwanted> {
        self.news.blocking_send(news).map_err(|_| Unwanted)
    }
}
