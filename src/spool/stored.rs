//! A record with everything a spool knows of it. As a line of JSON it waits in the inbox, and
//! moves from one spool to another.

use super::AcceptedRecord;
use super::identity::Identity;
use crate::model::delivery::Problem;
use crate::model::fnv::checksum;
use crate::model::timestamp::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use uuid::Uuid;

/// Whether a record is still to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordState {
    /// It is sent when it is due.
    #[default]
    Ready,
    /// It is not tried again without a person.
    Dead,
}

impl RecordState {
    /// Its name, in the database as well.
    pub const fn name(self) -> &'static str {
        match self {
            RecordState::Ready => "ready",
            RecordState::Dead => "dead",
        }
    }

    /// The state of a name; any other is that of a record that is still to be sent.
    pub fn find(name: &str) -> RecordState {
        if name == RecordState::Dead.name() {
            RecordState::Dead
        } else {
            RecordState::Ready
        }
    }
}

/// A record as a spool holds it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Our own id of it.
    pub id: Uuid,
    /// The run that accepted it, where that is known.
    pub run: Option<Uuid>,
    /// Where it is to go, and who sends it: an identity as it is stored.
    pub destination: String,
    /// The record.
    pub record: AcceptedRecord,
    /// The checksum of its bytes when they were accepted.
    pub sum: i64,
    /// When it was accepted, in milliseconds since 1970.
    pub accepted: i64,
    /// Whether it is still to be sent.
    pub state: RecordState,
    /// How often it was put on the wire.
    pub attempts: u32,
    /// How many of these failed while others were delivered.
    pub counted: u32,
    /// Attempts whose answer was never seen.
    pub maybe_duplicate: u32,
    /// The instant before which it is not tried again; 0 for none.
    pub next_attempt: i64,
    /// The status that was read last.
    pub http: Option<u16>,
    /// Why it was not delivered so far.
    pub problem: Option<Problem>,
}

impl Stored {
    /// A record that was accepted just now.
    pub fn new(
        id: Uuid,
        run: Uuid,
        destination: String,
        accepted: i64,
        record: AcceptedRecord,
    ) -> Stored {
        Stored {
            id,
            run: Some(run),
            destination,
            sum: checksum(&record.body),
            record,
            accepted,
            state: RecordState::Ready,
            attempts: 0,
            counted: 0,
            maybe_duplicate: 0,
            next_attempt: 0,
            http: None,
            problem: None,
        }
    }

    /// Whether its bytes are those that were accepted.
    pub fn is_intact(&self) -> bool {
        checksum(&self.record.body) == self.sum
    }

    /// Reads one from JSON, or says why that is none.
    pub fn read(text: &[u8]) -> Result<Stored, String> {
        let read: Portable<'_> = serde_json::from_slice(text).map_err(|_| why_not(text))?;
        let uuid =
            |text: &str| Uuid::parse_str(text).map_err(|_| format!("'{text}' is not a UUID"));
        let body = match (read.body, read.bytes) {
            (Some(text), None) => text.into_owned().into_bytes(),
            (None, Some(bytes)) => bytes,
            _ => return Err("expected either body or bytes".to_owned()),
        };
        let next_attempt = read.next_attempt.map(TextOrNumber::instant).transpose()?;
        Ok(Stored {
            id: uuid(&read.id)?,
            run: read.run.as_deref().map(uuid).transpose()?,
            destination: match read.destination {
                StoredDestination::Known(identity) => identity.text(),
                StoredDestination::Address(address) => address,
            },
            record: AcceptedRecord {
                body: body.into(),
                source: read.source.into(),
                number: read.record,
                line: read.line,
                event_code: read.event_code.map(Cow::into_owned),
                correlation_id: read.correlation_id.map(Cow::into_owned),
                integration_key: read.integration_key.map(Cow::into_owned),
            },
            sum: read.sum.checksum()?,
            accepted: read.accepted.instant()?,
            state: read.state,
            attempts: read.attempts,
            counted: read.counted,
            maybe_duplicate: read.maybe_duplicate,
            next_attempt: next_attempt.unwrap_or(0),
            http: read.http,
            problem: read.last_error,
        })
    }
}

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = &self.record;
        let text = std::str::from_utf8(&record.body).ok();
        let identity = Identity::read(&self.destination);
        let instant = |millis| TextOrNumber::Text(Timestamp::from_millis(millis).rfc3339());
        Portable {
            id: self.id.to_string().into(),
            run: self.run.map(|run| run.to_string().into()),
            destination: match identity.sender {
                Some(_) => StoredDestination::Known(identity),
                None => StoredDestination::Address(identity.url),
            },
            state: self.state,
            attempts: self.attempts,
            counted: self.counted,
            maybe_duplicate: self.maybe_duplicate,
            accepted: instant(self.accepted),
            next_attempt: (self.next_attempt != 0).then(|| instant(self.next_attempt)),
            http: self.http,
            last_error: self.problem.clone(),
            source: record.source.as_ref().into(),
            record: record.number,
            line: record.line,
            event_code: record.event_code.as_deref().map(Cow::from),
            correlation_id: record.correlation_id.as_deref().map(Cow::from),
            integration_key: record.integration_key.as_deref().map(Cow::from),
            sum: TextOrNumber::Text(format!("{:016x}", self.sum)),
            body: text.map(Cow::from),
            bytes: text.is_none().then(|| record.body.to_vec()),
        }
        .serialize(serializer)
    }
}

