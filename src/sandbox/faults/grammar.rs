//! The grammar of faults: reading a specification, and pointing at the character that is wrong.

use super::{Effect, FaultSchedule, Faults, InjectedFault, Strike};
use crate::model::duration::parse_duration;
use crate::model::text::did_you_mean;
use std::fmt;
use std::time::Duration;

/// The names that begin a fault, besides a status.
const NAMES: [&str; 6] = [
    "reset",
    "lose-answer",
    "retry-later",
    "delay",
    "cut-stream",
    "expire-token",
];

/// A mistake in a specification of faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSyntaxError {
    /// The whole specification.
    pub text: String,
    /// Where the mistake is, in characters from 0.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for FaultSyntaxError {
    /// The message, the specification, and a caret below the character.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self
            .text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        write!(f, "{}\n  {shown}\n  {:>2$}", self.message, "^", self.at + 1)
    }
}

impl std::error::Error for FaultSyntaxError {}

/// Reads a specification.
pub fn read(text: &str) -> Result<Faults, FaultSyntaxError> {
    let mut faults = Faults::default();
    let mut offset = 0;
    for item in text.split(',') {
        let lead = item.len() - item.trim_start().len();
        let reader = FaultParser {
            text,
            offset: offset + lead,
        };
        if !item.trim().is_empty() {
            reader.fault(item.trim(), &mut faults)?;
        } else if !text.trim().is_empty() {
            return Err(reader.mistake(0, "a fault is missing between the commas"));
        }
        offset += item.len() + 1;
    }
    Ok(faults)
}

/// Reads one fault that begins at `offset`.
struct FaultParser<'a> {
    text: &'a str,
    offset: usize,
}

