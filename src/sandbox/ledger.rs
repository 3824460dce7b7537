//! What was sent to the event-log endpoint: every request with its verdict, in order of arrival,
//! in bounded memory and on request in a file.

use super::entry::LedgerEntry;
use super::judging::{InspectedBody, whole};
use super::random::Random;
use super::record_file::RecordFile;
use crate::check::finding::Finding;
use crate::check::journey::Step;
use crate::check::rule::Level;
use crate::check::{Checker, Policy, Schema, Unfinished};
use crate::wire::records::Record;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// How many requests ended how; never forgets, unlike the entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerTally {
    /// Requests to the endpoint.
    pub requests: u64,
    /// Event logs that were accepted.
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
    entries: VecDeque<Arc<LedgerEntry>>,
    weight: usize,
    limit: usize,
    tally: LedgerTally,
    policy: Policy,
    checker: Checker,
    random: Random,
    file: Option<RecordFile>,
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
            tally: LedgerTally::default(),
            checker: Checker::new(policy.clone()),
            policy,
            random: Random::new(seed ^ 0x1ed6_e700),
            file: record.map(RecordFile::open).transpose()?,
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

    /// Applies the rules of journeys to what has been inspected, and fills the request's entry;
    /// whether it is accepted. Only then the journey moves on.
    pub fn judge(&mut self, inspected: InspectedBody, entry: &mut LedgerEntry) -> bool {
        let InspectedBody {
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
        entry.set_body(body, identity);
        entry.findings = findings;
        accepted
    }

    /// The journeys that have not ended, where the policy asks for that.
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
    pub fn note(&mut self, mut entry: LedgerEntry) -> u64 {
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
        if let Some(file) = &mut self.file {
            file.write(&entry);
        }
        self.weight += entry.weight();
        self.entries.push_back(Arc::new(entry));
        while self.weight > self.limit && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.weight -= oldest.weight();
            }
        }
        self.tally.requests
    }

    /// Forgets every entry and journey; the file keeps what it has.
    pub fn reset(&mut self) {
        self.entries.clear();
        self.weight = 0;
        self.tally = LedgerTally::default();
        self.checker = Checker::new(self.policy.clone());
    }

    /// The entries behind the one with this number, as far as they are still held.
    pub fn entries_after(&self, number: u64) -> impl Iterator<Item = &Arc<LedgerEntry>> {
        let known = self.entries.partition_point(|entry| entry.number <= number);
        self.entries.range(known..)
    }

    /// The entries that are still held, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<LedgerEntry>> {
        self.entries.iter()
    }

    /// How many requests ended how.
    pub fn tally(&self) -> LedgerTally {
        self.tally
    }

    /// Why the record file ends early, if it does.
    pub fn file_error(&self) -> Option<&str> {
        self.file.as_ref()?.error()
    }
}
