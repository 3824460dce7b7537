//! Bad input of every kind, with the verdict it deserves.

use super::{valid_log, with};
use serde_json::json;

const SYNTAX: &[&str] = &["json-syntax"];

/// Input nobody should send, with the rules it must break; none where it is fine.
#[allow(clippy::too_many_lines, clippy::type_complexity, reason = "a table")]
pub fn all() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let good = valid_log().to_string();
    let put = |value: &str| {
        let mut text = good.clone();
        text.truncate(text.len() - 1);
        format!("{text},\"customData\":{value}}}").into_bytes()
    };
    let wide = |text: &str, little: bool| -> Vec<u8> {
        let mark = if little { "\u{feff}" } else { "" };
        format!("{mark}{text}")
            .encode_utf16()
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    };
    let raw = |bytes: &[u8]| {
        let mut value = b"\"".to_vec();
        value.extend_from_slice(bytes);
        value.push(b'"');
        let whole = put("\"@\"");
        let at = whole
            .windows(3)
            .rposition(|part| part == b"\"@\"")
            .expect("it");
        [&whole[..at], &value, &whole[at + 3..]].concat()
    };
    let joined = |middle: &[u8]| [good.as_bytes(), b"\n", middle, b"\n"].concat();
    vec![
        ("mark first", format!("\u{feff}{good}").into_bytes(), &[]),
        (
            "mark on line 2",
            joined("\u{feff}{}".as_bytes()),
            &["json-syntax", "missing-field"],
        ),
        ("UTF-16LE", wide(&good, true), SYNTAX),
        ("UTF-16BE", wide(&good, false), SYNTAX),
        (
            "UTF-32",
            good.chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect(),
            SYNTAX,
        ),
        ("lone continuation byte", raw(b"\x80"), SYNTAX),
        ("overlong", raw(b"\xC0\xAF"), SYNTAX),
        ("cut sequence", raw(b"\xF0\x9F\x98"), SYNTAX),
        ("surrogates as UTF-8", raw(b"\xED\xA0\x80"), SYNTAX),
        ("raw NUL", raw(b"\0"), SYNTAX),
        ("escaped NUL", put("\"\\u0000\""), &[]),
        ("NUL between lines", joined(b"\0"), SYNTAX),
        ("lone high surrogate", put("\"\\ud800\""), SYNTAX),
        ("lone low surrogate", put("\"\\udc00\""), SYNTAX),
        ("swapped pair", put("\"\\udc00\\ud800\""), SYNTAX),
        ("a pair", put("\"\\ud83d\\ude00\""), &[]),
        ("noncharacters", raw("\u{ffff}\u{fdd0}".as_bytes()), &[]),
        ("lone CR", raw(b"a\rb"), SYNTAX),
        ("U+2028 and NEL", raw("\u{2028}\u{85}".as_bytes()), &[]),
        ("raw tab", raw(b"\t"), SYNTAX),
        ("raw line break", raw(b"a\nb"), SYNTAX),
        ("comments", put("1 /* one */"), SYNTAX),
        ("single quotes", put("'x'"), SYNTAX),
        ("bare name", put("{a:1}"), SYNTAX),
        ("NaN", put("NaN"), SYNTAX),
        ("-Infinity", put("-Infinity"), SYNTAX),
        ("+1", put("+1"), SYNTAX),
        ("01", put("01"), SYNTAX),
        ("1.", put("1."), SYNTAX),
        (".5", put(".5"), SYNTAX),
        (
            "huge and tiny numbers",
            put("[1e400,-0,9007199254740993,18446744073709551616]"),
            &[],
        ),
        ("a hundred thousand digits", put(&"7".repeat(100_000)), &[]),
        (
            "duplicate via escape",
            put("{\"a\":1,\"\\u0061\":1}"),
            &["duplicate-member"],
        ),
        (
            "case is no duplicate",
            put("{\"a\":1,\"A\":1,\"__proto__\":1,\"\":1}"),
            &[],
        ),
        (
            "a long name",
            put(&format!("{{\"{}\":1}}", "k".repeat(500_000))),
            &[],
        ),
        (
            "many names",
            put(&format!(
                "{{{}}}",
                (0..50_000)
                    .map(|n| format!("\"k{n}\":1"))
                    .collect::<Vec<_>>()
                    .join(",")
            )),
            &[],
        ),
        (
            "depth 64",
            put(&format!("{}{}", "[".repeat(63), "]".repeat(63))),
            &[],
        ),
        (
            "depth 65",
            put(&format!("{}{}", "[".repeat(64), "]".repeat(64))),
            &["too-deep"],
        ),
        (
            "depth 400,000",
            put(&format!("{}{}", "[".repeat(400_000), "]".repeat(400_000))),
            &["too-deep"],
        ),
        (
            "a million brackets",
            "[".repeat(1_000_000).into_bytes(),
            &["json-syntax", "too-deep"],
        ),
        (
            "a limit's length",
            put(&format!("\"{}\"", "x".repeat((1 << 20) - good.len() - 16))),
            &[],
        ),
        (
            "one more",
            put(&format!("\"{}\"", "x".repeat((1 << 20) - good.len() - 15))),
            &["too-large"],
        ),
        (
            "eight megabytes without a break",
            put(&format!("\"{}\"", "x".repeat(8 << 20))),
            &["too-large"],
        ),
        ("a scalar", b"42".to_vec(), &["not-an-object"]),
        ("null", b"null\n".to_vec(), &["not-an-object"]),
        (
            "gzip by no method there is",
            b"\x1f\x8b\x07\x00\x00\n{}\n".to_vec(),
            SYNTAX,
        ),
        (
            "binary",
            (0..=255).rev().cycle().take(5000).collect(),
            SYNTAX,
        ),
        (
            "HTML",
            b"<!DOCTYPE html>\n<html>{}</html>\n".to_vec(),
            SYNTAX,
        ),
        (
            "a cut line at the end",
            joined(b"{\"eventCode\":\"10"),
            SYNTAX,
        ),
        (
            "detail at its limit",
            with(json!({"detail": "😀".repeat(3000)}))
                .to_string()
                .into_bytes(),
            &[],
        ),
        (
            "detail beyond",
            with(json!({"detail": "😀".repeat(3001)}))
                .to_string()
                .into_bytes(),
            &["too-long"],
        ),
        (
            "zero width in an enum",
            with(json!({"mode": "LIVE\u{200b}"}))
                .to_string()
                .into_bytes(),
            &["unknown-value"],
        ),
        (
            "February 30",
            with(json!({"generatedAt": "2024-02-30T00:00:00Z"}))
                .to_string()
                .into_bytes(),
            &["bad-timestamp"],
        ),
        (
            "24:00",
            with(json!({"generatedAt": "2024-02-03T24:00:00Z"}))
                .to_string()
                .into_bytes(),
            &["bad-timestamp"],
        ),
        (
            "year 10000",
            with(json!({"generatedAt": "10000-02-03T00:00:00Z"}))
                .to_string()
                .into_bytes(),
            &["bad-timestamp"],
        ),
        (
            "nine digits",
            with(json!({"generatedAt": "2024-02-03T23:59:60.123456789Z"}))
                .to_string()
                .into_bytes(),
            &[],
        ),
        (
            "hostile text",
            with(json!({"mode": "\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{202e}\u{8}\r"}))
                .to_string()
                .into_bytes(),
            &["unknown-value"],
        ),
    ]
}
