//! Sending what the spool holds: claim, PUT, judge, settle. In order within a journey, many
//! journeys at once.
//!
//! Three things keep records back. A record that failed waits for its own next try. A
//! destination that asked for it, or that has failed for long, is left alone for a while. And a
//! destination that no record can reach before a person changes something (the key, the address,
//! the certificate) is held: nothing more is sent there, and nothing is given up for it.
//!
//! A record that is refused for good never holds up its journey: what follows stands for
//! itself, and what must not follow an error was already rejected by our own rules.

mod clock;
mod destination;
mod ending;
mod judging;
mod outcome;
#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use outcome::{Reason, SendOutcome};

use super::{Entry, Error, Settlement, Spool};
use crate::link::event_log::{EventLogs, Reply};
use crate::model::delivery::{DeliveryStatus, Problem};
use crate::retry::pace::Pace;
use clock::millis;
use destination::DestinationState;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often a caller that waits for a destination that takes nothing may decide to stop waiting.
const HOPELESS: Duration = Duration::from_millis(20);

/// How records are sent.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many are under way at once.
    pub jobs: usize,
    /// How many are begun in a second, at most.
    pub rate: Option<f64>,
    /// How long a record is tried again.
    pub retry_for: Duration,
}

/// Sends what a spool holds to one destination.
pub struct Dispatcher {
    spool: Arc<dyn Spool>,
    logs: Arc<EventLogs>,
    options: Options,
    clock: Clock,
    flights: JoinSet<(i64, Reply)>,
    flying: HashMap<i64, Flight>,
    /// Why records end that are being settled.
    reasons: HashMap<i64, Reason>,
    destination: DestinationState,
    deliveries: u64,
    pace: Pace,
    /// Whether the spool knows that the destination is left alone.
    pause_noted: bool,
    stopped: bool,
    /// When something was last reported, accepted or sent.
    last_activity: i64,
    /// Records that the server rejected, those of other runs among them.
    pub rejected: u64,
}

struct Flight {
    entry: Entry,
    /// How many records had been delivered when it was sent.
    deliveries: u64,
    started: i64,
}

impl Dispatcher {
    /// A dispatcher that has nothing under way.
    pub fn new(
        spool: Arc<dyn Spool>,
        logs: Arc<EventLogs>,
        options: Options,
        clock: Clock,
    ) -> Dispatcher {
        let retry_for = millis(options.retry_for);
        let pause = spool.paused(clock.now());
        let pause_noted = pause.is_some();
        Dispatcher {
            spool,
            logs,
            options,
            clock,
            flights: JoinSet::new(),
            flying: HashMap::new(),
            reasons: HashMap::new(),
            destination: pause.map_or_else(DestinationState::default, |pause| {
                DestinationState::paused(pause, clock.now(), retry_for)
            }),
            deliveries: 0,
            pace: Pace::new(options.rate),
            pause_noted,
            stopped: false,
            last_activity: clock.now(),
            rejected: 0,
        }
    }

    /// For a destination that took nothing when it was asked last: one record at a time, until
    /// something gets through.
    #[must_use]
    pub fn probing(mut self) -> Dispatcher {
        self.destination.probe = Some((self.clock.now(), 1));
        self
    }

    /// Begins nothing more; what is under way is finished.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// How many records are under way.
    pub fn in_flight(&self) -> usize {
        self.flying.len()
    }

    /// Records were accepted: patience with them begins now.
    pub fn accepted(&mut self) {
        self.last_activity = self.clock.now();
    }

    /// Whether there is no point in waiting for more: a durable spool keeps what a destination
    /// that is held or down cannot take, and what is not due before patience ends.
    pub fn is_hopeless(&self) -> bool {
        if !self.spool.is_durable() || !self.flying.is_empty() {
            return false;
        }
        let patient_until = self
            .last_activity
            .saturating_add(millis(self.options.retry_for));
        let waits_too_long = if self.spool.sends_own() {
            self.spool.due().is_some_and(|due| due > patient_until)
        } else {
            self.clock.now() > patient_until
        };
        waits_too_long || self.destination.held.is_some() || self.destination.probe.is_some()
    }

