//! Inspects records on every core and hands the results back in input order.
//!
//! One reader, several inspectors, one place where journeys are followed. What is in flight is
//! bounded by permits: a block is read only when an earlier one has been dealt with.

use crate::check::finding::Finding;
use crate::check::journey::Step;
use crate::check::{Inspector, Policy};
use crate::host::{self, Block};
use crate::wire::records::{ArrayError, Record};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many blocks may be in flight.
const IN_FLIGHT: usize = 8;

/// How often a wait is left to see whether the user wants to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// The records that ended in one block of input.
#[derive(Debug, Default)]
pub struct Batch {
    block: Block,
    /// Records that began in an earlier block.
    held: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    bytes: Range<usize>,
    in_block: bool,
    number: u64,
    line: u64,
    column: u64,
    offset: u64,
    length: u64,
    flaw: Option<ArrayError>,
}

impl Batch {
    /// The records that `frame` finds in a block, without copying those that lie in it whole.
    pub fn framed(block: Block, frame: impl FnOnce(&[u8], &mut dyn FnMut(Record<'_>))) -> Batch {
        let mut held = Vec::new();
        let mut entries = Vec::new();
        let place = block.as_ptr_range();
        frame(&block, &mut |record| {
            let start = record.bytes.as_ptr();
            let in_block = place.contains(&start) && !record.bytes.is_empty();
            let from = if in_block {
                start.addr() - place.start.addr()
            } else {
                held.extend_from_slice(record.bytes);
                held.len() - record.bytes.len()
            };
            entries.push(Entry {
                bytes: from..from + record.bytes.len(),
                in_block,
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
            entries,
        }
    }

    /// Whether judging it takes so little time that a signal can wait for it.
    pub fn is_short(&self) -> bool {
        self.held.len() <= host::Output::BLOCK
    }

    /// The records, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.entries.iter().map(|entry| Record {
            bytes: &(if entry.in_block {
                &*self.block
            } else {
                &self.held
            })[entry.bytes.clone()],
            number: entry.number,
            line: entry.line,
            column: entry.column,
            offset: entry.offset,
            length: entry.length,
            flaw: entry.flaw,
        })
    }
}

/// A batch with what its records say by themselves.
#[derive(Debug)]
pub struct Inspected {
    /// The records.
    pub batch: Batch,
    /// What each record's journey needs to know, as far as the records have been judged.
    pub steps: Vec<Option<Step>>,
    /// The findings of those records that have any, by their place in the batch.
    pub findings: Vec<(usize, Vec<Finding>)>,
}

/// How many findings of a batch are held before the rest of it must wait for its turn: a block can
/// be made of records that have more findings than bytes.
const HELD: usize = 4096;

/// Inspects a batch on the thread at hand, up to the record that brings the findings to the most
/// that are held.
pub fn inspect(inspector: &mut Inspector, policy: &Policy, batch: Batch) -> Inspected {
    let mut steps = Vec::with_capacity(batch.entries.len());
    let mut all = Vec::new();
    let mut held = 0;
    for (at, record) in batch.records().enumerate() {
        let mut findings = Vec::new();
        steps.push(inspector.inspect(policy, &record, &mut findings));
        held += findings.len();
        if !findings.is_empty() {
            all.push((at, findings));
        }
        if held >= HELD {
            break;
        }
    }
    Inspected {
        batch,
        steps,
        findings: all,
    }
}

/// What happens next.
#[derive(Debug)]
pub enum WorkerEvent {
    /// The next bytes of the source.
    Block(Block),
    /// The source has ended.
    End,
    /// The source could not be read on.
    Failed(io::Error),
    /// The next batch, in order.
    Done(Box<Inspected>),
    /// Nothing for a moment.
    Quiet,
}

enum Message {
    Block(u32, io::Result<Block>),
    End(u32),
    Done(u64, Box<Inspected>),
}

/// Readers and inspectors at work.
pub struct WorkerPool {
    policy: Arc<Policy>,
    outbox: Sender<Message>,
    inbox: Receiver<Message>,
    jobs: Option<Sender<(u64, Batch)>>,
    /// Results that came before their turn.
    early: BTreeMap<u64, Box<Inspected>>,
    sent: u64,
    taken: u64,
    source: u32,
    permits: Option<SyncSender<Block>>,
}

impl WorkerPool {
    /// An empty pool; workers are spawned with the first batch that is handed out.
    pub fn new(policy: &Policy) -> WorkerPool {
        let (outbox, inbox) = channel();
        WorkerPool {
            policy: Arc::new(policy.clone()),
            outbox,
            inbox,
            jobs: None,
            early: BTreeMap::new(),
            sent: 0,
            taken: 0,
            source: 0,
            permits: None,
        }
    }

    /// Begins to read a source.
    pub fn read(&mut self, stream: Box<dyn Read + Send>) -> io::Result<()> {
        self.source += 1;
        let source = self.source;
        let (permits, granted) = sync_channel(IN_FLIGHT);
        for _ in 0..IN_FLIGHT {
            let _ = permits.try_send(Block::default());
        }
        self.permits = Some(permits);
        let at_end = AtEnd(source, self.outbox.clone());
        host::read_on_thread(
            stream,
            move || granted.recv().ok(),
            move |block| at_end.1.send(Message::Block(source, block)).is_ok(),
        )
    }

    /// Whether everything handed out has come back.
    pub fn is_idle(&self) -> bool {
        self.sent == self.taken
    }

    /// Hands a batch out.
    pub fn hand_out(&mut self, batch: Batch) -> io::Result<()> {
        let jobs = match self.jobs.take() {
            Some(jobs) => jobs,
            None => self.spawn()?,
        };
        let _ = jobs.send((self.sent, batch));
        self.jobs = Some(jobs);
        self.sent += 1;
        Ok(())
    }

    fn spawn(&self) -> io::Result<Sender<(u64, Batch)>> {
        let (jobs, queue) = channel::<(u64, Batch)>();
        let queue = Arc::new(Mutex::new(queue));
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..count {
            let (queue, outbox, policy) = (
                Arc::clone(&queue),
                self.outbox.clone(),
                Arc::clone(&self.policy),
            );
            std::thread::Builder::new()
                .name("inspector".into())
                .spawn(move || {
                    let mut inspector = Inspector::default();
                    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    while let Ok((number, batch)) = next() {
                        let done = inspect(&mut inspector, &policy, batch);
                        if outbox.send(Message::Done(number, Box::new(done))).is_err() {
                            break;
                        }
                    }
                })?;
        }
        Ok(jobs)
    }

    /// Lets one more block be read: this one has been dealt with, its memory serves again.
    pub fn recycle(&self, done: Inspected) {
        if let Some(permits) = &self.permits {
            let _ = permits.try_send(done.batch.block);
        }
    }

    /// Whether something has happened that can be handed out without waiting.
    pub fn next_now(&mut self) -> Option<WorkerEvent> {
        loop {
            if let Some(done) = self.in_turn() {
                return Some(done);
            }
            let message = self.inbox.try_recv().ok()?;
            if let Some(event) = self.event(message) {
                return Some(event);
            }
        }
    }

    /// Waits for what happens next.
    pub fn next(&mut self) -> WorkerEvent {
        if let Some(event) = self.next_now() {
            return event;
        }
        match self.inbox.recv_timeout(GLANCE) {
            Ok(message) => self.event(message).unwrap_or(WorkerEvent::Quiet),
            // The crew keeps a sender itself, so the other end is never gone.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => WorkerEvent::Quiet,
        }
    }

    fn in_turn(&mut self) -> Option<WorkerEvent> {
        let done = self.early.remove(&self.taken)?;
        self.taken += 1;
        Some(WorkerEvent::Done(done))
    }

    fn event(&mut self, message: Message) -> Option<WorkerEvent> {
        match message {
            // A source that was left early may still have something to say.
            Message::Block(source, _) | Message::End(source) if source != self.source => None,
            Message::Block(_, Ok(block)) => Some(WorkerEvent::Block(block)),
            Message::Block(_, Err(error)) => Some(WorkerEvent::Failed(error)),
            Message::End(_) => Some(WorkerEvent::End),
            Message::Done(number, done) => {
                self.early.insert(number, done);
                self.in_turn()
            }
        }
    }
}

/// Reports that a reader has ended, however it ended.
struct AtEnd(u32, Sender<Message>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        let _ = self.1.send(Message::End(self.0));
    }
}
