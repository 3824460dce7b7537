//! What this process has read of the lanes that it owns, and what is in flight.
//!
//! A journey is in one lane, and a lane has one owner. A record leaves its queue only when its
//! end is durable, and only then the next one of its journey is handed out.

mod hash;
mod ready;
#[cfg(test)]
mod tests;

pub(super) use hash::lane_of;

use crate::spool::Entry;
use crate::spool::queue::{Key, Queue, Queued, journey};
use ready::Ready;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// Records that are to be ready in memory, over all lanes.
const WINDOW: usize = 1024;

/// Places that are remembered at most.
const MOST: usize = 1 << 19;

/// A place that was read.
#[derive(Debug)]
pub(super) struct Found {
    pub lane: i16,
    pub id: Uuid,
    pub key: Key,
    pub queued: Queued,
}

impl Found {
    /// The journey of a row.
    pub fn key(correlation: Option<&str>, integration: Option<&str>, seq: i64) -> Key {
        journey(correlation, integration, seq)
    }
}

/// A record that is sent, or is about to be.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    lane: i16,
    key: Key,
    queued: Queued,
    id: Option<Uuid>,
    /// It was claimed before the lane was read again: its place may now hold another record.
    former: bool,
}

#[derive(Debug, Default)]
struct Lane {
    queue: Queue,
    /// The last place that was read.
    cursor: i64,
    /// Nothing is left up to here.
    head: i64,
    /// Whether everything there was has been read.
    exhausted: bool,
    again: i32,
    /// It is given back as soon as nothing of it is in flight.
    leaving: bool,
    /// Journeys that this run has given up, and the record on whose account.
    parked: HashMap<Key, Queued>,
}

/// The lanes of this process.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    owned: BTreeMap<i16, Lane>,
    in_flight: HashMap<i64, InFlight>,
    ready: Ready,
    /// What is known of records that wait for another try, without their bytes.
    tried: HashMap<i64, Entry>,
    /// Records that this run has given up, with their lanes.
    given_up: HashMap<i64, i16>,
    /// Whether a record that was given up is not sent by this run whatever people do.
    reports_once: bool,
    /// Places that were left since the last reading began.
    left: HashSet<i64>,
    /// Whether what was read may not be true any more.
    is_stale: bool,
}

impl Lanes {
    /// None are owned. With `reports_once` a record that was given up is not sent after that.
    pub fn new(reports_once: bool) -> Lanes {
        Lanes {
            reports_once,
            ..Lanes::default()
        }
    }

    /// Which lanes are owned.
    pub fn owned(&self) -> Vec<i16> {
        self.owned.keys().copied().collect()
    }

    /// Whether a lane is owned.
    pub fn owns(&self, lane: i16) -> bool {
        self.owned.contains_key(&lane)
    }

    /// Takes the lanes that are owned from now on, each with its head and the number of times
    /// that people have changed something in it.
    pub fn own(&mut self, lanes: &[(i16, i64, i32)]) {
        for n in self.owned() {
            if lanes.iter().all(|(lane, ..)| *lane != n) {
                self.owned.remove(&n);
                self.take_out_ready(n);
            }
        }
        let is_stale = std::mem::take(&mut self.is_stale);
        for (n, head, again) in lanes {
            let known = self.owned.get(n).map(|lane| lane.again);
            if known == Some(*again) && !is_stale {
                continue;
            }
            self.read_anew(*n, *head, *again);
            // A record that was reported as kept is not sent after that.
            if known.is_some_and(|known| known != *again) && !self.reports_once {
                self.given_up.retain(|_, lane| lane != n);
                if let Some(lane) = self.owned.get_mut(n) {
                    lane.parked.clear();
                }
            }
        }
    }

    /// What was read may not be true any more, nor what was noted: lanes that are still owned are
    /// read again from where the server says.
    pub fn reset(&mut self) {
        self.is_stale = true;
        for n in self.owned() {
            self.take_out_ready(n);
        }
    }

    /// Owns nothing any more.
    pub fn forget(&mut self) {
        self.own(&[]);
    }

    fn read_anew(&mut self, n: i16, head: i64, again: i32) {
        let before = self.owned.remove(&n).unwrap_or_default();
        let mut lane = Lane {
            cursor: head,
            head,
            again,
            leaving: before.leaving,
            parked: before.parked,
            ..Lane::default()
        };
        // What nobody has taken yet is read again; what is under way is under way still.
        self.take_out_ready(n);
        for hand in self.in_flight.values_mut().filter(|hand| hand.lane == n) {
            hand.former = true;
            lane.queue.hold(hand.key, hand.queued);
        }
        self.owned.insert(n, lane);
    }

    /// Lets go of what nobody has claimed of a lane.
    fn take_out_ready(&mut self, n: i16) {
        let in_flight = &self.in_flight;
        let of_others =
            |entry: &Entry| in_flight.get(&entry.seq).is_some_and(|hand| hand.lane != n);
        for seq in self.ready.retain(of_others) {
            self.in_flight.remove(&seq);
        }
    }

