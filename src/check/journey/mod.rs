//! The rules about records that belong together.
//!
//! A journey is the records with the same key, in input order. What is remembered of one is small
//! and of fixed size, so that memory grows with the number of journeys and not with their length.

mod hashing;
mod step;
mod twins;

pub use step::{Step, Told, canonical, key};

use super::Policy;
use super::codes::Known;
use super::rule::Rule;
use crate::model::timestamp::plain_duration;
use hashing::Map;
use std::time::Duration;

/// How many of a journey's last records are compared for repeats.
const REMEMBERED: usize = 4;

/// Maps are split so that a growing one never copies everything at once.
const SHARDS: usize = 64;

/// Where a record stands, for later records to refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The source's number in this run.
    pub source: u16,
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

/// What is remembered of a journey.
#[derive(Clone, Copy, Debug)]
struct Journey {
    time: i64,
    recent: [u64; REMEMBERED],
    terminal_line: u32,
    time_line: u32,
    terminal_source: u16,
    time_source: u16,
    /// The terminal error's code, or `u16::MAX`.
    terminal: u16,
    stage: (u8, u8),
    /// One bit for each code that has a false twin.
    twins: u8,
    mode: u8,
    next: u8,
}

const NO_TIME: i64 = i64::MIN;
const NO_CODE: u16 = u16::MAX;

impl Journey {
    fn new() -> Journey {
        Journey {
            time: NO_TIME,
            recent: [0; REMEMBERED],
            terminal_line: 0,
            time_line: 0,
            terminal_source: 0,
            time_source: 0,
            terminal: NO_CODE,
            stage: (0, 0),
            twins: 0,
            mode: 0,
            next: 0,
        }
    }

    fn advance(&mut self, step: &Step, mark: Mark) {
        if let Some(code) = step.code {
            if code.is_error() && self.terminal == NO_CODE {
                self.terminal = code.id;
                self.terminal_line = mark.line;
                self.terminal_source = mark.source;
            }
            self.twins |= twins::bits(code).0;
        }
        self.stage = step.stage.unwrap_or(self.stage);
        if let Some(time) = step.time {
            self.time = time;
            self.time_line = mark.line;
            self.time_source = mark.source;
        }
        self.mode = step.mode.map_or(self.mode, |live| 1 + u8::from(live));
        self.recent[usize::from(self.next)] = step.same;
        self.next = (self.next + 1) % u8::try_from(REMEMBERED).unwrap_or(1);
    }
}

/// A part of an event that is split into streams.
#[derive(Clone, Copy, Debug)]
struct Part {
    data: u64,
    stream: u64,
    line: u32,
    source: u16,
}

/// The first part of an event, and the latest one that is unlike it.
#[derive(Clone, Copy, Debug)]
struct Parts {
    first: Part,
    other: Option<Part>,
}

/// Every journey of a run.
#[derive(Debug)]
pub struct Journeys {
    open: Vec<Map<Journey>>,
    parts: Map<Parts>,
    ends: Map<End>,
    sources: Vec<String>,
}

/// The last record of a journey that may never have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The source's number in this run.
    pub source: u16,
    /// The record's number.
    pub number: u64,
    /// The line it begins on.
    pub line: u64,
    /// The column it begins in.
    pub column: u64,
    /// The journey's correlation id.
    pub correlation_id: String,
    /// The unfinished outcome.
    pub outcome: String,
}

impl Default for Journeys {
    fn default() -> Self {
        Journeys {
            open: (0..SHARDS).map(|_| Map::default()).collect(),
            parts: Map::default(),
            ends: Map::default(),
            sources: Vec::new(),
        }
    }
}

impl Journeys {
    /// How many journeys there are.
    pub fn count(&self) -> u64 {
        self.open.iter().map(|shard| shard.len() as u64).sum()
    }

    /// The number of a source; the one that was named last is the one at hand.
    pub fn source(&mut self, name: &str) -> u16 {
        let known = self.sources.iter().rposition(|known| known == name);
        let at = known.unwrap_or_else(|| {
            self.sources.push(name.to_owned());
            self.sources.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// Moves a journey on.
    pub fn advance(&mut self, step: &Step, mark: Mark) {
        self.open[shard(step.key)]
            .entry(step.key)
            .or_insert_with(Journey::new)
            .advance(step, mark);
        if let Some(stream) = step.stream {
            let part = Part {
                data: step.data,
                stream,
                line: mark.line,
                source: mark.source,
            };
            let parts = self.parts.entry(step.event).or_insert(Parts {
                first: part,
                other: None,
            });
            if (part.data, part.stream) != (parts.first.data, parts.first.stream) {
                parts.other = Some(part);
            }
        }
    }

    /// What is wrong with a record in its journey as it stands. `code` is the code as written.
    pub fn judge(
        &self,
        step: &Step,
        mark: Mark,
        policy: &Policy,
        code: impl Fn() -> String,
    ) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        self.judge_parts(step, mark, &mut troubles);
        let Some(journey) = self.open[shard(step.key)].get(&step.key) else {
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
        if journey.terminal != NO_CODE && other {
            let terminal = Known {
                id: journey.terminal,
                suffix: None,
            };
            let place = self.place(journey.terminal_source, journey.terminal_line, mark);
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
                self.place(journey.time_source, journey.time_line, mark)
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
        let (Some(stream), Some(parts)) = (step.stream, self.parts.get(&step.event)) else {
            return;
        };
        let differs = |part: &Part| part.stream != stream && part.data != step.data;
        if let Some(part) = std::iter::once(parts.first)
            .chain(parts.other)
            .find(differs)
        {
            let place = self.place(part.source, part.line, mark);
            troubles.push(Trouble {
                rule: Rule::SplitDataId,
                member: "dataId",
                message: format!("dataId differs from that of the event's other part ({place})"),
            });
        }
    }

    fn place(&self, source: u16, line: u32, from: Mark) -> String {
        match self.sources.get(usize::from(source)) {
            Some(name) if source != from.source => format!("{name} line {line}"),
            _ => format!("line {line}"),
        }
    }

    /// Remembers the last record of a journey for as long as its outcome is unfinished.
    pub fn remember_end(&mut self, step: &Step, end: impl FnOnce() -> End) {
        let ended = self.open[shard(step.key)]
            .get(&step.key)
            .is_some_and(|journey| journey.terminal != NO_CODE);
        if step.unfinished && !ended {
            self.ends.insert(step.key, end());
        } else {
            self.ends.remove(&step.key);
        }
    }

    /// The journeys that end in an unfinished outcome, in input order, with their source's name.
    pub fn unfinished(&mut self) -> Vec<(String, End)> {
        let mut ends: Vec<_> = self.ends.drain().map(|(_, end)| end).collect();
        ends.sort_unstable_by_key(|end| (end.source, end.number));
        ends.into_iter()
            .map(|end| {
                let name = self.sources.get(usize::from(end.source));
                (name.cloned().unwrap_or_default(), end)
            })
            .collect()
    }
}

fn shard(key: u64) -> usize {
    // Neither the lowest bits nor the highest seven, which the map itself goes by.
    usize::try_from(key >> 48).unwrap_or(0) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_of_a_journey_is_small() {
        assert!(
            size_of::<Journey>() + size_of::<u64>() <= 80,
            "{}",
            size_of::<Journey>()
        );
    }
}
