//! Faults by instruction: `503:5%, 429+retry-after=1:1/100, reset:1%, delay:50ms..200ms`.
//!
//! One grammar for the flag and for the header of a single request; seeded, so that a run can be
//! repeated; an error points at the character.

mod grammar;
mod state;

use super::random::Random;
pub use grammar::FaultSyntaxError;
pub use state::{FaultState, FaultTarget};
use std::fmt;
use std::time::Duration;

/// The header that asks for faults in the answer to its own request.
pub const HEADER: &str = "x-sandbox-faults";

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FaultSchedule {
    /// At every request.
    Always,
    /// By chance, this many times in a million.
    Chance(u64),
    /// At every so-manieth request exactly.
    Every { of: u64, hits: u64 },
    /// At the first so many requests.
    First(u64),
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strike {
    /// A status, with the seconds of a `Retry-After`.
    Status(u16, Option<u64>),
    /// The documented answer of kind `RETRY_LATER`.
    RetryLater,
    /// The connection is reset before the request is looked at.
    Reset,
    /// The event log is accepted, and the connection is reset instead of an answer.
    LoseAnswer,
}

impl fmt::Display for Strike {
    /// The words that ask for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Strike::Status(status, None) => write!(f, "{status}"),
            Strike::Status(status, Some(wait)) => write!(f, "{status}+retry-after={wait}"),
            Strike::RetryLater => f.write_str("retry-later"),
            Strike::Reset => f.write_str("reset"),
            Strike::LoseAnswer => f.write_str("lose-answer"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Effect {
    Strike(Strike),
    Delay(Duration, Duration),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct InjectedFault {
    effect: Effect,
    when: FaultSchedule,
}

/// A specification that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    list: Vec<InjectedFault>,
    /// How long a stream lives before it is cut in the middle of an event.
    pub cut_stream: Option<Duration>,
    /// How long a token lives.
    pub token_life: Option<Duration>,
}

/// What one request has to go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Injection {
    /// How long it waits first.
    pub delay: Duration,
    /// What strikes it then.
    pub strike: Option<Strike>,
}

impl Faults {
    /// Reads a specification.
    pub fn parse(text: &str) -> Result<Faults, FaultSyntaxError> {
        grammar::read(text)
    }

    /// What the request of this number (from 0) has to go through.
    pub fn injection(&self, number: u64, random: &mut Random) -> Injection {
        let mut injection = Injection::default();
        for fault in &self.list {
            // Drawn for every fault, so that one fault's luck does not change another's.
            let lucky = match fault.when {
                FaultSchedule::Always => true,
                FaultSchedule::Chance(in_a_million) => random.happens(in_a_million),
                FaultSchedule::Every { of, hits } => number % of >= of - hits,
                FaultSchedule::First(count) => number < count,
            };
            if !lucky {
                continue;
            }
            match &fault.effect {
                Effect::Delay(low, high) => {
                    let millis = |duration: &Duration| {
                        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
                    };
                    let drawn = random.between(millis(low), millis(high));
                    injection.delay += Duration::from_millis(drawn);
                }
                Effect::Strike(strike) => {
                    injection.strike.get_or_insert_with(|| strike.clone());
                }
            }
        }
        injection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_exactly_and_chances_by_the_seed() {
        let strikes = |text: &str| {
            let faults = Faults::parse(text).expect("right");
            let mut random = Random::new(1);
            (0..1000)
                .map(|number| faults.injection(number, &mut random).strike.is_some())
                .collect::<Vec<_>>()
        };
        let count = |text: &str| strikes(text).iter().filter(|struck| **struck).count();
        assert_eq!(count("503:1/100"), 10);
        assert_eq!(count("503:first=2"), 2);
        assert_eq!(count("reset"), 1000);
        assert_eq!(count("reset:0%"), 0);
        assert!((50..150).contains(&count("503:10%")));
        assert_eq!(strikes("503:10%"), strikes("503:10%"));
    }
}
