//! What becomes of records that a run does not send any more.

use super::{Dispatcher, Reason, SendOutcome};
use crate::model::delivery::Problem;
use crate::spool::{Entry, Error, Settlement};

/// Why records are left over at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LeftBy {
    /// A person has stopped the run.
    Interrupt,
    /// Another process sends them.
    OtherSender,
    /// Their destination takes nothing, or they have to wait.
    Destination,
}

impl Dispatcher {
    /// Ends at once and reports, in order: what is under way may or may not have arrived, and what
    /// waits was not sent, either because a person has `interrupted` the run or for a reason.
    pub fn abandon(
        &mut self,
        interrupted: bool,
        report: &mut dyn FnMut(SendOutcome),
    ) -> Result<(), Error> {
        let (under_way, settled) = self.abort_flights(report);
        // What has become of the others is asked once more: it may be long since it was.
        let returned = self.returned_by_now(report);
        self.stopped = true;
        let left_by = if interrupted {
            LeftBy::Interrupt
        } else if self.spool.sends_own() {
            LeftBy::Destination
        } else {
            LeftBy::OtherSender
        };
        let now = self.clock.now();
        let mut left = |entry: Entry| {
            if entry.own {
                report(self.left_over(entry, left_by, now));
            }
        };
        let mut under_way = under_way.into_iter().peekable();
        let closed = self.spool.close(&mut |entry| {
            while let Some(before) = under_way.next_if(|before| before.seq < entry.seq) {
                left(before);
            }
            left(entry);
        });
        under_way.for_each(left);
        // Among them what was still being accepted when the end began.
        self.strayed().into_iter().for_each(&mut *report);
        settled.and(returned).and(closed)
    }

    /// Gives up what is under way: those of this run that are still to be reported, in order.
    fn abort_flights(
        &mut self,
        report: &mut dyn FnMut(SendOutcome),
    ) -> (Vec<Entry>, Result<(), Error>) {
        self.flights.abort_all();
        let flown = self.flying.drain().map(|(_, flight)| flight.entry);
        let mut flown: Vec<Entry> = flown.collect();
        flown.sort_by_key(|entry| entry.seq);
        for entry in &mut flown {
            entry.attempts += 1;
            entry.maybe_duplicate += 1;
            entry.problem.get_or_insert_with(|| {
                Problem::titled("stopped before the answer came: the server may have the record")
            });
        }
        let given_up = flown
            .iter()
            .map(|entry| (entry.clone(), Settlement::GivenUp));
        let begun = self.spool.settle(given_up.collect());
        let settled = begun.and_then(|()| self.spool.settled(true)).map(|ended| {
            flown.clear();
            for (entry, settlement) in ended {
                match self.reasons.remove(&entry.seq) {
                    Some(reason) => {
                        let outcome = self.ended(entry, settlement, reason);
                        outcome.into_iter().for_each(&mut *report);
                    }
                    None => flown.push(entry),
                }
            }
        });
        flown.sort_by_key(|entry| entry.seq);
        (flown, settled)
    }

    fn returned_by_now(&mut self, report: &mut dyn FnMut(SendOutcome)) -> Result<(), Error> {
        loop {
            let returned = self.returned(true)?;
            if returned.is_empty() {
                return Ok(());
            }
            returned.into_iter().for_each(&mut *report);
        }
    }

    fn left_over(&self, mut entry: Entry, left_by: LeftBy, now: i64) -> SendOutcome {
        if entry.attempts == 0 {
            entry.problem = match left_by {
                LeftBy::Interrupt => None,
                LeftBy::OtherSender => Some(Problem::titled(
                    "another process is sending from the spool and has not sent this record yet",
                )),
                LeftBy::Destination => self.destination.words_for(entry.problem.take(), now),
            };
        }
        let reason = match self.destination.reason() {
            _ if left_by == LeftBy::OtherSender => Reason::Undelivered,
            None if entry.attempts == 0 => Reason::Stopped,
            reason => reason.unwrap_or(Reason::Undelivered),
        };
        self.outcome(entry, Settlement::GivenUp, reason, None)
    }

    /// With nowhere to go, records in memory are failed; a durable spool simply keeps its own.
    pub(super) fn give_up_what_waits(&mut self, now: i64) -> Result<Vec<SendOutcome>, Error> {
        if self.spool.is_durable() {
            return Ok(Vec::new());
        }
        let claimed = self.spool.claim(usize::MAX, i64::MAX)?;
        let reason = self.destination.reason().unwrap_or(Reason::Undelivered);
        let given_up = claimed
            .into_iter()
            .map(|entry| (entry, Settlement::GivenUp));
        self.spool.settle(given_up.collect())?;
        let ended = self.spool.settled(true)?.into_iter();
        Ok(ended
            .map(|(mut entry, settlement)| {
                if entry.attempts == 0 {
                    let problem = entry.problem.take();
                    entry.problem = self.destination.words_for(problem, now);
                }
                self.outcome(entry, settlement, reason, Some(now))
            })
            .collect())
    }
}
