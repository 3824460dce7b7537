//! How many records may wait in a spool that hosts share.
//!
//! Counting a table of millions takes a second, and its size does not shrink when rows leave. The
//! server's own statistics are there at once; they are some seconds late and gone after a crash, so
//! the limit is approximate.

use super::connection::{Connection, DatabaseError};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long the server's count is used.
const FRESH: Duration = Duration::from_secs(1);

/// How many records may wait, as far as that is limited.
pub(super) struct RecordLimit {
    most: Option<u64>,
    /// When the server was asked, and its answer with what was added since.
    known: Cell<Option<(Instant, u64)>>,
}

impl RecordLimit {
    pub fn new(most: Option<u64>) -> RecordLimit {
        RecordLimit {
            most,
            known: Cell::default(),
        }
    }

    /// Makes sure that there is room for so many more.
    pub async fn admit(&self, connection: &Connection, more: usize) -> Result<(), DatabaseError> {
        const COUNT: &str = "SELECT n_live_tup FROM pg_stat_user_tables \
            WHERE relid = 'hivelog.event'::regclass";
        let Some(most) = self.most else {
            return Ok(());
        };
        let known = self.known.get().filter(|(at, _)| at.elapsed() < FRESH);
        let (at, count) = if let Some(known) = known {
            known
        } else {
            let rows = connection.query(COUNT, &[]).await?;
            let count = rows.first().map_or(0, |row| row.get::<_, i64>(0));
            (Instant::now(), count.unsigned_abs())
        };
        let with_these = count.saturating_add(more as u64);
        if with_these > most {
            self.known.set(Some((at, count)));
            return Err(DatabaseError::Full(format!(
                "about {count} records wait, spool.max_records is {most}"
            )));
        }
        self.known.set(Some((at, with_these)));
        Ok(())
    }
}
