//! When to stop, and what the answer is: the first condition to come decides.

use crate::model::duration::PlainDuration;
use crate::model::event::Event;
use crate::model::text::counted;
use crate::query::condition::Condition;
use std::time::Duration;

/// What the user waits for.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Ends the run with yes.
    pub until: Vec<Condition>,
    /// Ends the run with no.
    pub fail_on: Vec<Condition>,
    /// Each must have come by the end.
    pub expect: Vec<Condition>,
    /// Ends the run after so many events that were shown.
    pub count: Option<u64>,
    /// Ends the run after a while.
    pub timeout: Option<Duration>,
    /// Ends the run when nothing has come for a while.
    pub idle_timeout: Option<Duration>,
    /// How long to watch on for a `fail_on` once the answer would be yes.
    pub settle: Option<Duration>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunAnswer {
    /// What was waited for has come.
    Yes,
    /// What was feared has come, or what was expected has not.
    No,
    /// Not known.
    Open,
}

/// An answer with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOutcome {
    /// The answer.
    pub answer: RunAnswer,
    /// Why.
    pub reason: String,
}

/// Judges a run as it goes. Times are on the run's own clock.
#[derive(Debug)]
pub struct RunJudge {
    terms: Terms,
    met: Vec<bool>,
    shown: u64,
    last_event: Duration,
    settled: Option<(Duration, String)>,
}

fn outcome(answer: RunAnswer, reason: impl Into<String>) -> RunOutcome {
    RunOutcome {
        answer,
        reason: reason.into(),
    }
}

impl RunJudge {
    /// Begins at time zero.
    pub fn new(terms: Terms) -> RunJudge {
        RunJudge {
            met: vec![false; terms.expect.len()],
            terms,
            shown: 0,
            last_event: Duration::ZERO,
            settled: None,
        }
    }

