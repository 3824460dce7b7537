//! One event for people: what happened, to what, and what follows from it.

use super::clock::Clock;
use super::sanitise;
use super::theme::{Styled, Theme};
use crate::model::event::{Event, Facts};
use crate::model::format::Time;
use crate::model::sys_event::Severity;
use crate::model::timestamp::{Timestamp, Zone, plain_duration};
use crate::model::trigger::{FailurePrefix, TriggerKind};
use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// Writes events as lines for people. Remembers what later events refer to, within bounds.
#[derive(Debug)]
pub struct Human {
    theme: Theme,
    zone: Zone,
    clock: Clock,
    time: Time,
    /// The columns of the terminal; none when lines must not be cut.
    width: Option<usize>,
    /// The names of triggers by id: not every event repeats them.
    names: HashMap<String, String>,
    /// When a trigger failed, and why, by its id.
    failed: HashMap<String, (Timestamp, String)>,
    before: Option<Timestamp>,
}

/// How many triggers are remembered.
const REMEMBERED: usize = 4096;
const TYPE_WIDTH: usize = 25;
const NAME_WIDTH: usize = 15;
/// Below so many columns times are shown without their offset.
const NARROW: usize = 100;
const WIDE_NAME: usize = 28;

impl Human {
    /// `width` cuts long lines.
    pub fn new(theme: Theme, zone: Zone, time: Time, width: Option<usize>) -> Human {
        Human {
            theme,
            zone,
            // On a narrow screen the room is needed for what happened.
            clock: Clock::new(zone, width.is_none_or(|width| width >= NARROW)),
            time,
            width,
            names: HashMap::new(),
            failed: HashMap::new(),
            before: None,
        }
    }

    /// Writes one event, line break included.
    pub fn write(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let facts = event.facts();
        self.learn(facts);
        let severity = Severity::of(&event.event_type);
        let (sign, style) = match severity {
            Severity::Bad => ("E", self.theme.error),
            Severity::Notice => ("N", self.theme.warning),
            Severity::Quiet => ("·", self.theme.dim),
        };
        let begin = out.len();
        let time = self.time_column(event);
        if !time.is_empty() {
            let _ = write!(out, "{}  ", Styled(self.theme.dim, time));
        }
        let indent = width_of(&out[begin..]) + 2;
        let _ = write!(out, "{} ", Styled(style, sign));
        if let Some(source) = source {
            let _ = write!(out, "[{}] ", sanitise::line(source));
        }
        let event_type = sanitise::line(&event.event_type);
        let _ = write!(out, "{}", Styled(style, &event_type));
        pad(out, event_type.width(), TYPE_WIDTH);
        let name = self.name(facts, event);
        let name = sanitise::line(&name);
        let name_width = match self.width {
            Some(width) if width >= 140 => WIDE_NAME,
            _ => NAME_WIDTH,
        };
        let _ = write!(out, "{}", Styled(self.theme.name, &name));
        let (detail, consequence) = self.story(event, facts);
        if detail.is_empty() {
            out.truncate(out.trim_end().len());
        } else {
            pad(out, name.width(), name_width);
            let used = width_of(&out[begin..]);
            out.push_str(&cut(&sanitise::line(&detail), self.width, used));
        }
        out.push('\n');
        if let Some(consequence) = consequence {
            let text = sanitise::line(&consequence);
            let _ = writeln!(out, "{:indent$}{}", "", cut(&text, self.width, indent));
        }
    }

    fn learn(&mut self, facts: &Facts<'_>) {
        if let (Some(id), Some(name)) = (facts.trigger_id(), facts.trigger_name())
            && self.names.get(id).is_none_or(|known| known != name)
        {
            if self.names.len() >= REMEMBERED {
                self.names.clear();
            }
            self.names.insert(id.to_owned(), name.to_owned());
        }
    }

