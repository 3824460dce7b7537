//! A journey with everything that happened in it, in order of time.

use super::summary::{JourneyKey, JourneyRow, JourneySummary};
use crate::check::finding::Finding;
use crate::commands::record_kind::LogFields;
use crate::model::code::{Code, CodeLevel};
use crate::model::event::Event;
use crate::model::sys_event::SysMember;
use crate::model::timestamp::Timestamp;
use serde::{Serialize, Serializer};

/// A journey: as a whole, and entry by entry.
#[derive(Debug)]
pub struct Timeline {
    pub key: JourneyKey,
    pub summary: JourneySummary,
    /// In order of time.
    pub entries: Vec<TimelineEntry>,
    /// How many of its event logs lie outside the window.
    pub outside: u64,
}

impl Serialize for Timeline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct JourneyStory<'a> {
            #[serde(flatten)]
            journey: JourneyRow<'a>,
            entries: &'a [TimelineEntry],
        }
        let story = JourneyStory {
            journey: JourneyRow::of(&self.key, &self.summary),
            entries: &self.entries,
        };
        story.serialize(serializer)
    }
}

impl Timeline {
    /// What distinguishes the journey from others with the same correlation id.
    pub fn labels(&self) -> Vec<String> {
        let key = &self.key;
        let parts = [
            &self.summary.shape_name,
            &key.integration_key,
            &key.direction,
        ];
        let stream = key.stream.as_ref().map(|stream| format!("stream {stream}"));
        let parts = parts.into_iter().flatten().map(ToString::to_string);
        parts.chain(stream).collect()
    }
}

/// One entry of a timeline.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TimelineEntry {
    /// An event log.
    EventLog(Box<LogEntry>),
    /// A sys event that names the journey.
    Sys(Box<SysEntry>),
}

impl TimelineEntry {
    /// When it was, in its source's own text.
    pub fn time(&self) -> Option<&str> {
        match self {
            TimelineEntry::EventLog(log) => log.time.as_deref(),
            TimelineEntry::Sys(event) => event.time.as_deref(),
        }
    }
}

/// Where an entry was read.
#[derive(Clone, Debug, Serialize)]
pub struct EntrySource {
    pub source: String,
    pub line: u64,
}

/// An event log in its journey.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    pub time: Option<String>,
    #[serde(flatten)]
    pub place: EntrySource,
    pub event_code: Option<String>,
    pub level: Option<CodeLevel>,
    pub meaning: Option<&'static str>,
    pub life_cycle_stage: Option<String>,
    pub outcome: Option<String>,
    pub detail: Option<String>,
    pub findings: Vec<JourneyFinding>,
    /// Whether it waits in the spool.
    #[serde(skip)]
    pub is_waiting: bool,
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
    pub place: EntrySource,
    #[serde(rename = "type")]
    pub event_type: String,
    pub name: Option<String>,
    pub text: Option<String>,
}

impl LogEntry {
    /// The entry of an event log, with what the rules of journeys found in it.
    pub fn of(log: &LogFields<'_>, place: EntrySource, findings: &[Finding]) -> LogEntry {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let code = log.event_code.get();
        LogEntry {
            time: text(log.generated_at.get()),
            place,
            event_code: text(code),
            level: code.and_then(CodeLevel::of_code),
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
            is_waiting: false,
        }
    }
}

impl SysEntry {
    /// The entry of a sys event.
    pub fn of(event: &Event<'_>, place: EntrySource) -> SysEntry {
        SysEntry {
            time: event.ts.as_deref().map(str::to_owned),
            place,
            event_type: event.event_type.to_string(),
            name: event.facts().subject().map(str::to_owned),
            text: words(event),
        }
    }
}

/// What an event says in words.
fn words(event: &Event<'_>) -> Option<String> {
    let members = [
        SysMember::Error,
        SysMember::Reason,
        SysMember::Msg,
        SysMember::StatusMsg,
    ];
    let mut words = members
        .iter()
        .filter_map(|member| event.facts().text(*member));
    words.next().map(str::to_owned)
}

/// A journey's entries as they were read, each with its place in time.
#[derive(Debug, Default)]
pub struct JourneyEntries {
    pub summary: JourneySummary,
    pub entries: Vec<OrderedEntry>,
    /// How many of its event logs lie outside the window.
    pub outside: u64,
}

/// An entry with its place: in time, and where that is the same, in the input.
#[derive(Clone, Debug)]
pub struct OrderedEntry {
    pub time: Option<Timestamp>,
    pub number: u64,
    /// What the record's bytes are recognised by.
    pub hash: u128,
    pub entry: TimelineEntry,
}

impl JourneyEntries {
    /// Whether a record that waits is among the entries; it is noted that it waits.
    pub fn is_waiting(&mut self, hash: u128) -> bool {
        let same = self.entries.iter_mut().find(|placed| placed.hash == hash);
        let Some(TimelineEntry::EventLog(log)) = same.map(|placed| &mut placed.entry) else {
            return false;
        };
        log.is_waiting = true;
        true
    }

    /// The entries in order of time, with the sys events that name the journey.
    pub fn in_order(&mut self, events: impl Iterator<Item = OrderedEntry>) -> Vec<TimelineEntry> {
        self.entries.extend(events);
        self.entries
            .sort_by_key(|placed| (placed.time, placed.number));
        let entries = std::mem::take(&mut self.entries).into_iter();
        entries.map(|placed| placed.entry).collect()
    }
}
