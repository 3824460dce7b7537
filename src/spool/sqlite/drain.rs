//! The side that sends: rows into the queue, settlements into rows.

use super::rows::WHOLE;
use super::{Purpose, Sqlite, locked};
use crate::model::delivery::Problem;
use crate::spool::queue::Queue;
use crate::spool::{Entry, Error, Record, Settlement};
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::HashSet;
use std::fs::File;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Records that are held in memory on their way out.
const WINDOW: usize = 1024;

/// A record that is not due within this time is left to a later run.
const PATIENCE: i64 = 30_000;

/// Deliveries that are noted before their rows are taken away.
const NOTED: usize = 512;

/// Rows that are read at once.
const PAGE: usize = 256;

/// The furthest a next try may lie ahead; more means that the clock was set back.
const FURTHEST: i64 = 15 * 60 * 1000;

/// How often a process that does not send looks what became of its records.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// A correlation id and an integration key.
type Journey = (String, Option<String>);

/// What belongs to sending.
pub(super) struct Drain {
    pub connection: Connection,
    pub lock: File,
    pub holds: bool,
    pub queue: Queue,
    /// The last row that was read into the queue.
    pub cursor: i64,
    /// Whether everything there was has been read.
    pub exhausted: bool,
    pub version: i64,
    /// Deliveries that are noted and whose rows are still there.
    noted: usize,
    /// Journeys that this run has given up.
    pub parked: HashSet<Journey>,
    pub given_up: HashSet<i64>,
    /// How many records of this run are left to another process that sends.
    pub abroad: u64,
    pub looked: Instant,
    /// The state of the database in which nothing more was found to tell.
    pub seen: i64,
}

impl Drain {
    pub fn new(connection: Connection, lock: File) -> Drain {
        Drain {
            connection,
            lock,
            holds: false,
            queue: Queue::default(),
            cursor: 0,
            exhausted: false,
            version: -1,
            noted: 0,
            parked: HashSet::new(),
            given_up: HashSet::new(),
            abroad: 0,
            looked: Instant::now(),
            seen: -1,
        }
    }

    /// Whether there is nothing to do: all was read, and nothing of it waits or is under way.
    pub fn is_at_a_loss(&self) -> bool {
        self.exhausted && self.queue.len() == 0 && self.abroad == 0
    }

    /// Changes with every commit of another connection.
    pub fn data_version(&self) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))
    }

    /// Leaves the rest of a record's journey to a later run.
    pub fn park(&mut self, record: &Record) {
        self.parked.extend(journey(record));
    }

    fn has_parked(&self, record: &Record) -> bool {
        // Most runs park nothing; then no key is made.
        !self.parked.is_empty()
            && record.correlation_id.as_ref().is_some_and(|id| {
                let key = (id.clone(), record.integration_key.clone());
                self.parked.contains(&key)
            })
    }
}

/// Records without a correlation id stand for themselves.
fn journey(record: &Record) -> Option<Journey> {
    Some((
        record.correlation_id.clone()?,
        record.integration_key.clone(),
    ))
}

impl Sqlite {
    /// Takes the lock of the one that sends, if it is free.
    pub(super) fn lead(drain: &mut Drain) -> bool {
        if !drain.holds && drain.lock.try_lock().is_ok() {
            drain.holds = true;
            drain.cursor = 0;
            drain.version = -1;
            drain.exhausted = false;
        }
        drain.holds
    }

    /// Reads rows into the queue once it is half empty, as far as there is room.
    pub(super) fn fill(&self, drain: &mut Drain, now: i64) -> rusqlite::Result<()> {
        if drain.queue.len() > WINDOW / 2 {
            return Ok(());
        }
        if self.purpose != Purpose::Own {
            self.import()?;
        }
        let version = drain.data_version()?;
        if version != drain.version {
            drain.version = version;
            drain.exhausted = false;
        }
        while !drain.exhausted && drain.queue.len() < WINDOW {
            let told = self.told.load(Ordering::SeqCst);
            let rows: Vec<(Entry, bool)> = {
                let mut select = drain.connection.prepare_cached(&format!(
                    "SELECT {WHOLE} FROM kept WHERE dest = ? AND state = 'ready' AND seq > ? \
                     AND seq <= ? ORDER BY seq LIMIT ?"
                ))?;
                let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
                let rows = select
                    .query_map(params![self.dest, drain.cursor, told, limit], |row| {
                        Ok(self.entry(row))
                    })?;
                rows.collect::<Result<_, _>>()?
            };
            let last_page = rows.len() < PAGE;
            // Rows whose receipts are still to be told are not seen yet: look again later.
            drain.exhausted = last_page && told == i64::MAX;
            for (mut entry, sound) in rows {
                drain.cursor = entry.seq;
                if !sound {
                    self.bury(drain, &entry)?;
                } else if drain.given_up.contains(&entry.seq) {
                } else if drain.has_parked(&entry.record) {
                    self.leave(&entry);
                } else {
                    entry.due = entry.due.min(now + FURTHEST);
                    if entry.due > now + PATIENCE && self.purpose != Purpose::Follow {
                        self.leave(&entry);
                        drain.park(&entry.record);
                    } else {
                        drain.queue.push(entry);
                    }
                }
            }
            if last_page {
                break;
            }
        }
        Ok(())
    }

