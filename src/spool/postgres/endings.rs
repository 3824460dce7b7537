//! What becomes of records, written to the database.

use super::append::storable;
use super::connection::{Connection, DatabaseError};
use crate::spool::{Entry, Pause, Settlement};
use tokio_postgres::types::Type;
use uuid::Uuid;

/// A record whose end, or next try, is to be written.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub lane: i16,
    pub entry: Entry,
    pub settlement: Settlement,
}

/// The id as well as the place: after a failover that has lost commits a place can be given out
/// twice, and another record would be taken for delivered.
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

/// Writes what becomes of records. A delivery counts whichever drainer reports it; everything
/// else only if the lane is this drainer's. Whether every record that was delivered was there.
pub(super) async fn write(
    connection: &Connection,
    dest: i32,
    drainer: Uuid,
    endings: &[Ending],
    now: i64,
) -> Result<bool, DatabaseError> {
    let of = |wanted: &[Settlement]| -> Vec<&Ending> {
        let of = endings
            .iter()
            .filter(|one| wanted.contains(&one.settlement));
        of.collect()
    };
    let delivered = of(&[Settlement::Delivered]);
    let found = write_deliveries(connection, dest, &delivered).await?;
    for (statement, settlements) in [
        (REFUSED, &[Settlement::Refused][..]),
        (LATER, &[Settlement::Later, Settlement::GivenUp]),
    ] {
        write_fenced(
            connection,
            statement,
            (dest, drainer),
            &of(settlements),
            now,
        )
        .await?;
    }
    Ok(found == delivered.len() as u64)
}

/// How many of them were there.
async fn write_deliveries(
    connection: &Connection,
    dest: i32,
    delivered: &[&Ending],
) -> Result<u64, DatabaseError> {
    if delivered.is_empty() {
        return Ok(0);
    }
    let (lanes, seqs, ids) = places(delivered);
    let parameters = [
        (&dest as _, Type::INT4),
        (&lanes as _, Type::INT2_ARRAY),
        (&seqs as _, Type::INT8_ARRAY),
        (&ids as _, Type::UUID_ARRAY),
    ];
    connection.execute(DELIVERED, &parameters).await
}

/// Writes what counts only from the owner of the lanes.
async fn write_fenced(
    connection: &Connection,
    statement: &str,
    (dest, drainer): (i32, Uuid),
    endings: &[&Ending],
    now: i64,
) -> Result<(), DatabaseError> {
    if endings.is_empty() {
        return Ok(());
    }
    let (lanes, seqs, ids) = places(endings);
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
    connection.execute(statement, &parameters).await.map(drop)
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
) -> Result<(), DatabaseError> {
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
