//! Records into the database: once, and visible in their order.
//!
//! An append locks the gates of its lanes before any place is given out, so that in a lane a
//! lower place is never seen after a higher one. Its batch has an id, by which it is known when
//! it is asked for again because its answer was lost.

use super::connection::{Connection, DatabaseError};
use super::lanes::lane_of;
use crate::spool::inbox::{Inbox, InboxBatch};
use crate::spool::problem_text;
use crate::spool::stored::{RecordState, Stored};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// By what it is known that something is in already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Once {
    /// The batch, which is always put together of the same records.
    Batch,
    /// Each record by itself.
    Record,
}

const BY_BATCH: &str = "b AS (INSERT INTO hivelog.batch (id) VALUES ($1) ON CONFLICT DO NOTHING \
                        RETURNING id)";
/// The first parameter is there to be known by its type.
const BY_RECORD: &str = "b AS (INSERT INTO hivelog.batch (id) SELECT id FROM unnest($5::uuid[]) \
                         AS r(id) WHERE $1::uuid IS NOT NULL \
                         AND NOT EXISTS (SELECT 1 FROM hivelog.event e WHERE e.id = r.id) \
                         AND NOT EXISTS (SELECT 1 FROM hivelog.dead d WHERE d.id = r.id) \
                         ORDER BY id ON CONFLICT DO NOTHING RETURNING id)";

/// The division fails, and with it all of it, where a gate is missing.
const APPEND: &str = "g AS MATERIALIZED (SELECT n FROM hivelog.gate WHERE dest = $2 AND n = ANY($3) \
    AND EXISTS (SELECT 1 FROM b) ORDER BY n FOR UPDATE), \
    u AS (SELECT * FROM unnest($4::smallint[], $5::uuid[], $6::uuid[], $7::bigint[], \
      $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], \
      $14::text[], $15::bytea[], $16::int[], $17::int[], $18::int[], $19::bigint[], \
      $20::smallint[], $21::text[], $22::boolean[]) \
      WITH ORDINALITY AS u(lane, id, run, accepted, record, line, sum, source, code, correlation, \
      integration, body, attempts, counted, maybe_dup, due, http, problem, dead, place) \
      WHERE (SELECT count(*) FROM g) = cardinality($3) AND {new}), \
    i AS (INSERT INTO hivelog.event (dest, lane, id, run, accepted, due, record, line, sum, \
      source, code, correlation, integration, body, attempts, counted, maybe_dup, http, problem) \
      SELECT $2, lane, id, run, \
      coalesce(to_timestamp(accepted / 1000.0), clock_timestamp()), to_timestamp(due / 1000.0), \
      record, line, sum, source, code, correlation, integration, body, attempts, counted, \
      maybe_dup, http, problem FROM u WHERE NOT dead ORDER BY place RETURNING 1), \
    x AS (INSERT INTO hivelog.dead (dest, lane, seq, id, run, accepted, record, line, sum, \
      source, code, correlation, integration, body, attempts, counted, maybe_dup, http, problem) \
      SELECT $2, lane, 0, id, run, \
      coalesce(to_timestamp(accepted / 1000.0), clock_timestamp()), \
      record, line, sum, source, code, correlation, integration, body, attempts, counted, \
      maybe_dup, http, problem FROM u WHERE dead RETURNING 1) \
    SELECT (SELECT count(*) FROM b) / CASE WHEN (SELECT count(*) FROM b) = 0 \
      OR (SELECT count(*) FROM i) + {dead} = {wanted} THEN 1 ELSE 0 END";

fn statement(once: Once, has_dead: bool) -> String {
    let (known, new, wanted) = match once {
        Once::Batch => (BY_BATCH, "true", "cardinality($5)"),
        Once::Record => (
            BY_RECORD,
            "id IN (SELECT id FROM b)",
            "(SELECT count(*) FROM b)",
        ),
    };
    // Whoever only accepts may not write to the other table, and never has to.
    let append = if has_dead {
        APPEND.replace("{dead}", "(SELECT count(*) FROM x)")
    } else {
        let (before, rest) = APPEND.split_once("x AS (").unwrap_or((APPEND, ""));
        let (_, after) = rest
            .split_once("WHERE dead RETURNING 1)")
            .unwrap_or_default();
        format!("{}{after}", before.trim_end_matches(", ")).replace("{dead}", "0")
    };
    let append = append.replace("{new}", new).replace("{wanted}", wanted);
    format!("WITH {known}, {append}")
}