    /// With nothing left to send, every record this run waits for must be one that was accepted
    /// since the rows were read. The rows themselves decide: whatever removed a record from the
    /// queue has also ended the waiting for it.
    pub(super) fn account_for_own(&self, drain: &Drain) -> Result<(), Error> {
        // Before the rows are counted, so that they are at least as many.
        let open = self.open.load(Ordering::SeqCst);
        if open <= 0 {
            return Ok(());
        }
        let (newer, by_run, by_order) = drain
            .connection
            .prepare_cached(
                "SELECT \
                 (SELECT count(*) FROM event INDEXED BY event_run WHERE run = ?1 AND seq > ?2), \
                 (SELECT count(*) FROM event INDEXED BY event_run \
                  WHERE run = ?1 AND dest = ?3 AND state = 'ready'), \
                 (SELECT count(*) FROM event INDEXED BY event_ready \
                  WHERE run = ?1 AND dest = ?3 AND state = 'ready')",
            )
            .and_then(|mut count| {
                count.query_row(
                    params![self.run.as_bytes(), drain.cursor, self.dest],
                    |row| {
                        Ok((
                            row.get::<_, i64>(0)?,
                            row.get::<_, i64>(1)?,
                            row.get::<_, i64>(2)?,
                        ))
                    },
                )
            })
            .map_err(|error| self.failed(error))?;
        if by_run != by_order {
            // An index that has changed hides rows without an error.
            self.folder.suspect();
            return Err(Error::Storage(
                "the spool's storage has failed: records that are in it are not found".to_owned(),
            ));
        }
        let vanished = open - newer;
        if vanished > 0 {
            self.open.fetch_sub(vanished, Ordering::SeqCst);
            return Err(Error::Storage(format!(
                "{vanished} accepted records are no longer in the spool and were not sent"
            )));
        }
        Ok(())
    }

    /// A row whose bytes have changed is not sent and not lost.
    fn bury(&self, drain: &Drain, entry: &Entry) -> rusqlite::Result<()> {
        let _turn = locked(&self.turn);
        self.leave(entry);
        let why = Problem {
            title: "the stored bytes do not match their checksum".to_owned(),
            ..Problem::default()
        };
        drain
            .connection
            .prepare_cached("UPDATE event SET state = 'dead', last_error = ? WHERE seq = ?")?
            .execute(params![serde_json::to_string(&why).ok(), entry.seq])
            .map(drop)
    }

    /// One record less that this run waits for.
    pub(super) fn leave(&self, entry: &Entry) {
        if entry.own && self.purpose == Purpose::Own {
            self.open.fetch_sub(1, Ordering::SeqCst);
        }
    }

    pub(super) fn write(
        &self,
        drain: &mut Drain,
        settled: &[(Entry, Settlement)],
    ) -> rusqlite::Result<()> {
        let delivered = settled
            .iter()
            .filter(|(_, settlement)| *settlement == Settlement::Delivered)
            .count();
        let noted = drain.noted + delivered;
        // Rows are taken away many at a time, and at the end what is left of them.
        let clear = noted > NOTED || drain.queue.len() <= settled.len();
        let _turn = locked(&self.turn);
        let transaction = drain
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut note = transaction.prepare_cached("INSERT OR IGNORE INTO done VALUES (?)")?;
            let mut update = transaction.prepare_cached(
                "UPDATE event SET state = ?, attempts = ?, counted = ?, maybe_dup = ?, \
                 next_ms = ?, last_status = ?, last_error = ? WHERE seq = ?",
            )?;
            for (entry, settlement) in settled {
                let state = match settlement {
                    Settlement::Delivered => {
                        note.execute([entry.seq])?;
                        continue;
                    }
                    Settlement::Refused => "dead",
                    Settlement::Later | Settlement::GivenUp => "ready",
                };
                let said = entry
                    .problem
                    .as_ref()
                    .and_then(|said| serde_json::to_string(said).ok());
                update.execute(params![
                    state,
                    entry.attempts,
                    entry.counted,
                    entry.maybe_duplicate,
                    entry.due,
                    entry.http,
                    said,
                    entry.seq,
                ])?;
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
        drain.noted = if clear { 0 } else { noted };
        self.still_there()
    }
}