    /// The lanes that have room, with the last place that was read of each, and how many places
    /// of each are wanted. With `poll` also those of which everything was read before.
    pub fn wanted(&mut self, poll: bool) -> (Vec<i16>, Vec<i64>, usize) {
        let each = (WINDOW / self.owned.len().max(1)).max(16);
        let room = self
            .owned
            .values()
            .map(|lane| lane.queue.len())
            .sum::<usize>()
            < MOST;
        let mut wanted = (Vec::new(), Vec::new(), each);
        for (n, lane) in &mut self.owned {
            let has_room = !lane.leaving && lane.queue.untried(each) < each / 2;
            if room && has_room && (poll || !lane.exhausted) {
                wanted.0.push(*n);
                wanted.1.push(lane.cursor);
                lane.exhausted = false;
            }
        }
        self.left.clear();
        wanted
    }

    /// Takes what was read of these lanes, in the order of the places; `may` says which records
    /// may be handed out by now. Whether there was anything.
    pub fn read(
        &mut self,
        lanes: &[i16],
        each: usize,
        mut found: Vec<Found>,
        may: impl Fn(&Found) -> bool,
    ) -> bool {
        found.sort_by_key(|found| (found.lane, found.queued.seq));
        let mut counts: HashMap<i16, usize> = HashMap::new();
        let mut stopped: HashSet<i16> = HashSet::new();
        for found in &found {
            *counts.entry(found.lane).or_default() += 1;
            let Some(lane) = self.owned.get_mut(&found.lane) else {
                continue;
            };
            let seq = found.queued.seq;
            let given_up = self.given_up.contains_key(&seq);
            if stopped.contains(&found.lane) || !given_up && !may(found) {
                stopped.insert(found.lane);
                continue;
            }
            lane.cursor = lane.cursor.max(seq);
            if given_up {
                lane.parked.entry(found.key).or_insert(found.queued);
            } else if !self.left.contains(&seq) && !lane.parked.contains_key(&found.key) {
                lane.queue.push(found.key, found.queued);
            }
        }
        for n in lanes {
            if let Some(lane) = self.owned.get_mut(n) {
                let all = counts.get(n).copied().unwrap_or(0) < each;
                lane.exhausted = all && !stopped.contains(n);
            }
        }
        !found.is_empty()
    }

    /// Picks records that are due, the oldest first, whose bytes are to be fetched: their lanes
    /// and places.
    pub fn pick(&mut self, now: i64, most: usize) -> (Vec<i16>, Vec<i64>) {
        let mut picked = (Vec::new(), Vec::new());
        if self.ready.is_full() {
            return picked;
        }
        while self.ready.len() + picked.0.len() < most {
            let heads = self.owned.iter_mut().filter(|(_, lane)| !lane.leaving);
            let first = heads
                .filter_map(|(n, lane)| Some((lane.queue.first()?, *n, lane)))
                .min_by_key(|(first, ..)| *first);
            let Some((_, n, lane)) = first else { break };
            let Some((key, queued)) = lane.queue.claim(now) else {
                break;
            };
            let hand = InFlight {
                lane: n,
                key,
                queued,
                id: None,
                former: false,
            };
            self.in_flight.insert(queued.seq, hand);
            picked.0.push(n);
            picked.1.push(queued.seq);
        }
        picked
    }

    /// Takes the records that were fetched; one that is missing has left the spool. Gives back
    /// those whose bytes are not what they were.
    pub fn fetched(&mut self, picked: &[i64], entries: Vec<(Entry, bool)>) -> Vec<Entry> {
        let mut damaged = Vec::new();
        let mut there: HashSet<i64> = HashSet::new();
        for (mut entry, intact) in entries {
            let Some(hand) = self.in_flight.get_mut(&entry.seq) else {
                // Its lane was lost meanwhile.
                continue;
            };
            there.insert(entry.seq);
            hand.id = Some(entry.id);
            // What was queued under another journey has changed in the database.
            if !intact || entry.key() != hand.key {
                damaged.push(entry);
                continue;
            }
            if let Some(tried) = self
                .tried
                .get(&entry.seq)
                .filter(|tried| tried.id == entry.id)
            {
                let body = std::mem::take(&mut entry.record.body);
                entry = tried.clone();
                entry.record.body = body;
            }
            self.ready.push(entry);
        }
        for seq in picked.iter().filter(|seq| !there.contains(seq)) {
            self.leave(*seq);
        }
        damaged
    }

    /// How many records are ready to be handed out.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Hands out records.
    pub fn claim(&mut self, most: usize) -> Vec<Entry> {
        self.ready.claim(most)
    }

    /// Puts back what was ready for long and was not claimed.
    pub fn put_back_stale(&mut self) {
        let stale = self.ready.stale();
        let stale: Vec<i64> = stale.iter().map(|entry| entry.seq).collect();
        self.put_back(&stale);
    }

