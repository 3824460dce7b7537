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

use super::{Entry, Error, Settlement, Spool};
use crate::link::event_log::{EventLogs, Reply};
use crate::model::delivery::{Problem, Status};
use crate::retry::backoff::{Budget, full_jitter};
use crate::retry::verdict::{Hold, RETRY_LATER, Verdict};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The bound of the wait after a first failure.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// How many attempts may fail with a plain 500 while others succeed before a record is poison.
const POISON: u32 = 8;

/// How long a destination must have failed, at the least, before records are given up for it
/// without being tried.
const GIVE_UP_FLOOR: i64 = 5_000;

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

/// Milliseconds since 1970 that never go back while the process lives.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: i64,
    started: Instant,
}

impl Clock {
    /// A clock that stands at `wall` now.
    pub fn starting_at(wall: i64) -> Clock {
        Clock {
            wall,
            started: Instant::now(),
        }
    }

    /// The present moment.
    pub fn now(&self) -> i64 {
        self.wall.saturating_add(millis(self.started.elapsed()))
    }
}

/// Why a record ended as it did; one reason for all is the reason of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It was delivered.
    Delivered,
    /// It was turned away for good.
    Refused,
    /// The key was not accepted.
    Unauthorised,
    /// The address or the certificate is wrong.
    Misconfigured,
    /// The destination could not be reached, or not in time.
    Undelivered,
    /// The run was stopped before its turn came.
    Stopped,
}

/// What became of a record.
#[derive(Debug)]
pub struct Outcome {
    /// The record, with its last answer.
    pub entry: Entry,
    /// How it ended.
    pub status: Status,
    /// Why.
    pub reason: Reason,
    /// Milliseconds from the first attempt to the last answer.
    pub ms: Option<u64>,
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
    slot: f64,
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

/// What is known of the other end.
#[derive(Default)]
struct Destination {
    budget: Budget,
    held: Option<(Hold, Option<u16>, Option<Problem>)>,
    paused_until: i64,
    /// Since when nothing has got through.
    down_since: Option<i64>,
    /// With a destination that is down: when it is asked again, and how often it was.
    probe: Option<(i64, u32)>,
    last: Option<(Option<u16>, Option<Problem>)>,
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
            slot: 0.0,
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
        let mut outcomes = self.returned()?;
        outcomes.extend(self.fill()?);
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

