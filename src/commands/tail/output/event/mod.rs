//! The line of an event for people: when, how bad, what, to what, and the story it tells.

mod story;

use crate::commands::tail::output::clock::Clock;
use crate::commands::tail::output::names::Names;
use crate::model::duration::plain_duration;
use crate::model::event::{Event, Facts};
use crate::model::format::{AdviceDisplay, Time};
use crate::model::sys_event::{Severity, SysMember};
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::fit::{columns, cut, pad};
use crate::render::sanitise;
use crate::render::theme::{Ink, Theme};
use crate::render::wrap;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;
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
    /// How often advice is shown, and which has been.
    advice: AdviceDisplay,
    advised: HashSet<String>,
    /// The fields to show in place of the story; none for that.
    fields: Vec<String>,
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
/// From so many columns on there is room for longer names, and for both names of most.
const ROOMY: usize = 100;
const ROOMY_NAME: usize = 24;
const WIDE: usize = 140;
const WIDE_NAME: usize = 36;
/// The longest name that takes room that nothing else needs.
const LONGEST_NAME: usize = 60;
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
            clock: Clock::new(zone),
            time,
            width,
            names: Names::default(),
            story: Story::new(zone),
            before: None,
            time_width: match time {
                Time::Short => 12,
                Time::Full => 30,
                Time::Delta => 14,
                Time::None => 0,
            },
            advice: AdviceDisplay::default(),
            advised: HashSet::new(),
            fields: Vec::new(),
            detail: String::new(),
        }
    }

    /// The same with advice this often.
    #[must_use]
    pub fn advising(mut self, advice: AdviceDisplay) -> Human {
        self.advice = advice;
        self
    }

    /// The same with these fields in place of the story.
    #[must_use]
    pub fn showing(mut self, fields: &[String]) -> Human {
        self.fields = fields.to_vec();
        self
    }

    /// Remembers the names in an event: not every event repeats them.
    pub fn learn(&mut self, facts: &Facts<'_>) {
        let flow = facts.text(SysMember::FlowId);
        for (id, name) in [
            (facts.trigger_id(), facts.trigger_name()),
            (flow, facts.text(SysMember::FlowName)),
        ] {
            if let (Some(id), Some(name)) = (id, name) {
                self.names.learn(id, name);
            }
        }
    }

    /// Writes one event, line break included.
    pub fn write(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let facts = event.facts();
        self.learn(facts);
        let begin = out.len();
        let indent = self.time_column(event, out) + 2;
        if let Some(day) = self.clock.new_day() {
            out.insert_str(begin, &format!("── {day} ──\n"));
        }
        let severity = severity(event);
        if !self.fields.is_empty() && event.kind != "hivelog" {
            return self.chosen(event, severity, indent, out);
        }
        let used = indent + self.title(event, severity, source, out);
        let mut detail = std::mem::take(&mut self.detail);
        let consequence = self.story.tell(event, facts, &mut detail);
        let consequence = consequence.filter(|text| self.is_advice_due(text));
        let text = sanitise::line(&detail);
        let name = self.name(facts, event);
        let name = sanitise::line(&name);
        let name_width = match self.width {
            Some(width) if width >= WIDE => WIDE_NAME,
            Some(width) if width >= ROOMY => ROOMY_NAME,
            _ => NAME_WIDTH,
        };
        // Names that differ in their ends only are told apart where there is room for them.
        let room = self
            .width
            .map_or(0, |width| width.saturating_sub(used + 2 + columns(&text)));
        let most = name_width.max(room.min(LONGEST_NAME));
        let behind = match (&*name, self.width) {
            // What has no name says what happened in its place.
            ("", _) => used,
            (name, None) => used + columns(name).max(name_width) + 2,
            (name, Some(_)) => used + columns(name).clamp(name_width, most) + 2,
        };
        let fits = |width| behind + columns(&text) <= width;
        let is_below = !self.width.is_none_or(fits) && severity != Severity::Quiet;
        if text.is_empty() || is_below {
            self.inks.name.write(&cut(&name, self.width, used), out);
            out.truncate(out.trim_end().len());
        } else {
            if !name.is_empty() {
                let name = cut(&name, self.width.map(|_| most), 0);
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
        let (sign, ink) = self.sign(severity);
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

    /// The trigger's name and the flow's, where both are known and differ; else the one that is
    /// known, or the trigger's id.
    fn name<'n>(&'n self, facts: &'n Facts<'_>, event: &Event<'_>) -> Cow<'n, str> {
        let known = |name: Option<&'n str>, id: Option<&str>| {
            name.or_else(|| id.and_then(|id| self.names.of(id)))
        };
        let id = facts.trigger_id();
        let trigger = known(facts.trigger_name(), id);
        let flow = known(
            facts.text(SysMember::FlowName),
            facts.text(SysMember::FlowId),
        );
        if let (Some(trigger), Some(flow)) = (trigger, flow)
            && trigger != flow
        {
            return format!("{trigger} → {flow}").into();
        }
        let user = || {
            facts
                .text(SysMember::Username)
                .filter(|_| event.event_type.starts_with("auth."))
        };
        let name = trigger.or(flow).or_else(|| id.map(short)).or_else(user);
        name.unwrap_or_default().into()
    }

    /// Whether advice is to be shown now.
    fn is_advice_due(&mut self, text: &str) -> bool {
        match self.advice {
            AdviceDisplay::Always => true,
            AdviceDisplay::Never => false,
            AdviceDisplay::Once => {
                !self.advised.contains(text) && self.advised.insert(text.to_owned())
            }
        }
    }

    /// Writes the chosen fields behind the time: the type as it is, others with their names.
    fn chosen(&self, event: &Event<'_>, severity: Severity, indent: usize, out: &mut String) {
        let (sign, ink) = self.sign(severity);
        ink.write(sign, out);
        let mut pairs = String::new();
        for name in &self.fields {
            let Some(value) = event.field(name) else {
                continue;
            };
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            pairs.push_str(if pairs.is_empty() { "" } else { "  " });
            if name != "type" {
                let _ = write!(pairs, "{name}=");
            }
            pairs.push_str(&text);
        }
        let pairs = sanitise::line(&pairs);
        out.push(' ');
        out.push_str(&cut(&pairs, self.width, indent));
        out.truncate(out.trim_end().len());
        out.push('\n');
    }

    fn sign(&self, severity: Severity) -> (&'static str, &Ink) {
        match severity {
            Severity::Bad => ("E", &self.inks.bad),
            Severity::Notice => ("N", &self.inks.notice),
            Severity::Quiet => ("·", &self.inks.dim),
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
── 2024-05-03 +12:00 ──
17:29:00.000  · trigger.schedule.ok        Nightly orders            1 min 1 s
17:30:02.114  E trigger.schedule.failed    Nightly orders            flow validation failed: node 3
                the server will try to disable this trigger; open the flow and save it: the editor
                shows descriptive errors
17:30:02.131  E trigger.schedule.disabled  Nightly orders            (17 ms later)
17:30:09.870  · trigger.event.ok           Stock update              412 ms, in 3 out 3
"
        );
    }

    #[test]
    fn trigger_and_flow_are_both_named_where_they_differ_and_learned_from_any_event() {
        let ok = r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.event.ok","data":{"trigger_id":"t1","trigger_name":"Stock levels","flow_id":"f1","flow_name":"Stock sync","duration_ms":412}}"#;
        let failed = r#"{"ts":"2024-05-04T05:30:02Z","type":"trigger.event.failed","data":{"trigger_id":"t1","flow_id":"f1","error":"node 7"}}"#;
        let text = shown(Some(80), &[ok, failed]);
        assert_eq!(
            text,
            "\
── 2024-05-03 +12:00 ──
17:29:00.000  · trigger.event.ok           Stock levels → Stock sync  412 ms
── 2024-05-04 +12:00 ──
17:30:02.000  E trigger.event.failed       Stock levels → Stock sync  node 7
"
        );
    }

    #[test]
    fn advice_is_shown_once_unless_it_is_wanted_more_or_less_often() {
        let failed = |second: u32, error: &str| {
            format!(
                r#"{{"ts":"2024-05-03T05:30:{second:02}Z","type":"trigger.event.failed","data":{{"trigger_id":"t{second}","error":"{error}"}}}}"#
            )
        };
        let events = [
            failed(1, "flow validation failed: a"),
            failed(2, "flow validation failed: b"),
            failed(3, "failed to fetch target flow: c"),
        ];
        for (advice, times) in [
            (AdviceDisplay::Once, 2),
            (AdviceDisplay::Always, 3),
            (AdviceDisplay::Never, 0),
        ] {
            let human = Human::new(Theme::new(false), Zone::Utc, Time::Short, None);
            let mut human = human.advising(advice);
            let mut out = String::new();
            for raw in &events {
                human.write(&Event::read(raw).unwrap(), None, &mut out);
            }
            let shown = out.matches("the server will ").count();
            assert_eq!(shown, times, "{out}");
        }
    }

    #[test]
    fn chosen_fields_stand_in_place_of_the_story() {
        let raw = r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.event.ok","data":{"flow_name":"a\nb","duration_ms":412}}"#;
        let human = Human::new(Theme::new(false), Zone::Utc, Time::Short, Some(80));
        let fields = ["type", "duration_ms", "none", "flow_name"].map(str::to_owned);
        let mut out = String::new();
        human
            .showing(&fields)
            .write(&Event::read(raw).unwrap(), None, &mut out);
        assert_eq!(
            out,
            "── 2024-05-03 +00:00 ──\n05:29:00.000  · trigger.event.ok  duration_ms=412  flow_name=a\\nb\n"
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
