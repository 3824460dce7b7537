//! Where a finding is, in the terms of other programs.

use crate::check::finding::Finding;
use crate::check::report::Checked;

/// A source's path as the project's files are named: relative to the folder the program was
/// started in, where it lies below.
pub fn relative<'a>(source: &'a str, root: Option<&str>) -> &'a str {
    let below = root
        .filter(|root| !root.is_empty())
        .and_then(|root| source.strip_prefix(root.trim_end_matches('/')))
        .and_then(|rest| rest.strip_prefix('/'));
    let mut path = below.unwrap_or(source);
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    path
}

/// The bytes of a path. One that is not UTF-8 comes percent-encoded.
fn bytes(path: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [byte, tail @ ..] = rest {
        let code = tail
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        if let Some(code) = code.filter(|_| *byte == b'%') {
            bytes.push(code);
            rest = &tail[2..];
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    if std::str::from_utf8(&bytes).is_ok() {
        return path.as_bytes().to_vec();
    }
    bytes
}

/// A path as a URI reference (RFC 3986).
pub fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in bytes(path) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
    uri
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}

/// Line and column behind the value, where its end is known.
pub fn end(checked: &Checked<'_>, finding: &Finding) -> Option<(u64, u64)> {
    let end = finding.offset.checked_add(finding.length)?;
    let value = checked.record.bytes.get(finding.offset..end)?;
    if value.is_empty() {
        return None;
    }
    let chars = |bytes: &[u8]| bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64;
    Some(match memchr::memrchr(b'\n', value) {
        Some(last) => {
            let breaks = memchr::memchr_iter(b'\n', value).count() as u64;
            (finding.line + breaks, chars(&value[last + 1..]) + 1)
        }
        None => (finding.line, finding.column + chars(value)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_where_they_can_be_and_uris_are_encoded() {
        assert_eq!(relative("./a/b", None), "a/b");
        assert_eq!(relative("/build/x/a", Some("/build/x/")), "a");
        assert_eq!(relative("/build/xa", Some("/build/x")), "/build/xa");
        assert_eq!(relative("/a", Some("/")), "a");
        assert_eq!(uri("a b/ü:1"), "a%20b/%C3%BC%3A1");
        assert_eq!(uri("/a#b"), "file:///a%23b");
        assert_eq!(uri("100%25 a%41"), "100%2525%20a%2541");
        assert_eq!(uri("a%FF%25 b"), "a%FF%25%20b");
    }
}
