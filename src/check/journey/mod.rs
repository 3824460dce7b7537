//! The rules about records that belong together.
//!
//! A journey is the records with the same key, in input order. What is remembered of one is small
//! and of fixed size, so that memory grows with the number of journeys and not with their length.

mod end;
mod hashing;
mod name;
mod state;
mod step;
mod store;
mod table;
mod twins;

pub use end::End;
pub use name::name;
pub use step::{Step, Told, canonical, key};
pub use store::Place;

use super::Policy;
use super::codes::Known;
use super::rule::Rule;
use crate::model::stage::Stage;
use crate::model::timestamp::plain_duration;
use end::Ends;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use table::Table;

/// Where a record stands, for later records to refer to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The source's number in this run.
    pub source: u32,
    /// The line in it.
    pub line: u32,
}

/// One thing that is wrong with a record in its journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The rule.
    pub rule: Rule,
    /// The member it is about; empty for the whole record.
    pub member: &'static str,
    /// What is wrong.
    pub message: String,
}

/// A part of an event that is split into streams.
#[derive(Clone, Copy, Debug)]
struct Part {
    data: u64,
    stream: u64,
    mark: Mark,
}

impl Part {
    /// Whether it is another part than one of this stream, with another `dataId`. None stands for
    /// a value that no part has.
    fn differs(&self, stream: Option<u64>, data: Option<u64>) -> bool {
        Some(self.stream) != stream && Some(self.data) != data
    }

    /// Whether there may be a record that differs from this part and from none of the others.
    fn adds_to(&self, parts: &[Part]) -> bool {
        let one_of = |value: fn(&Part) -> u64| {
            let values = parts.iter().map(move |part| Some(value(part)));
            values.chain([None])
        };
        one_of(|part| part.stream).any(|stream| {
            one_of(|part| part.data).any(|data| {
                let told = parts.iter().any(|part| part.differs(stream, data));
                self.differs(stream, data) && !told
            })
        })
    }
}

/// Every journey of a run.
#[derive(Debug, Default)]
pub struct Journeys {
    store: Store,
    /// The first part of each event that is split.
    first_parts: Table<Part>,
    /// What else must be known of an event's parts to tell whether a further one differs.
    other_parts: Table<Vec<Part>>,
    ends: Ends,
    sources: Sources,
}

/// The names of what was read, by number.
#[derive(Debug, Default)]
struct Sources {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    /// The one at hand.
    last: u32,
}

impl Sources {
    fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize).map(|name| &**name)
    }

    fn number(&mut self, name: &str) -> u32 {
        if self.name(self.last).is_none_or(|last| last != name) {
            self.last = self.numbers.get(name).copied().unwrap_or_else(|| {
                let new = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                let name: Arc<str> = name.into();
                self.names.push(Arc::clone(&name));
                self.numbers.insert(name, new);
                new
            });
        }
        self.last
    }
}

impl Journeys {
    /// How many journeys there are.
    pub fn count(&self) -> u64 {
        self.store.count()
    }

    /// The number of a source.
    pub fn source(&mut self, name: &str) -> u32 {
        self.sources.number(name)
    }

    /// Looks for the journey of a record among those that have begun.
    pub fn find(&self, step: &Step) -> Option<Place> {
        self.store.find(step.key)
    }

    /// Moves a journey on, or begins it. `place` is where it was found.
    pub fn advance(&mut self, place: Option<Place>, step: &Step, mark: Mark) {
        match place {
            None => self.store.begin(step, mark),
            Some(place) => self.store.advance(place, step, mark),
        }
        let Some(stream) = step.stream else {
            return;
        };
        let part = Part {
            data: step.data,
            stream,
            mark,
        };
        let Some(first) = self.first_parts.get(step.event) else {
            self.first_parts.set(step.event, part);
            return;
        };
        let mut parts = vec![*first];
        parts.extend(self.other_parts.get(step.event).into_iter().flatten());
        if part.adds_to(&parts) {
            parts.push(part);
            self.other_parts.set(step.event, parts.split_off(1));
        }
    }

