//! The ids of the latest events, by which repeats are told.

use std::collections::{HashSet, VecDeque};

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

    /// The window in the order in which it was filled.
    pub fn keys(&self) -> impl Iterator<Item = u128> {
        self.order.iter().copied()
    }

    /// Notes an id; false when it is in the window already.
    pub fn insert(&mut self, id: &str) -> bool {
        self.insert_key(key(id))
    }

    /// Notes an id that an earlier run has kept.
    pub fn insert_key(&mut self, key: u128) -> bool {
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

/// FNV-1a, which is the same in every version of the program: ids are kept between runs.
fn key(id: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    id.bytes().fold(BASIS, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hashed_as_the_definition_of_fnv_says() {
        assert_eq!(key(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(key("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

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
