//! The ids of the latest events, by which repeats are told.

use std::hash::{BuildHasher, RandomState};
use uuid::Uuid;

/// A window of ids. An id is kept as 128 bits, so memory does not depend on its length.
///
/// The keys are numbered and stand in a ring; those that hash alike form a chain, from the latest
/// back. Nothing need be taken out of a chain: it ends where the window does.
#[derive(Debug)]
pub struct Seen {
    size: u64,
    ring: Vec<Link>,
    /// The number of the latest key of each chain; zero for none.
    latest: Vec<u64>,
    /// The number of the next key; the first one is one.
    next: u64,
    secret: [u64; 2],
}

#[derive(Clone, Copy, Debug)]
struct Link {
    key: [u64; 2],
    /// The number of the key before it in its chain.
    before: u64,
}

impl Seen {
    /// The usual size of the window.
    pub const WINDOW: usize = 65_536;

    /// A window of `size` ids.
    pub fn new(size: usize) -> Seen {
        let random = RandomState::new();
        Seen {
            size: size as u64,
            ring: Vec::new(),
            latest: vec![0; 2 * size.next_power_of_two()],
            next: 1,
            secret: [random.hash_one(0), random.hash_one(1)],
        }
    }

    /// The window in the order in which it was filled.
    pub fn keys(&self) -> impl Iterator<Item = u128> {
        (self.oldest()..self.next).map(|number| {
            let [low, high] = self.ring[self.place(number)].key;
            u128::from(high) << 64 | u128::from(low)
        })
    }

    /// Notes an id; false when it is in the window already.
    pub fn insert(&mut self, id: &str) -> bool {
        self.insert_key(key(id))
    }

    /// Notes an id that an earlier run has kept.
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    pub fn insert_key(&mut self, key: u128) -> bool {
        let key = [key as u64, (key >> 64) as u64];
        let (chain, oldest) = (self.chain(key), self.oldest());
        let before = self.latest[chain];
        let mut number = before;
        while number >= oldest {
            let link = self.ring[self.place(number)];
            if link.key == key {
                return false;
            }
            number = link.before;
        }
        let (link, place) = (Link { key, before }, self.place(self.next));
        if place < self.ring.len() {
            self.ring[place] = link;
        } else {
            self.ring.push(link);
        }
        self.latest[chain] = self.next;
        self.next += 1;
        true
    }

    /// The number of the oldest key in the window.
    fn oldest(&self) -> u64 {
        self.next.saturating_sub(self.size).max(1)
    }

    /// Where in the ring a number stands. The ring is as long as there are chains for two.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the lowest bits count"
    )]
    fn place(&self, number: u64) -> usize {
        (number - 1) as usize & (self.latest.len() / 2 - 1)
    }

    /// The chain of a key. It depends on numbers that nobody can know beforehand, so that ids
    /// cannot be made up that all fall into one.
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    fn chain(&self, key: [u64; 2]) -> usize {
        let [low, high] = [key[0] ^ self.secret[0], key[1] ^ self.secret[1]];
        let product = u128::from(low) * u128::from(high);
        (product as u64 ^ (product >> 64) as u64) as usize & (self.latest.len() - 1)
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
    fn repeats_are_known_within_the_window_and_forgotten_beyond() {
        let mut seen = Seen::new(3);
        assert!(["a", "b", "c"].iter().all(|id| seen.insert(id)));
        assert!(!seen.insert("a"));
        assert!(seen.insert("d"));
        assert!(seen.insert("a"), "it has left the window");
        assert!(!seen.insert("c") && !seen.insert("d"));
        let kept: Vec<u128> = seen.keys().collect();
        assert_eq!(kept, ["c", "d", "a"].map(key));
    }

    #[test]
    fn the_window_is_as_a_list_that_is_searched_would_be_and_as_small() {
        let mut seen = Seen::new(50);
        let mut list: Vec<u128> = Vec::new();
        let mut random = 1_u128;
        for _ in 0..5000 {
            random = random.wrapping_mul(0xda94_2042_e4dd_58b5_da94_2042_e4dd_58b5) + 1;
            // Some keys differ in one half alone.
            let key = ((random >> 120) % 60) << (64 * (random >> 119 & 1));
            let fresh = !list.contains(&key);
            assert_eq!(seen.insert_key(key), fresh);
            if fresh {
                list.push(key);
                list.drain(..list.len().saturating_sub(50));
            }
            assert!(seen.keys().eq(list.iter().copied()));
        }
        assert_eq!((seen.ring.len(), seen.latest.len()), (64, 128));
    }
}
