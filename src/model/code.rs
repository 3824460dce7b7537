//! Event codes: the glossary, its ranges and its traps (event logging, "Event Code").
//!
//! The key of a code is number *and* letter: several numbers are used twice with different
//! meanings, and the number stays text because `0000` has leading zeros.

use super::table::table;
use serde::{Serialize, Serializer};
use std::fmt;

/// The letter appended to a code's number; it carries the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suffix {
    /// Information.
    N,
    /// Warning: the connector keeps trying.
    W,
    /// Error: terminal for the message.
    E,
}

impl Suffix {
    /// Every letter, the lightest level first.
    pub const ALL: [Suffix; 3] = [Suffix::N, Suffix::W, Suffix::E];

    /// The letter itself.
    pub const fn letter(self) -> char {
        match self {
            Suffix::N => 'N',
            Suffix::W => 'W',
            Suffix::E => 'E',
        }
    }

    /// The level of the letter.
    pub const fn level(self) -> CodeLevel {
        match self {
            Suffix::N => CodeLevel::Info,
            Suffix::W => CodeLevel::Warning,
            Suffix::E => CodeLevel::Error,
        }
    }
}

/// The level of an event code, as the glossary spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CodeLevel {
    /// INFO
    Info,
    /// WARNING
    Warning,
    /// ERROR
    Error,
}

impl CodeLevel {
    /// The glossary's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            CodeLevel::Info => "INFO",
            CodeLevel::Warning => "WARNING",
            CodeLevel::Error => "ERROR",
        }
    }

    /// The level that a code's letter carries, whether the glossary has the code or not.
    pub fn of_code(key: &str) -> Option<CodeLevel> {
        let (number, letter) = key.split_at_checked(4)?;
        let suffix = Suffix::ALL
            .into_iter()
            .find(|suffix| letter.chars().eq([suffix.letter()]));
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        suffix.filter(|_| is_number).map(Suffix::level)
    }
}

/// What is known about a range of codes.
#[derive(Clone, Copy, Debug)]
pub struct CategoryInfo {
    /// The document's name.
    pub name: &'static str,
    /// The one-word name used in flags.
    pub word: &'static str,
    /// The numbers it spans, as the document prints them.
    pub range: &'static str,
    /// The document's description of the range.
    pub description: &'static str,
}

impl CategoryInfo {
    const USUAL: CategoryInfo = CategoryInfo {
        name: "",
        word: "",
        range: "",
        description: "",
    };
}

table! {
    /// What a code is about, by its range.
    #[expect(missing_docs, reason = "CATEGORIES describes each")]
    enum Category;

    /// Every category, in the order of the document's table.
    static CATEGORIES: [CategoryInfo; 6];

    Data { name: "Data", word: "data", range: "1000-1999", description: "Retrieving or storing data" }
    Logic {
        name: "Logic",
        word: "logic",
        range: "2000-2999",
        description: "Business logic or data transformation",
    }
    Filter { name: "Filter", word: "filter", range: "3000-3999", description: "Filtering messages" }
    Contact {
        name: "Contact",
        word: "contact",
        range: "4000-4999",
        description: "Communicating with an external system",
    }
    Exchange {
        name: "Exchange",
        word: "exchange",
        range: "5000-5999",
        description: "Sending or receiving messages",
    }
    Internal {
        name: "Internal Server Issue",
        word: "internal",
        range: "0000",
        description: "Fallback \"catch-all\" codes for unexpected issues",
    }
}

/// One entry of the glossary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Number and letter, for example `4005E`.
    pub key: &'static str,
    /// The letter.
    pub suffix: Suffix,
    /// The glossary's description.
    pub description: &'static str,
    /// Our suggestion of a code to turn to where no sibling means the same: for an error, the
    /// warning to use while retrying; otherwise the code for when it goes wrong. Inferred.
    pub nearest: Option<&'static str>,
}

const fn code(
    key: &'static str,
    suffix: Suffix,
    description: &'static str,
    nearest: &'static str,
) -> Code {
    Code {
        key,
        suffix,
        description,
        nearest: if nearest.is_empty() {
            None
        } else {
            Some(nearest)
        },
    }
}

/// The glossary (event logging, "Event Code Glossary"), in its own order.
pub static GLOSSARY: [Code; 38] = {
    use Suffix::{E, N, W};
    [
        code("1000N", N, "Data saved", "1000W"),
        code("1000W", W, "Could not save data", "1001E"),
        code("1001E", E, "Data rejected by external system", "1000W"),
        code("1001W", W, "Key data is missing", "1002E"),
        code("1002E", E, "Key data is missing", "1001W"),
        code("1003E", E, "Duplicate data ID", "1000W"),
        code("1004E", E, "Invalid message", ""),
        code("1004W", W, "Invalid message", ""),
        code("1005E", E, "Data is missing", "1001W"),
        code("2000N", N, "Message created", "2002E"),
        code(
            "2001E",
            E,
            "Bad data received from external system",
            "1004W",
        ),
        code("2002E", E, "Message transformation failed", "1004W"),
        code("3000N", N, "Message filtered", "3002E"),
        code("3001N", N, "Message skipped", "3002E"),
        code("3002E", E, "Invalid filter", "0000W"),
        code("4000N", N, "Authenticated with SyncHive", "4004E"),
        code("4001N", N, "Authenticated with external system", "4005E"),
        code("4002E", E, "Could not reach SyncHive", "5008W"),
        code("4003W", W, "Could not reach external system", ""),
        code("4003E", E, "Could not reach external system", ""),
        code("4004E", E, "Authentication to SyncHive failed", "5006W"),
        code("4004W", W, "Rate Limit Exceeded", "4003E"),
        code(
            "4005E",
            E,
            "Authentication to external system failed",
            "5006W",
        ),
        code("5000N", N, "Message sent", "5002E"),
        code("5001N", N, "Message received", "1004E"),
        code("5002E", E, "SyncHive rejected the message", "1004W"),
        code("5003E", E, "Data rejected by external system", "1000W"),
        code("5003N", N, "Data polled", "4003W"),
        code("5004N", N, "Data received", "2001E"),
        code("5005N", N, "Data sent", "5003E"),
        code("5006W", W, "Unauthorized", ""),
        code("5006E", E, "Unauthorized", ""),
        code("5007W", W, "Connector unavailable", ""),
        code("5007E", E, "Connector unavailable", ""),
        code("5008W", W, "Platform unavailable", ""),
        code("5008E", E, "Platform unavailable", ""),
        code("0000E", E, "Error", ""),
        code("0000W", W, "Warning", ""),
    ]
};

