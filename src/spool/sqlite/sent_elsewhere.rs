//! Records of this run while another process sends: what became of them is seen only by their
//! absence, so what is to be reported of them is remembered in a table of this connection's own.
//! The engine moves it out of memory when it grows.

use super::interventions::{data_version, lost};
use super::rows::{BARE, entry, id};
use super::site::Site;
use crate::spool::{AcceptedRecord, Entry, Settlement};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often a process that does not send looks what became of its records.
pub const LOOK: Duration = Duration::from_millis(50);

/// Records that are reported at once.
const PAGE: usize = 512;

const TABLE: &str = "CREATE TEMP TABLE IF NOT EXISTS abroad (seq INTEGER PRIMARY KEY, id BLOB, \
                     source TEXT, record INTEGER, line INTEGER, code TEXT, correlation TEXT)";

/// The records that are left to another process.
pub struct SentElsewhere {
    count: u64,
    looked: Instant,
    /// The state of the database in which nothing more was found to report.
    seen: i64,
}

/// What has become of records.
pub struct Returned {
    /// How each ended.
    pub ended: Vec<(Entry, Settlement)>,
    /// Whether there are more.
    pub more: bool,
}

impl SentElsewhere {
    /// None.
    pub fn new() -> SentElsewhere {
        SentElsewhere {
            count: 0,
            looked: Instant::now(),
            seen: -1,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Remembers records that somebody else may send.
    pub fn remember(
        &mut self,
        connection: &mut Connection,
        places: &[i64],
        ids: &[Uuid],
        records: &[AcceptedRecord],
    ) -> rusqlite::Result<()> {
        connection.execute_batch(TABLE)?;
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction
                .prepare_cached("INSERT OR IGNORE INTO temp.abroad VALUES (?,?,?,?,?,?,?)")?;
            for ((seq, id), record) in places.iter().zip(ids).zip(records) {
                insert.execute(params![
                    seq,
                    id.as_bytes(),
                    record.source.as_ref(),
                    record.number.cast_signed(),
                    record.line.cast_signed(),
                    record.event_code,
                    record.correlation_id,
                ])?;
            }
        }
        transaction.commit()?;
        self.count += places.len() as u64;
        self.seen = -1;
        Ok(())
    }

    /// A record that is settled here is nobody else's to settle.
    pub fn forget(&mut self, connection: &Connection, seq: i64) -> rusqlite::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let gone = connection
            .prepare_cached("DELETE FROM temp.abroad WHERE seq = ?")?
            .execute([seq])?;
        self.count -= gone as u64;
        Ok(())
    }

    /// What other processes have made of them; `holds` says that there are no others any more.
    /// Without `now` it is not always looked.
    pub fn returned(
        &mut self,
        connection: &Connection,
        site: &Site,
        holds: bool,
        now: bool,
    ) -> rusqlite::Result<Returned> {
        let mut returned = Returned {
            ended: Vec::new(),
            more: false,
        };
        if self.count == 0 || !now && self.looked.elapsed() < LOOK {
            return Ok(returned);
        }
        let version = data_version(connection)?;
        if version == self.seen && !holds {
            self.looked = Instant::now();
            return Ok(returned);
        }
        for (entry, left) in gone(connection)? {
            self.forget(connection, entry.seq)?;
            returned.ended.push(ended(connection, site, entry, left)?);
        }
        returned.more = returned.ended.len() == PAGE;
        if !returned.more {
            self.looked = Instant::now();
            self.seen = version;
            if holds {
                // From now on nobody else settles them.
                connection.execute_batch("DELETE FROM temp.abroad")?;
                self.count = 0;
            }
        }
        Ok(returned)
    }
}

/// Some of the records that have left the spool or are not tried again, the oldest first, and
/// whether they have left.
fn gone(connection: &Connection) -> rusqlite::Result<Vec<(Entry, bool)>> {
    let mut select = connection.prepare_cached(
        "SELECT seq, id, source, record, line, code, correlation, \
         NOT EXISTS (SELECT 1 FROM kept WHERE kept.seq = abroad.seq) AS gone \
         FROM temp.abroad WHERE NOT EXISTS \
         (SELECT 1 FROM kept WHERE kept.seq = abroad.seq AND state = 'ready') \
         ORDER BY seq",
    )?;
    let rows = select.query_map([], |row| Ok((remembered(row)?, row.get(7)?)))?;
    rows.take(PAGE).collect()
}

/// How a record ended that has left, or is not tried again.
fn ended(
    connection: &Connection,
    site: &Site,
    remembered: Entry,
    left: bool,
) -> rusqlite::Result<(Entry, Settlement)> {
    if !left {
        // It still has its row, with the last answer.
        let row = connection
            .prepare_cached(&format!("SELECT {BARE} FROM kept WHERE seq = ?"))?
            .query_row([remembered.seq], |row| Ok(entry(site, row)))
            .optional()?;
        let entry = row.map_or(remembered, |(entry, _)| entry);
        return Ok((entry, Settlement::Refused));
    }
    let was_dropped = connection
        .prepare_cached("SELECT 1 FROM dropped WHERE id = ?")?
        .exists([remembered.id.as_bytes()])?;
    if !was_dropped {
        return Ok((remembered, Settlement::Delivered));
    }
    let problem = Some(lost());
    Ok((
        Entry {
            problem,
            ..remembered
        },
        Settlement::Lost,
    ))
}

fn remembered(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let record = AcceptedRecord {
        body: bytes::Bytes::new(),
        source: row.get::<_, String>(2)?.into(),
        number: row.get::<_, i64>(3)?.cast_unsigned(),
        line: row.get::<_, i64>(4)?.cast_unsigned(),
        event_code: row.get(5)?,
        correlation_id: row.get(6)?,
        integration_key: None,
    };
    let id = id(&row.get::<_, Vec<u8>>(1)?);
    Ok(Entry::new(row.get(0)?, id, record))
}
