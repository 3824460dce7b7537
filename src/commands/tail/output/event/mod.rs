//! The line of an event for people: when, how bad, what, to what, and what happened.

mod story;
#[cfg(test)]
mod tests;
mod time;

use crate::commands::tail::output::names::{LearnedName, Names};
use crate::model::event::{Event, Facts};
use crate::model::format::{AdviceDisplay, Time};
use crate::model::sys_event::{Severity, SysMember};
use crate::model::timestamp::Zone;
use crate::render::fit::{columns, cut, cut_words, pad};
use crate::render::sanitise;
use crate::render::theme::{Ink, Theme};
use crate::render::wrap;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;
use story::{Story, recovered};
use time::TimeColumn;

/// Writes events as lines for people. Remembers what later events refer to, within bounds.
#[derive(Debug)]
pub struct HumanEvents {
    inks: Inks,
    time: TimeColumn,
    /// The columns of the terminal; none when lines must not be cut.
    width: Option<usize>,
    names: Names,
    story: Story,
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
/// What stands between a trigger's name and the flow's.
const ARROW: &str = " → ";

/// The least that is shown of a flow's name behind the trigger's.
const LEAST_FLOW: usize = 4;

/// The least that is shown of what happened behind two names: how long it took.
const LEAST_DETAIL: usize = 11;

/// How many lines the text of one event gets below it.
const MOST_LINES: usize = 4;
impl HumanEvents {
    /// `width` cuts long lines.
    pub fn new(theme: Theme, zone: Zone, time: Time, width: Option<usize>) -> HumanEvents {
        HumanEvents {
            inks: Inks {
                bad: Ink::new(theme.error),
                notice: Ink::new(theme.warning),
                dim: Ink::new(theme.dim),
                name: Ink::new(theme.name),
                hint: Ink::new(theme.hint),
            },
            time: TimeColumn::new(time, zone),
            width,
            names: Names::default(),
            story: Story::new(zone),
            advice: AdviceDisplay::default(),
            advised: HashSet::new(),
            fields: Vec::new(),
            detail: String::new(),
        }
    }

    /// The same with advice this often.
    #[must_use]
    pub fn advising(mut self, advice: AdviceDisplay) -> HumanEvents {
        self.advice = advice;
        self
    }

    /// The same with these fields in place of the story.
    #[must_use]
    pub fn showing(mut self, fields: &[String]) -> HumanEvents {
        self.fields = fields.to_vec();
        self
    }

    /// Remembers the names in an event: not every event repeats them.
    pub fn learn(&mut self, facts: &Facts<'_>) {
        for (id, name) in names_in(facts) {
            self.names.learn(id, name);
        }
    }

    /// Remembers a name.
    pub fn learn_name(&mut self, learned: &LearnedName<'_>) {
        self.names.take(learned);
    }

    /// The next line comes behind others that are not known here, so its day may be a new one.
    pub fn forget_day(&mut self) {
        self.time.forget_day();
    }

    /// Lines were written that did not pass through here.
    pub fn was_ahead(&mut self) {
        self.time.pass_usual();
    }

    /// Writes an event before its turn; false, and nothing, if its line depends on those before it.
    /// So does the first one of a block: nobody knows yet whether its day is a new one.
    pub fn write_ahead(&mut self, event: &Event<'_>, out: &mut String) -> bool {
        let begin = out.len();
        // In any case: the next one is on its day, or not.
        let indent = self.time_column(event, out);
        let begins_day = self.time.new_day().is_some();
        if begins_day || !self.time.is_usual() || self.depends_on_others(event) {
            out.truncate(begin);
            return false;
        }
        self.line(event, None, indent, out);
        true
    }

    fn depends_on_others(&self, event: &Event<'_>) -> bool {
        if event.kind == "hivelog" || event.ts.is_none() && self.time.is_shown() {
            return true;
        }
        let facts = event.facts();
        let is_nameless = |id: Option<&str>, name: Option<&str>| id.is_some() && name.is_none();
        self.fields.is_empty()
            && (Story::remembers(event)
                || is_nameless(facts.trigger_id(), facts.trigger_name())
                || is_nameless(
                    facts.text(SysMember::FlowId),
                    facts.text(SysMember::FlowName),
                ))
    }

    /// Writes one event, line break included.
    pub fn write(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        self.learn(event.facts());
        let begin = out.len();
        let indent = self.time_column(event, out);
        if let Some(day) = self.time.new_day() {
            out.insert_str(begin, &format!("── {day} ──\n"));
        }
        self.line(event, source, indent, out);
    }

