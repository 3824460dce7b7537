//! What is still there when a run ends.

use super::Sqlite;
use super::drain::{Drain, believable};
use super::rows::BARE;
use crate::model::delivery::Problem;
use crate::model::timestamp::Timestamp;
use crate::spool::queue::Key;
use crate::spool::{Entry, Leftover, stored_problem};
use rusqlite::{OptionalExtension, params};
use std::collections::HashMap;

impl Sqlite {
    /// What stands in the spool for this destination.
    pub(super) fn count_leftover(&self) -> rusqlite::Result<Leftover> {
        let drain = self.drain();
        let mut count = drain
            .connection
            .prepare_cached("SELECT count(*) FROM kept WHERE dest = ? AND state = ?")?;
        let mut count = |state| {
            let row = params![self.dest, state];
            count.query_row(row, |row| row.get::<_, i64>(0).map(i64::unsigned_abs))
        };
        let (ready, dead) = (count("ready")?, count("dead")?);
        let now = (self.clock)();
        let pause = self.noted_pause(&drain, now).map(|pause| pause.until);
        let due = pause.max(drain.queue.due());
        Ok(Leftover {
            ready,
            dead,
            until: due.filter(|due| *due > now),
            why: self.why(&drain)?,
        })
    }

    /// What was said last of the oldest record that was tried.
    fn why(&self, drain: &Drain) -> rusqlite::Result<Option<String>> {
        let said: Option<Option<String>> = drain
            .connection
            .prepare_cached(
                "SELECT last_error FROM kept WHERE dest = ? AND state = 'ready' \
                 AND last_error IS NOT NULL ORDER BY seq LIMIT 1",
            )?
            .query_row([&self.dest], |row| row.get(0))
            .optional()?;
        Ok(stored_problem(said.flatten()).map(|said| said.title))
    }

    /// Hands over, in order, what this run has accepted, is still there and was not reported. A
    /// record that was never tried says what it waits for.
    pub(super) fn leftovers(
        &self,
        drain: &mut Drain,
        take: &mut dyn FnMut(Entry),
    ) -> rusqlite::Result<()> {
        if drain.holds && drain.cursor == 0 {
            // Nothing was sent, so nothing was read: not even what these may wait for.
            self.fill(drain, (self.clock)())?;
        }
        // Of every journey, the line of its oldest record.
        let mut first: HashMap<Key, u64> = HashMap::new();
        let mut select = drain.connection.prepare_cached(&format!(
            "SELECT {BARE} FROM kept WHERE run = ? AND state = 'ready' ORDER BY seq"
        ))?;
        let mut rows = select.query([self.run.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let mut entry = self.entry(row).0;
            let before = first.get(&entry.key()).copied();
            if before.is_none() {
                first.insert(entry.key(), entry.record.line);
            }
            if drain.given_up.contains(&entry.seq) {
                continue;
            }
            if entry.attempts == 0 {
                entry.problem = self.waits_for(drain, &entry, before);
            }
            take(entry);
        }
        Ok(())
    }

    /// What a record waits for: one of another run, which is older than all of this one, or the
    /// one of this run that begins on the line `before`.
    fn waits_for(&self, drain: &Drain, entry: &Entry, before: Option<u64>) -> Option<Problem> {
        let key = entry.key();
        let parked = drain.parked.get(&key).copied();
        let ahead = parked.or_else(|| drain.queue.head(key));
        let title = match (ahead, before) {
            (Some(ahead), _) if !ahead.own && ahead.seq < entry.seq => {
                let now = (self.clock)();
                let due = believable(ahead.due, now);
                let until = if due > now {
                    format!(" until {}", Timestamp::from_millis(due).rfc3339())
                } else {
                    String::new()
                };
                format!("waits behind an older record of the same journey{until}")
            }
            (_, before) => return before.map(Problem::behind),
        };
        Some(Problem {
            title,
            ..Problem::default()
        })
    }

    /// Whether no record that waits for this destination is due.
    pub(super) fn has_nothing_due(&self, drain: &Drain, now: i64) -> rusqlite::Result<bool> {
        let due = "SELECT 1 FROM kept WHERE dest = ? AND state = 'ready' AND next_ms <= ? LIMIT 1";
        let mut select = drain.connection.prepare_cached(due)?;
        select.exists(params![self.dest, now]).map(|due| !due)
    }
}
