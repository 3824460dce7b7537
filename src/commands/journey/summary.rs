//! What is known of a journey as a whole, gathered record by record.

use crate::commands::record_kind::LogFields;
use crate::model::code::CodeLevel;
use crate::model::timestamp::Timestamp;
use crate::query::window::Window;
use crate::render::mark::Mark;
use serde::{Serialize, Serializer};
use std::time::Duration;

/// What tells a journey from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JourneyKey {
    pub correlation_id: String,
    pub integration_key: Option<String>,
    pub direction: Option<String>,
    pub stream: Option<String>,
}

impl JourneyKey {
    /// The journey that an event log belongs to; none without a correlation id.
    pub fn of(log: &LogFields<'_>) -> Option<JourneyKey> {
        Some(JourneyKey {
            correlation_id: log.correlation_id.get()?.to_owned(),
            integration_key: log.integration_key.get().map(str::to_owned),
            direction: log.direction.get().map(str::to_owned),
            stream: log.stream.get().map(str::to_owned),
        })
    }
}

/// How a journey stands; the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JourneyStatus {
    /// It has an error code, or its last outcome is FAILED.
    Failed,
    /// The connector tries again.
    Retrying,
    /// Something must follow.
    Open,
    /// It has ended well, or by a filter.
    Done,
}

impl JourneyStatus {
    /// All of them, the worst first.
    pub const ALL: [JourneyStatus; 4] = [
        JourneyStatus::Failed,
        JourneyStatus::Retrying,
        JourneyStatus::Open,
        JourneyStatus::Done,
    ];

    /// Its word in every output.
    pub const fn name(self) -> &'static str {
        match self {
            JourneyStatus::Failed => "failed",
            JourneyStatus::Retrying => "retrying",
            JourneyStatus::Open => "open",
            JourneyStatus::Done => "done",
        }
    }

    /// How good or bad that is.
    pub const fn mark(self) -> Mark {
        match self {
            JourneyStatus::Failed => Mark::Error,
            JourneyStatus::Retrying => Mark::Warning,
            JourneyStatus::Open => Mark::Hint,
            JourneyStatus::Done => Mark::Good,
        }
    }
}

/// An instant in the source's own words.
#[derive(Clone, Debug)]
pub struct WrittenTime {
    /// The instant.
    pub stamp: Timestamp,
    text: Box<str>,
}

/// What is remembered of the event logs of one journey: a line's worth.
#[derive(Clone, Debug, Default)]
pub struct JourneySummary {
    pub shape_name: Option<String>,
    pub records: u64,
    pub errors: u64,
    pub warnings: u64,
    pub first: Option<WrittenTime>,
    pub last: Option<WrittenTime>,
    pub last_code: Option<String>,
    pub outcome: Option<String>,
    /// The last error code.
    pub error: Option<String>,
    /// When the record that was read last happened.
    previous: Option<Timestamp>,
    /// When the last one in time did.
    latest: Option<Timestamp>,
    /// Whether any record lies in the window.
    is_within: bool,
}

impl JourneySummary {
    /// Takes an event log in; says where it stands in time: one without a time of its own stands
    /// with the one before it.
    pub fn add(&mut self, log: &LogFields<'_>, window: &Window) -> Option<Timestamp> {
        let time = log.time();
        let order = time.or(self.previous);
        self.previous = order;
        self.is_within |= time.is_some_and(|time| window.contains(time));
        self.records += 1;
        let level = log.event_code.get().and_then(CodeLevel::of_code);
        self.errors += u64::from(level == Some(CodeLevel::Error));
        self.warnings += u64::from(level == Some(CodeLevel::Warning));
        if let Some(stamp) = time {
            self.span(stamp, log.generated_at.get().unwrap_or_default());
        }
        let is_last = order >= self.latest;
        if is_last {
            self.latest = order;
            replace(&mut self.last_code, log.event_code.get());
            replace(&mut self.outcome, log.outcome.get());
            replace(&mut self.shape_name, log.shape_name.get());
        }
        if level == Some(CodeLevel::Error) && (is_last || self.error.is_none()) {
            replace(&mut self.error, log.event_code.get());
        }
        order
    }

    /// Whether it is to be shown: any of its records lies in the window, or none has a time.
    pub fn is_within(&self, window: &Window) -> bool {
        self.is_within || self.first.is_none() || window.is_everything()
    }

    fn span(&mut self, stamp: Timestamp, text: &str) {
        let time = || {
            Some(WrittenTime {
                stamp,
                text: text.into(),
            })
        };
        let known = |time: &Option<WrittenTime>| time.as_ref().map(|time| time.stamp);
        if known(&self.first).is_none_or(|first| stamp < first) {
            self.first = time();
        }
        if known(&self.last).is_none_or(|last| stamp >= last) {
            self.last = time();
        }
    }

    /// How it stands.
    pub fn status(&self) -> JourneyStatus {
        match self.outcome.as_deref() {
            _ if self.errors > 0 => JourneyStatus::Failed,
            Some("FAILED") => JourneyStatus::Failed,
            Some("RETRYING") => JourneyStatus::Retrying,
            Some("WAITING" | "PROCESSING") => JourneyStatus::Open,
            _ => JourneyStatus::Done,
        }
    }

    /// The code that says most: of a failed journey its error, else the last one.
    pub fn code(&self) -> Option<&str> {
        self.error.as_deref().or(self.last_code.as_deref())
    }

    /// From its first event log to its last.
    pub fn lasted(&self) -> Option<Duration> {
        let micros = self.last.as_ref()?.stamp.micros() - self.first.as_ref()?.stamp.micros();
        Some(Duration::from_micros(micros.unsigned_abs()))
    }
}

fn replace(slot: &mut Option<String>, text: Option<&str>) {
    if let Some(text) = text
        && slot.as_deref() != Some(text)
    {
        *slot = Some(text.to_owned());
    }
}

impl Serialize for JourneySummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Row<'a> {
            shape_name: Option<&'a str>,
            status: JourneyStatus,
            records: u64,
            errors: u64,
            warnings: u64,
            first: Option<&'a str>,
            last: Option<&'a str>,
            seconds: Option<f64>,
            last_code: Option<&'a str>,
        }
        let text = |time: &'_ Option<WrittenTime>| time.as_ref().map(|time| time.text.clone());
        let (first, last) = (text(&self.first), text(&self.last));
        Row {
            shape_name: self.shape_name.as_deref(),
            status: self.status(),
            records: self.records,
            errors: self.errors,
            warnings: self.warnings,
            first: first.as_deref(),
            last: last.as_deref(),
            seconds: self.lasted().map(|lasted| lasted.as_secs_f64()),
            last_code: self.last_code.as_deref(),
        }
        .serialize(serializer)
    }
}
