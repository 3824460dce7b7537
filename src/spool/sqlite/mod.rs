//! The durable spool. Several processes share one; for each destination
//! the one that holds its lock sends.
//!
//! Records are appended on one connection, whose commits survive the loss of power when they
//! return, and settled on another, whose commits survive the death of the process when they return
//! and the loss of power a flush later: losing one of those costs a second copy at the most, never
//! a record. That a record was delivered is noted in a table small enough to be written cheaply,
//! and every so often the rows themselves are taken away.

mod abroad;
mod backlog;
mod beside;
mod drain;
mod engine;
mod flush;
mod former;
mod high_water;
pub mod inspect;
mod interventions;
mod leftovers;
mod pause;
mod rows;
mod salvage;
mod schema;
mod sender;
mod store;
mod taking_in;
#[cfg(test)]
mod tests;

use super::checksum::sum;
use super::damage::Damage;
use super::lock_wait::LockWait;
use super::{Entry, Error, Leftover, Pause, Purpose, Receipt, Record, Settlement, Spool};
use beside::Strayed;
use drain::{Drain, LOOK};
use engine::{PAGE_BYTES, is_full, storage};
use flush::Flusher;
use high_water::HighWater;
use interventions::lost;
use rusqlite::{Connection, TransactionBehavior, params};
use schema::last_seq;
use sender::SenderLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Folder;
use tokio::sync::Notify;
use uuid::Uuid;

/// How often a process that sends for ever looks for new records of others.
const FOLLOW: Duration = Duration::from_millis(500);

/// The durable spool.
pub struct Sqlite {
    folder: Folder,
    /// What tells the database from one that takes its place.
    identity: (u64, u64),
    /// The identity under which records are accepted and sent, as it is stored with them.
    dest: String,
    run: Uuid,
    purpose: Purpose,
    max_bytes: u64,
    clock: fn() -> i64,
    /// Writers of this process take turns here rather than by the engine's waiting.
    turn: Mutex<()>,
    writer: Mutex<Connection>,
    drain: Mutex<Drain>,
    flusher: Flusher,
    /// The last row whose receipt was told; later ones are not handed out.
    told: AtomicI64,
    /// The last row of this run.
    last_own: AtomicI64,
    closed: AtomicBool,
    /// Once the database could not be used: why, and what went into the inbox since and is still
    /// to be told.
    strayed: Mutex<Option<Strayed>>,
    news: Notify,
}

impl Sqlite {
    /// Opens the spool in a folder for one destination. The second value tells what was found
    /// wrong.
    pub fn open(
        path: &std::path::Path,
        dest: String,
        purpose: Purpose,
        max_bytes: u64,
        clock: fn() -> i64,
        wait: &mut LockWait<'_>,
    ) -> Result<(Sqlite, Damage), Error> {
        let folder = Folder::open(path, wait)?;
        let ([mut writer, connection], mut damage) = folder.connect_twice(wait)?;
        let turn = folder.await_turn(&writer, wait);
        if turn.is_ok() && !folder.inbox().is_empty() {
            taking_in::take_in_on_opening(&folder, &mut writer, &mut damage);
        }
        folder.add_moved(&mut damage)?;
        // Without it a full disk would make every delivery one that cannot be noted. Who only
        // wants to accept finds out about the disk by accepting.
        let laid = folder.lay_ballast();
        let locked = match turn {
            // What is delivered could not be noted.
            turn if matches!(purpose, Purpose::All | Purpose::Follow) => {
                turn.and(laid)?;
                None
            }
            turn => turn.err(),
        };
        // Its commits survive the death of the process at once, and are flushed by the way.
        connection
            .pragma_update(None, "synchronous", "NORMAL")
            .map_err(storage)?;
        let flusher = Flusher::new(folder.path().join("spool.db-wal"));
        let about = |error| Error::Storage(format!("cannot open the spool: {error}"));
        let lock = SenderLock::open(&folder, &dest).map_err(about)?;
        let spool = Sqlite {
            identity: folder.identity().map_err(about)?,
            folder,
            dest,
            run: Uuid::now_v7(),
            purpose,
            max_bytes,
            clock,
            turn: Mutex::new(()),
            writer: Mutex::new(writer),
            drain: Mutex::new(Drain::new(connection, lock)),
            flusher,
            told: AtomicI64::new(i64::MAX),
            last_own: AtomicI64::new(0),
            closed: AtomicBool::new(false),
            strayed: Mutex::new(None),
            news: Notify::new(),
        };
        // Early, so that records of a process that is alone are never remembered twice.
        if purpose != Purpose::Accept {
            Self::lead(&mut spool.drain());
        }
        spool.skip_interventions().map_err(storage)?;
        if let Some(error) = locked {
            spool.go_beside_database(&error);
        }
        Ok((spool, damage))
    }

