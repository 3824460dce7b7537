//! Texts that look as if they carried a key, token or password.
//!
//! Looks at the record's raw bytes, so that JSON in customData and headers in technicalInfo are
//! found alike. What is found is shown masked.

use crate::wire::survey::Places;
use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Match};
use std::borrow::Cow;
use std::ops::Range;
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

/// Something that looks like a secret.
struct Found {
    /// What gives it away, without the secret.
    sign: String,
    /// The secret itself.
    span: Range<usize>,
}

/// The first thing that looks like a secret, masked.
pub fn find(raw: &[u8]) -> Option<String> {
    let found = assignments(raw).next().or_else(|| {
        // A search for the first mark costs less than getting ready to find them all.
        let bare = QUICK
            .as_ref()
            .is_some_and(|quick| quick.find(raw).is_none());
        if bare { None } else { shapes(raw).next() }
    });
    found.map(|found| found.sign)
}

/// The bytes with everything that looks like a secret masked, for display.
pub fn masked(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut spans: Vec<_> = assignments(raw)
        .chain(shapes(raw))
        .map(|found| found.span)
        .collect();
    if spans.is_empty() {
        return Cow::Borrowed(raw);
    }
    spans.sort_by_key(|span| span.start);
    let (mut shown, mut at) = (Vec::with_capacity(raw.len()), 0);
    for span in spans {
        if span.start >= at {
            shown.extend_from_slice(&raw[at..span.start]);
            shown.extend_from_slice(b"***");
        }
        at = at.max(span.end);
    }
    shown.extend_from_slice(&raw[at..]);
    Cow::Owned(shown)
}

/// `name: value` and `name=value` with a telling name.
fn assignments(raw: &[u8]) -> impl Iterator<Item = Found> + '_ {
    Places::of(b':', b'=', raw).filter_map(|at| {
        // All telling names end with one of four letters; most names do not.
        let last = raw[..at].iter().rfind(|byte| !is_quoting(**byte))?;
        if !matches!(last | 0x20, b'd' | b't' | b'n' | b'y') {
            return None;
        }
        let name = word_before(&raw[..at]);
        if name.len() < 3 || !is_telling(name) {
            return None;
        }
        let value = secret_value(&raw[at + 1..], raw[at])?;
        let separator = char::from(raw[at]);
        Some(Found {
            sign: format!("{}{separator}***", String::from_utf8_lossy(name)),
            span: at + 1 + value.start..at + 1 + value.end,
        })
    })
}

/// Whether a name says that its value is a secret: `token` but not `broken`, so the telling part
/// begins a word, or camel case does.
fn is_telling(name: &[u8]) -> bool {
    let last = name.last().map(u8::to_ascii_lowercase);
    NAMES.iter().any(|known| {
        let Some(start) = name.len().checked_sub(known.len()) else {
            return false;
        };
        let (before, end) = name.split_at(start);
        known.as_bytes().last() == last.as_ref()
            && end.eq_ignore_ascii_case(known.as_bytes())
            && (before
                .last()
                .is_none_or(|byte| !byte.is_ascii_alphanumeric())
                || end[0].is_ascii_uppercase())
    })
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

/// Where the value that follows is, if it looks like a secret and not like prose or a placeholder.
fn secret_value(all: &[u8], separator: u8) -> Option<Range<usize>> {
    let mut rest = all;
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
    let start = all.len() - rest.len();
    (length >= 6 && !placeholder && (dense || separator == b'=')).then_some(start..start + length)
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
fn shapes(raw: &[u8]) -> impl Iterator<Item = Found> + '_ {
    let quick = QUICK.as_ref().map(|quick| quick.find_iter(raw));
    let plain = PLAIN.as_ref().filter(|_| quick.is_none());
    let plain = plain.map(|plain| plain.find_iter(raw));
    quick
        .into_iter()
        .flatten()
        .chain(plain.into_iter().flatten())
        .filter_map(|found| shape(raw, found))
}

/// What a mark and what follows it give away.
fn shape(raw: &[u8], found: Match) -> Option<Found> {
    let (mark, least) = MARKS[found.pattern().as_usize()];
    let behind = found.end();
    let token = &raw[behind..][..token_length(&raw[behind..])];
    let told = |sign: &str, span| {
        Some(Found {
            sign: sign.to_owned(),
            span,
        })
    };
    match mark {
        PRIVATE_KEY => told("a private key (-----BEGIN ***)", behind..raw.len()),
        AUTHORITY => {
            let user = user_info(&raw[behind..])?;
            told("a password in an address (://***@)", behind..behind + user)
        }
        _ if token.len() < least => None,
        WEB_TOKEN if memchr::memchr_iter(b'.', token).count() != 2 => None,
        WEB_TOKEN => told(
            "a JSON Web Token (eyJ***)",
            found.start()..behind + token.len(),
        ),
        _ => told(&format!("{mark}***"), behind..behind + token.len()),
    }
}

fn token_length(raw: &[u8]) -> usize {
    raw.iter()
        .take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=')
        })
        .count()
}

/// The length of `user:password` in `user:password@host`.
fn user_info(rest: &[u8]) -> Option<usize> {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'"' | b' ' | b'\\' | b'?'));
    let authority = &rest[..end.unwrap_or(rest.len())];
    let user = &authority[..memchr::memrchr(b'@', authority)?];
    let colon = memchr::memchr(b':', user)?;
    (user.len() > colon + 1).then_some(user.len())
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
            let display = String::from_utf8_lossy(&masked(text.as_bytes())).into_owned();
            for secret in ["9XnZ", "abcdef", "q8w7", "hunter2", "s3cret", "ABCDEFG"] {
                assert!(!shown.contains(secret), "{shown}");
                assert!(!display.contains(secret), "{display}");
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
            assert_eq!(*masked(text.as_bytes()), *text.as_bytes());
        }
    }
}
