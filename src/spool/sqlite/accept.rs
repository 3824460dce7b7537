//! The side that accepts: records into rows, or into the inbox where the database cannot be used.

use super::arrivals;
use super::beside::Beside;
use super::engine::{is_busy, is_full, used_bytes};
use super::high_water::Mark;
use super::schema::last_seq;
use super::site::{Site, locked};
use crate::spool::checksum::sum;
use crate::spool::{Error, Receipt, Record};
use rusqlite::{Connection, TransactionBehavior, params};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use uuid::Uuid;

/// What belongs to accepting.
pub struct Acceptor {
    site: Arc<Site>,
    /// Its commits survive the loss of power when they return.
    writer: Mutex<Connection>,
    max_bytes: u64,
    mark: OnceLock<Mark>,
    pub beside: Beside,
}

impl Acceptor {
    /// The accepting side of a spool of at most so many bytes.
    pub fn new(site: Arc<Site>, writer: Connection, max_bytes: u64) -> Acceptor {
        Acceptor {
            site,
            writer: Mutex::new(writer),
            max_bytes,
            mark: OnceLock::new(),
            beside: Beside::default(),
        }
    }

    /// The connection to write on.
    pub fn writer(&self) -> MutexGuard<'_, Connection> {
        locked(&self.writer)
    }

    /// Takes records; where they are in the database. None of them is, where they went into the
    /// inbox.
    pub fn take(&self, records: Vec<Record>, ids: &[Uuid]) -> Result<Vec<i64>, Error> {
        let lines = Lines::of(&records);
        if !self.beside.has_begun() {
            match self.insert(&records, ids) {
                Ok(Some(places)) => return Ok(places),
                Ok(None) => return Err(lines.not_accepted("the spool is full")),
                Err(error) if is_full(&error) => {
                    return Err(lines.not_accepted("the disk is full"));
                }
                Err(error) => {
                    self.site.folder.suspect_after(&error);
                    self.beside.begin(&error);
                }
            }
        }
        let kept = self.beside.accept(&self.site, records, ids);
        kept.map_err(|error| {
            let about = lines.not_accepted("the spool's storage has failed");
            Error::Storage(format!("{about} ({error})"))
        })?;
        Ok(Vec::new())
    }

    fn insert(&self, records: &[Record], ids: &[Uuid]) -> rusqlite::Result<Option<Vec<i64>>> {
        let site = &self.site;
        let _turn = site.turn();
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let more: u64 = records.iter().map(|record| record.body.len() as u64).sum();
        if used_bytes(&transaction)? + more > self.max_bytes {
            return Ok(None);
        }
        // What others had to put beside the database came first and goes first.
        let taken = arrivals::take(&site.folder, &transaction)?;
        // Nothing newer is handed out before its receipt is out.
        site.receipted
            .store(last_seq(&transaction)?, Ordering::SeqCst);
        let now = (site.clock)();
        let mut places = Vec::with_capacity(records.len());
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO event (id, run, dest, source, record, line, code, correlation, \
                 integration, body, sum, accepted_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            )?;
            for (record, id) in records.iter().zip(ids) {
                insert.execute(params![
                    id.as_bytes(),
                    site.run.as_bytes(),
                    site.dest,
                    record.source.as_ref(),
                    record.number.cast_signed(),
                    record.line.cast_signed(),
                    record.event_code,
                    record.correlation_id,
                    record.integration_key,
                    record.body.as_ref(),
                    sum(&record.body),
                    now,
                ])?;
                places.push(transaction.last_insert_rowid());
            }
        }
        transaction.commit()?;
        site.still_there()?;
        if let Some(last) = places.last() {
            let mark = || Mark::open(&site.folder, site.database);
            self.mark.get_or_init(mark).set(*last);
        }
        taken.clear();
        Ok(Some(places))
    }

    /// Takes what stands in the inbox into the database.
    pub fn take_in_inbox(&self) -> rusqlite::Result<()> {
        if self.site.folder.inbox().is_empty() {
            return Ok(());
        }
        let _turn = self.site.turn();
        match arrivals::take_alone(&self.site.folder, &mut self.writer()) {
            // It stays where it is, and what is in the database can be sent all the same.
            Err(error) if is_full(&error) || is_busy(&error) => Ok(()),
            taken => taken.map(drop),
        }
    }
}

/// Where records came from, for saying that they were not accepted.
struct Lines {
    source: Arc<str>,
    first: u64,
    last: u64,
}

impl Lines {
    fn of(records: &[Record]) -> Lines {
        let (first, last) = (records.first(), records.last());
        Lines {
            source: last.map_or_else(|| "".into(), |record| record.source.clone()),
            first: first.map_or(0, |record| record.line),
            last: last.map_or(0, |record| record.line),
        }
    }

    fn not_accepted(&self, why: &str) -> Error {
        let lines = match (self.first, self.last) {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first} to {last}"),
        };
        let source = &self.source;
        Error::Storage(format!(
            "{why}: {lines} of {source} and what follows were not accepted"
        ))
    }
}

/// The receipts of records.
pub fn receipts(records: &[Record], ids: &[Uuid]) -> Vec<Receipt> {
    let receipt = |(record, id): (&Record, &Uuid)| Receipt {
        id: *id,
        source: record.source.clone(),
        number: record.number,
        line: record.line,
        event_code: record.event_code.clone(),
        correlation_id: record.correlation_id.clone(),
    };
    records.iter().zip(ids).map(receipt).collect()
}
