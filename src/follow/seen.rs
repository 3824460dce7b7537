//! The ids of the latest events, by which repeats are told.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use uuid::Uuid;

/// A window of ids. An id is kept as 128 bits, so memory does not depend on its length.
#[derive(Debug)]
pub struct Seen {
    size: usize,
    order: VecDeque<u128>,
    known: HashSet<u128, Secret>,
}

impl Seen {
    /// The usual size of the window.
    pub const WINDOW: usize = 65_536;

    /// A window of `size` ids.
    pub fn new(size: usize) -> Seen {
        Seen {
            size,
            order: VecDeque::new(),
            known: HashSet::with_hasher(Secret::new()),
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

/// A UUID is its own key. Of other ids it is FNV-1a, which is the same in every version of the
/// program: ids are kept between runs.
fn key(id: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hashed = || {
        id.bytes().fold(BASIS, |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(PRIME)
        })
    };
    match Uuid::try_parse(id) {
        Ok(uuid) if id.len() == 36 => uuid.as_u128(),
        _ => hashed(),
    }
}

/// Mixes keys with two numbers that nobody can know beforehand, so that ids cannot be made up
/// that all fall into one place.
#[derive(Debug)]
struct Secret(u64, u64);

impl Secret {
    fn new() -> Secret {
        let random = RandomState::new();
        Secret(random.hash_one(0), random.hash_one(1))
    }
}

impl BuildHasher for Secret {
    type Hasher = Mixed;
    fn build_hasher(&self) -> Mixed {
        Mixed(self.0, self.1)
    }
}

struct Mixed(u64, u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u128(u128::from(*byte));
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    fn write_u128(&mut self, key: u128) {
        let (low, high) = (key as u64, (key >> 64) as u64);
        let product = u128::from(low ^ self.0) * u128::from(high ^ self.1);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
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
    fn a_uuid_is_its_own_key_and_what_only_looks_like_one_is_not() {
        let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
        assert_eq!(key(id), 0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8);
        assert_eq!(key(id), key(&id.to_uppercase()));
        let odd = id.replace('c', "g");
        assert_ne!(key(&odd), key(&odd.replace('g', "h")));
        assert_ne!(
            key(&id.replace('-', "")),
            key(id),
            "another id, however alike"
        );
    }

    #[test]
    fn keys_that_differ_in_one_bit_fall_into_different_places() {
        let secret = Secret::new();
        let places: HashSet<u64> = (0..128)
            .map(|bit| secret.hash_one(1_u128 << bit) >> 48)
            .collect();
        assert!(places.len() > 120, "{}", places.len());
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
