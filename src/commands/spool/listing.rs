//! Records of a spool as `list` and `show` present them.

use crate::commands::emit::spool_failure;
use crate::failure::Failure;
use crate::model::delivery::in_words;
use crate::model::timestamp::{Timestamp, Zone};
use crate::spool::identity::Identity;
use crate::spool::inspect::Inspect;
use crate::spool::stored::{State, Stored};
use serde::Serialize;
use std::collections::HashMap;

/// A destination as it is shown: without the values of its headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownDestination {
    /// Its address.
    #[serde(rename = "destination")]
    pub url: String,
    /// Which connector sends; absent for records of the first format, which did not say.
    pub connector: Option<String>,
    /// The header that carries the key.
    pub key_header: Option<String>,
    /// The names of further headers.
    pub headers: Vec<String>,
}

impl From<Identity> for ShownDestination {
    fn from(Identity { url, sender }: Identity) -> ShownDestination {
        let (connector, key_header, headers) = sender.map_or((None, None, Vec::new()), |sender| {
            (
                Some(sender.connector),
                Some(sender.key_header),
                sender.headers,
            )
        });
        ShownDestination {
            url,
            connector,
            key_header,
            headers,
        }
    }
}

/// One record that waits, or that is not tried again without a person.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedRecord {
    /// Our own id of it.
    pub id: String,
    /// Where it is to go.
    #[serde(flatten)]
    pub destination: ShownDestination,
    /// Its `eventCode`.
    pub event_code: Option<String>,
    /// Its `correlationId`.
    pub correlation_id: Option<String>,
    /// `ready` or `dead`.
    pub state: String,
    /// How often it was put on the wire.
    pub attempts: u32,
    /// Attempts whose answer was never seen.
    pub maybe_duplicate: u32,
    /// When it was accepted.
    pub accepted: String,
    /// When it may be tried again; absent for a dead one.
    pub next_attempt: Option<String>,
    /// Status and reason of the last failure.
    pub last_error: Option<String>,
    /// Where it came from.
    pub source: String,
    /// The line it began on.
    pub line: u64,
    /// How long ago it was accepted, in milliseconds.
    #[serde(skip)]
    pub age: i64,
    /// How long it waits for its next try, in milliseconds; less than 0 when it is due.
    #[serde(skip)]
    pub wait: i64,
}

/// Makes records of a spool ready for showing.
pub(super) struct Listing {
    zone: Zone,
    now: i64,
    /// Until when destinations asked to be left alone.
    pauses: HashMap<String, i64>,
}

impl Listing {
    pub(super) fn new(spool: &dyn Inspect, zone: Zone, now: i64) -> Result<Listing, Failure> {
        let pauses = spool.pauses().map_err(spool_failure)?;
        Ok(Listing { zone, now, pauses })
    }

    pub(super) fn record(&self, stored: &Stored) -> ListedRecord {
        let time = |millis| Timestamp::from_millis(millis).at(self.zone).rfc3339();
        let said = stored.problem.as_ref();
        let last_error = said.map(|said| in_words(stored.http, said));
        let pause = self.pauses.get(&stored.destination).copied();
        let next = stored.next_attempt.max(pause.unwrap_or(0));
        ListedRecord {
            id: stored.id.to_string(),
            age: self.now - stored.accepted,
            wait: next - self.now,
            destination: Identity::read(&stored.destination).into(),
            event_code: stored.record.event_code.clone(),
            correlation_id: stored.record.correlation_id.clone(),
            attempts: stored.attempts,
            maybe_duplicate: stored.maybe_duplicate,
            accepted: time(stored.accepted),
            // Never tried means that it may be tried since it was accepted.
            next_attempt: (stored.state == State::Ready).then(|| time(next.max(stored.accepted))),
            state: stored.state.name().to_owned(),
            last_error,
            source: stored.record.source.to_string(),
            line: stored.record.line,
        }
    }
}
