//! What a request brings: events as JSON in any framing, compressed or not, or as CloudEvents in
//! any of the three modes of their HTTP binding.

use super::coding::{self, Coding};
use super::envelope::{LIMIT, Opener};
use super::flaw::words;
use super::records::{Framer, Record};
use crate::model::event::Flaw;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The largest body that is taken, decoded, in bytes.
pub const LARGEST_BODY: usize = 32 << 20;

/// A request's headers, as far as they say how its body is to be read.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    /// `Content-Type`.
    pub content_type: String,
    /// `Content-Encoding`.
    pub coding: String,
    /// The attributes of a `CloudEvent` in binary mode, without the prefix `ce-`.
    pub attributes: Vec<(String, String)>,
}

/// Why a body is not taken; in words for its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not what it should be.
    Malformed(String),
    /// It is something that is not read here.
    Unsupported(String),
    /// It, or one of its events, is larger than is taken.
    TooLarge(String),
}

impl Posted {
    /// The JSON values in a body, each with at least an event at `envelope`.
    pub fn events(&self, body: &[u8], envelope: &str) -> Result<Vec<Vec<u8>>, Unreadable> {
        let decoded = match Coding::of(&self.coding).map_err(|error| undecoded(&error))? {
            Some(coding) => &coding
                .decode(body, LARGEST_BODY)
                .map_err(|error| undecoded(&error))?,
            None => body,
        };
        if self.is_utf16(decoded) {
            let why = "the body is UTF-16; JSON is sent as UTF-8";
            return Err(Unreadable::Unsupported(why.to_owned()));
        }
        if self.is_binary_mode() {
            let event = self.cloud_event(decoded)?;
            self.open(&mut Opener::at(envelope), Record::alone(&event))?;
            return Ok(vec![event]);
        }
        if decoded.trim_ascii().is_empty() {
            return Err(Unreadable::Malformed("the body is empty".to_owned()));
        }
        self.values(decoded, envelope)
    }

    fn values(&self, body: &[u8], envelope: &str) -> Result<Vec<Vec<u8>>, Unreadable> {
        let mut opener = Opener::at(envelope);
        let mut values = Vec::new();
        let mut wrong = None;
        let mut framer = Framer::new(LIMIT);
        let mut take = |record: Record<'_>| {
            if wrong.is_none() {
                match self.open(&mut opener, record) {
                    Ok(0) => {}
                    Ok(_) => values.push(record.bytes.to_vec()),
                    Err(why) => wrong = Some(why),
                }
            }
        };
        // RFC 7464 begins each text with a record separator, which no JSON text contains.
        for part in body.split(|byte| *byte == b'\x1e') {
            framer.push(part, &mut take);
        }
        framer.finish(&mut take);
        wrong.map_or(Ok(values), Err)
    }

    /// How many events a record holds, which holds nothing else.
    fn open(&self, opener: &mut Opener, record: Record<'_>) -> Result<usize, Unreadable> {
        // Places are counted from where the event begins.
        let place = match record.offset {
            0 => String::new(),
            _ => format!("event {}: ", record.number),
        };
        if record.bytes.len() > LIMIT || record.is_oversize() {
            let flaw = Flaw::TooLarge(record.length);
            return Err(Unreadable::TooLarge(format!("{place}{flaw}")));
        }
        if let Some(error) = record.flaw {
            return Err(Unreadable::Malformed(format!("{place}not JSON: {error}")));
        }
        let (mut events, mut wrong) = (0, None);
        opener.open(record.bytes, &mut |found| match found {
            Ok(_) => events += 1,
            Err(flaw) => drop(wrong.get_or_insert(flaw)),
        });
        match wrong {
            None => Ok(events),
            Some(Flaw::NotJson) if !self.may_be_json() => Err(self.no_json()),
            Some(flaw) => {
                let why = words(&flaw, record.bytes);
                Err(Unreadable::Malformed(format!("{place}{why}")))
            }
        }
    }

    fn essence(&self) -> String {
        let essence = self.content_type.split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    }

    /// Whether what is not JSON was meant to be.
    fn may_be_json(&self) -> bool {
        let essence = self.essence();
        essence.is_empty() || essence.contains("json") || essence.starts_with("text/")
    }

    fn no_json(&self) -> Unreadable {
        let essence = self.essence();
        Unreadable::Unsupported(format!("'{essence}' is not read here: send JSON"))
    }

    /// JSON begins with an ASCII character, and has no zero byte anywhere.
    fn is_utf16(&self, body: &[u8]) -> bool {
        let content_type = self.content_type.to_ascii_lowercase();
        content_type.contains("charset=utf-16")
            || content_type.contains("charset=\"utf-16")
            || matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
            || (self.may_be_json() && matches!(body, [0, _, ..] | [_, 0, ..]))
    }

    fn is_binary_mode(&self) -> bool {
        let attribute = |(name, _): &(String, String)| name == "specversion";
        self.attributes.iter().any(attribute)
            && !self.essence().starts_with("application/cloudevents")
    }

    /// A `CloudEvent` in binary mode, put into the form of the structured mode.
    fn cloud_event(&self, data: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let mut members = Map::new();
        for (name, value) in &self.attributes {
            members.insert(name.clone(), unescaped(value).into());
        }
        if !self.content_type.is_empty() {
            let value = self.content_type.as_str().into();
            members.insert("datacontenttype".to_owned(), value);
        }
        let text = std::str::from_utf8(data);
        let data = match text {
            Ok("") => None,
            Ok(text) if self.essence().is_empty() || self.essence().contains("json") => {
                let json: &RawValue = serde_json::from_str(text).map_err(|_| {
                    let why = words(&Flaw::NotJson, data);
                    Unreadable::Malformed(format!("the data: {why}"))
                })?;
                Some(json.get().to_owned())
            }
            Ok(text) => Some(Value::from(text).to_string()),
            Err(_) => return Err(self.no_json()),
        };
        let mut event = Value::Object(members).to_string();
        if let Some(data) = data {
            event.pop();
            event.push_str(",\"data\":");
            event.push_str(&data);
            event.push('}');
        }
        Ok(event.into_bytes())
    }
}

