//! What a request brings: events as JSON in any framing, compressed or not, or as CloudEvents in
//! any of the three modes of their HTTP binding.

use super::coding::{self, Coding, Decoder};
use super::envelope::{LIMIT, Layout, Opener};
use super::flaw::words;
use super::records::{Framer, Record};
use super::words::shortened;
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

/// Reads one body as it comes, with a bound on what is held of it.
#[derive(Debug)]
pub struct BodyReader {
    decoder: Option<Decoder>,
    content: Content,
}

/// What a body says once it is decoded.
#[derive(Debug)]
struct Content {
    posted: Posted,
    opener: Opener,
    /// The data of a `CloudEvent` in binary mode, which is read when it is whole.
    whole: Option<Vec<u8>>,
    /// The first bytes, until there are enough of them to recognise an encoding.
    start: Vec<u8>,
    begun: bool,
    /// Whether nothing but blanks has come.
    blank: bool,
    framer: Framer,
    length: usize,
    /// How many bytes belong to records that were handed over.
    settled: usize,
}

/// How much of a body that is not coded is looked at in one step.
const STEP: usize = 64 << 10;

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
    /// A reader for the body, whose values are laid out like this.
    pub fn reader(self, layout: Layout) -> Result<BodyReader, Unreadable> {
        let coding = Coding::of(&self.coding).map_err(|error| undecoded(&error))?;
        let whole = self.is_binary_mode().then(Vec::new);
        Ok(BodyReader {
            decoder: coding.map(Decoder::new),
            content: Content {
                posted: self,
                opener: Opener::new(layout),
                whole,
                start: Vec::new(),
                begun: false,
                blank: true,
                framer: Framer::new(LIMIT),
                length: 0,
                settled: 0,
            },
        })
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
        let text = std::str::from_utf8(data);
        // Some clients call a form whatever they are not told the type of.
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

impl BodyReader {
    /// Looks at the next bytes, a bounded amount at once, and hands over the JSON values that are
    /// complete, each with at least an event; true when there is more to look at.
    pub fn step(
        &mut self,
        bytes: &mut &[u8],
        take: &mut impl FnMut(&[u8]),
    ) -> Result<bool, Unreadable> {
        let Some(decoder) = &mut self.decoder else {
            let (part, rest) = bytes.split_at(bytes.len().min(STEP));
            *bytes = rest;
            self.content.push(part, take)?;
            return Ok(!rest.is_empty());
        };
        let (part, more) = decoder.step(bytes).map_err(|error| undecoded(&error))?;
        self.content.push(part, take)?;
        Ok(more)
    }

    /// The body has ended: hands over what is left.
    pub fn finish(self, take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        if let Some(decoder) = &self.decoder {
            decoder.finish().map_err(|error| undecoded(&error))?;
        }
        self.content.finish(take)
    }

    /// How many bytes are held of a value that is not complete.
    pub fn held(&self) -> usize {
        let Content {
            length, settled, ..
        } = self.content;
        length.saturating_sub(settled).min(LIMIT)
    }
}

impl Content {
    fn push(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        self.length += bytes.len();
        if self.length > LARGEST_BODY {
            return Err(Unreadable::too_large_body());
        }
        self.blank &= bytes.trim_ascii().is_empty();
        if self.begun {
            return self.split(bytes, take);
        }
        self.start.extend_from_slice(bytes);
        if self.start.len() < 2 {
            return Ok(());
        }
        self.begin(take)
    }

    fn begin(&mut self, take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        self.begun = true;
        let start = std::mem::take(&mut self.start);
        if self.posted.is_utf16(&start) {
            let why = "the body is UTF-16; JSON is sent as UTF-8";
            return Err(Unreadable::Unsupported(why.to_owned()));
        }
        self.split(&start, take)
    }

    fn split(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        if let Some(whole) = &mut self.whole {
            if whole.len() + bytes.len() > LIMIT {
                let flaw = Flaw::TooLarge((whole.len() + bytes.len()) as u64);
                return Err(Unreadable::TooLarge(flaw.to_string()));
            }
            whole.extend_from_slice(bytes);
            return Ok(());
        }
        let Content {
            posted,
            opener,
            framer,
            settled,
            ..
        } = self;
        let mut wrong = None;
        let mut each = |record: Record<'_>| {
            if wrong.is_some() {
                return;
            }
            *settled = usize::try_from(record.offset + record.length).unwrap_or(usize::MAX);
            match posted.open(opener, record) {
                Ok(0) => {}
                Ok(_) => take(record.bytes),
                Err(why) => wrong = Some(why),
            }
        };
        framer.push_sequence(bytes, &mut each);
        wrong.map_or(Ok(()), Err)
    }

    fn finish(mut self, take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        if !self.begun {
            self.begin(take)?;
        }
        if let Some(data) = &self.whole {
            let event = self.posted.cloud_event(data)?;
            self.posted.open(&mut self.opener, Record::alone(&event))?;
            take(&event);
            return Ok(());
        }
        if self.blank {
            return Err(Unreadable::Malformed("the body is empty".to_owned()));
        }
        let Content {
            posted,
            mut opener,
            mut framer,
            ..
        } = self;
        let mut wrong = None;
        framer.finish(&mut |record| match posted.open(&mut opener, record) {
            Err(why) => drop(wrong.get_or_insert(why)),
            Ok(0) => {}
            Ok(_) if wrong.is_none() => take(record.bytes),
            Ok(_) => {}
        });
        wrong.map_or(Ok(()), Err)
    }
}

