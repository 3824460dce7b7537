//! What is known of the other end: whether it is held, left alone for a while, or asked now and
//! then.

use super::clock::{millis, random};
use super::outcome::Reason;
use crate::model::delivery::Problem;
use crate::retry::backoff::{Budget, FIRST, full_jitter};
use crate::retry::verdict::Hold;
use crate::spool::Entry;

/// How long a destination must have failed, at the least, before records are given up for it
/// without being tried.
const GIVE_UP_FLOOR: i64 = 5_000;

/// What is known of the other end.
#[derive(Default)]
pub(super) struct Destination {
    pub budget: Budget,
    pub held: Option<(Hold, Option<u16>, Option<Problem>)>,
    pub paused_until: i64,
    /// Since when nothing has got through.
    pub down_since: Option<i64>,
    /// With a destination that is down: when it is asked again, and how often it was.
    pub probe: Option<(i64, u32)>,
    last: Option<(Option<u16>, Option<Problem>)>,
}

impl Destination {
    pub fn takes_many(&self) -> bool {
        self.budget.allows_many() && self.probe.is_none()
    }

    /// Something got through.
    pub fn alive(&mut self) {
        self.down_since = None;
        self.probe = None;
    }

    pub fn failed(&mut self, entry: &Entry, started: i64, now: i64, retry_for: i64) {
        let since = *self.down_since.get_or_insert(started);
        self.last = Some((entry.http, entry.problem.clone()));
        if now - since >= retry_for.max(GIVE_UP_FLOOR) {
            let probes = self.probe.map_or(1, |(_, probes)| probes + 1);
            let wait = millis(full_jitter(FIRST, probes + 2, random())).max(250);
            self.probe = Some((now + wait, probes));
        }
    }

    /// It asked to be left alone for longer than anything is tried.
    pub fn leave_alone(&mut self, until: i64) {
        let (at, probes) = self.probe.unwrap_or((until, 0));
        self.probe = Some((at.max(until), probes));
    }

    /// Whether there is no point in sending anything now.
    pub fn is_closed(&self, now: i64) -> bool {
        self.held.is_some() || self.probe.is_some_and(|(at, _)| now < at)
    }

    pub fn reason(&self) -> Option<Reason> {
        match &self.held {
            Some((hold, ..)) => Some(reason_of(*hold)),
            None => self.probe.map(|_| Reason::Undelivered),
        }
    }

    /// What was heard last, for records that were never sent on account of it.
    pub fn last_words(&self) -> (Option<u16>, Option<Problem>) {
        match (&self.held, &self.last) {
            (Some((_, http, problem)), _) => (*http, problem.clone()),
            (None, Some((http, problem))) if self.probe.is_some() => (*http, problem.clone()),
            _ => (None, None),
        }
    }
}

pub(super) const fn reason_of(hold: Hold) -> Reason {
    match hold {
        Hold::Unauthorised => Reason::Unauthorised,
        Hold::Misconfigured => Reason::Misconfigured,
    }
}