fn undecoded(error: &coding::Error) -> Unreadable {
    let why = error.to_string();
    match error {
        coding::Error::Unsupported(_) => Unreadable::Unsupported(why),
        coding::Error::TooLarge(_) => Unreadable::TooLarge(why),
        coding::Error::Damaged | coding::Error::Cut => Unreadable::Malformed(why),
    }
}

/// An attribute's value: what is not printable ASCII travels percent-encoded.
fn unescaped(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = behind
            .split_first_chunk::<2>()
            .filter(|_| *first == b'%')
            .and_then(|(digits, behind)| {
                let digits = std::str::from_utf8(digits).ok()?;
                Some((u8::from_str_radix(digits, 16).ok()?, behind))
            });
        let (byte, behind) = escaped.unwrap_or((*first, behind));
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"type":"auth.ok","id":"1"}"#;

    fn posted(content_type: &str) -> Posted {
        Posted {
            content_type: content_type.to_owned(),
            ..Posted::default()
        }
    }

    #[test]
    fn json_is_taken_in_every_framing_and_under_every_name() {
        let two = format!("{ONE}\n{ONE}\n");
        let sequence = format!("\u{1e}{ONE}\n\u{1e}{ONE}\n");
        for (content_type, body, count) in [
            ("application/json", ONE.to_owned(), 1),
            ("", format!("\u{feff} {ONE} "), 1),
            ("application/x-www-form-urlencoded", ONE.to_owned(), 1),
            (
                "application/json; charset=utf-8",
                format!("[{ONE},{ONE}]"),
                2,
            ),
            ("application/json", "[]".to_owned(), 0),
            // Held one by one they would take many times what they take in the body.
            ("application/json", "[[],[],[]]".to_owned(), 0),
            ("application/x-ndjson", two.clone(), 2),
            ("text/plain", two, 2),
            ("application/json", format!("{ONE}{ONE}"), 2),
            ("application/json-seq", sequence, 2),
            ("application/cloudevents+json", ONE.to_owned(), 1),
            ("application/cloudevents-batch+json", format!("[{ONE}]"), 1),
        ] {
            let found = posted(content_type).events(body.as_bytes(), "").unwrap();
            assert_eq!(found, vec![ONE.as_bytes(); count], "{content_type} {body}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_taken_in_no_part() {
        use Unreadable::{Malformed, TooLarge, Unsupported};
        let large = format!(r#"{{"type":"x","pad":"{}"}}"#, "x".repeat(LIMIT));
        let utf16: Vec<u8> = ONE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cut = format!("[{ONE},");
        let mixed = format!("[{ONE},{{}}]");
        for (content_type, body, wanted) in [
            ("", &b""[..], "malformed"),
            ("application/json", b" \n", "malformed"),
            ("application/json", br#"{"type":"x""#, "malformed"),
            ("application/json", cut.as_bytes(), "malformed"),
            ("application/json", mixed.as_bytes(), "malformed"),
            ("application/json", b"7", "malformed"),
            ("text/plain", b"hello", "malformed"),
            ("application/json", &utf16, "unsupported"),
            (
                "application/json; charset=UTF-16",
                ONE.as_bytes(),
                "unsupported",
            ),
            ("application/msgpack", b"\x82\xa4type\xa1x", "unsupported"),
            (
                "application/x-www-form-urlencoded",
                b"type=auth.ok",
                "unsupported",
            ),
            (
                "multipart/form-data; boundary=x",
                b"--x\r\n\r\n",
                "unsupported",
            ),
            ("application/json", large.as_bytes(), "too large"),
        ] {
            let kind = match posted(content_type).events(body, "") {
                Ok(_) => "taken",
                Err(Malformed(_)) => "malformed",
                Err(Unsupported(_)) => "unsupported",
                Err(TooLarge(_)) => "too large",
            };
            assert_eq!(
                kind,
                wanted,
                "{content_type} {}",
                body[..body.len().min(40)].escape_ascii()
            );
        }
    }

    #[test]
    fn what_is_not_json_is_refused_with_cause_and_place() {
        let second = format!("[{ONE}, {{'type':'x'}}]");
        let cut = format!("[{ONE},");
        for (body, why) in [
            ("{'a':1}", "not JSON: single quotes around text (byte 2)"),
            ("hello", "not JSON: hello is not a JSON value (byte 1)"),
            (
                r#" {"a":1,}"#,
                "event 1: not JSON: trailing comma: nothing follows it (byte 7)",
            ),
            (
                &second,
                "event 2: not JSON: single quotes around text (byte 2)",
            ),
            (
                &cut,
                "event 2: not JSON: the array is cut off: no closing bracket at the end of the input",
            ),
        ] {
            let refused = posted("application/json").events(body.as_bytes(), "");
            assert_eq!(
                refused,
                Err(Unreadable::Malformed(why.to_owned())),
                "{body}"
            );
        }
    }

    #[test]
    fn a_cloud_event_in_binary_mode_becomes_a_structured_one() {
        let attributes = [
            ("specversion", "1.0"),
            ("type", "a"),
            ("source", "/Zo%C3%AB%"),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let event = |content_type: &str, data: &[u8]| {
            let posted = Posted {
                attributes: attributes.to_vec(),
                ..posted(content_type)
            };
            let events = posted.events(data, "")?;
            Ok::<_, Unreadable>(String::from_utf8(events.concat()).unwrap())
        };
        let head = r#"{"specversion":"1.0","type":"a","source":"/Zoë%""#;
        assert_eq!(event("", b"").unwrap(), format!("{head}}}"));
        assert_eq!(
            event("application/json", br#"{"n":1.0}"#).unwrap(),
            format!(r#"{head},"datacontenttype":"application/json","data":{{"n":1.0}}}}"#)
        );
        assert_eq!(
            event("text/plain", b"hi").unwrap(),
            format!(r#"{head},"datacontenttype":"text/plain","data":"hi"}}"#)
        );
        assert!(event("application/json", b"{").is_err());
        assert!(event("image/png", b"\x89PNG").is_err());
    }
}