/// Appends records of one destination. What is in already is left out; how much was not: the
/// batch, or so many records.
pub(super) async fn append(
    connection: &Connection,
    batch: &Uuid,
    dest: i32,
    records: &[Stored],
    once: Once,
) -> Result<u64, DatabaseError> {
    let columns = RowArrays::of(records, connection.lanes);
    let append = statement(once, columns.dead.contains(&true));
    let rows = columns.append(connection, &append, batch, dest).await?;
    let new = rows
        .first()
        .map_or(0, |row| row.get::<_, i64>(0).unsigned_abs());
    let all = match once {
        Once::Batch => 1,
        Once::Record => records.len() as u64,
    };
    if new < all {
        confirm(connection).await?;
    }
    Ok(new)
}

/// Records as the arrays that one statement takes.
struct RowArrays<'a> {
    gates: Vec<i16>,
    lanes: Vec<i16>,
    ids: Vec<Uuid>,
    runs: Vec<Uuid>,
    accepted: Vec<Option<i64>>,
    record: Vec<i64>,
    line: Vec<i64>,
    sum: Vec<i64>,
    source: Vec<Cow<'a, str>>,
    code: Vec<Option<Cow<'a, str>>>,
    correlation: Vec<Option<Cow<'a, str>>>,
    integration: Vec<Option<Cow<'a, str>>>,
    body: Vec<&'a [u8]>,
    attempts: Vec<i32>,
    counted: Vec<i32>,
    maybe_duplicate: Vec<i32>,
    due: Vec<Option<i64>>,
    http: Vec<Option<i16>>,
    problem: Vec<Option<String>>,
    dead: Vec<bool>,
}

impl<'a> RowArrays<'a> {
    fn of(records: &'a [Stored], lane_count: i16) -> RowArrays<'a> {
        fn column<'a, T>(records: &'a [Stored], of: impl Fn(&'a Stored) -> T) -> Vec<T> {
            records.iter().map(of).collect()
        }
        fn text(text: Option<&String>) -> Option<Cow<'_, str>> {
            text.map(|text| storable(text))
        }
        let some = |at: i64| (at > 0).then_some(at);
        let lanes = column(records, |one| lane_of(&one.record, &one.id, lane_count));
        let gates: BTreeSet<i16> = lanes.iter().copied().collect();
        RowArrays {
            gates: gates.into_iter().collect(),
            lanes,
            ids: column(records, |one| one.id),
            runs: column(records, |one| one.run.unwrap_or_default()),
            accepted: column(records, |one| some(one.accepted)),
            record: column(records, |one| one.record.number.cast_signed()),
            line: column(records, |one| one.record.line.cast_signed()),
            sum: column(records, |one| one.sum),
            source: column(records, |one| storable(&one.record.source)),
            code: column(records, |one| text(one.record.event_code.as_ref())),
            correlation: column(records, |one| text(one.record.correlation_id.as_ref())),
            integration: column(records, |one| text(one.record.integration_key.as_ref())),
            body: column(records, |one| one.record.body.as_ref()),
            attempts: column(records, |one| one.attempts.cast_signed()),
            counted: column(records, |one| one.counted.cast_signed()),
            maybe_duplicate: column(records, |one| one.maybe_duplicate.cast_signed()),
            due: column(records, |one| some(one.next_attempt)),
            http: column(records, |one| one.http.map(u16::cast_signed)),
            problem: column(records, |one| {
                problem_text(one.problem.as_ref()).map(|text| storable(&text).into_owned())
            }),
            dead: column(records, |one| one.state == RecordState::Dead),
        }
    }

    async fn append(
        &self,
        connection: &Connection,
        statement: &str,
        batch: &Uuid,
        dest: i32,
    ) -> Result<Vec<Row>, DatabaseError> {
        connection
            .query(
                statement,
                &[
                    (batch, Type::UUID),
                    (&dest, Type::INT4),
                    (&self.gates, Type::INT2_ARRAY),
                    (&self.lanes, Type::INT2_ARRAY),
                    (&self.ids, Type::UUID_ARRAY),
                    (&self.runs, Type::UUID_ARRAY),
                    (&self.accepted, Type::INT8_ARRAY),
                    (&self.record, Type::INT8_ARRAY),
                    (&self.line, Type::INT8_ARRAY),
                    (&self.sum, Type::INT8_ARRAY),
                    (&self.source, Type::TEXT_ARRAY),
                    (&self.code, Type::TEXT_ARRAY),
                    (&self.correlation, Type::TEXT_ARRAY),
                    (&self.integration, Type::TEXT_ARRAY),
                    (&self.body, Type::BYTEA_ARRAY),
                    (&self.attempts, Type::INT4_ARRAY),
                    (&self.counted, Type::INT4_ARRAY),
                    (&self.maybe_duplicate, Type::INT4_ARRAY),
                    (&self.due, Type::INT8_ARRAY),
                    (&self.http, Type::INT2_ARRAY),
                    (&self.problem, Type::TEXT_ARRAY),
                    (&self.dead, Type::BOOL_ARRAY),
                ],
            )
            .await
    }
}

