//! The durable spool. Several processes share one; the one that holds `drain.lock` sends.
//!
//! Records are appended on one connection, whose commits survive the loss of power, and settled
//! on another, whose commits survive the death of the process: losing one of those costs a second
//! copy at the most, never a record.

use super::queue::Queue;
use super::store::{Durability, Folder, is_full, storage, sum};
use super::{Entry, Error, Receipt, Record, Settlement, Spool};
use crate::model::delivery::Problem;
use rusqlite::{Connection, Row, TransactionBehavior, params};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use uuid::Uuid;

/// Records that are held in memory on their way out.
const WINDOW: usize = 1024;

/// The engine's page size.
const PAGE_BYTES: u64 = 4096;

/// A record that is not due within this time is left to a later run.
const PATIENCE: i64 = 30_000;

/// Rows that are read at once.
const PAGE: usize = 256;

/// The furthest a next try may lie ahead; more means that the clock was set back.
const FURTHEST: i64 = 15 * 60 * 1000;

/// How often a process that does not send looks what became of its records.
const LOOK: Duration = Duration::from_millis(50);

/// How often a process that sends for ever looks for new records of others.
const FOLLOW: Duration = Duration::from_millis(500);

/// Whose records a process is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its own: `emit`.
    Own,
    /// Everybody's: `spool drain`.
    All,
    /// Everybody's, and those that come later: `spool drain --follow`.
    Follow,
}

/// The durable spool.
pub struct Sqlite {
    folder: Folder,
    dest: String,
    run: Uuid,
    purpose: Purpose,
    max_bytes: u64,
    clock: fn() -> i64,
    /// Writers of this process take turns here rather than by the engine's waiting.
    turn: Mutex<()>,
    writer: Mutex<Connection>,
    drain: Mutex<Drain>,
    /// The last row whose receipt was told; later ones are not handed out.
    told: AtomicI64,
    /// Records of this run that are neither settled nor given up.
    open: AtomicI64,
    closed: AtomicBool,
    news: Notify,
}

struct Drain {
    connection: Connection,
    lock: File,
    holds: bool,
    queue: Queue,
    /// The last row that was read into the queue.
    cursor: i64,
    /// Whether everything there was has been read.
    exhausted: bool,
    version: i64,
    /// Journeys that this run has given up, by one of their records.
    parked: Vec<Record>,
    given_up: HashSet<i64>,
    /// Records of this run while another process sends.
    abroad: BTreeMap<i64, Entry>,
    looked: Instant,
}

impl Sqlite {
    /// Opens the spool in a folder for one destination. The second value says where a damaged
    /// database was moved to.
    pub fn open(
        path: &std::path::Path,
        dest: String,
        purpose: Purpose,
        max_bytes: u64,
        clock: fn() -> i64,
    ) -> Result<(Sqlite, Option<PathBuf>), Error> {
        let folder = Folder::open(path)?;
        let (writer, moved) = folder.connect(Durability::Power)?;
        let (connection, _) = folder.connect(Durability::Process)?;
        // Without it a full disk would make every delivery one that cannot be noted. Who only
        // wants to accept finds out about the disk by accepting.
        let laid = folder.lay_ballast();
        if purpose != Purpose::Own {
            laid?;
        }
        let lock = folder
            .file("drain.lock")
            .map_err(|error| Error::Storage(format!("cannot open the spool: {error}")))?;
        let spool = Sqlite {
            folder,
            dest,
            run: Uuid::now_v7(),
            purpose,
            max_bytes,
            clock,
            turn: Mutex::new(()),
            writer: Mutex::new(writer),
            drain: Mutex::new(Drain {
                connection,
                lock,
                holds: false,
                queue: Queue::default(),
                cursor: 0,
                exhausted: false,
                version: -1,
                parked: Vec::new(),
                given_up: HashSet::new(),
                abroad: BTreeMap::new(),
                looked: Instant::now(),
            }),
            told: AtomicI64::new(i64::MAX),
            open: AtomicI64::new(0),
            closed: AtomicBool::new(false),
            news: Notify::new(),
        };
        // Early, so that records of a process that is alone are never remembered twice.
        Self::lead(&mut spool.drain());
        Ok((spool, moved))
    }

