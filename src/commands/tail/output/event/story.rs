//! The story of an event: what happened to a trigger, what it led to, and what to do about it.

use crate::model::duration::PlainDuration;
use crate::model::event::{Event, Facts};
use crate::model::sys_event::{self, SysMember};
use crate::model::text::counted;
use crate::model::timestamp::{Timestamp, Zone};
use crate::model::trigger::{FailurePrefix, TriggerKind};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

/// How many triggers that failed are remembered.
const REMEMBERED: usize = 4096;

/// Describes events; remembers which triggers have failed, within bounds.
#[derive(Debug)]
pub(super) struct Story {
    zone: Zone,
    /// When a trigger failed, and why, by its id.
    failed: HashMap<String, (Timestamp, String)>,
}

impl Story {
    pub(super) fn new(zone: Zone) -> Story {
        Story {
            zone,
            failed: HashMap::new(),
        }
    }

    /// Whether the description of an event depends on earlier events, or those of later ones on it.
    pub(super) fn remembers(event: &Event<'_>) -> bool {
        let verb = sys_event::parts(&event.event_type).map(|(_, verb)| verb);
        matches!(verb, Some("failed" | "disabled")) && TriggerKind::of(&event.event_type).is_some()
    }

    /// Writes what happened; returns what follows from it.
    pub(super) fn write(
        &mut self,
        event: &Event<'_>,
        facts: &Facts<'_>,
        out: &mut String,
    ) -> Option<String> {
        let Some((group, verb)) = sys_event::parts(&event.event_type) else {
            pairs(event, out);
            return None;
        };
        match (group, verb, TriggerKind::of(&event.event_type)) {
            (_, "ok", Some(_)) => ran(facts, out),
            (_, "error", Some(_)) => {
                ran(facts, out);
                out.push_str(": ");
                out.push_str(facts.text(SysMember::Error).unwrap_or("no reason given"));
            }
            (_, "failed", Some(kind)) => return self.failed(facts, kind, instant(event), out),
            (_, "disabled", Some(_)) => return self.disabled(facts, instant(event), out),
            ("auth", ..) => self.authenticated(facts, out),
            ("hivelog", ..) => self.own(event, verb, out),
            ("server" | "license", ..) => {
                let why = facts
                    .text(SysMember::Msg)
                    .or_else(|| facts.text(SysMember::Reason));
                out.push_str(why.unwrap_or_default());
            }
            _ => pairs(event, out),
        }
        None
    }

    fn failed(
        &mut self,
        facts: &Facts<'_>,
        kind: TriggerKind,
        ts: Option<Timestamp>,
        out: &mut String,
    ) -> Option<String> {
        let error = facts.text(SysMember::Error).unwrap_or("no reason given");
        if let (Some(id), Some(ts)) = (facts.trigger_id(), ts) {
            if self.failed.len() >= REMEMBERED {
                self.failed.clear();
            }
            self.failed.insert(id.to_owned(), (ts, error.to_owned()));
        }
        out.push_str(error);
        let known = FailurePrefix::of(error)?;
        Some(format!("{}; {}", known.consequence(kind), known.advice))
    }

    /// Links a disabled trigger to the failure that led to it.
    fn disabled(
        &mut self,
        facts: &Facts<'_>,
        ts: Option<Timestamp>,
        out: &mut String,
    ) -> Option<String> {
        let reason = facts.text(SysMember::Reason).unwrap_or_default();
        let earlier = facts.trigger_id().and_then(|id| self.failed.remove(id));
        if let (Some((failed, error)), Some(ts)) = (&earlier, ts) {
            let millis = u64::try_from(ts.millis_since(*failed)).unwrap_or(0);
            let _ = write!(
                out,
                "({} later)",
                PlainDuration(Duration::from_millis(millis))
            );
            if error != reason && !reason.is_empty() {
                let _ = write!(out, " {reason}");
            }
            return None;
        }
        out.push_str(reason);
        let known = FailurePrefix::of(reason)?;
        Some(format!(
            "the trigger stays off until someone acts: {}",
            known.advice
        ))
    }

    /// What hivelog itself has to say.
    fn own(&self, event: &Event<'_>, verb: &str, out: &mut String) {
        let member = |name: &str| event.value().get(name);
        let text = |name: &str| member(name).and_then(Value::as_str);
        let _ = match verb {
            "gap" => self.gap(event, out),
            "connected" => write!(out, "to {}", text("to").unwrap_or_default()),
            "dropped" => {
                let count = member("count").and_then(Value::as_u64).unwrap_or(0);
                match text("reason") {
                    Some("slow reader") => write!(
                        out,
                        "{} missing here: the reader was too slow",
                        counted(count, "event")
                    ),
                    _ => write!(out, "{} left out", counted(count, "repeat")),
                }
            }
            "verdict" => {
                let exit = member("exit").and_then(Value::as_u64).unwrap_or(0);
                write!(
                    out,
                    "exit code {exit}: {}",
                    text("reason").unwrap_or_default()
                )
            }
            _ => return pairs(event, out),
        };
    }

