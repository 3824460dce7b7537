//! What was found in an event, put in its place.

use super::reader::Value;
use crate::model::event::{Event, Facts, Head, Number, Text};
use serde::Deserialize;
use std::borrow::Cow;
use std::ops::Range;

/// Digits of which every number is exact.
const EXACT: usize = 15;

/// The place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Id,
    Ts,
    Kind,
    Type,
    /// Data that are no object: nothing is looked for in them.
    Data,
    TriggerId,
    ScheduleId,
    TriggerName,
    ScheduleName,
    FlowId,
    FlowName,
    Error,
    Reason,
    Status,
    StatusMsg,
    Username,
    Ip,
    Exp,
    Msg,
    Inputs,
    Outputs,
    Duration,
    /// Nobody asks for it.
    Other,
    /// There is no value: the event ends.
    End,
}

impl Slot {
    /// The place of a member of the envelope.
    pub(super) fn of_envelope(name: &str) -> Slot {
        match name {
            "id" => Slot::Id,
            "ts" => Slot::Ts,
            "kind" => Slot::Kind,
            "type" => Slot::Type,
            "data" => Slot::Data,
            _ => Slot::Other,
        }
    }

    /// The place of a member of the data.
    pub(super) fn of_data(name: &str) -> Slot {
        match name {
            "trigger_id" => Slot::TriggerId,
            "schedule_id" => Slot::ScheduleId,
            "trigger_name" => Slot::TriggerName,
            "schedule_name" => Slot::ScheduleName,
            "flow_id" => Slot::FlowId,
            "flow_name" => Slot::FlowName,
            "error" => Slot::Error,
            "reason" => Slot::Reason,
            "status" => Slot::Status,
            "status_msg" => Slot::StatusMsg,
            "username" => Slot::Username,
            "ip" => Slot::Ip,
            "exp" => Slot::Exp,
            "msg" => Slot::Msg,
            "inputs" => Slot::Inputs,
            "outputs" => Slot::Outputs,
            "duration_ms" => Slot::Duration,
            _ => Slot::Other,
        }
    }
}

/// What has been found so far.
#[derive(Default)]
pub(super) struct Found<'a> {
    head: Head<'a>,
    facts: Facts<'a>,
    /// Where the data stand.
    pub(super) data: Range<usize>,
}

impl<'a> Found<'a> {
    /// Takes a value; gives up at those that only the exact reader can judge.
    #[inline]
    pub(super) fn put(&mut self, slot: Slot, value: Value<'a>) -> Option<()> {
        let (head, facts) = (&mut self.head, &mut self.facts);
        let number = match slot {
            Slot::Inputs => &mut facts.inputs,
            Slot::Outputs => &mut facts.outputs,
            Slot::Duration => &mut facts.duration_ms,
            _ => {
                let text = match slot {
                    Slot::Id => &mut head.id,
                    Slot::Ts => &mut head.ts,
                    Slot::Kind => &mut head.kind,
                    Slot::Type => &mut head.event_type,
                    Slot::TriggerId => &mut facts.trigger_id,
                    Slot::ScheduleId => &mut facts.schedule_id,
                    Slot::TriggerName => &mut facts.trigger_name,
                    Slot::ScheduleName => &mut facts.schedule_name,
                    Slot::FlowId => &mut facts.flow_id,
                    Slot::FlowName => &mut facts.flow_name,
                    Slot::Error => &mut facts.error,
                    Slot::Reason => &mut facts.reason,
                    Slot::Status => &mut facts.status,
                    Slot::StatusMsg => &mut facts.status_msg,
                    Slot::Username => &mut facts.username,
                    Slot::Ip => &mut facts.ip,
                    Slot::Exp => &mut facts.exp,
                    Slot::Msg => &mut facts.msg,
                    _ => return Some(()),
                };
                *text = value.text()?;
                return Some(());
            }
        };
        *number = value.number()?;
        Some(())
    }

    /// The event all of this was found in.
    pub(super) fn event(mut self, text: &'a str) -> Option<Event<'a>> {
        let data = text.get(self.data)?;
        self.head.data = Some(data).filter(|data| !matches!(*data, "" | "null"));
        let facts = Some(self.facts).filter(|_| data.starts_with('{'));
        Event::of(text, self.head, facts).ok()
    }
}

impl<'a> Value<'a> {
    fn text(self) -> Option<Text<'a>> {
        match self {
            Value::Plain(text) => Some(Text(Some(Cow::Borrowed(text)))),
            Value::Json(json) => exactly(json),
        }
    }

    fn number(self) -> Option<Number> {
        match self {
            Value::Plain(text) => Some(Number(text.parse().ok())),
            Value::Json(json) => match exact(json) {
                Some(number) => Some(Number(Some(number))),
                None => exactly(json),
            },
        }
    }
}

/// What is not plain is read as the exact reader reads it.
fn exactly<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// A whole number of few digits.
pub(super) fn exact(number: &str) -> Option<f64> {
    let digits = number.as_bytes();
    let zero_leads = digits.len() > 1 && digits[0] == b'0';
    if digits.is_empty() || digits.len() > EXACT || zero_leads {
        return None;
    }
    digits.iter().try_fold(0.0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10.0 + f64::from(digit - b'0'))
    })
}
