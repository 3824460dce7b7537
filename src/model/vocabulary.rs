//! The member names that event logs are made of, as numbers: a name is read once and is a number
//! ever after, which is quicker to compare and to look for twice.

use super::event_log::{FIELDS, Field};

/// A member name of the event log or of a data reference in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u8);

/// The members of a data reference, and of an identity in it, that are not fields as well (event
/// logging, the two `dataId` samples; `keys` is documented for references in general).
const OTHERS: [&str; 5] = ["@type", "iri", "externalIdentities", "externalId", "keys"];

/// How many words there are.
const COUNT: usize = FIELDS.len() + OTHERS.len();

/// The words; the fields come first, in their own order.
const WORDS: [&str; COUNT] = {
    let mut words = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        words[at] = if at < FIELDS.len() {
            FIELDS[at].name
        } else {
            OTHERS[at - FIELDS.len()]
        };
        at += 1;
    }
    words
};

const SLOTS: usize = 64;

/// The word of each slot; some word for nobody's slot, as a name is compared anyway.
static TABLE: [u8; SLOTS] = {
    let mut table = [0; SLOTS];
    let mut word = 0_u8;
    while (word as usize) < COUNT {
        let slot = slot(WORDS[word as usize].as_bytes());
        assert!(table[slot] == 0, "two words in one slot: another FACTOR");
        table[slot] = word;
        word += 1;
    }
    table
};

/// Found by trying: the first with a slot for each word.
const FACTOR: usize = 0x0001_1D89;

/// Length, second and third byte distinguish all the words.
const fn slot(name: &[u8]) -> usize {
    let [_, second, third, ..] = *name else {
        return 0;
    };
    let mixed = name.len() ^ (second as usize) << 8 ^ (third as usize) << 16;
    mixed.wrapping_mul(FACTOR) >> 20 & (SLOTS - 1)
}

impl Word {
    /// The word that a name is, if it is one.
    #[inline]
    pub fn find(name: &[u8]) -> Option<Word> {
        let word = Word(TABLE[slot(name)]);
        (word.name().as_bytes() == name).then_some(word)
    }

    /// `@type`, of a data reference.
    pub const KIND: Word = Word::of("@type");
    /// `schemaName`, of a record or its data reference.
    pub const SCHEMA_NAME: Word = Word::of("schemaName");
    /// `shapeName`, of a record or its data reference.
    pub const SHAPE_NAME: Word = Word::of("shapeName");
    /// `iri`, of a data reference.
    pub const IRI: Word = Word::of("iri");
    /// `externalIdentities`, of a data reference.
    pub const EXTERNAL_IDENTITIES: Word = Word::of("externalIdentities");
    /// `keys`, of a data reference.
    pub const KEYS: Word = Word::of("keys");
    /// `integrationKey`, of a record or an external identity.
    pub const INTEGRATION_KEY: Word = Word::of("integrationKey");
    /// `externalId`, of an external identity.
    pub const EXTERNAL_ID: Word = Word::of("externalId");

    /// A word that is known to be one; anything else does not compile.
    const fn of(name: &str) -> Word {
        let word = Word(TABLE[slot(name.as_bytes())]);
        let (own, typed) = (WORDS[word.0 as usize].as_bytes(), name.as_bytes());
        assert!(own.len() == typed.len(), "no word");
        let mut at = 0;
        while at < own.len() {
            assert!(own[at] == typed[at], "no word");
            at += 1;
        }
        word
    }

    /// The field of the event log of that name.
    #[inline]
    pub fn field(self) -> Option<Field> {
        Field::ALL.get(self.index()).copied()
    }

    /// Its place among the words, from 0.
    fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The word itself.
    pub fn name(self) -> &'static str {
        WORDS[self.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_and_nothing_else() {
        for (at, name) in WORDS.iter().enumerate() {
            assert_eq!(Word::find(name.as_bytes()).map(Word::index), Some(at));
        }
        for stranger in ["", "x", "ir", "eventcode", "eventCod", "eventCodes", "IRI"] {
            assert_eq!(Word::find(stranger.as_bytes()), None, "{stranger}");
        }
    }
}
