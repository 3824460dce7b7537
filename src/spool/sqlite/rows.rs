//! Rows as records.

use super::site::Site;
use crate::model::fnv::checksum;
use crate::spool::queue::{Key, Queued, journey};
use crate::spool::stored::{State, Stored};
use crate::spool::{Entry, Record, problem_text, stored_problem};
use rusqlite::types::FromSql;
use rusqlite::{CachedStatement, Connection, Row, params};
use uuid::Uuid;

/// The columns of an entry with its bytes.
pub const WHOLE: &str = "seq, id, run, source, record, line, code, correlation, integration, \
                         body, sum, attempts, counted, maybe_dup, next_ms, last_status, last_error";

/// The columns of an entry without its bytes.
pub const BARE: &str = "seq, id, run, source, record, line, code, correlation, integration, \
                        x'' AS body, sum, attempts, counted, maybe_dup, next_ms, last_status, \
                        last_error";

/// The columns of everything that is known of a record.
pub const STORED: &str = "id, dest, source, record, line, code, correlation, integration, body, \
                          sum, accepted_ms, state, attempts, counted, maybe_dup, next_ms, \
                          last_status, last_error";

/// A row whose values may be anything: what cannot be read is left empty and remembered, so that
/// one row that has changed on the disk does not keep the others back.
pub struct Lenient<'r, 's> {
    row: &'r Row<'s>,
    /// Whether everything could be read.
    pub intact: bool,
}

impl<'r, 's> Lenient<'r, 's> {
    /// Nothing was read yet.
    pub fn new(row: &'r Row<'s>) -> Lenient<'r, 's> {
        Lenient { row, intact: true }
    }

    /// A value, or an empty one.
    pub fn get<T: FromSql + Default>(&mut self, column: usize) -> T {
        let read = self.row.get(column);
        self.intact &= read.is_ok();
        read.unwrap_or_default()
    }
}

/// What a row of the columns of [`WHOLE`] says of a record's place.
pub struct FoundRow {
    /// Its journey.
    pub key: Key,
    /// Its place.
    pub place: Queued,
}

/// The place of a record. A row that has changed on the disk is recognised when it is read whole.
pub fn found(site: &Site, row: &Row<'_>) -> FoundRow {
    let mut row = Lenient::new(row);
    let seq = row.get(0);
    let run: Vec<u8> = row.get(2);
    let correlation: Option<String> = row.get(7);
    let integration: Option<String> = row.get(8);
    FoundRow {
        key: journey(correlation.as_deref(), integration.as_deref(), seq),
        place: Queued {
            seq,
            due: row.get(14),
            own: site.is_own(&run),
        },
    }
}

/// An entry of the columns of [`WHOLE`] or [`BARE`], and whether it is what it was.
pub fn entry(site: &Site, row: &Row<'_>) -> (Entry, bool) {
    let mut row = Lenient::new(row);
    let body: Vec<u8> = row.get(9);
    let same = checksum(&body) == row.get::<i64>(10);
    let run: Vec<u8> = row.get(2);
    let entry = Entry {
        seq: row.get(0),
        id: id(&row.get::<Vec<u8>>(1)),
        own: site.is_own(&run),
        record: record(&mut row, 3, body),
        attempts: row.get(11),
        counted: row.get(12),
        others: None,
        maybe_duplicate: row.get(13),
        due: row.get(14),
        first: None,
        http: row.get(15),
        problem: stored_problem(row.get(16)),
    };
    (entry, same && row.intact)
}

/// Everything that a row of the columns of [`STORED`] says.
pub fn stored(row: &Row<'_>) -> Stored {
    let mut row = Lenient::new(row);
    let body = row.get(8);
    Stored {
        id: id(&row.get::<Vec<u8>>(0)),
        run: None,
        destination: row.get(1),
        record: record(&mut row, 2, body),
        sum: row.get(9),
        accepted: row.get(10),
        state: State::find(&row.get::<String>(11)),
        attempts: row.get(12),
        counted: row.get(13),
        maybe_duplicate: row.get(14),
        next_attempt: row.get(15),
        http: row.get(16),
        problem: stored_problem(row.get(17)),
    }
}

/// A record whose columns from its source to its integration key begin with the `first`.
pub fn record(row: &mut Lenient<'_, '_>, first: usize, body: Vec<u8>) -> Record {
    Record {
        body: body.into(),
        source: row.get::<String>(first).into(),
        number: row.get::<i64>(first + 1).cast_unsigned(),
        line: row.get::<i64>(first + 2).cast_unsigned(),
        event_code: row.get(first + 3),
        correlation_id: row.get(first + 4),
        integration_key: row.get(first + 5),
    }
}

/// Adds records as rows.
pub struct Insertion<'c>(CachedStatement<'c>);

impl Insertion<'_> {
    /// Adds to the database of this connection.
    pub fn on(connection: &Connection) -> rusqlite::Result<Insertion<'_>> {
        let insert = connection.prepare_cached(
            "INSERT OR IGNORE INTO event (id, run, dest, source, record, line, code, correlation, \
             integration, body, sum, accepted_ms, state, attempts, counted, maybe_dup, next_ms, \
             last_status, last_error) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        )?;
        Ok(Insertion(insert))
    }

    /// Adds a record unless its id is there; whether it was not. One whose run is not known
    /// counts as this `run`'s.
    pub fn add(&mut self, stored: &Stored, run: Uuid) -> rusqlite::Result<bool> {
        let record = &stored.record;
        let added = self.0.execute(params![
            stored.id.as_bytes(),
            stored.run.unwrap_or(run).as_bytes(),
            stored.destination,
            record.source.as_ref(),
            record.number.cast_signed(),
            record.line.cast_signed(),
            record.event_code,
            record.correlation_id,
            record.integration_key,
            record.body.as_ref(),
            stored.sum,
            stored.accepted,
            stored.state.name(),
            stored.attempts,
            stored.counted,
            stored.maybe_duplicate,
            stored.next_attempt,
            stored.http,
            problem_text(stored.problem.as_ref()),
        ])?;
        Ok(added > 0)
    }
}

/// An id; one that has changed on the disk is nobody's.
pub fn id(bytes: &[u8]) -> Uuid {
    Uuid::from_slice(bytes).unwrap_or_default()
}
