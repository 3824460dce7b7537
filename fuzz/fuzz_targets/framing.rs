//! However the bytes are split, the same records come out.

#![no_main]

use hivelog::wire::records::{Framer, Record};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 64;

type Framed = (Vec<u8>, u64, u64, u64, u64);

fn framed<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Framed> {
    let mut all = Vec::new();
    let mut framer = Framer::new(LIMIT);
    let mut take = |record: Record<'_>| {
        assert!(record.bytes.len() <= LIMIT);
        all.push((
            record.bytes.to_vec(),
            record.number,
            record.line,
            record.column,
            record.length,
        ));
    };
    for chunk in chunks {
        framer.push(chunk, &mut take);
    }
    framer.finish(&mut take);
    all
}

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let whole = framed(std::iter::once(bytes));
    assert_eq!(framed(bytes.chunks(usize::from(*size).max(1))), whole);
    assert_eq!(framed(bytes.chunks(1)), whole);
});