/// Why a text is not a stored record.
fn why_not(text: &[u8]) -> String {
    const REQUIRED: [&str; 7] = [
        "id",
        "destination",
        "accepted",
        "source",
        "record",
        "line",
        "sum",
    ];
    match serde_json::from_slice(text) {
        Err(_) => "it is not JSON".to_owned(),
        Ok(Value::Object(members)) => {
            let missing = REQUIRED.iter().find(|name| !members.contains_key(**name));
            missing.map_or_else(
                || "one of its values is not of the type that an export has there".to_owned(),
                |name| format!("{name} is missing"),
            )
        }
        Ok(_) => "it is not a JSON object".to_owned(),
    }
}

/// A stored record as JSON. The names in the aliases and the plain numbers stand in inboxes of
/// older versions.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Portable<'a> {
    id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<Cow<'a, str>>,
    destination: StoredDestination,
    #[serde(default)]
    state: RecordState,
    #[serde(default)]
    attempts: u32,
    #[serde(default)]
    counted: u32,
    #[serde(default)]
    maybe_duplicate: u32,
    accepted: TextOrNumber,
    #[serde(default)]
    next_attempt: Option<TextOrNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<Problem>,
    source: Cow<'a, str>,
    record: u64,
    line: u64,
    #[serde(default, alias = "event_code")]
    event_code: Option<Cow<'a, str>>,
    #[serde(default, alias = "correlation_id")]
    correlation_id: Option<Cow<'a, str>>,
    #[serde(default, alias = "integration_key")]
    integration_key: Option<Cow<'a, str>>,
    /// In hexadecimal: as a number it would not survive programs that read all numbers as
    /// floating-point ones.
    sum: TextOrNumber,
    /// The bytes as text, where they are text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    /// The bytes themselves, where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<Vec<u8>>,
}

/// An identity; of records of the first format no more than the address is known.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredDestination {
    Address(String),
    Known(Identity),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Number(i64),
}

impl TextOrNumber {
    /// Milliseconds since 1970.
    fn instant(self) -> Result<i64, String> {
        match self {
            TextOrNumber::Number(millis) => Ok(millis),
            TextOrNumber::Text(text) => Timestamp::parse(&text)
                .map(|instant| instant.millis())
                .ok_or_else(|| format!("'{text}' is not a time")),
        }
    }

    fn checksum(self) -> Result<i64, String> {
        match self {
            TextOrNumber::Number(sum) => Ok(sum),
            TextOrNumber::Text(text) => u64::from_str_radix(&text, 16)
                .map(u64::cast_signed)
                .map_err(|_| format!("'{text}' is not a checksum")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_brings_back_everything_and_any_bytes() {
        for body in [&b"{\"a\":\"\\u00e9\xc3\xa9\"}"[..], b"\xff\x00 not text"] {
            let stored = Stored {
                attempts: 3,
                counted: 1,
                maybe_duplicate: 2,
                state: RecordState::Dead,
                next_attempt: 1_764_200_000_123,
                http: Some(503),
                problem: Some(Problem {
                    detail: Some("later".to_owned()),
                    ..Problem::titled("busy")
                }),
                ..Stored::new(
                    Uuid::now_v7(),
                    Uuid::now_v7(),
                    Identity::new("https://h/x".to_owned(), "c", "X-Key", &[].into()).text(),
                    1_764_100_000_001,
                    AcceptedRecord {
                        body: body.to_vec().into(),
                        source: "a\u{7f}b".into(),
                        number: 7,
                        line: 9,
                        event_code: Some("4003W".to_owned()),
                        correlation_id: None,
                        integration_key: Some("Shop".to_owned()),
                    },
                )
            };
            let text = serde_json::to_vec(&stored).unwrap();
            let again = Stored::read(&text).unwrap();
            assert!(again.is_intact());
            assert_eq!(format!("{again:?}"), format!("{stored:?}"));
            assert_eq!(serde_json::to_vec(&again).unwrap(), text);
        }
    }

    #[test]
    fn lines_of_an_older_inbox_are_read() {
        let text = br#"{"id":"01a219e6-76c0-7235-897e-258bd541c99c","run":"01a219e6-76c0-7235-897e-258bd541c99d","destination":"https://h/x","source":"-","record":1,"line":1,"event_code":"5004N","correlation_id":"j","integration_key":null,"accepted":1764100000001,"sum":-3750763034362895579,"body":""}"#;
        let stored = Stored::read(text).unwrap();
        assert_eq!(stored.destination, "https://h/x");
        assert_eq!(stored.record.correlation_id.as_deref(), Some("j"));
        assert_eq!(stored.accepted, 1_764_100_000_001);
        assert!(stored.is_intact());
    }

    #[test]
    fn what_is_not_a_stored_record_is_refused_with_a_reason() {
        for (text, why) in [
            ("{}", "id is missing"),
            ("{\"id\":", "not JSON"),
            ("[]", "not a JSON object"),
            (
                "{\"id\":\"i\",\"destination\":\"d\"}",
                "accepted is missing",
            ),
            (
                "{\"id\":1,\"destination\":\"d\",\"accepted\":1,\"source\":\"s\",\"record\":1,\
                 \"line\":1,\"sum\":1}",
                "type",
            ),
        ] {
            let said = Stored::read(text.as_bytes()).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
