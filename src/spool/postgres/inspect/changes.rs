//! What a person does to single records.

use super::PostgresInspector;
use crate::spool::Error;
use crate::spool::inspect::Dropped;
use std::collections::HashSet;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// Records that are changed at once.
const BATCH: usize = 500;

/// What a person does to records lets the owners of their lanes read these again.
const READ_AGAIN: &str = "l AS (UPDATE hivelog.lane SET again = again + 1 \
    WHERE (dest, n) IN (SELECT dest, lane FROM e) RETURNING 1)";

/// Changes records, some at a time; those that were there, in the order that was given.
fn change(spool: &PostgresInspector, ids: &[Uuid], sql: &str) -> Result<Vec<Row>, Error> {
    let mut all = Vec::new();
    for some in ids.chunks(BATCH) {
        all.extend(spool.query(sql, &[(&some, Type::UUID_ARRAY)])?);
    }
    Ok(all)
}

/// Makes records ready again, at once; those that were there.
pub(super) fn retry(spool: &PostgresInspector, ids: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    const RESUME: &str = "p AS (UPDATE hivelog.destination SET paused_until = NULL, \
        pause_http = NULL, pause_problem = NULL \
        WHERE n IN (SELECT dest FROM e) AND paused_until IS NOT NULL)";
    let ready = format!(
        "WITH e AS (UPDATE hivelog.event SET due = NULL, counted = 0 WHERE id = ANY($1) \
         RETURNING id, dest, lane), {READ_AGAIN}, {RESUME} SELECT id FROM e"
    );
    // At the end of its lane: its old place lies behind every reader.
    let dead = format!(
        "WITH d AS (SELECT dest, lane FROM hivelog.dead WHERE id = ANY($1)), \
         g AS MATERIALIZED (SELECT n FROM hivelog.gate WHERE (dest, n) IN (SELECT dest, lane \
           FROM d) ORDER BY dest, n FOR UPDATE), \
         e AS (DELETE FROM hivelog.dead WHERE id = ANY($1) AND (SELECT count(*) FROM g) > 0 \
           RETURNING *), {READ_AGAIN}, {RESUME}, \
         i AS (INSERT INTO hivelog.event (dest, lane, id, run, accepted, attempts, maybe_dup, \
           record, line, sum, source, code, correlation, integration, http, problem, body) \
         SELECT dest, lane, id, run, accepted, attempts, maybe_dup, record, line, sum, source, \
           code, correlation, integration, http, problem, body FROM e ORDER BY seq RETURNING id) \
         SELECT id FROM i"
    );
    let mut found: HashSet<Uuid> = HashSet::new();
    for statement in [ready, dead] {
        let rows = change(spool, ids, &statement)?;
        found.extend(rows.iter().map(|row| row.get::<_, Uuid>(0)));
    }
    Ok(ids
        .iter()
        .filter(|id| found.contains(id))
        .copied()
        .collect())
}

/// Gives records up for good.
pub(super) fn drop(spool: &PostgresInspector, ids: &[Uuid]) -> Result<Dropped, Error> {
    // Whoever owns the lane may be sending it, if it is due and the first of its journey. One that was
    // imported is known by its id; when it comes again after this, it is new.
    let delete = format!(
        "WITH e AS (DELETE FROM hivelog.event WHERE id = ANY($1) \
           RETURNING id, dest, lane, seq, due, correlation, integration), \
         x AS (DELETE FROM hivelog.dead WHERE id = ANY($1) RETURNING id), \
         r AS (INSERT INTO hivelog.dropped (id) SELECT id FROM e UNION SELECT id FROM x \
           ON CONFLICT DO NOTHING), \
         b AS (DELETE FROM hivelog.batch WHERE id IN (SELECT id FROM e UNION SELECT id FROM x)), \
         {READ_AGAIN} \
         SELECT e.id, o.id IS NOT NULL AND coalesce(e.due, '-infinity') <= clock_timestamp() \
           AND NOT EXISTS (SELECT 1 FROM hivelog.event b WHERE b.dest = e.dest \
             AND b.lane = e.lane AND b.seq < e.seq AND b.correlation = e.correlation \
             AND b.integration IS NOT DISTINCT FROM e.integration) \
         FROM e JOIN hivelog.lane n ON n.dest = e.dest AND n.n = e.lane \
         LEFT JOIN hivelog.drainer o ON o.id = n.owner AND o.until >= clock_timestamp() \
         UNION ALL SELECT id, false FROM x"
    );
    let rows = change(spool, ids, &delete)?;
    let with = |sent: bool| -> HashSet<Uuid> {
        let some = rows.iter().filter(|row| row.get::<_, bool>(1) == sent);
        some.map(|row| row.get(0)).collect()
    };
    let (unsent, sent) = (with(false), with(true));
    let of = |some: &HashSet<Uuid>| ids.iter().filter(|id| some.contains(id)).copied().collect();
    Ok(Dropped {
        unsent: of(&unsent),
        sent: of(&sent),
    })
}
