//! Events in the envelope of another standard: `cloudevents`.

use crate::commands::tail::output::push_json;
use crate::model::event::Event;
use crate::model::fnv::Fnv;
use crate::model::timestamp::Timestamp;
use crate::render::sanitise;
use serde_json::{Map, Value};
use std::fmt::Write;

/// Where events come from, as a consumer sees it.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// What the user said.
    pub given: Option<String>,
    /// The address of each server, by name.
    pub servers: Vec<(String, String)>,
}

impl Origins {
    /// The source of an event as a URI-reference; `server` is the server's name, when there are
    /// several.
    fn of(&self, event: &Event<'_>, server: Option<&str>) -> String {
        let own = event.field("src").and_then(Value::as_str);
        let address = || {
            let mut servers = self.servers.iter();
            let found = match server {
                Some(name) => servers.find(|(known, _)| known == name),
                None => servers.next(),
            };
            found.map(|(_, address)| address.as_str())
        };
        let source = self
            .given
            .as_deref()
            .or(own.filter(|src| !src.is_empty()))
            .or_else(address);
        uri_reference(source.unwrap_or("/"))
    }
}

/// A `CloudEvents` 1.0 envelope in JSON; `number` is the event's place in the output.
pub(super) fn cloud_event(
    event: &Event<'_>,
    number: u64,
    origins: &Origins,
    server: Option<&str>,
    out: &mut String,
) {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("specversion", "1.0".into());
    set("id", id(event, number).into());
    set("source", origins.of(event, server).into());
    set("type", sanitise::line(&event.event_type).into());
    if let Some(time) = time(event) {
        set("time", time.into());
    }
    set("kind", sanitise::line(&event.kind).into());
    let data = if event.kind == "hivelog" {
        Some(event.value().clone())
    } else {
        event.value().get("data").cloned()
    };
    if let Some(data) = data.filter(|data| !data.is_null()) {
        set("datacontenttype", "application/json".into());
        set("data", data);
    }
    push_json(&Value::Object(members), out);
    out.push('\n');
}

/// The event's own id, or one that no other event of this output has: a consumer drops what
/// repeats the id of another event of its source. The standard allows no control characters.
fn id(event: &Event<'_>, number: u64) -> String {
    match &event.id {
        Some(id) if has_own_id(event) => id.to_string(),
        _ => {
            let mut hash = Fnv::new();
            hash.take(event.raw.as_bytes());
            hash.take(&number.to_le_bytes());
            format!("{:032x}", hash.0)
        }
    }
}

/// Whether an event keeps its own id, wherever it stands in the output.
pub(super) fn has_own_id(event: &Event<'_>) -> bool {
    let id = event.id.as_ref();
    event.kind != "hivelog" && id.is_some_and(|id| !id.contains(char::is_control))
}

/// When it happened. The standard wants RFC 3339 or nothing.
fn time(event: &Event<'_>) -> Option<String> {
    let own = || {
        ["at", "to"]
            .iter()
            .find_map(|name| event.field(name)?.as_str())
    };
    let text = match event.kind.as_ref() {
        "hivelog" => own()?,
        _ => event.ts.as_deref()?,
    };
    Some(Timestamp::parse(text)?.rfc3339_exact())
}

/// The text as a URI-reference (RFC 3986): what cannot stand in one is percent-encoded.
fn uri_reference(text: &str) -> String {
    let scheme = text.find(':').filter(|end| is_scheme(&text[..*end]));
    let host = scheme.filter(|end| text[*end..].starts_with("://"));
    let (mut encoded, mut in_path, mut in_fragment) = (String::new(), false, false);
    for (at, byte) in text.bytes().enumerate() {
        let hex = text.as_bytes().get(at + 1..at + 3);
        let stays = match byte {
            b'%' => hex.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
            // The first segment of a relative reference would be taken for a scheme.
            b':' => scheme.is_some() || in_path,
            b'#' => !in_fragment,
            b'[' | b']' => host.is_some() && !in_path,
            _ => byte.is_ascii_alphanumeric() || b"-._~/?@!$&'()*+,;=".contains(&byte),
        };
        in_path |= matches!(byte, b'/' | b'?' | b'#') && host.is_none_or(|end| at > end + 2);
        in_fragment |= byte == b'#';
        if stays {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn is_scheme(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whatever_names_a_source_becomes_a_uri_reference() {
        for (text, wanted) in [
            ("Nightly orders", "Nightly%20orders"),
            ("http://h:80/a b?c#d#e", "http://h:80/a%20b?c#d%23e"),
            ("http://[::1]:80/[x]", "http://[::1]:80/%5Bx%5D"),
            ("urn:x:y", "urn:x:y"),
            ("a b:c", "a%20b%3Ac"),
            ("/a:b", "/a:b"),
            ("50%", "50%25"),
            ("%41\u{7}ü", "%41%07%C3%BC"),
        ] {
            assert_eq!(uri_reference(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_source_is_what_was_given_else_the_events_own_else_the_server_s() {
        let servers = vec![
            ("one".to_owned(), "http://one/".to_owned()),
            ("two".to_owned(), "http://two/".to_owned()),
        ];
        let mut origins = Origins {
            given: None,
            servers,
        };
        let named = Event::read(r#"{"type":"x","src":"a b"}"#).unwrap();
        let event = Event::read(r#"{"type":"x","src":""}"#).unwrap();
        assert_eq!(origins.of(&named, Some("two")), "a%20b");
        assert_eq!(origins.of(&event, Some("two")), "http://two/");
        assert_eq!(origins.of(&event, None), "http://one/");
        assert_eq!(Origins::default().of(&event, None), "/");
        origins.given = Some("urn:mine".to_owned());
        assert_eq!(origins.of(&named, None), "urn:mine");
    }

    proptest! {
        #[test]
        fn a_uri_reference_holds_nothing_else(text in "[a-z:/?#\\[\\]% ü]{0,12}|\\PC{0,12}") {
            let encoded = uri_reference(&text);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()));
            let odd = ['"', '<', '>', '\\', '^', '`', '{', '|', '}'];
            prop_assert!(!encoded.contains(odd));
            prop_assert_eq!(uri_reference(&encoded), encoded);
        }
    }
}
