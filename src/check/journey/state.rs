//! What is remembered of one journey. There may be millions, so it is small and of fixed size.

use super::RecordLine;
use super::step::Step;
use super::twins;

/// How many of a journey's last records are compared for repeats.
const REMEMBERED: u8 = 4;

/// What is remembered of a journey's records so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journey {
    /// `generatedAt` of the last record that has it.
    pub time: Option<i64>,
    /// Where that record is.
    pub time_mark: RecordLine,
    /// The terminal error's code.
    pub terminal: Option<u16>,
    /// Where the terminal error is.
    pub terminal_mark: RecordLine,
    /// The number of the last stage; 0 for none.
    pub stage: u8,
    /// Whether the last record that has a mode was LIVE.
    pub mode: Option<bool>,
    /// One bit for each code that has a false twin.
    pub twins: twins::Bits,
    /// What distinguishes the last records from others.
    recent: [Same; REMEMBERED as usize],
    next: u8,
}

/// The lower half of [`Step::same`], which is enough to distinguish the few records of one journey.
/// Zero stands for no record.
type Same = u32;

#[expect(clippy::cast_possible_truncation, reason = "the lower half is enough")]
fn brief(same: u64) -> Same {
    same as Same | 1
}

impl Journey {
    /// A journey of one record.
    pub fn begun(step: &Step, mark: RecordLine) -> Journey {
        let mut journey = Journey {
            time: None,
            time_mark: RecordLine::default(),
            terminal: None,
            terminal_mark: RecordLine::default(),
            stage: 0,
            mode: None,
            twins: 0,
            recent: [0; REMEMBERED as usize],
            next: 0,
        };
        journey.advance(step, mark);
        journey
    }

    /// Takes a further record in.
    pub fn advance(&mut self, step: &Step, mark: RecordLine) {
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
        self.recent[usize::from(self.next)] = brief(step.same);
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// Whether one of the last records said the same.
    pub fn has_said(&self, step: &Step) -> bool {
        self.recent.contains(&brief(step.same))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_of_a_journey_is_small() {
        // With its key, and its number in a table that has just doubled:
        // 64 + 8 + (8 + 1) / 0.4375 = 93 bytes.
        assert_eq!(size_of::<Journey>(), 64);
    }
}
