//! One event for people: what happened, to what, and what follows from it.

use super::clock::Clock;
use super::names::Names;
use super::sanitise;
use super::theme::{Ink, Theme};
use crate::model::event::{Event, Facts};
use crate::model::format::Time;
use crate::model::sys_event::{FailurePrefix, Severity, TriggerKind};
use crate::model::timestamp::{Plain, Timestamp, Zone, plain_duration};
use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// Writes events as lines for people. Remembers what later events refer to, within bounds.
#[derive(Debug)]
pub struct Human {
    inks: Inks,
    zone: Zone,
    clock: Clock,
    time: Time,
    /// The columns of the terminal; none when lines must not be cut.
    width: Option<usize>,
    names: Names,
    /// When a trigger failed, and why, by its id.
    failed: HashMap<String, (Timestamp, String)>,
    before: Option<Timestamp>,
    /// Memory for what happened, as it is put together.
    detail: String,
}

#[derive(Debug)]
struct Inks {
    bad: Ink,
    notice: Ink,
    dim: Ink,
    name: Ink,
}

/// How many triggers that failed are remembered.
const REMEMBERED: usize = 4096;
const TYPE_WIDTH: usize = 25;
const NAME_WIDTH: usize = 15;
/// Below so many columns times are shown without their offset.
const NARROW: usize = 100;
const WIDE_NAME: usize = 28;
/// As many as ever stand between two columns.
const BLANKS: &str = "                              ";

impl Human {
    /// `width` cuts long lines.
    pub fn new(theme: Theme, zone: Zone, time: Time, width: Option<usize>) -> Human {
        Human {
            inks: Inks {
                bad: Ink::new(theme.error),
                notice: Ink::new(theme.warning),
                dim: Ink::new(theme.dim),
                name: Ink::new(theme.name),
            },
            zone,
            // On a narrow screen the room is needed for what happened.
            clock: Clock::new(zone, width.is_none_or(|width| width >= NARROW)),
            time,
            width,
            names: Names::default(),
            failed: HashMap::new(),
            before: None,
            detail: String::new(),
        }
    }

    /// Writes one event, line break included.
    pub fn write(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let facts = event.facts();
        if let (Some(id), Some(name)) = (facts.trigger_id(), facts.trigger_name()) {
            self.names.learn(id, name);
        }
        let indent = self.time_column(event, out) + 2;
        let mut used = indent + self.title(event, source, out);
        let name = sanitise::line(self.name(facts, event));
        let name_columns = columns(&name);
        self.inks.name.write(&name, out);
        let mut detail = std::mem::take(&mut self.detail);
        let consequence = self.story(event, facts, &mut detail);
        if detail.is_empty() {
            out.truncate(out.trim_end().len());
        } else {
            let name_width = match self.width {
                Some(width) if width >= 140 => WIDE_NAME,
                _ => NAME_WIDTH,
            };
            used += pad(out, name_columns, name_width);
            out.push_str(&cut(&sanitise::line(&detail), self.width, used));
        }
        out.push('\n');
        if let Some(consequence) = consequence {
            let text = sanitise::line(&consequence);
            let _ = writeln!(out, "{:indent$}{}", "", cut(&text, self.width, indent));
        }
        detail.clear();
        self.detail = detail;
    }

    /// Writes how bad it is and what it is called; returns the columns behind the sign.
    fn title(&self, event: &Event<'_>, source: Option<&str>, out: &mut String) -> usize {
        let (sign, ink) = match Severity::of(&event.event_type) {
            Severity::Bad => ("E", &self.inks.bad),
            Severity::Notice => ("N", &self.inks.notice),
            Severity::Quiet => ("·", &self.inks.dim),
        };
        ink.write(sign, out);
        out.push(' ');
        let mut used = 0;
        if let Some(source) = source {
            let source = sanitise::line(source);
            let _ = write!(out, "[{source}] ");
            used += columns(&source) + 3;
        }
        let event_type = sanitise::line(&event.event_type);
        ink.write(&event_type, out);
        used + pad(out, columns(&event_type), TYPE_WIDTH)
    }

    /// Writes the time; returns the columns it takes.
    fn time_column(&mut self, event: &Event<'_>, out: &mut String) -> usize {
        if self.time == Time::None {
            return 0;
        }
        self.inks.dim.begin(out);
        let begin = out.len();
        self.time(event.ts.as_deref(), out);
        let used = columns(&out[begin..]);
        self.inks.dim.end(out);
        out.push_str("  ");
        used + 2
    }

