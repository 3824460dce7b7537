//! The rules about records that belong together.
//!
//! A journey is the records with the same key, in input order. What is remembered of one is small
//! and of fixed size, so that memory grows with the number of journeys and not with their length.

mod end;
mod hashing;
mod state;
mod step;
mod table;
mod twins;

pub use end::End;
pub use step::Step;
pub use table::Place;

use super::Policy;
use super::codes::Known;
use super::rule::Rule;
use crate::model::timestamp::plain_duration;
use end::Ends;
use state::{Journey, NO_TIME, One, State};
use std::collections::HashMap;
use std::time::Duration;
use table::Table;

/// Where a record stands, for later records to refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The first part of an event, and the latest one that is unlike it.
#[derive(Clone, Copy, Debug)]
struct Parts {
    first: Part,
    other: Option<Part>,
}

/// Every journey of a run.
#[derive(Debug, Default)]
pub struct Journeys {
    all: Table<State>,
    /// The journeys of several records.
    several: Vec<Vec<Journey>>,
    parts: Table<Parts>,
    ends: Ends,
    sources: Sources,
}

/// How many journeys of several records are allocated at once.
const CHUNK: usize = 256;

/// The names of what was read, by number.
#[derive(Debug, Default)]
struct Sources {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The one at hand.
    last: u32,
}

impl Sources {
    fn name(&self, number: u32) -> Option<&String> {
        self.names.get(number as usize)
    }

    fn number(&mut self, name: &str) -> u32 {
        if self.name(self.last).is_none_or(|last| last != name) {
            self.last = self.numbers.get(name).copied().unwrap_or_else(|| {
                let new = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                self.names.push(name.to_owned());
                self.numbers.insert(name.to_owned(), new);
                new
            });
        }
        self.last
    }
}

impl Journeys {
    /// How many journeys there are.
    pub fn count(&self) -> u64 {
        self.all.len()
    }

    /// The number of a source.
    pub fn source(&mut self, name: &str) -> u32 {
        self.sources.number(name)
    }

    /// Looks for the journey of a record among those that have begun.
    pub fn find(&self, step: &Step) -> Option<Place> {
        self.all.find(step.key)
    }

    /// Moves a journey on, or begins it. `place` is where it was found.
    pub fn advance(&mut self, place: Option<Place>, step: &Step, mark: Mark) {
        match place {
            None => {
                let state = One::of(step, mark)
                    .map_or_else(|| self.add(Journey::begun(step, mark)), State::One);
                self.all.add(step.key, state);
            }
            Some(place) => match *self.all.at(place) {
                State::One(one) => {
                    let mut journey = one.journey();
                    journey.advance(step, mark);
                    *self.all.at_mut(place) = self.add(journey);
                }
                State::Several(at) => {
                    self.several[at as usize / CHUNK][at as usize % CHUNK].advance(step, mark);
                }
            },
        }
        if let Some(stream) = step.stream {
            self.advance_parts(step, stream, mark);
        }
    }

    fn add(&mut self, journey: Journey) -> State {
        let full = self.several.last().is_none_or(|chunk| chunk.len() == CHUNK);
        if full {
            self.several.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.several.len() - 1) * CHUNK;
        let chunk = &mut self.several[before / CHUNK];
        chunk.push(journey);
        State::Several(u32::try_from(before + chunk.len() - 1).unwrap_or(u32::MAX))
    }

    fn advance_parts(&mut self, step: &Step, stream: u64, mark: Mark) {
        let part = Part {
            data: step.data,
            stream,
            mark,
        };
        let Some(place) = self.parts.find(step.event) else {
            let parts = Parts {
                first: part,
                other: None,
            };
            self.parts.add(step.event, parts);
            return;
        };
        let parts = self.parts.at_mut(place);
        if (part.data, part.stream) != (parts.first.data, parts.first.stream) {
            parts.other = Some(part);
        }
    }

    /// A journey as it stands.
    fn journey(&self, place: Place) -> Option<Journey> {
        match *self.all.at(place) {
            State::One(one) => Some(one.journey()),
            State::Several(at) => {
                let chunk = self.several.get(at as usize / CHUNK)?;
                chunk.get(at as usize % CHUNK).copied()
            }
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
        let Some(journey) = place.and_then(|place| self.journey(place)) else {
            return troubles;
        };
        let mut trouble = |rule, member, message| {
            troubles.push(Trouble {
                rule,
                member,
                message,
            });
        };
        let other = step.has_code && step.code.is_none_or(|code| code.id != journey.terminal);
        if journey.has_failed() && other {
            let terminal = Known {
                id: journey.terminal,
                suffix: None,
            };
            let place = self.place(journey.terminal_mark, mark);
            let message = format!(
                "{} follows the terminal error {} ({place})",
                code(),
                terminal.name(policy)
            );
            trouble(Rule::AfterTerminalError, "eventCode", message);
        }
        if journey.recent.contains(&step.same) {
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
        if let Some((direction, number)) = step.stage
            && direction == journey.stage.0
            && number < journey.stage.1
        {
            let name = |number: u8| {
                crate::model::stage::STAGES
                    .get(usize::from(number).wrapping_sub(1))
                    .map_or("", |stage| stage.key)
            };
            let message = format!("{} comes after {}", name(number), name(journey.stage.1));
            trouble(Rule::StageGoesBack, "lifeCycleStage", message);
        }
        if let Some(time) = step.time
            && journey.time != NO_TIME
            && time < journey.time
        {
            let back = Duration::from_micros(journey.time.abs_diff(time));
            let message = format!(
                "generatedAt is {} earlier than before ({})",
                plain_duration(back),
                self.place(journey.time_mark, mark)
            );
            trouble(Rule::TimeGoesBack, "generatedAt", message);
        }
        if let Some(live) = step.mode
            && journey.mode != 0
            && journey.mode != 1 + u8::from(live)
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
        let (Some(stream), Some(parts)) = (step.stream, self.parts.find(step.event)) else {
            return;
        };
        let parts = self.parts.at(parts);
        let differs = |part: &Part| part.stream != stream && part.data != step.data;
        if let Some(part) = std::iter::once(parts.first)
            .chain(parts.other)
            .find(differs)
        {
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
        let journey = self.find(step).and_then(|place| self.journey(place));
        if step.unfinished && !journey.is_some_and(|journey| journey.has_failed()) {
            self.ends.set(step.key, &end());
        } else {
            self.ends.clear(step.key);
        }
    }

    /// The journeys that end in an unfinished outcome, in input order, with their source's name.
    pub fn unfinished(&mut self) -> Vec<(String, End)> {
        let ends = self.ends.take().into_iter();
        ends.map(|end| {
            let name = self.sources.name(end.source);
            (name.cloned().unwrap_or_default(), end)
        })
        .collect()
    }
}
