//! What any core can do about the records of a block before their turn: events are read, filtered
//! and rendered. Whatever depends on those before them is left to their turn.

use crate::commands::tail::output::Style;
use crate::commands::tail::output::ahead::{BesideText, RenderAhead};
use crate::follow::EventIdentity;
use crate::model::event::Event;
use crate::model::sys_event::Severity;
use crate::query::condition::Condition;
use crate::query::filter::Filter;
use crate::query::no_match::NoMatch;
use crate::records::{Batch, InspectRecords};
use crate::wire::envelope::Opener;
use crate::wire::records::Record;

/// How many records of a block are prepared at most: a block can be made of records that take less
/// room than what is known of them.
const MOST: usize = 4096;

/// Prepares records. Without a style everything is left to their turn.
pub(in crate::commands::tail) struct Preparer {
    pub opener: Opener,
    pub filter: Filter,
    /// Conditions on which the run may end.
    pub conditions: Vec<Condition>,
    /// Whether only the last events are shown, so that their own text is needed.
    pub wants_raw: bool,
    pub style: Option<Style>,
}

/// What one core needs.
pub(in crate::commands::tail) struct Tools {
    opener: Opener,
    renderer: RenderAhead,
    /// How long the text of a block has been at most: that of the next is as long.
    longest: usize,
}

/// What is known of the records of a block.
#[derive(Default)]
pub(in crate::commands::tail) struct Prepared {
    /// For each record its event; none where everything is left to its turn.
    pub events: Vec<Option<PreparedEvent>>,
    /// What is shown of the events, one behind the other.
    pub text: String,
    /// What else there is, unless the block was not prepared.
    pub beside: Option<BesideText>,
    /// What the events had that the filter left out, up to the first that it did not.
    pub no_match: NoMatch,
    has_match: bool,
}

/// An event that is the only one of its record, and on which no other depends.
pub(in crate::commands::tail) struct PreparedEvent {
    pub identity: Option<EventIdentity>,
    /// Whether the filter lets it pass.
    pub passes: bool,
    pub is_bad: bool,
    /// Where what is shown of it ends.
    pub end: usize,
}

impl InspectRecords for Preparer {
    type Memory = Option<Tools>;
    type Found = Prepared;

    fn inspect(&self, tools: &mut Option<Tools>, _: &str, batch: &Batch) -> Prepared {
        let mut prepared = Prepared::default();
        let Some(style) = &self.style else {
            return prepared;
        };
        let tools = tools.get_or_insert_with(|| Tools {
            opener: self.opener.clone(),
            renderer: RenderAhead::new(style),
            longest: 0,
        });
        prepared.no_match = NoMatch::of(&self.filter);
        prepared.text.reserve(tools.longest);
        prepared.events.reserve_exact(batch.len().min(MOST));
        for (at, record) in batch.records().take(MOST).enumerate() {
            let event = self.record(at, &record, tools, &mut prepared);
            prepared.events.push(event);
        }
        tools.longest = tools.longest.max(prepared.text.len());
        prepared.beside = Some(tools.renderer.end_block());
        prepared
    }
}

impl Preparer {
    fn record(
        &self,
        at: usize,
        record: &Record<'_>,
        tools: &mut Tools,
        prepared: &mut Prepared,
    ) -> Option<PreparedEvent> {
        let Tools {
            opener, renderer, ..
        } = tools;
        if record.flaw.is_some() || record.is_oversize() {
            renderer.skip();
            return None;
        }
        let (mut values, mut found) = (0, None);
        let begin = prepared.text.len();
        opener.open(record.bytes, None, &mut |opened| {
            values += 1;
            found = opened.ok().and_then(|event| {
                renderer.learn(at, &event);
                (values == 1).then(|| self.event(&event, renderer, prepared))?
            });
        });
        if values > 1 {
            renderer.skip();
        }
        if found.is_none() {
            prepared.text.truncate(begin);
        }
        found
    }

    fn event(
        &self,
        event: &Event<'_>,
        renderer: &mut RenderAhead,
        prepared: &mut Prepared,
    ) -> Option<PreparedEvent> {
        let is_awaited = || self.conditions.iter().any(|one| one.matches(event));
        if event.kind == "hivelog" || is_awaited() {
            renderer.skip();
            return None;
        }
        let passes = self.filter.passes(event);
        prepared.has_match |= passes;
        if passes && self.wants_raw {
            prepared.text.push_str(event.raw);
        } else if passes {
            renderer.event(event, &mut prepared.text).then_some(())?;
        } else if !prepared.has_match && !self.filter.is_open() {
            prepared.no_match.look(event, &self.filter);
        }
        Some(PreparedEvent {
            identity: EventIdentity::of(event),
            passes,
            is_bad: passes && Severity::of(&event.event_type) == Severity::Bad,
            end: prepared.text.len(),
        })
    }
}
