//! The rules about event codes and lifecycle stages.

use super::Policy;
use super::fields::Resolved;
use super::known_code::{Known, why_unknown};
use super::record::EventLog;
use super::rule::Rule;
use super::sink::{Judged, Sink, Violated};
use crate::model::code::Category;
use crate::model::event_log::Field;
use crate::model::stage::StageSender;

/// Judges the code by itself; gives it back if it is known.
#[inline]
pub fn code(
    log: &EventLog<'_>,
    policy: &Policy,
    sink: &mut impl Sink,
) -> Result<Option<Known>, Violated> {
    let Some(value) = log.get(Field::EventCode).filter(|value| value.is_text()) else {
        return Ok(None);
    };
    if let Some(known) = Known::find(policy, value.bytes) {
        if let Some(code) = known.code()
            && code.category() == Category::Internal
        {
            sink.found_in(Rule::CatchAllCode, value, || {
                format!("{code} is a catch-all code")
            })?;
        }
        return Ok(Some(known));
    }
    if !value.is_blank() && sink.wants(Rule::UnknownCode) {
        sink.found_with(Rule::UnknownCode, value.place(), || {
            why_unknown(&String::from_utf8_lossy(value.bytes))
        })?;
    }
    Ok(None)
}

/// Judges the stage against its sender and its direction.
#[inline]
pub fn check_stage(log: &EventLog<'_>, resolved: &Resolved, sink: &mut impl Sink) -> Judged {
    let (Some(stage), Some(value)) = (resolved.stage, log.get(Field::LifeCycleStage)) else {
        return Ok(());
    };
    if stage.sender == StageSender::Platform {
        sink.found_in(Rule::PlatformOnlyStage, value, || {
            format!("{stage} is for platform use only")
        })?;
    }
    match resolved.direction {
        Some(direction) if direction != stage.direction => {
            sink.found_in(Rule::StageDirectionMismatch, value, || {
                let (belongs, is) = (stage.direction.name(), direction.name());
                format!("{stage} belongs to {belongs}, but direction is {is}")
            })
        }
        _ => Ok(()),
    }
}
