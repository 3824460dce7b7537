//! Acknowledgements: what was delivered, noted in the database.
//!
//! That a record was delivered stands in the sender's lock file at once. Into the database a
//! thread of its own writes many at a time, in a table small enough to be written cheaply, and
//! every so often it takes the rows themselves away. Its commits survive the death of the process
//! when they return and are flushed right after: what is undone by a loss of power is what was
//! delivered within the last flush.

use super::database::open_to_send;
use super::reserve::write_in_any_case;
use super::sender::SenderLock;
use super::site::{Site, locked};
use crate::spool::{Entry, Error};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::HashSet;
use std::fmt::Display;
use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Deliveries that are handed to the thread at once.
const BATCH: usize = 256;

/// How long they wait for that, at most: other processes see them only in the database.
const SOON: Duration = Duration::from_millis(50);

/// Deliveries that stand in the lock file alone; with more the thread is waited for.
const MOST: usize = 4096;

/// Deliveries that are noted before their rows are deleted.
const NOTED: usize = 512;

/// What was delivered and is not known to be noted yet.
pub struct Acks {
    site: Arc<Site>,
    unnoted: HashSet<i64>,
    /// Those of them that are still to be handed to the thread, and since when there are such.
    batch: Vec<i64>,
    since: Instant,
    shared: Arc<AckQueue>,
    /// The thread, once there was a reason for it.
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct AckQueue {
    state: Mutex<AckState>,
    /// Rings for the thread when there is work, and for who waits when it is done.
    changed: Condvar,
}

/// What the thread is to do.
#[derive(Default)]
struct AckWork {
    /// To be noted.
    seqs: Vec<i64>,
    /// Whether no row of what was delivered is to stay.
    clear: bool,
    /// Whether something else was written that is to be flushed.
    flush: bool,
}

impl AckWork {
    fn is_none(&self) -> bool {
        self.seqs.is_empty() && !self.clear && !self.flush
    }
}

#[derive(Default)]
struct AckState {
    work: AckWork,
    /// Noted since this was asked last.
    noted: Vec<i64>,
    busy: bool,
    closed: bool,
    failure: Option<String>,
}

impl AckState {
    fn outcome(&self) -> Result<(), Error> {
        let failure = self.failure.as_ref();
        failure.map_or(Ok(()), |why| Err(Error::Storage(why.clone())))
    }
}

impl Acks {
    /// Nothing was delivered yet.
    pub fn new(site: Arc<Site>) -> Acks {
        Acks {
            site,
            unnoted: HashSet::new(),
            batch: Vec::new(),
            since: Instant::now(),
            shared: Arc::default(),
            thread: None,
        }
    }

    /// Whether this record was delivered though its row may say nothing of it.
    pub fn has_delivered(&self, seq: i64) -> bool {
        self.unnoted.contains(&seq)
    }

    /// Whether something waits to be noted.
    pub fn wait(&self) -> bool {
        !self.unnoted.is_empty()
    }

    /// A record was delivered. Fails if what was delivered before could not be noted.
    pub fn deliver(&mut self, lock: &mut SenderLock, entry: &Entry) -> Result<(), Error> {
        if self.batch.is_empty() {
            self.since = Instant::now();
        }
        self.unnoted.insert(entry.seq);
        self.batch.push(entry.seq);
        let survives = lock.deliver(entry.seq, entry.id).is_ok();
        if !survives || self.unnoted.len() >= MOST {
            return self.note_all(lock, false);
        }
        if self.batch.len() >= BATCH {
            self.hand_over(false)?;
        }
        Ok(())
    }

    /// Lets the thread note what has waited long enough, and forgets what it has noted.
    pub fn keep_up(&mut self, lock: &mut SenderLock) -> Result<(), Error> {
        if !self.batch.is_empty() && self.since.elapsed() >= SOON {
            self.hand_over(false)?;
        }
        let (noted, outcome) = {
            let mut state = self.shared.state();
            (std::mem::take(&mut state.noted), state.outcome())
        };
        if !noted.is_empty() {
            for seq in &noted {
                self.unnoted.remove(seq);
            }
            lock.free(&noted);
        }
        outcome
    }

