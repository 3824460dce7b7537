//! What an answer makes of a record.

use super::clock::{millis, random};
use super::destination::reason_of;
use super::{Dispatcher, Flight, Reason};
use crate::link::event_log::Reply;
use crate::retry::backoff::next_try;
use crate::retry::verdict::Verdict;
use crate::spool::{Entry, Pause, Settlement};
use std::time::Duration;

/// How many attempts may fail with a plain 500 while others succeed before a record is poison.
pub(super) const POISON: u32 = 8;

impl Dispatcher {
    /// What an answer means for the record and for the destination.
    pub(super) fn judge(
        &mut self,
        flight: Flight,
        reply: Reply,
        now: i64,
    ) -> (Entry, Settlement, Reason) {
        let Flight {
            mut entry,
            deliveries,
            started,
        } = flight;
        entry.attempts += 1;
        self.destination.answered(reply.http.is_some(), now);
        entry.http = reply.http;
        entry.problem = reply.problem;
        match reply.verdict {
            Verdict::Delivered => {
                entry.problem = None;
                self.deliveries += 1;
                self.destination.alive();
                self.destination.budget.delivered();
                (entry, Settlement::Delivered, Reason::Delivered)
            }
            Verdict::Refused => {
                self.destination.alive();
                (entry, Settlement::Refused, Reason::Refused)
            }
            Verdict::Hold(hold) => {
                self.destination.held = Some((hold, entry.http, entry.problem.clone()));
                (entry, Settlement::GivenUp, reason_of(hold))
            }
            Verdict::Unknown => {
                entry.maybe_duplicate += 1;
                self.try_again(entry, started, Duration::ZERO, now)
            }
            Verdict::Again {
                floor,
                pause,
                doubtful,
            } => {
                entry.maybe_duplicate += u32::from(doubtful);
                if pause {
                    self.leave_alone(&entry, floor, now);
                }
                if self.is_poison(&mut entry, deliveries, doubtful) {
                    return (entry, Settlement::Refused, Reason::Refused);
                }
                self.try_again(entry, started, floor, now)
            }
        }
    }

    /// Sends nothing to the destination for so long, as it answered to this record.
    fn leave_alone(&mut self, entry: &Entry, floor: Duration, now: i64) {
        let pause = Pause {
            until: now.saturating_add(millis(floor)),
            http: entry.http,
            problem: entry.problem.clone(),
        };
        let retry_for = millis(self.options.retry_for);
        self.destination.leave_alone(pause, now, retry_for);
    }

    /// Counts a failed attempt, and says whether the record has failed too often. Attempts do not
    /// count during an outage: only while others get through.
    fn is_poison(&mut self, entry: &mut Entry, deliveries: u64, doubtful: bool) -> bool {
        let others = self.deliveries > entry.others.unwrap_or(deliveries);
        entry.others = Some(self.deliveries);
        let counts = doubtful && entry.http == Some(500) && others;
        entry.counted += u32::from(counts);
        counts && entry.counted >= POISON
    }

    fn try_again(
        &mut self,
        mut entry: Entry,
        started: i64,
        floor: Duration,
        now: i64,
    ) -> (Entry, Settlement, Reason) {
        let retry_for = millis(self.options.retry_for);
        self.destination.failed(&entry, started, now, retry_for);
        self.destination.budget.retried();
        let since = entry
            .first
            .unwrap_or(started)
            .min(self.destination.down_since.unwrap_or(started));
        let left = u64::try_from(retry_for - (now - since)).ok();
        let left = left.map(Duration::from_millis);
        if let Some(wait) = next_try(entry.attempts, random(), floor, left) {
            entry.due = now.saturating_add(millis(wait));
            return (entry, Settlement::Later, Reason::Undelivered);
        }
        // The next run may try at once, unless the server has said otherwise.
        entry.due = if floor.is_zero() {
            0
        } else {
            now.saturating_add(millis(floor))
        };
        (entry, Settlement::GivenUp, Reason::Undelivered)
    }
}
