//! A record in the spool, as `spool list` shows it.

use serde::Serialize;

/// As much of an id as people are shown: its end, which records of one run do not share.
pub fn short_id(id: &str) -> &str {
    id.get(id.len().saturating_sub(SHORT)..).unwrap_or(id)
}

/// The length of a short id.
pub const SHORT: usize = 8;

/// One record that waits, or that is not tried again without a person.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptRecord {
    /// Our own id of it.
    pub id: String,
    /// Where it is to go.
    pub destination: String,
    /// Which connector sends it; absent for a record of the first format, which did not say.
    pub connector: Option<String>,
    /// The header that carries the key.
    pub key_header: Option<String>,
    /// The names of further headers.
    pub headers: Vec<String>,
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
