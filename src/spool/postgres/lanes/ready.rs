//! Records with their bytes, ready to be claimed.

use crate::spool::Entry;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes that are held at most, beside those of records under way.
const MOST_BYTES: usize = 8 << 20;

/// How long a record is held that nobody claims. A person may change it meanwhile.
const HELD: Duration = Duration::from_secs(2);

/// The records that are held, in the order in which they are handed out.
#[derive(Debug, Default)]
pub(super) struct Ready {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// Since when there are some.
    since: Option<Instant>,
}

impl Ready {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no more bytes are to be held.
    pub fn is_full(&self) -> bool {
        self.bytes >= MOST_BYTES
    }

    pub fn push(&mut self, entry: Entry) {
        self.bytes += entry.record.body.len();
        self.entries.push_back(entry);
        self.since.get_or_insert_with(Instant::now);
    }

    /// Hands out up to so many.
    pub fn claim(&mut self, most: usize) -> Vec<Entry> {
        let most = most.min(self.entries.len());
        let claimed: Vec<Entry> = self.entries.drain(..most).collect();
        let bytes: usize = claimed.iter().map(|entry| entry.record.body.len()).sum();
        self.bytes -= bytes;
        if self.entries.is_empty() {
            self.since = None;
        }
        claimed
    }

    /// Everything, if it was held for long.
    pub fn stale(&mut self) -> Vec<Entry> {
        if self.since.is_none_or(|since| since.elapsed() < HELD) {
            return Vec::new();
        }
        self.claim(usize::MAX)
    }

    /// Removes those of which this is not so; the places of these.
    pub fn retain(&mut self, stays: impl Fn(&Entry) -> bool) -> Vec<i64> {
        let mut removed = Vec::new();
        self.entries.retain(|entry| {
            let stays = stays(entry);
            if !stays {
                self.bytes -= entry.record.body.len();
                removed.push(entry.seq);
            }
            stays
        });
        removed
    }
}
