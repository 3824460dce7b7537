//! What is still there when a run ends.

use super::drain::Drain;
use super::pause;
use super::rows::{BARE, Lenient, entry};
use super::site::Site;
use super::window::believable;
use crate::model::delivery::{Problem, with_status};
use crate::model::timestamp::Timestamp;
use crate::spool::queue::Key;
use crate::spool::{Entry, Leftover, stored_problem};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// What the spool holds for this destination.
pub fn count(drain: &Drain, site: &Site) -> rusqlite::Result<Leftover> {
    let mut count = drain
        .connection
        .prepare_cached("SELECT count(*) FROM kept WHERE dest = ? AND state = ?")?;
    let mut count = |state| {
        let row = params![site.dest, state];
        count.query_row(row, |row| row.get::<_, i64>(0).map(i64::unsigned_abs))
    };
    let (ready, dead) = (count("ready")?, count("dead")?);
    let now = (site.clock)();
    let pause = pause::noted(&drain.connection, &site.dest, now);
    let due = pause
        .map(|pause| pause.until)
        .max(drain.send_queue.queue.due());
    Ok(Leftover {
        ready,
        estimated: false,
        dead,
        until: due.filter(|due| *due > now),
        why: why(&drain.connection, &site.dest)?,
    })
}

/// What was said last of the oldest record that was tried.
fn why(connection: &Connection, dest: &str) -> rusqlite::Result<Option<String>> {
    let said: Option<(Option<u16>, Option<String>)> = connection
        .prepare_cached(
            "SELECT last_status, last_error FROM kept WHERE dest = ? AND state = 'ready' \
             AND last_error IS NOT NULL ORDER BY seq LIMIT 1",
        )?
        .query_row([dest], |row| {
            let mut row = Lenient::new(row);
            Ok((row.get(0), row.get(1)))
        })
        .optional()?;
    let (http, said) = said.unwrap_or_default();
    Ok(stored_problem(said).map(|said| with_status(http, &said.title).into_owned()))
}

/// Hands over, in order, what this run has accepted, is still there and was not reported. A
/// record that was never tried says what it waits for.
pub fn hand_over(drain: &Drain, site: &Site, take: &mut dyn FnMut(Entry)) -> rusqlite::Result<()> {
    // Of every journey, the line of its oldest record.
    let mut first: HashMap<Key, u64> = HashMap::new();
    let mut select = drain.connection.prepare_cached(&format!(
        "SELECT {BARE} FROM kept WHERE run = ? AND state = 'ready' ORDER BY seq"
    ))?;
    let mut rows = select.query([site.run.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let (mut entry, _) = entry(site, row);
        let before = first.get(&entry.key()).copied();
        if before.is_none() {
            first.insert(entry.key(), entry.record.line);
        }
        if drain.send_queue.given_up.contains(&entry.seq) {
            continue;
        }
        if entry.attempts == 0 {
            entry.problem = waits_for(drain, site, &entry, before);
        }
        take(entry);
    }
    Ok(())
}

/// What a record waits for: one of another run, which is older than all of this one, or the
/// one of this run that begins on the line `before`.
fn waits_for(drain: &Drain, site: &Site, entry: &Entry, before: Option<u64>) -> Option<Problem> {
    let key = entry.key();
    let parked = drain.send_queue.parked.get(&key).copied();
    let ahead = parked.or_else(|| drain.send_queue.queue.head(key));
    let title = match (ahead, before) {
        (Some(ahead), _) if !ahead.own && ahead.seq < entry.seq => {
            let now = (site.clock)();
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
    Some(Problem::titled(title))
}