    /// Ends at once: what is under way may or may not have arrived, and what waits was not sent.
    pub fn abandon(&mut self) -> Result<Vec<Outcome>, Error> {
        self.stopped = true;
        self.flights.abort_all();
        let durable = self.spool.is_durable();
        let status = if durable {
            Status::Kept
        } else {
            Status::Failed
        };
        let mut settled = Vec::new();
        let mut outcomes = Vec::new();
        for (_, mut flight) in self.flying.drain() {
            flight.entry.attempts += 1;
            flight.entry.maybe_duplicate += 1;
            settled.push((flight.entry.clone(), Settlement::GivenUp));
            if flight.entry.own {
                outcomes.push((flight.entry, Reason::Undelivered));
            }
        }
        self.spool.settle(settled)?;
        let reason = self.destination.reason();
        for mut entry in self.spool.close() {
            if entry.problem.is_none() {
                (entry.http, entry.problem) = self.destination.last_words();
            }
            let reason = if entry.attempts == 0 && reason.is_none() {
                Reason::Stopped
            } else {
                reason.unwrap_or(Reason::Undelivered)
            };
            outcomes.push((entry, reason));
        }
        outcomes.sort_by_key(|(entry, _)| entry.seq);
        Ok(outcomes
            .into_iter()
            .map(|(entry, reason)| Outcome {
                entry,
                status,
                reason,
                ms: None,
            })
            .collect())
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
            let free = free.min(self.slots(now));
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

    /// How many records the rate allows to be begun now.
    fn slots(&mut self, now: i64) -> usize {
        let Some(rate) = self.options.rate else {
            return usize::MAX;
        };
        let now = as_float(now);
        // Slots that were not used do not add up to a burst.
        self.slot = self.slot.max(now - 100.0_f64.max(1000.0 / rate));
        usize::from(self.slot <= now)
    }

    fn send(&mut self, mut entry: Entry, now: i64) {
        if let Some(rate) = self.options.rate {
            self.slot += 1000.0 / rate;
        }
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
        let mut settled = Vec::with_capacity(claimed.len());
        let mut outcomes = Vec::with_capacity(claimed.len());
        for mut entry in claimed {
            if entry.problem.is_none() {
                (entry.http, entry.problem) = self.destination.last_words();
            }
            settled.push((entry.clone(), Settlement::GivenUp));
            outcomes.push(Self::outcome(entry, Status::Failed, reason, now));
        }
        self.spool.settle(settled)?;
        Ok(outcomes)
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
        if self.options.rate.is_some() && self.slot > as_float(wake) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "milliseconds of this century"
            )]
            let slot = self.slot.ceil() as i64;
            wake = slot;
        }
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
        let mut outcomes = Vec::with_capacity(landed.len());
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
            if settlement == Settlement::Later {
                settled.push((entry, settlement));
                continue;
            }
            let status = match settlement {
                Settlement::Delivered => Status::Delivered,
                Settlement::Refused => Status::Refused,
                _ if self.spool.is_durable() => Status::Kept,
                _ => Status::Failed,
            };
            settled.push((entry.clone(), settlement));
            if entry.own {
                outcomes.push(Self::outcome(entry, status, reason, now));
            } else if settlement == Settlement::Delivered {
                self.others += 1;
            }
        }
        self.spool.settle(settled)?;
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

    /// What an answer means for the record and for the destination.
    fn judge(&mut self, flight: Flight, reply: Reply, now: i64) -> (Entry, Settlement, Reason) {
        let Flight {
            mut entry,
            deliveries,
            started,
        } = flight;
        entry.attempts += 1;
        entry.http = reply.http.or(entry.http);
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
            Verdict::Again { floor, pause } => {
                if pause {
                    let until = now.saturating_add(millis(floor));
                    self.destination.paused_until = self.destination.paused_until.max(until);
                }
                let plain_500 = reply.http == Some(500)
                    && entry
                        .problem
                        .as_ref()
                        .and_then(|said| said.type_code.as_deref())
                        != Some(RETRY_LATER);
                // Attempts do not count during an outage: only while others get through.
                if plain_500 && self.deliveries > deliveries {
                    entry.counted += 1;
                    if entry.counted >= POISON {
                        return (entry, Settlement::Refused, Reason::Refused);
                    }
                }
                self.try_again(entry, started, floor, now)
            }
        }
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
        let left = retry_for - (now - since);
        let floor = millis(floor);
        let jitter = millis(full_jitter(FIRST_WAIT, entry.attempts, random()));
        // The last try is made when the time is up, not given away to a long wait.
        let wait = jitter.min(left).max(floor);
        if left <= 0 || wait > left {
            // The next run may try at once, unless the server has said otherwise.
            entry.due = if floor > 0 {
                now.saturating_add(floor)
            } else {
                0
            };
            (entry, Settlement::GivenUp, Reason::Undelivered)
        } else {
            entry.due = now.saturating_add(wait);
            (entry, Settlement::Later, Reason::Undelivered)
        }
    }
}

impl Destination {
    fn takes_many(&self) -> bool {
        self.budget.allows_many() && self.probe.is_none()
    }

    /// Something got through.
    fn alive(&mut self) {
        self.down_since = None;
        self.probe = None;
    }

    fn failed(&mut self, entry: &Entry, started: i64, now: i64, retry_for: i64) {
        let since = *self.down_since.get_or_insert(started);
        self.last = Some((entry.http, entry.problem.clone()));
        if now - since >= retry_for.max(GIVE_UP_FLOOR) {
            let probes = self.probe.map_or(1, |(_, probes)| probes + 1);
            let wait = millis(full_jitter(FIRST_WAIT, probes + 2, random())).max(250);
            self.probe = Some((now + wait, probes));
        }
    }

    /// Whether there is no point in sending anything now.
    fn is_closed(&self, now: i64) -> bool {
        self.held.is_some() || self.probe.is_some_and(|(at, _)| now < at)
    }

    fn reason(&self) -> Option<Reason> {
        match &self.held {
            Some((hold, ..)) => Some(reason_of(*hold)),
            None => self.probe.map(|_| Reason::Undelivered),
        }
    }

    /// What was heard last, for records that were never sent on account of it.
    fn last_words(&self) -> (Option<u16>, Option<Problem>) {
        match (&self.held, &self.last) {
            (Some((_, http, problem)), _) => (*http, problem.clone()),
            (None, Some((http, problem))) if self.probe.is_some() => (*http, problem.clone()),
            _ => (None, None),
        }
    }
}

const fn reason_of(hold: Hold) -> Reason {
    match hold {
        Hold::Unauthorised => Reason::Unauthorised,
        Hold::Misconfigured => Reason::Misconfigured,
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this century fit"
)]
fn as_float(millis: i64) -> f64 {
    millis as f64
}

/// A number nobody can foresee; quality does not matter here.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}
