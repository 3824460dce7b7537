//! Recorded events that were prepared before their turn.

use super::{Session, StopReason};
use crate::commands::tail::output::ahead::BesideText;
use crate::commands::tail::output::names::LearnedName;
use crate::commands::tail::recorded::{PreparedEvent, Preparer, RenderedEvents};
use crate::query::no_match::NoMatch;
use crate::wire::envelope::Layout;

impl Session<'_> {
    /// What prepares records for this run.
    pub(in crate::commands::tail) fn preparer(&self, layout: Layout) -> Preparer {
        let opener = self.opener(layout);
        let inner = self.inner.borrow();
        let ahead = inner.audience.style_ahead();
        let ahead = ahead.filter(|_| !self.rules.in_turn);
        Preparer {
            opener,
            filter: self.rules.filter.borrow().clone(),
            conditions: inner.verdict.conditions().cloned().collect(),
            wants_raw: inner.most.is_some(),
            style: ahead.cloned(),
        }
    }

    /// Whether an event can be shown as it was rendered: what opens the output is written with the
    /// first one.
    pub(in crate::commands::tail) fn is_ready_for(
        &self,
        event: &PreparedEvent,
        before: &RenderedEvents,
    ) -> bool {
        let inner = self.inner.borrow();
        !event.passes || inner.most.is_some() || before.events > 0 || inner.audience.has_begun()
    }

    /// Takes an event; `text` is what is shown of it, or its own text where only the last are shown.
    pub(in crate::commands::tail) fn prepared_event(&self, event: &PreparedEvent, text: &str) {
        let inner = &mut *self.inner.borrow_mut();
        inner.events += 1;
        inner.counts.asked += 1;
        inner.counts.matched += u64::from(event.passes);
        let is_last = event.passes && inner.keep_last(text);
        let shown = event.passes && !is_last;
        let now = self.time_of_event(inner);
        let outcome = inner.verdict.other_event(shown, now);
        self.judged(inner, outcome);
    }

    /// Shows events that were accepted.
    pub(in crate::commands::tail) fn show_prepared(&self, shown: &RenderedEvents, text: &str) {
        let inner = &mut *self.inner.borrow_mut();
        if inner.most.is_some() {
            return;
        }
        inner.counts.shown += shown.events;
        inner.counts.bad += shown.bad;
        if let Err(failure) = inner.audience.write_ahead(text, shown.events) {
            inner.decide(StopReason::Failed(failure));
        }
    }

    /// Remembers a name that an event has taught.
    pub(in crate::commands::tail) fn learn(&self, learned: &LearnedName<'_>) {
        self.inner.borrow_mut().audience.learn(learned);
    }

    /// Takes what was found out about the events of a block together.
    pub(in crate::commands::tail) fn looked_ahead(&self, beside: &BesideText, no_match: NoMatch) {
        let inner = &mut *self.inner.borrow_mut();
        inner.audience.looked_ahead(beside);
        if inner.counts.matched == 0 && !self.rules.filter.borrow().is_open() {
            inner.counts.no_match.merge(no_match);
        }
    }

    /// Lets a time-out or a settled condition end the run.
    pub(in crate::commands::tail) fn tick(&self) {
        let inner = &mut *self.inner.borrow_mut();
        if let Some(outcome) = inner.verdict.tick(self.began.elapsed()) {
            inner.decide(StopReason::Decided(outcome));
        }
    }

    /// Shows a summary again.
    pub(in crate::commands::tail) fn refresh(&self) {
        let inner = &mut *self.inner.borrow_mut();
        if let Err(failure) = inner.audience.refresh() {
            inner.decide(StopReason::Failed(failure));
        }
    }
}
