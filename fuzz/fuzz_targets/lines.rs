//! However endless lines are split, the same lines come out.

#![no_main]

use hivelog::wire::lines::{Line, Splitter};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 64;

fn lines<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut all = Vec::new();
    let mut splitter = Splitter::new(LIMIT);
    let mut take = |line: Line<'_>| {
        if let Line::Whole(line) = line {
            assert!(line.len() <= LIMIT);
        }
        all.push(format!("{line:?}"));
    };
    for chunk in chunks {
        splitter.push(chunk, &mut take);
    }
    splitter.finish(&mut take);
    all
}

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let whole = lines(std::iter::once(bytes));
    assert_eq!(lines(bytes.chunks(usize::from(*size).max(1))), whole);
    assert_eq!(lines(bytes.chunks(1)), whole);
});
