//! Inspects the records of every source on every core and hands over what was found, in order.

use super::Batch;
use super::feed::{Feed, WrongForecast};
use super::sources::{Source, Sources};
use crate::failure::Failure;
use crate::host::{AsksToStop, ReadBlock, Signal};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How many blocks of each core may be in flight.
const IN_FLIGHT: usize = 3;

/// How often a wait is interrupted to see whether the user wants to stop.
const POLL: Duration = Duration::from_millis(50);

/// What is done with the records of a block by whichever core is free.
pub trait InspectRecords: Send + Sync + 'static {
    /// The memory of one core, which serves from block to block. It must not change what is found:
    /// a block may be inspected in vain, because it is read again.
    type Memory: Default + Send;
    /// What is found in a block, all of it.
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
/// wanted, and at a signal, which is given back. Signals are listened for unless there is but one
/// file of one block.
pub fn read_all<I: InspectRecords>(
    sources: Sources,
    limit: usize,
    inspect: I,
    interrupt: &impl AsksToStop,
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
    number: u64,
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
            number: 0,
        }
    }

    /// Reads every source.
    pub(super) fn read_all(
        &mut self,
        sources: impl IntoIterator<Item = Result<Source, Failure>>,
        interrupt: &impl AsksToStop,
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
        interrupt: &impl AsksToStop,
        take: &mut impl Take<I::Found>,
    ) -> Result<(), Ended> {
        if self.number > 0 {
            interrupt.listen().map_err(Ended::Unreadable)?;
        }
        self.number += 1;
        let never_waits = source.content.never_waits();
        let open = OpenSource {
            name: source.name.as_str().into(),
            feed: Arc::new(Feed::new(source.content, self.limit)),
        };
        // Where reading never waits, this thread reads and inspects like the others.
        let own = self.blocks(if never_waits { IN_FLIGHT } else { 0 });
        self.pool.begin(self.number, own);
        if !never_waits {
            // One worker is enough for what may have no second block.
            self.share(&open, 1, interrupt)?;
        }
        let mut next = 0;
        loop {
            if let Some(signal) = interrupt.seen() {
                return Err(Ended::Signal(signal));
            }
            let inspected = if let Some(inspected) = self.pool.next_now(next) {
                inspected
            } else if let Some(block) = self.pool.own.pop() {
                self.inspect_here(block, &open);
                continue;
            } else if let Some(inspected) = self.next(next, take)? {
                inspected
            } else {
                continue;
            };
            next += 1;
            if let Some(wrong) = inspected.wrong {
                open.feed.read_again(next, wrong);
                self.pool.read_again();
                // The others may have reached what seemed to be the end, and this thread as well.
                self.pool.own.push((self.spare)());
            }
            let (batch, found) = inspected.content.map_err(Ended::Failed)?;
            if !inspected.is_last {
                let workers = self.cores - usize::from(never_waits);
                self.share(&open, workers, interrupt)?;
            }
            take.block(&open.name, &batch, found).goes_on()?;
            if inspected.is_last {
                return Ok(());
            }
            self.pool.give_back(inspected.worker, batch);
        }
    }

    /// Sees to it that so many workers read a source.
    fn share(
        &mut self,
        open: &OpenSource,
        wanted: usize,
        interrupt: &impl AsksToStop,
    ) -> Result<(), Ended> {
        if self.pool.used.is_empty() {
            interrupt.listen().map_err(Ended::Unreadable)?;
        }
        while self.pool.used.len() < wanted {
            let (used, spares) = channel();
            for block in self.blocks(IN_FLIGHT) {
                let _ = used.send(block);
            }
            let share = SharedSource {
                number: self.number,
                open: open.clone(),
                spares,
            };
            let given = self.pool.give(used, share, &self.inspect);
            given.map_err(Ended::Failed)?;
        }
        Ok(())
    }

    /// Blocks that have no memory before they are read into.
    fn blocks(&self, count: usize) -> Vec<ReadBlock> {
        std::iter::repeat_with(self.spare).take(count).collect()
    }

    /// Reads the next block, if there is one, and inspects it on this thread.
    fn inspect_here(&mut self, block: ReadBlock, open: &OpenSource) {
        let (inspect, memory) = (&*self.inspect, &mut self.memory);
        if let Some(inspected) = inspected(block, open, None, inspect, memory) {
            self.pool.note(inspected);
        }
    }

    /// The next block of the source at hand; nothing after a moment without it.
    fn next(
        &mut self,
        number: u64,
        take: &mut impl Take<I::Found>,
    ) -> Result<Option<Inspected<I::Found>>, Ended> {
        take.before_waiting().goes_on()?;
        Ok(self.pool.wait(number))
    }
}

/// The source at hand.
#[derive(Clone)]
struct OpenSource {
    name: Arc<str>,
    feed: Arc<Feed>,
}

/// What a worker needs to read a source together with others.
struct SharedSource {
    /// The number of the source.
    number: u64,
    open: OpenSource,
    /// Memory for blocks, until nobody takes them any more.
    spares: Receiver<ReadBlock>,
}