    fn time(&mut self, text: Option<&str>, out: &mut String) {
        let Some(text) = text else {
            let _ = write!(out, "{:18}", "-");
            return;
        };
        let shown = match self.time {
            Time::Short => self.clock.short(text, out),
            Time::Full => Timestamp::parse(text).map(|ts| out.push_str(&ts.at(self.zone).full())),
            Time::Delta => Timestamp::parse(text).map(|ts| out.push_str(&self.delta(ts))),
            Time::None => Some(()),
        };
        if shown.is_none() {
            out.push_str(&sanitise::line(text));
        }
    }

    /// The time since the event before.
    fn delta(&mut self, ts: Timestamp) -> String {
        let before = self.before.replace(ts);
        let millis = before.map_or(0, |before| ts.millis_since(before));
        let sign = if millis < 0 { '-' } else { '+' };
        let gone = plain_duration(Duration::from_millis(millis.unsigned_abs()));
        format!("{:>14}", format!("{sign}{gone}"))
    }

    /// The trigger's name if it is known, else the flow's, else the trigger's id.
    fn name<'n>(&'n self, facts: &'n Facts<'_>, event: &Event<'_>) -> &'n str {
        let id = facts.trigger_id();
        facts
            .trigger_name()
            .or_else(|| self.names.of(id?))
            .or_else(|| facts.flow_name.get())
            .or_else(|| id.map(short))
            .or_else(|| {
                facts
                    .username
                    .get()
                    .filter(|_| event.event_type.starts_with("auth."))
            })
            .unwrap_or_default()
    }

