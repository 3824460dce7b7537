//! What is remembered of one journey: 20 bytes as long as it has one record, which is what most
//! have, and 48 from the second one on.

use super::step::Step;
use super::twins;
use super::{Known, Mark};
use crate::model::code::Suffix;
use crate::model::stage::{STAGES, Stage};

/// How many of a journey's last records are compared for repeats.
const REMEMBERED: u8 = 4;

/// What is remembered of a journey's records so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journey {
    /// `generatedAt` of the last record that has it.
    pub time: Option<i64>,
    /// Where that record is.
    pub time_mark: Mark,
    /// The terminal error's code.
    pub terminal: Option<u16>,
    /// Where the terminal error is.
    pub terminal_mark: Mark,
    /// The number of the last stage; 0 for none.
    pub stage: u8,
    /// Whether the last record that has a mode was LIVE.
    pub mode: Option<bool>,
    /// One bit for each code that has a false twin.
    pub twins: u8,
    /// What tells the last records from others.
    recent: [Same; REMEMBERED as usize],
    next: u8,
}

/// Most of [`Step::same`]'s lower forty bits; only the few records of one journey are compared by
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Same([u8; 5]);

impl Same {
    const NONE: Same = Same([0; 5]);

    fn of(same: u64) -> Same {
        let mut brief = [0; 5];
        brief.copy_from_slice(&same.to_le_bytes()[..5]);
        // None is what no record has.
        brief[0] |= 1;
        Same(brief)
    }
}

impl Journey {
    /// A journey of one record.
    pub fn begun(step: &Step, mark: Mark) -> Journey {
        Journey::of_one(step, Same::of(step.same), mark)
    }

    fn of_one(step: &Step, same: Same, mark: Mark) -> Journey {
        let mut journey = Journey {
            time: None,
            time_mark: Mark::default(),
            terminal: None,
            terminal_mark: Mark::default(),
            stage: 0,
            mode: None,
            twins: 0,
            recent: [Same::NONE; REMEMBERED as usize],
            next: 0,
        };
        journey.take(step, same, mark);
        journey
    }

    /// Takes a further record in.
    pub fn advance(&mut self, step: &Step, mark: Mark) {
        self.take(step, Same::of(step.same), mark);
    }

    fn take(&mut self, step: &Step, same: Same, mark: Mark) {
        if let Some(code) = step.code {
            if code.is_error() && self.terminal.is_none() {
                self.terminal = Some(code.id);
                self.terminal_mark = mark;
            }
            self.twins |= twins::bits(code).0;
        }
        self.stage = step.stage.map_or(self.stage, |(_, number)| number);
        if let Some(time) = step.time {
            self.time = Some(time);
            self.time_mark = mark;
        }
        self.mode = step.mode.or(self.mode);
        self.recent[usize::from(self.next)] = same;
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// Whether one of the last records said the same.
    pub fn has_said(&self, step: &Step) -> bool {
        self.recent.contains(&Same::of(step.same))
    }
}

/// The only record of a journey, as far as a journey is concerned.
#[derive(Clone, Copy, Debug)]
pub struct One {
    line: u32,
    source: u16,
    /// From the lowest bit: four of the stage's number, two of the mode plus one, one whether the
    /// code is an error, and the code's place counted from 1. All 0 for a place that is free.
    facts: u16,
    time: [u8; 7],
    same: Same,
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
        if code >> (u16::BITS - CODE) > 0 || usize::from(stage) > STAGES.len() {
            return None;
        }
        let mode = u16::from(packed_mode(step.mode)) + 1;
        Some(One {
            line: mark.line,
            source: u16::try_from(mark.source).ok()?,
            facts: u16::from(stage) | mode << MODE | u16::from(error) << ERROR | code << CODE,
            time: packed_time(step.time)?,
            same: Same::of(step.same),
        })
    }

    /// Frees its place.
    pub fn vacate(&mut self) {
        self.facts = 0;
    }

    /// Whether its place is free.
    pub fn is_vacant(&self) -> bool {
        self.facts == 0
    }

    /// The journey that it makes.
    pub fn journey(&self) -> Journey {
        let [.., stage] = (self.facts & 0xF).to_be_bytes();
        let stage = Stage::numbered(stage);
        let code = (self.facts >> CODE).checked_sub(1);
        let [.., mode] = (self.facts >> MODE & 3).saturating_sub(1).to_be_bytes();
        let step = Step {
            key: 0,
            event: 0,
            code: code.map(|id| Known {
                id,
                suffix: (self.facts >> ERROR & 1 == 1).then_some(Suffix::E),
            }),
            has_code: code.is_some(),
            stage: stage.map(|stage| (stage.direction as u8, stage.number)),
            mode: unpacked_mode(mode),
            time: unpacked_time(self.time),
            same: 0,
            data: 0,
            stream: None,
            unfinished: false,
        };
        let mark = Mark {
            source: u32::from(self.source),
            line: self.line,
        };
        Journey::of_one(&step, self.same, mark)
    }
}

