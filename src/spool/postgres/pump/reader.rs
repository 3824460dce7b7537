//! Reading: the share of lanes, places ahead, bytes of what is due, and what has become of this
//! run's records.

use super::{BACKOFF, Backoff, EAGER_TICK, MINUTE, SELDOM, SOON, TICK, Work};
use crate::spool::Purpose;
use crate::spool::postgres::connection::{Connection, DatabaseError};
use crate::spool::postgres::rows;
use crate::spool::postgres::state::State;
use crate::spool::postgres::{lease, watch};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Bytes that are fetched at once, about, and records.
const FETCH_BYTES: usize = 4 << 20;
const MOST_FETCHED: usize = 256;

/// How many times longer it rests from asking for all watched records than that took.
const REST: u32 = 10;

/// When the reader does what next.
struct ReaderSchedule {
    generation: u64,
    tick: Instant,
    poll: Instant,
    pause: Duration,
    watch: Instant,
    inbox: Instant,
    minute: Instant,
    /// Whether a lane that is wanted was missing already.
    lacks: bool,
    /// Whether this user may send.
    may_send: bool,
    /// The size of a record, about.
    size: usize,
}

impl ReaderSchedule {
    fn new() -> ReaderSchedule {
        let now = Instant::now();
        ReaderSchedule {
            generation: 0,
            tick: now,
            poll: now,
            pause: SOON,
            watch: now,
            inbox: now + TICK,
            minute: now,
            lacks: false,
            may_send: true,
            size: 64 << 10,
        }
    }
}

