//! Rows as entries.

use super::{Purpose, Sqlite};
use crate::model::delivery::Problem;
use crate::spool::store::sum;
use crate::spool::{Entry, Record};
use rusqlite::Row;
use uuid::Uuid;

/// The columns of an entry with its bytes.
pub const WHOLE: &str = "seq, id, run, source, record, line, code, correlation, integration, \
                         body, sum, attempts, counted, maybe_dup, next_ms, last_status, last_error";

/// The columns of an entry without its bytes.
pub const BARE: &str = "seq, id, run, source, record, line, code, correlation, integration, \
                        x'' AS body, sum, attempts, counted, maybe_dup, next_ms, last_status, \
                        last_error";

impl Sqlite {
    /// An entry, and whether its bytes are what they were.
    pub(super) fn entry(&self, row: &Row<'_>) -> rusqlite::Result<(Entry, bool)> {
        let body: Vec<u8> = row.get(9)?;
        let sound = sum(&body) == row.get::<_, i64>(10)?;
        let run: Vec<u8> = row.get(2)?;
        let entry = Entry {
            seq: row.get(0)?,
            id: Uuid::from_slice(&row.get::<_, Vec<u8>>(1)?).unwrap_or_default(),
            own: self.purpose != Purpose::Own || run == self.run.as_bytes(),
            record: Record {
                body: body.into(),
                source: row.get::<_, String>(3)?.into(),
                number: row.get::<_, i64>(4)?.cast_unsigned(),
                line: row.get::<_, i64>(5)?.cast_unsigned(),
                event_code: row.get(6)?,
                correlation_id: row.get(7)?,
                integration_key: row.get(8)?,
            },
            attempts: row.get(11)?,
            counted: row.get(12)?,
            others: None,
            maybe_duplicate: row.get(13)?,
            due: row.get(14)?,
            first: None,
            http: row.get(15)?,
            problem: problem(row.get(16)?),
        };
        Ok((entry, sound))
    }
}

fn problem(text: Option<String>) -> Option<Problem> {
    let value: serde_json::Value = serde_json::from_str(&text?).ok()?;
    let part = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Some(Problem {
        title: part("title")?,
        detail: part("detail"),
        type_code: part("typeCode"),
        uuid: part("uuid"),
    })
}