impl FaultParser<'_> {
    fn mistake(&self, at: usize, message: impl Into<String>) -> FaultSyntaxError {
        let byte = (self.offset + at).min(self.text.len());
        let before = self.text.get(..byte).unwrap_or_default();
        FaultSyntaxError {
            text: self.text.to_owned(),
            at: before.chars().count(),
            message: message.into(),
        }
    }

    fn fault(&self, item: &str, faults: &mut Faults) -> Result<(), FaultSyntaxError> {
        let (head, tail) = item.split_once(':').unwrap_or((item, ""));
        let after = head.len() + 1;
        match head {
            "cut-stream" => {
                let value = tail.strip_prefix("every=").ok_or_else(|| {
                    self.mistake(
                        after,
                        "cut-stream needs an interval, such as cut-stream:every=30s",
                    )
                })?;
                faults.cut_stream = Some(self.duration(value, after + "every=".len())?);
            }
            "expire-token" => faults.token_life = Some(self.duration(tail, after)?),
            "delay" => {
                let (range, when) = tail.split_once(':').unwrap_or((tail, ""));
                let (low, high) = range.split_once("..").unwrap_or((range, range));
                let high_at = after + range.len() - high.len();
                let (low, high) = (self.duration(low, after)?, self.duration(high, high_at)?);
                if high < low {
                    return Err(
                        self.mistake(high_at, "the maximum delay is shorter than the minimum")
                    );
                }
                let when = self.when(when, after + range.len() + 1)?;
                let effect = Effect::Delay(low, high);
                faults.list.push(InjectedFault { effect, when });
            }
            _ => {
                let effect = Effect::Strike(self.strike(head)?);
                let when = self.when(tail, after)?;
                faults.list.push(InjectedFault { effect, when });
            }
        }
        Ok(())
    }

    fn strike(&self, head: &str) -> Result<Strike, FaultSyntaxError> {
        match head {
            "reset" => return Ok(Strike::Reset),
            "lose-answer" => return Ok(Strike::LoseAnswer),
            "retry-later" => return Ok(Strike::RetryLater),
            _ => {}
        }
        let (status, option) = head.split_once('+').unwrap_or((head, ""));
        let Ok(code) = status.parse::<u16>() else {
            let guess = did_you_mean(status, NAMES);
            let message = format!(
                "unknown fault '{status}'{guess}: use a status such as 503, {}",
                NAMES.join(", ")
            );
            return Err(self.mistake(0, message));
        };
        if !(400..=599).contains(&code) {
            return Err(self.mistake(0, "the status of a fault must be between 400 and 599"));
        }
        let after = status.len() + 1;
        let wait = match option {
            "" if head.len() == status.len() => None,
            option => {
                let seconds = option
                    .strip_prefix("retry-after=")
                    .ok_or_else(|| self.mistake(after, "a status takes +retry-after=SECONDS"))?;
                let at = after + "retry-after=".len();
                let seconds = seconds
                    .parse()
                    .map_err(|_| self.mistake(at, "retry-after is a whole number of seconds"))?;
                Some(seconds)
            }
        };
        Ok(Strike::Status(code, wait))
    }

    fn when(&self, text: &str, at: usize) -> Result<FaultSchedule, FaultSyntaxError> {
        let wrong = || {
            let message = "expected how often: 5%, 1/100 or first=2 (nothing means always)";
            self.mistake(at, message)
        };
        if text.is_empty() {
            // A colon with nothing behind it is a mistake; no colon means always.
            let colon = self.text.as_bytes().get(self.offset + at - 1) == Some(&b':');
            return if colon {
                Err(wrong())
            } else {
                Ok(FaultSchedule::Always)
            };
        }
        if let Some(percent) = text.strip_suffix('%') {
            let percent: f64 = percent.parse().map_err(|_| wrong())?;
            if !(0.0..=100.0).contains(&percent) {
                return Err(self.mistake(at, "a percentage must be between 0 and 100"));
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to lie between 0 and a million"
            )]
            return Ok(FaultSchedule::Chance((percent * 10_000.0).round() as u64));
        }
        if let Some(count) = text.strip_prefix("first=") {
            return count.parse().map(FaultSchedule::First).map_err(|_| wrong());
        }
        let (hits, of) = text.split_once('/').ok_or_else(wrong)?;
        let (hits, of) = (hits.parse(), of.parse());
        match (hits, of) {
            (Ok(hits), Ok(of)) if 0 < hits && hits <= of => Ok(FaultSchedule::Every { of, hits }),
            _ => Err(wrong()),
        }
    }

    fn duration(&self, text: &str, at: usize) -> Result<Duration, FaultSyntaxError> {
        parse_duration(text).map_err(|message| self.mistake(at, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_manual_is_read() {
        let faults = Faults::parse(
            "503:5%, 429+retry-after=1:1/100, reset:1%, delay:50ms..200ms, cut-stream:every=30s, expire-token:60s",
        )
        .expect("it is right");
        assert_eq!(faults.list.len(), 4);
        assert_eq!(faults.cut_stream, Some(Duration::from_secs(30)));
        assert_eq!(faults.token_life, Some(Duration::from_secs(60)));
        assert_eq!(Faults::parse(" "), Ok(Faults::default()));
    }

    #[test]
    fn a_mistake_points_at_its_character() {
        for (text, pointed) in [
            ("503:5%, resett:1%", "resett"),
            ("503:5%,, reset", ", reset"),
            ("200", "200"),
            ("503:often", "often"),
            ("503:", ""),
            ("503+retry-after=x", "x"),
            ("503+", ""),
            ("429+after=1", "after"),
            ("reset:101%", "101"),
            ("reset:0/5", "0/5"),
            ("delay:5", "5"),
            ("delay:2s..1s", "1s"),
            ("cut-stream:30s", "30s"),
            ("expire-token", ""),
        ] {
            let mistake = Faults::parse(text).expect_err(text);
            let rest: String = text.chars().skip(mistake.at).collect();
            assert!(rest.starts_with(pointed), "{text}: {mistake}");
            if pointed.is_empty() {
                assert_eq!(rest, "", "{text}");
            }
        }
        let shown = Faults::parse("503:5%, x").expect_err("wrong").to_string();
        assert!(shown.ends_with("\n  503:5%, x\n          ^"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_pointed_into(text in any::<String>()) {
            if let Err(mistake) = Faults::parse(&text) {
                prop_assert!(mistake.at <= text.chars().count());
            }
        }
    }
}
