//! Texts that look as if they carried a key, token or password.
//!
//! Looks at the record's raw bytes, so that JSON in customData and headers in technicalInfo are
//! found alike. What is found is shown masked.

use crate::wire::json::structural::BytePositions;
use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Match};
use std::ops::Range;
use std::sync::LazyLock;

/// Names before `:` or `=` whose value is a secret.
const NAMES: [&str; 23] = [
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
    "connectorkey",
    "secretkey",
    "secret_key",
    "privatekey",
    "private_key",
    // In two words, as people write them.
    "api key",
    "access key",
    "connector key",
    "secret key",
    "private key",
    "authorization",
];

/// Something that looks like a secret.
struct SecretMatch {
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

/// Everything that looks like a secret, in order and apart from each other.
pub fn spans(raw: &[u8]) -> Vec<Range<usize>> {
    let found = assignments(raw).chain(shapes(raw));
    let mut spans: Vec<_> = found.map(|found| found.span).collect();
    spans.sort_by_key(|span| span.start);
    spans.dedup_by(|next, span| {
        let meet = next.start < span.end;
        if meet {
            span.end = span.end.max(next.end);
        }
        meet
    });
    spans
}

/// A part of the bytes with what lies in the spans masked, for display.
pub fn masked(raw: &[u8], part: Range<usize>, spans: &[Range<usize>]) -> Vec<u8> {
    let first = spans.partition_point(|span| span.end <= part.start);
    let (mut shown, mut at) = (Vec::with_capacity(part.len()), part.start);
    for span in spans[first..]
        .iter()
        .take_while(|span| span.start < part.end)
    {
        shown.extend_from_slice(&raw[at..span.start.max(at)]);
        shown.extend_from_slice(b"***");
        at = span.end.min(part.end);
    }
    shown.extend_from_slice(&raw[at..part.end]);
    shown
}

/// Stretches of bytes of one kind, each measured once however many marks stand in it: a text may
/// be nothing but marks. Places are asked for in order.
struct Stretches<'t> {
    text: &'t [u8],
    belongs: fn(u8) -> bool,
    /// The place that was asked for last, and the end of its stretch.
    last: usize,
    end: usize,
    /// How many dots stand between the two.
    dots: usize,
}

impl<'t> Stretches<'t> {
    fn of(belongs: fn(u8) -> bool, text: &'t [u8]) -> Stretches<'t> {
        Stretches {
            text,
            belongs,
            last: 0,
            end: 0,
            dots: 0,
        }
    }

    /// What stands from a place to the end of its stretch.
    fn from(&mut self, place: usize) -> &'t [u8] {
        let dots = |stretch: &[u8]| memchr::memchr_iter(b'.', stretch).count();
        if place < self.end {
            self.dots -= dots(&self.text[self.last..place]);
        } else {
            let ahead = self.text[place..].iter();
            self.end = place + ahead.take_while(|byte| (self.belongs)(**byte)).count();
            self.dots = dots(&self.text[place..self.end]);
        }
        self.last = place;
        &self.text[place..self.end]
    }
}

/// `name: value` and `name=value` with a name that announces a secret.
fn assignments(raw: &[u8]) -> impl Iterator<Item = SecretMatch> + '_ {
    let mut values = Stretches::of(is_of_value, raw);
    BytePositions::of(b':', b'=', raw).filter_map(move |at| {
        // All such names end with one of six pairs of letters; most names do not.
        let last = raw[..at].iter().rposition(|byte| !is_quoting(*byte))?;
        let pair = [*raw.get(last.wrapping_sub(1))? | 0x20, raw[last] | 0x20];
        if !matches!(&pair, b"rd" | b"wd" | b"et" | b"en" | b"ey" | b"on") {
            return None;
        }
        let name = word_before(&raw[..at]);
        if name.len() < 3 || !is_secret_name(name) {
            return None;
        }
        let span = secret_value(raw, at, &mut values)?;
        let separator = char::from(raw[at]);
        Some(SecretMatch {
            sign: format!("{}{separator}***", String::from_utf8_lossy(name)),
            span,
        })
    })
}

/// Whether a name says that its value is a secret: `token` but not `broken`, so the revealing part
/// begins a word, or camel case does.
pub fn is_secret_name(name: &[u8]) -> bool {
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

/// The word that ends the bytes, quotes, backslashes and blanks passed over; of a key the word
/// before it as well.
fn word_before(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !is_quoting(*byte))
        .map_or(0, |at| at + 1);
    let start_of = |end: usize| {
        bytes[..end]
            .iter()
            .rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')))
            .map_or(0, |at| at + 1)
    };
    let mut start = start_of(end);
    if bytes[..start].ends_with(b" ") && bytes[start..end].eq_ignore_ascii_case(b"key") {
        start = start_of(start - 1);
    }
    // An escape such as \n in front of the word does not belong to it.
    let escaped = start > 0 && bytes[start - 1] == b'\\' && start < end;
    &bytes[start + usize::from(escaped)..end]
}

/// What a secret is written in: anything that is neither blank nor ends a value.
fn is_of_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'\\' | b'\'' | b',' | b';' | b'&' | b'}' | b')'
        )
}

