//! A spool that lives as long as the process: bounded, so that a reader never runs far ahead.

use super::queue::{Key, Queue};
use super::{AcceptedRecord, Entry, Error, Receipt, Settlement, Spool};
use crate::model::delivery::Problem;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use uuid::Uuid;

/// Records that are held at most; enough to keep many journeys under way.
const MOST_RECORDS: usize = 2048;

/// Bytes of records that are held at most, if there is more than one.
const MOST_BYTES: usize = 4 << 20;

/// The spool of `--no-spool`.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<MemoryState>,
    room: Condvar,
    news: Notify,
}

#[derive(Debug, Default)]
struct MemoryState {
    queue: Queue,
    /// What waits, in the order of acceptance.
    entries: BTreeMap<i64, Entry>,
    /// Journeys of which a record was given up, and the line it began on.
    given_up: HashMap<Key, u64>,
    /// What was settled and is still to be reported.
    settled: Vec<(Entry, Settlement)>,
    /// What follows in journeys that were given up and was accepted since.
    ended: Vec<(Entry, Settlement)>,
    bytes: usize,
    next: i64,
    closed: bool,
}

impl MemoryState {
    fn is_full(&self) -> bool {
        self.queue.len() + self.ended.len() >= MOST_RECORDS || self.bytes >= MOST_BYTES
    }

    /// A record that must not be sent because one before it was not.
    fn end(&mut self, mut entry: Entry, before: u64) -> (Entry, Settlement) {
        self.bytes -= entry.record.body.len();
        entry.problem = Some(Problem::titled(format!(
            "not sent: line {before} of the same journey was not delivered"
        )));
        (entry, Settlement::GivenUp)
    }
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, MemoryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spool for Memory {
    fn append(
        &self,
        records: Vec<AcceptedRecord>,
        _accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error> {
        let mut state = self.state();
        for record in records {
            while state.is_full() && !state.closed {
                self.news.notify_one();
                state = self
                    .room
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.closed {
                return Err(Error::Closed);
            }
            state.bytes += record.body.len();
            state.next += 1;
            let entry = Entry::new(state.next, Uuid::now_v7(), record);
            let key = entry.key();
            if let Some(before) = state.given_up.get(&key).copied() {
                let ended = state.end(entry, before);
                state.ended.push(ended);
            } else {
                state.queue.push(key, entry.queued());
                state.entries.insert(entry.seq, entry);
            }
        }
        self.news.notify_one();
        Ok(())
    }

    fn claim(&self, max: usize, now: i64) -> Result<Vec<Entry>, Error> {
        let mut state = self.state();
        let mut claimed = Vec::new();
        while claimed.len() < max
            && let Some((_, place)) = state.queue.claim(now)
        {
            claimed.extend(state.entries.remove(&place.seq));
        }
        Ok(claimed)
    }

    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        let mut state = self.state();
        for (entry, settlement) in settled {
            let (key, place) = (entry.key(), entry.queued());
            if settlement == Settlement::Later {
                state.queue.put_back(key, place);
                state.entries.insert(entry.seq, entry);
                continue;
            }
            state.bytes -= entry.record.body.len();
            let before = entry.record.line;
            state.settled.push((entry, settlement));
            if settlement == Settlement::GivenUp {
                state.given_up.insert(key, before);
                for place in state.queue.park(key, place) {
                    if let Some(after) = state.entries.remove(&place.seq) {
                        let ended = state.end(after, before);
                        state.settled.push(ended);
                    }
                }
            } else {
                state.queue.advance(key, place);
            }
        }
        // Half empty before the reader is woken, so that the two do not take turns on each record.
        if state.queue.len() <= MOST_RECORDS / 2 && state.bytes <= MOST_BYTES / 2 {
            self.room.notify_all();
        }
        Ok(())
    }

    fn settled(&self, _wait: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        Ok(std::mem::take(&mut self.state().settled))
    }

    fn returned(&self, _now: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        let ended = std::mem::take(&mut self.state().ended);
        if !ended.is_empty() {
            self.room.notify_all();
        }
        Ok(ended)
    }

    fn due(&self) -> Option<i64> {
        self.state().queue.due()
    }

    fn is_done(&self) -> bool {
        let state = self.state();
        state.queue.len() == 0 && state.ended.is_empty()
    }

    fn close(&self, take: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        let mut state = self.state();
        state.closed = true;
        self.room.notify_all();
        state.queue = Queue::default();
        let mut left = std::mem::take(&mut state.entries);
        let ended = std::mem::take(&mut state.ended).into_iter();
        left.extend(ended.map(|(entry, _)| (entry.seq, entry)));
        left.into_values().for_each(take);
        Ok(())
    }

    fn is_durable(&self) -> bool {
        false
    }

    fn news(&self) -> &Notify {
        &self.news
    }
}
