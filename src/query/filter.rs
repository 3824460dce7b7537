//! Which events are shown.

use super::expression::Expression;
use super::glob::Globs;
use super::window::Window;
use crate::model::event::Event;
use crate::model::sys_event::SysMember;
use regex::Regex;
use std::collections::HashSet;

/// How many ids are learned of each kind.
const MOST_LEARNED: usize = 4096;

/// The ids that go with names that are asked for.
#[derive(Clone, Debug, Default)]
pub struct LearnedIds {
    triggers: HashSet<String>,
    flows: HashSet<String>,
}

impl LearnedIds {
    /// Takes in others.
    pub fn merge(&mut self, other: &LearnedIds) {
        for (known, others) in [
            (&mut self.triggers, &other.triggers),
            (&mut self.flows, &other.flows),
        ] {
            for id in others {
                learn(known, id);
            }
        }
    }
}

/// Everything an event must pass to be shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Its type.
    pub types: Globs,
    /// `sys` or `usr`; none for all.
    pub kind: Option<&'static str>,
    /// The trigger's id, or its name in any case.
    pub triggers: Vec<String>,
    /// The flow's id, or its name in any case.
    pub flows: Vec<String>,
    /// The ids that have been found beside those names.
    pub learned: LearnedIds,
    /// The status a status node has set.
    pub statuses: Vec<String>,
    /// The flow ran longer than this, in milliseconds.
    pub slower_than: Option<f64>,
    /// The envelope's own text matches.
    pub grep: Option<Regex>,
    /// The expressions hold.
    pub expressions: Vec<Expression>,
    /// It was created then; an event without a time passes.
    pub window: Window,
}

impl Filter {
    /// Whether every event passes, as far as the kind is right.
    pub fn is_open(&self) -> bool {
        self.types.is_empty()
            && self.triggers.is_empty()
            && self.flows.is_empty()
            && self.statuses.is_empty()
            && self.slower_than.is_none()
            && self.grep.is_none()
            && self.expressions.is_empty()
            && self.window.is_everything()
    }

    /// Whether triggers or flows are asked for, perhaps by their names.
    pub fn asks_names(&self) -> bool {
        !self.triggers.is_empty() || !self.flows.is_empty()
    }

    /// Asks for the ids in an event that go with the names asked for: an event of what has gone
    /// wrong may have the id alone.
    pub fn learn(&mut self, event: &Event<'_>) {
        if !self.asks_names() {
            return;
        }
        let facts = event.facts();
        let [id, schedule_id, name, schedule_name] = facts.trigger_marks();
        if is_named(&self.triggers, &[name, schedule_name]) {
            for id in [id, schedule_id].into_iter().flatten() {
                learn(&mut self.learned.triggers, id);
            }
        }
        if is_named(&self.flows, &[facts.text(SysMember::FlowName)])
            && let Some(id) = facts.text(SysMember::FlowId)
        {
            learn(&mut self.learned.flows, id);
        }
    }

    /// Whether an event has a name that is asked for.
    pub fn is_by_name(&self, event: &Event<'_>) -> bool {
        if !self.asks_names() {
            return false;
        }
        let facts = event.facts();
        let [_, _, name, schedule_name] = facts.trigger_marks();
        is_named(&self.triggers, &[name, schedule_name])
            || is_named(&self.flows, &[facts.text(SysMember::FlowName)])
    }

    /// Whether an event is shown. The cheapest questions come first.
    pub fn passes(&self, event: &Event<'_>) -> bool {
        self.kind.is_none_or(|kind| kind == event.kind)
            && self.types.matches(&event.event_type)
            && self.window.contains_text(event.ts.as_deref())
            && self.has_facts(event)
            && self
                .grep
                .as_ref()
                .is_none_or(|grep| grep.is_match(event.raw))
            && self
                .expressions
                .iter()
                .all(|expression| expression.matches(event))
    }

    /// Whether events are asked for their facts.
    pub fn asks_facts(&self) -> bool {
        !self.triggers.is_empty()
            || !self.flows.is_empty()
            || !self.statuses.is_empty()
            || self.slower_than.is_some()
    }

