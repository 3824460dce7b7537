//! The side that accepts: records into rows, or into the inbox where the database cannot be used.

use super::arrivals;
use super::engine::{is_busy, is_full, used_bytes};
use super::fallback::Fallback;
use super::high_water::MarkFile;
use super::rows::Insertion;
use super::schema::last_seq;
use super::site::{Site, locked};
use crate::spool::stored::Stored;
use crate::spool::{AcceptedRecord, Error, Receipt};
use rusqlite::{Connection, TransactionBehavior};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use uuid::Uuid;

/// What belongs to accepting.
pub struct Acceptor {
    site: Arc<Site>,
    /// Its commits survive the loss of power when they return.
    writer: Mutex<Connection>,
    max_bytes: u64,
    mark: OnceLock<MarkFile>,
    pub fallback: Fallback,
}

impl Acceptor {
    /// The accepting side of a spool of at most so many bytes.
    pub fn new(site: Arc<Site>, writer: Connection, max_bytes: u64) -> Acceptor {
        Acceptor {
            site,
            writer: Mutex::new(writer),
            max_bytes,
            mark: OnceLock::new(),
            fallback: Fallback::default(),
        }
    }

    /// The connection to write on.
    pub fn writer(&self) -> MutexGuard<'_, Connection> {
        locked(&self.writer)
    }

    /// Accepts records; where they are in the database. None of them is, where they went into the
    /// inbox.
    pub fn accept(&self, records: Vec<AcceptedRecord>, ids: &[Uuid]) -> Result<Vec<i64>, Error> {
        let site = &self.site;
        let now = (site.clock)();
        let stored = |(record, id): (AcceptedRecord, &Uuid)| {
            Stored::new(*id, site.run, site.dest.clone(), now, record)
        };
        let batch: Vec<Stored> = records.into_iter().zip(ids).map(stored).collect();
        if !self.fallback.has_begun() {
            match self.insert(&batch) {
                Ok(Some(places)) => return Ok(places),
                Ok(None) => return Err(not_accepted("the spool is full", &batch)),
                Err(error) if is_full(&error) => {
                    return Err(not_accepted("the disk is full", &batch));
                }
                Err(error) => {
                    site.folder.suspect_after(&error);
                    self.fallback.begin(&error);
                }
            }
        }
        let written = site.folder.inbox().write(&Uuid::now_v7(), &batch);
        written.map_err(|error| {
            let about = not_accepted("the spool's storage has failed", &batch);
            Error::Storage(format!("{about} ({error})"))
        })?;
        self.fallback.add(batch);
        Ok(Vec::new())
    }

    fn insert(&self, batch: &[Stored]) -> rusqlite::Result<Option<Vec<i64>>> {
        let site = &self.site;
        let _turn = site.turn();
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let bytes = batch.iter().map(|stored| stored.record.body.len() as u64);
        if used_bytes(&transaction)? + bytes.sum::<u64>() > self.max_bytes {
            return Ok(None);
        }
        // What others had to put into the inbox came first and goes first.
        let taken = arrivals::take(&site.folder, &transaction)?;
        // Nothing newer is handed out before its receipt is out.
        site.receipted
            .store(last_seq(&transaction)?, Ordering::SeqCst);
        let mut places = Vec::with_capacity(batch.len());
        {
            let mut insertion = Insertion::on(&transaction)?;
            for stored in batch {
                insertion.add(stored, site.run)?;
                places.push(transaction.last_insert_rowid());
            }
        }
        transaction.commit()?;
        site.still_there()?;
        if let Some(last) = places.last() {
            let mark = || MarkFile::open(&site.folder, site.database);
            self.mark.get_or_init(mark).set(*last);
        }
        taken.clear();
        Ok(Some(places))
    }

    /// Takes what is in the inbox into the database.
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

/// Says which records were not accepted.
fn not_accepted(why: &str, batch: &[Stored]) -> Error {
    let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
        return Error::Storage(why.to_owned());
    };
    let (first, last, source) = (first.record.line, last.record.line, &last.record.source);
    let lines = if first == last {
        format!("line {first}")
    } else {
        format!("lines {first} to {last}")
    };
    Error::Storage(format!(
        "{why}: {lines} of {source} and what follows were not accepted"
    ))
}

/// The receipts of records.
pub fn receipts(records: &[AcceptedRecord], ids: &[Uuid]) -> Vec<Receipt> {
    let receipt = |(record, id): (&AcceptedRecord, &Uuid)| Receipt {
        id: *id,
        source: record.source.clone(),
        number: record.number,
        line: record.line,
        event_code: record.event_code.clone(),
        correlation_id: record.correlation_id.clone(),
    };
    records.iter().zip(ids).map(receipt).collect()
}