    /// Writes what follows the time.
    fn line(&mut self, event: &Event<'_>, source: Option<&str>, indent: usize, out: &mut String) {
        let facts = event.facts();
        let severity = severity(event);
        if !self.fields.is_empty() && event.kind != "hivelog" {
            return self.chosen(event, severity, indent, out);
        }
        let used = indent + self.title(event, severity, source, out);
        let mut detail = std::mem::take(&mut self.detail);
        let consequence = self.story.write(event, facts, &mut detail);
        let consequence = consequence.filter(|text| self.is_advice_due(text));
        let text = sanitise::line(&detail);
        let (name, name_columns) = self.name(facts, event);
        // The flow is what people know and ask for: it comes before most of the details.
        let crowded = name.contains(ARROW)
            && self.width.is_some_and(|width| {
                (used + ROOMY_NAME + 2 + LEAST_DETAIL..ROOMY).contains(&width)
            });
        let name_width = match self.width {
            Some(width) if width >= WIDE => WIDE_NAME,
            Some(width) if width >= ROOMY => ROOMY_NAME,
            _ if crowded => ROOMY_NAME,
            _ => NAME_WIDTH,
        };
        // Names that differ in their ends only can be distinguished where there is room for them.
        let room = self
            .width
            .map_or(0, |width| width.saturating_sub(used + 2 + columns(&text)));
        let most = name_width.max(room.min(LONGEST_NAME));
        let behind = match (&*name, self.width) {
            // What has no name says what happened in its place.
            ("", _) => used,
            (_, None) => used + name_columns.max(name_width) + 2,
            (_, Some(_)) => used + name_columns.clamp(name_width, most) + 2,
        };
        let fits = |width| behind + columns(&text) <= width;
        let is_below = !self.width.is_none_or(fits) && severity != Severity::Quiet;
        if text.is_empty() || is_below {
            let most = self
                .width
                .map_or(usize::MAX, |width| width.saturating_sub(used));
            let name = whole_names(&name, most);
            self.inks.name.write(&cut(name, self.width, used), out);
            out.truncate(out.trim_end().len());
        } else {
            if !name.is_empty() {
                let most = self.width.map(|_| most);
                let shown = cut(whole_names(&name, most.unwrap_or(usize::MAX)), most, 0);
                self.inks.name.write(&shown, out);
                let is_whole = shown.len() == name.len();
                let used = if is_whole {
                    name_columns
                } else {
                    columns(&shown)
                };
                pad(out, used, name_width);
            }
            match text.split_once(", ") {
                // Half of the second detail says nothing.
                Some((first, _)) if crowded && self.width.is_some_and(|width| !fits(width)) => {
                    out.push_str(&cut_words(&format!("{first}, …"), self.width, behind));
                }
                _ => out.push_str(&cut_words(&text, self.width, behind)),
            }
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

    /// Writes the time; returns the columns up to what follows it.
    fn time_column(&mut self, event: &Event<'_>, out: &mut String) -> usize {
        if !self.time.is_shown() {
            return 2;
        }
        self.inks.dim.begin(out);
        let used = self.time.write(event, out);
        self.inks.dim.end(out);
        out.push_str("  ");
        used + 4
    }

    /// The trigger's name and the flow's, where both are known and differ; else the one that is
    /// known, or the trigger's id. Safe to show, with the columns it takes: most is ASCII but for
    /// the arrow, and to measure that alone is what takes time.
    fn name<'n>(&'n self, facts: &'n Facts<'_>, event: &Event<'_>) -> (Cow<'n, str>, usize) {
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
            let (trigger, flow) = (sanitise::line(trigger), sanitise::line(flow));
            let taken = columns(&trigger) + columns(ARROW) + columns(&flow);
            return ([&trigger, ARROW, &*flow].concat().into(), taken);
        }
        let user = || {
            facts
                .text(SysMember::Username)
                .filter(|_| event.event_type.starts_with("auth."))
        };
        let name = trigger.or(flow).or_else(|| id.map(short)).or_else(user);
        let name = sanitise::line(name.unwrap_or_default());
        let taken = columns(&name);
        (name, taken)
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
                Value::String(text) if text.is_empty() => continue,
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

/// The names in an event, each with its id.
pub fn names_in<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'f str, &'f str)> {
    let trigger = facts.trigger_id().zip(facts.trigger_name());
    let flow = facts.text(SysMember::FlowId);
    let flow = flow.zip(facts.text(SysMember::FlowName));
    trigger.into_iter().chain(flow)
}

/// How bad an event is; of a gap it depends on what became of it.
fn severity(event: &Event<'_>) -> Severity {
    match &*event.event_type {
        "hivelog.gap" if !recovered(event) => Severity::Bad,
        "hivelog.gap" | "hivelog.dropped" => Severity::Notice,
        other => Severity::of(other),
    }
}

/// The part of a UUID that is enough to distinguish it from the others on a screen.
fn short(id: &str) -> &str {
    match id.split_once('-') {
        Some((first, _)) if id.len() == 36 => first,
        _ => id,
    }
}

/// A trigger's name with as much of the flow's as there is room for; the trigger's alone where only
/// the arrow would be left.
fn whole_names(name: &str, room: usize) -> &str {
    match name.split_once(ARROW) {
        Some((trigger, flow)) => {
            let before = columns(trigger) + columns(ARROW);
            let fits = before + columns(flow).min(LEAST_FLOW) <= room;
            if fits { name } else { trigger }
        }
        None => name,
    }
}
