//! A spool that lives as long as the process: bounded, so that a reader never runs far ahead.

use super::queue::Queue;
use super::{Entry, Error, Receipt, Record, Settlement, Spool};
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
    state: Mutex<State>,
    room: Condvar,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: Queue,
    bytes: usize,
    next: i64,
    closed: bool,
}

impl State {
    fn is_full(&self) -> bool {
        self.queue.len() >= MOST_RECORDS || self.bytes >= MOST_BYTES
    }
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spool for Memory {
    fn append(
        &self,
        records: Vec<Record>,
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
            let seq = state.next;
            state.queue.push(Entry::new(seq, Uuid::now_v7(), record));
        }
        self.news.notify_one();
        Ok(())
    }

    fn claim(&self, max: usize, now: i64) -> Result<Vec<Entry>, Error> {
        let mut state = self.state();
        Ok(std::iter::from_fn(|| state.queue.claim(now))
            .take(max)
            .collect())
    }

    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<Vec<(Entry, Settlement)>, Error> {
        let mut state = self.state();
        let mut ended = Vec::with_capacity(settled.len());
        for (entry, settlement) in settled {
            if settlement == Settlement::Later {
                state.queue.put_back(entry);
            } else {
                state.bytes -= entry.record.body.len();
                state.queue.advance(&entry);
                ended.push((entry, settlement));
            }
        }
        // Half empty before the reader is woken, so that the two do not take turns on each record.
        if state.queue.len() <= MOST_RECORDS / 2 && state.bytes <= MOST_BYTES / 2 {
            self.room.notify_all();
        }
        Ok(ended)
    }

    fn due(&self) -> Option<i64> {
        self.state().queue.due()
    }

    fn is_done(&self) -> bool {
        self.state().queue.len() == 0
    }

    fn close(&self, take: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        let mut state = self.state();
        state.closed = true;
        self.room.notify_all();
        state.queue.drain().into_iter().for_each(take);
        Ok(())
    }

    fn is_durable(&self) -> bool {
        false
    }

    fn news(&self) -> &Notify {
        &self.news
    }
}