    /// Writes what happened; returns what follows from it.
    fn story(&mut self, event: &Event<'_>, facts: &Facts<'_>, out: &mut String) -> Option<String> {
        let Some((group, verb)) = event.event_type.rsplit_once('.') else {
            pairs(event, out);
            return None;
        };
        match (group, verb, TriggerKind::of(&event.event_type)) {
            (_, "ok", Some(_)) => ran(facts, out),
            (_, "error", Some(_)) => {
                ran(facts, out);
                out.push_str(": ");
                out.push_str(facts.error.get().unwrap_or("no reason given"));
            }
            (_, "failed", Some(kind)) => return self.failed(facts, kind, instant(event), out),
            (_, "disabled", Some(_)) => return self.disabled(facts, instant(event), out),
            ("auth", ..) => authenticated(facts, out),
            ("hivelog", "gap", _) => out.push_str(&self.gap(event)),
            ("server" | "license", ..) => {
                let why = facts.msg.get().or_else(|| facts.reason.get());
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
        let error = facts.error.get().unwrap_or("no reason given");
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
        let reason = facts.reason.get().unwrap_or_default();
        let earlier = facts.trigger_id().and_then(|id| self.failed.remove(id));
        if let (Some((failed, error)), Some(ts)) = (&earlier, ts) {
            let millis = u64::try_from(ts.millis_since(*failed)).unwrap_or(0);
            let _ = write!(out, "({} later)", Plain(Duration::from_millis(millis)));
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

    fn gap(&self, event: &Event<'_>) -> String {
        let time = |name: &str| Timestamp::parse(event.value().get(name)?.as_str()?);
        let reason = event.field("reason").and_then(|reason| reason.as_str());
        let recovered = event
            .field("recovered")
            .and_then(serde_json::Value::as_bool);
        let what = if recovered == Some(true) {
            "the server was asked for what was missed"
        } else {
            "events may be missing"
        };
        let (Some(from), Some(to)) = (time("from"), time("to")) else {
            return what.to_owned();
        };
        let millis = u64::try_from(to.millis_since(from)).unwrap_or(0);
        format!(
            "{what}: nothing was heard for {}, from {} to {} ({})",
            plain_duration(Duration::from_millis(millis)),
            from.at(self.zone).short(),
            to.at(self.zone).short(),
            reason.unwrap_or("unknown reason")
        )
    }
}

/// When the event was created, if that can be read.
fn instant(event: &Event<'_>) -> Option<Timestamp> {
    event.ts.as_deref().and_then(Timestamp::parse)
}

/// The part of a UUID that is enough to tell it from the others on a screen.
fn short(id: &str) -> &str {
    match id.split_once('-') {
        Some((first, _)) if id.len() == 36 => first,
        _ => id,
    }
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
    if let Some(millis) = facts.duration_ms.0.filter(known) {
        let _ = write!(out, "{}", Plain(Duration::from_secs_f64(millis / 1000.0)));
    }
    if facts.inputs.0.is_some() || facts.outputs.0.is_some() {
        comma(out);
    }
    if let Some(inputs) = facts.inputs.0 {
        out.push_str("in ");
        count(inputs, out);
    }
    if let Some(outputs) = facts.outputs.0 {
        let blank = if facts.inputs.0.is_some() { " " } else { "" };
        out.push_str(blank);
        out.push_str("out ");
        count(outputs, out);
    }
    if let Some(status) = facts.status.get().filter(|status| *status != "unknown") {
        comma(out);
        let _ = write!(out, "status {status}");
        if let Some(message) = facts.status_msg.get() {
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

fn authenticated(facts: &Facts<'_>, out: &mut String) {
    for (before, text) in [
        ("from ", facts.ip.get()),
        (": ", facts.reason.get()),
        (", token until ", facts.exp.get()),
    ] {
        if let Some(text) = text {
            out.push_str(before);
            out.push_str(text);
        }
    }
}

/// Members of the data of an event nobody documented.
fn pairs(event: &Event<'_>, out: &mut String) {
    let _ = match event.value().get("data") {
        Some(serde_json::Value::Object(members)) => {
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at > 0 { " " } else { "" });
                let _ = match value {
                    serde_json::Value::String(text) => write!(out, "{name}={text}"),
                    other => write!(out, "{name}={other}"),
                };
            }
            Ok(())
        }
        None | Some(serde_json::Value::Null) => Ok(()),
        Some(other) => write!(out, "{other}"),
    };
}

/// Writes blanks up to a column and two more; returns the columns taken, the text's included.
fn pad(out: &mut String, used: usize, width: usize) -> usize {
    let blanks = width.saturating_sub(used) + 2;
    out.push_str(&BLANKS[..blanks]);
    used + blanks
}

/// The columns a text takes.
fn columns(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

/// The text as far as the line has room, with an ellipsis where it was cut.
fn cut(text: &str, width: Option<usize>, used: usize) -> std::borrow::Cow<'_, str> {
    let Some(width) = width else {
        return text.into();
    };
    let room = width.saturating_sub(used).max(10);
    if columns(text) <= room {
        return text.into();
    }
    let mut kept = String::new();
    let mut taken = 0;
    for c in text.chars() {
        taken += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if taken > room - 1 {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: Option<usize>, events: &[&str]) -> String {
        let zone = Zone::parse("+12:00").unwrap();
        let mut human = Human::new(Theme::new(false), zone, Time::Short, width);
        let mut out = String::new();
        for raw in events {
            human.write(&Event::read(raw).unwrap(), None, &mut out);
        }
        out
    }

    #[test]
    fn the_story_of_a_trigger_is_told_as_documented() {
        let text = shown(
            Some(100),
            &[
                r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.schedule.ok","data":{"schedule_id":"s1","schedule_name":"Nightly orders","duration_ms":61000}}"#,
                r#"{"ts":"2024-05-03T05:30:02.114Z","type":"trigger.schedule.failed","data":{"trigger_id":"s1","error":"flow validation failed: node 3"}}"#,
                r#"{"ts":"2024-05-03T05:30:02.131Z","type":"trigger.schedule.disabled","data":{"trigger_id":"s1","reason":"flow validation failed: node 3"}}"#,
                r#"{"ts":"2024-05-03T05:30:09.870Z","type":"trigger.event.ok","data":{"trigger_name":"Stock update","duration_ms":412,"inputs":3,"outputs":3,"status":"unknown"}}"#,
            ],
        );
        assert_eq!(
            text,
            "\
17:29:00.000 +12:00  · trigger.schedule.ok        Nightly orders   1 min 1 s
17:30:02.114 +12:00  E trigger.schedule.failed    Nightly orders   flow validation failed: node 3
                       the server will try to disable this trigger; open the flow and save it: the …
17:30:02.131 +12:00  E trigger.schedule.disabled  Nightly orders   (17 ms later)
17:30:09.870 +12:00  · trigger.event.ok           Stock update     412 ms, in 3 out 3
"
        );
    }

    #[test]
    fn text_of_others_cannot_steer_the_terminal_nor_leave_its_line() {
        let text = shown(
            None,
            &[
                r#"{"ts":"\u001b[2J","type":"auth.error\n","data":{"username":"a\u202eb","ip":"\u009b31m","reason":"x\r\ny"}}"#,
            ],
        );
        assert_eq!(text.matches('\n').count(), 1);
        assert!(
            !text
                .trim_end_matches('\n')
                .chars()
                .any(sanitise::is_harmful),
            "{text:?}"
        );
    }
}
