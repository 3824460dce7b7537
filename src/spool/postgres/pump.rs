//! The thread at the database: it keeps the lease, reads ahead, and writes what has become of
//! records, so that nobody who sends waits for the network.

use super::append::{Destinations, Once, append, bring_over};
use super::connection::{Connection, Trouble};
use super::limit::Limit;
use super::rows::{self, Ending};
use super::{Append, PATIENCE, Shared, State, lease, watch};
use crate::model::delivery::Problem;
use crate::spool::{Call, Leftover, Pause, Purpose, Settlement};
use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use uuid::Uuid;

/// How often a drainer asks for its share at the most seldom, and while it has less than that.
const TICK: Duration = Duration::from_secs(5);
const EAGER_TICK: Duration = Duration::from_secs(2);

/// How long after nothing was found it is looked again, at first and at the most seldom.
const SOON: Duration = Duration::from_millis(250);
const SELDOM: Duration = Duration::from_secs(1);

/// How often it is noted up to where nothing is left, and batches are forgotten.
const MINUTE: Duration = Duration::from_secs(60);

/// How long after a failure it is tried again, at first and at the most seldom.
const BACKOFF: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(5);

/// Ends that are written at once.
const MOST_ENDINGS: usize = 1000;

/// Bytes that are fetched at once, about, and records.
const FETCH_BYTES: usize = 4 << 20;
const MOST_FETCHED: usize = 256;

/// What the opening has come to: whether it can be used, and what could not be read.
pub(super) type Opened = (Result<(), Trouble>, Vec<String>);

pub(super) struct Pump {
    shared: Arc<Shared>,
}

impl Pump {
    pub fn new(shared: Arc<Shared>) -> Pump {
        Pump { shared }
    }

    /// Works until the spool is closed.
    pub fn run(self, opened: &Sender<Opened>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => {
                let work = Work {
                    shared: Arc::clone(&self.shared),
                    connection: RefCell::default(),
                    connecting: Mutex::default(),
                    generation: Cell::new(0),
                    destinations: Mutex::default(),
                    limit: Limit::new(self.shared.database.max_records),
                };
                runtime.block_on(work.all(opened));
                // A name that is still being looked up is not waited for.
                runtime.shutdown_background();
            }
            Err(error) => {
                let why = Trouble::Storage(format!("cannot start: {error}"));
                let _ = opened.send((Err(why), Vec::new()));
            }
        }
    }
}

/// However the thread ends, nobody waits for it.
impl Drop for Pump {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        (state.finished, state.left) = (true, true);
        for append in state.appends.drain(..) {
            let why = "the run is ending".to_owned();
            let _ = append.reply.send(Err(Trouble::Away(why)));
        }
        drop(state);
        self.shared.changed.notify_all();
        self.shared.news.notify_one();
    }
}

/// Waits longer each time, and never twice alike.
struct Backoff(Duration);

impl Backoff {
    fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (2 * wait).min(SLOWEST);
        let random = u32::try_from(RandomState::new().hash_one(0) % 1000).unwrap_or(0);
        wait / 2 + wait * random / 1000
    }
}

/// When the reader does what next.
struct Plan {
    generation: u64,
    tick: Instant,
    poll: Instant,
    pause: Duration,
    watch: Instant,
    inbox: Instant,
    minute: Instant,
    /// Whether this user may send.
    may_send: bool,
    /// The size of a record, about.
    size: usize,
    /// How many watched records are asked for until all of them were.
    round: usize,
}

struct Work {
    shared: Arc<Shared>,
    connection: RefCell<Option<Rc<Connection>>>,
    connecting: Mutex<()>,
    generation: Cell<u64>,
    destinations: Mutex<Destinations>,
    limit: Limit,
}

impl Work {
    async fn all(&self, opened: &Sender<Opened>) {
        let until = Instant::now() + PATIENCE;
        let mut backoff = Backoff(BACKOFF);
        let mut complaints = Vec::new();
        loop {
            match self.open(&mut complaints).await {
                Ok(()) => {
                    let _ = opened.send((Ok(()), std::mem::take(&mut complaints)));
                    break;
                }
                Err(Trouble::Away(why)) => {
                    self.lost();
                    self.shared.state().away = Some(why.clone());
                    let follows = self.shared.purpose == Purpose::Follow;
                    if Instant::now() >= until || follows {
                        let _ = opened.send((Err(Trouble::Away(why)), Vec::new()));
                        if self.shared.purpose == Purpose::All {
                            return;
                        }
                        break;
                    }
                    tokio::time::sleep(backoff.next().min(SELDOM)).await;
                }
                Err(trouble) => {
                    let _ = opened.send((Err(trouble), Vec::new()));
                    return;
                }
            }
        }
        let work = async {
            tokio::join!(self.read_on(), self.write_on());
            self.leave().await;
        };
        tokio::select! {
            () = work => {}
            // Whoever does not get through is buried in time.
            () = self.end_of_patience() => {}
        }
        self.shared.state().left = true;
        self.ring();
        if self.shared.purpose == Purpose::Follow {
            tokio::select! {
                () = self.look_out() => {}
                () = self.dropped() => {}
            }
        }
    }

