//! How much waits for whom.

use super::PostgresInspector;
use crate::spool::identity::Identity;
use crate::spool::inspect::Backlog;
use crate::spool::postgres::counts;
use crate::spool::postgres::rows::http;
use crate::spool::{Error, Pause, stored_problem};
use tokio_postgres::types::Type;

/// What was said last to the oldest dead record of destination `d.n`.
const SAID_OF_DEAD: &str =
    "SELECT http, problem FROM hivelog.dead WHERE dest = d.n ORDER BY seq LIMIT 1";

/// What waits for each destination.
pub(super) fn backlogs(spool: &PostgresInspector, now: i64) -> Result<Vec<Backlog>, Error> {
    let mut backlogs = Vec::new();
    for (dest, identity) in destinations(spool)? {
        let (ready, estimated) = spool.ask(counts::ready(&spool.connection, dest))?;
        let dead = spool.ask(counts::dead(&spool.connection, dest))?;
        if ready + dead == 0 {
            continue;
        }
        let said = if ready > 0 {
            counts::LAST_SAID
        } else {
            SAID_OF_DEAD
        };
        let known = format!(
            "SELECT (extract(epoch FROM d.paused_until - clock_timestamp()) * 1000)::bigint, \
               d.pause_http, d.pause_problem, \
               (SELECT (extract(epoch FROM min(f.accepted)) * 1000)::bigint FROM hivelog.lane l \
                 CROSS JOIN LATERAL (SELECT accepted FROM hivelog.event e WHERE e.dest = l.dest \
                   AND e.lane = l.n AND e.seq > l.head ORDER BY e.seq LIMIT 1) f \
                 WHERE l.dest = d.n), \
               said.http, said.problem FROM hivelog.destination d \
             LEFT JOIN LATERAL ({said}) said ON true WHERE d.n = $1"
        );
        for row in spool.query(&known, &[(&dest, Type::INT4)])? {
            let left: Option<i64> = row.get(0);
            let pause = left.filter(|left| *left > 0).map(|left| Pause {
                until: now.saturating_add(left),
                http: http(row.get(1)),
                problem: stored_problem(row.get(2)),
            });
            backlogs.push(Backlog {
                identity: identity.clone(),
                ready,
                dead,
                estimated,
                oldest: row.get(3),
                pause,
                http: http(row.get(4)),
                problem: stored_problem(row.get(5)),
            });
        }
    }
    Ok(backlogs)
}

/// How many records are ready for each destination.
pub(super) fn ready(spool: &PostgresInspector) -> Result<Vec<(Identity, u64)>, Error> {
    let mut all = Vec::new();
    for (dest, identity) in destinations(spool)? {
        let (ready, _) = spool.ask(counts::ready(&spool.connection, dest))?;
        if ready > 0 {
            all.push((identity, ready));
        }
    }
    Ok(all)
}

fn destinations(spool: &PostgresInspector) -> Result<Vec<(i32, Identity)>, Error> {
    let all = "SELECT n, address FROM hivelog.destination ORDER BY address";
    let rows = spool.query(all, &[])?;
    let named = rows.iter();
    Ok(named
        .map(|row| (row.get(0), Identity::read(row.get(1))))
        .collect())
}
