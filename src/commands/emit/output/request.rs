//! A request that `emit` would make: as it would travel, and as a command line of curl.

use crate::model::text::quoted_for_shell;
use crate::render::{raw, sanitise};
use std::fmt::Write;

/// A request as it would travel, with values that must not be shown masked.
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

/// The longest body that stands on the command line: Linux takes arguments of up to 128 KiB.
const LONGEST_ARGUMENT: usize = 100 * 1024;

/// A request as a curl command line. The key stays in its variable, and other values that must
/// not be shown are left to variables named after their headers.
pub(super) fn curl(
    method: &str,
    url: &str,
    key_header: &str,
    headers: &[(String, Option<String>)],
    body: &[u8],
) -> Vec<u8> {
    let mut text = format!("curl -X {method} {}", quoted_for_shell(url));
    for (name, value) in headers {
        let argument = value.as_ref().map_or_else(
            || left_to_shell(name, key_header),
            |value| quoted_for_shell(&format!("{name}: {value}")),
        );
        let _ = write!(text, " \\\n  -H {argument}");
    }
    let body = pasteable(&String::from_utf8_lossy(body));
    if body.len() > LONGEST_ARGUMENT {
        let mut end = "HIVELOG".to_owned();
        while body.lines().any(|line| line == end) {
            end.push('_');
        }
        let _ = writeln!(text, " \\\n  --data-binary @- <<'{end}'\n{body}\n{end}");
    } else {
        let _ = writeln!(text, " \\\n  --data-raw {}", quoted_for_shell(&body));
    }
    text.into_bytes()
}

/// The same JSON, with what could steer a terminal as escapes; everything else byte for byte.
/// DEL does nothing on a terminal and stays.
fn pasteable(json: &str) -> String {
    let pieces: Vec<_> = json.split('\u{7f}').map(raw::for_terminal).collect();
    pieces.join("\u{7f}")
}

/// A header whose value comes from a variable of the shell.
fn left_to_shell(name: &str, key_header: &str) -> String {
    let variable = if name.eq_ignore_ascii_case(key_header) {
        "HIVELOG_KEY".to_owned()
    } else {
        let name = name.to_ascii_uppercase();
        format!(
            "HEADER_{}",
            name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        )
    };
    // In double quotes these would not stay what they are.
    if name.contains(['`', '$']) {
        format!("{}\"${variable}\"", quoted_for_shell(&format!("{name}: ")))
    } else {
        format!("\"{name}: ${variable}\"")
    }
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
            "x-`A",
            &[("X-`a".into(), None)],
            body.as_bytes(),
        ))
        .unwrap();
        assert!(
            !shown.chars().any(|c| sanitise::is_harmful(c) && c != '\n'),
            "{shown}"
        );
        assert!(shown.contains("-H 'X-`a: '\"$HIVELOG_KEY\""), "{shown}");
        let start = shown.find("--data-raw '").unwrap() + "--data-raw '".len();
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
        let line = String::from_utf8(curl(
            "PUT",
            "https://h/x",
            "X-Shop-Connector-Key",
            &headers,
            b"{\"a\":\"it's\"}",
        ))
        .unwrap();
        assert_eq!(
            line,
            "curl -X PUT 'https://h/x' \\\n  -H 'limber-connector: it'\\''s' \\\n  \
             -H \"X-Shop-Connector-Key: $HIVELOG_KEY\" \\\n  --data-raw '{\"a\":\"it'\\''s\"}'\n"
        );
    }
}
