//! What records are grouped by, and where that stands in them.

use crate::commands::record_kind::LogFields;
use crate::model::event::Event;
use crate::model::sys_event::{Severity, SysMember};
use crate::model::timestamp::{Timestamp, Zone};
use crate::query::folding::pattern;
use std::borrow::Cow;

/// What records are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Flows for events, codes for event logs.
    Default,
    /// The flow's name, else its id.
    Flow,
    /// The trigger's name, else its id.
    Trigger,
    /// The event's type.
    Type,
    /// The status a status node has set.
    Status,
    /// What went wrong, folded.
    Error,
    /// The event code.
    Code,
    /// The integration.
    Integration,
    /// The shape.
    Shape,
    /// The stage of the lifecycle.
    Stage,
    /// The outcome.
    Outcome,
    /// The correlation id.
    Journey,
    /// The hour.
    Hour,
    /// The day.
    Day,
    /// The file.
    File,
}

impl By {
    /// Every key that can be asked for, by its name.
    pub const NAMED: [(&str, By); 14] = [
        ("flow", By::Flow),
        ("trigger", By::Trigger),
        ("type", By::Type),
        ("status", By::Status),
        ("error", By::Error),
        ("code", By::Code),
        ("integration", By::Integration),
        ("shape", By::Shape),
        ("stage", By::Stage),
        ("outcome", By::Outcome),
        ("journey", By::Journey),
        ("hour", By::Hour),
        ("day", By::Day),
        ("file", By::File),
    ];

    /// Its name; nothing where none was asked for.
    pub fn name(self) -> Option<&'static str> {
        let known = By::NAMED.iter().find(|(_, by)| *by == self);
        known.map(|(name, _)| *name)
    }

    /// What a record needs in order to be counted.
    pub fn needs(self) -> &'static str {
        match self {
            By::Default => "a flow or an event code",
            By::Flow => "a flow",
            By::Trigger => "a trigger",
            By::Type => "a type",
            By::Status => "a status",
            By::Error => "an error",
            By::Code => "an event code",
            By::Integration => "an integration",
            By::Shape => "a shape",
            By::Stage => "a stage",
            By::Outcome => "an outcome",
            By::Journey => "a correlation id",
            By::Hour | By::Day => "a time",
            By::File => "a file",
        }
    }

    /// Whether only sys events have it.
    pub fn is_of_events(self) -> bool {
        matches!(self, By::Flow | By::Trigger | By::Type | By::Status)
    }

    /// Whether only event logs have it.
    pub fn is_of_logs(self) -> bool {
        matches!(
            self,
            By::Code | By::Integration | By::Shape | By::Stage | By::Outcome | By::Journey
        )
    }

    /// Whether groups stand in the order of their keys.
    pub fn is_in_order(self) -> bool {
        matches!(self, By::Hour | By::Day)
    }
}

/// A record that is counted, and what can be asked of both kinds.
pub enum Counted<'e, 'a> {
    /// A sys event.
    Event(&'e Event<'a>),
    /// An event log, and the same as if it were an event.
    Log(&'e LogFields<'a>, &'e Event<'a>),
}

impl<'e, 'a> Counted<'e, 'a> {
    /// The record as an event.
    pub fn event(&self) -> &'e Event<'a> {
        match self {
            Counted::Event(event) | Counted::Log(_, event) => event,
        }
    }

    /// Whether it reports something bad.
    pub fn is_bad(&self) -> bool {
        match self {
            Counted::Event(event) => Severity::of(&event.event_type) == Severity::Bad,
            Counted::Log(log, _) => log.event_code.get().is_some_and(|code| code.ends_with('E')),
        }
    }

    /// When it happened, as it was written.
    pub fn written_time(&self) -> Option<&'e str> {
        self.event().ts.as_deref()
    }

    /// What went wrong, if anything did.
    pub fn error(&self) -> Option<String> {
        if !self.is_bad() {
            return None;
        }
        let text = match self {
            Counted::Event(event) => {
                let facts = event.facts();
                let members = [SysMember::Error, SysMember::Reason, SysMember::Msg];
                let mut texts = members.iter().filter_map(|member| facts.text(*member));
                texts.next().unwrap_or(&event.event_type)
            }
            Counted::Log(log, _) => {
                let detail = log
                    .detail
                    .get()
                    .and_then(|detail| detail.trim().lines().next());
                detail.or(log.event_code.get()).unwrap_or_default()
            }
        };
        Some(text.to_owned())
    }

    /// Name and id of the flow.
    pub fn flow(&self) -> (Option<&'e str>, Option<&'e str>) {
        let facts = self.event().facts();
        (
            facts.text(SysMember::FlowName),
            facts.text(SysMember::FlowId),
        )
    }

    /// Name and id of the trigger.
    pub fn trigger(&self) -> (Option<&'e str>, Option<&'e str>) {
        let facts = self.event().facts();
        (facts.trigger_name(), facts.trigger_id())
    }

    /// The group it belongs to.
    pub fn key(&self, by: By, source: &'e str, zone: Zone) -> Option<Cow<'e, str>> {
        let stamp = || Some(Timestamp::parse(self.written_time()?)?.at(zone));
        let named = |(name, id): (Option<&'e str>, Option<&'e str>)| name.or(id).map(Cow::Borrowed);
        match (by, self) {
            (By::File, _) => Some(source.into()),
            (By::Hour, _) => Some(stamp()?.hour().into()),
            (By::Day, _) => Some(stamp()?.day().into()),
            (By::Error, _) => self.error().map(|text| pattern(&text).into()),
            (By::Default | By::Flow, Counted::Event(_)) => named(self.flow()),
            (By::Trigger, Counted::Event(_)) => named(self.trigger()),
            (By::Type, Counted::Event(event)) => Some(Cow::Borrowed(&event.event_type)),
            (By::Status, Counted::Event(event)) => {
                event.facts().text(SysMember::Status).map(Cow::Borrowed)
            }
            (by, Counted::Log(log, _)) => {
                let text = match by {
                    By::Default | By::Code => log.event_code.get(),
                    By::Integration => log.integration_key.get(),
                    By::Shape => log.shape_name.get(),
                    By::Stage => log.life_cycle_stage.get(),
                    By::Outcome => log.outcome.get(),
                    By::Journey => log.correlation_id.get(),
                    _ => None,
                };
                text.map(Cow::Borrowed)
            }
            _ => None,
        }
    }
}
