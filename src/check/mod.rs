//! The rules: what is wrong with a record, and with records that belong together. Pure.
//!
//! [`rule`] is the table. [`Inspector`] judges a record by itself. The rules are functions over a
//! `record` and a `sink`: most records are read fast and keep them all; one that does not is
//! read a second time, exactly, to say where and why. [`journey::Journeys`] follows what belongs
//! together, and [`Checker`] is both, one record after the other.

pub mod baseline;
mod codes;
mod fields;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod journey;
pub mod known_code;
mod meaning;
mod record;
mod reference;
pub mod report;
pub mod rule;
pub mod secrets;
mod sink;
mod subject;
mod sys_event;
pub mod text;
pub mod verdict;

pub use record::{EventLog, FastReader, FieldValue};

use crate::model::sys_event::SysType;
use crate::model::timestamp::Timestamp;
use crate::wire::json::Document;
use crate::wire::records::Record;
use fields::Resolved;
use finding::{Finding, Place};
use journey::{End, Journeys, Mark, Step, Trouble, canonical, custom_key, key};
use record::Respelled;
use rule::{Level, Levels, Rule};
use sink::{FirstViolation, Sink, Violated};
use std::sync::Arc;
use subject::Subject;

/// What records are checked as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schema {
    /// A record with `kind` and `type` is a sys event, and so is one with the type of a system
    /// event and no `eventCode`; any other is an event log.
    #[default]
    Auto,
    /// Every record is an event log.
    EventLog,
    /// Every record is a sys event.
    SysEvent,
}

/// How strict one run is.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The level of each rule.
    pub levels: Levels,
    /// What records are checked as.
    pub schema: Schema,
    /// Codes to accept beside the glossary's.
    pub extra_codes: Vec<String>,
    /// The largest record that is accepted, in bytes.
    pub max_record: usize,
    /// The present moment, for timestamps that lie ahead.
    pub now: Timestamp,
    /// The fields that make a journey, dotted inside objects; `None` for integrationKey,
    /// correlationId, direction and stream.
    pub journey_key: Option<Vec<String>>,
    /// Whether each journey is complete in the input.
    pub whole: bool,
}

impl Policy {
    /// The rules as they are by default, at this moment.
    pub fn at(now: Timestamp) -> Policy {
        Policy {
            levels: Levels::default(),
            schema: Schema::Auto,
            extra_codes: Vec::new(),
            max_record: 1 << 20,
            now,
            journey_key: None,
            whole: false,
        }
    }
}

/// What the sender needs to know of a record beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `eventCode`, where it is text.
    pub event_code: Option<String>,
    /// `correlationId`, where it is text.
    pub correlation_id: Option<String>,
    /// `integrationKey`, where it is text.
    pub integration_key: Option<String>,
}

/// Every rule about an event log by itself, one after the other.
#[inline]
fn judge(log: &EventLog<'_>, policy: &Policy, sink: &mut impl Sink) -> Result<Resolved, Violated> {
    fields::check(log, sink)?;
    let resolved = Resolved {
        direction: fields::direction(log, sink)?,
        stage: fields::stage(log, sink)?,
        outcome: fields::outcome(log, sink)?,
        mode: fields::mode(log, sink)?,
        time: fields::generated_at(log, policy, sink)?,
        code: codes::code(log, policy, sink)?,
    };
    codes::check_stage(log, &resolved, sink)?;
    reference::check(log, &resolved, sink)?;
    meaning::check(log, policy, &resolved, sink)?;
    Ok(resolved)
}

/// Judges records by themselves. Its memory serves from record to record.
#[derive(Debug, Default)]
pub struct Inspector {
    fast: FastReader,
    document: Document,
}

impl Inspector {
    /// Judges a record; gives back what its journey needs to know, if it has one.
    pub fn inspect(
        &mut self,
        policy: &Policy,
        record: &Record<'_>,
        findings: &mut Vec<Finding>,
    ) -> Option<Step> {
        if let Some(step) = self.pass(policy, record) {
            return Some(step);
        }
        let step = self.judge(policy, record, findings);
        findings.sort_by_key(|finding| finding.offset);
        step
    }

