//! A map for very many small values, by keys that are hashes already.

use hashbrown::HashTable;

/// Values by keys that are hashes. None is removed.
///
/// The values stand one behind the other, and only their numbers are scattered. A map of the values
/// themselves touches new memory for all of them whenever it grows, which takes twice the time.
#[derive(Debug)]
pub struct ByHash<V> {
    places: HashTable<ValuePlace>,
    values: Vec<(u64, V)>,
}

/// Where a value is.
#[derive(Debug)]
struct ValuePlace {
    /// Half of the key: no value is looked at in vain, nor to find a new place for its number.
    half: u32,
    number: u32,
}

impl<V> Default for ByHash<V> {
    fn default() -> Self {
        ByHash {
            places: HashTable::new(),
            values: Vec::new(),
        }
    }
}

impl<V> ByHash<V> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The value of a key.
    pub fn get(&self, key: u64) -> Option<&V> {
        Some(&self.values[self.find(key)?].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        let place = self.find(key)?;
        Some(&mut self.values[place].1)
    }

    /// Adds the value of a key that has none.
    pub fn insert(&mut self, key: u64, value: V) {
        // Memory ends before the numbers do.
        if let Ok(number) = u32::try_from(self.values.len()) {
            let half = half(key);
            let place = ValuePlace { half, number };
            let again = |place: &ValuePlace| spread(place.half);
            self.places.insert_unique(spread(half), place, again);
            self.values.push((key, value));
        }
    }

    fn find(&self, key: u64) -> Option<usize> {
        let half = half(key);
        let is_it =
            |place: &ValuePlace| place.half == half && self.values[place.number as usize].0 == key;
        let place = self.places.find(spread(half), is_it)?;
        Some(place.number as usize)
    }
}

fn half(key: u64) -> u32 {
    (key >> 32) as u32
}

/// The table uses the lowest and the highest bits.
fn spread(half: u32) -> u64 {
    u64::from(half) << 32 | u64::from(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_holds_what_any_map_holds(
            keys in prop::collection::vec((0..3_u64, 0..40_u64), 0..200),
        ) {
            let (mut map, mut expected) = (ByHash::default(), HashMap::new());
            for (at, (upper, lower)) in keys.into_iter().enumerate() {
                let key = upper << 32 | lower;
                prop_assert_eq!(map.get(key), expected.get(&key));
                match map.get_mut(key) {
                    Some(value) => *value = at,
                    None => map.insert(key, at),
                }
                expected.insert(key, at);
                prop_assert_eq!(map.len(), expected.len());
            }
        }
    }
}
