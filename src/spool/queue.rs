//! Which record may go next: one at a time within a journey, in order; any number across. Only
//! places are held here; the records themselves stay with the spool.

use super::Entry;
use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A journey's key. Two journeys that share one by accident are merely kept in order.
pub(super) type Key = u64;

/// A record's place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Queued {
    pub seq: i64,
    /// The instant before which it is not tried.
    pub due: i64,
    /// Whether this run accepted it.
    pub own: bool,
}

/// Places that wait, by journey.
#[derive(Debug, Default)]
pub(super) struct Queue {
    journeys: HashMap<Key, VecDeque<Queued>>,
    /// The first place of every journey that has none under way, by when it is due.
    heads: BTreeMap<(i64, i64), Key>,
    under_way: HashSet<i64>,
    waiting: usize,
    /// How many of this run's records wait or are under way.
    own: usize,
}

impl Queue {
    /// Puts a place into the order of its journey, unless it is there already.
    pub fn push(&mut self, key: Key, place: Queued) {
        if self.under_way.contains(&place.seq) {
            return;
        }
        match self.journeys.entry(key) {
            Slot::Vacant(journey) => {
                journey.insert(VecDeque::from([place]));
                self.heads.insert((place.due, place.seq), key);
            }
            // Present means that another place waits or is under way.
            Slot::Occupied(mut journey) => {
                let journey = journey.get_mut();
                let Err(at) = journey.binary_search_by_key(&place.seq, |other| other.seq) else {
                    return;
                };
                if at == 0
                    && let Some(first) = journey.front()
                    && self.heads.remove(&(first.due, first.seq)).is_some()
                {
                    self.heads.insert((place.due, place.seq), key);
                }
                journey.insert(at, place);
            }
        }
        self.waiting += 1;
        self.own += usize::from(place.own);
    }

    /// Takes the next place that is due. Its journey stands still until it is settled with
    /// [`Queue::advance`], [`Queue::put_back`] or [`Queue::park`].
    pub fn claim(&mut self, now: i64) -> Option<(Key, Queued)> {
        let head = self.heads.first_entry()?;
        if head.key().0 > now {
            return None;
        }
        let key = head.remove();
        let place = self.journeys.get_mut(&key)?.pop_front()?;
        self.under_way.insert(place.seq);
        self.waiting -= 1;
        Some((key, place))
    }

    /// The claimed place is vacant: its journey goes on.
    pub fn advance(&mut self, key: Key, place: Queued) {
        self.under_way.remove(&place.seq);
        self.own -= usize::from(place.own);
        self.lead_on(key);
    }

    /// The claimed record must be tried again when it is due.
    pub fn put_back(&mut self, key: Key, place: Queued) {
        self.under_way.remove(&place.seq);
        self.waiting += 1;
        self.heads.insert((place.due, place.seq), key);
        self.journeys.entry(key).or_default().push_front(place);
    }

    /// The claimed record has left, and its journey with it: gives the rest of it back.
    pub fn park(&mut self, key: Key, place: Queued) -> VecDeque<Queued> {
        self.under_way.remove(&place.seq);
        let rest = self.journeys.remove(&key).unwrap_or_default();
        self.waiting -= rest.len();
        self.own -= usize::from(place.own) + rest.iter().filter(|place| place.own).count();
        rest
    }

    /// A place that is under way already: its journey stands still until it is settled.
    pub fn hold(&mut self, key: Key, place: Queued) {
        if self.under_way.insert(place.seq) {
            self.own += usize::from(place.own);
            self.journeys.entry(key).or_default();
        }
    }

    /// Takes out a place that waits.
    pub fn remove(&mut self, key: Key, seq: i64) {
        let Some(journey) = self.journeys.get_mut(&key) else {
            return;
        };
        let Ok(at) = journey.binary_search_by_key(&seq, |place| place.seq) else {
            return;
        };
        let Some(place) = journey.remove(at) else {
            return;
        };
        self.waiting -= 1;
        self.own -= usize::from(place.own);
        if self.heads.remove(&(place.due, place.seq)).is_some() {
            self.lead_on(key);
        }
    }

