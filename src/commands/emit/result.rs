//! What `emit` reports of each record, and of all of them.

use crate::model::delivery::{DeliveryStatus, Problem};
use serde::Serialize;

/// The result for one record, as `emit -o ndjson` writes it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// File name, `-` for standard input, or `flags`.
    pub source: String,
    /// The record's number in its source, from 1.
    pub record: u64,
    /// The line it begins on, from 1.
    pub line: u64,
    /// How it ended.
    pub status: DeliveryStatus,
    /// The status of the last attempt's answer, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<u16>,
    /// How many times it was put on the wire.
    pub attempts: u32,
    /// Milliseconds from the first attempt to the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// Our own id of the record in the spool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The record's `eventCode`, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_code: Option<String>,
    /// The record's `correlationId`, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Why it was not delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
    /// What our own check found, for an invalid record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingSummary>,
    /// Whether it is an event of the automation server, which is no event log.
    #[serde(skip)]
    pub is_sys_event: bool,
}

impl Delivery {
    /// A record that was never sent, of which nothing more is known.
    pub fn unsent(source: &str, record: u64, line: u64, status: DeliveryStatus) -> Delivery {
        Delivery {
            source: source.to_owned(),
            record,
            line,
            status,
            http: None,
            attempts: 0,
            ms: None,
            id: None,
            event_code: None,
            correlation_id: None,
            error: None,
            findings: Vec::new(),
            is_sys_event: false,
        }
    }
}

/// One finding, in the short form that results carry.
#[derive(Clone, Debug, Serialize)]
pub struct FindingSummary {
    /// The rule's name.
    pub rule: &'static str,
    /// `error`, `warning` or `hint`.
    pub level: &'static str,
    /// What is wrong.
    pub message: String,
    /// RFC 6901 pointer to the value.
    pub pointer: String,
}

/// The last line of a run: how many records ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Always true; distinguishes the line from a record's.
    pub summary: bool,
    /// Records seen.
    pub records: u64,
    /// Records that ended [`DeliveryStatus::Delivered`].
    pub delivered: u64,
    /// Records that ended [`DeliveryStatus::Refused`].
    pub refused: u64,
    /// Records that ended [`DeliveryStatus::Invalid`].
    pub invalid: u64,
    /// Records that ended [`DeliveryStatus::Kept`].
    pub kept: u64,
    /// Records that ended [`DeliveryStatus::Failed`].
    pub failed: u64,
    /// Attempts whose answer was never seen, so that the server may hold a second copy.
    pub maybe_duplicate: u64,
    /// Wall time of the run.
    pub seconds: f64,
}

impl Totals {
    /// Adds what another part of the run has counted.
    pub fn absorb(&mut self, other: &Totals) {
        self.records += other.records;
        self.delivered += other.delivered;
        self.refused += other.refused;
        self.invalid += other.invalid;
        self.kept += other.kept;
        self.failed += other.failed;
        self.maybe_duplicate += other.maybe_duplicate;
    }

    /// Counts one more record.
    pub fn count(&mut self, status: DeliveryStatus) {
        self.records += 1;
        *match status {
            DeliveryStatus::Delivered => &mut self.delivered,
            DeliveryStatus::Invalid => &mut self.invalid,
            DeliveryStatus::Refused => &mut self.refused,
            DeliveryStatus::Kept => &mut self.kept,
            DeliveryStatus::Failed => &mut self.failed,
        } += 1;
    }
}
