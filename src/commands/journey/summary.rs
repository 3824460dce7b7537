//! What is known of a journey as a whole, gathered record by record. A list holds one of these for
//! each journey, so it is small: texts that many journeys share are held once.

use super::shared_texts::SharedTexts;
use super::step::{LogStep, WrittenTime};
use crate::commands::record_kind::LogFields;
use crate::model::code::CodeLevel;
use crate::model::timestamp::Timestamp;
use crate::query::window::Window;
use crate::render::mark::Mark;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// What distinguishes a journey from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JourneyKey {
    pub correlation_id: Box<str>,
    pub integration_key: Option<Arc<str>>,
    pub direction: Option<Arc<str>>,
    pub stream: Option<Arc<str>>,
}

impl JourneyKey {
    /// The journey that an event log belongs to; none without a correlation id.
    pub fn of(log: &LogFields<'_>, texts: &mut SharedTexts) -> Option<JourneyKey> {
        Some(JourneyKey {
            correlation_id: log.correlation_id.get()?.into(),
            integration_key: texts.share(log.integration_key.get()),
            direction: texts.share(log.direction.get()),
            stream: texts.share(log.stream.get()),
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

/// What is remembered of the event logs of one journey: a line's worth.
#[derive(Clone, Debug, Default)]
pub struct JourneySummary {
    pub shape_name: Option<Arc<str>>,
    pub records: u32,
    pub errors: u32,
    pub warnings: u32,
    first: Option<WrittenTime>,
    /// The last instant, where it is not the first one as well.
    later: Option<WrittenTime>,
    pub last_code: Option<Arc<str>>,
    pub outcome: Option<Arc<str>>,
    /// The last error code.
    pub error: Option<Arc<str>>,
    /// When the record that was read last happened.
    previous: Option<Timestamp>,
    /// Whether any record lies in the window.
    is_within: bool,
}

impl JourneySummary {
    /// Adds an event log; returns where it stands in time: one without a time of its own stands
    /// with the one before it.
    pub fn add(&mut self, log: LogStep, window: &Window) -> Option<Timestamp> {
        let time = log.time.as_ref().map(|time| time.stamp);
        let order = time.or(self.previous);
        self.previous = order;
        self.is_within |= time.is_some_and(|time| window.contains(time));
        self.records = self.records.saturating_add(1);
        let is = |level| u32::from(log.level == Some(level));
        self.errors = self.errors.saturating_add(is(CodeLevel::Error));
        self.warnings = self.warnings.saturating_add(is(CodeLevel::Warning));
        if let Some(time) = log.time {
            self.span(time);
        }
        let is_last = order >= self.last();
        if log.level == Some(CodeLevel::Error) && (is_last || self.error.is_none()) {
            self.error.clone_from(&log.event_code);
        }
        if is_last {
            self.last_code = log.event_code.or(self.last_code.take());
            self.outcome = log.outcome.or(self.outcome.take());
            self.shape_name = log.shape_name.or(self.shape_name.take());
        }
        order
    }

    /// Whether it is to be shown: any of its records lies in the window, or none has a time.
    pub fn is_within(&self, window: &Window) -> bool {
        self.is_within || self.first.is_none() || window.is_everything()
    }

    fn span(&mut self, time: WrittenTime) {
        match &self.first {
            None => self.first = Some(time),
            Some(first) if time.stamp < first.stamp => {
                let first = self.first.replace(time);
                self.later = self.later.take().or(first);
            }
            Some(_) if Some(time.stamp) >= self.last() => self.later = Some(time),
            Some(_) => {}
        }
    }

    fn last_time(&self) -> Option<&WrittenTime> {
        self.later.as_ref().or(self.first.as_ref())
    }

    /// When its last event log in time was generated.
    pub fn last(&self) -> Option<Timestamp> {
        self.last_time().map(|time| time.stamp)
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
        let micros = self.last()?.micros() - self.first.as_ref()?.stamp.micros();
        Some(Duration::from_micros(micros.unsigned_abs()))
    }
}

/// What machines read about a journey as a whole.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JourneyRow<'a> {
    correlation_id: &'a str,
    integration_key: Option<&'a str>,
    direction: Option<&'a str>,
    stream: Option<&'a str>,
    shape_name: Option<&'a str>,
    status: JourneyStatus,
    records: u32,
    errors: u32,
    warnings: u32,
    first: Option<&'a str>,
    last: Option<&'a str>,
    seconds: Option<f64>,
    last_code: Option<&'a str>,
}

impl<'a> JourneyRow<'a> {
    /// The row of a journey.
    pub fn of(key: &'a JourneyKey, summary: &'a JourneySummary) -> JourneyRow<'a> {
        JourneyRow {
            correlation_id: &key.correlation_id,
            integration_key: key.integration_key.as_deref(),
            direction: key.direction.as_deref(),
            stream: key.stream.as_deref(),
            shape_name: summary.shape_name.as_deref(),
            status: summary.status(),
            records: summary.records,
            errors: summary.errors,
            warnings: summary.warnings,
            first: summary.first.as_ref().map(|time| &*time.text),
            last: summary.last_time().map(|time| &*time.text),
            seconds: summary.lasted().map(|lasted| lasted.as_secs_f64()),
            last_code: summary.last_code.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_of_a_journey_is_small() {
        // With its id and a time, which are texts of their own, some 340 bytes a journey.
        assert!(size_of::<(JourneyKey, JourneySummary)>() <= 240);
    }
}
