//! Why a filter matched nothing: what was asked for and is in no event, and what comes near.

use super::filter::{Filter, same_name};
use crate::model::event::Event;
use crate::model::field;
use crate::model::sys_event::SysMember;
use crate::model::text::nearest;
use crate::model::timestamp::Timestamp;
use std::collections::BTreeSet;

/// How many names of each kind are remembered.
const REMEMBERED: usize = 256;

/// What the events had that a filter left out, as long as it leaves out all of them.
#[derive(Debug, Default)]
pub struct NoMatch {
    /// Fields that no event has had.
    missing: Vec<String>,
    /// Every field name that was seen.
    fields: BTreeSet<String>,
    types: BTreeSet<String>,
    triggers: BTreeSet<String>,
    flows: BTreeSet<String>,
    /// When the first and the last event happened.
    span: Option<(Timestamp, Timestamp)>,
}

impl NoMatch {
    /// Nothing has come yet.
    pub fn of(filter: &Filter) -> NoMatch {
        let paths = filter.expressions.iter().flat_map(|one| one.paths());
        NoMatch {
            missing: paths.map(str::to_owned).collect(),
            ..NoMatch::default()
        }
    }

    /// Looks at an event that was left out.
    pub fn look(&mut self, event: &Event<'_>, filter: &Filter) {
        remember(&mut self.types, Some(&event.event_type));
        if !self.missing.is_empty() {
            self.missing.retain(|path| event.field(path).is_none());
            let data = event.value().get("data").and_then(|data| data.as_object());
            for name in data.into_iter().flat_map(|members| members.keys()) {
                remember(&mut self.fields, Some(name));
            }
        }
        if !filter.triggers.is_empty() || !filter.flows.is_empty() {
            let facts = event.facts();
            remember(&mut self.triggers, facts.trigger_name());
            remember(&mut self.flows, facts.text(SysMember::FlowName));
        }
        if let (false, Some(ts)) = (
            filter.window.is_everything(),
            event.ts.as_deref().and_then(Timestamp::parse),
        ) {
            let (first, last) = self.span.unwrap_or((ts, ts));
            self.span = Some((first.min(ts), last.max(ts)));
        }
    }

    /// Takes in what others have looked at.
    pub fn merge(&mut self, other: NoMatch) {
        self.missing.retain(|path| other.missing.contains(path));
        for (own, others) in [
            (&mut self.fields, other.fields),
            (&mut self.types, other.types),
            (&mut self.triggers, other.triggers),
            (&mut self.flows, other.flows),
        ] {
            for name in &others {
                remember(own, Some(name));
            }
        }
        for stamp in other.span.into_iter().flat_map(<[Timestamp; 2]>::from) {
            let (first, last) = self.span.unwrap_or((stamp, stamp));
            self.span = Some((first.min(stamp), last.max(stamp)));
        }
    }

    /// What keeps events from passing, one part of the filter after the other.
    pub fn reasons(&self, filter: &Filter) -> Vec<String> {
        let mut reasons = Vec::new();
        for glob in filter.types.without_match(&self.types) {
            let near = self.types.iter().map(|known| shaped(known, glob));
            let near = near.collect::<BTreeSet<_>>();
            let guess = guess(glob, near.iter().map(String::as_str));
            reasons.push(format!("no event has a type like {glob}{guess}"));
        }
        for (what, wanted, known) in [
            ("trigger", &filter.triggers, &self.triggers),
            ("flow", &filter.flows, &self.flows),
        ] {
            for name in wanted {
                let is_known = known.iter().any(|known| same_name(known, name));
                let guess = guess(name, known.iter().map(String::as_str));
                if !is_known && (!guess.is_empty() || wanted.len() == 1) {
                    reasons.push(format!("no event has the {what} '{name}'{guess}"));
                }
            }
        }
        for path in &self.missing {
            let (prefix, name) = match path.strip_prefix("data.") {
                Some(name) => ("data.", name),
                None => ("", path.as_str()),
            };
            let seen = self.fields.iter().map(String::as_str);
            let known = seen.chain(field::documented().map(|name| -> &str { name }));
            let guess = nearest(name, known).map_or_else(String::new, |near| {
                format!(" (did you mean {prefix}{near}?)")
            });
            reasons.push(format!("no event has {path}{guess}"));
        }
        if let Some((first, last)) = self.span
            && !filter.window.contains(first)
            && !filter.window.contains(last)
        {
            reasons.push(format!(
                "they happened from {} to {}",
                first.rfc3339(),
                last.rfc3339()
            ));
        }
        reasons
    }
}

fn remember(names: &mut BTreeSet<String>, name: Option<&str>) {
    if let Some(name) = name
        && names.len() < REMEMBERED
        && !names.contains(name)
    {
        names.insert(name.to_owned());
    }
}

/// A type with a star where the glob has one.
fn shaped(event_type: &str, glob: &str) -> String {
    let mut parts = glob.split('.');
    let shaped = event_type.split('.').map(|part| match parts.next() {
        Some("*") => "*",
        _ => part,
    });
    shaped.collect::<Vec<_>>().join(".")
}

fn guess<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(typed, known).map_or_else(String::new, |near| format!(" (did you mean {near}?)"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::expression::Expression;
    use crate::query::window::Window;

    #[test]
    fn what_matched_nothing_is_explained_with_what_comes_near() {
        let event = Event::read(
            r#"{"type":"trigger.schedule.ok","ts":"2024-05-03T00:00:00Z","data":{"trigger_name":"Nightly","flow_name":"Orders","duration_ms":1,"customer_no":2}}"#,
        )
        .unwrap();
        let expression = |text| Expression::parse(text).unwrap();
        for (filter, said) in [
            (
                Filter {
                    types: "trigger.schedle.*,auth.ok".parse().unwrap(),
                    ..Filter::default()
                },
                "no event has a type like trigger.schedle.* (did you mean trigger.schedule.*?); no event has a type like auth.ok",
            ),
            (
                Filter {
                    expressions: vec![expression("data.durationms > 5 and data.customer-no > 1")],
                    ..Filter::default()
                },
                "no event has data.durationms (did you mean data.duration_ms?); no event has data.customer-no (did you mean data.customer_no?)",
            ),
            (
                Filter {
                    flows: vec!["Order".to_owned()],
                    triggers: vec!["weekly".to_owned()],
                    ..Filter::default()
                },
                "no event has the trigger 'weekly'; no event has the flow 'Order' (did you mean Orders?)",
            ),
            (
                Filter {
                    window: Window {
                        since: Timestamp::parse("2024-05-04T00:00:00Z"),
                        before: None,
                    },
                    ..Filter::default()
                },
                "they happened from 2024-05-03T00:00:00.000Z to 2024-05-03T00:00:00.000Z",
            ),
            (Filter::default(), ""),
        ] {
            let mut no_match = NoMatch::of(&filter);
            no_match.look(&event, &filter);
            assert_eq!(no_match.reasons(&filter).join("; "), said);
        }
    }
}
