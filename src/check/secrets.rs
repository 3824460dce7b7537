//! Texts that look as if they carried a key, token or password.
//!
//! Looks at the record's raw bytes, so that JSON in customData and headers in technicalInfo are
//! found alike. What is found is shown masked.

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Match};
use std::sync::LazyLock;

/// Names before `:` or `=` whose value is a secret.
const NAMES: [&str; 17] = [
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "connector-key",
    "secretkey",
    "secret_key",
    "privatekey",
    "private_key",
    "authorization",
];

/// The first thing that looks like a secret, masked.
pub fn find(raw: &[u8]) -> Option<String> {
    assignment(raw).or_else(|| known_shape(raw))
}

/// `name: value` and `name=value` with a telling name.
fn assignment(raw: &[u8]) -> Option<String> {
    for at in memchr::memchr2_iter(b':', b'=', raw) {
        // All telling names end with one of four letters; most names do not.
        let last = raw[..at].iter().rfind(|byte| !is_quoting(**byte));
        if !last.is_some_and(|byte| matches!(byte.to_ascii_lowercase(), b'd' | b't' | b'n' | b'y'))
        {
            continue;
        }
        let name = word_before(&raw[..at]);
        if name.len() < 3 {
            continue;
        }
        let lower = name.to_ascii_lowercase();
        let telling = NAMES.iter().any(|known| {
            lower.strip_suffix(known.as_bytes()).is_some_and(|before| {
                // `token` but not `broken`: the name begins a word, or camel case does.
                let begins = before
                    .last()
                    .is_none_or(|byte| !byte.is_ascii_alphanumeric());
                begins || name[before.len()].is_ascii_uppercase()
            })
        });
        if telling && is_secret_value(&raw[at + 1..], raw[at]) {
            return Some(format!(
                "{}{}***",
                String::from_utf8_lossy(name),
                char::from(raw[at])
            ));
        }
    }
    None
}

/// What may stand between a name and its separator.
fn is_quoting(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'\'' | b' ')
}

/// The word that ends the bytes, quotes, backslashes and blanks passed over.
fn word_before(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !is_quoting(*byte))
        .map_or(0, |at| at + 1);
    let start = bytes[..end]
        .iter()
        .rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')))
        .map_or(0, |at| at + 1);
    // An escape such as \n in front of the word is no part of it.
    let escaped = start > 0 && bytes[start - 1] == b'\\' && start < end;
    &bytes[start + usize::from(escaped)..end]
}

/// Whether what follows looks like a secret and not like prose or a placeholder.
fn is_secret_value(rest: &[u8], separator: u8) -> bool {
    let mut rest = rest;
    loop {
        let before = rest.len();
        while let [b'"' | b'\\' | b'\'' | b' ', tail @ ..] = rest {
            rest = tail;
        }
        for scheme in [&b"Bearer "[..], b"bearer ", b"Basic ", b"basic "] {
            rest = rest.strip_prefix(scheme).unwrap_or(rest);
        }
        if rest.len() == before {
            break;
        }
    }
    let length = rest
        .iter()
        .take_while(|byte| {
            byte.is_ascii_graphic()
                && !matches!(
                    byte,
                    b'"' | b'\\' | b'\'' | b',' | b';' | b'&' | b'}' | b')'
                )
        })
        .count();
    let value = &rest[..length];
    let distinct = value
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    let placeholder =
        distinct < 4 || matches!(value.first(), Some(b'<' | b'$' | b'{' | b'[' | b'*' | b'%'));
    let dense = value.iter().any(u8::is_ascii_digit) || length >= 20;
    length >= 6 && !placeholder && (dense || separator == b'=')
}

/// Marks of shapes that give themselves away without a name, and how long what follows must be.
const MARKS: [(&str, usize); 8] = [
    ("Bearer ", 16),
    ("AKIA", 16),
    ("ghp_", 30),
    ("sk_live_", 16),
    ("xoxb-", 20),
    (WEB_TOKEN, 40),
    (PRIVATE_KEY, 0),
    (AUTHORITY, 0),
];
const WEB_TOKEN: &str = "eyJ";
const PRIVATE_KEY: &str = "PRIVATE KEY-----";
const AUTHORITY: &str = "://";

/// All marks at once, in one pass: by vector instructions where the machine has them.
static QUICK: LazyLock<Option<Searcher>> =
    LazyLock::new(|| Searcher::new(MARKS.map(|(mark, _)| mark)));
static PLAIN: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(MARKS.map(|(mark, _)| mark)).ok());

/// Shapes that give themselves away without a name.
fn known_shape(raw: &[u8]) -> Option<String> {
    if let Some(quick) = QUICK.as_ref() {
        return quick.find_iter(raw).find_map(|found| shape(raw, found));
    }
    let plain = PLAIN.as_ref()?;
    plain.find_iter(raw).find_map(|found| shape(raw, found))
}

/// What a mark and what follows it give away.
fn shape(raw: &[u8], found: Match) -> Option<String> {
    let (mark, least) = MARKS[found.pattern().as_usize()];
    let token = &raw[found.end()..][..token_length(&raw[found.end()..])];
    match mark {
        PRIVATE_KEY => Some("a private key (-----BEGIN ***)".to_owned()),
        AUTHORITY => user_info(&raw[found.end()..]),
        _ if token.len() < least => None,
        WEB_TOKEN => (memchr::memchr_iter(b'.', token).count() == 2)
            .then(|| "a JSON Web Token (eyJ***)".to_owned()),
        _ => Some(format!("{mark}***")),
    }
}

fn token_length(raw: &[u8]) -> usize {
    raw.iter()
        .take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=')
        })
        .count()
}

/// `scheme://user:password@host`, from behind the slashes.
fn user_info(rest: &[u8]) -> Option<String> {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'"' | b' ' | b'\\' | b'?'));
    let authority = &rest[..end.unwrap_or(rest.len())];
    let user = &authority[..memchr::memrchr(b'@', authority)?];
    let colon = memchr::memchr(b':', user)?;
    (user.len() > colon + 1).then(|| "a password in an address (://***@)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_and_masked() {
        for text in [
            r#""GET /x\nX-Shopify-Connector-Key: 9XnZr4JmPWTVHuyFBheg\nAccept: *""#,
            r#""Authorization: Bearer abcdef0123456789""#,
            r#"{"apiKey":"q8w7e6r5t4"}"#,
            r#"{"login":{"password":"hunter2"}}"#,
            r#""called with ?access_token=abcdefghij&x=1""#,
            r#""postgres://app:s3cret@db/x""#,
            r#""the key AKIAABCDEFGHIJKLMNOP was refused""#,
            r#""-----BEGIN RSA PRIVATE KEY-----\nMII""#,
        ] {
            let found = find(text.as_bytes());
            let shown = found.unwrap_or_else(|| panic!("nothing in {text}"));
            assert!(shown.contains("***"), "{shown}");
            for secret in ["9XnZ", "abcdef", "q8w7", "hunter2", "s3cret", "ABCDEFG"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }

    #[test]
    fn prose_and_placeholders_are_left_alone() {
        for text in [
            r#""The HTTP API Key was not accepted.\nPlease provide a valid HTTP API Key: see the settings.""#,
            r#""token: expired""#,
            r#""password: ********""#,
            r#""password=<password>""#,
            r#""x-request-id: 0b1c2d3e-aaaa\ncontent-type: application/json""#,
            r#"{"tokenCount":123456,"broken":"abc123456"}"#,
            r#""https://host/path@2:30""#,
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