    fn drain(&self) -> MutexGuard<'_, Drain> {
        locked(&self.drain)
    }

    fn insert(&self, records: &[Record]) -> rusqlite::Result<Option<Vec<(i64, Uuid)>>> {
        let _turn = locked(&self.turn);
        let mut writer = locked(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let pages: i64 = transaction.query_row(
            "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)",
            [],
            |row| row.get(0),
        )?;
        let more: u64 = records.iter().map(|record| record.body.len() as u64).sum();
        if pages.unsigned_abs() * PAGE_BYTES + more > self.max_bytes {
            return Ok(None);
        }
        let last: i64 = transaction
            .query_row(
                "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
                [],
                |row| row.get(0),
            )
            .unwrap_or(0);
        // Nothing newer is handed out before its receipt was told.
        self.told.store(last, Ordering::SeqCst);
        let now = (self.clock)();
        let mut places = Vec::with_capacity(records.len());
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO event (id, run, dest, source, record, line, code, correlation, \
                 integration, body, sum, accepted_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            )?;
            for record in records {
                let id = Uuid::now_v7();
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
                    record.body,
                    sum(&record.body),
                    now,
                ])?;
                places.push((transaction.last_insert_rowid(), id));
            }
        }
        transaction.commit()?;
        Ok(Some(places))
    }

    /// Takes the lock of the one that sends, if it is free.
    fn lead(drain: &mut Drain) -> bool {
        if !drain.holds && drain.lock.try_lock().is_ok() {
            drain.holds = true;
            drain.cursor = 0;
            drain.version = -1;
            drain.exhausted = false;
        }
        drain.holds
    }

    /// Reads rows into the queue, as far as there is room.
    fn fill(&self, drain: &mut Drain, now: i64) -> rusqlite::Result<()> {
        let version: i64 = drain
            .connection
            .query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if version != drain.version {
            drain.version = version;
            drain.exhausted = false;
        }
        while !drain.exhausted && drain.queue.len() < WINDOW {
            let told = self.told.load(Ordering::SeqCst);
            let rows: Vec<(Entry, bool)> = {
                let mut select = drain.connection.prepare_cached(
                    "SELECT seq, id, run, source, record, line, code, correlation, integration, \
                     body, sum, attempts, counted, maybe_dup, next_ms, last_status, last_error \
                     FROM event WHERE dest = ? AND state = 'ready' AND seq > ? AND seq <= ? \
                     ORDER BY seq LIMIT ?",
                )?;
                let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
                let rows = select
                    .query_map(params![self.dest, drain.cursor, told, limit], |row| {
                        self.entry(row)
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
                } else if drain
                    .parked
                    .iter()
                    .any(|one| same_journey(one, &entry.record))
                {
                    self.leave(&entry);
                } else {
                    entry.due = entry.due.min(now + FURTHEST);
                    if entry.due > now + PATIENCE && self.purpose != Purpose::Follow {
                        self.leave(&entry);
                        drain.parked.push(Record {
                            body: Vec::new(),
                            ..entry.record
                        });
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

    fn entry(&self, row: &Row<'_>) -> rusqlite::Result<(Entry, bool)> {
        let body: Vec<u8> = row.get(9)?;
        let sound = sum(&body) == row.get::<_, i64>(10)?;
        let run: Vec<u8> = row.get(2)?;
        let entry = Entry {
            seq: row.get(0)?,
            id: Uuid::from_slice(&row.get::<_, Vec<u8>>(1)?).unwrap_or_default(),
            own: self.purpose != Purpose::Own || run == self.run.as_bytes(),
            record: Record {
                body,
                source: row.get::<_, String>(3)?.into(),
                number: row.get::<_, i64>(4)?.cast_unsigned(),
                line: row.get::<_, i64>(5)?.cast_unsigned(),
                event_code: row.get(6)?,
                correlation_id: row.get(7)?,
                integration_key: row.get(8)?,
            },
            attempts: row.get(11)?,
            counted: row.get(12)?,
            maybe_duplicate: row.get(13)?,
            due: row.get(14)?,
            first: None,
            http: row.get(15)?,
            problem: problem(row.get(16)?),
        };
        Ok((entry, sound))
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
    fn leave(&self, entry: &Entry) {
        if entry.own && self.purpose == Purpose::Own {
            self.open.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn write(&self, drain: &mut Drain, settled: &[(Entry, Settlement)]) -> rusqlite::Result<()> {
        let _turn = locked(&self.turn);
        let transaction = drain
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut delete = transaction.prepare_cached("DELETE FROM event WHERE seq = ?")?;
            let mut update = transaction.prepare_cached(
                "UPDATE event SET state = ?, attempts = ?, counted = ?, maybe_dup = ?, \
                 next_ms = ?, last_status = ?, last_error = ? WHERE seq = ?",
            )?;
            for (entry, settlement) in settled {
                let state = match settlement {
                    Settlement::Delivered => {
                        delete.execute([entry.seq])?;
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
        transaction.commit()
    }

    /// What other processes have made of this run's records.
    fn returned(&self, drain: &mut Drain) -> rusqlite::Result<Vec<(Entry, Settlement)>> {
        if drain.abroad.is_empty() || drain.looked.elapsed() < LOOK {
            return Ok(Vec::new());
        }
        drain.looked = Instant::now();
        let mut there: BTreeMap<i64, (String, Entry)> = BTreeMap::new();
        {
            let mut select = drain.connection.prepare_cached(
                "SELECT seq, id, run, source, record, line, code, correlation, integration, \
                 x'' AS body, sum, attempts, counted, maybe_dup, next_ms, last_status, last_error, \
                 state FROM event WHERE run = ?",
            )?;
            let rows = select.query_map([self.run.as_bytes()], |row| {
                Ok((row.get::<_, String>(17)?, self.entry(row)?.0))
            })?;
            for row in rows {
                let (state, entry) = row?;
                there.insert(entry.seq, (state, entry));
            }
        }
        let gone: Vec<i64> = drain
            .abroad
            .keys()
            .filter(|seq| there.get(seq).is_none_or(|(state, _)| state == "dead"))
            .copied()
            .collect();
        let mut returned = Vec::with_capacity(gone.len());
        for seq in gone {
            let Some(entry) = drain.abroad.remove(&seq) else {
                continue;
            };
            self.leave(&entry);
            let settlement = match there.remove(&seq) {
                Some((_, dead)) => {
                    returned.push((dead, Settlement::Refused));
                    continue;
                }
                None if Self::was_dropped(drain, &entry)? => Settlement::Refused,
                None => Settlement::Delivered,
            };
            returned.push((entry, settlement));
        }
        if drain.holds {
            // From now on nobody else settles them.
            drain.abroad.clear();
        }
        Ok(returned)
    }

    fn was_dropped(drain: &Drain, entry: &Entry) -> rusqlite::Result<bool> {
        drain
            .connection
            .prepare_cached("SELECT 1 FROM dropped WHERE id = ?")?
            .exists([entry.id.as_bytes()])
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
            Error::Storage(format!(
                "{why}: lines {} to {} of {} and what follows were not accepted",
                first.line, last.line, last.source
            ))
        };
        let inserted = self.insert(&records);
        let places = match inserted {
            Ok(Some(places)) => places,
            Ok(None) => {
                self.told.store(i64::MAX, Ordering::SeqCst);
                return Err(not_taken("the spool is full".to_owned()));
            }
            Err(error) => {
                self.told.store(i64::MAX, Ordering::SeqCst);
                let why = if is_full(&error) {
                    "the disk is full".to_owned()
                } else {
                    format!("the spool's storage has failed ({error})")
                };
                return Err(not_taken(why));
            }
        };
        let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
        self.open.fetch_add(count, Ordering::SeqCst);
        accepted(
            places
                .iter()
                .zip(&records)
                .map(|((_, id), record)| Receipt {
                    id: *id,
                    source: record.source.clone(),
                    number: record.number,
                    line: record.line,
                })
                .collect(),
        );
        let mut drain = self.drain();
        if !drain.holds {
            // Somebody else may send these: remember what to tell of them.
            for ((seq, id), record) in places.into_iter().zip(records) {
                let entry = Entry::new(
                    seq,
                    id,
                    Record {
                        body: Vec::new(),
                        ..record
                    },
                );
                drain.abroad.insert(seq, entry);
            }
        }
        drop(drain);
        self.told.store(i64::MAX, Ordering::SeqCst);
        self.news.notify_one();
        Ok(())
    }

    fn claim(&self, max: usize, now: i64) -> Result<Vec<Entry>, Error> {
        let mut drain = self.drain();
        if !Self::lead(&mut drain) {
            return Ok(Vec::new());
        }
        self.fill(&mut drain, now).map_err(storage)?;
        Ok(std::iter::from_fn(|| drain.queue.claim(now))
            .take(max)
            .collect())
    }

    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        if settled.is_empty() {
            return Ok(());
        }
        let mut drain = self.drain();
        let drain = &mut *drain;
        let matters = settled.iter().any(|(_, settlement)| {
            matches!(settlement, Settlement::Delivered | Settlement::Refused)
        });
        let mut written = self.write(drain, &settled);
        if matters && written.as_ref().is_err_and(is_full) && self.folder.drop_ballast() {
            written = self.write(drain, &settled);
        }
        // That a try has failed need not be noted; that it was the last must.
        if matters || !written.as_ref().is_err_and(is_full) {
            written.map_err(storage)?;
        }
        for (entry, settlement) in settled {
            drain.abroad.remove(&entry.seq);
            match settlement {
                Settlement::Later => drain.queue.put_back(entry),
                Settlement::Delivered | Settlement::Refused => {
                    self.leave(&entry);
                    drain.queue.advance(&entry);
                }
                Settlement::GivenUp => {
                    // What follows in its journey must not overtake it.
                    for after in drain.queue.park(&entry) {
                        self.leave(&after);
                    }
                    self.leave(&entry);
                    drain.given_up.insert(entry.seq);
                    drain.parked.push(Record {
                        body: Vec::new(),
                        ..entry.record
                    });
                }
            }
        }
        Ok(())
    }

    fn returned(&self) -> Result<Vec<(Entry, Settlement)>, Error> {
        Sqlite::returned(self, &mut self.drain()).map_err(storage)
    }

    fn due(&self) -> Option<i64> {
        self.drain().queue.due()
    }

    fn look_again(&self) -> Option<Duration> {
        match (self.drain().holds, self.purpose) {
            (false, _) => Some(LOOK),
            (true, Purpose::Follow) => Some(FOLLOW),
            (true, _) => None,
        }
    }

    fn leads(&self) -> bool {
        self.drain().holds
    }

    fn is_done(&self) -> bool {
        match self.purpose {
            Purpose::Own => self.open.load(Ordering::SeqCst) <= 0,
            Purpose::All => {
                let mut drain = self.drain();
                // While another process sends, there is something to wait for.
                Self::lead(&mut drain)
                    && self.fill(&mut drain, (self.clock)()).is_ok()
                    && drain.exhausted
                    && drain.queue.len() == 0
            }
            Purpose::Follow => false,
        }
    }

    fn close(&self) -> Vec<Entry> {
        self.closed.store(true, Ordering::SeqCst);
        let drain = self.drain();
        if self.purpose != Purpose::Own {
            return Vec::new();
        }
        let read = || -> rusqlite::Result<Vec<Entry>> {
            let mut select = drain.connection.prepare_cached(
                "SELECT seq, id, run, source, record, line, code, correlation, integration, \
                 x'' AS body, sum, attempts, counted, maybe_dup, next_ms, last_status, last_error \
                 FROM event WHERE run = ? AND state = 'ready' ORDER BY seq",
            )?;
            let rows = select.query_map([self.run.as_bytes()], |row| Ok(self.entry(row)?.0))?;
            rows.filter(|row| {
                row.as_ref()
                    .map_or(true, |entry| !drain.given_up.contains(&entry.seq))
            })
            .collect()
        };
        // What cannot be read now is still there, but there is nothing to tell of it.
        read().unwrap_or_default()
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn news(&self) -> &Notify {
        &self.news
    }
}

fn problem(text: Option<String>) -> Option<Problem> {
    let value: serde_json::Value = serde_json::from_str(&text?).ok()?;
    let part = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Some(Problem {
        title: part("title")?,
        detail: part("detail"),
        type_code: part("typeCode"),
        uuid: part("uuid"),
    })
}

fn same_journey(one: &Record, other: &Record) -> bool {
    one.correlation_id.is_some()
        && one.correlation_id == other.correlation_id
        && one.integration_key == other.integration_key
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