    /// Passes an event log that is read fast and satisfies every rule; `None` for any other record.
    fn pass(&mut self, policy: &Policy, record: &Record<'_>) -> Option<Step> {
        let usual = policy.schema != Schema::SysEvent && policy.journey_key.is_none();
        if !usual || record.flaw.is_some() || record.is_oversize() {
            return None;
        }
        let mut log = EventLog::default();
        self.fast.read(record.bytes, &mut log)?;
        let resolved = judge(&log, policy, &mut FirstViolation(&policy.levels)).ok()?;
        let document = &mut self.document;
        Some(Step::of(key(&log)?, &log, &resolved, |reference| {
            document.read(reference.bytes);
            canonical(document, reference.bytes, 0)
        }))
    }

    fn judge(
        &mut self,
        policy: &Policy,
        record: &Record<'_>,
        findings: &mut Vec<Finding>,
    ) -> Option<Step> {
        let (document, text) = (&mut self.document, record.bytes);
        document.read(text);
        // One cause, one finding: what the text rules report is not reported by the others.
        document.break_damaged();
        let document = &self.document;
        let mut subject = Subject::new(*record, document, &policy.levels, findings);
        if !text::check(&mut subject) {
            return None;
        }
        let root = document.root()?;
        if is_sys_event(document, text, policy.schema, root) {
            sys_event::check(&mut subject, root);
            return None;
        }
        let respelled = Respelled::of(document, text, root);
        let log = EventLog::exact(document, text, root, &respelled);
        let resolved = judge(&log, policy, &mut subject).ok()?;
        let key = match &policy.journey_key {
            None => key(&log)?,
            Some(fields) => custom_key(document, text, fields)?,
        };
        Some(Step::of(key, &log, &resolved, |reference| {
            canonical(document, text, reference.node as usize)
        }))
    }

    /// Turns what is wrong with a journey into findings of the record.
    pub fn journey_findings(
        &mut self,
        policy: &Policy,
        record: &Record<'_>,
        troubles: Vec<Trouble>,
        findings: &mut Vec<Finding>,
    ) {
        self.document.read(record.bytes);
        let correlation = read_identity(&self.document, record).correlation_id;
        let before = findings.len();
        let mut subject = Subject::new(*record, &self.document, &policy.levels, findings);
        for trouble in troubles {
            let value = self
                .document
                .root()
                .and_then(|root| self.document.get(record.bytes, root, trouble.member));
            subject.report(
                trouble.rule,
                value.map_or(Place::Record, Place::Value),
                trouble.message,
            );
        }
        for finding in &mut findings[before..] {
            finding.journey.clone_from(&correlation);
        }
    }
}

/// What a record says about itself.
pub fn identity(record: &Record<'_>) -> Identity {
    let mut document = Document::default();
    document.read(record.bytes);
    read_identity(&document, record)
}

/// Line and column of a member's value in a record that was read, or of the record.
fn place_of(document: &Document, record: &Record<'_>, member: &str) -> (u64, u64) {
    let value = document
        .root()
        .and_then(|root| document.get(record.bytes, root, member));
    let offset = value.map_or(0, |value| document.node(value).start as usize);
    subject::position(record, offset)
}

fn read_identity(document: &Document, record: &Record<'_>) -> Identity {
    let text = |name: &str| {
        let value = document.get(record.bytes, document.root()?, name)?;
        document.text(record.bytes, value).map(String::from)
    };
    Identity {
        event_code: text("eventCode"),
        correlation_id: text("correlationId"),
        integration_key: text("integrationKey"),
    }
}

fn is_sys_event(document: &Document, text: &[u8], schema: Schema, root: usize) -> bool {
    match schema {
        Schema::EventLog => false,
        Schema::SysEvent => true,
        Schema::Auto => {
            let member = |word| document.get(text, root, word);
            let is_known = |value| {
                let name = document.text(text, value);
                name.is_some_and(|name| SysType::find(name.trim_end_matches('*')).is_some())
            };
            let is_kind = |value| {
                let is = |word| document.is_text(text, value, word);
                is("sys") || is("usr")
            };
            let (kind, event_type) = (member("kind"), member("type"));
            // One of the two may be what is missing.
            kind.is_some() && event_type.is_some()
                || member("eventCode").is_none()
                    && (event_type.is_some_and(is_known) || kind.is_some_and(is_kind))
        }
    }
}

/// Judges records one after the other and remembers their journeys.
#[derive(Debug)]
pub struct Checker {
    policy: Policy,
    inspector: Inspector,
    journeys: Journeys,
    last: Option<Last>,
}

/// The record that was checked last, in case it is accepted.
#[derive(Debug)]
struct Last {
    step: Step,
    mark: Mark,
}

