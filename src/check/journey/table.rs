//! A table for very many small entries: no allocation of its own for an entry, little slack, and
//! never a copy of everything at once.

/// How many parts a table has; the key's highest byte tells which.
const SHARDS: usize = 256;

/// How many entries are allocated at once.
const CHUNK: usize = 128;

/// How many entries a shard can tell apart.
const MOST: u32 = 0x00FF_FFFF;

/// Entries by their keys, which are hashes. Entries stay where they are once they are in.
#[derive(Debug)]
pub struct Table<V> {
    shards: Vec<Shard<V>>,
}

/// Where an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    shard: usize,
    at: u32,
}

#[derive(Debug)]
struct Shard<V> {
    /// Where each entry is looked for first is told by the lowest half of its key. A slot holds
    /// eight more bits of the key above the entry's place, counted from 1; 0 is a free slot.
    slots: Vec<u32>,
    chunks: Vec<Vec<Entry<V>>>,
    count: u32,
}

#[derive(Debug)]
struct Entry<V> {
    key: u64,
    value: V,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Table { shards: Vec::new() }
    }
}

impl<V> Table<V> {
    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.shards.iter().map(|shard| u64::from(shard.count)).sum()
    }

    /// Looks for an entry.
    pub fn find(&self, key: u64) -> Option<Place> {
        let number = shard_of(key);
        let shard = self.shards.get(number)?;
        let at = shard.find(key)?;
        Some(Place { shard: number, at })
    }

    /// Adds an entry that is not there yet. The four thousand millionth is dropped: there is no
    /// memory for as many.
    pub fn add(&mut self, key: u64, value: V) {
        if self.shards.is_empty() {
            self.shards.resize_with(SHARDS, Shard::default);
        }
        self.shards[shard_of(key)].add(Entry { key, value });
    }

    /// An entry.
    pub fn at(&self, place: Place) -> &V {
        &self.shards[place.shard].entry(place.at).value
    }

    /// An entry, to be changed.
    pub fn at_mut(&mut self, place: Place) -> &mut V {
        let chunk = &mut self.shards[place.shard].chunks[place.at as usize / CHUNK];
        &mut chunk[place.at as usize % CHUNK].value
    }

    /// Every value.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        let chunks = self.shards.iter_mut().flat_map(|shard| &mut shard.chunks);
        chunks.flatten().map(|entry| &mut entry.value)
    }
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Shard {
            slots: Vec::new(),
            chunks: Vec::new(),
            count: 0,
        }
    }
}

impl<V> Shard<V> {
    fn entry(&self, at: u32) -> &Entry<V> {
        &self.chunks[at as usize / CHUNK][at as usize % CHUNK]
    }

    fn find(&self, key: u64) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut slot = home(key, self.slots.len());
        loop {
            let held = self.slots[slot];
            if held == 0 {
                return None;
            }
            let at = (held & MOST) - 1;
            if held >> 24 == tag(key) && self.entry(at).key == key {
                return Some(at);
            }
            slot = next(slot, self.slots.len());
        }
    }

    fn add(&mut self, entry: Entry<V>) {
        if self.count == MOST {
            return;
        }
        // A quarter stays free, so that what is not there is soon known not to be there.
        if self.count as usize >= self.slots.len() / 4 * 3 {
            self.grow();
        }
        settle(&mut self.slots, entry.key, self.count);
        if (self.count as usize).is_multiple_of(CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        self.count += 1;
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(entry);
        }
    }

    /// Only the slots grow, and they can be told from the entries: the old ones need not be kept.
    fn grow(&mut self) {
        let length = (self.slots.len() / 2 * 3).max(16);
        self.slots = Vec::new();
        self.slots.resize(length, 0);
        for (at, entry) in (0..).zip(self.chunks.iter().flatten()) {
            settle(&mut self.slots, entry.key, at);
        }
    }
}

/// Puts an entry's place into the first slot that is free for it.
fn settle(slots: &mut [u32], key: u64, at: u32) {
    let mut slot = home(key, slots.len());
    while slots[slot] != 0 {
        slot = next(slot, slots.len());
    }
    slots[slot] = tag(key) << 24 | (at + 1);
}

fn shard_of(key: u64) -> usize {
    (key >> 56) as usize
}

fn tag(key: u64) -> u32 {
    (key >> 48) as u32 & 0xFF
}

/// The lowest half of the key, brought down to the number of slots.
fn home(key: u64, slots: usize) -> usize {
    (((key & 0xFFFF_FFFF) * slots as u64) >> 32) as usize
}

fn next(slot: usize, slots: usize) -> usize {
    if slot + 1 == slots { 0 } else { slot + 1 }
}

#[cfg(test)]
mod tests {
    use super::super::hashing::hash;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn what_was_added_is_found_and_nothing_else() {
        let mut table = Table::default();
        for number in 0..50_000_u64 {
            assert_eq!(table.find(hash(&number)), None);
            table.add(hash(&number), number);
        }
        assert_eq!(table.len(), 50_000);
        for number in 0..50_000_u64 {
            let place = table.find(hash(&number)).unwrap();
            assert_eq!(*table.at(place), number);
            assert_eq!(*table.at_mut(place), number);
        }
        assert_eq!(table.find(hash(&50_000_u64)), None);
        let sum: u64 = table.values_mut().map(|number| *number).sum();
        assert_eq!(sum, 50_000 * 49_999 / 2);
    }

    #[test]
    fn little_is_allocated_beside_the_entries() {
        let mut table = Table::default();
        for number in 0..1_000_000_u64 {
            table.add(hash(&number), [number; 3]);
        }
        let shards = table.shards.iter();
        let bytes: usize = shards
            .map(|shard| shard.slots.capacity() * 4 + shard.chunks.len() * CHUNK * 32)
            .sum();
        assert!(bytes < 41 * 1_000_000, "{bytes}");
    }

    proptest! {
        /// Keys that crowd in the same few slots, with the same tag and without.
        #[test]
        fn crowded_keys_stay_apart(
            keys in prop::collection::vec(
                (0..2_u64, 0..3_u64, prop_oneof![0..4_u64, 0xFFFF_FFF0..0x1_0000_0000_u64]), 0..300)
        ) {
            let mut table = Table::default();
            let mut map = HashMap::new();
            for (at, (shard, tag, low)) in keys.into_iter().enumerate() {
                let key = shard << 56 | tag << 48 | low;
                prop_assert_eq!(table.find(key).map(|place| *table.at(place)), map.get(&key).copied());
                if map.insert(key, at).is_none() {
                    table.add(key, at);
                } else if let Some(place) = table.find(key) {
                    *table.at_mut(place) = at;
                }
            }
            prop_assert_eq!(table.len(), map.len() as u64);
        }
    }
}
