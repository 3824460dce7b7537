//! What waits for a destination, as far as it was read: places in the queue, and what this run
//! knows of their records.

use super::interventions::{Intervention, lost};
use super::rows::{FoundRow, WHOLE, entry};
use super::site::Site;
use super::window::RowWindow;
use crate::spool::queue::{Key, Queue, Queued};
use crate::spool::{Entry, Purpose, Settlement};
use rusqlite::{Connection, OptionalExtension};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What waits for a destination, as far as it was read.
pub struct SendQueue {
    site: Arc<Site>,
    pub queue: Queue,
    pub window: RowWindow,
    /// Journeys that this run has given up, and the record on whose account.
    pub parked: HashMap<Key, Queued>,
    /// Whether records of other runs are left alone, because the disk has no room to note in any
    /// case what was delivered. Nor are they overtaken.
    pub own_only: bool,
    /// Records that were reported though they are still there.
    pub given_up: HashSet<i64>,
    /// Records that wait for another try, without their bytes.
    tried: HashMap<i64, Entry>,
    /// Records under way that were dropped meanwhile.
    dropped: HashSet<i64>,
}

impl SendQueue {
    /// Nothing was read yet.
    pub fn new(site: Arc<Site>) -> SendQueue {
        SendQueue {
            site,
            queue: Queue::default(),
            window: RowWindow::new(),
            parked: HashMap::new(),
            own_only: false,
            given_up: HashSet::new(),
            tried: HashMap::new(),
            dropped: HashSet::new(),
        }
    }

    /// Reads rows into the queue, in this state of the database; `delivered` knows those whose
    /// rows may say nothing of it yet.
    pub fn read(
        &mut self,
        connection: &Connection,
        version: i64,
        now: i64,
        delivered: &dyn Fn(i64) -> bool,
    ) -> rusqlite::Result<()> {
        let given_up = &self.given_up;
        let parked = RefCell::new(&mut self.parked);
        let own_only = self.own_only && self.site.purpose == Purpose::Own;
        let skip = |found: &FoundRow| {
            let seq = found.place.seq;
            let mut parked = parked.borrow_mut();
            if own_only && !found.place.own {
                parked.entry(found.key).or_insert(found.place);
            }
            given_up.contains(&seq) || delivered(seq) || parked.contains_key(&found.key)
        };
        let queue = &mut self.queue;
        self.window
            .read(connection, &self.site, version, now, queue, &skip)
    }

    /// The record of a claimed place and whether its bytes are those that were accepted; none
    /// where its row is gone.
    pub fn fetch(
        &mut self,
        connection: &Connection,
        key: Key,
        place: Queued,
    ) -> rusqlite::Result<Option<(Entry, bool)>> {
        let tried = self.tried.remove(&place.seq);
        let read = match self.window.take(place.seq) {
            Some(held) => Some(held),
            None => connection
                .prepare_cached(&format!(
                    "SELECT {WHOLE} FROM kept WHERE seq = ? AND state = 'ready'"
                ))?
                .query_row([place.seq], |row| Ok(entry(&self.site, row)))
                .optional()?,
        };
        Ok(read.map(|(read, intact)| {
            // Under the key by which it was queued, which a changed row may no longer name.
            let intact = intact && read.key() == key;
            match tried.filter(|_| intact) {
                // With what this run knows of its attempts.
                Some(mut tried) => {
                    tried.record.body = read.record.body;
                    (tried, intact)
                }
                None => (read, intact),
            }
        }))
    }

    /// Lets the journey of a settled record go on, or stand still; nothing of one that is tried
    /// again.
    pub fn settle(
        &mut self,
        mut entry: Entry,
        mut settlement: Settlement,
    ) -> Option<(Entry, Settlement)> {
        let dropped = self.dropped.remove(&entry.seq);
        if dropped && matches!(settlement, Settlement::Later | Settlement::GivenUp) {
            settlement = Settlement::Lost;
            entry.problem = Some(lost());
        }
        let (key, place) = (entry.key(), entry.queued());
        match settlement {
            Settlement::Later => {
                self.queue.put_back(key, place);
                // Its bytes are read again when its time has come.
                entry.record.body = bytes::Bytes::new();
                self.tried.insert(entry.seq, entry);
                return None;
            }
            Settlement::Delivered | Settlement::Refused | Settlement::Lost => {
                self.queue.advance(key, place);
            }
            Settlement::GivenUp => {
                // What follows in its journey must not overtake it.
                for behind in self.queue.park(key, place) {
                    self.window.take(behind.seq);
                }
                self.parked.insert(key, place);
            }
        }
        Some((entry, settlement))
    }

    /// Takes out a record that somebody has dropped; it, if that is still to be reported.
    pub fn remove(&mut self, intervention: Intervention) -> Option<Entry> {
        let Intervention {
            ready,
            run,
            mut entry,
            ..
        } = intervention;
        if self.queue.is_under_way(entry.seq) {
            // Its answer decides.
            self.dropped.insert(entry.seq);
            return None;
        }
        self.queue.remove(entry.key(), entry.seq);
        self.tried.remove(&entry.seq);
        self.window.credit = 0;
        let own = self.site.purpose == Purpose::Own && run == self.site.run.as_bytes();
        // Whatever was not ready, or was given up, has been reported.
        if own && ready && self.given_up.insert(entry.seq) {
            entry.problem = Some(lost());
            return Some(entry);
        }
        None
    }

    /// Reads the rows from one that somebody wants to be tried again on, with what follows in its
    /// journey.
    pub fn retry(&mut self, entry: &Entry) {
        // A run reports once on what it has accepted; the next one sends it.
        if self.site.purpose == Purpose::Own || self.queue.is_under_way(entry.seq) {
            return;
        }
        self.given_up.remove(&entry.seq);
        self.parked.remove(&entry.key());
        self.tried.remove(&entry.seq);
        self.queue.remove(entry.key(), entry.seq);
        self.window.rewind(entry.seq);
    }
}