    /// Waits until the run is ending and nothing is to be hoped for from the database.
    async fn end_of_patience(&self) {
        loop {
            let until = self.shared.state().gives_up_at();
            match until {
                None => self.shared.end.notified().await,
                Some(at) if at <= Instant::now() => return,
                Some(at) => tokio::time::sleep_until(at.into()).await,
            }
        }
    }

    async fn dropped(&self) {
        while !self.shared.state().dropped {
            self.shared.end.notified().await;
        }
    }

    /// Looks now and then whether there is a reason to ask a destination again that was left
    /// because it takes nothing.
    async fn look_out(&self) {
        loop {
            // What cannot be seen now is seen later, or the destination is asked on no account.
            if let Err(_) = self.look().await {
                self.lost();
            }
            tokio::time::sleep(SELDOM).await;
        }
    }

    async fn look(&self) -> Result<(), Trouble> {
        let connection = self.connection().await?;
        let dest = self.dest(&connection).await?;
        let seen = rows::traces(&connection, dest).await?;
        let inbox = self.shared.database.inbox();
        let arrived = inbox.is_some_and(|inbox| !inbox.is_empty());
        let mut state = self.shared.state();
        let known = *state.traces.get_or_insert(seen);
        if seen.changes != known.changes {
            state.call = Some(Call::Retry);
        } else if seen.newest > known.newest || arrived {
            state.call.get_or_insert(Call::Arrival);
        }
        Ok(())
    }

    /// Connects, and brings over what was accepted on this machine meanwhile.
    async fn open(&self, complaints: &mut Vec<String>) -> Result<(), Trouble> {
        let connection = self.connection().await?;
        complaints.clear();
        self.import(&connection, complaints).await?;
        let dest = self.dest(&connection).await?;
        if self.shared.purpose != Purpose::Accept {
            let now = (self.shared.clock)();
            let share = lease::share(&connection, Uuid::nil(), dest, now).await?;
            self.shared.state().pause = share.pause;
        }
        self.shared.state().away = None;
        Ok(())
    }

    async fn import(
        &self,
        connection: &Connection,
        complaints: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        let Some(inbox) = self
            .shared
            .database
            .inbox()
            .filter(|inbox| !inbox.is_empty())
        else {
            return Ok(());
        };
        let mut destinations = self.destinations.lock().await;
        bring_over(connection, &inbox, &mut destinations, complaints)
            .await
            .map(drop)
    }

    async fn dest(&self, connection: &Connection) -> Result<i32, Trouble> {
        let mut destinations = self.destinations.lock().await;
        let address = &self.shared.destination;
        destinations.number(connection, address).await
    }

    /// The connection, made anew where it was lost.
    async fn connection(&self) -> Result<Rc<Connection>, Trouble> {
        let _turn = self.connecting.lock().await;
        let known = self.connection.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let connection = Rc::new(self.shared.database.connect().await?);
        self.shared.state().lane_count = connection.lanes;
        self.generation.set(self.generation.get() + 1);
        *self.connection.borrow_mut() = Some(Rc::clone(&connection));
        Ok(connection)
    }

    /// The connection is of no use any more.
    fn lost(&self) {
        self.connection.borrow_mut().take();
    }

    fn is_closing(&self) -> bool {
        self.shared.state().closing
    }

    /// The database does not answer.
    fn note_away(&self, why: &str) {
        self.lost();
        let mut state = self.shared.state();
        if state.away.is_none() && self.shared.purpose == Purpose::Follow {
            let address = &self.shared.database.address;
            let notice = format!("the spool {address} is away ({why}); trying on");
            state.notices.push(notice);
        }
        state.away = Some(why.to_owned());
        drop(state);
        self.ring();
    }

    fn note_back(&self) {
        let mut state = self.shared.state();
        state.heard = Instant::now();
        if state.away.take().is_some() {
            if self.shared.purpose == Purpose::Follow {
                let notice = format!("the spool {} is back", self.shared.database.address);
                state.notices.push(notice);
            }
            drop(state);
            self.ring();
        }
    }

