//! Error texts that say the same of different things: what differs between them becomes a hole.

use crate::model::sys_event::SYS_TYPES;
use crate::model::trigger::FailurePrefix;
use regex::{Captures, Regex};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What may be a hole, from the left, the most specific form first. Where the form alone does
/// not decide, it is looked at more closely.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        r#"(?P<quoted>"[^"]*"|`[^`]*`|“[^”]*”|«[^»]*»|(?:^|[\s(\[=:,{])'[^']*')"#,
        r#"(?P<url>\b[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+)"#,
        r"(?P<mail>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
        r"(?P<uuid>\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b)",
        r"(?P<time>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d)\b)?)?|\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b)",
        r"(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\](?::\d+)?|\b[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}|::[0-9A-Fa-f]{1,4}\b)",
        r"(?P<host>\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+(?::\d+)?\b|\blocalhost(?::\d+)?\b)",
        r"(?P<word>[\w-]*\d(?:[\w-]|[.,]\d)*)",
    ];
    #[expect(clippy::expect_used, reason = "it is constant, and a test reads it")]
    Regex::new(&forms.join("|")).expect("a pattern")
});

/// The last part of a host name, in addition to any two letters.
const TOP_LEVELS: [&str; 25] = [
    "app",
    "arpa",
    "biz",
    "cloud",
    "cluster",
    "com",
    "corp",
    "dev",
    "edu",
    "example",
    "gov",
    "home",
    "info",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "mil",
    "net",
    "online",
    "org",
    "svc",
    "test",
];

/// What a text has in common with those that say the same; two texts are folded where these are
/// the same.
pub fn pattern(text: &str) -> String {
    if let Some(known) = FailurePrefix::within(text) {
        return known.prefix.to_owned();
    }
    let folded = TOKEN.replace_all(text.trim(), |found: &Captures<'_>| hole(found));
    // Blanks say nothing.
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands in the pattern for something that was found.
fn hole(found: &Captures<'_>) -> String {
    let text = &found[0];
    let is = |form: &str| found.name(form).is_some();
    if is("quoted") {
        // What stands before an apostrophe stays.
        let prefix = text
            .chars()
            .next()
            .filter(|first| !"\"`“«'".contains(*first));
        return format!(
            "{}\u{1}quoted",
            prefix.map_or_else(String::new, String::from)
        );
    }
    if is("url") {
        let end = text
            .trim_end_matches(['.', ',', ';', ':', ')', ']', '!', '?'])
            .len();
        return format!("\u{1}url{}", &text[end..]);
    }
    if is("mail") || is("uuid") {
        return "\u{1}id".to_owned();
    }
    if is("time") {
        return "\u{1}time".to_owned();
    }
    if is("ip") {
        return if text.chars().any(|c| c.is_ascii_hexdigit()) {
            "\u{1}address".to_owned()
        } else {
            text.to_owned()
        };
    }
    if is("host") {
        return if is_host(text) {
            "\u{1}address".to_owned()
        } else if is_measure(text) {
            "\u{1}number".to_owned()
        } else {
            text.split('.').map(word).collect::<Vec<_>>().join(".")
        };
    }
    word(text)
}

fn is_host(text: &str) -> bool {
    let (name, port) = match text.split_once(':') {
        Some((name, _)) => (name, true),
        None => (text, false),
    };
    let labels = name.split('.').collect::<Vec<_>>();
    let Some(last) = labels.last() else {
        return false;
    };
    let is_country = last.len() == 2 && *last != "id" && labels.len() > 2;
    let is_known = TOP_LEVELS.contains(last) || is_country;
    let has_letters = last.bytes().all(|byte| byte.is_ascii_alphabetic());
    name == "localhost"
        || has_letters
            && (is_known || port && labels.len() > 1)
            && !SYS_TYPES.iter().any(|known| known.name == name)
}

/// A word with digits: a number with or without a unit, an id, or a name with a number in it.
fn word(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    if !text.contains(is_digit) {
        return text.to_owned();
    }
    let plain: String = text.chars().filter(|c| !matches!(c, '-' | '_')).collect();
    let is_hex = plain.len() >= 8 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hex = plain.strip_prefix("0x").unwrap_or("");
    let is_hex = is_hex || !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    // How often letters follow digits or the other way round.
    let changes = plain
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit());
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && is_measure(text) {
        return "\u{1}number".to_owned();
    }
    if is_hex && plain.contains(|c: char| c.is_ascii_alphabetic()) || changes.count() > 2 {
        return "\u{1}id".to_owned();
    }
    let mut shown = String::new();
    let mut within = false;
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() || within && matches!(c, '.' | ',') => {
                if !within {
                    shown.push_str("\u{1}number");
                }
                within = true;
            }
            c => {
                within = false;
                shown.push(c);
            }
        }
    }
    shown
}

/// Whether a word is a number, maybe negative and maybe with units of time or size: `-5`, `1,234.5`,
/// `1m30s`, `64KiB`.
fn is_measure(text: &str) -> bool {
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    while !rest.is_empty() {
        let number = rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '_'))
            .unwrap_or(rest.len());
        if number == 0 {
            return false;
        }
        rest = &rest[number..];
        let unit = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let known = [
            "", "ns", "us", "µs", "ms", "s", "m", "h", "d", "sec", "min", "k", "K", "kB", "KB",
            "KiB", "MB", "MiB", "GB", "GiB", "B", "M", "G", "x", "st", "nd", "rd", "th",
        ];
        if !known.contains(&&rest[..unit]) {
            return false;
        }
        rest = &rest[unit..];
    }
    true
}