impl Work {
    pub(super) async fn read_on(&self) {
        if self.shared.purpose == Purpose::Accept {
            return;
        }
        let mut plan = ReaderSchedule::new();
        let mut backoff = Backoff(BACKOFF);
        while !self.is_closing() {
            let wait = match self.round(&mut plan).await {
                Ok(wait) => {
                    backoff = Backoff(BACKOFF);
                    self.note_available();
                    wait
                }
                Err(DatabaseError::Unavailable(why)) => {
                    self.note_unavailable(&why);
                    self.rest(backoff.next()).await;
                    continue;
                }
                Err(error) => return self.fail(error),
            };
            tokio::select! {
                () = self.shared.reader.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Waits until the database is tried again, whoever wants something meanwhile: records are
    /// wanted all the time. Only the end of the run does not wait.
    async fn rest(&self, wait: Duration) {
        let end = async {
            while !self.is_closing() {
                self.shared.reader.notified().await;
            }
        };
        tokio::select! {
            () = end => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Does what is due; how long nothing will be.
    async fn round(&self, plan: &mut ReaderSchedule) -> Result<Duration, DatabaseError> {
        let connection = self.connection().await?;
        let dest = self.dest(&connection).await?;
        if plan.generation != self.generation.get() {
            plan.generation = self.generation.get();
            self.shared.state().due_elsewhere = None;
            plan.tick = Instant::now();
        }
        if self.shared.drains() && Instant::now() >= plan.inbox {
            let mut complaints = Vec::new();
            self.import(&connection, &mut complaints).await?;
            self.shared.state().notices.append(&mut complaints);
            plan.inbox = Instant::now() + TICK;
        }
        self.share(&connection, dest, plan).await?;
        let busy = self.read(&connection, dest, plan).await?;
        self.fetch(&connection, dest, plan).await?;
        self.watch(&connection, plan).await?;
        self.tidy(&connection, dest, plan).await?;
        let mut next = plan.tick.min(plan.poll);
        let state = self.shared.state();
        if busy || state.wants_round {
            return Ok(Duration::ZERO);
        }
        if !state.watch.is_empty() {
            next = next.min(plan.watch);
        }
        Ok(next.saturating_duration_since(Instant::now()))
    }

    /// Keeps the lease and asks for lanes, when it is time.
    async fn share(
        &self,
        connection: &Connection,
        dest: i32,
        plan: &mut ReaderSchedule,
    ) -> Result<(), DatabaseError> {
        let lacks = self.wanted().is_some_and(|wanted| {
            let state = self.shared.state();
            wanted.iter().any(|lane| !state.lanes.owns(*lane))
        });
        let now = Instant::now();
        // At once when the first is missing, then as often as it is looked for records.
        let asks = lacks && (!plan.lacks || now >= plan.poll);
        plan.lacks = lacks;
        if !plan.may_send || now < plan.tick && !asks {
            return Ok(());
        }
        match self.tick(connection, dest).await {
            Ok(whole) => {
                let tick = (self.shared.lease / lease::RENEWALS).min(if whole {
                    TICK
                } else {
                    EAGER_TICK
                });
                plan.tick = now + tick;
                Ok(())
            }
            // Who may only append leaves the sending to others.
            Err(DatabaseError::Forbidden(_)) if self.shared.purpose == Purpose::Own => {
                plan.may_send = false;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The lanes that are wanted, where not any lane will do.
    fn wanted(&self) -> Option<Vec<i16>> {
        let own = self.shared.purpose == Purpose::Own;
        own.then(|| self.shared.state().watch.lanes())
    }

    /// Renews the lease, gives lanes back and takes others; whether this drainer has its share.
    async fn tick(&self, connection: &Connection, dest: i32) -> Result<bool, DatabaseError> {
        let wanted = self.wanted();
        lease::remove_expired(connection, dest).await?;
        let registered = self.registered(connection, dest, wanted.as_deref());
        let Some(id) = registered.await? else {
            return Ok(true);
        };
        let share = lease::share(connection, id, dest, (self.shared.clock)()).await?;
        let lanes = usize::try_from(connection.lanes).unwrap_or(1);
        let drainers = usize::try_from(share.drainers.max(1)).unwrap_or(1);
        let fair = match &wanted {
            Some(_) => usize::MAX,
            None => lanes.div_ceil(drainers),
        };
        let mut mine = share.mine;
        let most = match &wanted {
            Some(wanted) => wanted.len(),
            None => fair.saturating_sub(mine.len()),
        };
        if most > 0 {
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            mine.extend(lease::take(connection, id, dest, most, wanted.as_deref()).await?);
        }
        let whole = mine.len() >= fair.min(lanes / drainers) || wanted.is_some();
        let free = {
            let mut state = self.shared.state();
            if state.unnoted_pause.is_none() {
                state.pause = share.pause;
            }
            state.lanes.own(&mine);
            state.lanes.give_back(fair)
        };
        if !free.is_empty() {
            let heads = self.shared.state().lanes.heads();
            lease::note_heads(connection, id, dest, &heads).await?;
            lease::give_back(connection, id, dest, &free).await?;
            mine.retain(|(n, ..)| !free.contains(n));
            self.shared.state().lanes.own(&mine);
        }
        self.ring();
        Ok(whole)
    }

    /// The id under which this drainer is registered, with its lease renewed; none where no lane
    /// that it wants is free.
    async fn registered(
        &self,
        connection: &Connection,
        dest: i32,
        wanted: Option<&[i16]>,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let lease = self.shared.lease.as_secs_f64();
        let mut asked = Instant::now();
        let mut id = self.shared.state().drainer;
        if let Some(own) = id
            && !lease::renew(connection, own, lease).await?
        {
            let mut state = self.shared.state();
            state.lanes.forget();
            state.due_elsewhere = None;
            (state.drainer, state.fence, id) = (None, None, None);
        }
        let id = match id {
            Some(id) => id,
            None if wanted.is_some_and(<[i16]>::is_empty) => return Ok(None),
            None => {
                asked = Instant::now();
                let host = rustix::system::uname();
                let drainer = lease::Registration {
                    id: Uuid::new_v4(),
                    dest,
                    host: &host.nodename().to_string_lossy(),
                    lease,
                    shares: wanted.is_none(),
                };
                if !lease::register(connection, &drainer, wanted).await? {
                    return Ok(None);
                }
                drainer.id
            }
        };
        let mut state = self.shared.state();
        state.drainer = Some(id);
        state.fence = Some(asked + self.shared.begun_before);
        Ok(Some(id))
    }

    /// Reads places, as far as there is room; whether there may be more.
    async fn read(
        &self,
        connection: &Connection,
        dest: i32,
        plan: &mut ReaderSchedule,
    ) -> Result<bool, DatabaseError> {
        let own = (self.shared.purpose == Purpose::Own).then_some(&self.shared.run);
        let (lanes, after, each, polls, now) = {
            let mut state = self.shared.state();
            state.lanes.put_back_stale();
            let polls = state.is_fresh || Instant::now() >= plan.poll;
            let now = (self.shared.clock)();
            let (lanes, after, each) = state.lanes.wanted(polls);
            // What is appended while these are read may be missed by it.
            state.is_fresh &= lanes.is_empty();
            (lanes, after, each, polls, now)
        };
        if lanes.is_empty() {
            if polls {
                plan.poll = Instant::now() + plan.pause;
            }
            self.look_elsewhere(connection, dest, polls).await?;
            return Ok(false);
        }
        let found = rows::read(connection, dest, (&lanes, &after, each), (own, now)).await?;
        let any = {
            let mut state = self.shared.state();
            let State {
                lanes: owned,
                watch,
                ..
            } = &mut *state;
            // A record of this run is handed out when its receipt was reported.
            owned.read(&lanes, each, found, |found| {
                own.is_none() || !found.queued.own || watch.contains(&found.id)
            })
        };
        if any {
            plan.pause = SOON;
        } else if polls {
            plan.pause = (2 * plan.pause).min(SELDOM);
        }
        if polls {
            plan.poll = Instant::now() + plan.pause;
        }
        self.look_elsewhere(connection, dest, polls && !any).await?;
        self.shared.news.notify_one();
        Ok(any)
    }

    /// Looks whether records are due in lanes that others own, which a run that sends everything
    /// waits for; the first time in any case.
    async fn look_elsewhere(
        &self,
        connection: &Connection,
        dest: i32,
        again: bool,
    ) -> Result<(), DatabaseError> {
        let (drainer, known) = {
            let state = self.shared.state();
            (state.drainer.unwrap_or_default(), state.due_elsewhere)
        };
        if self.shared.purpose == Purpose::All && (again || known.is_none()) {
            let elsewhere = rows::is_due_elsewhere(connection, dest, drainer).await?;
            self.shared.state().due_elsewhere = Some(elsewhere);
            self.shared.news.notify_one();
        }
        Ok(())
    }

    /// Fetches the bytes of records that are due, so that they can be claimed.
    async fn fetch(
        &self,
        connection: &Connection,
        dest: i32,
        plan: &mut ReaderSchedule,
    ) -> Result<(), DatabaseError> {
        let own = (self.shared.purpose == Purpose::Own).then_some(&self.shared.run);
        let (lanes, seqs) = {
            let mut state = self.shared.state();
            let in_time = state.fence.is_some_and(|fence| Instant::now() < fence);
            if !state.demand || !in_time {
                return Ok(());
            }
            // A statement costs the server as much as tens of records: half of what is held is left
            // when it is fetched, which is enough until the answer comes.
            let most = (8 * state.jobs).clamp(64, 2048);
            if state.lanes.ready() > most / 2 {
                return Ok(());
            }
            let at_once = (FETCH_BYTES / plan.size.max(1)).clamp(1, MOST_FETCHED);
            let most = most.min(state.lanes.ready() + at_once);
            state.lanes.pick((self.shared.clock)(), most)
        };
        if seqs.is_empty() {
            let mut state = self.shared.state();
            state.demand = state.lanes.ready() > 0;
            return Ok(());
        }
        let entries = match rows::fetch(connection, dest, (&lanes, &seqs), own).await {
            Ok(entries) => entries,
            Err(error) => {
                // They would count as in flight for ever.
                self.shared.state().lanes.put_back(&seqs);
                return Err(error);
            }
        };
        let bytes: usize = entries
            .iter()
            .map(|(entry, _)| entry.record.body.len())
            .sum();
        if let Some(size) = bytes.checked_div(entries.len()) {
            plan.size = size.max(256);
        }
        let mut state = self.shared.state();
        let damaged = state.lanes.fetched(&seqs, entries);
        state.refuse(damaged);
        drop(state);
        self.shared.writer.notify_one();
        self.shared.news.notify_one();
        Ok(())
    }

    /// Asks what others have made of this run's records.
    async fn watch(
        &self,
        connection: &Connection,
        plan: &mut ReaderSchedule,
    ) -> Result<(), DatabaseError> {
        let accepted = {
            let mut state = self.shared.state();
            if state.watch.is_empty() {
                state.rounds += 1;
                return Ok(());
            }
            if Instant::now() < plan.watch && !state.wants_round {
                return Ok(());
            }
            state.watch.accepted()
        };
        let began = Instant::now();
        let present = watch::present(connection, &self.shared.run).await?;
        let gone = {
            let state = self.shared.state();
            let in_flight = state.lanes.in_flight_ids();
            state.watch.gone(accepted, &present.ready, &in_flight)
        };
        let fates = watch::fates(connection, gone, &present.dead).await?;
        let mut state = self.shared.state();
        let ended = state.watch.apply(fates);
        let any = !ended.is_empty();
        state.ended.extend(ended);
        state.rounds += 1;
        let elsewhere = !state.sends_own(self.shared.purpose);
        drop(state);
        let pause = if any || elsewhere { SOON } else { SELDOM };
        // Of very many records it takes a while.
        plan.watch = Instant::now() + pause.max(REST * began.elapsed());
        self.ring();
        Ok(())
    }

    /// Notes up to where nothing is left, and forgets old batches, once a minute; sooner while
    /// there are more of these.
    async fn tidy(
        &self,
        connection: &Connection,
        dest: i32,
        plan: &mut ReaderSchedule,
    ) -> Result<(), DatabaseError> {
        if Instant::now() < plan.minute || self.shared.purpose == Purpose::Own {
            return Ok(());
        }
        plan.minute = Instant::now() + MINUTE;
        let (drainer, heads) = {
            let mut state = self.shared.state();
            (state.drainer, state.lanes.heads())
        };
        if let Some(drainer) = drainer {
            lease::note_heads(connection, drainer, dest, &heads).await?;
            if lease::prune(connection).await? {
                plan.minute = Instant::now() + SELDOM;
            }
        }
        Ok(())
    }
}
