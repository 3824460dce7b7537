//! Tables for very many small entries: no allocation of its own for an entry, little slack, and
//! never a copy of everything at once.

/// How many parts a table has; the key's highest byte tells which.
pub const SHARDS: usize = 256;

/// How many entries are allocated at once.
const CHUNK: usize = 128;

/// The largest place that an [`Index`] can hold.
pub const LAST: u32 = 0x00FF_FFFE;

/// The part of a table that holds a key.
pub fn shard(key: u64) -> usize {
    (key >> 56) as usize
}

/// Where the entry of a key is. It does not hold the keys: a slot is four bytes.
#[derive(Debug, Default)]
pub struct Index {
    /// Where an entry is looked for first is told by the lowest half of its key. A slot holds
    /// eight more bits of the key above the entry's place, counted from 1; 0 is a free slot.
    slots: Vec<u32>,
    used: usize,
}

impl Index {
    /// Looks for a key; `is` tells whether the entry at a place has it. Gives back the slot with
    /// the place.
    pub fn find(&self, key: u64, is: impl Fn(u32) -> bool) -> Option<(usize, u32)> {
        if self.slots.is_empty() {
            return None;
        }
        let mut slot = home(key, self.slots.len());
        loop {
            let held = self.slots[slot];
            if held == 0 {
                return None;
            }
            let place = (held & PLACE) - 1;
            if held & !PLACE == tag(key) && is(place) {
                return Some((slot, place));
            }
            slot = next(slot, self.slots.len());
        }
    }

    /// Makes room for one more key. If there is none, `all` is asked for every key with its place:
    /// the old slots need not be kept beside the new ones.
    pub fn reserve<I: Iterator<Item = (u64, u32)>>(&mut self, all: impl FnOnce() -> I) {
        // A quarter stays free, so that what is not there is soon known not to be there.
        if self.used < self.slots.len() / 4 * 3 {
            return;
        }
        let length = (self.slots.len() / 2 * 3).max(16);
        self.slots = Vec::new();
        self.slots.resize(length, 0);
        self.used = 0;
        for (key, place) in all() {
            self.put(key, place);
        }
    }

    /// Adds a key that is not there yet; there must be room for it.
    pub fn put(&mut self, key: u64, place: u32) {
        let mut slot = home(key, self.slots.len());
        while self.slots[slot] != 0 {
            slot = next(slot, self.slots.len());
        }
        self.slots[slot] = tag(key) | (place + 1);
        self.used += 1;
    }

    /// The entry of a slot has another place now.
    pub fn set(&mut self, slot: usize, place: u32) {
        let held = &mut self.slots[slot];
        *held = *held & !PLACE | (place + 1);
    }
}

const PLACE: u32 = 0x00FF_FFFF;

#[expect(
    clippy::cast_possible_truncation,
    reason = "eight bits of the key are wanted"
)]
fn tag(key: u64) -> u32 {
    (key >> 24) as u32 & !PLACE
}

/// The lowest half of the key, brought down to the number of slots.
fn home(key: u64, slots: usize) -> usize {
    (((key & 0xFFFF_FFFF) * slots as u64) >> 32) as usize
}

fn next(slot: usize, slots: usize) -> usize {
    if slot + 1 == slots { 0 } else { slot + 1 }
}

/// Entries that stay where they are, with their keys.
#[derive(Debug)]
pub struct Entries<V> {
    chunks: Vec<Vec<Entry<V>>>,
}

/// The key is in halves, so that an entry need not be aligned as a number of eight bytes.
#[derive(Debug)]
struct Entry<V> {
    key: [u32; 2],
    value: V,
}

impl<V> Entry<V> {
    fn key(&self) -> u64 {
        u64::from(self.key[0]) << 32 | u64::from(self.key[1])
    }
}

impl<V> Default for Entries<V> {
    fn default() -> Self {
        Entries { chunks: Vec::new() }
    }
}

