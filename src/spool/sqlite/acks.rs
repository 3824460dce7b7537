//! Acknowledgements: what became of records, written into their rows.
//!
//! That one was delivered stands in the sender's lock file at once. Into the database go many at
//! a time, in a table small enough to be written cheaply, and every so often the rows themselves
//! are taken away.

use super::engine::is_full;
use super::flush::Flusher;
use super::sender::SenderLock;
use super::site::Site;
use crate::spool::{Entry, Error, Settlement, problem_text};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Deliveries that stand in the lock file alone, at most.
const UNNOTED: usize = 256;

/// How long they do so, at most: other processes see them only in the database.
const SOON: Duration = Duration::from_millis(50);

/// Deliveries that are noted before their rows are taken away.
const NOTED: usize = 512;

/// What was delivered and is not all noted yet.
pub struct Acks {
    flusher: Flusher,
    /// Delivered, in the lock file, and not in the database.
    unnoted: HashSet<i64>,
    /// Since when there are such.
    since: Instant,
    /// Noted in the database, with their rows still there.
    noted: usize,
}

impl Acks {
    /// Nothing was delivered yet.
    pub fn new(flusher: Flusher) -> Acks {
        Acks {
            flusher,
            unnoted: HashSet::new(),
            since: Instant::now(),
            noted: 0,
        }
    }

    /// Whether this record was delivered though its row says nothing of it.
    pub fn has_delivered(&self, seq: i64) -> bool {
        self.unnoted.contains(&seq)
    }

    /// Whether something waits to be noted.
    pub fn wait(&self) -> bool {
        !self.unnoted.is_empty()
    }

    /// Whether that has waited long enough.
    pub fn are_due(&self) -> bool {
        self.unnoted.len() >= UNNOTED || self.wait() && self.since.elapsed() >= SOON
    }

    /// A record was delivered. False where that has to be noted at once.
    pub fn deliver(&mut self, lock: &mut SenderLock, entry: &Entry) -> bool {
        if self.unnoted.is_empty() {
            self.since = Instant::now();
        }
        self.unnoted.insert(entry.seq);
        lock.delivered(entry.seq, entry.id).is_ok()
    }

    /// Notes what was delivered, and how others were settled. With `clear` no row of what was
    /// delivered stays.
    pub fn note(
        &mut self,
        connection: &mut Connection,
        lock: &mut SenderLock,
        site: &Site,
        settled: &[(Entry, Settlement)],
        clear: bool,
    ) -> Result<(), Error> {
        let refused = |(_, settlement): &(_, _)| *settlement == Settlement::Refused;
        let matters = self.wait() || settled.iter().any(refused);
        let clear = clear || self.noted + self.unnoted.len() > NOTED;
        let mut written = self.write(connection, site, settled, clear);
        if matters && written.as_ref().is_err_and(is_full) {
            site.folder.make_room(connection);
            written = self.write(connection, site, settled, clear);
        }
        // That a try has failed need not be noted; that it was the last must.
        if !matters && written.as_ref().is_err_and(is_full) {
            return Ok(());
        }
        written.map_err(|error| site.failed(error))?;
        self.noted = if clear {
            0
        } else {
            self.noted + self.unnoted.len()
        };
        self.unnoted.clear();
        lock.noted();
        if matters {
            self.flusher.soon()?;
        }
        Ok(())
    }

    fn write(
        &self,
        connection: &mut Connection,
        site: &Site,
        settled: &[(Entry, Settlement)],
        clear: bool,
    ) -> rusqlite::Result<()> {
        let _turn = site.turn();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut note = transaction.prepare_cached("INSERT OR IGNORE INTO done VALUES (?)")?;
            for seq in &self.unnoted {
                note.execute([seq])?;
            }
        }
        update(&transaction, settled)?;
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

    /// Waits for the last flush. Fails if any was in vain.
    pub fn finish(&self) -> Result<(), Error> {
        self.flusher.finish()
    }
}

/// Notes what a process that was killed has delivered.
pub fn note_left_behind(
    connection: &mut Connection,
    lock: &mut SenderLock,
    site: &Site,
) -> Result<(), Error> {
    let unreadable = |error| Error::Storage(format!("cannot read the sender's lock: {error}"));
    let ids = lock.left_behind().map_err(unreadable)?;
    let mut written = note_all(connection, site, &ids);
    if written.as_ref().is_err_and(is_full) {
        site.folder.make_room(connection);
        written = note_all(connection, site, &ids);
    }
    written.map_err(|error| site.failed(error))?;
    lock.clear();
    Ok(())
}

/// Notes that these were delivered, as far as they have rows.
fn note_all(connection: &mut Connection, site: &Site, ids: &[Uuid]) -> rusqlite::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let _turn = site.turn();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for id in ids {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO done SELECT seq FROM event WHERE id = ?")?
            .execute([id.as_bytes()])?;
    }
    transaction.commit()
}

/// Writes how records were settled that were not delivered.
fn update(transaction: &Transaction<'_>, settled: &[(Entry, Settlement)]) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached(
        "UPDATE event SET state = ?, attempts = ?, counted = ?, maybe_dup = ?, next_ms = ?, \
         last_status = ?, last_error = ? WHERE seq = ?",
    )?;
    for (entry, settlement) in settled {
        let state = match settlement {
            Settlement::Delivered | Settlement::Lost => continue,
            Settlement::Refused => "dead",
            Settlement::Later | Settlement::GivenUp => "ready",
        };
        update.execute(params![
            state,
            entry.attempts,
            entry.counted,
            entry.maybe_duplicate,
            entry.due,
            entry.http,
            problem_text(entry.problem.as_ref()),
            entry.seq,
        ])?;
    }
    Ok(())
}