    /// Puts back records that were picked and not handed out.
    pub fn put_back(&mut self, picked: &[i64]) {
        for seq in picked {
            if let Some(hand) = self.in_flight.remove(seq)
                && let Some(lane) = self.owned.get_mut(&hand.lane)
            {
                lane.queue.put_back(hand.key, hand.queued);
            }
        }
    }

    /// The lane of a record that is under way, and its place there.
    pub fn lane_of(&self, seq: i64) -> Option<i16> {
        self.in_flight.get(&seq).map(|hand| hand.lane)
    }

    /// Ids of the records that are under way or about to be.
    pub fn in_flight_ids(&self) -> HashSet<Uuid> {
        self.in_flight.values().filter_map(|hand| hand.id).collect()
    }

    /// A record has left the spool for good: its journey goes on.
    pub fn leave(&mut self, seq: i64) {
        self.tried.remove(&seq);
        self.left.insert(seq);
        let Some(hand) = self.in_flight.remove(&seq) else {
            return;
        };
        if let Some(lane) = self.owned.get_mut(&hand.lane) {
            lane.queue.advance(hand.key, hand.queued);
            if hand.former {
                lane.cursor = lane.cursor.min(seq - 1);
                lane.exhausted = false;
            }
        }
    }

    /// A record is tried again when it is due.
    pub fn later(&mut self, entry: Entry) {
        let Some(hand) = self.in_flight.remove(&entry.seq) else {
            return;
        };
        if let Some(lane) = self.owned.get_mut(&hand.lane) {
            let queued = Queued {
                due: entry.due,
                ..hand.queued
            };
            lane.queue.put_back(hand.key, queued);
            self.tried.insert(entry.seq, entry);
        }
    }

    /// A record is not tried again by this run, nor what follows in its journey.
    pub fn give_up(&mut self, seq: i64) {
        let Some(hand) = self.in_flight.remove(&seq) else {
            return;
        };
        self.given_up.insert(seq, hand.lane);
        if let Some(lane) = self.owned.get_mut(&hand.lane) {
            lane.queue.park(hand.key, hand.queued);
            lane.parked.insert(hand.key, hand.queued);
        }
    }

    /// Every record that was tried here and waits, by its id.
    pub fn take_tried(&mut self) -> HashMap<Uuid, Entry> {
        let tried = std::mem::take(&mut self.tried).into_values();
        tried.map(|entry| (entry.id, entry)).collect()
    }

    /// The place that a journey waits for, if it is not under way: one that was given up, or the
    /// first that waits.
    pub fn ahead(&self, lane: i16, key: Key) -> Option<Queued> {
        let lane = self.owned.get(&lane)?;
        lane.parked
            .get(&key)
            .copied()
            .or_else(|| lane.queue.head(key))
    }

    /// When the next record is due that waits.
    pub fn due(&self) -> Option<i64> {
        self.owned
            .values()
            .filter_map(|lane| lane.queue.due())
            .min()
    }

    /// Whether everything was read, and nothing of this run waits or is under way.
    pub fn has_no_own(&self) -> bool {
        let none = |lane: &Lane| lane.exhausted && lane.queue.own() == 0;
        self.owned.values().all(none)
    }

    /// Whether everything was read, and nothing waits or is under way.
    pub fn is_idle(&self) -> bool {
        let idle = |lane: &Lane| lane.exhausted && lane.queue.len() == 0;
        self.in_flight.is_empty() && self.owned.values().all(idle)
    }

    /// Chooses lanes to give back so that so many are left; those of which nothing is in flight
    /// can be given back now.
    pub fn give_back(&mut self, left: usize) -> Vec<i16> {
        let busy: HashSet<i16> = self.in_flight.values().map(|hand| hand.lane).collect();
        let mut excess = self.owned.len().saturating_sub(left);
        let mut free = Vec::new();
        for (n, lane) in self.owned.iter_mut().rev() {
            lane.leaving = excess > 0;
            if excess > 0 {
                excess -= 1;
                if !busy.contains(n) {
                    free.push(*n);
                }
            }
        }
        free
    }

    /// Up to where nothing is left in lanes in which that has changed; nothing, where what was read may
    /// not be true any more.
    pub fn heads(&mut self) -> Vec<(i16, i64)> {
        let mut heads = Vec::new();
        if self.is_stale {
            return heads;
        }
        for (n, lane) in &mut self.owned {
            let waiting = lane.queue.oldest();
            let parked = lane.parked.values().map(|queued| queued.seq).min();
            let oldest = waiting.into_iter().chain(parked).min();
            let head = oldest
                .map_or(lane.cursor, |oldest| oldest - 1)
                .min(lane.cursor);
            if head > lane.head {
                lane.head = head;
                heads.push((*n, head));
            }
        }
        heads
    }
}