/// Where the value behind a separator is, if it looks like a secret and not like prose or a
/// placeholder.
fn secret_value(raw: &[u8], at: usize, values: &mut Stretches<'_>) -> Option<Range<usize>> {
    let mut rest = &raw[at + 1..];
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
    let start = raw.len() - rest.len();
    let value = values.from(start);
    let length = value.len();
    let placeholder =
        matches!(value.first(), Some(b'<' | b'$' | b'{' | b'[' | b'*' | b'%')) || !is_varied(value);
    let dense = length >= 20 || value.iter().any(u8::is_ascii_digit);
    (length >= 6 && (dense || raw[at] == b'=') && !placeholder).then_some(start..start + length)
}

/// Whether the beginning of a value has four different bytes, as `********` has not.
fn is_varied(value: &[u8]) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    value.iter().take(64).any(|byte| {
        seen.insert(byte);
        seen.len() == 4
    })
}

/// Marks of shapes that give themselves away without a name, and how long what follows must be.
const MARKS: [(&str, usize); 12] = [
    ("Bearer ", 16),
    ("AKIA", 16),
    ("AIza", 30),
    ("ghp_", 30),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("shpat_", 24),
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
fn shapes(raw: &[u8]) -> impl Iterator<Item = SecretMatch> + '_ {
    let quick = QUICK.as_ref().map(|quick| quick.find_iter(raw));
    let plain = PLAIN.as_ref().filter(|_| quick.is_none());
    let plain = plain.map(|plain| plain.find_iter(raw));
    let mut tokens = Stretches::of(is_of_token, raw);
    quick
        .into_iter()
        .flatten()
        .chain(plain.into_iter().flatten())
        .filter_map(move |found| shape(raw, found, &mut tokens))
}

/// What a mark and what follows it give away.
fn shape(raw: &[u8], found: Match, tokens: &mut Stretches<'_>) -> Option<SecretMatch> {
    let (mark, least) = MARKS[found.pattern().as_usize()];
    let behind = found.end();
    let token = tokens.from(behind);
    let secret = |sign: &str, span| {
        Some(SecretMatch {
            sign: sign.to_owned(),
            span,
        })
    };
    match mark {
        PRIVATE_KEY => secret("a private key (-----BEGIN ***)", behind..raw.len()),
        AUTHORITY => {
            let user = user_info(&raw[behind..])?;
            secret("a password in an address (://***@)", behind..behind + user)
        }
        _ if token.len() < least => None,
        WEB_TOKEN if tokens.dots != 2 => None,
        WEB_TOKEN => secret(
            "a JSON Web Token (eyJ***)",
            found.start()..behind + token.len(),
        ),
        _ => secret(&format!("{mark}***"), behind..behind + token.len()),
    }
}

/// What tokens are written in.
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=')
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
        let many = "eyJ".repeat(20);
        let nested = format!("{many}.hunter2hunter2.s3cretsecret");
        for text in [
            nested.as_str(),
            r#""GET /x\nX-Shopify-Connector-Key: 9XnZr4JmPWTVHuyFBheg\nAccept: *""#,
            r#""Authorization: Bearer abcdef0123456789""#,
            r#"{"apiKey":"q8w7e6r5t4"}"#,
            r#"{"login":{"password":"hunter2"}}"#,
            r#""called with ?access_token=abcdefghij&x=1""#,
            r#""postgres://app:s3cret@db/x""#,
            r#""the key AKIAABCDEFGHIJKLMNOP was refused""#,
            r#""-----BEGIN RSA PRIVATE KEY-----\nMII""#,
            r#""Shopify said no.\nAPI Key: 9XnZr4JmPWTVHuyFBheg\nAsk for another.""#,
            r#"{"connectorKey":"9XnZr4JmPWTVHuyFBheg"}"#,
            r#""shpat_ABCDEFG0123456789ABCDEFG012345 was not accepted""#,
        ] {
            let found = find(text.as_bytes());
            let shown = found.unwrap_or_else(|| panic!("nothing in {text}"));
            assert!(shown.contains("***"), "{shown}");
            let display = masked(text.as_bytes(), 0..text.len(), &spans(text.as_bytes()));
            let display = String::from_utf8_lossy(&display);
            for secret in ["9XnZ", "abcdef", "q8w7", "hunter2", "s3cret", "ABCDEFG"] {
                assert!(!shown.contains(secret), "{shown}");
                assert!(!display.contains(secret), "{display}");
            }
        }
    }

    #[test]
    fn every_name_of_a_secret_is_noticed() {
        for name in NAMES {
            let text = format!(r#"{{"{name}": "hunter2hunter2"}}"#);
            assert_eq!(find(text.as_bytes()), Some(format!("{name}:***")));
        }
    }

    #[test]
    fn a_part_shows_nothing_of_a_secret_that_it_cuts() {
        let text = b"token=hunter2hunter2 and pwd=s3cret77 end";
        let spans = spans(text);
        assert_eq!(spans, [6..20, 29..37]);
        for (part, shown) in [
            (0..41, "token=*** and pwd=*** end"),
            (10..25, "*** and "),
            (8..31, "*** and pwd=***"),
            (20..29, " and pwd="),
        ] {
            assert_eq!(masked(text, part, &spans), shown.as_bytes());
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
            assert!(spans(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
