//! How many records there are. What waits is counted in time that does not grow with it.

use super::connection::{Connection, DatabaseError};
use super::rows::http;
use crate::model::delivery::with_status;
use crate::spool::stored_problem;
use tokio_postgres::types::Type;

/// So many that wait are counted one by one; of more, their number is estimated.
const EXACT: u64 = 10_000;

/// Pages of 8 KiB that are looked at for an estimate, about; a table that has no more is counted.
const SAMPLE: f64 = 4_000.0;

/// What was said last to the oldest record of destination `d.n` that was tried, by the first
/// records of each lane.
pub(super) const LAST_SAID: &str = "SELECT f.http, f.problem FROM hivelog.lane l \
    CROSS JOIN LATERAL (SELECT seq, http, problem FROM hivelog.event e \
      WHERE e.dest = l.dest AND e.lane = l.n AND e.seq > l.head ORDER BY e.seq LIMIT 16) f \
    WHERE l.dest = d.n AND f.problem IS NOT NULL ORDER BY f.seq LIMIT 1";

/// How many records wait for a destination, and whether that is an estimate. In every lane they are
/// counted from its head: what was sent and is not cleared away yet lies before that.
///
/// One destination at a time: for several the server expects so much that it compiles the
/// statement, which takes it longer than to carry it out.
pub(super) async fn ready(
    connection: &Connection,
    dest: i32,
) -> Result<(u64, bool), DatabaseError> {
    const PAGES: &str = "SELECT (pg_relation_size('hivelog.event') / 8192)::float8";
    const SAMPLED: &str = "SELECT (count(*) / $2)::bigint FROM hivelog.event \
        TABLESAMPLE SYSTEM (($2 * 100)::real) WHERE dest = $1";
    let most = EXACT + 1;
    let found = format!(
        "SELECT count(*) FROM (SELECT FROM hivelog.lane l CROSS JOIN LATERAL \
           (SELECT FROM hivelog.event e WHERE e.dest = l.dest AND e.lane = l.n \
             AND e.seq > l.head LIMIT {most}) e WHERE l.dest = $1 LIMIT {most}) found"
    );
    let counted = count(connection, &found, dest).await?;
    if counted <= EXACT {
        return Ok((counted, false));
    }
    let pages = connection.query(PAGES, &[]).await?;
    let pages: f64 = pages.first().map_or(1.0, |row| row.get(0));
    let share = (SAMPLE / pages).min(1.0);
    let parameters = [(&dest as _, Type::INT4), (&share as _, Type::FLOAT8)];
    let sampled = connection.query(SAMPLED, &parameters).await?;
    let sampled = sampled.first().map_or(0, |row| row.get::<_, i64>(0));
    Ok((sampled.unsigned_abs().max(counted), share < 1.0))
}

/// How many records are dead for a destination.
pub(super) async fn dead(connection: &Connection, dest: i32) -> Result<u64, DatabaseError> {
    const DEAD: &str = "SELECT count(*) FROM hivelog.dead WHERE dest = $1";
    count(connection, DEAD, dest).await
}

async fn count(connection: &Connection, sql: &str, dest: i32) -> Result<u64, DatabaseError> {
    let rows = connection.query(sql, &[(&dest, Type::INT4)]).await?;
    Ok(rows
        .first()
        .map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
}

/// Why the oldest record of a destination that was tried was not delivered.
pub(super) async fn why(
    connection: &Connection,
    dest: i32,
) -> Result<Option<String>, DatabaseError> {
    let why = format!(
        "SELECT said.http, said.problem FROM hivelog.destination d \
         CROSS JOIN LATERAL ({LAST_SAID}) said WHERE d.n = $1"
    );
    let rows = connection.query(&why, &[(&dest, Type::INT4)]).await?;
    Ok(rows.first().and_then(|row| {
        let said = stored_problem(row.get(1))?;
        Some(with_status(http(row.get(0)), &said.title).into_owned())
    }))
}
