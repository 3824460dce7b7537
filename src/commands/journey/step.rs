//! What a journey needs to know of one of its event logs, made on whichever core reads the record.

use super::shared_texts::SharedTexts;
use crate::commands::record_kind::LogFields;
use crate::model::code::CodeLevel;
use crate::model::timestamp::Timestamp;
use std::sync::Arc;

/// An instant in the source's own words.
#[derive(Clone, Debug)]
pub struct WrittenTime {
    /// The instant.
    pub stamp: Timestamp,
    /// How it is written.
    pub text: Box<str>,
}

impl WrittenTime {
    /// The instant that a text gives; none where it is not an instant.
    pub fn parse(text: &str) -> Option<WrittenTime> {
        Some(WrittenTime {
            stamp: Timestamp::parse(text)?,
            text: text.into(),
        })
    }
}

/// What the line of a journey needs to know of one event log.
#[derive(Debug)]
pub struct LogStep {
    pub time: Option<WrittenTime>,
    pub event_code: Option<Arc<str>>,
    pub level: Option<CodeLevel>,
    pub outcome: Option<Arc<str>>,
    pub shape_name: Option<Arc<str>>,
}

impl LogStep {
    /// The step of an event log.
    pub fn of(log: &LogFields<'_>, texts: &mut SharedTexts) -> LogStep {
        LogStep {
            time: log.generated_at.get().and_then(WrittenTime::parse),
            event_code: texts.share(log.event_code.get()),
            level: log.event_code.get().and_then(CodeLevel::of_code),
            outcome: texts.share(log.outcome.get()),
            shape_name: texts.share(log.shape_name.get()),
        }
    }
}
