//! What is known of the other end: whether it is held, left alone for a while, or asked now and
//! then.

use super::clock::{millis, random};
use super::outcome::Reason;
use crate::model::delivery::{Problem, with_status};
use crate::model::timestamp::Timestamp;
use crate::retry::backoff::{Budget, FIRST, full_jitter};
use crate::retry::verdict::Hold;
use crate::spool::{Entry, Pause};

/// How long a destination must have failed, at the least, before records are given up for it
/// without being tried.
const GIVE_UP_FLOOR: i64 = 5_000;

/// How long nothing must have got through before that is worth a word: single failures among
/// many deliveries are not.
const TROUBLE: i64 = 1_000;

/// How many connections in a row without an answer mean an outage: from then on each try is
/// followed by a rest, whichever record is next, and the floor above does not count.
const UNANSWERED: u32 = 32;

/// How long such a rest is.
const REST: std::ops::RangeInclusive<i64> = 100..=1_000;

/// What is known of the other end.
#[derive(Default)]
pub(super) struct DestinationState {
    pub budget: Budget,
    pub held: Option<(Hold, Option<u16>, Option<Problem>)>,
    /// That it asked to be left alone.
    pub pause: Option<Pause>,
    /// Since when nothing has got through.
    pub down_since: Option<i64>,
    /// With a destination that is down: when it is asked again, and how often it was.
    pub probe: Option<(i64, u32)>,
    /// Connections in a row that brought no answer, and the end of the rest after the last.
    unanswered: u32,
    rest_until: i64,
    last: Option<(Option<u16>, Option<Problem>)>,
}

impl DestinationState {
    /// One that was asked to be left alone by an earlier run.
    pub fn paused(pause: Pause, now: i64, retry_for: i64) -> DestinationState {
        let mut destination = DestinationState::default();
        destination.leave_alone(pause, now, retry_for);
        destination
    }

    /// The instant before which it is not asked.
    pub fn paused_until(&self) -> i64 {
        self.pause.as_ref().map_or(0, |pause| pause.until)
    }

    /// The instant before which nothing is sent.
    pub fn quiet_until(&self) -> i64 {
        self.paused_until().max(self.rest_until)
    }

    /// The instant before which nothing is sent, not even to find out whether it is back.
    pub fn closed_until(&self) -> i64 {
        let probe = self.probe.map_or(0, |(at, _)| at);
        self.quiet_until().max(probe)
    }

    pub fn takes_many(&self) -> bool {
        self.budget.allows_many() && self.probe.is_none()
    }

    /// A connection was made and brought an answer, or brought none.
    pub fn answered(&mut self, answered: bool, now: i64) {
        if answered {
            self.unanswered = 0;
            return;
        }
        self.unanswered = self.unanswered.saturating_add(1);
        if let Some(more) = self.unanswered.checked_sub(UNANSWERED) {
            let rest = millis(full_jitter(FIRST, more + 1, random()));
            self.rest_until = now + rest.clamp(*REST.start(), *REST.end());
        }
    }

    /// Something got through.
    pub fn alive(&mut self) {
        self.down_since = None;
        self.probe = None;
    }

    pub fn failed(&mut self, entry: &Entry, started: i64, now: i64, retry_for: i64) {
        let since = *self.down_since.get_or_insert(started);
        self.last = Some((entry.http, entry.problem.clone()));
        let floor = if self.unanswered < UNANSWERED {
            GIVE_UP_FLOOR
        } else {
            0
        };
        if now - since >= retry_for.max(floor) {
            let probes = self.probe.map_or(1, |(_, probes)| probes + 1);
            let wait = millis(full_jitter(FIRST, probes + 2, random())).max(250);
            self.probe = Some((now + wait, probes));
        }
    }

    /// Why nothing has got through for a while, if nothing has.
    pub fn trouble(&self, now: i64) -> Option<Problem> {
        let since = self.down_since?;
        let (http, problem) = self.last.as_ref().filter(|_| now - since >= TROUBLE)?;
        answer_to_another(*http, problem.as_ref())
    }

    /// It asks to be left alone.
    pub fn leave_alone(&mut self, pause: Pause, now: i64, retry_for: i64) {
        let until = pause.until;
        if until > now.saturating_add(retry_for) {
            // Nobody is to wait that long: until then it counts as down.
            let (at, probes) = self.probe.unwrap_or((until, 0));
            self.probe = Some((at.max(until), probes));
        }
        if until > self.paused_until() {
            self.pause = Some(pause);
        }
    }

    /// It need not be left alone any longer.
    pub fn resume(&mut self) {
        self.pause = None;
        self.probe = self.probe.filter(|(_, probes)| *probes > 0);
    }

    /// Whether there is no point in sending anything now.
    pub fn is_closed(&self, now: i64) -> bool {
        self.held.is_some() || self.probe.is_some_and(|(at, _)| now < at)
    }

    /// Whether it is held because of what it answered.
    pub fn held_by_answer(&self) -> bool {
        matches!(self.held, Some((_, Some(_), _)))
    }

    pub fn reason(&self) -> Option<Reason> {
        match &self.held {
            Some((hold, ..)) => Some(reason_of(*hold)),
            None => self.probe.map(|_| Reason::Undelivered),
        }
    }

    /// What there is to say of a record that was never sent: what holds for everything that goes
    /// there, else what the record itself waits for, else how long the destination is left alone.
    pub fn words_for(&self, own: Option<Problem>, now: i64) -> Option<Problem> {
        let pause = self.pause.as_ref().filter(|pause| pause.until > now);
        match (&self.held, &self.last, pause) {
            (Some((_, http, problem)), ..) => answer_to_another(*http, problem.as_ref()),
            (None, Some((http, problem)), None) if self.probe.is_some() => {
                answer_to_another(*http, problem.as_ref())
            }
            (.., Some(pause)) if own.is_none() => Some(asked_for(pause)),
            _ => own,
        }
    }
}

/// What was said to another record. The status is part of the words: this one got no answer.
fn answer_to_another(http: Option<u16>, problem: Option<&Problem>) -> Option<Problem> {
    problem.map(|said| Problem {
        title: with_status(http, &said.title).into_owned(),
        ..said.clone()
    })
}

fn asked_for(pause: &Pause) -> Problem {
    let until = Timestamp::from_millis(pause.until).rfc3339();
    Problem {
        detail: answer_to_another(pause.http, pause.problem.as_ref()).map(|said| said.title),
        ..Problem::titled(format!("not sent: the server asked to wait until {until}"))
    }
}

pub(super) const fn reason_of(hold: Hold) -> Reason {
    match hold {
        Hold::Unauthorised => Reason::Unauthorised,
        Hold::Misconfigured => Reason::Misconfigured,
    }
}
