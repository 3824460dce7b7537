//! What a server says about a refusal, in whichever shape it says it: problem JSON (RFC 9457),
//! OAuth, Google, JSON:API, `FastAPI` and other errors in JSON, plain text, a page.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// How many characters of it are shown.
const LONGEST: usize = 300;

/// Members that say what went wrong, the most specific first.
const MESSAGE_MEMBERS: [&str; 9] = [
    "detail",
    "message",
    "msg",
    "error_description",
    "description",
    "reason",
    "faultstring",
    "Message",
    "title",
];

/// Members that add details, or hold what does.
const FURTHER: [&str; 2] = ["error", "errors"];

/// Members that say where it went wrong.
const PLACES: [&str; 7] = [
    "loc",
    "field",
    "path",
    "pointer",
    "instancePath",
    "source",
    "param",
];

/// What a body says, as far as it is text. Nothing is shortened yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemWords {
    /// The `type` of problem JSON.
    pub kind: Option<String>,
    /// Its `title`.
    pub title: Option<String>,
    /// What is wrong.
    pub detail: Option<String>,
    /// The platform's machine-readable kind.
    pub type_code: Option<String>,
    /// The platform's reference for support.
    pub uuid: Option<String>,
}

impl ProblemWords {
    /// Reads a body, or its beginning.
    pub fn read(body: &[u8]) -> ProblemWords {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => ProblemWords::of_object(&members),
            Ok(value) => ProblemWords::of_text(&said(&value)),
            Err(_) => match text_of(body) {
                Some(text) if text.trim_start().starts_with('<') => {
                    ProblemWords::of_text(page_title(&text))
                }
                Some(text) => ProblemWords::of_text(&text),
                None => ProblemWords::default(),
            },
        }
    }

    fn of_text(text: &str) -> ProblemWords {
        ProblemWords {
            detail: Some(on_one_line(text)).filter(|text| !text.is_empty()),
            ..ProblemWords::default()
        }
    }

    fn of_object(members: &Map<String, Value>) -> ProblemWords {
        let text = |name: &str| {
            let text = members.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        // What has a place of its own is not repeated in the detail.
        let mut rest = members.clone();
        for name in ["type", "title", "status", "typeCode", "uuid", "instance"] {
            rest.remove(name);
        }
        ProblemWords {
            kind: text("type"),
            title: text("title"),
            type_code: text("typeCode"),
            uuid: text("uuid"),
            ..ProblemWords::of_text(&said(&Value::Object(rest)))
        }
    }
}

/// A body as text; `None` for what is not text in any charset.
fn text_of(body: &[u8]) -> Option<Cow<'_, str>> {
    // The beginning of a long text may end within a character.
    let text = match std::str::from_utf8(body) {
        Err(error) if error.error_len().is_none() => &body[..error.valid_up_to()],
        _ => body,
    };
    let is_binary = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let text = String::from_utf8_lossy(text);
    let has_words = || text.contains(char::is_alphanumeric);
    match &text {
        Cow::Owned(_) if body.iter().any(is_binary) || !has_words() => None,
        _ => Some(text),
    }
}

/// As much of a text as is shown.
pub fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The text in a value.
fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => joined(items.iter().map(said), "; "),
        Value::Object(members) => of_members(members),
    }
}

fn of_members(members: &Map<String, Value>) -> String {
    let say = |name: &&str| members.get(*name).map(said);
    let message = MESSAGE_MEMBERS
        .iter()
        .filter_map(say)
        .find(|text| !text.is_empty());
    let further = joined(FURTHER.iter().filter_map(say), "; ");
    let text = match (message, members.get("error")) {
        // A word such as `invalid_client` before the sentence that explains it.
        (Some(message), Some(Value::String(word))) if members.get("errors").is_none() => {
            joined([word.clone(), message].into_iter(), ": ")
        }
        (Some(message), _) => joined([message, further].into_iter(), "; "),
        (None, _) if !further.is_empty() => further,
        // Neither: names and values as they are.
        (None, _) => {
            let each = members.iter().map(|(name, value)| (name, said(value)));
            let each = each.filter(|(_, text)| !text.is_empty());
            return joined(each.map(|(name, text)| format!("{name}: {text}")), "; ");
        }
    };
    let place = PLACES.iter().find_map(|name| members.get(*name)).map(place);
    joined([place.unwrap_or_default(), text].into_iter(), ": ")
}

