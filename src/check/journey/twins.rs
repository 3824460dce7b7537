//! Codes that share their number but not their meaning.

use crate::check::codes::Known;
use crate::model::code::Code;

/// The bit of a code that has a false twin, and the bits of its twins.
pub fn bits(code: Known) -> (u8, u8) {
    let Some(entry) = code.code() else {
        return (0, 0);
    };
    let bit = |key: &str| -> u8 {
        match key {
            "1000N" => 1,
            "1000W" => 2,
            "1001E" => 4,
            "1001W" => 8,
            "4004E" => 16,
            "4004W" => 32,
            "5003E" => 64,
            "5003N" => 128,
            _ => 0,
        }
    };
    match bit(entry.key) {
        0 => (0, 0),
        own => (
            own,
            entry
                .false_twins()
                .map(|twin| bit(twin.key))
                .fold(0, |all, bit| all | bit),
        ),
    }
}

/// What a code shares with its twins and what not, in words.
pub fn told(entry: &Code) -> String {
    let twins: Vec<_> = entry
        .false_twins()
        .map(|twin| format!("{} ({})", twin.key, twin.description))
        .collect();
    format!(
        "{} ({}) shares only its number with {}",
        entry.key,
        entry.description,
        twins.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::code::GLOSSARY;

    #[test]
    fn every_false_twin_has_a_bit_of_its_own() {
        let mut seen = 0;
        for (at, code) in GLOSSARY.iter().enumerate() {
            let known = Known {
                id: u16::try_from(at).unwrap(),
                suffix: Some(code.suffix),
            };
            let (own, twins) = bits(known);
            assert_eq!(own != 0, code.false_twins().next().is_some(), "{code}");
            assert_eq!(own != 0, twins != 0);
            assert_eq!(seen & own, 0);
            seen |= own;
        }
        assert_eq!(seen, u8::MAX);
    }
}