    /// The first place of a journey with none under way is its head.
    fn lead_on(&mut self, key: Key) {
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

    /// The place that a journey waits for, unless that is under way.
    pub fn head(&self, key: Key) -> Option<Queued> {
        let first = self.journeys.get(&key)?.front()?;
        let waits = self.heads.contains_key(&(first.due, first.seq));
        waits.then_some(*first)
    }

    /// When the first of the places that wait is due, and its number.
    pub fn first(&self) -> Option<(i64, i64)> {
        self.heads.first_key_value().map(|(first, _)| *first)
    }

    /// The oldest place that waits or is under way.
    pub fn oldest(&self) -> Option<i64> {
        let waiting = self.journeys.values().filter_map(|journey| journey.front());
        let waiting = waiting.map(|place| place.seq);
        waiting.chain(self.under_way.iter().copied()).min()
    }

    /// When the first of the places that wait is due.
    pub fn due(&self) -> Option<i64> {
        self.heads.first_key_value().map(|((due, _), _)| *due)
    }

    /// How many could be claimed now; counts no further than `most`.
    pub fn ready(&self, now: i64, most: usize) -> usize {
        let due = self.heads.range(..=(now, i64::MAX));
        due.take(most).count()
    }

    /// How many that were never tried could be claimed; counts no further than `most`. Where more
    /// is read, what is due again does not count: however often it fails, others are found behind it.
    pub fn untried(&self, most: usize) -> usize {
        self.ready(0, most)
    }

    /// Whether this place is under way.
    pub fn is_under_way(&self, seq: i64) -> bool {
        self.under_way.contains(&seq)
    }

    /// How many are under way.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// How many of this run's records wait or are under way.
    pub fn own(&self) -> usize {
        self.own
    }

    /// How many wait or are under way.
    pub fn len(&self) -> usize {
        self.waiting + self.under_way.len()
    }
}

impl Entry {
    /// The journey of the record.
    pub(super) fn key(&self) -> Key {
        journey(
            self.record.correlation_id.as_deref(),
            self.record.integration_key.as_deref(),
            self.seq,
        )
    }

    /// The place of the record.
    pub(super) fn queued(&self) -> Queued {
        Queued {
            seq: self.seq,
            due: self.due,
            own: self.own,
        }
    }
}

/// The journey that a correlation id and an integration key name. A record without a correlation
/// id stands for itself.
pub(super) fn journey(correlation: Option<&str>, integration: Option<&str>, seq: i64) -> Key {
    let mut hasher = DefaultHasher::new();
    match correlation {
        Some(id) => (integration, id).hash(&mut hasher),
        None => seq.hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(seq: usize) -> Queued {
        Queued {
            seq: i64::try_from(seq).unwrap(),
            due: 0,
            own: seq.is_multiple_of(2),
        }
    }

    proptest! {
        /// Whatever the order of claims, failures, deliveries and records that are dropped: each
        /// record leaves once, none before an older one of its journey, and never two of a
        /// journey at a time.
        #[test]
        fn journeys_keep_their_order(
            journeys in proptest::collection::vec(0_u64..4, 1..40),
            moves in proptest::collection::vec((0_usize..8, 0_u8..5), 1..400),
        ) {
            let mut queue = Queue::default();
            for (seq, journey) in journeys.iter().enumerate() {
                queue.push(*journey, place(seq));
            }
            let mut under_way: Vec<(Key, Queued)> = Vec::new();
            let mut last: HashMap<Key, i64> = HashMap::new();
            let mut left = 0;
            for (now, (pick, fate)) in (0_i64..).zip(moves) {
                if pick < under_way.len() {
                    let (key, mut done) = under_way.swap_remove(pick);
                    if fate < 2 {
                        done.due = now + 3;
                        queue.put_back(key, done);
                    } else {
                        let before = last.insert(key, done.seq);
                        prop_assert!(before.is_none_or(|before| before < done.seq));
                        queue.advance(key, done);
                        left += 1;
                    }
                } else if fate == 4 {
                    let seq = pick * journeys.len() / 8;
                    let before = queue.len();
                    queue.remove(journeys[seq], place(seq).seq);
                    left += before - queue.len();
                } else if let Some((key, claimed)) = queue.claim(now) {
                    prop_assert!(claimed.due <= now);
                    // Read again, it is known to be there.
                    queue.push(key, claimed);
                    under_way.push((key, claimed));
                }
                let together: HashSet<_> = under_way.iter().map(|(key, _)| key).collect();
                prop_assert_eq!(together.len(), under_way.len());
                prop_assert_eq!(queue.len() + left, journeys.len());
                prop_assert_eq!(queue.own() <= queue.len(), true);
            }
        }
    }

    #[test]
    fn an_older_record_that_comes_back_goes_before_what_waits() {
        let mut queue = Queue::default();
        queue.push(1, place(5));
        queue.push(1, place(7));
        let (key, first) = queue.claim(0).unwrap();
        queue.push(1, place(3));
        assert_eq!(queue.claim(0), None);
        queue.advance(key, first);
        assert_eq!(queue.claim(0), Some((1, place(3))));
        queue.advance(1, place(3));
        assert_eq!(queue.head(1), Some(place(7)));
        queue.push(1, place(4));
        assert_eq!(queue.head(1), Some(place(4)));
        assert_eq!(queue.ready(0, 9), 1);
    }
}