    /// What is wrong with a record in its journey as it stands, if it was found. `code` is the code
    /// as written.
    pub fn judge(
        &self,
        place: Option<Place>,
        step: &Step,
        mark: Mark,
        policy: &Policy,
        code: impl Fn() -> String,
    ) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        self.judge_parts(step, mark, &mut troubles);
        let Some(journey) = place.map(|place| self.store.journey(step.key, place)) else {
            return troubles;
        };
        let mut trouble = |rule, member, message| {
            troubles.push(Trouble {
                rule,
                member,
                message,
            });
        };
        if let Some(id) = journey.terminal
            && step.has_code
            && step.code.is_none_or(|code| code.id != id)
        {
            let terminal = Known { id, suffix: None };
            let place = self.place(journey.terminal_mark, mark);
            let message = format!(
                "{} follows the terminal error {} ({place})",
                code(),
                terminal.name(policy)
            );
            trouble(Rule::AfterTerminalError, "eventCode", message);
        }
        if journey.has_said(step) {
            let message = "the same code, stage, outcome, time and detail again".to_owned();
            trouble(Rule::DuplicateLog, "", message);
        }
        if let Some(known) = step.code
            && let (own, twins) = twins::bits(known)
            && journey.twins & twins != 0
            && journey.twins & own == 0
            && let Some(entry) = known.code()
        {
            trouble(Rule::FalseTwin, "eventCode", twins::told(entry));
        }
        if let Some((_, number)) = step.stage
            && let (Some(stage), Some(last)) =
                (Stage::numbered(number), Stage::numbered(journey.stage))
            && stage.direction == last.direction
            && number < last.number
        {
            let message = format!("{} comes after {}", stage.key, last.key);
            trouble(Rule::StageGoesBack, "lifeCycleStage", message);
        }
        if let (Some(time), Some(last)) = (step.time, journey.time)
            && time < last
        {
            let back = Duration::from_micros(last.abs_diff(time));
            let message = format!(
                "generatedAt is {} earlier than before ({})",
                plain_duration(back),
                self.place(journey.time_mark, mark)
            );
            trouble(Rule::TimeGoesBack, "generatedAt", message);
        }
        if let (Some(live), Some(before)) = (step.mode, journey.mode)
            && live != before
        {
            let word = |live: bool| if live { "LIVE" } else { "SANDBOX" };
            let message = format!(
                "{} in a journey that was {} before",
                word(live),
                word(!live)
            );
            trouble(Rule::MixedMode, "mode", message);
        }
        troubles
    }

    fn judge_parts(&self, step: &Step, mark: Mark, troubles: &mut Vec<Trouble>) {
        let (Some(stream), Some(first)) = (step.stream, self.first_parts.get(step.event)) else {
            return;
        };
        let others = self.other_parts.get(step.event).into_iter().flatten();
        let mut parts = std::iter::once(first).chain(others);
        if let Some(part) = parts.find(|part| part.differs(Some(stream), Some(step.data))) {
            let place = self.place(part.mark, mark);
            troubles.push(Trouble {
                rule: Rule::SplitDataId,
                member: "dataId",
                message: format!("dataId differs from that of the event's other part ({place})"),
            });
        }
    }

    fn place(&self, mark: Mark, from: Mark) -> String {
        let line = mark.line;
        match self.sources.name(mark.source) {
            Some(name) if mark.source != from.source => format!("{name} line {line}"),
            _ => format!("line {line}"),
        }
    }

    /// Remembers the last record of a journey for as long as its outcome is unfinished.
    pub fn remember_end(&mut self, step: &Step, end: impl FnOnce() -> End) {
        let place = self.find(step);
        let journey = place.map(|place| self.store.journey(step.key, place));
        if step.unfinished && journey.is_none_or(|journey| journey.terminal.is_none()) {
            self.ends.set(&end());
        } else {
            self.ends.clear(step.key);
        }
    }

    /// The journeys that end in an unfinished outcome, in input order, with their source's name.
    pub fn unfinished(&mut self) -> impl Iterator<Item = (Arc<str>, End)> + use<> {
        let names = self.sources.names.clone();
        self.ends.take().map(move |end| {
            let name = names.get(end.source as usize);
            (name.cloned().unwrap_or_default(), end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Few parts of an event are remembered, and they tell what all of them would tell.
        #[test]
        fn no_part_that_differs_is_overlooked(
            seen in prop::collection::vec((0..4_u64, 0..4_u64), 1..20)
        ) {
            let mut all: Vec<Part> = Vec::new();
            let mut kept: Vec<Part> = Vec::new();
            for (stream, data) in seen {
                let part = Part { data, stream, mark: Mark::default() };
                let differs = |part: &Part| part.differs(Some(stream), Some(data));
                prop_assert_eq!(all.iter().any(differs), kept.iter().any(differs));
                all.push(part);
                if part.adds_to(&kept) {
                    kept.push(part);
                }
                prop_assert!(kept.len() <= 5, "{:?}", kept);
            }
        }
    }
}