    /// Everything that is waited for, feared or expected.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let Terms {
            until,
            fail_on,
            expect,
            ..
        } = &self.terms;
        until.iter().chain(fail_on).chain(expect)
    }

    /// An event that came before is shown only now.
    pub fn shown_late(&mut self) {
        self.shown += 1;
    }

    /// An event has come; `shown` says whether it passed the filter.
    pub fn event(&mut self, event: &Event<'_>, shown: bool, now: Duration) -> Option<RunOutcome> {
        for (met, condition) in self.met.iter_mut().zip(&self.terms.expect) {
            *met |= condition.matches(event);
        }
        if let Some(feared) = self.terms.fail_on.iter().find(|cond| cond.matches(event)) {
            return Some(outcome(
                RunAnswer::No,
                format!("--fail-on '{}' was seen", feared.text),
            ));
        }
        let wanted = self.terms.until.iter().find(|cond| cond.matches(event));
        let wanted = wanted.map(|wanted| format!("--until '{}' was seen", wanted.text));
        self.counted(shown, now, wanted)
    }

    /// An event has come that meets none of the conditions.
    pub fn other_event(&mut self, shown: bool, now: Duration) -> Option<RunOutcome> {
        self.counted(shown, now, None)
    }

    fn counted(
        &mut self,
        shown: bool,
        now: Duration,
        wanted: Option<String>,
    ) -> Option<RunOutcome> {
        self.last_event = now;
        self.shown += u64::from(shown);
        if self.settled.is_some() {
            return None;
        }
        let reason = if let Some(wanted) = wanted {
            wanted
        } else if self.terms.count.is_some_and(|count| self.shown >= count) {
            format!("{} shown", counted(self.shown, "event"))
        } else if self.terms.settle.is_some() && self.only_expects() && self.missing().is_none() {
            "everything expected was seen".to_owned()
        } else {
            return None;
        };
        match self.terms.settle {
            Some(settle) => {
                self.settled = Some((now + settle, reason));
                None
            }
            None => Some(self.yes_unless_missing(reason)),
        }
    }

    /// Whether it matters when an event comes.
    pub fn depends_on_time(&self) -> bool {
        self.terms.idle_timeout.is_some() || self.terms.settle.is_some()
    }

    /// When to look at the clock again.
    pub fn deadline(&self) -> Option<Duration> {
        let idle = self.terms.idle_timeout.map(|idle| self.last_event + idle);
        let settled = self.settled.as_ref().map(|(at, _)| *at);
        [settled, idle, self.terms.timeout]
            .into_iter()
            .flatten()
            .min()
    }

    /// The clock has gone on.
    pub fn tick(&self, now: Duration) -> Option<RunOutcome> {
        if let Some((at, reason)) = &self.settled
            && now >= *at
        {
            return Some(self.yes_unless_missing(reason.clone()));
        }
        let reason = if self.terms.timeout.is_some_and(|limit| now >= limit) {
            self.waited("--timeout", self.terms.timeout)
        } else if self
            .terms
            .idle_timeout
            .is_some_and(|idle| now >= self.last_event + idle)
        {
            self.waited("--idle-timeout", self.terms.idle_timeout) + ", and no event came"
        } else {
            return None;
        };
        Some(if let Some((_, reason)) = &self.settled {
            self.yes_unless_missing(reason.clone())
        } else if self.only_expects() {
            self.yes_unless_missing("everything expected was seen".to_owned())
        } else if let Some(no) = self.missing() {
            no
        } else {
            outcome(RunAnswer::Open, reason)
        })
    }

    /// That a time-out has ended the run, and what had not come by then.
    fn waited(&self, flag: &str, limit: Option<Duration>) -> String {
        let after = PlainDuration(limit.unwrap_or_default());
        match (self.terms.until.first(), self.terms.count) {
            (Some(until), _) => {
                format!(
                    "timed out after {after} ({flag}) waiting for '{}'",
                    until.text
                )
            }
            (None, Some(count)) => format!(
                "timed out after {after} ({flag}) with {} of {count} events",
                self.shown
            ),
            (None, None) => format!("timed out after {after} ({flag})"),
        }
    }

    /// Nothing more will come, for the reason given.
    pub fn ended(&self, why: &str) -> RunOutcome {
        if let Some((_, reason)) = &self.settled {
            return self.yes_unless_missing(reason.clone());
        }
        if let Some(no) = self.missing() {
            return no;
        }
        if let Some(wanted) = self.terms.until.first() {
            let reason = format!("{why} before --until '{}'", wanted.text);
            return outcome(RunAnswer::Open, reason);
        }
        if let Some(count) = self.terms.count
            && self.shown < count
        {
            let reason = format!("{why} after {} of {count} events", self.shown);
            return outcome(RunAnswer::Open, reason);
        }
        outcome(RunAnswer::Yes, why)
    }

    fn only_expects(&self) -> bool {
        !self.met.is_empty() && self.terms.until.is_empty() && self.terms.count.is_none()
    }

    fn missing(&self) -> Option<RunOutcome> {
        let at = self.met.iter().position(|met| !met)?;
        let reason = format!("--expect '{}' was not seen", self.terms.expect[at].text);
        Some(outcome(RunAnswer::No, reason))
    }

    fn yes_unless_missing(&self, reason: String) -> RunOutcome {
        self.missing().unwrap_or(RunOutcome {
            answer: RunAnswer::Yes,
            reason,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(texts: &[&str]) -> Vec<Condition> {
        texts
            .iter()
            .map(|text| Condition::parse(text).unwrap())
            .collect()
    }

    /// Feeds types at one a second and says when (in seconds) the run ended how.
    fn judge(terms: Terms, types: &[&str]) -> (u64, RunAnswer) {
        let mut verdict = RunJudge::new(terms);
        for (at, name) in types.iter().enumerate() {
            let now = Duration::from_secs(at as u64);
            if let Some(outcome) = verdict.tick(now) {
                return (now.as_secs(), outcome.answer);
            }
            let raw = format!(r#"{{"type":"{name}"}}"#);
            if let Some(outcome) = verdict.event(&Event::read(&raw).unwrap(), true, now) {
                return (now.as_secs(), outcome.answer);
            }
        }
        (types.len() as u64, verdict.ended("the stream ended").answer)
    }

    fn seconds(number: impl Into<Option<u64>>) -> Option<Duration> {
        number.into().map(Duration::from_secs)
    }

    #[test]
    fn the_first_condition_to_come_decides() {
        let both = || Terms {
            until: conditions(&["u"]),
            fail_on: conditions(&["f"]),
            ..Terms::default()
        };
        assert_eq!(judge(both(), &["a", "u", "f"]), (1, RunAnswer::Yes));
        assert_eq!(judge(both(), &["a", "f", "u"]), (1, RunAnswer::No));
        assert_eq!(judge(both(), &["a"]), (1, RunAnswer::Open));
        let same = Terms {
            until: conditions(&["u"]),
            fail_on: conditions(&["*"]),
            ..Terms::default()
        };
        assert_eq!(
            judge(same, &["u"]),
            (0, RunAnswer::No),
            "what is feared comes first"
        );
        assert_eq!(judge(Terms::default(), &["a"]), (1, RunAnswer::Yes));
    }

    #[test]
    fn counts_time_outs_and_expectations() {
        let count = |count| Terms {
            count: Some(count),
            ..Terms::default()
        };
        assert_eq!(judge(count(2), &["a", "b", "c"]), (1, RunAnswer::Yes));
        assert_eq!(judge(count(4), &["a", "b", "c"]), (3, RunAnswer::Open));
        let expect = |timeout| Terms {
            expect: conditions(&["x", "y"]),
            timeout,
            ..Terms::default()
        };
        assert_eq!(judge(expect(None), &["y", "a", "x"]), (3, RunAnswer::Yes));
        assert_eq!(judge(expect(None), &["y", "a"]), (2, RunAnswer::No));
        assert_eq!(
            judge(expect(seconds(2)), &["x", "y", "a"]),
            (2, RunAnswer::Yes)
        );
        assert_eq!(
            judge(expect(seconds(1)), &["x", "y", "a"]),
            (1, RunAnswer::No)
        );
        let timeout = Terms {
            timeout: seconds(1),
            ..Terms::default()
        };
        assert_eq!(judge(timeout, &["x", "y"]), (1, RunAnswer::Open));
    }

    #[test]
    fn settling_watches_on_for_what_is_feared() {
        let terms = || Terms {
            until: conditions(&["u"]),
            fail_on: conditions(&["f"]),
            settle: seconds(2),
            ..Terms::default()
        };
        assert_eq!(judge(terms(), &["u", "f", "a"]), (1, RunAnswer::No));
        assert_eq!(judge(terms(), &["u", "a", "f"]), (2, RunAnswer::Yes));
        assert_eq!(judge(terms(), &["u"]), (1, RunAnswer::Yes));
    }
}
