//! What a run hands to its reports: one record after the other, then the tally.

use super::finding::Finding;
use super::journey::{self, Step};
use super::rule::{Level, Rule};
use super::{Inspector, Policy};
use crate::wire::records::Record;
use serde::Serialize;

/// A record with what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// The source's name.
    pub source: &'a str,
    /// The record; for findings that only the end shows, without bytes.
    pub record: Record<'a>,
    /// What was found.
    pub findings: &'a [Finding],
    /// Its journey, where that was asked for and it has one.
    pub journey: Option<&'a JourneyLabel>,
}

/// The journey of a record, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneyLabel {
    /// A number, unique in this run.
    pub key: u64,
    /// How it is named in reports.
    pub name: String,
}

impl JourneyLabel {
    /// The journey of a record, if it has one.
    pub fn of(policy: &Policy, record: &Record<'_>) -> Option<JourneyLabel> {
        let step = Inspector::default().inspect(policy, record, &mut Vec::new())?;
        Some(JourneyLabel::with(&step, policy, record))
    }

    /// The journey of a record that has been inspected.
    pub fn with(step: &Step, policy: &Policy, record: &Record<'_>) -> JourneyLabel {
        JourneyLabel {
            key: step.journey(),
            name: journey::name(policy, record),
        }
    }
}

/// What is wrong though no rule found it: a record that was rejected before the rules, or a
/// run that is not what it should be.
#[derive(Clone, Copy, Debug)]
pub struct Remark<'a> {
    /// The source's name.
    pub source: &'a str,
    /// The record's number; 0 where it is about the run as a whole.
    pub record: u64,
    /// The record's correlation id, where it is known.
    pub correlation_id: Option<&'a str>,
    /// Its journey, where it has one.
    pub journey: Option<&'a JourneyLabel>,
    /// What stands in the place of a rule's name.
    pub name: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// What is wrong, in one sentence.
    pub message: &'a str,
    /// How to fix it.
    pub help: &'static str,
}

impl Remark<'_> {
    /// The line it is shown at.
    pub fn line(&self) -> u64 {
        self.record.max(1)
    }

    /// Whether it makes a run fail that fails on this level.
    pub fn fails(&self, fail_on: Option<Level>) -> bool {
        self.record == 0 || fail_on.is_some_and(|level| self.level >= level)
    }
}

/// The counts of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingTally {
    /// Always true; distinguishes the line from a finding's.
    pub summary: bool,
    /// Records seen.
    pub records: u64,
    /// Journeys they belong to.
    pub journeys: u64,
    /// Findings of level error.
    pub errors: u64,
    /// Findings of level warning.
    pub warnings: u64,
    /// Findings of level hint.
    pub hints: u64,
    /// Whether a source could not be read.
    #[serde(skip)]
    pub unreadable: bool,
    /// Findings by rule.
    #[serde(skip)]
    pub by_rule: Vec<u64>,
    /// Findings that a baseline already holds.
    #[serde(skip_serializing_if = "is_zero")]
    pub known: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the serialiser asks for a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Default for FindingTally {
    fn default() -> Self {
        FindingTally {
            summary: true,
            records: 0,
            journeys: 0,
            errors: 0,
            warnings: 0,
            hints: 0,
            unreadable: false,
            by_rule: vec![0; Rule::COUNT],
            known: 0,
        }
    }
}

impl FindingTally {
    /// Counts findings.
    pub fn count(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.add(finding.level);
            self.by_rule[finding.rule as usize] += 1;
        }
    }

    /// Counts what no rule found.
    pub fn add(&mut self, level: Level) {
        *match level {
            Level::Error => &mut self.errors,
            Level::Warning => &mut self.warnings,
            Level::Hint => &mut self.hints,
        } += 1;
    }

    /// Whether anything was found at this level or above.
    pub fn reaches(&self, level: Level) -> bool {
        match level {
            Level::Error => self.errors > 0,
            Level::Warning => self.errors + self.warnings > 0,
            Level::Hint => self.errors + self.warnings + self.hints > 0,
        }
    }

    /// How many findings there are in all.
    pub fn findings(&self) -> u64 {
        self.errors + self.warnings + self.hints
    }
}
