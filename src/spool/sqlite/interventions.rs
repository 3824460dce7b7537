//! What people do to single records (`spool retry`, `spool drop`) while this process is at work
//! with them.

use super::rows::{Lenient, id, record};
use crate::model::delivery::Problem;
use crate::spool::Entry;
use rusqlite::{Connection, Row, params};
use std::time::Instant;

/// Something that was done to a record.
pub struct Intervention {
    at: i64,
    /// It was dropped; otherwise it is to be tried again.
    pub dropped: bool,
    /// Whether it was still to be sent.
    pub ready: bool,
    /// The run that accepted it.
    pub run: Vec<u8>,
    /// The record, without its bytes.
    pub entry: Entry,
}

/// What this process has read.
pub struct Interventions {
    /// The last that was read.
    last: i64,
    /// The state of the database in which there were no more.
    version: i64,
    /// When that was.
    last_read: Instant,
}

impl Interventions {
    /// What was done before this process began does not concern it.
    pub fn skip(connection: &Connection) -> rusqlite::Result<Interventions> {
        let last = "SELECT coalesce(max(at), 0) FROM intervention";
        Ok(Interventions {
            last: connection.query_row(last, [], |row| row.get(0))?,
            version: -1,
            last_read: Instant::now(),
        })
    }

    /// When it was asked last.
    pub fn last_read(&self) -> Instant {
        self.last_read
    }

    /// What was done since this was asked last, and the state of the database.
    pub fn news(
        &mut self,
        connection: &Connection,
        dest: &str,
    ) -> rusqlite::Result<(Vec<Intervention>, i64)> {
        let version = data_version(connection)?;
        self.last_read = Instant::now();
        if version == self.version {
            return Ok((Vec::new(), version));
        }
        let mut select = connection.prepare_cached(
            "SELECT at, dropped, state = 'ready', seq, id, run, source, record, line, code, \
             correlation, integration FROM intervention WHERE at > ? AND dest = ? ORDER BY at",
        )?;
        let rows = select.query_map(params![self.last, dest], |row| Ok(intervention(row)))?;
        let news: Vec<Intervention> = rows.collect::<Result<_, _>>()?;
        self.last = news.last().map_or(self.last, |last| last.at);
        self.version = version;
        Ok((news, version))
    }
}

/// Changes with every commit of another connection.
pub fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))
}

fn intervention(row: &Row<'_>) -> Intervention {
    let mut row = Lenient::new(row);
    let record = record(&mut row, 6, Vec::new());
    Intervention {
        at: row.get(0),
        dropped: row.get(1),
        ready: row.get(2),
        run: row.get(5),
        entry: Entry::new(row.get(3), id(&row.get::<Vec<u8>>(4)), record),
    }
}

/// What there is to say of a record that was dropped before it was delivered.
pub fn lost() -> Problem {
    Problem::titled("lost: it was dropped from the spool before it was delivered")
}
