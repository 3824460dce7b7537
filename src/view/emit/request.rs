//! A request that `emit` would make: as it would travel, and as a command line of curl.

use crate::view::{raw, sanitise};
use std::fmt::Write;

/// A request as it would travel, with the key masked.
pub(super) fn request(
    method: &str,
    url: &str,
    headers: &[(String, Option<String>)],
    body: &[u8],
) -> Vec<u8> {
    let mut text = format!("{method} {}\n", sanitise::line(url));
    for (name, value) in headers {
        let value = value.as_deref().unwrap_or("***");
        let _ = writeln!(text, "{name}: {}", sanitise::line(value));
    }
    let body = String::from_utf8_lossy(body);
    let _ = writeln!(text, "\n{}\n", sanitise::block(&body));
    text.into_bytes()
}

/// A request as a curl command line. The key stays in its variable.
pub(super) fn curl(
    method: &str,
    url: &str,
    headers: &[(String, Option<String>)],
    body: &[u8],
) -> Vec<u8> {
    let mut text = format!("curl -X {method} {}", quoted(url));
    for (name, value) in headers {
        match value {
            Some(value) => {
                let _ = write!(text, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
            }
            // In double quotes these would not stay what they are.
            None if name.contains(['`', '$']) => {
                let _ = write!(
                    text,
                    " \\\n  -H {}\"$HIVELOG_KEY\"",
                    quoted(&format!("{name}: "))
                );
            }
            None => {
                let _ = write!(text, " \\\n  -H \"{name}: $HIVELOG_KEY\"");
            }
        }
    }
    text.push_str(" \\\n  --data-binary ");
    let mut bytes = text.into_bytes();
    // The same JSON, with what could steer a terminal as escapes; everything else byte for byte.
    let same = raw::for_terminal(&String::from_utf8_lossy(body));
    bytes.extend_from_slice(quoted(&same).as_bytes());
    bytes.push(b'\n');
    bytes
}

/// Text in single quotes for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_command_carries_the_same_json_and_steers_no_terminal() {
        let body = "{\"a\":\"x\u{9b}y\u{202e}'\u{e0001}\"}";
        let shown = String::from_utf8(curl(
            "PUT",
            "http://h",
            &[("X-`a".into(), None)],
            body.as_bytes(),
        ))
        .unwrap();
        assert!(
            !shown.chars().any(|c| sanitise::is_harmful(c) && c != '\n'),
            "{shown}"
        );
        assert!(shown.contains("-H 'X-`a: '\"$HIVELOG_KEY\""), "{shown}");
        let start = shown.find("--data-binary '").unwrap() + "--data-binary '".len();
        let pasted = shown[start..shown.len() - 2].replace("'\\''", "'");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&pasted), value(body));
    }

    #[test]
    fn a_curl_line_survives_quotes_and_leaves_the_key_out() {
        let headers = [
            ("limber-connector".to_owned(), Some("it's".to_owned())),
            ("X-Shop-Connector-Key".to_owned(), None),
        ];
        let line =
            String::from_utf8(curl("PUT", "https://h/x", &headers, b"{\"a\":\"it's\"}")).unwrap();
        assert_eq!(
            line,
            "curl -X PUT 'https://h/x' \\\n  -H 'limber-connector: it'\\''s' \\\n  \
             -H \"X-Shop-Connector-Key: $HIVELOG_KEY\" \\\n  --data-binary '{\"a\":\"it'\\''s\"}'\n"
        );
    }
}
