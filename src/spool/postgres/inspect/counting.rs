//! How much waits for whom.

use super::PostgresInspector;
use crate::spool::identity::Identity;
use crate::spool::inspect::Backlog;
use crate::spool::postgres::rows::http;
use crate::spool::{Error, Pause, stored_problem};
use tokio_postgres::Row;

/// Where a table is larger, its rows are counted by a sample of its pages.
const COUNTED_BYTES: i64 = 2 << 30;

/// How many rows of a table there are of each destination, and whether that is an estimate.
fn counts(spool: &PostgresInspector, table: &str) -> Result<(Vec<(i32, u64)>, bool), Error> {
    let size = format!("SELECT pg_relation_size('hivelog.{table}')");
    let size = spool
        .query(&size, &[])?
        .first()
        .map_or(0, |row| row.get::<_, i64>(0));
    let estimated = size > COUNTED_BYTES;
    let count = if estimated {
        format!(
            "SELECT dest, count(*) * 100 FROM hivelog.{table} TABLESAMPLE SYSTEM (1) GROUP BY dest"
        )
    } else {
        format!("SELECT dest, count(*) FROM hivelog.{table} GROUP BY dest")
    };
    let rows = spool.query(&count, &[])?;
    let count = |row: &Row| (row.get(0), row.get::<_, i64>(1).unsigned_abs());
    Ok((rows.iter().map(count).collect(), estimated))
}

/// What waits for each destination.
pub(super) fn backlogs(spool: &PostgresInspector, now: i64) -> Result<Vec<Backlog>, Error> {
    let (ready, estimated) = counts(spool, "event")?;
    let (dead, _) = counts(spool, "dead")?;
    // Of every lane its first rows: the oldest, and what was said last to one that was tried.
    let destinations = spool.query(
        "SELECT d.n, d.address, \
           (extract(epoch FROM d.paused_until - clock_timestamp()) * 1000)::bigint, \
           d.pause_http, d.pause_problem, \
           (SELECT (extract(epoch FROM min(f.accepted)) * 1000)::bigint FROM hivelog.lane l \
             CROSS JOIN LATERAL (SELECT accepted FROM hivelog.event e WHERE e.dest = l.dest \
               AND e.lane = l.n AND e.seq > l.head ORDER BY e.seq LIMIT 1) f WHERE l.dest = d.n), \
           t.http, coalesce(t.problem, x.problem), x.http \
         FROM hivelog.destination d \
         LEFT JOIN LATERAL (SELECT f.http, f.problem FROM hivelog.lane l \
           CROSS JOIN LATERAL (SELECT seq, http, problem FROM hivelog.event e \
             WHERE e.dest = l.dest AND e.lane = l.n AND e.seq > l.head ORDER BY e.seq LIMIT 16) f \
           WHERE l.dest = d.n AND f.problem IS NOT NULL ORDER BY f.seq LIMIT 1) t ON true \
         LEFT JOIN LATERAL (SELECT http, problem FROM hivelog.dead WHERE dest = d.n \
           ORDER BY seq LIMIT 1) x ON true ORDER BY d.address",
        &[],
    )?;
    let mut backlogs = Vec::new();
    for row in destinations {
        let n: i32 = row.get(0);
        let count = |counts: &[(i32, u64)]| {
            let mut of = counts.iter().filter(|(dest, _)| *dest == n);
            of.next().map_or(0, |(_, count)| *count)
        };
        let (ready, dead) = (count(&ready), count(&dead));
        if ready + dead == 0 {
            continue;
        }
        let left: Option<i64> = row.get(2);
        let pause = left.filter(|left| *left > 0).map(|left| Pause {
            until: now.saturating_add(left),
            http: http(row.get(3)),
            problem: stored_problem(row.get(4)),
        });
        let (answered, said) = if ready > 0 {
            (6, row.get(7))
        } else {
            (8, row.get(7))
        };
        backlogs.push(Backlog {
            identity: Identity::read(row.get(1)),
            ready,
            dead,
            estimated,
            oldest: row.get(5),
            pause,
            http: http(row.get(answered)),
            problem: stored_problem(said),
        });
    }
    Ok(backlogs)
}

/// How many records are ready for each destination.
pub(super) fn ready(spool: &PostgresInspector) -> Result<Vec<(Identity, u64)>, Error> {
    let (counts, _) = counts(spool, "event")?;
    let names = spool.query(
        "SELECT n, address FROM hivelog.destination ORDER BY address",
        &[],
    )?;
    let ready = names.iter().filter_map(|row| {
        let (n, address): (i32, &str) = (row.get(0), row.get(1));
        let (_, count) = counts.iter().find(|(dest, _)| *dest == n)?;
        Some((Identity::read(address), *count))
    });
    Ok(ready.collect())
}
