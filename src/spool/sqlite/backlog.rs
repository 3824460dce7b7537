//! How much waits for each destination, found out at once however much it is.

use super::rows::id;
use super::{pause, rows};
use crate::spool::identity::Identity;
use crate::spool::inspect::Backlog;
use crate::spool::stored_problem;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

/// How many of the oldest records are read for their last answer.
const ASKED: i64 = 64;

/// Records of one destination in one state.
struct BacklogGroup {
    dest: String,
    state: &'static str,
    /// Within how many places they stand.
    span: i64,
    count: i64,
}

/// What waits for each destination.
pub fn backlogs(connection: &Connection, now: i64) -> rusqlite::Result<Vec<Backlog>> {
    // Everything is asked of one state of the database.
    let transaction = connection.unchecked_transaction()?;
    let mut backlogs: Vec<Backlog> = Vec::new();
    for pair in groups(&transaction)?.chunks(2) {
        let count = |state| {
            let mut of = pair.iter().filter(|group| group.state == state);
            of.next()
                .map_or(0, |group| group.count.max(0).unsigned_abs())
        };
        let (ready, dead) = (count("ready"), count("dead"));
        if ready + dead > 0 {
            backlogs.push(backlog(&transaction, &pair[0].dest, ready, dead, now)?);
        }
    }
    Ok(backlogs)
}

/// How many records are ready for each destination.
pub fn ready(connection: &Connection) -> rusqlite::Result<Vec<(Identity, u64)>> {
    let transaction = connection.unchecked_transaction()?;
    let groups = groups(&transaction)?.into_iter();
    Ok(groups
        .filter(|group| group.state == "ready" && group.count > 0)
        .map(|group| (Identity::read(&group.dest), group.count.unsigned_abs()))
        .collect())
}

/// The dead records of a destination, in the order of acceptance.
pub fn dead(connection: &Connection, identity: &Identity) -> rusqlite::Result<Vec<Uuid>> {
    let mut select =
        connection.prepare("SELECT id FROM kept WHERE dest = ? AND state = 'dead' ORDER BY seq")?;
    let ids = select.query_map([identity.text()], |row| {
        Ok(id(row.get_ref(0)?.as_blob().unwrap_or_default()))
    })?;
    ids.collect()
}

/// Every destination's records, ready and dead.
///
/// To count a million rows of one group takes the engine a fifth of a second, to count all rows a
/// tenth of that: the largest group is what the others leave.
fn groups(connection: &Connection) -> rusqlite::Result<Vec<BacklogGroup>> {
    let mut span = connection.prepare_cached(
        "SELECT (SELECT max(seq) FROM event WHERE dest = ?1 AND state = ?2) \
         - (SELECT min(seq) FROM event WHERE dest = ?1 AND state = ?2) + 1",
    )?;
    let mut groups = Vec::new();
    for dest in destinations(connection)? {
        for state in ["ready", "dead"] {
            let span: Option<i64> = span.query_row(params![dest, state], |row| row.get(0))?;
            groups.push(BacklogGroup {
                dest: dest.clone(),
                state,
                span: span.unwrap_or(0),
                count: 0,
            });
        }
    }
    let widest = (0..groups.len()).max_by_key(|at| groups[*at].span);
    let mut left: i64 = connection.query_row(
        "SELECT count(*) FROM event INDEXED BY event_run",
        [],
        |row| row.get(0),
    )?;
    let mut count =
        connection.prepare_cached("SELECT count(*) FROM event WHERE dest = ? AND state = ?")?;
    for (at, group) in groups.iter_mut().enumerate() {
        if Some(at) != widest && group.span > 0 {
            group.count = count.query_row(params![group.dest, group.state], |row| row.get(0))?;
            left -= group.count;
        }
    }
    if let Some(widest) = widest {
        groups[widest].count = left;
    }
    // Rows of what was delivered, which are still to be deleted.
    let mut done = connection.prepare_cached(
        "SELECT dest, state, count(*) FROM done CROSS JOIN event USING (seq) GROUP BY dest, state",
    )?;
    let mut rows = done.query([])?;
    while let Some(row) = rows.next()? {
        let mut row = rows::Lenient::new(row);
        let (dest, state, gone): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
        let mut known = groups.iter_mut();
        if let Some(group) = known.find(|group| group.dest == dest && group.state == state) {
            group.count -= gone;
        }
    }
    Ok(groups)
}

/// The destinations that have rows, each found from the one before.
fn destinations(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut next =
        connection.prepare_cached("SELECT dest FROM event WHERE dest > ? ORDER BY dest LIMIT 1")?;
    let mut last = Value::Text(String::new());
    let mut found = Vec::new();
    // A value that is not text has changed on the disk.
    while let Some(dest) = next.query_row([&last], |row| row.get(0)).optional()? {
        if let Value::Text(text) = &dest {
            found.push(text.clone());
        }
        last = dest;
    }
    Ok(found)
}

fn backlog(
    connection: &Connection,
    dest: &str,
    ready: u64,
    dead: u64,
    now: i64,
) -> rusqlite::Result<Backlog> {
    let oldest = connection
        .prepare_cached(
            "SELECT accepted_ms FROM kept WHERE dest = ? AND state = 'ready' ORDER BY seq LIMIT 1",
        )?
        .query_row([dest], |row| row.get(0))
        .optional()?;
    let state = if ready > 0 { "ready" } else { "dead" };
    let said: Option<(Option<u16>, Option<String>)> = connection
        .prepare_cached(
            "SELECT last_status, last_error FROM (SELECT last_status, last_error FROM kept \
             WHERE dest = ? AND state = ? ORDER BY seq LIMIT ?) \
             WHERE last_error IS NOT NULL LIMIT 1",
        )?
        .query_row(params![dest, state, ASKED], |row| {
            let mut row = rows::Lenient::new(row);
            Ok((row.get(0), row.get(1)))
        })
        .optional()?;
    let (http, said) = said.unwrap_or_default();
    Ok(Backlog {
        identity: Identity::read(dest),
        ready,
        dead,
        estimated: false,
        oldest,
        pause: pause::noted(connection, dest, now),
        http,
        problem: stored_problem(said),
    })
}
