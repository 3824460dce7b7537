//! Sending what the spool holds: claim, PUT, judge, settle. In order within a journey, many
//! journeys at once.
//!
//! Three things keep records back. A record that failed waits for its own next try. A
//! destination that asked for it, or that has failed for long, is left alone for a while. And a
//! destination that no record can reach before a person changes something (the key, the address,
//! the certificate) is held: nothing more is sent there, and nothing is given up for it.
//!
//! A record that is refused for good never holds up its journey: what follows stands for
//! itself, and what must not follow an error was already turned away by our own rules.

mod clock;
mod destination;
mod judging;
mod outcome;
#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use outcome::{Outcome, Reason};

use super::{Entry, Error, Settlement, Spool};
use crate::link::event_log::{EventLogs, Reply};
use crate::model::delivery::{Problem, Status};
use crate::retry::pace::Pace;
use clock::millis;
use destination::Destination;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often whoever waits for a destination that takes nothing may decide to stop waiting.
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
    destination: Destination,
    deliveries: u64,
    pace: Pace,
    stopped: bool,
    /// When something was last told or sent.
    stirred: i64,
    /// Records of other runs that were delivered on the way.
    pub others: u64,
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
        Dispatcher {
            spool,
            logs,
            options,
            clock,
            flights: JoinSet::new(),
            flying: HashMap::new(),
            destination: Destination::default(),
            deliveries: 0,
            pace: Pace::new(options.rate),
            stopped: false,
            stirred: clock.now(),
            others: 0,
        }
    }

    /// Begins nothing more; what is under way is finished.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// How many records are under way.
    pub fn in_flight(&self) -> usize {
        self.flying.len()
    }

    /// Whether there is a point in waiting for more: a durable spool keeps what a destination
    /// that is held or down cannot take.
    pub fn is_hopeless(&self) -> bool {
        let unheard = self.clock.now() - self.stirred;
        self.spool.is_durable()
            && self.flying.is_empty()
            && (self.destination.held.is_some()
                || self.destination.probe.is_some()
                || !self.spool.leads() && unheard > millis(self.options.retry_for))
    }

    /// Whether nothing can get through before a person changes something.
    pub fn is_held(&self) -> bool {
        self.flying.is_empty() && self.destination.held.is_some()
    }

    /// Begins what may be begun and waits until something has happened; tells what has ended.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Vec<Outcome>, Error> {
        // One after the other: what is known must be told before something may fail.
        let mut outcomes = self.strayed();
        if outcomes.is_empty() {
            outcomes = self.returned()?;
        }
        if outcomes.is_empty() {
            outcomes = self.fill()?;
        }
        if !outcomes.is_empty() {
            self.stirred = self.clock.now();
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
                self.stirred = self.clock.now();
                self.land(all)
            }
            () = tokio::time::sleep(wake.unwrap_or_default()), if wake.is_some() => Ok(Vec::new()),
            () = self.spool.news().notified() => Ok(Vec::new()),
        }
    }

    /// Ends at once and tells, in order: what is under way may or may not have arrived, and what
    /// waits was not sent.
    pub fn abandon(&mut self, tell: &mut dyn FnMut(Outcome)) -> Result<(), Error> {
        self.flights.abort_all();
        let status = if self.spool.is_durable() {
            Status::Kept
        } else {
            Status::Failed
        };
        let mut ended = |entry: Entry, reason: Reason| {
            if entry.own {
                tell(Outcome {
                    entry,
                    status,
                    reason,
                    ms: None,
                });
            }
        };
        let mut flown: Vec<Entry> = self
            .flying
            .drain()
            .map(|(_, flight)| flight.entry)
            .collect();
        flown.sort_by_key(|entry| entry.seq);
        for entry in &mut flown {
            entry.attempts += 1;
            entry.maybe_duplicate += 1;
            entry.problem.get_or_insert_with(|| Problem {
                title: "stopped before the answer came: it may have arrived".to_owned(),
                ..Problem::default()
            });
        }
        let settled = flown
            .iter()
            .map(|entry| (entry.clone(), Settlement::GivenUp))
            .collect();
        let settled = self.spool.settle(settled).map(drop);
        for entry in self.spool.strayed() {
            ended(entry, Reason::Undelivered);
        }
        let mut reason = self.destination.reason();
        let mut last_words = self.destination.last_words();
        if !self.stopped && !self.spool.leads() {
            reason = Some(Reason::Undelivered);
            last_words = (None, Some(elsewhere()));
        }
        self.stopped = true;
        let mut flown = flown.into_iter().peekable();
        let closed = self.spool.close(&mut |mut entry| {
            while let Some(before) = flown.next_if(|before| before.seq < entry.seq) {
                ended(before, Reason::Undelivered);
            }
            if entry.problem.is_none() {
                (entry.http, entry.problem) = last_words.clone();
            }
            let reason = if entry.attempts == 0 && reason.is_none() {
                Reason::Stopped
            } else {
                reason.unwrap_or(Reason::Undelivered)
            };
            ended(entry, reason);
        });
        for entry in flown {
            ended(entry, Reason::Undelivered);
        }
        settled.and(closed)
    }

    /// Records that this run accepted and cannot send.
    pub fn strayed(&self) -> Vec<Outcome> {
        let strayed = self.spool.strayed().into_iter();
        strayed
            .map(|entry| Outcome {
                entry,
                status: Status::Kept,
                reason: Reason::Undelivered,
                ms: None,
            })
            .collect()
    }

    /// What other processes have done with records of this run.
    fn returned(&mut self) -> Result<Vec<Outcome>, Error> {
        let returned = self.spool.returned()?;
        let outcome = |(entry, settlement)| match settlement {
            Settlement::Delivered => Outcome {
                entry,
                status: Status::Delivered,
                reason: Reason::Delivered,
                ms: None,
            },
            _ => Outcome {
                entry,
                status: Status::Refused,
                reason: Reason::Refused,
                ms: None,
            },
        };
        Ok(returned.into_iter().map(outcome).collect())
    }

    /// Begins as many as may be begun. What cannot be begun at all is given up here.
    fn fill(&mut self) -> Result<Vec<Outcome>, Error> {
        if self.stopped {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        if self.destination.is_closed(now) {
            return self.give_up_what_waits(now);
        }
        while now >= self.destination.paused_until {
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

    /// With nowhere to go, records in memory are failed; a durable spool simply keeps its own.
    fn give_up_what_waits(&mut self, now: i64) -> Result<Vec<Outcome>, Error> {
        if self.spool.is_durable() {
            return Ok(Vec::new());
        }
        let claimed = self.spool.claim(usize::MAX, i64::MAX)?;
        let reason = self.destination.reason().unwrap_or(Reason::Undelivered);
        let last_words = |mut entry: Entry| {
            if entry.problem.is_none() {
                (entry.http, entry.problem) = self.destination.last_words();
            }
            (entry, Settlement::GivenUp)
        };
        let settled = claimed.into_iter().map(last_words).collect();
        let ended = self.spool.settle(settled)?.into_iter();
        Ok(ended
            .map(|(entry, _)| Self::outcome(entry, Status::Failed, reason, now))
            .collect())
    }

    /// The time after which something may be begun, unless something else happens first.
    fn wake(&self) -> Option<Duration> {
        if self.stopped || self.destination.held.is_some() {
            return None;
        }
        let due = self.spool.due()?;
        let mut wake = due.max(self.destination.paused_until);
        if let Some((probe, _)) = self.destination.probe {
            wake = wake.max(probe);
        }
        let now = self.clock.now();
        wake = wake.max(self.pace.next());
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
    ) -> Result<Vec<Outcome>, Error> {
        let now = self.clock.now();
        let mut settled = Vec::with_capacity(landed.len());
        let mut reasons = Vec::with_capacity(landed.len());
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
                reasons.push(reason);
            }
            settled.push((entry, settlement));
        }
        let ended = self.spool.settle(settled)?;
        let mut outcomes = Vec::with_capacity(ended.len());
        for ((entry, settlement), reason) in ended.into_iter().zip(reasons) {
            let status = match settlement {
                Settlement::Delivered => Status::Delivered,
                Settlement::Refused => Status::Refused,
                _ if self.spool.is_durable() => Status::Kept,
                _ => Status::Failed,
            };
            if entry.own {
                outcomes.push(Self::outcome(entry, status, reason, now));
            } else if settlement == Settlement::Delivered {
                self.others += 1;
            }
        }
        Ok(outcomes)
    }

    fn outcome(entry: Entry, status: Status, reason: Reason, now: i64) -> Outcome {
        let ms = entry
            .first
            .and_then(|first| u64::try_from(now - first).ok());
        Outcome {
            entry,
            status,
            reason,
            ms,
        }
    }
}

/// Why a record was not sent that another process has taken charge of.
fn elsewhere() -> Problem {
    Problem {
        title: "another process sends what is in the spool and has not come to it yet".to_owned(),
        ..Problem::default()
    }
}
