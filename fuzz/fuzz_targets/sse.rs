//! However a server-sent stream is split, it says the same; nothing large is held.

#![no_main]

use hivelog::wire::sse::{Item, SseDecoder};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 64;

fn said<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut all = Vec::new();
    let mut decoder = SseDecoder::new(LIMIT);
    for chunk in chunks {
        decoder.push(chunk, &mut |item: Item<'_>| all.push(format!("{item:?}")));
    }
    all
}

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let whole = said(std::iter::once(bytes));
    assert_eq!(said(bytes.chunks(usize::from(*size).max(1))), whole);
    assert_eq!(said(bytes.chunks(1)), whole);
});
