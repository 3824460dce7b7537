//! The ids of the latest events, by which repeats are recognised.

use crate::model::fnv::Fnv;
use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use uuid::Uuid;

/// How many chains there are for each key, at least: most are empty, and looking into an empty
/// one is all that is done about a key that is new.
const CHAINS: usize = 4;

/// A window of ids. An id is stored as 128 bits, so memory does not depend on its length.
///
/// The keys are numbered and stand in a ring; those that hash alike form a chain, from the latest
/// back. Nothing need be taken out of a chain: it ends where the window does.
///
/// The bar is 4 MiB for 65,536 ids, and this takes 2.5. A `HashSet` beside a `VecDeque` takes 5.3,
/// because the places of keys that are taken out make the set double, and an id that is new costs
/// eight times as much.
#[derive(Debug)]
pub(super) struct SeenIds {
    size: u32,
    /// How many keys are in the window.
    length: u32,
    ring: Vec<Link>,
    /// The number of the latest key of each chain.
    heads: Vec<u32>,
    /// The number of the next key. Numbers wrap around.
    next: u32,
    secret: [u64; 2],
}

#[derive(Clone, Copy, Debug)]
struct Link {
    key: [u64; 2],
    /// The number of the key before it in its chain.
    before: u32,
}

impl SeenIds {
    /// The usual size of the window.
    pub const WINDOW: u32 = 65_536;

    /// The largest size it grows to.
    pub const MOST: u32 = 1 << 20;

    /// A window of `size` ids.
    pub fn new(size: u32) -> SeenIds {
        let random = RandomState::new();
        let places = size.next_power_of_two() as usize;
        SeenIds {
            size,
            length: 0,
            ring: Vec::new(),
            heads: vec![0; CHAINS * places],
            next: 1,
            secret: [random.hash_one(0), random.hash_one(1)],
        }
    }

    /// Makes the window hold so many ids at least, up to [`SeenIds::MOST`].
    pub fn hold(&mut self, ids: usize) {
        let size = u32::try_from(ids).map_or(SeenIds::MOST, |ids| ids.min(SeenIds::MOST));
        if size > self.size {
            let mut larger = SeenIds::new(size.next_power_of_two());
            for key in self.latest(self.size) {
                larger.insert(key);
            }
            *self = larger;
        }
    }

    /// At most this many of the latest keys, in the order in which they came.
    pub fn latest(&self, most: u32) -> impl Iterator<Item = u128> {
        (0..self.length.min(most)).rev().map(|age| {
            let number = self.next.wrapping_sub(age + 1);
            let [low, high] = self.ring[self.place(number)].key;
            u128::from(high) << 64 | u128::from(low)
        })
    }

    /// Looks where keys will be looked for. The waits for memory overlap here, as they do not
    /// where one key comes after the other.
    pub fn look_ahead(&self, keys: impl Iterator<Item = u128>) {
        let numbers = keys.map(|key| self.heads[self.chain(halves(key))]);
        black_box(numbers.fold(0, |all, number| all ^ number));
    }

    /// Notes the key of an id; false when it is in the window already.
    pub fn insert(&mut self, key: u128) -> bool {
        let key = halves(key);
        let chain = self.chain(key);
        let before = self.heads[chain];
        let (mut number, mut least) = (before, 1);
        // Ages grow along a chain. A number of a former lap may look as if it were of this one,
        // but leads to a key that differs, and back to no younger one.
        loop {
            let age = self.next.wrapping_sub(number);
            if !(least..=self.length).contains(&age) {
                break;
            }
            let link = self.ring[self.place(number)];
            if link.key == key {
                return false;
            }
            (number, least) = (link.before, age + 1);
        }
        let (link, place) = (Link { key, before }, self.place(self.next));
        if place < self.ring.len() {
            self.ring[place] = link;
        } else {
            self.ring.push(link);
        }
        self.heads[chain] = self.next;
        self.next = self.next.wrapping_add(1);
        self.length = self.size.min(self.length + 1);
        true
    }

    /// Where in the ring a number stands.
    fn place(&self, number: u32) -> usize {
        let places = self.heads.len() / CHAINS;
        number.wrapping_sub(1) as usize & (places - 1)
    }

    /// The chain of a key. It depends on numbers that nobody can know beforehand, so that ids
    /// cannot be made up that all fall into one.
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    fn chain(&self, key: [u64; 2]) -> usize {
        let [low, high] = [key[0] ^ self.secret[0], key[1] ^ self.secret[1]];
        let product = u128::from(low) * u128::from(high);
        (product as u64 ^ (product >> 64) as u64) as usize & (self.heads.len() - 1)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn halves(key: u128) -> [u64; 2] {
    [key as u64, (key >> 64) as u64]
}

/// A UUID is its own key. Of other ids it is a hash that is the same in every version of the
/// program: ids are saved between runs.
pub(super) fn key(id: &str) -> u128 {
    let hashed = || {
        let mut hash = Fnv::new();
        hash.take(id.as_bytes());
        hash.0
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
        let mut seen = SeenIds::new(3);
        assert!(["a", "b", "c"].iter().all(|id| seen.insert(key(id))));
        assert!(!seen.insert(key("a")));
        assert!(seen.insert(key("d")));
        assert!(seen.insert(key("a")), "it has left the window");
        assert!(!seen.insert(key("c")) && !seen.insert(key("d")));
        let kept: Vec<u128> = seen.latest(u32::MAX).collect();
        assert_eq!(kept, ["c", "d", "a"].map(key));
    }

    #[test]
    fn a_window_that_grows_forgets_nothing() {
        let mut seen = SeenIds::new(3);
        assert!(
            ["a", "b", "c", "d"]
                .map(key)
                .iter()
                .all(|id| seen.insert(*id))
        );
        seen.hold(5);
        assert!(
            ["e", "f", "g", "h", "i"]
                .map(key)
                .iter()
                .all(|id| seen.insert(*id))
        );
        let kept: Vec<u128> = seen.latest(u32::MAX).collect();
        assert_eq!(kept, ["b", "c", "d", "e", "f", "g", "h", "i"].map(key));
    }

    #[test]
    fn the_window_is_as_a_list_that_is_searched_would_be_and_as_small() {
        let mut seen = SeenIds::new(50);
        // Soon the numbers wrap around.
        seen.next = 1_u32.wrapping_sub(1024);
        let mut list: Vec<u128> = Vec::new();
        let mut random = 1_u128;
        for _ in 0..5000 {
            random = random.wrapping_mul(0xda94_2042_e4dd_58b5_da94_2042_e4dd_58b5) + 1;
            // Some keys differ in one half alone.
            let key = ((random >> 120) % 60) << (64 * (random >> 119 & 1));
            let fresh = !list.contains(&key);
            assert_eq!(seen.insert(key), fresh);
            if fresh {
                list.push(key);
                list.drain(..list.len().saturating_sub(50));
            }
            assert!(seen.latest(u32::MAX).eq(list.iter().copied()));
        }
        assert_eq!((seen.ring.len(), seen.heads.len()), (64, 256));
    }
}
