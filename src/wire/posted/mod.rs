//! What a request brings: events as JSON in any framing, compressed or not, or as CloudEvents in
//! any of the three modes of their HTTP binding.

mod body;

use super::coding::{self, Coding};
use super::envelope::{LIMIT, Layout, Opener};
use super::flaw::words;
use super::records::Record;
use super::words::shortened;
use crate::model::event::Flaw;
pub use body::BodyReader;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The largest body that is accepted, decoded, in bytes.
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

/// Why a body is not accepted; in words for its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not what it should be.
    Malformed(String),
    /// It is something that is not read here.
    Unsupported(String),
    /// It, or one of its events, is too large.
    TooLarge(String),
}

impl Posted {
    /// A reader for the body, whose values are laid out like this.
    pub fn reader(self, layout: Layout) -> Result<BodyReader, Unreadable> {
        let coding = Coding::of(&self.coding).map_err(|error| undecoded(&error))?;
        Ok(BodyReader::new(self, coding, layout))
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
        Unreadable::Unsupported(format!("unsupported content type '{essence}': send JSON"))
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
        let text = std::str::from_utf8(data);
        // Some clients call a form whatever they do not know the type of.
        let is_form = self.essence() == "application/x-www-form-urlencoded"
            && text.is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok());
        if !self.content_type.is_empty() && !is_form {
            let value = self.content_type.as_str().into();
            members.insert("datacontenttype".to_owned(), value);
        }
        let data = match text {
            Ok("") => None,
            Ok(text) if is_form || self.essence().is_empty() || self.essence().contains("json") => {
                let json: &RawValue = serde_json::from_str(text).map_err(|_| {
                    let why = words(&Flaw::NotJson, data);
                    self.malformed(&format!("the data: {why}"))
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

impl Unreadable {
    /// The body is too large.
    pub fn too_large_body() -> Unreadable {
        Unreadable::TooLarge(format!("the body has more than {} MiB", LARGEST_BODY >> 20))
    }
}

impl Posted {
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
            return Err(self.malformed(&format!("{place}not JSON: {error}")));
        }
        let (mut events, mut wrong) = (0, None);
        opener.open(record.bytes, None, &mut |found| match found {
            Ok(_) => events += 1,
            Err(flaw) => drop(wrong.get_or_insert(flaw)),
        });
        match wrong {
            None => Ok(events),
            Some(Flaw::NotJson) if !self.may_be_json() => Err(self.no_json()),
            Some(flaw) => {
                let why = words(&flaw, record.bytes);
                Err(self.malformed(&format!("{place}{why}")))
            }
        }
    }

    /// The reason, and as what the body was sent: that may be where the mistake is.
    fn malformed(&self, why: &str) -> Unreadable {
        Unreadable::Malformed(match shortened(self.essence()).as_str() {
            "" => format!("{why}; sent without a content type"),
            essence => format!("{why}; sent as {essence}"),
        })
    }
}

fn undecoded(error: &coding::CodingError) -> Unreadable {
    let why = error.to_string();
    match error {
        coding::CodingError::Unsupported(_) => Unreadable::Unsupported(why),
        coding::CodingError::TooLarge(_) => Unreadable::TooLarge(why),
        coding::CodingError::Damaged | coding::CodingError::Cut => Unreadable::Malformed(why),
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
mod tests;