    fn gap(&self, event: &Event<'_>, out: &mut String) -> std::fmt::Result {
        let time = |name: &str| Timestamp::parse(event.value().get(name)?.as_str()?);
        let reason = event.field("reason").and_then(Value::as_str);
        out.push_str(if recovered(event) {
            "the server was asked for what was missed"
        } else {
            "events may be missing"
        });
        let (Some(from), Some(to)) = (time("from"), time("to")) else {
            return Ok(());
        };
        let millis = u64::try_from(to.millis_since(from)).unwrap_or(0);
        write!(
            out,
            ": nothing was heard for {}, from {} to {} ({})",
            PlainDuration(Duration::from_millis(millis)),
            self.time_of(from),
            self.time_of(to),
            reason.unwrap_or("unknown reason")
        )
    }

    fn time_of(&self, instant: Timestamp) -> String {
        let mut text = instant.at(self.zone).short();
        // The offset stands at the beginning of each day.
        text.truncate(12);
        text
    }

    fn authenticated(&self, facts: &Facts<'_>, out: &mut String) {
        // How it is written is not documented.
        let known = |exp| Timestamp::parse(exp).or_else(|| Timestamp::parse_epoch(exp));
        let exp = facts.text(SysMember::Exp).map(|exp| match known(exp) {
            Some(exp) => Cow::Owned(exp.at(self.zone).full()),
            None => Cow::Borrowed(exp),
        });
        for (before, text) in [
            ("from ", facts.text(SysMember::Ip)),
            (": ", facts.text(SysMember::Reason)),
            (", token until ", exp.as_deref()),
        ] {
            if let Some(text) = text {
                out.push_str(before);
                out.push_str(text);
            }
        }
    }
}

/// Whether a gap was closed by asking the server again.
pub(super) fn recovered(event: &Event<'_>) -> bool {
    event.field("recovered").and_then(Value::as_bool) == Some(true)
}

/// When the event was created, if that can be read.
fn instant(event: &Event<'_>) -> Option<Timestamp> {
    event.ts.as_deref().and_then(Timestamp::parse)
}

/// `412 ms, in 3 out 3`, as far as it is known.
fn ran(facts: &Facts<'_>, out: &mut String) {
    let begin = out.len();
    let comma = |out: &mut String| {
        if out.len() > begin {
            out.push_str(", ");
        }
    };
    let known = |millis: &f64| (0.0..1e13).contains(millis);
    if let Some(millis) = facts.number(SysMember::DurationMs).filter(known) {
        let _ = write!(
            out,
            "{}",
            PlainDuration(Duration::from_secs_f64(millis / 1000.0))
        );
    }
    if facts.number(SysMember::Inputs).is_some() || facts.number(SysMember::Outputs).is_some() {
        comma(out);
    }
    if let Some(inputs) = facts.number(SysMember::Inputs) {
        out.push_str("in ");
        count(inputs, out);
    }
    if let Some(outputs) = facts.number(SysMember::Outputs) {
        let blank = if facts.number(SysMember::Inputs).is_some() {
            " "
        } else {
            ""
        };
        out.push_str(blank);
        out.push_str("out ");
        count(outputs, out);
    }
    if let Some(status) = facts
        .text(SysMember::Status)
        .filter(|status| *status != "unknown")
    {
        comma(out);
        let _ = write!(out, "status {status}");
        if let Some(message) = facts.text(SysMember::StatusMsg) {
            let _ = write!(out, " ({message})");
        }
    }
}

/// Writes a number of things: most are small, and a digit needs no formatting.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is compared with what it came from"
)]
fn count(number: f64, out: &mut String) {
    let digit = number as u8;
    if digit < 10 && f64::from(digit).to_bits() == number.to_bits() {
        out.push(char::from(b'0' + digit));
    } else {
        let _ = write!(out, "{number}");
    }
}

/// Members of the data of an event nobody documented.
fn pairs(event: &Event<'_>, out: &mut String) {
    let _ = match event.value().get("data") {
        Some(Value::Object(members)) => {
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at > 0 { " " } else { "" });
                let _ = match value {
                    Value::String(text) => write!(out, "{name}={text}"),
                    other => write!(out, "{name}={other}"),
                };
            }
            Ok(())
        }
        None | Some(Value::Null) => Ok(()),
        Some(other) => write!(out, "{other}"),
    };
}