    fn time_column(&mut self, event: &Event<'_>) -> String {
        let Some(text) = event.ts.as_deref() else {
            return match self.time {
                Time::None => String::new(),
                _ => format!("{:18}", "-"),
            };
        };
        let shown = match self.time {
            Time::Full => instant(event).map(|ts| ts.at(self.zone).full()),
            Time::Short => self.clock.short(text),
            Time::None => Some(String::new()),
            Time::Delta => instant(event).map(|ts| self.delta(ts)),
        };
        shown.unwrap_or_else(|| sanitise::line(text).into_owned())
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
    fn name(&self, facts: &Facts<'_>, event: &Event<'_>) -> String {
        let id = facts.trigger_id();
        facts
            .trigger_name()
            .or_else(|| self.names.get(id?).map(String::as_str))
            .or_else(|| facts.flow_name.get())
            .or_else(|| id.map(short))
            .or_else(|| {
                facts
                    .username
                    .get()
                    .filter(|_| event.event_type.starts_with("auth."))
            })
            .unwrap_or_default()
            .to_owned()
    }

    /// What happened, and what follows from it.
    fn story(&mut self, event: &Event<'_>, facts: &Facts<'_>) -> (String, Option<String>) {
        let Some((group, verb)) = event.event_type.rsplit_once('.') else {
            return (pairs(event), None);
        };
        let kind = TriggerKind::of(&event.event_type);
        match (group, verb, kind) {
            (_, "ok", Some(_)) => (ran(facts), None),
            (_, "error", Some(_)) => {
                let why = facts.error.get().unwrap_or("no reason given");
                (format!("{}: {why}", ran(facts)), None)
            }
            (_, "failed", Some(kind)) => self.failed(facts, kind, instant(event)),
            (_, "disabled", Some(_)) => self.disabled(facts, instant(event)),
            ("auth", ..) => (authenticated(facts), None),
            ("hivelog", "gap", _) => (self.gap(event), None),
            ("server" | "license", ..) => {
                let why = facts.msg.get().or_else(|| facts.reason.get());
                (why.unwrap_or_default().to_owned(), None)
            }
            _ => (pairs(event), None),
        }
    }

    fn failed(
        &mut self,
        facts: &Facts<'_>,
        kind: TriggerKind,
        ts: Option<Timestamp>,
    ) -> (String, Option<String>) {
        let error = facts.error.get().unwrap_or("no reason given");
        if let (Some(id), Some(ts)) = (facts.trigger_id(), ts) {
            if self.failed.len() >= REMEMBERED {
                self.failed.clear();
            }
            self.failed.insert(id.to_owned(), (ts, error.to_owned()));
        }
        let follows = FailurePrefix::of(error)
            .map(|known| format!("{}; {}", known.consequence(kind), known.advice));
        (error.to_owned(), follows)
    }

    /// Links a disabled trigger to the failure that led to it.
    fn disabled(&mut self, facts: &Facts<'_>, ts: Option<Timestamp>) -> (String, Option<String>) {
        let reason = facts.reason.get().unwrap_or_default();
        let earlier = facts.trigger_id().and_then(|id| self.failed.remove(id));
        if let (Some((failed, error)), Some(ts)) = (&earlier, ts) {
            let millis = u64::try_from(ts.millis_since(*failed)).unwrap_or(0);
            let later = format!("({} later)", plain_duration(Duration::from_millis(millis)));
            if error == reason || reason.is_empty() {
                return (later, None);
            }
            return (format!("{later} {reason}"), None);
        }
        let advice = FailurePrefix::of(reason)
            .map(|known| format!("the trigger stays off until someone acts: {}", known.advice));
        (reason.to_owned(), advice)
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
fn ran(facts: &Facts<'_>) -> String {
    let mut parts = Vec::new();
    if let Some(millis) = facts
        .duration_ms
        .0
        .filter(|millis| (0.0..1e13).contains(millis))
    {
        parts.push(plain_duration(Duration::from_secs_f64(millis / 1000.0)));
    }
    match (facts.inputs.0, facts.outputs.0) {
        (Some(inputs), Some(outputs)) => parts.push(format!("in {inputs} out {outputs}")),
        (Some(inputs), None) => parts.push(format!("in {inputs}")),
        (None, Some(outputs)) => parts.push(format!("out {outputs}")),
        (None, None) => {}
    }
    if let Some(status) = facts.status.get().filter(|status| *status != "unknown") {
        match facts.status_msg.get() {
            Some(message) => parts.push(format!("status {status} ({message})")),
            None => parts.push(format!("status {status}")),
        }
    }
    parts.join(", ")
}

fn authenticated(facts: &Facts<'_>) -> String {
    let mut text = String::new();
    if let Some(ip) = facts.ip.get() {
        let _ = write!(text, "from {ip}");
    }
    if let Some(reason) = facts.reason.get() {
        let _ = write!(text, ": {reason}");
    }
    if let Some(exp) = facts.exp.get() {
        let _ = write!(text, ", token until {exp}");
    }
    text
}

/// Members of the data of an event nobody documented.
fn pairs(event: &Event<'_>) -> String {
    match event.value().get("data") {
        Some(serde_json::Value::Object(members)) => {
            let pairs: Vec<_> = members
                .iter()
                .map(|(name, value)| match value {
                    serde_json::Value::String(text) => format!("{name}={text}"),
                    other => format!("{name}={other}"),
                })
                .collect();
            pairs.join(" ")
        }
        None | Some(serde_json::Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

fn pad(out: &mut String, used: usize, width: usize) {
    let blanks = width.saturating_sub(used) + 2;
    out.extend(std::iter::repeat_n(' ', blanks));
}

/// The columns a text takes, escape sequences not counted.
fn width_of(text: &str) -> usize {
    let mut width = 0;
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        width += rest[..at].width();
        let end = rest[at..].find('m').map_or(rest.len(), |end| at + end + 1);
        rest = &rest[end..];
    }
    width + rest.width()
}

/// The text as far as the line has room, with an ellipsis where it was cut.
fn cut(text: &str, width: Option<usize>, used: usize) -> std::borrow::Cow<'_, str> {
    let Some(width) = width else {
        return text.into();
    };
    let room = width.saturating_sub(used).max(10);
    if text.width() <= room {
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