    /// Fails once another process has set the database aside: what is written to it since is seen
    /// by nobody.
    fn still_there(&self) -> rusqlite::Result<()> {
        if self.folder.identity().ok() == Some(self.identity) {
            return Ok(());
        }
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY_DBMOVED);
        let why = "it was moved away while it was in use".to_owned();
        Err(rusqlite::Error::SqliteFailure(code, Some(why)))
    }

    fn drain(&self) -> MutexGuard<'_, Drain> {
        locked(&self.drain)
    }

    fn insert(&self, records: &[Record], ids: &[Uuid]) -> rusqlite::Result<Option<Vec<i64>>> {
        let _turn = locked(&self.turn);
        let mut writer = locked(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let pages: i64 = transaction.query_row(
            "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)",
            [],
            |row| row.get(0),
        )?;
        let more: u64 = records.iter().map(|record| record.body.len() as u64).sum();
        if pages.unsigned_abs() * PAGE_BYTES as u64 + more > self.max_bytes {
            return Ok(None);
        }
        // What others had to put beside the database came first and goes first.
        let imported = taking_in::import(&self.folder, &transaction)?;
        // Nothing newer is handed out before its receipt was told.
        self.told.store(last_seq(&transaction)?, Ordering::SeqCst);
        let now = (self.clock)();
        let mut places = Vec::with_capacity(records.len());
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO event (id, run, dest, source, record, line, code, correlation, \
                 integration, body, sum, accepted_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            )?;
            for (record, id) in records.iter().zip(ids) {
                insert.execute(params![
                    id.as_bytes(),
                    self.run.as_bytes(),
                    self.dest,
                    record.source.as_ref(),
                    record.number.cast_signed(),
                    record.line.cast_signed(),
                    record.event_code,
                    record.correlation_id,
                    record.integration_key,
                    record.body.as_ref(),
                    sum(&record.body),
                    now,
                ])?;
                places.push(transaction.last_insert_rowid());
            }
        }
        transaction.commit()?;
        self.still_there()?;
        if let Some(seq) = places.last().copied() {
            let database = self.identity;
            // Where it cannot be written, less is noticed.
            let _ = HighWater { database, seq }.write(self.folder.path());
        }
        imported.clear();
        Ok(Some(places))
    }
}

impl Spool for Sqlite {
    fn append(
        &self,
        records: Vec<Record>,
        accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        let not_taken = |why: String| {
            let (first, last) = (&records[0], &records[records.len() - 1]);
            let lines = match (first.line, last.line) {
                (first, last) if first == last => format!("line {first}"),
                (first, last) => format!("lines {first} to {last}"),
            };
            Error::Storage(format!(
                "{why}: {lines} of {} and what follows were not accepted",
                last.source
            ))
        };
        let ids: Vec<Uuid> = records.iter().map(|_| Uuid::now_v7()).collect();
        let receipts: Vec<Receipt> = records
            .iter()
            .zip(&ids)
            .map(|(record, id)| Receipt {
                id: *id,
                source: record.source.clone(),
                number: record.number,
                line: record.line,
                event_code: record.event_code.clone(),
                correlation_id: record.correlation_id.clone(),
            })
            .collect();
        // Until they are told, nobody sends them here. Another process may, whoever leads by then.
        let led = self.sends_own();
        // Who went beside the database stays there: a later batch must not overtake.
        let inserted = if locked(&self.strayed).is_some() {
            Ok(Vec::new())
        } else {
            match self.insert(&records, &ids) {
                Ok(Some(places)) => Ok(places),
                Ok(None) => Err("the spool is full".to_owned()),
                Err(error) if is_full(&error) => Err("the disk is full".to_owned()),
                Err(error) => {
                    self.give_up_database(&error);
                    Ok(Vec::new())
                }
            }
        };
        let places = match inserted {
            Ok(places) => places,
            Err(why) => {
                self.told.store(i64::MAX, Ordering::SeqCst);
                return Err(not_taken(why));
            }
        };
        let Some(last) = places.last() else {
            let about = not_taken("the spool's storage has failed".to_owned());
            self.told.store(i64::MAX, Ordering::SeqCst);
            let kept = self.stray(records, &ids);
            kept.map_err(|error| Error::Storage(format!("{about} ({error})")))?;
            accepted(receipts);
            self.news.notify_one();
            return Ok(());
        };
        self.last_own.store(*last, Ordering::SeqCst);
        accepted(receipts);
        if !led {
            self.watch(&places, &ids, &records);
        }
        self.told.store(i64::MAX, Ordering::SeqCst);
        self.news.notify_one();
        Ok(())
    }

