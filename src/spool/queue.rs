//! Which record may go next: one at a time within a journey, in order; any number across.

use super::{Entry, Record};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A journey's key. Two journeys that share one by accident are merely kept in order.
type Key = u64;

/// Records that wait, by journey.
#[derive(Debug, Default)]
pub(super) struct Queue {
    journeys: HashMap<Key, VecDeque<Entry>>,
    /// The first record of every journey that has none under way, by when it is due.
    heads: BTreeMap<(i64, i64), Key>,
    claimed: usize,
    waiting: usize,
}

impl Queue {
    /// Puts a record behind the others of its journey.
    pub fn push(&mut self, entry: Entry) {
        let key = key(&entry.record, entry.seq);
        let place = (entry.due, entry.seq);
        self.waiting += 1;
        if let Some(journey) = self.journeys.get_mut(&key) {
            // Present means that another record waits or is under way.
            journey.push_back(entry);
        } else {
            self.journeys.insert(key, VecDeque::from([entry]));
            self.heads.insert(place, key);
        }
    }

    /// Takes the next record that is due. Its journey stands still until it is settled with
    /// [`Queue::advance`] or [`Queue::put_back`].
    pub fn claim(&mut self, now: i64) -> Option<Entry> {
        let head = self.heads.first_entry()?;
        if head.key().0 > now {
            return None;
        }
        let key = head.remove();
        let entry = self.journeys.get_mut(&key)?.pop_front()?;
        self.claimed += 1;
        self.waiting -= 1;
        Some(entry)
    }

    /// The claimed record has left: its journey goes on.
    pub fn advance(&mut self, entry: &Entry) {
        let key = key(&entry.record, entry.seq);
        self.claimed -= 1;
        let Some(journey) = self.journeys.get(&key) else {
            return;
        };
        match journey.front() {
            Some(next) => {
                self.heads.insert((next.due, next.seq), key);
            }
            None => {
                self.journeys.remove(&key);
            }
        }
    }

    /// The claimed record must be tried again when it is due.
    pub fn put_back(&mut self, entry: Entry) {
        let key = key(&entry.record, entry.seq);
        self.claimed -= 1;
        self.waiting += 1;
        self.heads.insert((entry.due, entry.seq), key);
        self.journeys.entry(key).or_default().push_front(entry);
    }

    /// The claimed record has left, and its journey with it: gives the rest of it back.
    pub fn park(&mut self, entry: &Entry) -> VecDeque<Entry> {
        self.claimed -= 1;
        let rest = self.journeys.remove(&key(&entry.record, entry.seq));
        let rest = rest.unwrap_or_default();
        self.waiting -= rest.len();
        rest
    }

    /// When the first of the records that wait is due.
    pub fn due(&self) -> Option<i64> {
        self.heads.first_key_value().map(|((due, _), _)| *due)
    }

    /// How many records wait or are under way.
    pub fn len(&self) -> usize {
        self.waiting + self.claimed
    }

    /// Takes out everything that waits, in order.
    pub fn drain(&mut self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.journeys.drain().flat_map(|(_, all)| all).collect();
        entries.sort_by_key(|entry| entry.seq);
        self.heads.clear();
        self.waiting = 0;
        entries
    }
}

/// Records without a correlation id stand for themselves.
fn key(record: &Record, seq: i64) -> Key {
    let mut hasher = DefaultHasher::new();
    match &record.correlation_id {
        Some(id) => (&record.integration_key, id).hash(&mut hasher),
        None => seq.hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use uuid::Uuid;

    fn entry(seq: i64, journey: u8) -> Entry {
        let record = Record {
            body: bytes::Bytes::new(),
            source: "t".into(),
            number: 1,
            line: 1,
            event_code: None,
            correlation_id: Some(journey.to_string()),
            integration_key: None,
        };
        Entry::new(seq, Uuid::nil(), record)
    }

    proptest! {
        /// Whatever the order of claims, failures and deliveries: each record leaves once, none
        /// before an older one of its journey, and never two of a journey at a time.
        #[test]
        fn journeys_keep_their_order(
            journeys in proptest::collection::vec(0_u8..4, 1..40),
            moves in proptest::collection::vec((0_usize..8, any::<bool>()), 1..400),
        ) {
            let mut queue = Queue::default();
            for (seq, journey) in journeys.iter().enumerate() {
                queue.push(entry(i64::try_from(seq).unwrap(), *journey));
            }
            let mut under_way: Vec<Entry> = Vec::new();
            let mut last: HashMap<String, i64> = HashMap::new();
            let mut left = 0;
            for (now, (pick, fails)) in (0_i64..).zip(moves) {
                if pick < under_way.len() {
                    let mut done = under_way.swap_remove(pick);
                    if fails {
                        done.due = now + 3;
                        queue.put_back(done);
                    } else {
                        let journey = done.record.correlation_id.clone().unwrap();
                        let before = last.insert(journey, done.seq);
                        prop_assert!(before.is_none_or(|before| before < done.seq));
                        queue.advance(&done);
                        left += 1;
                    }
                } else if let Some(claimed) = queue.claim(now) {
                    prop_assert!(claimed.due <= now);
                    under_way.push(claimed);
                }
                let together: HashSet<_> =
                    under_way.iter().map(|entry| entry.record.correlation_id.clone()).collect();
                prop_assert_eq!(together.len(), under_way.len());
                prop_assert_eq!(queue.len() + left, journeys.len());
            }
        }
    }
}
