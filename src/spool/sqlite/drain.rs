//! The side that sends: rows into the queue, settlements into rows.

use super::rows::{Lenient, WHOLE};
use super::sender::SenderLock;
use super::{Sqlite, locked};
use crate::model::delivery::Problem;
use crate::spool::queue::{Key, Queue, Queued, journey};
use crate::spool::{Entry, Error, Purpose, Settlement};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Rows are read until so many records can be sent. What waits does not count: however many
/// records that is, others are found behind them.
const WINDOW: usize = 1024;

/// Places that are remembered at most.
const MOST: usize = 1 << 19;

/// Rows that are looked at before something else may happen.
const STRIDE: usize = 4096;

/// Deliveries that are noted before their rows are taken away.
const NOTED: usize = 512;

/// Rows that are read at once.
const PAGE: usize = 256;

/// The furthest a next try may lie ahead, with a minute for clocks that differ; more means that
/// the clock was set back.
const FURTHEST: i64 = 16 * 60 * 1000;

/// How often a process that does not send looks what became of its records.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// What belongs to sending.
pub(super) struct Drain {
    pub connection: Connection,
    pub lock: SenderLock,
    pub holds: bool,
    pub queue: Queue,
    /// The last row that was read into the queue.
    pub cursor: i64,
    /// Whether everything there was has been read.
    pub exhausted: bool,
    /// Whether the reading was interrupted for something else.
    pub more: bool,
    pub version: i64,
    /// Deliveries that are noted and whose rows are still there.
    noted: usize,
    /// Journeys that this run has given up, and the record on whose account.
    pub parked: HashMap<Key, Queued>,
    pub given_up: HashSet<i64>,
    /// Records that wait for another try, without their bytes.
    pub tried: HashMap<i64, Entry>,
    /// Records whose end is noted and still to be reported.
    pub settled: Vec<(Entry, Settlement)>,
    /// Records that have ended here without an answer and are still to be reported.
    pub ended: Vec<(Entry, Settlement)>,
    /// The last intervention that was heard of, and the state of the database then.
    pub heard: i64,
    pub heard_version: i64,
    /// Records under way that were dropped meanwhile.
    pub dropped: HashSet<i64>,
    /// The state of the database in which it was made sure that no index hides a row.
    pub checked: i64,
    /// How many records of this run are left to another process that sends.
    pub abroad: u64,
    pub looked: Instant,
    /// The state of the database in which nothing more was found to tell.
    pub seen: i64,
}

impl Drain {
    pub fn new(connection: Connection, lock: SenderLock) -> Drain {
        Drain {
            connection,
            lock,
            holds: false,
            queue: Queue::default(),
            cursor: 0,
            exhausted: false,
            more: false,
            version: -1,
            noted: 0,
            parked: HashMap::new(),
            given_up: HashSet::new(),
            tried: HashMap::new(),
            settled: Vec::new(),
            ended: Vec::new(),
            heard: 0,
            heard_version: -1,
            dropped: HashSet::new(),
            checked: -1,
            abroad: 0,
            looked: Instant::now(),
            seen: -1,
        }
    }

    /// Changes with every commit of another connection.
    pub fn data_version(&self) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))
    }

    /// Reads the rows from a place on once more.
    pub fn rewind(&mut self, seq: i64) {
        self.cursor = self.cursor.min(seq - 1);
        self.exhausted = false;
    }
}

/// What a row says of a record's place.
struct Found {
    key: Key,
    place: Queued,
}

/// The instant before which a record is not tried. One that no server can have asked for was
/// written by another clock, and means nothing.
pub(super) fn believable(due: i64, now: i64) -> i64 {
    if due > now.saturating_add(FURTHEST) {
        0
    } else {
        due
    }
}

impl Sqlite {
    /// Takes the lock of the one that sends, if it is free.
    pub(super) fn lead(drain: &mut Drain) -> bool {
        if !drain.holds && drain.lock.try_hold() {
            drain.holds = true;
            drain.cursor = 0;
            drain.version = -1;
            drain.exhausted = false;
        }
        drain.holds
    }