/// The five bytes of a key as one number.
const fn packed(key: [u8; 5]) -> u64 {
    u64::from_le_bytes([key[0], key[1], key[2], key[3], key[4], 0, 0, 0])
}

static PACKED: [u64; GLOSSARY.len()] = {
    let mut all = [0; GLOSSARY.len()];
    let mut at = 0;
    while at < all.len() {
        if let Some(key) = GLOSSARY[at].key.as_bytes().first_chunk::<5>() {
            all[at] = packed(*key);
        }
        at += 1;
    }
    all
};

impl Code {
    /// Looks a code up by its exact key.
    pub fn find(key: &str) -> Option<&'static Code> {
        Self::position(key.as_bytes()).map(|at| &GLOSSARY[at])
    }

    /// The index in the glossary of an exact key.
    pub fn position(key: &[u8]) -> Option<usize> {
        // As numbers, so few comparisons cost less than one hash would.
        let wanted = packed(key.try_into().ok()?);
        PACKED.iter().position(|known| *known == wanted)
    }

    /// Every code with this number.
    pub fn with_number(number: &str) -> impl Iterator<Item = &'static Code> {
        GLOSSARY.iter().filter(move |code| code.number() == number)
    }

    /// The four digits.
    pub fn number(&self) -> &'static str {
        &self.key[..4]
    }

    /// The level that the letter carries.
    pub fn level(&self) -> CodeLevel {
        self.suffix.level()
    }

    /// The range the number falls into.
    pub fn category(&self) -> Category {
        match self.key.as_bytes()[0] {
            b'1' => Category::Data,
            b'2' => Category::Logic,
            b'3' => Category::Filter,
            b'4' => Category::Contact,
            b'5' => Category::Exchange,
            _ => Category::Internal,
        }
    }

    /// The other codes with the same number.
    pub fn siblings(&self) -> impl Iterator<Item = &'static Code> {
        let key = self.key;
        Self::with_number(self.number()).filter(move |other| other.key != key)
    }

    /// Whether there are siblings and they say the same at another level.
    ///
    /// The two catch-all codes are called "Error" and "Warning", which is the same meaning.
    pub fn sibling_means_the_same(&self) -> bool {
        let mut siblings = self.siblings().peekable();
        siblings.peek().is_some()
            && (self.category() == Category::Internal
                || siblings.all(|other| other.description == self.description))
    }

    /// The siblings that share the number but not the meaning: the glossary's trap.
    pub fn false_twins(&self) -> impl Iterator<Item = &'static Code> {
        let trap = !self.sibling_means_the_same();
        self.siblings().filter(move |_| trap)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct CodeRow<'a> {
            code: &'a str,
            number: &'a str,
            suffix: String,
            level: CodeLevel,
            category: &'a str,
            description: &'a str,
            siblings: Vec<&'a str>,
            sibling_means_the_same: bool,
        }
        CodeRow {
            code: self.key,
            number: self.number(),
            suffix: self.suffix.letter().to_string(),
            level: self.level(),
            category: self.category().name(),
            description: self.description,
            siblings: self.siblings().map(|sibling| sibling.key).collect(),
            sibling_means_the_same: self.sibling_means_the_same(),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glossary_counts_as_the_document_does() {
        let count = |suffix| GLOSSARY.iter().filter(|code| code.suffix == suffix).count();
        assert_eq!(
            (count(Suffix::N), count(Suffix::W), count(Suffix::E)),
            (11, 9, 18)
        );
        for code in &GLOSSARY {
            assert!(code.key.ends_with(code.suffix.letter()), "{code}");
            assert!(code.number().bytes().all(|digit| digit.is_ascii_digit()));
            assert_eq!(Code::find(code.key), Some(code), "keys are unique");
        }
    }

    #[test]
    fn the_false_twins_are_the_four_known_numbers() {
        let mut numbers: Vec<_> = GLOSSARY
            .iter()
            .filter(|code| code.false_twins().next().is_some())
            .map(Code::number)
            .collect();
        numbers.dedup();
        assert_eq!(numbers, ["1000", "1001", "4004", "5003"]);
        let same: Vec<_> = GLOSSARY
            .iter()
            .filter(|code| code.suffix == Suffix::W && code.sibling_means_the_same())
            .map(Code::number)
            .collect();
        assert_eq!(same, ["1004", "4003", "5006", "5007", "5008", "0000"]);
    }

    #[test]
    fn a_code_without_a_sibling_of_its_meaning_has_a_suggestion_that_exists() {
        for code in &GLOSSARY {
            assert_eq!(
                code.nearest.is_none(),
                code.sibling_means_the_same(),
                "{code}"
            );
            if let Some(nearest) = code.nearest {
                let nearest = Code::find(nearest).expect("in the glossary");
                assert_ne!(nearest.suffix, code.suffix, "{code}");
                assert_ne!(nearest.level(), CodeLevel::Info, "{code}");
            }
        }
    }
}
