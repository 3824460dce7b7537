//! What is known of a journey as a whole, gathered record by record.

use super::told::LogFields;
use crate::model::code::Level;
use crate::model::timestamp::Timestamp;
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
pub enum Standing {
    /// It has an error code, or its last outcome is FAILED.
    Failed,
    /// The connector tries again.
    Retrying,
    /// Something must follow.
    Open,
    /// It has ended well, or by a filter.
    Done,
}

impl Standing {
    /// All of them, the worst first.
    pub const ALL: [Standing; 4] = [
        Standing::Failed,
        Standing::Retrying,
        Standing::Open,
        Standing::Done,
    ];

    /// Its word in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Failed => "failed",
            Standing::Retrying => "retrying",
            Standing::Open => "open",
            Standing::Done => "done",
        }
    }
}

/// An instant in the source's own words.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The instant.
    pub stamp: Timestamp,
    text: Box<str>,
}

/// A place in the order of time, in microseconds; records without a time stand with the one
/// before them.
pub type Order = i64;

/// What comes before everything that has a time.
pub const UNTIMED: Order = i64::MIN;

/// What is remembered of the event logs of one journey: a line's worth.
#[derive(Clone, Debug)]
pub struct Course {
    pub shape_name: Option<String>,
    pub records: u64,
    pub errors: u64,
    pub warnings: u64,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    pub last_code: Option<String>,
    pub outcome: Option<String>,
    /// The last error code.
    pub error: Option<String>,
    /// Where the record that was read last stands.
    previous: Order,
    /// Where the last one in time stands.
    latest: Order,
}

impl Default for Course {
    fn default() -> Course {
        Course {
            shape_name: None,
            records: 0,
            errors: 0,
            warnings: 0,
            first: None,
            last: None,
            last_code: None,
            outcome: None,
            error: None,
            previous: UNTIMED,
            latest: UNTIMED,
        }
    }
}

impl Course {
    /// Takes an event log in; says where it stands.
    pub fn add(&mut self, log: &LogFields<'_>) -> Order {
        let time = log.time();
        let order = time.map_or(self.previous, |stamp| stamp.micros());
        self.previous = order;
        self.records += 1;
        let level = log.event_code.get().and_then(Level::of_code);
        self.errors += u64::from(level == Some(Level::Error));
        self.warnings += u64::from(level == Some(Level::Warning));
        if let Some(stamp) = time {
            self.span(stamp, log.generated_at.get().unwrap_or_default());
        }
        if order >= self.latest {
            self.latest = order;
            replace(&mut self.last_code, log.event_code.get());
            replace(&mut self.outcome, log.outcome.get());
            replace(&mut self.shape_name, log.shape_name.get());
            if level == Some(Level::Error) {
                replace(&mut self.error, log.event_code.get());
            }
        } else if level == Some(Level::Error) && self.error.is_none() {
            replace(&mut self.error, log.event_code.get());
        }
        order
    }

    fn span(&mut self, stamp: Timestamp, text: &str) {
        let moment = || {
            Some(Moment {
                stamp,
                text: text.into(),
            })
        };
        let known = |moment: &Option<Moment>| moment.as_ref().map(|moment| moment.stamp.micros());
        if known(&self.first).is_none_or(|first| stamp.micros() < first) {
            self.first = moment();
        }
        if known(&self.last).is_none_or(|last| stamp.micros() >= last) {
            self.last = moment();
        }
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        match self.outcome.as_deref() {
            _ if self.errors > 0 => Standing::Failed,
            Some("FAILED") => Standing::Failed,
            Some("RETRYING") => Standing::Retrying,
            Some("WAITING" | "PROCESSING") => Standing::Open,
            _ => Standing::Done,
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

impl Serialize for Course {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Row<'a> {
            shape_name: Option<&'a str>,
            status: Standing,
            records: u64,
            errors: u64,
            warnings: u64,
            first: Option<&'a str>,
            last: Option<&'a str>,
            seconds: Option<f64>,
            last_code: Option<&'a str>,
        }
        let text = |moment: &'_ Option<Moment>| moment.as_ref().map(|moment| moment.text.clone());
        let (first, last) = (text(&self.first), text(&self.last));
        Row {
            shape_name: self.shape_name.as_deref(),
            status: self.standing(),
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
