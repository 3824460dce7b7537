//! What a journey needs to know of one of its event logs, made on whichever core reads the record.

use super::shared_texts::SharedTexts;
use super::summary::WrittenTime;
use crate::commands::record_kind::LogFields;
use crate::model::code::Level;
use std::sync::Arc;

/// What the line of a journey needs to know of one event log.
#[derive(Debug)]
pub struct LogStep {
    pub time: Option<WrittenTime>,
    pub event_code: Option<Arc<str>>,
    pub level: Option<Level>,
    pub outcome: Option<Arc<str>>,
    pub shape_name: Option<Arc<str>>,
}

impl LogStep {
    /// The step of an event log.
    pub fn of(log: &LogFields<'_>, texts: &mut SharedTexts) -> LogStep {
        LogStep {
            time: log.generated_at.get().and_then(WrittenTime::parse),
            event_code: texts.share(log.event_code.get()),
            level: log.event_code.get().and_then(Level::of_code),
            outcome: texts.share(log.outcome.get()),
            shape_name: texts.share(log.shape_name.get()),
        }
    }
}