    /// Notes everything before this returns; with `clear` no row of what was delivered stays.
    pub fn note_all(&mut self, lock: &mut SenderLock, clear: bool) -> Result<(), Error> {
        if self.thread.is_none() && self.batch.is_empty() {
            return Ok(());
        }
        self.hand_over(clear)?;
        let mut state = self.shared.state();
        while (state.busy || !state.work.is_none()) && state.failure.is_none() {
            let waited = self.shared.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        self.keep_up(lock)
    }

    /// Lets the thread flush what was written besides.
    pub fn flush_soon(&mut self) -> Result<(), Error> {
        self.start_once()?;
        self.shared.state().work.flush = true;
        self.shared.changed.notify_all();
        Ok(())
    }

    fn start_once(&mut self) -> Result<(), Error> {
        if self.thread.is_none() {
            self.thread = Some(self.start()?);
        }
        Ok(())
    }

    /// Lets the thread note what waits for it.
    pub fn hand_over_waiting(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.hand_over(false)
    }

    fn hand_over(&mut self, clear: bool) -> Result<(), Error> {
        self.start_once()?;
        let mut state = self.shared.state();
        state.work.seqs.append(&mut self.batch);
        state.work.clear |= clear;
        self.shared.changed.notify_all();
        state.outcome()
    }

    fn start(&self) -> Result<JoinHandle<()>, Error> {
        let connection = open_to_send(&self.site.folder);
        let connection = connection.map_err(|error| self.site.failed(error))?;
        self.site
            .still_there()
            .map_err(|error| cannot_note(&error))?;
        let log = File::open(self.site.folder.path().join("spool.db-wal"));
        let mut writer = AckWriter {
            site: Arc::clone(&self.site),
            connection,
            log: log.map_err(|error| cannot_note(&error))?,
            noted: 0,
        };
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().name("acks".into());
        let thread = thread.spawn(move || shared.work(&mut writer));
        thread.map_err(|error| cannot_note(&error))
    }

    /// Notes and flushes everything. Fails if any of that fails.
    pub fn finish(&mut self, lock: &mut SenderLock) -> Result<(), Error> {
        let noted = self.note_all(lock, true);
        self.shared.state().closed = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        noted.and(self.shared.state().outcome())
    }
}

/// A thread that nobody waits for ends with what it is doing.
impl Drop for Acks {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_all();
    }
}

impl AckQueue {
    fn state(&self) -> MutexGuard<'_, AckState> {
        locked(&self.state)
    }

    /// Notes what comes until it is closed. After a failure nothing more is tried: the next flush
    /// would say yes to what is gone.
    fn work(&self, writer: &mut AckWriter) {
        let mut state = self.state();
        while !state.closed || !state.work.is_none() {
            if state.work.is_none() {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let AckWork { seqs, clear, .. } = std::mem::take(&mut state.work);
            state.busy = true;
            drop(state);
            let noted = writer.note(&seqs, clear).and_then(|()| writer.flush());
            state = self.state();
            state.busy = false;
            self.changed.notify_all();
            match noted {
                Ok(()) => state.noted.extend(seqs),
                Err(error) => {
                    state.failure = Some(error.to_string());
                    return;
                }
            }
        }
    }
}

/// What the thread writes with.
struct AckWriter {
    site: Arc<Site>,
    connection: Connection,
    log: File,
    /// Noted in the database, with their rows still there.
    noted: usize,
}

impl AckWriter {
    fn note(&mut self, seqs: &[i64], clear: bool) -> Result<(), Error> {
        if seqs.is_empty() && !clear {
            return Ok(());
        }
        let clear = clear || self.noted + seqs.len() > NOTED;
        let site = Arc::clone(&self.site);
        let written = write_in_any_case(&site.folder, &mut self.connection, |connection| {
            write(&site, connection, seqs, clear)
        });
        written.map_err(|error| self.site.failed(error))?;
        self.noted = if clear { 0 } else { self.noted + seqs.len() };
        Ok(())
    }

    fn flush(&self) -> Result<(), Error> {
        self.log.sync_data().map_err(|error| {
            Error::Storage(format!(
                "deliveries could not be flushed to the disk: {error}"
            ))
        })
    }
}

fn write(
    site: &Site,
    connection: &mut Connection,
    seqs: &[i64],
    clear: bool,
) -> rusqlite::Result<()> {
    let _turn = site.turn();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut note = transaction.prepare_cached("INSERT OR IGNORE INTO done VALUES (?)")?;
        for seq in seqs {
            note.execute([seq])?;
        }
    }
    if clear {
        transaction
            .prepare_cached("DELETE FROM event WHERE seq IN (SELECT seq FROM done)")?
            .execute([])?;
        transaction
            .prepare_cached("DELETE FROM done")?
            .execute([])?;
    }
    transaction.commit()?;
    site.still_there()
}

fn cannot_note(error: &dyn Display) -> Error {
    Error::Storage(format!("deliveries cannot be noted: {error}"))
}