impl Checker {
    /// A checker with no journeys yet.
    pub fn new(policy: Policy) -> Checker {
        Checker {
            policy,
            inspector: Inspector::default(),
            journeys: Journeys::default(),
            last: None,
        }
    }

    /// Every finding of a record: on its own, then against its journey. The journey does not move
    /// on before [`Checker::accept`] is called for the same record.
    pub fn check(&mut self, source: &str, record: &Record<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let step = self.inspector.inspect(&self.policy, record, &mut findings);
        self.follow(source, record, step, &mut findings);
        findings
    }

    /// Prepares for records that are followed next, so that it goes faster.
    pub fn look_ahead<'a>(&self, steps: impl Iterator<Item = &'a Step>) {
        self.journeys.look_ahead(steps);
    }

    /// The second half of [`Checker::check`], for a record that another inspector has judged.
    pub fn follow(
        &mut self,
        source: &str,
        record: &Record<'_>,
        step: Option<Step>,
        findings: &mut Vec<Finding>,
    ) {
        self.last = step.map(|step| Last {
            step,
            mark: Mark {
                source: self.journeys.source(source),
                line: u32::try_from(record.line).unwrap_or(u32::MAX),
            },
        });
        let Some(last) = &self.last else {
            return;
        };
        let code = || identity(record).event_code.unwrap_or_default();
        let troubles = self
            .journeys
            .judge(&last.step, last.mark, &self.policy, code);
        if !troubles.is_empty() {
            self.inspector
                .journey_findings(&self.policy, record, troubles, findings);
        }
    }

    /// Moves the journey of the record that was checked last on.
    pub fn accept(&mut self, record: &Record<'_>) {
        let Some(last) = self.last.take() else {
            return;
        };
        self.journeys.advance(&last.step, last.mark);
        if self.policy.whole {
            self.journeys.remember_end(&last.step, |outcome| {
                let document = &mut self.inspector.document;
                document.read(record.bytes);
                let identity = read_identity(document, record);
                let (line, column) = place_of(document, record, "outcome");
                End {
                    journey: last.step.journey(),
                    source: last.mark.source,
                    number: record.number,
                    line,
                    column,
                    correlation_id: identity.correlation_id.unwrap_or_default().into(),
                    outcome,
                }
            });
        }
    }

    /// What a record says about itself.
    pub fn identity(&mut self, record: &Record<'_>) -> Identity {
        let document = &mut self.inspector.document;
        document.read(record.bytes);
        read_identity(document, record)
    }

    /// How many journeys there were.
    pub fn journey_count(&self) -> u64 {
        self.journeys.count()
    }

    /// The findings that only the end of the input shows.
    pub fn finish(&mut self) -> impl Iterator<Item = Unfinished> + use<> {
        let level = self.policy.levels.of(Rule::NeverEnded);
        let ends = level.map(|level| self.journeys.unfinished().map(move |end| (level, end)));
        let ends = ends.into_iter().flatten();
        ends.map(|(level, (source, end))| Unfinished {
            source,
            record: end.number,
            journey: end.journey,
            finding: never_ended(level, end),
        })
    }
}

/// A journey that the end of the input finds unfinished.
#[derive(Debug)]
pub struct Unfinished {
    /// The source of its last record.
    pub source: Arc<str>,
    /// The number of its last record.
    pub record: u64,
    /// The journey, as [`Step::journey`] gives it.
    pub journey: u64,
    /// What there is to say.
    pub finding: Finding,
}

fn never_ended(level: Level, end: End) -> Finding {
    Finding {
        rule: Rule::NeverEnded,
        level,
        pointer: "/outcome".to_owned(),
        line: end.line,
        column: end.column,
        offset: 0,
        length: 0,
        message: format!("the journey's last outcome is {}", end.outcome),
        help: Rule::NeverEnded.description().help.to_owned(),
        journey: Some(end.correlation_id.into()),
    }
}

/// The heaviest level among findings.
pub fn worst(findings: &[Finding]) -> Option<Level> {
    findings.iter().map(|finding| finding.level).max()
}

/// Whether a rule's name is known; otherwise the complaint, with the nearest right spelling.
pub fn rule_named(name: &str) -> Result<Rule, String> {
    Rule::find(name).ok_or_else(|| {
        let guess = crate::model::text::did_you_mean(name, Rule::names());
        format!("unknown rule '{name}'{guess}")
    })
}