    /// It never can be used in this run.
    fn fail(&self, trouble: Trouble) {
        let address = self.shared.database.address.to_string();
        self.shared.state().failed = Some(trouble.named(&address));
        self.ring();
    }

    fn ring(&self) {
        self.shared.changed.notify_all();
        self.shared.news.notify_one();
    }

    async fn read_on(&self) {
        if self.shared.purpose == Purpose::Accept {
            return;
        }
        let now = Instant::now();
        let mut plan = Plan {
            generation: 0,
            tick: now,
            poll: now,
            pause: SOON,
            watch: now,
            inbox: now + TICK,
            minute: now + MINUTE,
            may_send: true,
            size: 64 << 10,
            round: 0,
        };
        let mut backoff = Backoff(BACKOFF);
        while !self.is_closing() {
            let wait = match self.round(&mut plan).await {
                Ok(wait) => {
                    backoff = Backoff(BACKOFF);
                    self.note_back();
                    wait
                }
                Err(Trouble::Away(why)) => {
                    self.note_away(&why);
                    backoff.next()
                }
                Err(trouble) => return self.fail(trouble),
            };
            tokio::select! {
                () = self.shared.reader.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Does what is due; how long nothing will be.
    async fn round(&self, plan: &mut Plan) -> Result<Duration, Trouble> {
        let connection = self.connection().await?;
        let dest = self.dest(&connection).await?;
        if plan.generation != self.generation.get() {
            plan.generation = self.generation.get();
            // The server may be another by now, which lacks what was confirmed last.
            self.shared.state().lanes.reset();
            plan.tick = Instant::now();
        }
        let sends = matches!(self.shared.purpose, Purpose::All | Purpose::Follow);
        if sends && Instant::now() >= plan.inbox {
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
        plan: &mut Plan,
    ) -> Result<(), Trouble> {
        let lacks = self.wanted().is_some_and(|wanted| {
            let state = self.shared.state();
            wanted.iter().any(|lane| !state.lanes.owns(*lane))
        });
        let now = Instant::now();
        if !plan.may_send || now < plan.tick && !(lacks && now >= plan.poll) {
            return Ok(());
        }
        match self.tick(connection, dest).await {
            Ok(whole) => {
                let tick = (self.shared.lease / 6).min(if whole { TICK } else { EAGER_TICK });
                plan.tick = now + tick;
                Ok(())
            }
            // Who may only append leaves the sending to others.
            Err(Trouble::Forbidden(_)) if self.shared.purpose == Purpose::Own => {
                plan.may_send = false;
                Ok(())
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The lanes that are wanted, where not any lane will do.
    fn wanted(&self) -> Option<Vec<i16>> {
        let own = self.shared.purpose == Purpose::Own;
        own.then(|| self.shared.state().watch.lanes())
    }

    /// Whether this drainer has its share.
    async fn tick(&self, connection: &Connection, dest: i32) -> Result<bool, Trouble> {
        let lease = self.shared.lease.as_secs_f64();
        let wanted = self.wanted();
        lease::bury(connection, dest).await?;
        let mut asked = Instant::now();
        let mut id = self.shared.state().drainer;
        if let Some(own) = id
            && !lease::renew(connection, own, lease).await?
        {
            let mut state = self.shared.state();
            state.lanes.forget();
            (state.drainer, state.fence, id) = (None, None, None);
        }
        let id = match id {
            Some(id) => id,
            None if wanted.as_ref().is_some_and(Vec::is_empty) => return Ok(true),
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
                if !lease::register(connection, &drainer, wanted.as_deref()).await? {
                    return Ok(true);
                }
                drainer.id
            }
        };
        {
            let mut state = self.shared.state();
            state.drainer = Some(id);
            state.fence = Some(asked + self.shared.begun_before);
        }
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
            state.has_ticked = true;
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

    /// Reads places, as far as there is room; whether there may be more.
    async fn read(
        &self,
        connection: &Connection,
        dest: i32,
        plan: &mut Plan,
    ) -> Result<bool, Trouble> {
        let own = (self.shared.purpose == Purpose::Own).then_some(&self.shared.run);
        let (lanes, after, each, polls, now) = {
            let mut state = self.shared.state();
            state.lanes.put_back_stale();
            let polls = state.is_fresh || Instant::now() >= plan.poll;
            let now = (self.shared.clock)();
            let (lanes, after, each) = state.lanes.wanted(polls, now);
            // What is appended while these are read may be missed by it.
            state.is_fresh &= lanes.is_empty();
            (lanes, after, each, polls, now)
        };
        if lanes.is_empty() {
            if polls {
                plan.poll = Instant::now() + plan.pause;
            }
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
            // A record of this run is handed out when its receipt was told.
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
        if self.shared.purpose == Purpose::All && polls && !any {
            let drainer = self.shared.state().drainer.unwrap_or_default();
            let elsewhere = rows::is_due_elsewhere(connection, dest, drainer).await?;
            self.shared.state().due_elsewhere = elsewhere;
        }
        self.shared.news.notify_one();
        Ok(any)
    }

    /// Fetches the bytes of records that are due, for somebody who wants them.
    async fn fetch(
        &self,
        connection: &Connection,
        dest: i32,
        plan: &mut Plan,
    ) -> Result<(), Trouble> {
        let own = (self.shared.purpose == Purpose::Own).then_some(&self.shared.run);
        let (lanes, seqs) = {
            let mut state = self.shared.state();
            let in_time = state.fence.is_some_and(|fence| Instant::now() < fence);
            if !state.demand || !in_time {
                return Ok(());
            }
            let most = (4 * state.jobs).clamp(32, 1024);
            let at_once = (FETCH_BYTES / plan.size.max(1)).clamp(1, MOST_FETCHED);
            let most = most.min(state.lanes.ready() + at_once);
            state.lanes.pick((self.shared.clock)(), most)
        };
        if seqs.is_empty() {
            let mut state = self.shared.state();
            state.demand = state.lanes.has_ready();
            return Ok(());
        }
        let entries = match rows::fetch(connection, dest, (&lanes, &seqs), own).await {
            Ok(entries) => entries,
            Err(trouble) => {
                // They count as under way and nobody has them.
                self.shared.state().lanes.put_back(&seqs);
                return Err(trouble);
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
        for mut entry in damaged {
            // A row whose bytes have changed is not sent and not lost.
            entry.problem = Some(Problem {
                title: "the stored bytes do not match their checksum".to_owned(),
                ..Problem::default()
            });
            if let Some(lane) = state.lanes.lane_of(entry.seq) {
                state.unwritten += 1;
                state.endings.push(Ending {
                    lane,
                    entry,
                    settlement: Settlement::Refused,
                });
            }
        }
        drop(state);
        self.shared.writer.notify_one();
        self.shared.news.notify_one();
        Ok(())
    }

    /// Asks what others have made of this run's records.
    async fn watch(&self, connection: &Connection, plan: &mut Plan) -> Result<(), Trouble> {
        let page = {
            let mut state = self.shared.state();
            if state.watch.is_empty() {
                state.rounds += 1;
                return Ok(());
            }
            if Instant::now() < plan.watch && !state.wants_round {
                return Ok(());
            }
            if plan.round == 0 {
                plan.round = state.watch.len();
            }
            state.watch.page()
        };
        let fates = watch::fates(connection, &self.shared.run, &page).await?;
        let mut state = self.shared.state();
        let in_hands = state.lanes.in_hands();
        let ended = state.watch.heard(&page, fates, &in_hands);
        let any = !ended.is_empty();
        state.ended.extend(ended);
        plan.round = plan.round.saturating_sub(page.len());
        if plan.round == 0 {
            state.rounds += 1;
        }
        let elsewhere = !state.sends_own(self.shared.purpose);
        drop(state);
        plan.watch = Instant::now() + if any || elsewhere { SOON } else { SELDOM };
        self.ring();
        Ok(())
    }

    /// Notes up to where nothing is left, and forgets old batches, once a minute.
    async fn tidy(
        &self,
        connection: &Connection,
        dest: i32,
        plan: &mut Plan,
    ) -> Result<(), Trouble> {
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
            lease::prune(connection).await?;
        }
        Ok(())
    }

    async fn write_on(&self) {
        let mut backoff = Backoff(BACKOFF);
        loop {
            let Some(job) = self.next_job() else {
                if self.is_closing() {
                    return;
                }
                self.shared.writer.notified().await;
                continue;
            };
            match self.write(&job).await {
                Ok(()) => {
                    backoff = Backoff(BACKOFF);
                    self.done(job);
                }
                Err(Trouble::Away(why)) => {
                    self.note_away(&why);
                    self.later(job, why);
                    tokio::time::sleep(backoff.next().min(SELDOM)).await;
                }
                Err(trouble) => match job {
                    Job::Append(append) => {
                        let _ = append.reply.send(Err(trouble));
                    }
                    Job::Endings(_) | Job::Pause(_) => return self.fail(trouble),
                },
            }
        }
    }

    fn next_job(&self) -> Option<Job> {
        let mut state = self.shared.state();
        if let Some(append) = state.appends.pop_front() {
            return Some(Job::Append(append));
        }
        if let Some(pause) = &state.unnoted_pause {
            return Some(Job::Pause(pause.clone()));
        }
        let most = state.endings.len().min(MOST_ENDINGS);
        let endings: Vec<Ending> = state.endings.drain(..most).collect();
        (!endings.is_empty()).then_some(Job::Endings(endings))
    }

    async fn write(&self, job: &Job) -> Result<(), Trouble> {
        let now = (self.shared.clock)();
        match job {
            Job::Append(job) => {
                let all = async {
                    let connection = self.connection().await?;
                    let dest = self.dest(&connection).await?;
                    // One that was tried may be in already.
                    if !job.tried {
                        self.limit.admit(&connection, job.records.len()).await?;
                    }
                    append(&connection, &job.batch, dest, &job.records, Once::Batch)
                        .await
                        .map(drop)
                };
                // Whether it is in is not known then: it is asked for again under the same id.
                let in_time = tokio::time::timeout_at(job.until.into(), all).await;
                in_time.unwrap_or_else(|_| Err(Trouble::Away("no answer in time".to_owned())))
            }
            Job::Endings(endings) => {
                let connection = self.connection().await?;
                let dest = self.dest(&connection).await?;
                let drainer = self.shared.state().drainer.unwrap_or_default();
                rows::write(&connection, dest, drainer, endings, now).await
            }
            Job::Pause(pause) => {
                let connection = self.connection().await?;
                let dest = self.dest(&connection).await?;
                rows::note_pause(&connection, dest, pause, now).await
            }
        }
    }

    fn done(&self, job: Job) {
        let mut state = self.shared.state();
        state.heard = Instant::now();
        match job {
            Job::Append(append) => {
                let _ = append.reply.send(Ok(()));
            }
            Job::Pause(pause) => {
                let noted = state.unnoted_pause.as_ref().map(|pause| pause.until);
                if noted == Some(pause.until) {
                    state.unnoted_pause = None;
                }
            }
            Job::Endings(endings) => {
                for ending in endings {
                    let Ending {
                        entry, settlement, ..
                    } = ending;
                    if settlement == Settlement::Later {
                        continue;
                    }
                    if settlement != Settlement::GivenUp {
                        state.lanes.leave(entry.seq);
                    }
                    state.watch.remove(&entry.id);
                    state.unwritten -= 1;
                    state.settled.push((entry, settlement));
                }
                state.lacks_room = false;
                drop(state);
                self.shared.reader.notify_one();
                self.ring();
            }
        }
    }

    /// Puts a job back that could not be done.
    fn later(&self, job: Job, why: String) {
        let mut state = self.shared.state();
        match job {
            Job::Append(append) if Instant::now() >= append.until => {
                let _ = append.reply.send(Err(Trouble::Away(why)));
            }
            Job::Append(append) => state.appends.push_front(Append {
                tried: true,
                ..append
            }),
            Job::Endings(endings) => {
                let rest = std::mem::take(&mut state.endings);
                state.endings = endings;
                state.endings.extend(rest);
            }
            Job::Pause(_) => {}
        }
    }

    /// Leaves, and counts what is left.
    async fn leave(&self) {
        let left = async {
            let connection = self.connection().await?;
            let dest = self.dest(&connection).await?;
            let (drainer, heads) = {
                let mut state = self.shared.state();
                (state.drainer.take(), state.lanes.heads())
            };
            if self.shared.purpose == Purpose::Follow {
                let seen = rows::traces(&connection, dest).await?;
                self.shared.state().traces = Some(seen);
            }
            if let Some(drainer) = drainer {
                lease::note_heads(&connection, drainer, dest, &heads).await?;
                lease::leave(&connection, drainer).await?;
            }
            self.shared.state().heard = Instant::now();
            if matches!(self.shared.purpose, Purpose::All | Purpose::Follow) {
                let (ready, dead, why) = rows::count(&connection, dest).await?;
                let now = (self.shared.clock)();
                let mut state = self.shared.state();
                let pause = state.pause.as_ref().map(|pause| pause.until);
                let until = pause.max(state.lanes.due()).filter(|until| *until > now);
                state.leftover = Leftover {
                    ready,
                    dead,
                    until,
                    why,
                };
            }
            Ok::<(), Trouble>(())
        };
        // A lease that cannot be given back ends by itself.
        let _ = left.await;
    }
}

/// What is to be written.
enum Job {
    Append(Append),
    Endings(Vec<Ending>),
    Pause(Pause),
}
