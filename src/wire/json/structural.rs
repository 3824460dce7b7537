//! One look over a whole text by vector instructions, before it is read.

use wide::u8x16;

/// The result of one scan over a text. Its memory is reused from text to text.
#[derive(Clone, Debug, Default)]
pub struct Structural {
    marks: Vec<u32>,
    /// Whether the text is free of control characters.
    pub no_controls: bool,
    /// Whether it is all ASCII.
    pub is_ascii: bool,
}

impl Structural {
    /// Looks over a text, forgetting the one before.
    pub fn index(&mut self, text: &[u8]) {
        self.marks.clear();
        let (blocks, rest) = text.as_chunks::<64>();
        let (mut least, mut all) = (u8x16::splat(u8::MAX), u8x16::splat(0));
        let mut at = 0;
        for block in blocks.iter().chain([&padded(rest)]) {
            for bytes in block.as_chunks::<16>().0 {
                let bytes = u8x16::new(*bytes);
                least = least.min(bytes);
                all |= bytes;
            }
            let mut found = either(block, b'"', b'\\');
            self.marks.extend((0..found.count_ones()).map(|_| {
                let mark = at + found.trailing_zeros();
                found &= found - 1;
                mark
            }));
            at += 64;
        }
        self.no_controls = least.to_array().iter().all(|byte| *byte >= 0x20);
        self.is_ascii = all.to_array().is_ascii();
    }

    /// Where its quotes and backslashes are.
    pub fn marks(&self) -> &[u32] {
        &self.marks
    }
}

/// The last bytes of a text as a block; what is added is neither sought nor odd.
fn padded(rest: &[u8]) -> [u8; 64] {
    let mut block = [b' '; 64];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// One bit for each byte of a block that is one of two.
#[inline]
fn either(block: &[u8; 64], one: u8, other: u8) -> u64 {
    let (one, other) = (u8x16::splat(one), u8x16::splat(other));
    (0..)
        .step_by(16)
        .zip(block.as_chunks::<16>().0)
        .fold(0, |found, (shift, bytes)| {
            let bytes = u8x16::new(*bytes);
            let equal = bytes.simd_eq(one) | bytes.simd_eq(other);
            found | u64::from(equal.to_bitmask()) << shift
        })
}

/// Where either of two bytes is in a text. Made for texts that are full of them: a search that is
/// begun anew behind each would cost more than the looking.
#[derive(Clone, Debug)]
pub struct BytePositions<'t> {
    text: &'t [u8],
    wanted: (u8, u8),
    /// The block ahead.
    next: usize,
    /// What is left of the block before it.
    found: u64,
}

impl<'t> BytePositions<'t> {
    /// The places of two bytes, of which neither is a blank.
    pub fn of(one: u8, other: u8, text: &'t [u8]) -> BytePositions<'t> {
        BytePositions {
            text,
            wanted: (one, other),
            next: 0,
            found: 0,
        }
    }
}

impl Iterator for BytePositions<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            let rest = self.text.get(self.next..)?;
            let (one, other) = self.wanted;
            self.found = match rest.first_chunk() {
                Some(block) => either(block, one, other),
                None => either(&padded(rest), one, other),
            };
            self.next += 64;
        }
        let place = self.next - 64 + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_index_tells_what_a_plain_look_tells(
            text in prop::collection::vec(
                prop_oneof![Just(b'"'), Just(b'\\'), 0x20..0x7f_u8, any::<u8>()], 0..200,
            ),
            controls: bool,
        ) {
            let text: Vec<u8> = text.into_iter().filter(|byte| controls || *byte >= 0x20).collect();
            let mut structural = Structural::default();
            structural.index(b"\"");
            structural.index(&text);
            let expected: Vec<u32> = (0_u32..)
                .zip(&text)
                .filter_map(|(at, byte)| matches!(byte, b'"' | b'\\').then_some(at))
                .collect();
            prop_assert_eq!(structural.marks(), &expected);
            prop_assert_eq!(structural.no_controls, text.iter().all(|byte| *byte >= 0x20));
            prop_assert_eq!(structural.is_ascii, text.is_ascii());
            let places: Vec<u32> = BytePositions::of(b'"', b'\\', &text)
                .map(|at| u32::try_from(at).expect("a short text"))
                .collect();
            prop_assert_eq!(places, expected);
        }
    }
}
