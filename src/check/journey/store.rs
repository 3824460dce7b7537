//! Every journey of a run: those of one record in few bytes, which is what most have, and those of
//! several in some more.

use super::Mark;
use super::state::{Journey, One, Several};
use super::step::Step;
use super::table::{Entries, Index, LAST, SHARDS, shard};

/// Every journey of a run.
#[derive(Debug, Default)]
pub struct Store {
    shards: Vec<Shard>,
    count: u64,
}

/// Where a journey is, until the next one moves on.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    slot: usize,
    at: u32,
}

#[derive(Debug, Default)]
struct Shard {
    /// Places among those of several records have [`SEVERAL`] added.
    index: Index,
    ones: Entries<One>,
    /// Places among `ones` that are free again.
    free: Vec<u32>,
    several: Entries<Several>,
}

/// A journey of several records.
const SEVERAL: u32 = 0x0080_0000;

impl Store {
    /// How many journeys there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Looks for a journey.
    pub fn find(&self, key: u64) -> Option<Place> {
        let shard = self.shards.get(shard(key))?;
        let (slot, at) = shard.index.find(key, |at| match at.checked_sub(SEVERAL) {
            Some(at) => shard.several.key(at) == key,
            None => shard.ones.key(at) == key,
        })?;
        Some(Place { slot, at })
    }

    /// A journey as it stands.
    pub fn journey(&self, key: u64, place: Place) -> Journey {
        let shard = &self.shards[shard(key)];
        match place.at.checked_sub(SEVERAL) {
            Some(at) => shard.several.at(at).journey(),
            None => shard.ones.at(place.at).journey(),
        }
    }

    /// Begins a journey that was not found. The one beyond two thousand million is dropped: there
    /// is no memory for as many.
    pub fn begin(&mut self, step: &Step, mark: Mark) {
        if self.shards.is_empty() {
            self.shards.resize_with(SHARDS, Shard::default);
        }
        self.count += 1;
        let shard = &mut self.shards[shard(step.key)];
        if shard.is_full() {
            return;
        }
        let Shard {
            index,
            ones,
            free,
            several,
        } = shard;
        index.reserve(|| {
            let taken = ones.iter().filter(|(_, _, one)| !one.is_vacant());
            let others = several.iter().map(|(key, at, _)| (key, at + SEVERAL));
            taken.map(|(key, at, _)| (key, at)).chain(others)
        });
        let at = match (One::of(step, mark), free.pop()) {
            (Some(one), Some(at)) => {
                ones.set(at, step.key, one);
                at
            }
            (Some(one), None) => ones.add(step.key, one),
            (None, unused) => {
                free.extend(unused);
                let journey = Journey::begun(step, mark);
                several.add(step.key, Several::of(&journey)) + SEVERAL
            }
        };
        index.put(step.key, at);
    }

    /// Moves a journey on.
    pub fn advance(&mut self, place: Place, step: &Step, mark: Mark) {
        let mut journey = self.journey(step.key, place);
        journey.advance(step, mark);
        let shard = &mut self.shards[shard(step.key)];
        let several = Several::of(&journey);
        if let Some(at) = place.at.checked_sub(SEVERAL) {
            *shard.several.at_mut(at) = several;
        } else if !shard.is_full() {
            let at = shard.several.add(step.key, several) + SEVERAL;
            shard.index.set(place.slot, at);
            shard.ones.at_mut(place.at).vacate();
            shard.free.push(place.at);
        }
    }
}

impl Shard {
    fn is_full(&self) -> bool {
        self.ones.len().max(self.several.len()) >= (LAST - SEVERAL) as usize
    }
}