    fn claim(&self, max: usize, now: i64) -> Result<Vec<Entry>, Error> {
        let mut drain = self.drain();
        if !Self::lead(&mut drain) {
            return Ok(Vec::new());
        }
        let claimed = self
            .fill(&mut drain, now)
            .and_then(|()| self.take(&mut drain, max, now))
            .map_err(|error| self.folder.failed(error))?;
        if claimed.is_empty() {
            self.look_for_hidden(&mut drain)?;
        }
        Ok(claimed)
    }

    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        if settled.is_empty() {
            return Ok(());
        }
        let mut drain = self.drain();
        let drain = &mut *drain;
        // Told in any case, so never told again.
        let given_up = settled
            .iter()
            .filter(|(_, settlement)| *settlement == Settlement::GivenUp);
        drain.given_up.extend(given_up.map(|(entry, _)| entry.seq));
        let matters = settled.iter().any(|(_, settlement)| {
            matches!(settlement, Settlement::Delivered | Settlement::Refused)
        });
        let mut written = self.write(drain, &settled);
        if matters && written.as_ref().is_err_and(is_full) {
            self.folder.make_room(&drain.connection);
            written = self.write(drain, &settled);
        }
        // That a try has failed need not be noted; that it was the last must.
        if matters || !written.as_ref().is_err_and(is_full) {
            written.map_err(|error| self.folder.failed(error))?;
        }
        if matters {
            self.flusher.soon()?;
        }
        // Whoever dropped a record before its answer was noted has dropped one that is gone now.
        self.heed(drain)
            .map_err(|error| self.folder.failed(error))?;
        for (mut entry, mut settlement) in settled {
            drain.lock.end(entry.seq);
            drain
                .forget(entry.seq)
                .map_err(|error| self.folder.failed(error))?;
            let dropped = drain.dropped.remove(&entry.seq);
            if dropped && matches!(settlement, Settlement::Later | Settlement::GivenUp) {
                settlement = Settlement::Lost;
                entry.problem = Some(lost());
            }
            let (key, place) = (entry.key(), entry.queued());
            match settlement {
                Settlement::Later => {
                    drain.queue.put_back(key, place);
                    // Its bytes are read again when its time has come.
                    entry.record.body = bytes::Bytes::new();
                    drain.tried.insert(entry.seq, entry);
                    continue;
                }
                Settlement::Delivered | Settlement::Refused | Settlement::Lost => {
                    drain.queue.advance(key, place);
                }
                Settlement::GivenUp => {
                    // What follows in its journey must not overtake it.
                    drain.queue.park(key, place);
                    drain.parked.insert(key, place);
                }
            }
            drain.settled.push((entry, settlement));
        }
        Ok(())
    }

    fn settled(&self, _wait: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        Ok(std::mem::take(&mut self.drain().settled))
    }

    fn strayed(&self) -> Vec<Entry> {
        self.take_strayed()
    }

    fn returned(&self, now: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        Sqlite::returned(self, &mut self.drain(), now).map_err(|error| self.folder.failed(error))
    }

    fn pause(&self, pause: &Pause) -> bool {
        self.note_pause(&self.drain(), pause).is_ok()
    }

    fn paused(&self, now: i64) -> Option<Pause> {
        self.noted_pause(&self.drain(), now)
    }

    fn due(&self) -> Option<i64> {
        let drain = self.drain();
        // Rows that are still to be read may be due.
        let unread = drain.more.then_some(0);
        unread.or_else(|| drain.queue.due())
    }

    fn look_again(&self) -> Option<Duration> {
        match (self.drain().holds, self.purpose) {
            (false, _) => Some(LOOK),
            (true, Purpose::Follow) => Some(FOLLOW),
            (true, _) => None,
        }
    }

    fn sends_own(&self) -> bool {
        self.drain().holds
    }

    fn is_done(&self) -> bool {
        let mut drain = self.drain();
        match self.purpose {
            Purpose::Accept => true,
            Purpose::Own => {
                let done = drain.abroad == 0 && drain.ended.is_empty() && drain.queue.own() == 0;
                done && self.has_read_own(&drain) && !self.has_strayed()
            }
            // Another process sends: there is something to wait for only while it has something
            // to send.
            Purpose::All if !Self::lead(&mut drain) => {
                self.has_nothing_due(&drain, (self.clock)()).unwrap_or(true)
            }
            Purpose::All => {
                self.fill(&mut drain, (self.clock)()).is_ok()
                    && drain.exhausted
                    && drain.ended.is_empty()
                    && drain.queue.len() == 0
            }
            Purpose::Follow => false,
        }
    }

    fn close(&self, take: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        self.closed.store(true, Ordering::SeqCst);
        let flushed = self.flusher.finish();
        let mut drain = self.drain();
        let left = if self.purpose == Purpose::Own {
            self.leftovers(&mut drain, take)
                .map_err(|error| self.folder.failed(error))
        } else {
            Ok(())
        };
        // A run that has sent all it found may never have claimed in vain.
        left.and_then(|()| self.look_for_hidden(&mut drain))
            .and(flushed)
    }

    fn leftover(&self) -> Leftover {
        // A database that cannot be read was reported when it was last used.
        self.count_leftover().unwrap_or_default()
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn unidentified(&self, address: &str) -> Result<u64, Error> {
        self.count_former(address)
    }

    fn identify(&self, address: &str) -> Result<(), Error> {
        self.identify_former(address)
    }

    fn news(&self) -> &Notify {
        &self.news
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
