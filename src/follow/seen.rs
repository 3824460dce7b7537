//! The ids of the latest events, by which repeats are told.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A window of ids. An id is kept as 128 bits of hash, so memory does not depend on its length.
#[derive(Debug)]
pub struct Seen {
    size: usize,
    order: VecDeque<u128>,
    known: HashSet<u128>,
}

impl Seen {
    /// The usual size of the window.
    pub const WINDOW: usize = 65_536;

    /// A window of `size` ids.
    pub fn new(size: usize) -> Seen {
        Seen {
            size,
            order: VecDeque::new(),
            known: HashSet::new(),
        }
    }

    /// Notes an id; false when it is in the window already.
    pub fn insert(&mut self, id: &str) -> bool {
        let key = key(id);
        if !self.known.insert(key) {
            return false;
        }
        if self.order.len() == self.size
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(key);
        true
    }
}

fn key(id: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        id.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_known_within_the_window_and_forgotten_beyond() {
        let mut seen = Seen::new(3);
        assert!(["a", "b", "c"].iter().all(|id| seen.insert(id)));
        assert!(!seen.insert("a"));
        assert!(seen.insert("d"));
        assert!(seen.insert("a"), "it has left the window");
        assert!(!seen.insert("c") && !seen.insert("d"));
        assert_eq!((seen.order.len(), seen.known.len()), (3, 3));
    }
}
