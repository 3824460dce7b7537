//! Inspects the records of every source on every core and hands over what was found, in order.

use super::Batch;
use super::feed::{Feed, Portion};
use super::sources::{Source, Sources};
use crate::failure::Failure;
use crate::host::{Interrupt, ReadBlock, Signal};
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many blocks may be in flight for each core.
const IN_FLIGHT: usize = 3;

/// How often a wait is interrupted to see whether the user wants to stop.
const POLL: Duration = Duration::from_millis(50);

/// What is done with the records of a block by whichever core is free.
pub trait InspectRecords: Send + Sync + 'static {
    /// The memory of one core, which serves from block to block.
    type Memory: Default + Send;
    /// What is found in a block.
    type Found: Send + 'static;

    /// Inspects the records of a block.
    fn inspect(&self, memory: &mut Self::Memory, source: &str, batch: &Batch) -> Self::Found;
}

/// Who is handed what was found, in input order.
pub trait Take<F> {
    /// Takes the records of a block of a source.
    fn block(&mut self, source: &str, batch: &Batch, found: F) -> Progress;

    /// Takes a source that cannot be read, or not to its end.
    fn unreadable(&mut self, failure: Failure) -> Progress;

    /// Nothing can be handed over for a moment: what was found must be seen now.
    fn before_waiting(&mut self) -> Progress {
        Progress::GoOn
    }
}

/// Whether the reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More records are needed.
    GoOn,
    /// Nothing more is needed, of this source or any other.
    Stop,
}

/// Reads every source, with records of at most `limit` bytes. Ends early where nothing more is
/// wanted, and at a signal, which is given back.
pub fn read_all<I: InspectRecords>(
    sources: Sources,
    limit: usize,
    inspect: I,
    interrupt: &Interrupt,
    take: &mut impl Take<I::Found>,
) -> Option<Signal> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut reader = Reader::new(inspect, limit, cores, ReadBlock::default);
    reader.read_all(sources, interrupt, take)
}

/// Leaves everything that is done with records to their turn.
pub struct FrameOnly;

impl InspectRecords for FrameOnly {
    type Memory = ();
    type Found = ();

    fn inspect(&self, (): &mut (), _: &str, _: &Batch) {}
}

/// Why a source was not read to its end.
enum Ended {
    Stopped,
    Signal(Signal),
    Unreadable(Failure),
    Failed(io::Error),
}

impl Progress {
    fn goes_on(self) -> Result<(), Ended> {
        match self {
            Progress::GoOn => Ok(()),
            Progress::Stop => Err(Ended::Stopped),
        }
    }
}

/// Reads sources, one after the other.
pub(super) struct Reader<I: InspectRecords> {
    inspect: Arc<I>,
    /// For what is inspected on the spot.
    memory: I::Memory,
    limit: usize,
    pool: Pool<I>,
    cores: usize,
    spare: fn() -> ReadBlock,
    /// The number of the source at hand, which distinguishes its results from those of earlier ones.
    source: u64,
}

impl<I: InspectRecords> Reader<I> {
    /// A reader of records of at most `limit` bytes; `spare` makes the blocks it reads into.
    pub(super) fn new(
        inspect: I,
        limit: usize,
        cores: usize,
        spare: fn() -> ReadBlock,
    ) -> Reader<I> {
        Reader {
            inspect: Arc::new(inspect),
            memory: I::Memory::default(),
            limit,
            pool: Pool::new(),
            cores,
            spare,
            source: 0,
        }
    }

    /// Reads every source.
    pub(super) fn read_all(
        &mut self,
        sources: impl IntoIterator<Item = Result<Source, Failure>>,
        interrupt: &Interrupt,
        take: &mut impl Take<I::Found>,
    ) -> Option<Signal> {
        for source in sources {
            let (name, read) = match source {
                Ok(source) => (source.name.clone(), self.read(source, interrupt, take)),
                Err(failure) => (String::new(), Err(Ended::Unreadable(failure))),
            };
            let progress = match read {
                Ok(()) => Progress::GoOn,
                Err(Ended::Stopped) => Progress::Stop,
                Err(Ended::Signal(signal)) => return Some(signal),
                Err(Ended::Unreadable(failure)) => take.unreadable(failure),
                Err(Ended::Failed(error)) => {
                    take.unreadable(Failure::io(format!("cannot read {name}"), error))
                }
            };
            if let Some(signal) = interrupt.seen() {
                return Some(signal);
            }
            if progress == Progress::Stop {
                return None;
            }
        }
        None
    }

