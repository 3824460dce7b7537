//! The rules about records that belong together.
//!
//! A journey is the records with the same key, in input order. What is remembered of one is small
//! and of fixed size, so that memory grows with the number of journeys and not with their length.

mod by_hash;
mod end;
mod hashing;
mod name;
mod state;
mod step;
mod twins;

pub use end::JourneyEnd;
pub use name::name;
pub use step::{Step, canonical, custom_key, key};

use super::Policy;
use super::known_code::Known;
use super::rule::Rule;
use crate::model::duration::plain_duration;
use crate::model::stage::Stage;
use by_hash::ByHash;
use state::Journey;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Where a record stands, for later records to refer to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordLine {
    /// The source's number in this run.
    pub source: u32,
    /// The line in it.
    pub line: u32,
}

/// One thing that is wrong with a record in its journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneyViolation {
    /// The rule.
    pub rule: Rule,
    /// The member it is about; empty for the whole record.
    pub member: &'static str,
    /// What is wrong.
    pub message: String,
}

/// A part of an event that is split into streams.
#[derive(Clone, Copy, Debug)]
struct EventPart {
    data: u64,
    stream: u64,
    mark: RecordLine,
}

impl EventPart {
    /// Whether it is another part than one of this stream, with another `dataId`. None stands for
    /// a value that no part has.
    fn differs(&self, stream: Option<u64>, data: Option<u64>) -> bool {
        Some(self.stream) != stream && Some(self.data) != data
    }

    /// Whether there may be a record that differs from this part and from none of the others.
    fn adds_to(&self, parts: &[EventPart]) -> bool {
        let one_of = |value: fn(&EventPart) -> u64| {
            let values = parts.iter().map(move |part| Some(value(part)));
            values.chain([None])
        };
        one_of(|part| part.stream).any(|stream| {
            one_of(|part| part.data).any(|data| {
                let is_found = parts.iter().any(|part| part.differs(stream, data));
                self.differs(stream, data) && !is_found
            })
        })
    }
}

/// Every journey of a run.
#[derive(Debug, Default)]
pub struct Journeys {
    known: ByHash<Journey>,
    /// What must be known of the parts of each event that is split to find out whether a further one
    /// differs.
    parts: ByHash<Vec<EventPart>>,
    /// The last records of journeys that end in an unfinished outcome.
    ends: HashMap<u64, JourneyEnd>,
    sources: SourceNames,
}

/// The names of what was read, by number.
#[derive(Debug, Default)]
struct SourceNames {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    /// The one at hand.
    last: u32,
}

impl SourceNames {
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
        self.known.len() as u64
    }

    /// The number of a source.
    pub fn source(&mut self, name: &str) -> u32 {
        self.sources.number(name)
    }

    /// Looks for the journeys of records that come next. Each look-up waits for memory, and here
    /// the waits overlap; what is found is then at hand.
    pub fn look_ahead<'a>(&self, steps: impl Iterator<Item = &'a Step>) {
        let known = steps.filter(|step| self.known.get(step.key).is_some());
        std::hint::black_box(known.count());
    }

    /// Moves a journey on, or begins it.
    pub fn advance(&mut self, step: &Step, mark: RecordLine) {
        match self.known.get_mut(step.key) {
            Some(journey) => journey.advance(step, mark),
            None => self.known.insert(step.key, Journey::begun(step, mark)),
        }
        let Some(stream) = step.stream else {
            return;
        };
        let part = EventPart {
            data: step.data,
            stream,
            mark,
        };
        match self.parts.get_mut(step.event) {
            Some(parts) if part.adds_to(parts) => parts.push(part),
            Some(_) => {}
            None => self.parts.insert(step.event, vec![part]),
        }
    }

    /// What is wrong with a record in its journey as it stands. `code` is the code as written.
    pub fn judge(
        &self,
        step: &Step,
        mark: RecordLine,
        policy: &Policy,
        code: impl Fn() -> String,
    ) -> Vec<JourneyViolation> {
        let mut troubles = Vec::new();
        self.judge_parts(step, mark, &mut troubles);
        let Some(journey) = self.known.get(step.key) else {
            return troubles;
        };
        let mut trouble = |rule, member, message| {
            troubles.push(JourneyViolation {
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
            trouble(Rule::FalseTwin, "eventCode", twins::message(entry));
        }
        self.judge_progress(step, journey, mark, &mut troubles);
        troubles
    }

    /// Whether a record comes after the ones before it, and in the same mode.
    fn judge_progress(
        &self,
        step: &Step,
        journey: &Journey,
        mark: RecordLine,
        troubles: &mut Vec<JourneyViolation>,
    ) {
        let mut trouble = |rule, member, message| {
            troubles.push(JourneyViolation {
                rule,
                member,
                message,
            });
        };
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
    }

    fn judge_parts(&self, step: &Step, mark: RecordLine, troubles: &mut Vec<JourneyViolation>) {
        let (Some(stream), Some(parts)) = (step.stream, self.parts.get(step.event)) else {
            return;
        };
        let differs = |part: &&EventPart| part.differs(Some(stream), Some(step.data));
        if let Some(part) = parts.iter().find(differs) {
            let place = self.place(part.mark, mark);
            troubles.push(JourneyViolation {
                rule: Rule::SplitDataId,
                member: "dataId",
                message: format!("dataId differs from that of the event's other part ({place})"),
            });
        }
    }

    fn place(&self, mark: RecordLine, from: RecordLine) -> String {
        let line = mark.line;
        match self.sources.name(mark.source) {
            Some(name) if mark.source != from.source => format!("{name} line {line}"),
            _ => format!("line {line}"),
        }
    }

    /// Remembers the last record of a journey for as long as its outcome is unfinished.
    pub fn remember_end(&mut self, step: &Step, end: impl FnOnce(&'static str) -> JourneyEnd) {
        let journey = self.known.get(step.key);
        let terminated = journey.is_some_and(|journey| journey.terminal.is_some());
        match step.unfinished.filter(|_| !terminated) {
            Some(outcome) => self.ends.insert(step.key, end(outcome)),
            None => self.ends.remove(&step.key),
        };
    }

    /// The journeys that end in an unfinished outcome, in input order, with their source's name.
    pub fn unfinished(&mut self) -> impl Iterator<Item = (Arc<str>, JourneyEnd)> + use<> {
        let names = self.sources.names.clone();
        let mut ends: Vec<JourneyEnd> = self.ends.drain().map(|(_, end)| end).collect();
        ends.sort_unstable_by_key(|end| (end.source, end.number));
        ends.into_iter().map(move |end| {
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
        /// Few parts of an event are remembered, and they show what all of them would show.
        #[test]
        fn no_part_that_differs_is_overlooked(
            seen in prop::collection::vec((0..4_u64, 0..4_u64), 1..20)
        ) {
            let mut all: Vec<EventPart> = Vec::new();
            let mut remembered: Vec<EventPart> = Vec::new();
            for (stream, data) in seen {
                let part = EventPart { data, stream, mark: RecordLine::default() };
                let differs = |part: &EventPart| part.differs(Some(stream), Some(data));
                prop_assert_eq!(all.iter().any(differs), remembered.iter().any(differs));
                all.push(part);
                if part.adds_to(&remembered) {
                    remembered.push(part);
                }
                prop_assert!(remembered.len() <= 5, "{:?}", remembered);
            }
        }
    }
}