/// A [`Journey`] in few bytes.
#[derive(Clone, Copy, Debug)]
pub struct Several {
    time: [u8; 8],
    time_mark: Mark,
    terminal_mark: Mark,
    /// `u16::MAX` for none.
    terminal: u16,
    twins: u8,
    /// From the lowest bit: four of the stage's number, two of the mode, two of the next place
    /// among the recent ones.
    facts: u8,
    recent: [Same; REMEMBERED as usize],
}

/// No time, where times have eight bytes; a time so early cannot be written.
const NO_TIME: i64 = i64::MIN;

const NEXT: u32 = 6;

impl Several {
    /// Packs a journey.
    pub fn of(journey: &Journey) -> Several {
        let mode = packed_mode(journey.mode);
        Several {
            time: journey.time.unwrap_or(NO_TIME).to_le_bytes(),
            time_mark: journey.time_mark,
            terminal_mark: journey.terminal_mark,
            terminal: journey.terminal.unwrap_or(u16::MAX),
            twins: journey.twins,
            facts: journey.stage | mode << MODE | journey.next << NEXT,
            recent: journey.recent,
        }
    }

    /// The journey as it was.
    pub fn journey(&self) -> Journey {
        Journey {
            time: Some(i64::from_le_bytes(self.time)).filter(|time| *time != NO_TIME),
            time_mark: self.time_mark,
            terminal: Some(self.terminal).filter(|code| *code != u16::MAX),
            terminal_mark: self.terminal_mark,
            stage: self.facts & 0xF,
            mode: unpacked_mode(self.facts >> MODE & 3),
            twins: self.twins,
            recent: self.recent,
            next: self.facts >> NEXT,
        }
    }
}

fn packed_mode(mode: Option<bool>) -> u8 {
    mode.map_or(0, |live| 1 + u8::from(live))
}

fn unpacked_mode(mode: u8) -> Option<bool> {
    mode.checked_sub(1).map(|live| live == 1)
}

/// The seven lower bytes of a time in microseconds: a thousand years each way.
fn packed_time(time: Option<i64>) -> Option<[u8; 7]> {
    let mut packed = [0; 7];
    packed.copy_from_slice(&time.unwrap_or(NO_SHORT_TIME).to_le_bytes()[..7]);
    (unpacked_time(packed) == time).then_some(packed)
}

fn unpacked_time(packed: [u8; 7]) -> Option<i64> {
    let mut bytes = [0; 8];
    bytes[1..].copy_from_slice(&packed);
    // The sign comes back with the shift.
    let time = i64::from_le_bytes(bytes) >> 8;
    Some(time).filter(|time| *time != NO_SHORT_TIME)
}

/// No time, where times have seven bytes.
const NO_SHORT_TIME: i64 = -(1 << 55);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Policy;
    use crate::model::code::GLOSSARY;
    use crate::model::timestamp::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn what_is_remembered_of_a_journey_is_small() {
        assert_eq!(size_of::<One>(), 20);
        assert_eq!(size_of::<Several>(), 48);
    }

    fn time() -> impl Strategy<Value = Option<i64>> {
        let usual = 0..2_000_000_000_000_000_i64;
        // What cannot be written as a date is left out.
        prop::option::of(prop_oneof![9 => usual, 1 => NO_TIME + 1..i64::MAX])
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
        let rest = (any::<Option<bool>>(), time(), any::<u64>());
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

    fn mark() -> impl Strategy<Value = Mark> {
        let source = prop_oneof![8 => 0..9_u32, 1 => any::<u32>()];
        (source, any::<u32>()).prop_map(|(source, line)| Mark { source, line })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_what_was(
            steps in prop::collection::vec((step(), mark()), 1..9)
        ) {
            let (first, mark) = steps[0];
            let mut journey = Journey::begun(&first, mark);
            match One::of(&first, mark) {
                Some(one) => prop_assert_eq!(one.journey(), journey),
                None => prop_assert!(
                    mark.source > 0xFFFF
                        || first.code.is_some_and(|code| code.id > 500)
                        || first.time.is_some_and(|time| time.unsigned_abs() >> 55 > 0)
                ),
            }
            for (step, mark) in &steps[1..] {
                prop_assert_eq!(Several::of(&journey).journey(), journey);
                journey.advance(step, *mark);
                prop_assert!(journey.has_said(step));
            }
        }
    }
}
