//! Keys as numbers: what is remembered of a journey must stay small.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;

/// A hash of any value.
pub fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A quick hash of raw values. It begins with a number nobody can know beforehand, so that records
/// cannot be made to fall into one another's journey.
pub fn quick<const N: usize>(parts: [Option<&[u8]>; N]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, word: u64| (state.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let mixed = parts.iter().fold(*SEED, |state, part| {
        let bytes = part.unwrap_or_default();
        let mut chunks = bytes.chunks_exact(8);
        let mut state = mix(state, bytes.len() as u64);
        for chunk in &mut chunks {
            state = mix(state, chunk.try_into().map_or(0, u64::from_le_bytes));
        }
        let rest = chunks.remainder().iter();
        mix(
            state,
            rest.fold(0, |word, byte| word << 8 | u64::from(*byte)),
        )
    });
    // The highest bits are the best mixed ones; the maps look at the lowest too.
    mixed ^ mixed >> 32
}

/// Differs from run to run.
static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0_u64));

/// The keys are hashes already, so a map need not hash them again.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes
            .iter()
            .fold(self.0, |word, byte| word << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// A map whose keys are hashes.
pub type Map<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;
