//! What was sent to the event-log endpoint: every request with its verdict, in order of arrival,
//! in bounded memory and on request in a file.

use super::random::Random;
use crate::check::finding::Finding;
use crate::check::journey::Step;
use crate::check::rule::Level;
use crate::check::{Checker, Identity, Inspector, Policy, Schema, Unfinished, identity};
use crate::model::timestamp::Timestamp;
use crate::wire::records::Record;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

/// One request to the event-log endpoint, as it arrived and as it was answered.
#[derive(Clone, Debug)]
pub struct Entry {
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

impl Entry {
    /// Whether the event log was taken.
    pub fn accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Takes a body that no rule looks at, and what it says about itself.
    pub fn set_body(&mut self, body: Vec<u8>) {
        let identity = identity(&whole(&body));
        self.journey = identity.correlation_id;
        self.event_code = identity.event_code;
        self.integration_key = identity.integration_key;
        self.body = body;
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
    fn weight(&self) -> usize {
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

/// How many requests ended how; never forgets, unlike the entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests to the endpoint.
    pub requests: u64,
    /// Event logs that were taken.
    pub accepted: u64,
    /// Requests that were not.
    pub refused: u64,
    /// Findings at level error.
    pub errors: u64,
    /// Findings at level warning.
    pub warnings: u64,
    /// Findings at level hint.
    pub hints: u64,
}

/// The entries, the rules with their journeys, and the file.
#[derive(Debug)]
pub struct Ledger {
    entries: VecDeque<Arc<Entry>>,
    weight: usize,
    limit: usize,
    tally: Tally,
    policy: Policy,
    checker: Checker,
    random: Random,
    file: Option<File>,
    file_error: Option<String>,
}

impl Ledger {
    /// An empty ledger that holds about `limit` bytes and forgets the oldest entries beyond.
    pub fn new(
        policy: Policy,
        seed: u64,
        limit: usize,
        record: Option<&Path>,
    ) -> io::Result<Ledger> {
        let policy = Policy {
            schema: Schema::EventLog,
            ..policy
        };
        Ok(Ledger {
            entries: VecDeque::new(),
            weight: 0,
            limit,
            tally: Tally::default(),
            checker: Checker::new(policy.clone()),
            policy,
            random: Random::new(seed ^ 0x1ed6_e700),
            file: record.map(open).transpose()?,
            file_error: None,
        })
    }

    /// The rules that event logs are judged by.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// A reference for a problem body.
    pub fn uuid(&mut self) -> String {
        self.random.uuid()
    }

    /// Applies the rules of journeys to what has been inspected. The journey moves on only when
    /// the event log is taken.
    pub fn judge(&mut self, inspected: Inspected) -> Judged {
        let Inspected {
            body,
            step,
            mut findings,
            identity,
        } = inspected;
        let record = Record {
            number: self.tally.requests + 1,
            ..whole(&body)
        };
        self.follow(record, step, &mut findings);
        let accepted = findings.iter().all(|found| found.level < Level::Error);
        if accepted {
            self.checker.accept(&record);
        }
        Judged {
            accepted,
            findings,
            event_code: identity.event_code,
            journey: identity.correlation_id,
            integration_key: identity.integration_key,
            body,
        }
    }

    /// The journeys that have not come to their end, where the policy asks for that.
    pub fn unfinished(&mut self) -> Vec<Unfinished> {
        if self.policy.whole {
            self.checker.finish().collect()
        } else {
            Vec::new()
        }
    }

    /// The rules of journeys. They name an earlier record by its line, which here is a request.
    fn follow(&mut self, record: Record<'_>, step: Option<Step>, findings: &mut Vec<Finding>) {
        let number = record.number;
        let before = findings.len();
        let request = Record {
            line: number,
            ..record
        };
        self.checker.follow("requests", &request, step, findings);
        for finding in &mut findings[before..] {
            finding.line = finding.line.saturating_sub(number) + 1;
            finding.message = finding.message.replace("line ", "request ");
        }
    }

    /// Notes a request; its number is given here.
    pub fn note(&mut self, mut entry: Entry) -> u64 {
        self.tally.requests += 1;
        entry.number = self.tally.requests;
        if entry.accepted() {
            self.tally.accepted += 1;
        } else {
            self.tally.refused += 1;
        }
        for finding in &entry.findings {
            *match finding.level {
                Level::Error => &mut self.tally.errors,
                Level::Warning => &mut self.tally.warnings,
                Level::Hint => &mut self.tally.hints,
            } += 1;
        }
        self.write(&entry);
        self.weight += entry.weight();
        self.entries.push_back(Arc::new(entry));
        while self.weight > self.limit && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.weight -= oldest.weight();
            }
        }
        self.tally.requests
    }

    fn write(&mut self, entry: &Entry) {
        let Some(file) = &mut self.file else { return };
        let mut line = entry.json().to_string();
        line.push('\n');
        if let Err(error) = file.write_all(line.as_bytes()) {
            // The emulator goes on; whoever started it says that the file is not complete.
            self.file_error = Some(error.to_string());
            self.file = None;
        }
    }

    /// Forgets every entry and journey; the file keeps what it has.
    pub fn reset(&mut self) {
        self.entries.clear();
        self.weight = 0;
        self.tally = Tally::default();
        self.checker = Checker::new(self.policy.clone());
    }

    /// The entries behind the one with this number, as far as they are still held.
    pub fn entries_after(&self, number: u64) -> impl Iterator<Item = &Arc<Entry>> {
        let known = self.entries.partition_point(|entry| entry.number <= number);
        self.entries.range(known..)
    }

    /// The entries that are still held, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// How many requests ended how.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Why the record file ends early, if it does.
    pub fn file_error(&self) -> Option<&str> {
        self.file_error.as_deref()
    }
}

/// A body that was inspected by itself. That takes no ledger, so nothing else waits for it.
#[derive(Debug)]
pub struct Inspected {
    body: Vec<u8>,
    step: Option<Step>,
    findings: Vec<Finding>,
    identity: Identity,
}

impl Inspected {
    /// Applies the rules of single records at this moment.
    pub fn at(now: Timestamp, policy: Policy, body: Vec<u8>) -> Inspected {
        let policy = Policy { now, ..policy };
        let record = whole(&body);
        let mut findings = Vec::new();
        let step = Inspector::default().inspect(&policy, &record, &mut findings);
        Inspected {
            step,
            findings,
            identity: identity(&record),
            body,
        }
    }
}

/// What the rules say about one body.
#[derive(Debug)]
pub struct Judged {
    /// The body.
    pub body: Vec<u8>,
    /// Whether it is taken.
    pub accepted: bool,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The event code, where it could be read.
    pub event_code: Option<String>,
    /// The correlation id, where it could be read.
    pub journey: Option<String>,
    /// The integration key, where it could be read.
    pub integration_key: Option<String>,
}

/// A body as one record.
fn whole(body: &[u8]) -> Record<'_> {
    let bytes = body.trim_ascii();
    Record::alone(bytes)
}

/// Event logs may carry personal data, so nobody else may read the file.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    let mut file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(file);
    }
    // One that was there before may be open to others, and may end in the midst of a line.
    if metadata.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    if metadata.len() > 0 {
        let mut last = [0];
        File::open(path)?.read_exact_at(&mut last, metadata.len() - 1)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}
