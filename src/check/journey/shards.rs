//! A map for very many small values, by keys that are hashes already.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How many maps share the keys. When one is full, only that one is copied into twice the room, so
/// that the peak stays near what is in use.
const SHARDS: usize = 64;

/// Values by keys that are hashes.
#[derive(Debug)]
pub struct Shards<V> {
    maps: Vec<HashMap<u64, V, BuildHasherDefault<Unhashed>>>,
}

impl<V> Default for Shards<V> {
    fn default() -> Self {
        Shards { maps: Vec::new() }
    }
}

impl<V> Shards<V> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.maps.iter().map(HashMap::len).sum()
    }

    /// The value of a key.
    pub fn get(&self, key: u64) -> Option<&V> {
        self.maps.get(shard(key))?.get(&key)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        self.maps.get_mut(shard(key))?.get_mut(&key)
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: u64, value: V) {
        if self.maps.is_empty() {
            self.maps.resize_with(SHARDS, HashMap::default);
        }
        self.maps[shard(key)].insert(key, value);
    }

    /// Removes a key with its value.
    pub fn remove(&mut self, key: u64) {
        if let Some(map) = self.maps.get_mut(shard(key)) {
            map.remove(&key);
        }
    }

    /// Takes every value out, with its key, in no particular order.
    pub fn drain(&mut self) -> impl Iterator<Item = (u64, V)> + use<V> {
        std::mem::take(&mut self.maps).into_iter().flatten()
    }
}

/// The middle bits choose the shard: within it the map itself uses the lowest and the highest ones.
fn shard(key: u64) -> usize {
    (key >> 32) as usize % SHARDS
}

/// Takes a key for its own hash.
#[derive(Debug, Default)]
struct Unhashed(u64);

impl Hasher for Unhashed {
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only numbers of 64 bits are keys; anything else would still be distinguished.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
