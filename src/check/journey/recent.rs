//! What is remembered of things that come again and again, with a bound: what has not come for
//! the longest is forgotten first.

use super::hashing::Map;
use std::collections::hash_map::Entry;
use std::mem;

/// Values by hash, in two generations: once the young one is full it becomes the old one, and
/// what the old one held is forgotten unless it came again.
#[derive(Debug)]
pub struct Recent<V> {
    young: Map<V>,
    old: Map<V>,
    most: usize,
}

impl<V> Recent<V> {
    /// Remembers so many at least, and twice as many at most.
    pub fn new(most: usize) -> Recent<V> {
        Recent {
            young: Map::default(),
            old: Map::default(),
            most: most.max(1),
        }
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// What is remembered of this one.
    pub fn get(&self, key: u64) -> Option<&V> {
        self.young.get(&key).or_else(|| self.old.get(&key))
    }

    /// This one, which has come again or is new.
    pub fn touch(&mut self, key: u64, new: impl FnOnce() -> V) -> &mut V {
        if self.young.len() >= self.most && !self.young.contains_key(&key) {
            let known = self.old.remove(&key);
            self.old.clear();
            mem::swap(&mut self.young, &mut self.old);
            return self
                .young
                .entry(key)
                .or_insert_with(|| known.unwrap_or_else(new));
        }
        match self.young.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(self.old.remove(&key).unwrap_or_else(new)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_stays_and_the_rest_is_forgotten_in_time() {
        let mut recent = Recent::new(10);
        for key in 0..1_000 {
            *recent.touch(7, || 0) += 1;
            recent.touch(1_000 + key, || 0);
            assert!(recent.len() <= 20);
            assert!(recent.get(1_000 + key.saturating_sub(8)).is_some());
        }
        assert_eq!(recent.get(7), Some(&1_000));
        assert!(recent.get(1_500).is_none());
    }
}
