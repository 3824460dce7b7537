//! Rows that are read ahead of the sending: their places into the queue, and of those that are due
//! the bytes as well, so that many records come of one query.

use super::rows::{FoundRow, WHOLE, entry, found};
use super::site::Site;
use crate::spool::Entry;
use crate::spool::queue::Queue;
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// Rows are read until so many records can be sent that were never tried. What waits or is due again
/// does not count: however many records that is, others are found behind them.
const ENOUGH: usize = 1024;

/// Places that are remembered at most.
const MOST: usize = 1 << 19;

/// Rows that are looked at before something else may happen.
const STRIDE: usize = 4096;

/// Rows that are read at once.
const PAGE: usize = 256;

/// Bytes that are held at most, if there is more than one record.
const MOST_BYTES: usize = 2 << 20;

/// The furthest a next try may lie ahead, with a minute for clocks that differ; more means that
/// the clock was set back.
const FURTHEST: i64 = 16 * 60 * 1000;

/// How far the rows were read.
pub struct RowWindow {
    /// Records that are due, by number; each with whether it is what it was.
    held: HashMap<i64, (Entry, bool)>,
    bytes: usize,
    /// The last row that was read into the queue.
    pub cursor: i64,
    /// Whether everything there was has been read, in this state of the database.
    pub exhausted: bool,
    /// The state of the database.
    pub version: i64,
    /// Whether the reading was interrupted for something else.
    pub more: bool,
    /// How many records can be claimed before it is worth reading more.
    pub credit: usize,
}

/// The instant before which a record is not tried. One that no server can have asked for was
/// written by another clock, and means nothing.
pub fn believable(due: i64, now: i64) -> i64 {
    if due > now.saturating_add(FURTHEST) {
        0
    } else {
        due
    }
}

impl RowWindow {
    /// Nothing was read yet.
    pub fn new() -> RowWindow {
        RowWindow {
            held: HashMap::new(),
            bytes: 0,
            cursor: 0,
            exhausted: false,
            version: -1,
            more: false,
            credit: 0,
        }
    }

    /// Everything is read from the first row on.
    pub fn restart(&mut self) {
        self.rewind(1);
        self.version = -1;
    }

    /// The rows from this one on are read once more.
    pub fn rewind(&mut self, seq: i64) {
        self.cursor = self.cursor.min(seq - 1);
        self.exhausted = false;
        self.credit = 0;
    }

    /// Whether too few can be sent to go on without reading.
    pub fn is_low(queue: &Queue) -> bool {
        queue.untried(ENOUGH) < ENOUGH / 2
    }

    /// Reckons for how many claims what was read is enough.
    pub fn reckon(&mut self, queue: &Queue) {
        self.credit = queue.untried(ENOUGH).saturating_sub(ENOUGH / 2);
    }

    /// Reads rows into the queue, in this state of the database, until enough of them can be sent;
    /// `skip` says which have been reported.
    pub fn read(
        &mut self,
        connection: &Connection,
        site: &Site,
        version: i64,
        now: i64,
        queue: &mut Queue,
        skip: &dyn Fn(&FoundRow) -> bool,
    ) -> rusqlite::Result<()> {
        if version != self.version {
            self.version = version;
            self.exhausted = false;
        }
        self.more = false;
        let mut looked_at = 0;
        while !self.exhausted && queue.len() < MOST && queue.untried(ENOUGH) < ENOUGH {
            if looked_at >= STRIDE {
                self.more = true;
                break;
            }
            let receipted = site.receipted.load(Ordering::SeqCst);
            let read = self.page(connection, site, receipted, now, &mut |found| {
                let queued = !skip(found);
                if queued {
                    queue.push(found.key, found.place);
                }
                queued
            })?;
            let last_page = read < PAGE;
            // Rows whose receipts are still to come are not seen yet: look again later.
            self.exhausted = last_page && receipted == i64::MAX;
            looked_at += read;
            if last_page {
                break;
            }
        }
        Ok(())
    }

    /// Reads the next rows, up to the last whose receipt is out; how many. Those that are taken and
    /// due are held.
    fn page(
        &mut self,
        connection: &Connection,
        site: &Site,
        receipted: i64,
        now: i64,
        take: &mut dyn FnMut(&FoundRow) -> bool,
    ) -> rusqlite::Result<usize> {
        let mut select = connection.prepare_cached(&format!(
            "SELECT {WHOLE} FROM kept \
             WHERE dest = ? AND state = 'ready' AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
        ))?;
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let mut rows = select.query(params![site.dest, self.cursor, receipted, limit])?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            read += 1;
            let mut found = found(site, row);
            found.place.due = believable(found.place.due, now);
            self.cursor = found.place.seq;
            if take(&found) && found.place.due <= now && self.bytes < MOST_BYTES {
                self.hold(found.place.seq, entry(site, row));
            }
        }
        Ok(read)
    }

    fn hold(&mut self, seq: i64, read: (Entry, bool)) {
        self.bytes += read.0.record.body.len();
        if let Some((before, _)) = self.held.insert(seq, read) {
            self.bytes -= before.record.body.len();
        }
    }

    /// Gives out a record that is held.
    pub fn take(&mut self, seq: i64) -> Option<(Entry, bool)> {
        let taken = self.held.remove(&seq)?;
        self.bytes -= taken.0.record.body.len();
        Some(taken)
    }
}