/// Makes sure that what was found in the database is as durable as what is written now. It may have
/// been committed without a standby: a commit that waits for one covers everything before it.
async fn confirm(connection: &Connection) -> Result<(), DatabaseError> {
    const CONFIRM: &str = "INSERT INTO hivelog.batch (id) VALUES ($1)";
    let parameters = [(&Uuid::now_v7() as _, Type::UUID)];
    connection.execute(CONFIRM, &parameters).await.map(drop)
}

/// A text as the database can store it: it has no room for the character 0.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{2400}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The number of a destination, which gets one with its lanes and gates where it has none.
pub(super) async fn destination(
    connection: &Connection,
    address: &str,
) -> Result<i32, DatabaseError> {
    const FIND: &str = "SELECT n FROM hivelog.destination WHERE address = $1";
    const MAKE: &str = "WITH d AS (INSERT INTO hivelog.destination (address) VALUES ($1) \
        ON CONFLICT DO NOTHING RETURNING n), \
        l AS (INSERT INTO hivelog.lane (dest, n) SELECT d.n, g FROM d, generate_series(0, $2 - 1) g), \
        g AS (INSERT INTO hivelog.gate (dest, n) SELECT d.n, g FROM d, generate_series(0, $2 - 1) g) \
        SELECT n FROM d";
    let parameters = [(&address as _, Type::TEXT)];
    if let Some(row) = connection.query(FIND, &parameters).await?.first() {
        return Ok(row.get(0));
    }
    let lanes = i32::from(connection.lanes);
    let parameters = [(&address as _, Type::TEXT), (&lanes as _, Type::INT4)];
    if let Some(row) = connection.query(MAKE, &parameters).await?.first() {
        return Ok(row.get(0));
    }
    // Somebody else was faster.
    let rows = connection.query(FIND, &parameters[..1]).await?;
    let row = rows
        .first()
        .ok_or_else(|| DatabaseError::Unavailable("a destination has vanished".to_owned()))?;
    Ok(row.get(0))
}

/// The destinations that are known already.
#[derive(Default)]
pub(super) struct KnownDestinations(HashMap<String, i32>);

impl KnownDestinations {
    /// The number of a destination.
    pub async fn number(
        &mut self,
        connection: &Connection,
        address: &str,
    ) -> Result<i32, DatabaseError> {
        if let Some(number) = self.0.get(address) {
            return Ok(*number);
        }
        let number = destination(connection, address).await?;
        self.0.insert(address.to_owned(), number);
        Ok(number)
    }
}

/// Imports what was accepted while the database was unavailable, each batch once: its file has the
/// name under which it is known. How many records that were; adds what could not be read.
pub(super) async fn import_inbox(
    connection: &Connection,
    inbox: &Inbox,
    destinations: &mut KnownDestinations,
    complaints: &mut Vec<String>,
) -> Result<u64, DatabaseError> {
    let mut brought = 0;
    let unread = |error: std::io::Error| {
        format!(
            "records saved in {} cannot be read: {error}",
            inbox.path(None).display()
        )
    };
    let names = match inbox.names() {
        Ok(names) => names,
        Err(error) => {
            complaints.push(unread(error));
            return Ok(0);
        }
    };
    for name in names {
        let InboxBatch { records, whole } = match inbox.read(&name) {
            Ok(read) => read,
            // Another process has imported it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                complaints.push(unread(error));
                continue;
            }
        };
        let id = Uuid::parse_str(name.trim_end_matches(".ndjson")).ok();
        if let Some(first) = records.first() {
            let dest = destinations.number(connection, &first.destination).await?;
            let (batch, once) = match id {
                Some(id) if whole => (id, Once::Batch),
                _ => (Uuid::now_v7(), Once::Record),
            };
            append(connection, &batch, dest, &records, once).await?;
            brought += records.len() as u64;
        }
        if whole {
            inbox.remove(&name);
        } else {
            inbox.set_aside(&name);
            complaints.push(format!(
                "records in {} could not all be read; their file has been moved \
                 into the folder 'quarantine' next to it",
                inbox.path(None).display()
            ));
        }
    }
    Ok(brought)
}