/// A path, in whichever form: `["body", "mode"]`, `{"pointer": "/mode"}`, `/mode`.
fn place(value: &Value) -> String {
    match value {
        Value::Array(path) => joined(path.iter().map(said), "."),
        Value::Object(members) => joined(members.values().map(said), " "),
        other => said(other),
    }
}

fn joined(parts: impl Iterator<Item = String>, by: &str) -> String {
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(by)
}

/// The title of an HTML page: the rest is markup.
pub(super) fn page_title(page: &str) -> &str {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let start = at + lower[at..].find('>')? + 1;
        let end = start + lower[start..].find("</title")?;
        page.get(start..end)
    });
    title.unwrap_or_default()
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_shape_the_servers_words_are_found() {
        for (body, detail) in [
            (
                r#"{"detail":[{"loc":["body","eventCode"],"msg":"field required","type":"missing"},{"loc":["body","mode"],"msg":"not LIVE"}]}"#,
                "body.eventCode: field required; body.mode: not LIVE",
            ),
            (r#"{"detail":"Not authenticated"}"#, "Not authenticated"),
            (
                r#"{"error":"invalid_client","error_description":"the secret is wrong"}"#,
                "invalid_client: the secret is wrong",
            ),
            (
                r#"{"error":{"code":400,"message":"bad record","status":"INVALID_ARGUMENT"}}"#,
                "bad record",
            ),
            (
                r#"{"errors":[{"status":"422","source":{"pointer":"/data/mode"},"title":"Invalid","detail":"mode is missing"}]}"#,
                "/data/mode: mode is missing",
            ),
            (r#"{"errors":["one","two"]}"#, "one; two"),
            (
                r#"{"title":"Invalid","status":400,"errors":{"mode":["missing","short"]}}"#,
                "mode: missing; short",
            ),
            (
                r#"{"message":"no such route","statusCode":404}"#,
                "no such route",
            ),
            (r#"{"error":"quota exceeded"}"#, "quota exceeded"),
            (
                r#"{"eventCode":"1000N","ok":false}"#,
                "eventCode: 1000N; ok: false",
            ),
            (r#""just text""#, "just text"),
            (r#"["a",{"message":"b"}]"#, "a; b"),
            ("no route\n  to  host\n", "no route to host"),
            (
                "<html><head><TITLE>502 Bad Gateway</title></head>x</html>",
                "502 Bad Gateway",
            ),
            ("<html>markup only</html>", ""),
            ("", ""),
            ("{\"detail\": \"cut o", "{\"detail\": \"cut o"),
        ] {
            let words = ProblemWords::read(body.as_bytes());
            assert_eq!(words.detail.unwrap_or_default(), detail, "{body}");
        }
        assert_eq!(
            ProblemWords::read(b"\x1f\x8b\xff\x00"),
            ProblemWords::default()
        );
        assert_eq!(
            ProblemWords::read(b"caf\xc3").detail.as_deref(),
            Some("caf")
        );
        // Text in another charset is text.
        let latin = ProblemWords::read(b"ung\xfcltiger Code").detail;
        assert_eq!(latin.as_deref(), Some("ung\u{fffd}ltiger Code"));
    }

    #[test]
    fn problem_json_has_its_members_in_their_places() {
        let words = ProblemWords::read(
            br#"{"type":"http://x/y","typeCode":"BAD","status":400,"title":"no","detail":"why","uuid":"u-1"}"#,
        );
        let expected = ProblemWords {
            kind: Some("http://x/y".into()),
            title: Some("no".into()),
            detail: Some("why".into()),
            type_code: Some("BAD".into()),
            uuid: Some("u-1".into()),
        };
        assert_eq!(words, expected);
    }

    #[test]
    fn a_long_text_is_shortened_between_characters() {
        assert_eq!(shortened("é".repeat(300)), "é".repeat(300));
        assert_eq!(shortened("é".repeat(301)), format!("{}…", "é".repeat(300)));
    }
}