impl Unreadable {
    /// The body is larger than is taken.
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
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    const ONE: &str = r#"{"type":"auth.ok","id":"1"}"#;

    fn posted(content_type: &str) -> Posted {
        Posted {
            content_type: content_type.to_owned(),
            ..Posted::default()
        }
    }

    /// What comes of a body that arrives in pieces of this size.
    fn events(posted: Posted, body: &[u8], size: usize) -> Result<Vec<Vec<u8>>, Unreadable> {
        let mut reader = posted.reader(Layout::default())?;
        let mut values = Vec::new();
        let mut take = |value: &[u8]| values.push(value.to_vec());
        for mut piece in body.chunks(size) {
            while reader.step(&mut piece, &mut take)? {}
            assert!(reader.held() <= LIMIT);
        }
        reader.finish(&mut take)?;
        Ok(values)
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
            for size in [1, 2, 7, body.len()] {
                let found = events(posted(content_type), body.as_bytes(), size).unwrap();
                assert_eq!(found, vec![ONE.as_bytes(); count], "{content_type} {body}");
            }
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
            let kind = match events(posted(content_type), body, 3000) {
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
            for (content_type, sent) in [
                (
                    "Application/JSON; charset=utf-8",
                    "sent as application/json",
                ),
                ("", "sent without a content type"),
            ] {
                let refused = events(posted(content_type), body.as_bytes(), 3);
                let why = Unreadable::Malformed(format!("{why}; {sent}"));
                assert_eq!(refused, Err(why), "{body}");
            }
        }
    }

    #[test]
    fn a_little_that_becomes_much_is_refused_at_the_limit() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let blanks = vec![b' '; 1 << 20];
        for _ in 0..64 {
            encoder.write_all(&blanks).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 128 << 10);
        let posted = Posted {
            coding: "gzip".to_owned(),
            ..Posted::default()
        };
        let refused = events(posted, &bomb, bomb.len());
        assert_eq!(refused, Err(Unreadable::too_large_body()));
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
            let events = events(posted, data, 2)?;
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
        let form = "application/x-www-form-urlencoded";
        assert_eq!(
            event(form, b"{}").unwrap(),
            format!(r#"{head},"data":{{}}}}"#)
        );
        assert!(event(form, b"a=b").unwrap().ends_with(r#","data":"a=b"}"#));
        assert!(event("application/json", b"{").is_err());
        assert!(event("image/png", b"\x89PNG").is_err());
    }
}
