//! However the bytes are split, the same repairs are made, and what was mended needs no second
//! mending.

#![no_main]

use hivelog::check::Policy;
use hivelog::check::fix::{Fixer, Part, StreamFixer};
use hivelog::model::timestamp::Timestamp;
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 1 << 20;

fn mended(bytes: &[u8], size: usize) -> Vec<u8> {
    let policy = Policy::at(Timestamp::from_millis(1_700_000_000_000));
    let mut repair = StreamFixer::new(Fixer::new(policy, true), LIMIT);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let mut hand = |part: Part<'_>| {
        new.extend_from_slice(part.fixed());
        match part {
            Part::Same(bytes) | Part::Changed { old: bytes, .. } => old.extend_from_slice(bytes),
        }
    };
    for chunk in bytes.chunks(size) {
        repair.push(chunk, &mut hand);
    }
    repair.finish(&mut hand);
    assert_eq!(old, bytes);
    new
}

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let once = mended(bytes, usize::from(*size).max(1));
    assert_eq!(mended(bytes, LIMIT), once);
    assert_eq!(mended(&once, LIMIT), once);
});