impl<V> Entries<V> {
    /// Adds an entry and says where it is.
    pub fn add(&mut self, key: u64, value: V) -> u32 {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let chunk = &mut self.chunks[before / CHUNK];
        chunk.push(Entry {
            key: halves(key),
            value,
        });
        u32::try_from(before + chunk.len() - 1).unwrap_or(u32::MAX)
    }

    /// Puts another entry in the place of one.
    pub fn set(&mut self, place: u32, key: u64, value: V) {
        self.chunks[place as usize / CHUNK][place as usize % CHUNK] = Entry {
            key: halves(key),
            value,
        };
    }

    fn entry(&self, place: u32) -> &Entry<V> {
        &self.chunks[place as usize / CHUNK][place as usize % CHUNK]
    }

    /// The key at a place.
    pub fn key(&self, place: u32) -> u64 {
        self.entry(place).key()
    }

    /// The value at a place.
    pub fn at(&self, place: u32) -> &V {
        &self.entry(place).value
    }

    /// The value at a place, to be changed.
    pub fn at_mut(&mut self, place: u32) -> &mut V {
        &mut self.chunks[place as usize / CHUNK][place as usize % CHUNK].value
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * CHUNK;
        full + self.chunks.last().map_or(0, Vec::len)
    }

    /// Every key with its place and value.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u32, &V)> {
        let entries = self.chunks.iter().flatten().zip(0..);
        entries.map(|(entry, place)| (entry.key(), place, &entry.value))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
fn halves(key: u64) -> [u32; 2] {
    [(key >> 32) as u32, key as u32]
}

/// Values by their keys, which are hashes.
#[derive(Debug)]
pub struct Table<V> {
    shards: Vec<(Index, Entries<V>)>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Table { shards: Vec::new() }
    }
}

impl<V> Table<V> {
    /// The value of a key.
    pub fn get(&self, key: u64) -> Option<&V> {
        let (index, entries) = self.shards.get(shard(key))?;
        let (_, place) = index.find(key, |place| entries.key(place) == key)?;
        Some(entries.at(place))
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        let (index, entries) = self.shards.get_mut(shard(key))?;
        let (_, place) = index.find(key, |place| entries.key(place) == key)?;
        Some(entries.at_mut(place))
    }

    /// Sets the value of a key. A new one beyond four thousand million is dropped: there is no
    /// memory for as many.
    pub fn set(&mut self, key: u64, value: V) {
        if let Some(old) = self.get_mut(key) {
            *old = value;
            return;
        }
        self.shards
            .resize_with(SHARDS, || (Index::default(), Entries::default()));
        let (index, entries) = &mut self.shards[shard(key)];
        if entries.len() < LAST as usize {
            index.reserve(|| entries.iter().map(|(key, place, _)| (key, place)));
            index.put(key, entries.add(key, value));
        }
    }

    /// Takes every value out, with its key.
    pub fn take(&mut self) -> impl Iterator<Item = (u64, V)> + use<V> {
        let shards = std::mem::take(&mut self.shards).into_iter();
        let chunks = shards.flat_map(|(_, entries)| entries.chunks);
        chunks.flatten().map(|entry| (entry.key(), entry.value))
    }
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
            assert_eq!(table.get(hash(&number)), None);
            table.set(hash(&number), number);
        }
        for number in 0..50_000_u64 {
            assert_eq!(table.get(hash(&number)), Some(&number));
        }
        assert_eq!(table.get(hash(&50_000_u64)), None);
        assert_eq!(
            table.take().map(|(_, number)| number).sum::<u64>(),
            50_000 * 49_999 / 2
        );
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
                prop_assert_eq!(table.get(key), map.get(&key));
                table.set(key, at);
                map.insert(key, at);
            }
            let sum: usize = map.values().sum();
            prop_assert_eq!(table.take().map(|(_, at)| at).sum::<usize>(), sum);
        }
    }
}
