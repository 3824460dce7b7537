//! A journey with everything that happened in it, in order of time.

use super::course::{Course, JourneyKey, Order};
use super::told::{self, LogFields};
use crate::check::finding::Finding;
use crate::model::code::{Code, Level};
use crate::model::event::Event;
use serde::Serialize;

/// A journey: as a whole, and for one that was asked for, entry by entry.
#[derive(Debug, Serialize)]
pub struct Timeline {
    #[serde(flatten)]
    pub key: JourneyKey,
    #[serde(flatten)]
    pub course: Course,
    /// In order of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<Happening>>,
}

/// One entry of a timeline.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Happening {
    /// An event log.
    EventLog(LogEntry),
    /// A sys event that names the journey.
    Sys(SysEntry),
}

/// Where an entry was read.
#[derive(Clone, Debug, Serialize)]
pub struct Origin {
    pub source: String,
    pub line: u64,
}

/// An event log in its journey.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    pub time: Option<String>,
    #[serde(flatten)]
    pub origin: Origin,
    pub event_code: Option<String>,
    pub level: Option<Level>,
    pub meaning: Option<&'static str>,
    pub life_cycle_stage: Option<String>,
    pub outcome: Option<String>,
    pub detail: Option<String>,
    pub findings: Vec<JourneyFinding>,
}

/// What a rule of the journey found in an entry.
#[derive(Clone, Debug, Serialize)]
pub struct JourneyFinding {
    pub rule: &'static str,
    pub level: crate::check::rule::Level,
    pub message: String,
}

/// A sys event in a journey.
#[derive(Clone, Debug, Serialize)]
pub struct SysEntry {
    pub time: Option<String>,
    #[serde(flatten)]
    pub origin: Origin,
    #[serde(rename = "type")]
    pub event_type: String,
    pub name: Option<String>,
    pub text: Option<String>,
}

impl LogEntry {
    /// The entry of an event log, with what the rules of journeys found in it.
    pub fn of(log: &LogFields<'_>, origin: Origin, findings: &[Finding]) -> LogEntry {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let code = log.event_code.get();
        LogEntry {
            time: text(log.generated_at.get()),
            origin,
            event_code: text(code),
            level: code.and_then(Level::of_code),
            meaning: code.and_then(Code::find).map(|code| code.description),
            life_cycle_stage: text(log.life_cycle_stage.get()),
            outcome: text(log.outcome.get()),
            detail: text(log.detail.get()),
            findings: findings
                .iter()
                .filter(|finding| finding.journey.is_some())
                .map(|finding| JourneyFinding {
                    rule: finding.rule.name(),
                    level: finding.level,
                    message: finding.message.clone(),
                })
                .collect(),
        }
    }
}

impl SysEntry {
    /// The entry of a sys event.
    pub fn of(event: &Event<'_>, origin: Origin) -> SysEntry {
        SysEntry {
            time: event.ts.as_deref().map(str::to_owned),
            origin,
            event_type: event.event_type.to_string(),
            name: told::name(event),
            text: told::words(event),
        }
    }
}

/// Entries as they were read, each with its place in time.
#[derive(Debug, Default)]
pub struct Gathered {
    pub course: Course,
    pub entries: Vec<Placed>,
}

/// An entry with its place: in time, and where that is the same, in the input.
#[derive(Clone, Debug)]
pub struct Placed {
    pub order: (Order, u64),
    pub entry: Happening,
}

impl Gathered {
    /// The timeline, with the sys events that name the journey.
    pub fn timeline(mut self, key: JourneyKey, events: impl Iterator<Item = Placed>) -> Timeline {
        self.entries.extend(events);
        self.entries.sort_by_key(|placed| placed.order);
        let entries = self.entries.into_iter().map(|placed| placed.entry);
        Timeline {
            key,
            course: self.course,
            entries: Some(entries.collect()),
        }
    }
}