    fn read(
        &mut self,
        source: Source,
        interrupt: &Interrupt,
        take: &mut impl Take<I::Found>,
    ) -> Result<(), Ended> {
        let is_file = source.is_file;
        let blocks = std::iter::repeat_with(self.spare).take(self.cores * IN_FLIGHT);
        let (mut feed, used) = Feed::new(source, self.limit, blocks);
        let mut next = 0;
        if is_file && let Some(portion) = feed.next() {
            let batch = portion.content.map_err(Ended::Failed)?;
            let found = self.inspect.inspect(&mut self.memory, &feed.name, &batch);
            take.block(&feed.name, &batch, found).goes_on()?;
            if portion.is_last {
                return Ok(());
            }
            next += 1;
            let _ = used.send(batch.into_block());
        }
        self.source += 1;
        let name = Arc::clone(&feed.name);
        let shared = (self.source, Arc::new(Mutex::new(feed)));
        self.pool.share(&shared);
        // One worker is enough for what may have no second block.
        let wanted = if is_file { self.cores } else { 1 };
        self.hire(wanted, &shared)?;
        loop {
            if let Some(signal) = interrupt.seen() {
                return Err(Ended::Signal(signal));
            }
            let Some(inspected) = self.next(next, take)? else {
                continue;
            };
            next += 1;
            let (batch, found) = inspected.content.map_err(Ended::Failed)?;
            take.block(&name, &batch, found).goes_on()?;
            if inspected.is_last {
                return Ok(());
            }
            let _ = used.send(batch.into_block());
            self.hire(self.cores, &shared)?;
        }
    }

    fn hire(&mut self, wanted: usize, shared: &SharedFeed) -> Result<(), Ended> {
        let hired = self.pool.hire(wanted, &self.inspect, shared);
        hired.map_err(Ended::Failed)
    }

    /// The next block of the source at hand; nothing after a moment without it.
    fn next(
        &mut self,
        number: u64,
        take: &mut impl Take<I::Found>,
    ) -> Result<Option<Inspected<I::Found>>, Ended> {
        if let Some(inspected) = self.pool.next_now(self.source, number) {
            return Ok(Some(inspected));
        }
        take.before_waiting().goes_on()?;
        Ok(self.pool.wait(self.source, number))
    }
}

/// What a worker hands over of a block.
struct Inspected<F> {
    is_last: bool,
    content: io::Result<(Batch, F)>,
}

/// What a worker found in a block, on its way to the place in the order that it has.
struct Message<F> {
    source: u64,
    number: u64,
    inspected: Inspected<F>,
}

/// A source that is shared by the workers, with its number.
type SharedFeed = (u64, Arc<Mutex<Feed>>);

/// The workers. They are not waited for at the end: one may be reading from where nothing comes.
struct Pool<I: InspectRecords> {
    workers: Vec<Sender<SharedFeed>>,
    outbox: Sender<Message<I::Found>>,
    inbox: Receiver<Message<I::Found>>,
    /// Results of the source at hand that came before their turn.
    early: BTreeMap<u64, Inspected<I::Found>>,
}

impl<I: InspectRecords> Pool<I> {
    fn new() -> Pool<I> {
        let (outbox, inbox) = channel();
        Pool {
            workers: Vec::new(),
            outbox,
            inbox,
            early: BTreeMap::new(),
        }
    }

    /// Lets those who are there read a source, together.
    fn share(&mut self, shared: &SharedFeed) {
        self.early.clear();
        for worker in &self.workers {
            let _ = worker.send(shared.clone());
        }
    }

    /// Sees to it that there are so many; those who are new join in at the source at hand.
    fn hire(&mut self, wanted: usize, inspect: &Arc<I>, shared: &SharedFeed) -> io::Result<()> {
        while self.workers.len() < wanted {
            let (worker, feeds) = channel();
            let (inspect, outbox) = (Arc::clone(inspect), self.outbox.clone());
            std::thread::Builder::new()
                .name("inspector".into())
                .spawn(move || work(&*inspect, &feeds, &outbox))?;
            let _ = worker.send(shared.clone());
            self.workers.push(worker);
        }
        Ok(())
    }

    /// The next block of a source, if it is there.
    fn next_now(&mut self, source: u64, number: u64) -> Option<Inspected<I::Found>> {
        while let Ok(message) = self.inbox.try_recv() {
            self.note(source, message);
        }
        self.early.remove(&number)
    }

    /// Waits a moment for the next block of a source.
    fn wait(&mut self, source: u64, number: u64) -> Option<Inspected<I::Found>> {
        if let Ok(message) = self.inbox.recv_timeout(POLL) {
            self.note(source, message);
        }
        self.early.remove(&number)
    }

    fn note(&mut self, source: u64, message: Message<I::Found>) {
        // Results of a source that was left early are of no use.
        if message.source == source {
            self.early.insert(message.number, message.inspected);
        }
    }
}

/// Takes the next block of the source at hand and inspects it, again and again.
fn work<I: InspectRecords>(
    inspect: &I,
    feeds: &Receiver<SharedFeed>,
    outbox: &Sender<Message<I::Found>>,
) {
    let mut memory = I::Memory::default();
    for (source, feed) in feeds {
        loop {
            let (name, portion) = {
                let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
                (Arc::clone(&feed.name), feed.next())
            };
            let Some(Portion {
                number,
                content,
                is_last,
            }) = portion
            else {
                break;
            };
            let content = content.map(|batch| {
                let found = inspect.inspect(&mut memory, &name, &batch);
                (batch, found)
            });
            let inspected = Inspected { is_last, content };
            let message = Message {
                source,
                number,
                inspected,
            };
            if outbox.send(message).is_err() {
                return;
            }
        }
    }
}
