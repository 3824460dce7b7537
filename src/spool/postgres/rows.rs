//! Rows as records, and what there is to be seen of others.

use super::connection::{Connection, DatabaseError};
use super::lanes::Found;
use crate::model::fnv::checksum;
use crate::spool::queue::Queued;
use crate::spool::{AcceptedRecord, Entry, stored_problem};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// Places behind those that were read, so many of each lane at most.
pub(super) async fn read(
    connection: &Connection,
    dest: i32,
    (lanes, after, each): (&[i16], &[i64], usize),
    (run, now): (Option<&Uuid>, i64),
) -> Result<Vec<Found>, DatabaseError> {
    const READ: &str = "SELECT e.lane, e.seq, e.id, e.run, e.correlation, e.integration, \
        (extract(epoch FROM e.due - clock_timestamp())::float8 * 1000)::bigint \
        FROM unnest($2::smallint[], $3::bigint[]) AS w(lane, after) CROSS JOIN LATERAL \
        (SELECT lane, seq, id, run, correlation, integration, due FROM hivelog.event e \
         WHERE e.dest = $1 AND e.lane = w.lane AND e.seq > w.after ORDER BY e.seq LIMIT $4) e";
    let each = i64::try_from(each).unwrap_or(i64::MAX);
    let rows = connection
        .query(
            READ,
            &[
                (&dest, Type::INT4),
                (&lanes, Type::INT2_ARRAY),
                (&after, Type::INT8_ARRAY),
                (&each, Type::INT8),
            ],
        )
        .await?;
    let found = |row: &Row| {
        let seq = row.get(1);
        let wait: Option<i64> = row.get(6);
        Found {
            lane: row.get(0),
            id: row.get(2),
            key: Found::key(row.get(4), row.get(5), seq),
            queued: Queued {
                seq,
                due: wait
                    .filter(|wait| *wait > 0)
                    .map_or(0, |wait| now.saturating_add(wait)),
                own: run.is_none_or(|run| *run == row.get::<_, Uuid>(3)),
            },
        }
    };
    Ok(rows.iter().map(found).collect())
}

/// Records with their bytes, and whether they are what they were.
pub(super) async fn fetch(
    connection: &Connection,
    dest: i32,
    (lanes, seqs): (&[i16], &[i64]),
    run: Option<&Uuid>,
) -> Result<Vec<(Entry, bool)>, DatabaseError> {
    const FETCH: &str = "SELECT e.seq, e.id, e.run, e.source, e.record, e.line, e.code, \
        e.correlation, e.integration, e.body, e.sum, e.attempts, e.counted, e.maybe_dup, e.http, \
        e.problem FROM unnest($2::smallint[], $3::bigint[]) WITH ORDINALITY AS k(lane, seq, place) \
        JOIN hivelog.event e ON e.dest = $1 AND e.lane = k.lane AND e.seq = k.seq ORDER BY k.place";
    let rows = connection
        .query(
            FETCH,
            &[
                (&dest, Type::INT4),
                (&lanes, Type::INT2_ARRAY),
                (&seqs, Type::INT8_ARRAY),
            ],
        )
        .await?;
    Ok(rows.iter().map(|row| entry(row, run)).collect())
}

fn entry(row: &Row, run: Option<&Uuid>) -> (Entry, bool) {
    let body: Vec<u8> = row.get(9);
    let intact = checksum(&body) == row.get::<_, i64>(10);
    let count = |column: usize| row.get::<_, i32>(column).cast_unsigned();
    let entry = Entry {
        seq: row.get(0),
        id: row.get(1),
        own: run.is_none_or(|run| *run == row.get::<_, Uuid>(2)),
        record: AcceptedRecord {
            body: body.into(),
            source: row.get::<_, &str>(3).into(),
            number: row.get::<_, i64>(4).cast_unsigned(),
            line: row.get::<_, i64>(5).cast_unsigned(),
            event_code: row.get(6),
            correlation_id: row.get(7),
            integration_key: row.get(8),
        },
        attempts: count(11),
        counted: count(12),
        others: None,
        maybe_duplicate: count(13),
        due: 0,
        first: None,
        http: http(row.get(14)),
        problem: stored_problem(row.get(15)),
    };
    (entry, intact)
}

/// A status as it is stored.
pub(super) fn http(stored: Option<i16>) -> Option<u16> {
    stored.and_then(|status| u16::try_from(status).ok())
}

/// Whether something is due in lanes that others own, or nobody.
pub(super) async fn is_due_elsewhere(
    connection: &Connection,
    dest: i32,
    drainer: Uuid,
) -> Result<bool, DatabaseError> {
    const ELSEWHERE: &str = "SELECT EXISTS (SELECT 1 FROM hivelog.lane l CROSS JOIN LATERAL \
        (SELECT 1 FROM hivelog.event e WHERE e.dest = l.dest AND e.lane = l.n AND e.seq > l.head \
          AND (e.due IS NULL OR e.due <= clock_timestamp()) LIMIT 1) e \
        WHERE l.dest = $1 AND l.owner IS DISTINCT FROM $2)";
    let parameters = [(&dest as _, Type::INT4), (&drainer as _, Type::UUID)];
    let rows = connection.query(ELSEWHERE, &parameters).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

/// What people and other processes have done for a destination, in numbers that only grow as long as
/// nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Activity {
    /// How often people have changed records.
    pub changes: i64,
    /// The newest place that is not empty.
    pub newest: i64,
}

/// Looks for them.
pub(super) async fn activity(
    connection: &Connection,
    dest: i32,
) -> Result<Activity, DatabaseError> {
    const ACTIVITY: &str = "SELECT coalesce(sum(l.again), 0)::bigint, coalesce(max(e.seq), 0) \
        FROM hivelog.lane l LEFT JOIN LATERAL (SELECT seq FROM hivelog.event \
          WHERE dest = l.dest AND lane = l.n AND seq > l.head ORDER BY seq DESC LIMIT 1) e ON true \
        WHERE l.dest = $1";
    let rows = connection.query(ACTIVITY, &[(&dest, Type::INT4)]).await?;
    let row = rows
        .first()
        .ok_or_else(|| DatabaseError::Unavailable("a destination has vanished".to_owned()))?;
    Ok(Activity {
        changes: row.get(0),
        newest: row.get(1),
    })
}
