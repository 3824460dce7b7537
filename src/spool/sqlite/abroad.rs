//! Records of this run while another process sends: what became of them is seen only by their
//! absence, so what is to be told of them is remembered in a table of this connection's own. The
//! engine moves it out of memory when it grows.

use super::drain::{Drain, LOOK};
use super::interventions::lost;
use super::rows::BARE;
use super::{Sqlite, locked};
use crate::model::delivery::Problem;
use crate::spool::{Entry, Purpose, Record, Settlement};
use rusqlite::{OptionalExtension, Row, params};
use std::time::Instant;
use uuid::Uuid;

/// Records that are told of at once.
const PAGE: usize = 512;

const TABLE: &str = "CREATE TEMP TABLE IF NOT EXISTS abroad (seq INTEGER PRIMARY KEY, id BLOB, \
                     source TEXT, record INTEGER, line INTEGER, code TEXT, correlation TEXT)";

impl Drain {
    /// Remembers records that somebody else may send.
    pub fn remember(
        &mut self,
        places: &[i64],
        ids: &[Uuid],
        records: &[Record],
    ) -> rusqlite::Result<()> {
        self.connection.execute_batch(TABLE)?;
        let transaction = self.connection.transaction()?;
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
        self.abroad += places.len() as u64;
        self.seen = -1;
        Ok(())
    }

    /// Leaves records to another process, and reports that in place of their results.
    fn leave(&mut self, places: &[i64], ids: &[Uuid], records: &[Record], why: &Problem) {
        for ((seq, id), record) in places.iter().zip(ids).zip(records) {
            let record = Record {
                body: bytes::Bytes::new(),
                ..record.clone()
            };
            let mut entry = Entry::new(*seq, *id, record);
            entry.problem = Some(why.clone());
            self.given_up.insert(*seq);
            self.ended.push((entry, Settlement::GivenUp));
        }
    }

    /// A record that is settled here is nobody else's to settle.
    pub fn forget(&mut self, seq: i64) -> rusqlite::Result<()> {
        if self.abroad == 0 {
            return Ok(());
        }
        let gone = self
            .connection
            .prepare_cached("DELETE FROM temp.abroad WHERE seq = ?")?
            .execute([seq])?;
        self.abroad -= gone as u64;
        Ok(())
    }

    /// Some of the records that have left the spool or are not tried again, the oldest first, and
    /// whether they have left.
    fn gone(&self) -> rusqlite::Result<Vec<(Entry, bool)>> {
        let mut select = self.connection.prepare_cached(
            "SELECT seq, id, source, record, line, code, correlation, \
             NOT EXISTS (SELECT 1 FROM kept WHERE kept.seq = abroad.seq) AS gone \
             FROM temp.abroad WHERE NOT EXISTS \
             (SELECT 1 FROM kept WHERE kept.seq = abroad.seq AND state = 'ready') \
             ORDER BY seq",
        )?;
        let rows = select.query_map([], |row| Ok((remembered(row)?, row.get(7)?)))?;
        rows.take(PAGE).collect()
    }

    fn was_dropped(&self, entry: &Entry) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM dropped WHERE id = ?")?
            .exists([entry.id.as_bytes()])
    }
}

impl Sqlite {
    /// What other processes have made of this run's records.
    pub(super) fn returned(
        &self,
        drain: &mut Drain,
        now: bool,
    ) -> rusqlite::Result<Vec<(Entry, Settlement)>> {
        self.heed(drain)?;
        let ended = std::mem::take(&mut drain.ended);
        if !ended.is_empty() || drain.abroad == 0 || !now && drain.looked.elapsed() < LOOK {
            return Ok(ended);
        }
        let version = drain.data_version()?;
        if version == drain.seen && !drain.holds {
            drain.looked = Instant::now();
            return Ok(Vec::new());
        }
        let gone = drain.gone()?;
        let more = gone.len() == PAGE;
        let mut returned = Vec::with_capacity(gone.len());
        for (entry, left) in gone {
            drain.forget(entry.seq)?;
            let settlement = if !left {
                Settlement::Refused
            } else if drain.was_dropped(&entry)? {
                Settlement::Lost
            } else {
                Settlement::Delivered
            };
            // What is not tried again still has its row, with what was last heard.
            let row = drain
                .connection
                .prepare_cached(&format!("SELECT {BARE} FROM kept WHERE seq = ?"))?
                .query_row([entry.seq], |row| Ok(self.entry(row)))
                .optional()?;
            let mut entry = row.map_or(entry, |(entry, _)| entry);
            if settlement == Settlement::Lost {
                // Reported here, so not again when the intervention itself is heard of.
                drain.given_up.insert(entry.seq);
                entry.problem = Some(lost());
            }
            returned.push((entry, settlement));
        }
        if more {
            // The rest of it at once.
            self.news.notify_one();
        } else {
            drain.looked = Instant::now();
            drain.seen = version;
            if drain.holds {
                // From now on nobody else settles them.
                drain.connection.execute_batch("DELETE FROM temp.abroad")?;
                drain.abroad = 0;
            }
        }
        Ok(returned)
    }

    /// Remembers accepted records that another process may send.
    pub(super) fn watch(&self, places: &[i64], ids: &[Uuid], records: &[Record]) {
        if self.purpose == Purpose::Accept {
            return;
        }
        let mut drain = locked(&self.drain);
        if let Err(error) = drain.remember(places, ids, records) {
            let title = format!(
                "in the spool, and another process sends it; its result is not known here: {error}"
            );
            let why = Problem {
                title,
                ..Problem::default()
            };
            drain.leave(places, ids, records, &why);
        }
    }
}

fn remembered(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let id: Vec<u8> = row.get(1)?;
    let record = Record {
        body: bytes::Bytes::new(),
        source: row.get::<_, String>(2)?.into(),
        number: row.get::<_, i64>(3)?.cast_unsigned(),
        line: row.get::<_, i64>(4)?.cast_unsigned(),
        event_code: row.get(5)?,
        correlation_id: row.get(6)?,
        integration_key: None,
    };
    let id = Uuid::from_slice(&id).unwrap_or_default();
    Ok(Entry::new(row.get(0)?, id, record))
}
