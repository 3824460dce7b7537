//! Keys as numbers: what is remembered of a journey must stay small.
//!
//! A journey's key is a hash of 64 bits. Among a million journeys two share one with a chance of
//! 1 in 37 million, among a hundred million with 1 in 3,700.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;

/// A hash of any value.
pub fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    SEED.hash(&mut hasher);
    value.hash(&mut hasher);
    hasher.finish()
}

/// A quick hash of raw values. It begins with a number nobody can know beforehand, so that records
/// cannot be made to fall into one another's journey.
pub fn quick<const N: usize>(parts: [Option<&[u8]>; N]) -> u64 {
    quick_from(*SEED, parts)
}

fn quick_from<const N: usize>(seed: u64, parts: [Option<&[u8]>; N]) -> u64 {
    parts.iter().fold(seed, |state, part| {
        let bytes = part.unwrap_or_default();
        let (chunks, rest) = bytes.as_chunks::<8>();
        let mut state = mix(state, bytes.len() as u64);
        for chunk in chunks {
            state = mix(state, u64::from_le_bytes(*chunk));
        }
        // The last bytes once more cost less than each of the rest by itself.
        let last = bytes.last_chunk().map(|last| u64::from_le_bytes(*last));
        let rest = || {
            let rest = rest.iter();
            rest.fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        mix(state, last.unwrap_or_else(rest))
    })
}

/// Takes one more number into a hash.
///
/// Both halves of the product count: with the lower one alone, a bit never reaches those below it,
/// and ids that differ by a counter or two fall together in thousands.
#[inline]
pub fn mix(state: u64, word: u64) -> u64 {
    const FACTOR: u128 = 0x9E37_79B9_7F4A_7C15;
    let product = u128::from(state.rotate_left(23) ^ word) * FACTOR;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the two halves of the product are folded into one"
    )]
    let folded = product as u64 ^ (product >> 64) as u64;
    folded
}

/// Differs from run to run.
static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0_u64));

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_that_are_much_alike_have_hashes_of_their_own() {
        type Id = fn(u32) -> String;
        let kinds: [(&str, Id); 5] = [
            ("two counters", |n| {
                format!("shop-{:x}-{:x}", n % 1000, n / 1000)
            }),
            ("a counter", |n| format!("ORD-{n:012}")),
            ("a counter, backwards", |n| {
                format!("{n:010}").chars().rev().collect()
            }),
            ("a time", |n| {
                format!(
                    "2024-05-03T{:02}:{:02}:{:02}.{:03}Z",
                    n / 10_000 % 24,
                    n / 1000 % 60,
                    n / 100 % 60,
                    n % 100 * 7
                )
            }),
            ("text", |n| format!("order {n} of customer {}", n * 31)),
        ];
        for (kind, id) in kinds {
            for seed in [1, 0x1234_5678_90AB_CDEF, 0xDEAD_BEEF_CAFE_BABE] {
                let ids: HashSet<_> = (0..100_000).map(id).collect();
                let hashes: HashSet<_> = ids
                    .iter()
                    .map(|id| {
                        quick_from(seed, [Some(b"ShopifyNZ".as_slice()), Some(id.as_bytes())])
                    })
                    .collect();
                assert_eq!(hashes.len(), ids.len(), "{kind}, seed {seed}");
            }
        }
    }
}