    /// Reads rows into the queue, as long as little of it can be sent.
    pub(super) fn fill(&self, drain: &mut Drain, now: i64) -> rusqlite::Result<()> {
        self.heed(drain)?;
        if drain.queue.ready(now, WINDOW / 2) == WINDOW / 2 {
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
        drain.more = false;
        let mut looked_at = 0;
        while !drain.exhausted
            && drain.queue.len() < MOST
            && drain.queue.ready(now, WINDOW) < WINDOW
        {
            if looked_at >= STRIDE {
                drain.more = true;
                break;
            }
            let told = self.told.load(Ordering::SeqCst);
            let rows = self.page(drain, told)?;
            let last_page = rows.len() < PAGE;
            // Rows whose receipts are still to be told are not seen yet: look again later.
            drain.exhausted = last_page && told == i64::MAX;
            looked_at += rows.len();
            for Found { key, mut place } in rows {
                drain.cursor = place.seq;
                let given_up = drain.given_up.contains(&place.seq);
                if !given_up && !drain.parked.contains_key(&key) {
                    place.due = believable(place.due, now);
                    drain.queue.push(key, place);
                }
            }
            if last_page {
                break;
            }
        }
        Ok(())
    }

    /// The next rows, up to the last whose receipt was told.
    fn page(&self, drain: &Drain, told: i64) -> rusqlite::Result<Vec<Found>> {
        let mut select = drain.connection.prepare_cached(
            "SELECT seq, run, correlation, integration, next_ms FROM kept \
             WHERE dest = ? AND state = 'ready' AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        )?;
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let rows = select.query_map(params![self.dest, drain.cursor, told, limit], |row| {
            Ok(self.found(row))
        })?;
        rows.collect()
    }

    fn found(&self, row: &Row<'_>) -> Found {
        // A row that has changed on the disk is recognised when it is read whole.
        let mut row = Lenient::new(row);
        let seq = row.get(0);
        let run: Vec<u8> = row.get(1);
        let correlation: Option<String> = row.get(2);
        let integration: Option<String> = row.get(3);
        Found {
            key: journey(correlation.as_deref(), integration.as_deref(), seq),
            place: Queued {
                seq,
                due: row.get(4),
                own: self.is_own(&run),
            },
        }
    }

    /// Claims records that are due. Each is read only now: it may have left the spool meanwhile.
    pub(super) fn take(
        &self,
        drain: &mut Drain,
        max: usize,
        now: i64,
    ) -> rusqlite::Result<Vec<Entry>> {
        let mut claimed = Vec::new();
        while claimed.len() < max
            && let Some((key, place)) = drain.queue.claim(now)
        {
            drain.lock.begin(place.seq);
            let row = drain
                .connection
                .prepare_cached(&format!(
                    "SELECT {WHOLE} FROM kept WHERE seq = ? AND state = 'ready'"
                ))?
                .query_row([place.seq], |row| Ok(self.entry(row)))
                .optional()?;
            let tried = drain.tried.remove(&place.seq);
            match row {
                // Under the key by which it was queued, which a changed row may no longer name.
                Some((entry, true)) if entry.key() == key => {
                    claimed.push(with_attempts(entry, tried));
                }
                Some((entry, _)) => {
                    drain.lock.end(place.seq);
                    drain.queue.advance(key, place);
                    self.bury(drain, entry)?;
                }
                None => {
                    drain.lock.end(place.seq);
                    drain.queue.advance(key, place);
                }
            }
        }
        Ok(claimed)
    }

    /// Whether every record that this run has accepted was read into the queue.
    pub(super) fn has_read_own(&self, drain: &Drain) -> bool {
        if !drain.holds {
            return true;
        }
        let all = self.told.load(Ordering::SeqCst) == i64::MAX;
        let current = || drain.data_version().is_ok_and(|now| now == drain.version);
        all && (drain.cursor >= self.last_own.load(Ordering::SeqCst)
            || drain.exhausted && current())
    }

    /// With nothing left to send, makes sure that no record that this run should have sent is
    /// merely hidden: an index that has changed on the disk hides rows without an error.
    pub(super) fn look_for_hidden(&self, drain: &mut Drain) -> Result<(), Error> {
        let idle = drain.holds && drain.exhausted && drain.queue.len() == 0 && drain.abroad == 0;
        let due = match self.purpose {
            Purpose::Accept => false,
            Purpose::Own => {
                self.last_own.load(Ordering::SeqCst) > 0 && drain.checked != drain.version
            }
            Purpose::All => drain.checked != drain.version,
            // Once: reading the whole table whenever others add to it would be too much.
            Purpose::Follow => drain.checked == -1,
        };
        if !idle || !due || locked(&self.strayed).is_some() {
            return Ok(());
        }
        drain.checked = drain.version;
        let (otherwise, whose) = if self.purpose == Purpose::Own {
            let own = format!("run = x'{}'", self.run.simple());
            ("INDEXED BY event_run", own)
        } else {
            ("NOT INDEXED", "true".to_owned())
        };
        let waiting = format!("{whose} AND dest = ?1 AND state = 'ready'");
        // With the search that `page` makes, and without that index.
        let alike: bool = drain
            .connection
            .prepare_cached(&format!(
                "SELECT (SELECT count(*), total(seq) FROM event INDEXED BY event_ready \
                 WHERE {waiting} AND seq > 0) = \
                 (SELECT count(*), total(seq) FROM event {otherwise} WHERE {waiting})"
            ))
            .and_then(|mut compare| compare.query_row([&self.dest], |row| row.get(0)))
            .map_err(|error| self.folder.failed(error))?;
        if alike {
            return Ok(());
        }
        self.folder.suspect();
        let why = "the spool's storage has failed: records that are in it are not found; the next \
                   run recovers what can be read of its database";
        Err(Error::Storage(why.to_owned()))
    }

    /// A row whose bytes have changed is not sent and not lost.
    fn bury(&self, drain: &mut Drain, mut entry: Entry) -> rusqlite::Result<()> {
        let _turn = locked(&self.turn);
        let why = Problem {
            title: "the stored bytes do not match their checksum".to_owned(),
            ..Problem::default()
        };
        drain
            .connection
            .prepare_cached("UPDATE event SET state = 'dead', last_error = ? WHERE seq = ?")?
            .execute(params![serde_json::to_string(&why).ok(), entry.seq])?;
        entry.problem = Some(why);
        drain.ended.push((entry, Settlement::Refused));
        Ok(())
    }

    /// Whether a row is of those that this run reports on.
    pub(super) fn is_own(&self, run: &[u8]) -> bool {
        self.purpose != Purpose::Own || run == self.run.as_bytes()
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
        let last =
            drain.queue.under_way() <= settled.len() && drain.queue.ready((self.clock)(), 1) == 0;
        let clear = noted > NOTED || last;
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
                    Settlement::Lost => continue,
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

/// A record as it was read, with what this run knows of its attempts.
fn with_attempts(read: Entry, tried: Option<Entry>) -> Entry {
    match tried {
        Some(mut tried) => {
            tried.record.body = read.record.body;
            tried
        }
        None => read,
    }
}