/// Texts of one pattern, each with how often it came.
#[derive(Clone, Debug, Default)]
pub struct Fillings(HashMap<String, (u64, usize)>);

impl Fillings {
    /// How many texts are counted separately.
    const MOST: usize = 64;

    /// Counts a text.
    pub fn add(&mut self, text: &str) {
        self.add_many(text, 1);
    }

    fn add_many(&mut self, text: &str, count: u64) {
        let place = self.0.len();
        match self.0.get_mut(text) {
            Some((known, _)) => *known += count,
            None if place < Self::MOST => {
                self.0.insert(text.to_owned(), (count, place));
            }
            None => {}
        }
    }

    /// Counts those of another set, which came later.
    pub fn merge(&mut self, other: Fillings) {
        let mut others = other.0.into_iter().collect::<Vec<_>>();
        others.sort_by_key(|(_, (_, place))| *place);
        for (text, (count, _)) in others {
            self.add_many(&text, count);
        }
    }

    /// The text that came most often, and of several the first.
    pub fn most_frequent(&self) -> Option<&str> {
        let most = self
            .0
            .iter()
            .max_by_key(|(_, (count, place))| (*count, std::cmp::Reverse(*place)));
        most.map(|(text, _)| text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_that_differ_in_numbers_ids_addresses_times_and_names_are_one() {
        for alike in [
            &[
                "node 4: HTTP 503",
                "node 17: HTTP 502",
                "node 4:  HTTP 503 ",
            ][..],
            &["took 1.5s", "took 200ms", "took 1m30s", "took 1,234"],
            &["offset -5 is odd", "offset 5 is odd"],
            &["order ORD-1001 is late", "order ORD-77 is late"],
            &[
                "no answer for 14cac731-6dd7-424c-bfbf-f0be0b07f8cf",
                "no answer for 00000000-0000-4000-8000-000000000000",
                "no answer for 9f86d081884c7d65",
                "no answer for x7Gh2k9Qz1",
            ],
            &[
                "dial tcp 10.20.0.5:5432: connection refused",
                "dial tcp 10.20.0.6: connection refused",
                "dial tcp [fe80::1]:5432: connection refused",
                "dial tcp db.example.com:5432: connection refused",
                "dial tcp db-2.internal: connection refused",
                "dial tcp localhost:5432: connection refused",
            ],
            &[
                "GET https://a.example.com/x?y=1: 503",
                "GET http://127.0.0.1:80/: 502",
            ],
            &[
                "late since 2024-05-03T17:30:00.895Z",
                "late since 2024-05-03 17:30:00 +1200",
                "late since 17:30",
            ],
            &["unknown field \"total\"", "unknown field \"order date\""],
            &["unknown field 'total' in x", "unknown field 'b' in x"],
            &["mail to a@example.com bounced", "mail to b.c@d.org bounced"],
            &[
                "flow validation failed: node 3: unknown",
                "flow validation failed: no such thing",
                "Error: Flow validation failed: x",
            ],
        ] {
            for text in alike {
                assert_eq!(pattern(text), pattern(alike[0]), "{text}");
            }
        }
    }

    #[test]
    fn texts_that_differ_in_words_are_not() {
        for apart in [
            &["connection refused", "connection reset"][..],
            &[
                "field order.total is missing",
                "field order.date is missing",
            ],
            &["java.io.IOException", "java.net.SocketException"],
            &["S3 failed", "EC2 failed"],
            &["trigger.event.failed", "trigger.schedule.failed"],
            &["core::io error", "core::fmt error"],
            &["don't know the flow's end", "don't know the flow's start"],
            &[
                "flow validation failed: x",
                "failed to fetch target flow: x",
            ],
            &["5 items", "5 item", "items"],
        ] {
            let patterns = apart.iter().map(|text| pattern(text));
            let mut patterns = patterns.collect::<Vec<_>>();
            patterns.sort();
            patterns.dedup();
            assert_eq!(patterns.len(), apart.len(), "{apart:?}");
        }
    }

    #[test]
    fn the_most_frequent_text_stands_for_its_pattern() {
        let mut first = Fillings::default();
        for text in ["node 1", "node 2", "node 2"] {
            first.add(text);
        }
        let mut later = Fillings::default();
        for text in ["node 3", "node 1", "node 1"] {
            later.add(text);
        }
        assert_eq!(first.most_frequent(), Some("node 2"));
        first.merge(later);
        assert_eq!(first.most_frequent(), Some("node 1"));
        assert_eq!(Fillings::default().most_frequent(), None);
    }

    proptest! {
        #[test]
        fn any_number_any_host_and_any_id_fold(a in 0_u32.., b in 0_u32.., x in "[a-z]{1,8}\\.[a-z]{1,8}\\.com", y in "[a-z]{1,8}\\.org", i in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", j in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}") {
            let text = |n: u32, host: &str, id: &str| format!("no {n} at {host} for {id}");
            prop_assert_eq!(pattern(&text(a, &x, &i)), pattern(&text(b, &y, &j)));
        }

        #[test]
        fn words_without_digits_stay(text in "[a-z]{1,9}( [a-z]{1,9}){0,5}") {
            prop_assume!(text != "localhost" && !text.contains(" localhost") && !text.starts_with("localhost "));
            prop_assert_eq!(pattern(&text), text);
        }

        #[test]
        fn whatever_is_said_has_a_pattern(text in any::<String>()) {
            let _ = pattern(&text);
        }
    }
}
