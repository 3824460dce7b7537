//! One request to the event-log endpoint, as it is stored and shown.

use crate::check::Identity;
use crate::check::finding::Finding;
use crate::check::rule::Level;
use crate::model::timestamp::Timestamp;
use serde_json::{Value, json};

/// One request to the event-log endpoint, as it arrived and as it was answered.
#[derive(Clone, Debug)]
pub struct LedgerEntry {
    /// Its place in the order of arrival, from 1.
    pub number: u64,
    /// When it was complete.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers; the values of keys and tokens are masked.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The correlation id, where it could be read.
    pub journey: Option<String>,
    /// The event code, where it could be read.
    pub event_code: Option<String>,
    /// The integration key, where it could be read.
    pub integration_key: Option<String>,
    /// The status that was answered; 0 when the connection was broken instead.
    pub status: u16,
    /// Why it was refused, as the answer said it.
    pub refusal: Option<String>,
    /// The fault that struck instead of a verdict.
    pub fault: Option<String>,
    /// What the rules found; warnings do not refuse an event log.
    pub findings: Vec<Finding>,
}

impl LedgerEntry {
    /// Whether the event log was accepted.
    pub fn accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Takes a body, and what it says about itself.
    pub(super) fn set_body(&mut self, body: Vec<u8>, identity: Identity) {
        self.journey = identity.correlation_id;
        self.event_code = identity.event_code;
        self.integration_key = identity.integration_key;
        self.body = body;
    }

    /// Why it was refused, unless that is because of what the rules found.
    pub fn refused_before_rules(&self) -> Option<&str> {
        let refusal = self.refusal.as_deref()?;
        (self.worst() != Some(Level::Error)).then_some(refusal)
    }

    /// The heaviest finding's level.
    pub fn worst(&self) -> Option<Level> {
        self.findings.iter().map(|finding| finding.level).max()
    }

    /// The entry as `GET /_sandbox/logs` and the record file show it.
    pub fn json(&self) -> Value {
        let headers: serde_json::Map<String, Value> = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Value::String(value.clone())))
            .collect();
        json!({
            "number": self.number,
            "at": self.at.rfc3339(),
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "refusal": self.refusal,
            "fault": self.fault,
            "eventCode": self.event_code,
            "correlationId": self.journey,
            "integrationKey": self.integration_key,
            "findings": self.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "headers": headers,
            "body": String::from_utf8_lossy(&self.body),
        })
    }

    /// What it weighs in memory, roughly.
    pub(super) fn weight(&self) -> usize {
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 48)
            .sum();
        let findings: usize = self
            .findings
            .iter()
            .map(|finding| finding.message.len() + finding.help.len() + finding.pointer.len() + 160)
            .sum();
        let refusal = self.refusal.as_ref().map_or(0, String::len);
        self.body.len() + self.path.len() + headers + refusal + findings + 320
    }
}

/// A finding in the shape `validate -o ndjson` writes, without its source.
pub fn finding_json(finding: &Finding) -> Value {
    let mut value = json!({
        "line": finding.line,
        "column": finding.column,
        "pointer": finding.pointer,
        "rule": finding.rule.name(),
        "level": finding.level.name(),
        "message": finding.message,
        "help": finding.help,
    });
    if let Some(journey) = &finding.journey {
        value["journey"] = Value::String(journey.clone());
    }
    value
}
