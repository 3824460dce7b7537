//! A destination's request to be left alone, noted for the runs that follow.

use super::window::believable;
use crate::spool::{Pause, problem_text, stored_problem};
use rusqlite::{Connection, OptionalExtension, params};

/// Notes it.
pub fn note(connection: &Connection, dest: &str, pause: &Pause) -> rusqlite::Result<()> {
    let said = problem_text(pause.problem.as_ref());
    connection
        .prepare_cached("INSERT OR REPLACE INTO pause VALUES (?, ?, ?, ?)")?
        .execute(params![dest, pause.until, pause.http, said])
        .map(drop)
}

/// Until when a destination is to be left alone.
pub fn noted(connection: &Connection, dest: &str, now: i64) -> Option<Pause> {
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
