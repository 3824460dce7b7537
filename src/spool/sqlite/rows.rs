//! Rows as entries.

use super::Sqlite;
use crate::spool::checksum::sum;
use crate::spool::{Entry, Record, stored_problem};
use rusqlite::Row;
use rusqlite::types::FromSql;
use uuid::Uuid;

/// The columns of an entry with its bytes.
pub const WHOLE: &str = "seq, id, run, source, record, line, code, correlation, integration, \
                         body, sum, attempts, counted, maybe_dup, next_ms, last_status, last_error";

/// The columns of an entry without its bytes.
pub const BARE: &str = "seq, id, run, source, record, line, code, correlation, integration, \
                        x'' AS body, sum, attempts, counted, maybe_dup, next_ms, last_status, \
                        last_error";

/// A row whose values may be anything: what cannot be read is left empty and remembered, so that
/// one row that has changed on the disk does not keep the others back.
pub struct Lenient<'r, 's> {
    row: &'r Row<'s>,
    /// Whether everything could be read.
    pub sound: bool,
}

impl<'r, 's> Lenient<'r, 's> {
    /// Nothing was read yet.
    pub fn new(row: &'r Row<'s>) -> Lenient<'r, 's> {
        Lenient { row, sound: true }
    }

    /// A value, or an empty one.
    pub fn get<T: FromSql + Default>(&mut self, column: usize) -> T {
        let read = self.row.get(column);
        self.sound &= read.is_ok();
        read.unwrap_or_default()
    }
}

impl Sqlite {
    /// An entry, and whether it is what it was.
    pub(super) fn entry(&self, row: &Row<'_>) -> (Entry, bool) {
        let mut row = Lenient::new(row);
        let body: Vec<u8> = row.get(9);
        let same = sum(&body) == row.get::<i64>(10);
        let run: Vec<u8> = row.get(2);
        let id: Vec<u8> = row.get(1);
        let entry = Entry {
            seq: row.get(0),
            id: Uuid::from_slice(&id).unwrap_or_default(),
            own: self.is_own(&run),
            record: Record {
                body: body.into(),
                source: row.get::<String>(3).into(),
                number: row.get::<i64>(4).cast_unsigned(),
                line: row.get::<i64>(5).cast_unsigned(),
                event_code: row.get(6),
                correlation_id: row.get(7),
                integration_key: row.get(8),
            },
            attempts: row.get(11),
            counted: row.get(12),
            others: None,
            maybe_duplicate: row.get(13),
            due: row.get(14),
            first: None,
            http: row.get(15),
            problem: stored_problem(row.get(16)),
        };
        (entry, same && row.sound)
    }
}
