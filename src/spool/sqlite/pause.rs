//! A destination's request to be left alone, kept for the runs that follow.

use super::Sqlite;
use super::drain::{Drain, believable};
use crate::spool::{Pause, stored_problem};
use rusqlite::{Connection, OptionalExtension, params};

impl Sqlite {
    pub(super) fn note_pause(&self, drain: &Drain, pause: &Pause) -> rusqlite::Result<()> {
        let said = pause
            .problem
            .as_ref()
            .and_then(|said| serde_json::to_string(said).ok());
        drain
            .connection
            .prepare_cached("INSERT OR REPLACE INTO pause VALUES (?, ?, ?, ?)")?
            .execute(params![self.dest, pause.until, pause.http, said])
            .map(drop)
    }

    pub(super) fn noted_pause(&self, drain: &Drain, now: i64) -> Option<Pause> {
        noted(&drain.connection, &self.dest, now)
    }
}

/// Until when a destination is to be left alone.
pub(super) fn noted(connection: &Connection, dest: &str, now: i64) -> Option<Pause> {
    let noted = connection
        .prepare_cached("SELECT until_ms, last_status, last_error FROM pause WHERE dest = ?")
        .and_then(|mut select| {
            let read = select.query_row([dest], |row| {
                Ok(Pause {
                    until: row.get(0)?,
                    http: row.get(1)?,
                    problem: stored_problem(row.get(2)?),
                })
            });
            read.optional()
        });
    // A request that cannot be read is not known of.
    let noted = noted.ok().flatten()?;
    (believable(noted.until, now) > now).then_some(noted)
}