/// Takes the next block of a source and inspects it.
fn inspected<I: InspectRecords>(
    block: ReadBlock,
    open: &OpenSource,
    worker: Option<usize>,
    inspect: &I,
    memory: &mut I::Memory,
) -> Option<Inspected<I::Found>> {
    let portion = open.feed.next(block)?;
    let content = portion.content.map(|batch| {
        let found = inspect.inspect(memory, &open.name, &batch);
        (batch, found)
    });
    Some(Inspected {
        number: portion.number,
        generation: portion.generation,
        worker,
        is_last: portion.is_last,
        content,
        wrong: portion.wrong,
    })
}

/// What was found in a block.
struct Inspected<F> {
    /// Where it stands in the source, and how often the source had been read again by then.
    number: u64,
    generation: u64,
    /// Whose memory it is in; none for the thread that takes it.
    worker: Option<usize>,
    is_last: bool,
    content: io::Result<(Batch, F)>,
    wrong: Option<WrongForecast>,
}

/// What a worker found in a block, on its way to the place in the order that it has.
struct Message<F> {
    source: u64,
    inspected: Inspected<F>,
}

/// The workers. They are not waited for at the end: one may be reading from where nothing comes.
struct Pool<I: InspectRecords> {
    workers: Vec<Sender<SharedSource>>,
    outbox: Sender<Message<I::Found>>,
    inbox: Receiver<Message<I::Found>>,
    /// The number of the source at hand, and how often it was read again.
    source: u64,
    generation: u64,
    /// Results of the source at hand that came before their turn.
    early: BTreeMap<u64, Inspected<I::Found>>,
    /// Where the blocks of each worker go when they have been dealt with. They serve the same core
    /// again, near which they are.
    used: Vec<Sender<ReadBlock>>,
    /// The blocks of the thread that takes the results.
    own: Vec<ReadBlock>,
}

impl<I: InspectRecords> Pool<I> {
    fn new() -> Pool<I> {
        let (outbox, inbox) = channel();
        Pool {
            workers: Vec::new(),
            outbox,
            inbox,
            source: 0,
            generation: 0,
            early: BTreeMap::new(),
            used: Vec::new(),
            own: Vec::new(),
        }
    }

    /// Goes on with another source.
    fn begin(&mut self, source: u64, own: Vec<ReadBlock>) {
        (self.source, self.generation) = (source, 0);
        self.early.clear();
        self.used.clear();
        self.own = own;
    }

    /// Lets another worker read a source; one who is not there yet is hired.
    fn give(
        &mut self,
        used: Sender<ReadBlock>,
        share: SharedSource,
        inspect: &Arc<I>,
    ) -> io::Result<()> {
        let worker = self.used.len();
        if worker == self.workers.len() {
            let (sender, shares) = channel();
            let (inspect, outbox) = (Arc::clone(inspect), self.outbox.clone());
            std::thread::Builder::new()
                .name("inspector".into())
                .spawn(move || work(worker, &*inspect, &shares, &outbox))?;
            self.workers.push(sender);
        }
        self.used.push(used);
        let _ = self.workers[worker].send(share);
        Ok(())
    }

    /// The next block of the source, if it is there.
    fn next_now(&mut self, number: u64) -> Option<Inspected<I::Found>> {
        while let Ok(message) = self.inbox.try_recv() {
            self.receive(message);
        }
        self.early.remove(&number)
    }

    /// Waits a moment for the next block of the source.
    fn wait(&mut self, number: u64) -> Option<Inspected<I::Found>> {
        if let Ok(message) = self.inbox.recv_timeout(POLL) {
            self.receive(message);
        }
        self.early.remove(&number)
    }

    fn receive(&mut self, message: Message<I::Found>) {
        // Results of a source that was left early are of no use.
        if message.source == self.source {
            self.note(message.inspected);
        }
    }

    /// Notes what was found in a block, unless the block is read again.
    fn note(&mut self, inspected: Inspected<I::Found>) {
        if inspected.generation == self.generation {
            self.early.insert(inspected.number, inspected);
        } else if let Ok((batch, _)) = inspected.content {
            self.give_back(inspected.worker, batch);
        }
    }

    /// What has come before its turn is read again.
    fn read_again(&mut self) {
        self.generation += 1;
        for inspected in std::mem::take(&mut self.early).into_values() {
            self.note(inspected);
        }
    }

    /// Lets the memory of a block serve again.
    fn give_back(&mut self, worker: Option<usize>, batch: Batch) {
        match worker {
            Some(worker) => {
                let _ = self.used[worker].send(batch.into_block());
            }
            None => self.own.push(batch.into_block()),
        }
    }
}

/// Takes the next block of the source at hand and inspects it, again and again.
fn work<I: InspectRecords>(
    worker: usize,
    inspect: &I,
    shares: &Receiver<SharedSource>,
    outbox: &Sender<Message<I::Found>>,
) {
    let mut memory = I::Memory::default();
    for share in shares {
        for block in &share.spares {
            let found = inspected(block, &share.open, Some(worker), inspect, &mut memory);
            let Some(inspected) = found else {
                break;
            };
            let message = Message {
                source: share.number,
                inspected,
            };
            if outbox.send(message).is_err() {
                return;
            }
        }
    }
}
