//! Which events are shown.

use super::expression::{Expression, regex};
use super::glob::Globs;
use crate::model::event::Event;
use crate::model::sys_event::SysMember;
use crate::model::timestamp::Timestamp;
use regex::Regex;

/// Everything an event must pass to be shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Its type.
    pub types: Globs,
    /// `sys` or `usr`; none for all.
    pub kind: Option<String>,
    /// The trigger's id or name.
    pub triggers: Vec<String>,
    /// The flow's id or name.
    pub flows: Vec<String>,
    /// The status a status node has set.
    pub statuses: Vec<String>,
    /// The flow ran longer than this, in milliseconds.
    pub slower_than: Option<f64>,
    /// The envelope's own text matches.
    pub grep: Option<Regex>,
    /// The expressions hold.
    pub expressions: Vec<Expression>,
    /// It was created then or later; an event without a time passes.
    pub since: Option<Timestamp>,
}

impl Filter {
    /// Sets what the envelope's text must match.
    pub fn grep(&mut self, pattern: &str) -> Result<(), String> {
        self.grep = Some(regex(pattern)?);
        Ok(())
    }

    /// Whether an event is shown. The cheapest questions come first.
    pub fn passes(&self, event: &Event<'_>) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == event.kind)
            && self.types.matches(&event.event_type)
            && self.is_recent(event)
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

    fn is_recent(&self, event: &Event<'_>) -> bool {
        let (Some(since), Some(ts)) = (self.since, event.ts.as_deref()) else {
            return true;
        };
        Timestamp::parse(ts).is_none_or(|ts| ts >= since)
    }

    fn has_facts(&self, event: &Event<'_>) -> bool {
        if self.triggers.is_empty()
            && self.flows.is_empty()
            && self.statuses.is_empty()
            && self.slower_than.is_none()
        {
            return true;
        }
        let facts = event.facts();
        among(&self.triggers, &facts.trigger_marks())
            && among(
                &self.flows,
                &[
                    facts.text(SysMember::FlowId),
                    facts.text(SysMember::FlowName),
                ],
            )
            && among(&self.statuses, &[facts.text(SysMember::Status)])
            && self.slower_than.is_none_or(|limit| {
                facts
                    .number(SysMember::DurationMs)
                    .is_some_and(|took| took > limit)
            })
    }
}

fn among(wanted: &[String], found: &[Option<&str>]) -> bool {
    wanted.is_empty()
        || found
            .iter()
            .flatten()
            .any(|found| wanted.iter().any(|wanted| wanted == found))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            since: Timestamp::parse("2024-05-03T00:00:00Z"),
            ..Filter::default()
        };
        for (ts, expected) in [
            (r#""2024-05-03T00:00:00Z""#, true),
            (r#""2024-05-02T23:59:59.999Z""#, false),
            ("null", true),
            (r#""soon""#, true),
        ] {
            let raw = format!(r#"{{"type":"x","ts":{ts}}}"#);
            assert_eq!(filter.passes(&Event::read(&raw).unwrap()), expected, "{ts}");
        }
    }
}
