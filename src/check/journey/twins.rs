//! Codes that share their number but not their meaning.

use crate::check::known_code::Known;
use crate::model::code::{Code, GLOSSARY};
use std::sync::LazyLock;

/// One bit for each code that has a false twin.
pub type Bits = u16;

/// The bit of a code that has a false twin, and the bits of its twins.
pub fn bits(code: Known) -> (Bits, Bits) {
    TWINS.get(usize::from(code.id)).copied().unwrap_or_default()
}

/// By a code's place in the glossary.
static TWINS: LazyLock<Vec<(Bits, Bits)>> = LazyLock::new(|| {
    // Found once: every run that reads records waits for this table.
    let having_twins = GLOSSARY.iter();
    let having_twins = having_twins.filter(|code| code.false_twins().next().is_some());
    let having_twins: Vec<_> = having_twins.map(|code| code.key).collect();
    let bit = |key: &str| -> Bits {
        let place = having_twins.iter().position(|having| *having == key);
        place.map_or(0, |place| 1 << place)
    };
    let both = |code: &Code| {
        let twins = code.false_twins().map(|twin| bit(twin.key));
        (bit(code.key), twins.fold(0, |all, bit| all | bit))
    };
    GLOSSARY.iter().map(both).collect()
});

/// What a code shares with its twins and what not, in words.
pub fn message(entry: &Code) -> String {
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

    #[test]
    fn every_false_twin_has_a_bit_of_its_own() {
        let mut seen: Bits = 0;
        for (code, (own, twins)) in GLOSSARY.iter().zip(TWINS.iter()) {
            assert_eq!(*own != 0, code.false_twins().next().is_some(), "{code}");
            assert_eq!(*own != 0, *twins != 0);
            assert_eq!(seen & own, 0);
            seen |= own;
        }
    }
}
