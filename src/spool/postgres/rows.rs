//! Rows as records, and what becomes of them.

use super::append::storable;
use super::connection::{Connection, Trouble};
use super::lanes::Found;
use crate::model::delivery::with_status;
use crate::model::fnv::checksum;
use crate::spool::queue::Queued;
use crate::spool::{Entry, Pause, Record, Settlement, stored_problem};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// Places behind those that were read, so many of each lane at most.
pub(super) async fn read(
    connection: &Connection,
    dest: i32,
    (lanes, after, each): (&[i16], &[i64], usize),
    (run, now): (Option<&Uuid>, i64),
) -> Result<Vec<Found>, Trouble> {
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
) -> Result<Vec<(Entry, bool)>, Trouble> {
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
        record: Record {
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

/// A record whose end, or next try, is to be written.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub lane: i16,
    pub entry: Entry,
    pub settlement: Settlement,
}

/// Writes what becomes of records. Only a delivery is true whoever says it; everything else needs
/// the lane to be this drainer's.
pub(super) async fn write(
    connection: &Connection,
    dest: i32,
    drainer: Uuid,
    endings: &[Ending],
    now: i64,
) -> Result<(), Trouble> {
    // The id as well as the place: after a failover that has lost commits a place can be given
    // out twice, and another record would be taken for delivered.
    const DELIVERED: &str = "DELETE FROM hivelog.event e \
        USING unnest($2::smallint[], $3::bigint[], $4::uuid[]) AS k(lane, seq, id) \
        WHERE e.dest = $1 AND e.lane = k.lane AND e.seq = k.seq AND e.id = k.id";
    const LATER: &str = "UPDATE hivelog.event e SET attempts = k.attempts, counted = k.counted, \
        maybe_dup = k.maybe_dup, http = k.http, problem = k.problem, \
        due = CASE WHEN k.wait > 0 THEN clock_timestamp() + k.wait * interval '1 millisecond' END \
        FROM unnest($3::smallint[], $4::bigint[], $5::uuid[], $6::int[], $7::int[], $8::int[], \
          $9::bigint[], $10::smallint[], $11::text[]) \
          AS k(lane, seq, id, attempts, counted, maybe_dup, wait, http, problem), hivelog.lane l \
        WHERE l.dest = $2 AND l.n = k.lane AND l.owner = $1 AND e.dest = $2 AND e.lane = k.lane \
          AND e.seq = k.seq AND e.id = k.id";
    const REFUSED: &str = "WITH k AS (SELECT * FROM unnest($3::smallint[], $4::bigint[], \
          $5::uuid[], $6::int[], $7::int[], $8::int[], $9::bigint[], $10::smallint[], $11::text[]) \
          AS k(lane, seq, id, attempts, counted, maybe_dup, wait, http, problem)), \
        gone AS (DELETE FROM hivelog.event e USING k, hivelog.lane l \
          WHERE l.dest = $2 AND l.n = k.lane AND l.owner = $1 AND e.dest = $2 AND e.lane = k.lane \
            AND e.seq = k.seq AND e.id = k.id \
          RETURNING e.*, k.attempts AS tried, k.counted AS failed, k.maybe_dup AS doubtful, \
            k.http AS answered, k.problem AS why) \
        INSERT INTO hivelog.dead (dest, lane, seq, id, run, accepted, attempts, counted, \
          maybe_dup, http, record, line, sum, source, code, correlation, integration, problem, body) \
        SELECT dest, lane, seq, id, run, accepted, tried, failed, doubtful, answered, record, line, \
          sum, source, code, correlation, integration, why, body FROM gone ON CONFLICT DO NOTHING";
    let of = |wanted: &[Settlement]| -> Vec<&Ending> {
        let of = endings
            .iter()
            .filter(|one| wanted.contains(&one.settlement));
        of.collect()
    };
    let delivered = of(&[Settlement::Delivered]);
    if !delivered.is_empty() {
        let (lanes, seqs, ids) = places(&delivered);
        let parameters = [
            (&dest as _, Type::INT4),
            (&lanes as _, Type::INT2_ARRAY),
            (&seqs as _, Type::INT8_ARRAY),
            (&ids as _, Type::UUID_ARRAY),
        ];
        connection.execute(DELIVERED, &parameters).await?;
    }
    let others = [
        (REFUSED, of(&[Settlement::Refused])),
        (LATER, of(&[Settlement::Later, Settlement::GivenUp])),
    ];
    for (statement, endings) in others {
        if endings.is_empty() {
            continue;
        }
        let (lanes, seqs, ids) = places(&endings);
        let counts = |count: fn(&Entry) -> u32| {
            let counts = endings.iter().map(|one| count(&one.entry).cast_signed());
            counts.collect::<Vec<i32>>()
        };
        let attempts = counts(|entry| entry.attempts);
        let counted = counts(|entry| entry.counted);
        let maybe_duplicate = counts(|entry| entry.maybe_duplicate);
        let waits: Vec<i64> = endings.iter().map(|one| one.entry.due - now).collect();
        let http: Vec<Option<i16>> = endings
            .iter()
            .map(|one| one.entry.http.map(u16::cast_signed))
            .collect();
        let problems: Vec<Option<String>> = endings
            .iter()
            .map(|one| {
                let said = one.entry.problem.as_ref()?;
                let said = serde_json::to_string(said).ok()?;
                Some(storable(&said).into_owned())
            })
            .collect();
        let parameters = [
            (&drainer as _, Type::UUID),
            (&dest as _, Type::INT4),
            (&lanes as _, Type::INT2_ARRAY),
            (&seqs as _, Type::INT8_ARRAY),
            (&ids as _, Type::UUID_ARRAY),
            (&attempts as _, Type::INT4_ARRAY),
            (&counted as _, Type::INT4_ARRAY),
            (&maybe_duplicate as _, Type::INT4_ARRAY),
            (&waits as _, Type::INT8_ARRAY),
            (&http as _, Type::INT2_ARRAY),
            (&problems as _, Type::TEXT_ARRAY),
        ];
        connection.execute(statement, &parameters).await?;
    }
    Ok(())
}

fn places(endings: &[&Ending]) -> (Vec<i16>, Vec<i64>, Vec<Uuid>) {
    let lanes = endings.iter().map(|one| one.lane).collect();
    let seqs = endings.iter().map(|one| one.entry.seq).collect();
    (
        lanes,
        seqs,
        endings.iter().map(|one| one.entry.id).collect(),
    )
}

/// Notes until when a destination is to be left alone.
pub(super) async fn note_pause(
    connection: &Connection,
    dest: i32,
    pause: &Pause,
    now: i64,
) -> Result<(), Trouble> {
    const PAUSE: &str = "UPDATE hivelog.destination SET \
        paused_until = clock_timestamp() + $2 * interval '1 millisecond', pause_http = $3, \
        pause_problem = $4 WHERE n = $1";
    let wait = pause.until - now;
    let http = pause.http.map(u16::cast_signed);
    let said = pause
        .problem
        .as_ref()
        .and_then(|said| serde_json::to_string(said).ok());
    let said = said.map(|said| storable(&said).into_owned());
    let parameters = [
        (&dest as _, Type::INT4),
        (&wait as _, Type::INT8),
        (&http as _, Type::INT2),
        (&said as _, Type::TEXT),
    ];
    connection.execute(PAUSE, &parameters).await.map(drop)
}

/// Whether something is due in lanes that others own, or nobody.
pub(super) async fn is_due_elsewhere(
    connection: &Connection,
    dest: i32,
    drainer: Uuid,
) -> Result<bool, Trouble> {
    const ELSEWHERE: &str = "SELECT EXISTS (SELECT 1 FROM hivelog.event e \
        JOIN hivelog.lane l ON l.dest = e.dest AND l.n = e.lane \
        WHERE e.dest = $1 AND l.owner IS DISTINCT FROM $2 \
          AND (e.due IS NULL OR e.due <= clock_timestamp()))";
    let parameters = [(&dest as _, Type::INT4), (&drainer as _, Type::UUID)];
    let rows = connection.query(ELSEWHERE, &parameters).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

/// How many records stand there for a destination, ready and dead, and why the oldest that was
/// tried was not delivered.
pub(super) async fn count(
    connection: &Connection,
    dest: i32,
) -> Result<(u64, u64, Option<String>), Trouble> {
    const COUNT: &str = "SELECT (SELECT count(*) FROM hivelog.event WHERE dest = $1), \
        (SELECT count(*) FROM hivelog.dead WHERE dest = $1), \
        said.problem, said.http FROM (VALUES (1)) AS one LEFT JOIN \
        (SELECT problem, http FROM hivelog.event WHERE dest = $1 AND problem IS NOT NULL \
         ORDER BY seq LIMIT 1) said ON true";
    let rows = connection.query(COUNT, &[(&dest, Type::INT4)]).await?;
    Ok(rows.first().map_or((0, 0, None), |row| {
        let count = |column: usize| row.get::<_, i64>(column).unsigned_abs();
        let answered = http(row.get(3));
        let why = stored_problem(row.get(2));
        let why = why.map(|said| with_status(answered, &said.title).into_owned());
        (count(0), count(1), why)
    }))
}