    /// Why nothing has got through for a while, if nothing has.
    pub fn trouble(&self) -> Option<Problem> {
        self.destination.trouble(self.clock.now())
    }

    /// Whether nothing can get through before a person changes something.
    pub fn is_held(&self) -> bool {
        self.flying.is_empty() && self.destination.held.is_some()
    }

    /// Begins what may be begun and waits until something has happened; gives what has ended.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Vec<SendOutcome>, Error> {
        let was_done = self.spool.is_done();
        // One after the other: what is known must be reported before something may fail.
        let mut outcomes = self.strayed();
        if outcomes.is_empty() {
            outcomes = self.settled()?;
        }
        if outcomes.is_empty() {
            outcomes = self.returned(false)?;
        }
        if outcomes.is_empty() {
            outcomes = self.fill()?;
        }
        // A claim may find that a record has ended: it was dropped, or its bytes have changed.
        if outcomes.is_empty() && self.flying.is_empty() {
            outcomes = self.returned(false)?;
        }
        if !outcomes.is_empty() {
            self.last_activity = self.clock.now();
            return Ok(outcomes);
        }
        // It may also find that nothing is left, and nothing else happens then.
        if !was_done && self.spool.is_done() {
            return Ok(outcomes);
        }
        let hopeless = self.is_hopeless().then_some(HOPELESS);
        let wake = [self.wake(), self.spool.look_again(), hopeless];
        let wake = wake.into_iter().flatten().min();
        tokio::select! {
            biased;
            Some(landed) = self.flights.join_next() => {
                let mut all = vec![landed];
                all.extend(std::iter::from_fn(|| self.flights.try_join_next()));
                self.last_activity = self.clock.now();
                self.land(all)?;
                self.settled()
            }
            () = tokio::time::sleep(wake.unwrap_or_default()), if wake.is_some() => Ok(Vec::new()),
            () = self.spool.news().notified() => Ok(Vec::new()),
        }
    }

    /// What a record is that was not delivered and not refused.
    fn status_of_kept(&self) -> DeliveryStatus {
        if self.spool.is_durable() {
            DeliveryStatus::Kept
        } else {
            DeliveryStatus::Failed
        }
    }

    /// Records that this run accepted and cannot send.
    pub fn strayed(&self) -> Vec<SendOutcome> {
        let strayed = self.spool.strayed().into_iter();
        strayed
            .map(|entry| SendOutcome {
                entry,
                status: DeliveryStatus::Kept,
                reason: Reason::Undelivered,
                answered: false,
                ms: None,
            })
            .collect()
    }

    /// Records of this run that have ended without an answer seen here.
    fn returned(&mut self, now: bool) -> Result<Vec<SendOutcome>, Error> {
        let returned = self.spool.returned(now)?.into_iter();
        let own = returned.filter(|(entry, _)| entry.own);
        let reason = self.destination.reason().unwrap_or(Reason::Undelivered);
        Ok(own
            .map(|(entry, settlement)| self.outcome(entry, settlement, reason, None))
            .collect())
    }

    /// Begins as many as may be begun. What cannot be begun at all is given up here.
    fn fill(&mut self) -> Result<Vec<SendOutcome>, Error> {
        if self.stopped {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        if self.pause_noted && now < self.destination.paused_until() && !self.is_paused(now) {
            self.destination.resume();
        }
        if self.destination.is_closed(now) {
            return self.give_up_what_waits(now);
        }
        while now >= self.destination.quiet_until() {
            let limit = if self.destination.takes_many() {
                self.options.jobs
            } else {
                1
            };
            let free = limit.saturating_sub(self.flying.len());
            let free = free.min(self.pace.slots(now));
            if free == 0 {
                break;
            }
            let claimed = self.spool.claim(free, now)?;
            if claimed.is_empty() {
                break;
            }
            for entry in claimed {
                self.send(entry, now);
            }
        }
        Ok(Vec::new())
    }

    /// Whether the pause that was noted still stands: a person can end it.
    fn is_paused(&self, now: i64) -> bool {
        self.spool.paused(now).is_some()
    }

    fn send(&mut self, mut entry: Entry, now: i64) {
        self.pace.begun();
        entry.first.get_or_insert(now);
        let (seq, body) = (entry.seq, entry.record.body.clone());
        let logs = Arc::clone(&self.logs);
        self.flights
            .spawn(async move { (seq, logs.put(body).await) });
        self.flying.insert(
            seq,
            Flight {
                entry,
                deliveries: self.deliveries,
                started: now,
            },
        );
    }

    /// The time after which something may be begun, unless something else happens first.
    fn wake(&self) -> Option<Duration> {
        if self.stopped || self.destination.held.is_some() {
            return None;
        }
        let now = self.clock.now();
        let closed_until = self.destination.closed_until();
        // While nothing may be sent nothing is read either: what is due is known only afterwards.
        let wake = if closed_until > now {
            closed_until
        } else {
            self.spool.due()?.max(self.pace.next())
        };
        let strained = !self.destination.takes_many() && !self.flying.is_empty();
        // Something due that was not begun waits for a landing, not for the clock.
        if (self.flying.len() >= self.options.jobs || strained) && wake <= now {
            return None;
        }
        Some(Duration::from_millis(
            u64::try_from(wake - now).unwrap_or(0),
        ))
    }

    fn land(
        &mut self,
        landed: Vec<Result<(i64, Reply), tokio::task::JoinError>>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut settled = Vec::with_capacity(landed.len());
        let paused_until = self.destination.paused_until();
        for landing in landed {
            let (seq, reply) = match landing {
                Ok(landing) => landing,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => continue,
                },
            };
            let Some(flight) = self.flying.remove(&seq) else {
                continue;
            };
            let (entry, settlement, reason) = self.judge(flight, reply, now);
            if settlement != Settlement::Later {
                self.reasons.insert(entry.seq, reason);
            }
            settled.push((entry, settlement));
        }
        if let Some(pause) = &self.destination.pause
            && pause.until > paused_until
        {
            // Where it cannot be noted, later runs ask for themselves.
            self.pause_noted = self.spool.pause(pause);
        }
        self.spool.settle(settled)
    }

    /// What has become of settled records, as far as it is durable.
    fn settled(&mut self) -> Result<Vec<SendOutcome>, Error> {
        let ended = self.spool.settled(false)?;
        let mut outcomes = Vec::with_capacity(ended.len());
        let mut reason = Reason::Undelivered;
        for (entry, settlement) in ended {
            // What ends with a record that was given up ends for its reason.
            reason = self.reasons.remove(&entry.seq).unwrap_or(reason);
            outcomes.extend(self.ended(entry, settlement, reason));
        }
        Ok(outcomes)
    }

    /// Counts a settled record; what there is to report of it.
    fn ended(
        &mut self,
        entry: Entry,
        settlement: Settlement,
        reason: Reason,
    ) -> Option<SendOutcome> {
        self.rejected += u64::from(settlement == Settlement::Refused);
        let now = self.clock.now();
        entry
            .own
            .then(|| self.outcome(entry, settlement, reason, Some(now)))
    }

    /// What became of a record; `reason` says why it was given up, if it was.
    fn outcome(
        &self,
        entry: Entry,
        settlement: Settlement,
        reason: Reason,
        now: Option<i64>,
    ) -> SendOutcome {
        let (status, reason) = match settlement {
            Settlement::Delivered => (DeliveryStatus::Delivered, Reason::Delivered),
            Settlement::Refused => (DeliveryStatus::Refused, Reason::Refused),
            Settlement::Lost => (DeliveryStatus::Failed, Reason::Lost),
            Settlement::Later | Settlement::GivenUp => (self.status_of_kept(), reason),
        };
        let span = entry.first.zip(now).map(|(first, now)| now - first);
        SendOutcome {
            answered: entry.http.is_some() || self.destination.held_by_answer(),
            entry,
            status,
            reason,
            ms: span.and_then(|span| u64::try_from(span).ok()),
        }
    }
}
