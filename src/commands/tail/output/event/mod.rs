//! The line of an event for people: when, how bad, what, to what, and the story it tells.

mod story;

use crate::commands::tail::output::clock::Clock;
use crate::commands::tail::output::names::Names;
use crate::model::event::{Event, Facts};
use crate::model::format::Time;
use crate::model::sys_event::{Severity, SysMember};
use crate::model::timestamp::{Timestamp, Zone, plain_duration};
use crate::render::fit::{columns, cut, pad};
use crate::render::sanitise;
use crate::render::theme::{Ink, Theme};
use crate::render::wrap;
use std::fmt::Write;
use std::time::Duration;
use story::{Story, recovered};

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
    story: Story,
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

const TYPE_WIDTH: usize = 25;
const NAME_WIDTH: usize = 15;
/// Below so many columns times are shown without their offset.
const NARROW: usize = 100;
/// From so many columns on there is room for longer names.
const WIDE: usize = 140;
const WIDE_NAME: usize = 28;
/// How many lines the text of one event gets below it.
const MOST_LINES: usize = 4;
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
            story: Story::new(zone, width.is_some_and(|width| width < NARROW)),
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
        let consequence = self.story.tell(event, facts, &mut detail);
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
            .or_else(|| facts.text(SysMember::FlowName))
            .or_else(|| id.map(short))
            .or_else(|| {
                facts
                    .text(SysMember::Username)
                    .filter(|_| event.event_type.starts_with("auth."))
            })
            .unwrap_or_default()
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

/// The part of a UUID that is enough to tell it from the others on a screen.
fn short(id: &str) -> &str {
    match id.split_once('-') {
        Some((first, _)) if id.len() == 36 => first,
        _ => id,
    }
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
