//! Records that were read ahead with their bytes, so that many come of one query.

use crate::spool::Entry;
use std::collections::HashMap;

/// Bytes that are held at most, if there is more than one record.
const MOST_BYTES: usize = 2 << 20;

/// Records that are due, by number; each with whether it is what it was.
#[derive(Default)]
pub struct Window {
    held: HashMap<i64, (Entry, bool)>,
    bytes: usize,
}

impl Window {
    /// Whether another one may be held.
    pub fn has_room(&self) -> bool {
        self.bytes < MOST_BYTES
    }

    /// Holds a record, unless it is held.
    pub fn hold(&mut self, seq: i64, read: impl FnOnce() -> (Entry, bool)) {
        let bytes = &mut self.bytes;
        self.held.entry(seq).or_insert_with(|| {
            let read = read();
            *bytes += read.0.record.body.len();
            read
        });
    }

    /// Gives a record out.
    pub fn take(&mut self, seq: i64) -> Option<(Entry, bool)> {
        let taken = self.held.remove(&seq)?;
        self.bytes -= taken.0.record.body.len();
        Some(taken)
    }
}
