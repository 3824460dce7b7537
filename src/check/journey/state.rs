//! What is remembered of one journey: 24 bytes as long as it has one record, which is what most
//! have, and a fixed number of bytes more from the second one on.

use super::step::Step;
use super::twins;
use super::{Known, Mark};
use crate::model::code::Suffix;
use crate::model::stage::STAGES;
use std::num::NonZeroU16;

/// How many of a journey's last records are compared for repeats.
const REMEMBERED: usize = 4;

/// What is remembered of a journey's records so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journey {
    /// `generatedAt` of the last record that has it.
    pub time: i64,
    /// Where that record is.
    pub time_mark: Mark,
    /// What tells the last records from others.
    pub recent: [u64; REMEMBERED],
    /// The terminal error's code, or [`NO_CODE`].
    pub terminal: u16,
    /// Where the terminal error is.
    pub terminal_mark: Mark,
    /// Direction and number of the last stage.
    pub stage: (u8, u8),
    /// One bit for each code that has a false twin.
    pub twins: u8,
    /// 0 unknown, 1 SANDBOX, 2 LIVE.
    pub mode: u8,
    next: u8,
}

/// No time yet.
pub const NO_TIME: i64 = i64::MIN;

/// No terminal error yet.
pub const NO_CODE: u16 = u16::MAX;

impl Journey {
    /// A journey of one record.
    pub fn begun(step: &Step, mark: Mark) -> Journey {
        let mut journey = Journey {
            time: NO_TIME,
            time_mark: mark,
            recent: [0; REMEMBERED],
            terminal: NO_CODE,
            terminal_mark: mark,
            stage: (0, 0),
            twins: 0,
            mode: 0,
            next: 0,
        };
        journey.advance(step, mark);
        journey
    }

    /// Takes a further record in.
    pub fn advance(&mut self, step: &Step, mark: Mark) {
        if let Some(code) = step.code {
            if code.is_error() && self.terminal == NO_CODE {
                self.terminal = code.id;
                self.terminal_mark = mark;
            }
            self.twins |= twins::bits(code).0;
        }
        self.stage = step.stage.unwrap_or(self.stage);
        if let Some(time) = step.time {
            self.time = time;
            self.time_mark = mark;
        }
        self.mode = step.mode.map_or(self.mode, |live| 1 + u8::from(live));
        self.recent[usize::from(self.next)] = step.same;
        self.next = (self.next + 1) % u8::try_from(REMEMBERED).unwrap_or(1);
    }

    /// Whether an error code has ended it.
    pub fn has_failed(&self) -> bool {
        self.terminal != NO_CODE
    }
}

/// A journey as it is kept.
#[derive(Clone, Copy, Debug)]
pub enum State {
    /// It has one record.
    One(One),
    /// It has several: its place among those.
    Several(u32),
}

/// The only record of a journey, as far as a journey is concerned.
#[derive(Clone, Copy, Debug)]
pub struct One {
    time: i64,
    same: u64,
    line: u32,
    source: u16,
    /// From the lowest bit: four of the stage's number, two of the mode plus one, one whether the
    /// code is an error, and the code's place counted from 1.
    facts: NonZeroU16,
}

const MODE: u32 = 4;
const ERROR: u32 = 6;
const CODE: u32 = 7;

impl One {
    /// Packs a record; `None` where a number is too large for its room.
    pub fn of(step: &Step, mark: Mark) -> Option<One> {
        let code = step.code.map_or(Some(0), |code| code.id.checked_add(1))?;
        let error = step.code.is_some_and(Known::is_error);
        let stage = step.stage.map_or(0, |(_, number)| number);
        let mode = 1 + step.mode.map_or(0, |live| 1 + u16::from(live));
        if code >= 1 << (u16::BITS - CODE) || usize::from(stage) > STAGES.len() {
            return None;
        }
        let facts = u16::from(stage) | mode << MODE | u16::from(error) << ERROR | code << CODE;
        Some(One {
            time: step.time.unwrap_or(NO_TIME),
            same: step.same,
            line: mark.line,
            source: u16::try_from(mark.source).ok()?,
            facts: NonZeroU16::new(facts)?,
        })
    }

    /// The journey that it makes.
    pub fn journey(self) -> Journey {
        let facts = self.facts.get();
        let stage = STAGES.get(usize::from(facts & 0xF).wrapping_sub(1));
        let code = (facts >> CODE).checked_sub(1);
        let step = Step {
            key: 0,
            event: 0,
            code: code.map(|id| Known {
                id,
                suffix: (facts >> ERROR & 1 == 1).then_some(Suffix::E),
            }),
            has_code: code.is_some(),
            stage: stage.map(|stage| (stage.direction as u8, stage.number)),
            mode: (facts >> MODE & 3).checked_sub(2).map(|live| live == 1),
            time: (self.time != NO_TIME).then_some(self.time),
            same: self.same,
            data: 0,
            stream: None,
            unfinished: false,
        };
        let mark = Mark {
            source: u32::from(self.source),
            line: self.line,
        };
        Journey::begun(&step, mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Policy;
    use crate::model::code::GLOSSARY;
    use crate::model::timestamp::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn what_is_remembered_of_a_journey_is_small() {
        assert_eq!(size_of::<State>(), 24);
        assert!(size_of::<Journey>() <= 72, "{}", size_of::<Journey>());
    }

    fn step() -> impl Strategy<Value = Step> {
        let policy = Policy {
            extra_codes: (0..600).map(|number| format!("X{number}E")).collect(),
            ..Policy::at(Timestamp::from_millis(0))
        };
        let codes = GLOSSARY.iter().map(|code| code.key.to_owned());
        let codes: Vec<_> = codes.chain(policy.extra_codes.iter().cloned()).collect();
        let known = move |key: String| Known::find(&policy, key.as_bytes());
        let code = prop::option::of(prop::sample::select(codes).prop_map(known));
        let stage = prop::option::of(prop::sample::select(STAGES.as_slice()));
        let rest = (any::<Option<bool>>(), any::<Option<i64>>(), any::<u64>());
        (code, stage, rest).prop_map(|(code, stage, (mode, time, same))| Step {
            key: 0,
            event: 0,
            code: code.flatten(),
            has_code: true,
            stage: stage.map(|stage| (stage.direction as u8, stage.number)),
            mode,
            time,
            same,
            data: 0,
            stream: None,
            unfinished: false,
        })
    }

    proptest! {
        #[test]
        fn a_packed_record_makes_the_same_journey(
            step in step(), source in prop_oneof![0..9_u32, any::<u32>()], line: u32
        ) {
            let mark = Mark { source, line };
            match One::of(&step, mark) {
                Some(one) => prop_assert_eq!(one.journey(), Journey::begun(&step, mark)),
                None => prop_assert!(source > 0xFFFF || step.code.is_some_and(|code| code.id > 500)),
            }
        }
    }
}
