//! One look over a whole text by vector instructions, before it is read.

use wide::u8x16;

/// What one look over a text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Whether the text is free of control characters.
    pub tame: bool,
    /// Whether it is all ASCII.
    pub ascii: bool,
}

/// Looks over a text, and notes where its quotes and backslashes are.
pub fn survey(text: &[u8], marks: &mut Vec<u32>) -> Survey {
    marks.clear();
    let (blocks, rest) = text.as_chunks::<64>();
    let mut last = [b' '; 64];
    last[..rest.len()].copy_from_slice(rest);
    let (mut least, mut all) = (u8x16::splat(u8::MAX), u8x16::splat(0));
    let mut at = 0;
    for block in blocks.iter().chain([&last]) {
        let mut found = 0;
        for (part, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            least = least.min(bytes);
            all |= bytes;
            let quotes = bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\'));
            found |= u64::from(quotes.to_bitmask()) << (16 * part);
        }
        while found != 0 {
            marks.push(at + found.trailing_zeros());
            found &= found - 1;
        }
        at += 64;
    }
    Survey {
        tame: least.to_array().iter().all(|byte| *byte >= 0x20),
        ascii: all.to_array().is_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_survey_tells_what_a_plain_look_tells(
            text in prop::collection::vec(
                prop_oneof![Just(b'"'), Just(b'\\'), 0x20..0x7f_u8, any::<u8>()], 0..200,
            ),
            controls: bool,
        ) {
            let text: Vec<u8> = text.into_iter().filter(|byte| controls || *byte >= 0x20).collect();
            let mut marks = vec![7];
            let told = survey(&text, &mut marks);
            let expected: Vec<u32> = (0_u32..)
                .zip(&text)
                .filter_map(|(at, byte)| matches!(byte, b'"' | b'\\').then_some(at))
                .collect();
            prop_assert_eq!(marks, expected);
            prop_assert_eq!(told.tame, text.iter().all(|byte| *byte >= 0x20));
            prop_assert_eq!(told.ascii, text.is_ascii());
        }
    }
}
