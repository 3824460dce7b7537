//! One event for people: what happened, to what, and what follows from it.

use super::clock::Clock;
use super::names::Names;
use super::sanitise;
use super::theme::{Ink, Theme};
use super::wrap;
use crate::model::event::{Event, Facts};
use crate::model::format::Time;
use crate::model::sys_event::Severity;
use crate::model::timestamp::{Plain, Timestamp, Zone, plain_duration};
use crate::model::trigger::{FailurePrefix, TriggerKind};
use serde_json::Value;
use std::borrow::Cow;
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
    /// The columns the latest time took.
    time_width: usize,
    /// Memory for what happened, as it is put together.
    detail: String,
}

#[derive(Debug)]
struct Inks {
    bad: Ink,
    notice: Ink,
    dim: Ink,
    name: Ink,
    hint: Ink,
}

/// How many triggers that failed are remembered.
const REMEMBERED: usize = 4096;
const TYPE_WIDTH: usize = 25;
const NAME_WIDTH: usize = 15;
/// Below so many columns times are shown without their offset.
const NARROW: usize = 100;
/// From so many columns on there is room for longer names.
const WIDE: usize = 140;
const WIDE_NAME: usize = 28;
/// How many lines the text of one event gets below it.
const MOST_LINES: usize = 4;
/// As many as mostly stand between two columns.
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
                hint: Ink::new(theme.hint),
            },
            zone,
            // On a narrow screen the room is needed for what happened.
            clock: Clock::new(zone, width.is_none_or(|width| width >= NARROW)),
            time,
            width,
            names: Names::default(),
            failed: HashMap::new(),
            before: None,
            time_width: match time {
                Time::Short if width.is_some_and(|width| width < NARROW) => 12,
                Time::Short => 19,
                Time::Full => 30,
                Time::Delta => 14,
                Time::None => 0,
            },
            detail: String::new(),
        }
    }

    /// Writes one event, line break included.
    pub fn write(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let facts = event.facts();
        if let (Some(id), Some(name)) = (facts.trigger_id(), facts.trigger_name()) {
            self.names.learn(id, name);
        }
        let begin = out.len();
        let indent = self.time_column(event, out) + 2;
        if let Some(day) = self.clock.new_day() {
            out.insert_str(begin, &format!("── {day} ──\n"));
        }
        let severity = severity(event);
        let used = indent + self.title(event, severity, source, out);
        let mut detail = std::mem::take(&mut self.detail);
        let consequence = self.story(event, facts, &mut detail);
        let text = sanitise::line(&detail);
        let name = sanitise::line(self.name(facts, event));
        let name_width = match self.width {
            Some(width) if width >= WIDE => WIDE_NAME,
            _ => NAME_WIDTH,
        };
        let behind = match (&*name, self.width) {
            // What has no name says what happened in its place.
            ("", _) => used,
            (name, None) => used + columns(name).max(name_width) + 2,
            // Names that differ in their ends only are told apart where there is room for them.
            (_, Some(_)) => used + name_width + 2,
        };
        let fits = |width| behind + columns(&text) <= width;
        let is_below = !self.width.is_none_or(fits) && severity != Severity::Quiet;
        if text.is_empty() || is_below {
            self.inks.name.write(&cut(&name, self.width, used), out);
            out.truncate(out.trim_end().len());
        } else {
            if !name.is_empty() {
                let name = cut(&name, self.width.map(|_| name_width), 0);
                self.inks.name.write(&name, out);
                pad(out, columns(&name), name_width);
            }
            out.push_str(&cut(&text, self.width, behind));
        }
        out.push('\n');
        if is_below {
            self.below(indent, &text, None, out);
        }
        if let Some(consequence) = consequence {
            let text = sanitise::line(&consequence);
            self.below(indent, &text, Some(&self.inks.hint), out);
        }
        detail.clear();
        self.detail = detail;
    }

    /// Writes what a person must read to the end on lines of its own, within reason.
    fn below(&self, indent: usize, text: &str, ink: Option<&Ink>, out: &mut String) {
        let Some(width) = self.width else {
            let _ = writeln!(out, "{:indent$}{text}", "");
            return;
        };
        let lines = wrap::fold(text, width.saturating_sub(indent));
        let more = lines.len() > MOST_LINES;
        for (at, line) in lines.iter().take(MOST_LINES).enumerate() {
            let _ = write!(out, "{:indent$}", "");
            let line = if more && at + 1 == MOST_LINES {
                cut(&format!("{line} …"), Some(width), indent).into_owned()
            } else {
                cut(line, Some(width), indent).into_owned()
            };
            match ink {
                Some(ink) => ink.write(&line, out),
                None => out.push_str(&line),
            }
            out.push('\n');
        }
    }

    /// Writes how bad it is and what it is called; returns the columns behind the sign.
    fn title(
        &self,
        event: &Event<'_>,
        severity: Severity,
        source: Option<&str>,
        out: &mut String,
    ) -> usize {
        let (sign, ink) = match severity {
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
        let own = || {
            let at = |name: &str| event.value().get(name)?.as_str();
            at("at")
                .or_else(|| at("to"))
                .filter(|_| event.kind == "hivelog")
        };
        match event.ts.as_deref().or_else(own) {
            Some(text) => self.time(text, out),
            // As wide as the one before, so that what follows is aligned.
            None => out.extend(std::iter::repeat_n(' ', self.time_width)),
        }
        let used = columns(&out[begin..]);
        self.time_width = used;
        self.inks.dim.end(out);
        out.push_str("  ");
        used + 2
    }

    fn time(&mut self, text: &str, out: &mut String) {
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
            ("auth", ..) => self.authenticated(facts, out),
            ("hivelog", ..) => self.own(event, verb, out),
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
                        "{count} events are missing here: the reader was too slow"
                    ),
                    _ => write!(out, "{count} repeats were left out"),
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
            Plain(Duration::from_millis(millis)),
            self.time_of(from),
            self.time_of(to),
            reason.unwrap_or("unknown reason")
        )
    }

    fn time_of(&self, instant: Timestamp) -> String {
        let mut text = instant.at(self.zone).short();
        if self.width.is_some_and(|width| width < NARROW) {
            text.truncate(12);
        }
        text
    }

    fn authenticated(&self, facts: &Facts<'_>, out: &mut String) {
        // How it is written is not documented.
        let known = |exp| Timestamp::parse(exp).or_else(|| Timestamp::parse_epoch(exp));
        let exp = facts.exp.get().map(|exp| match known(exp) {
            Some(exp) => Cow::Owned(exp.at(self.zone).full()),
            None => Cow::Borrowed(exp),
        });
        for (before, text) in [
            ("from ", facts.ip.get()),
            (": ", facts.reason.get()),
            (", token until ", exp.as_deref()),
        ] {
            if let Some(text) = text {
                out.push_str(before);
                out.push_str(text);
            }
        }
    }
}

/// How bad an event is; of a gap it depends on what became of it.
fn severity(event: &Event<'_>) -> Severity {
    match &*event.event_type {
        "hivelog.gap" if !recovered(event) => Severity::Bad,
        "hivelog.gap" | "hivelog.dropped" => Severity::Notice,
        other => Severity::of(other),
    }
}

fn recovered(event: &Event<'_>) -> bool {
    event.field("recovered").and_then(Value::as_bool) == Some(true)
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

/// Writes blanks up to a column and two more; returns the columns taken, the text's included.
pub(super) fn pad(out: &mut String, used: usize, width: usize) -> usize {
    let blanks = width.saturating_sub(used) + 2;
    match BLANKS.get(..blanks) {
        Some(usual) => out.push_str(usual),
        None => out.extend(std::iter::repeat_n(' ', blanks)),
    }
    used + blanks
}

/// The columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

/// The text as far as the line has room, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, width: Option<usize>, used: usize) -> Cow<'_, str> {
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
                       the server will try to disable this trigger; open the flow and save it: the
                       editor shows descriptive errors
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