    fn has_facts(&self, event: &Event<'_>) -> bool {
        if !self.asks_facts() {
            return true;
        }
        let facts = event.facts();
        let [id, schedule_id, name, schedule_name] = facts.trigger_marks();
        let (flow_id, flow_name) = (
            facts.text(SysMember::FlowId),
            facts.text(SysMember::FlowName),
        );
        let status = facts.text(SysMember::Status);
        let Filter { learned, .. } = self;
        let has = |known: &HashSet<String>, id: Option<&str>| {
            !known.is_empty() && id.is_some_and(|id| known.contains(id))
        };
        (among(&self.triggers, &[id, schedule_id], &[name, schedule_name])
            || has(&learned.triggers, id)
            || has(&learned.triggers, schedule_id))
            && (among(&self.flows, &[flow_id], &[flow_name]) || has(&learned.flows, flow_id))
            && among(&self.statuses, &[status], &[])
            && self.slower_than.is_none_or(|limit| {
                facts
                    .number(SysMember::DurationMs)
                    .is_some_and(|took| took > limit)
            })
    }
}

/// Whether one of the wanted is among the ids, exactly, or the names.
fn among(wanted: &[String], ids: &[Option<&str>], names: &[Option<&str>]) -> bool {
    let is_id = |wanted: &str| ids.iter().flatten().any(|id| *id == wanted);
    wanted.is_empty() || wanted.iter().any(|one| is_id(one)) || is_named(wanted, names)
}

/// Whether one of the wanted is among the names.
fn is_named(wanted: &[String], names: &[Option<&str>]) -> bool {
    let mut names = names.iter().flatten();
    names.any(|name| wanted.iter().any(|wanted| same_name(name, wanted)))
}

fn learn(known: &mut HashSet<String>, id: &str) {
    if known.len() < MOST_LEARNED && !known.contains(id) {
        known.insert(id.to_owned());
    }
}

/// Whether names are the same but for case.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one == other
        || one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii()) && one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::timestamp::Timestamp;

    #[test]
    fn triggers_are_found_by_id_and_name_under_either_field() {
        let schedule = r#"{"type":"trigger.schedule.ok","data":{"schedule_id":"s1","schedule_name":"Nightly","duration_ms":2500}}"#;
        let failed = r#"{"type":"trigger.schedule.failed","data":{"trigger_id":"s1"}}"#;
        let by = |trigger: &str| Filter {
            triggers: vec![trigger.to_owned()],
            ..Filter::default()
        };
        for (filter, raw, expected) in [
            (by("s1"), schedule, true),
            (by("Nightly"), schedule, true),
            (by("nightly"), schedule, true),
            (by("S1"), schedule, false),
            (by("s1"), failed, true),
            (by("s2"), failed, false),
        ] {
            assert_eq!(filter.passes(&Event::read(raw).unwrap()), expected, "{raw}");
        }
        let slow = Filter {
            slower_than: Some(2000.0),
            ..Filter::default()
        };
        assert!(slow.passes(&Event::read(schedule).unwrap()));
        assert!(!slow.passes(&Event::read(failed).unwrap()));
    }

    #[test]
    fn events_without_a_time_pass_the_window() {
        let filter = Filter {
            window: Window {
                since: Timestamp::parse("2024-05-03T00:00:00Z"),
                before: Timestamp::parse("2024-05-04T00:00:00Z"),
            },
            ..Filter::default()
        };
        for (ts, expected) in [
            (r#""2024-05-03T00:00:00Z""#, true),
            (r#""2024-05-02T23:59:59.999Z""#, false),
            (r#""2024-05-04T00:00:00Z""#, false),
            ("null", true),
            (r#""soon""#, true),
        ] {
            let raw = format!(r#"{{"type":"x","ts":{ts}}}"#);
            assert_eq!(filter.passes(&Event::read(&raw).unwrap()), expected, "{ts}");
        }
    }
}
