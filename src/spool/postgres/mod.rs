//! A spool that hosts share, in PostgreSQL.
//!
//! A journey is in one of the lanes of its destination, by a hash. A lane is owned by one drainer
//! at a time, through its lease. Records are inserted once and deleted once: nothing is written
//! to claim one. No network is waited for where records are sent: a thread of its own reads ahead
//! and writes what has become of them, on two connections at most, one statement a transaction.

pub mod address;
mod append;
mod connection;
pub mod inspect;
mod lanes;
mod lease;
mod limit;
mod pump;
mod rows;
pub mod schema;
mod tls;
mod watch;

pub use connection::Database;

use crate::model::delivery::Problem;
use crate::model::timestamp::Timestamp;
use crate::spool::damage::Damage;
use crate::spool::lock_wait::LockWait;
use crate::spool::stored::Stored;
use crate::spool::{
    Call, Entry, Error, Leftover, Pause, Purpose, Receipt, Record, Settlement, Spool,
};
use connection::Trouble;
use lanes::Lanes;
use pump::Pump;
use rows::{Ending, Traces};
use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use uuid::Uuid;
use watch::Watch;

/// How long the database is tried before this machine's inbox takes records, and how long the
/// end of a run may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the end of a run waits for a database that says nothing.
const SILENCE: Duration = Duration::from_secs(3);

/// The shortest lease, beside what the time-out of an attempt asks for.
const LEASE: Duration = Duration::from_secs(30);

/// How much longer than two attempts a lease must be.
const LEASE_FLOOR: Duration = Duration::from_secs(10);

/// The shortest lease with which no record is under way when it ends.
pub fn shortest_lease(timeout: Duration) -> Duration {
    2 * timeout + LEASE_FLOOR
}

/// The spool of one destination in a database.
pub struct Postgres {
    shared: Arc<Shared>,
    pump: Option<JoinHandle<()>>,
}

/// What the thread at the database and everybody else have in common.
struct Shared {
    database: Database,
    destination: String,
    purpose: Purpose,
    run: Uuid,
    /// How long a drainer that is not heard of keeps its lanes, and how long before that the last
    /// record may be begun.
    lease: Duration,
    begun_before: Duration,
    clock: fn() -> i64,
    state: Mutex<State>,
    changed: Condvar,
    /// Rings for the dispatcher.
    news: Notify,
    /// Ring for those that read and write, and for whoever watches over the end.
    reader: Notify,
    writer: Notify,
    end: Notify,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct State {
    lanes: Lanes,
    /// How many lanes a destination has.
    lane_count: i16,
    /// This drainer's id, while it is registered.
    drainer: Option<Uuid>,
    /// No record is begun after that.
    fence: Option<Instant>,
    /// Whether somebody wants records.
    demand: bool,
    /// Whether records were wanted while too many ends were still to be written.
    lacks_room: bool,
    /// Whether this process has appended something that was not looked for yet.
    is_fresh: bool,
    /// Whether somebody waits for what has become of all records.
    wants_round: bool,
    /// The most that were wanted at once.
    jobs: usize,
    appends: VecDeque<Append>,
    endings: Vec<Ending>,
    /// Ends that are not durable yet, those being written among them.
    unwritten: usize,
    settled: Vec<(Entry, Settlement)>,
    ended: Vec<(Entry, Settlement)>,
    watch: Watch,
    /// How often all of the watched records were asked for.
    rounds: u64,
    pause: Option<Pause>,
    unnoted_pause: Option<Pause>,
    /// Whether records for this destination are due in lanes that others own.
    due_elsewhere: bool,
    /// Whether the lanes were asked for once.
    has_ticked: bool,
    /// Why the database cannot be used at the moment.
    away: Option<String>,
    /// Why it never can be in this run.
    failed: Option<Error>,
    notices: Vec<String>,
    /// Once records went into the inbox: why, and what is still to be reported.
    strayed: Option<(String, Vec<Entry>)>,
    /// When the database answered last.
    heard: Instant,
    /// Since when the run is ending.
    ending: Option<Instant>,
    /// Whether nothing more is taken or handed out.
    closing: bool,
    /// Whether the lanes are given back, as far as that was possible.
    left: bool,
    /// What there was to be seen of people and of others when the lanes were given back.
    traces: Option<Traces>,
    /// Why a destination that was left is worth asking again.
    call: Option<Call>,
    /// Whether nobody needs the thread at the database any more.
    dropped: bool,
    /// Whether it has ended.
    finished: bool,
    leftover: Leftover,
}

/// A batch that somebody waits for.
#[derive(Debug)]
struct Append {
    batch: Uuid,
    records: Arc<Vec<Stored>>,
    /// Whether it was asked for before, and the answer was not seen.
    tried: bool,
    until: Instant,
    reply: Sender<Result<(), Trouble>>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the end of the run, and waits in it until this is so or nothing is to be hoped for
    /// from the database; whether it is.
    fn wait_in_the_end(&self, is_so: impl Fn(&State) -> bool) -> bool {
        let mut state = self.state();
        state.ending.get_or_insert_with(Instant::now);
        self.end.notify_one();
        loop {
            if is_so(&state) {
                return true;
            }
            let left = state
                .gives_up_at()
                .and_then(|at| at.checked_duration_since(Instant::now()));
            let Some(left) = left else {
                return false;
            };
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Postgres {
    /// Opens the spool for one destination. The second value tells what was found wrong. Whoever
    /// accepts can do so while the database is away, and whoever goes on for ever waits for it.
    pub fn open(
        database: &Database,
        destination: String,
        purpose: Purpose,
        clock: fn() -> i64,
        wait: &mut LockWait<'_>,
    ) -> Result<(Postgres, Damage), Error> {
        // An attempt may take as long as a lock is waited for: both are said by one option.
        let timeout = wait.timeout;
        let lease = database.lease.unwrap_or(LEASE.max(shortest_lease(timeout)));
        let margin = (lease / 10).min(Duration::from_secs(1));
        let shared = Arc::new(Shared {
            database: database.clone(),
            destination,
            purpose,
            run: Uuid::now_v7(),
            lease,
            begun_before: lease.saturating_sub(timeout + margin),
            clock,
            state: Mutex::new(State::new(purpose)),
            changed: Condvar::new(),
            news: Notify::new(),
            reader: Notify::new(),
            writer: Notify::new(),
            end: Notify::new(),
        });
        let (opened, opening) = channel();
        let pump = Pump::new(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("postgres".into())
            .spawn(move || pump.run(&opened))
            .map_err(|error| Error::Storage(format!("cannot start a thread: {error}")))?;
        let began = Instant::now();
        let (result, complaints) = loop {
            match opening.recv_timeout(Duration::from_secs(1)) {
                Ok(opened) => break opened,
                Err(_) if thread.is_finished() => {
                    let why = "the thread at the database has ended".to_owned();
                    break (Err(Trouble::Storage(why)), Vec::new());
                }
                Err(_) => {
                    let why = shared.state().away.clone();
                    if began.elapsed() < Duration::from_secs(2)
                        && let Some(why) = why
                    {
                        wait.say(format!(
                            "the spool {} is away ({why}); trying for {} s",
                            database.address,
                            PATIENCE.as_secs()
                        ));
                    }
                }
            }
        };
        let mut damage = Damage::default();
        for complaint in complaints {
            damage.add(complaint, []);
        }
        let spool = Postgres {
            shared,
            pump: Some(thread),
        };
        match result {
            Ok(()) => {}
            Err(Trouble::Away(why)) if matches!(purpose, Purpose::Accept | Purpose::Own) => {
                spool.stray_from_now(&why);
            }
            Err(Trouble::Away(why)) if purpose == Purpose::Follow => {
                let mut state = spool.shared.state();
                state.notices.push(format!(
                    "the spool {} is away ({why}); trying on",
                    database.address
                ));
            }
            Err(trouble) => return Err(spool.named(trouble)),
        }
        Ok((spool, damage))
    }

    /// A trouble as an error that names the spool.
    fn named(&self, trouble: Trouble) -> Error {
        let address = &self.shared.database.address;
        trouble.named(&address.to_string())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// From now on this run accepts into this machine's inbox: a later batch must not overtake.
    fn stray_from_now(&self, why: &str) {
        let why = format!("saved in this machine's inbox: the shared spool is away ({why})");
        self.state().strayed.get_or_insert((why, Vec::new()));
    }

    /// Accepts records into the inbox, under the name by which their batch may be known already.
    fn keep_here(&self, batch: &Uuid, records: &[Stored]) -> Result<(), Error> {
        let inbox = self.shared.database.open_inbox()?;
        let now = (self.shared.clock)();
        let accepted: Vec<Stored> = records
            .iter()
            .map(|stored| Stored {
                accepted: now,
                ..stored.clone()
            })
            .collect();
        inbox.write(batch, &accepted).map_err(|error| {
            let path = inbox.path(None);
            Error::Storage(format!("cannot write to {}: {error}", path.display()))
        })
    }

    /// Lets it be reported where these records are, now that it was that they are accepted.
    fn report_strayed(&self, records: &[Stored]) {
        let mut state = self.state();
        let Some((why, entries)) = state.strayed.as_mut() else {
            return;
        };
        for stored in records {
            let mut entry = Entry::new(0, stored.id, stored.record.clone());
            entry.problem = Some(Problem {
                title: why.clone(),
                ..Problem::default()
            });
            entries.push(entry);
        }
    }

    /// Appends to the database, and waits for it.
    fn send(&self, batch: Uuid, records: &Arc<Vec<Stored>>) -> Result<(), Trouble> {
        let (reply, replied) = channel();
        {
            let mut state = self.state();
            state.appends.push_back(Append {
                batch,
                records: Arc::clone(records),
                tried: false,
                until: Instant::now() + PATIENCE,
                reply,
            });
        }
        self.shared.writer.notify_one();
        let gone = "the thread at the database has ended".to_owned();
        replied.recv().unwrap_or(Err(Trouble::Away(gone)))
    }

    /// Takes and hands out nothing more, and gives the lanes back.
    fn leave(&self) {
        self.state().closing = true;
        self.shared.reader.notify_one();
        self.shared.writer.notify_one();
        let mut state = self.state();
        state.ending.get_or_insert_with(Instant::now);
        self.shared.end.notify_one();
        // The thread gives up in time by itself.
        while !state.left {
            let waited = self.shared.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What a record waits for that was never tried: one of another run, or the one of this run
    /// that begins on the line `before`.
    fn waits_for(
        &self,
        state: &State,
        lane: i16,
        entry: &Entry,
        before: Option<u64>,
    ) -> Option<Problem> {
        if let Some(why) = &state.away {
            return Some(Problem {
                title: format!("not sent: the shared spool is away ({why})"),
                ..Problem::default()
            });
        }
        match state.lanes.ahead(lane, entry.key()) {
            Some(ahead) if !ahead.own => {
                let until = if ahead.due > (self.shared.clock)() {
                    format!(" until {}", Timestamp::from_millis(ahead.due).rfc3339())
                } else {
                    String::new()
                };
                Some(Problem {
                    title: format!("waits behind an older record of the same journey{until}"),
                    ..Problem::default()
                })
            }
            _ => before.map(Problem::behind),
        }
    }
}

impl State {
    fn new(purpose: Purpose) -> State {
        State {
            lanes: Lanes::new(purpose == Purpose::Own),
            lane_count: 0,
            drainer: None,
            fence: None,
            demand: false,
            lacks_room: false,
            is_fresh: false,
            wants_round: false,
            jobs: 1,
            appends: VecDeque::new(),
            endings: Vec::new(),
            unwritten: 0,
            settled: Vec::new(),
            ended: Vec::new(),
            watch: Watch::default(),
            rounds: 0,
            pause: None,
            unnoted_pause: None,
            due_elsewhere: false,
            has_ticked: false,
            away: None,
            failed: None,
            notices: Vec::new(),
            strayed: None,
            heard: Instant::now(),
            ending: None,
            closing: false,
            left: false,
            traces: None,
            call: None,
            dropped: false,
            finished: false,
            leftover: Leftover::default(),
        }
    }

    /// When the end of the run stops waiting for the database: soon, where it says nothing.
    fn gives_up_at(&self) -> Option<Instant> {
        let ending = self.ending?;
        Some((ending + PATIENCE).min(self.heard.max(ending) + SILENCE))
    }

    /// Whether this process sends what it has accepted.
    fn sends_own(&self, purpose: Purpose) -> bool {
        match purpose {
            _ if self.away.is_some() => false,
            Purpose::Own => self.watch.lanes().iter().all(|lane| self.lanes.owns(*lane)),
            Purpose::All => !self.due_elsewhere,
            Purpose::Accept | Purpose::Follow => true,
        }
    }
}

impl Spool for Postgres {
    fn append(
        &self,
        records: Vec<Record>,
        accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error> {
        {
            let state = self.state();
            if state.closing {
                return Err(Error::Closed);
            }
            if let Some(error) = &state.failed {
                return Err(error.clone());
            }
        }
        let batch = Uuid::now_v7();
        let records: Vec<Stored> = records
            .into_iter()
            .map(|record| {
                let destination = self.shared.destination.clone();
                Stored::new(Uuid::now_v7(), self.shared.run, destination, 0, record)
            })
            .collect();
        let receipts = records.iter().map(receipt).collect();
        let records = Arc::new(records);
        // Whoever went to the inbox stays there: a later batch must not overtake.
        let strays = self.state().strayed.is_some();
        let result = if strays {
            Err(Trouble::Away(String::new()))
        } else {
            self.send(batch, &records)
        };
        match result {
            Ok(()) => {}
            Err(Trouble::Away(why)) => {
                self.stray_from_now(&why);
                self.keep_here(&batch, &records)?;
                accepted(receipts);
                self.report_strayed(&records);
                self.shared.news.notify_one();
                return Ok(());
            }
            Err(trouble) => {
                let error = self.named(trouble);
                return Err(not_taken(&error, &records));
            }
        }
        accepted(receipts);
        if self.shared.purpose == Purpose::Own {
            let mut state = self.state();
            let lanes = state.lane_count;
            let records = Arc::try_unwrap(records).unwrap_or_else(|shared| shared.to_vec());
            state.watch.add(records, lanes);
            state.is_fresh = true;
        }
        self.shared.reader.notify_one();
        self.shared.news.notify_one();
        Ok(())
    }

    fn claim(&self, max: usize, _now: i64) -> Result<Vec<Entry>, Error> {
        let mut state = self.state();
        if let Some(error) = &state.failed {
            return Err(error.clone());
        }
        state.jobs = state.jobs.max(max);
        // A record whose end is not durable takes its place still: if this process dies, so many
        // are sent again and no more.
        let free = max.saturating_sub(state.unwritten);
        let in_time = state.fence.is_some_and(|fence| Instant::now() < fence);
        let claimed = if in_time {
            state.lanes.claim(free)
        } else {
            Vec::new()
        };
        state.lacks_room = max > 0 && free == 0;
        state.demand = true;
        if state.lanes.ready() < state.jobs {
            self.shared.reader.notify_one();
        }
        Ok(claimed)
    }

    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        if settled.is_empty() {
            return Ok(());
        }
        let mut state = self.state();
        for (mut entry, settlement) in settled {
            if settlement != Settlement::Refused {
                // The bytes of one that was refused are copied for the user.
                entry.record.body = bytes::Bytes::new();
            }
            let Some(lane) = state.lanes.lane_of(entry.seq) else {
                continue;
            };
            match settlement {
                Settlement::Later => state.lanes.later(entry.clone()),
                Settlement::GivenUp => state.lanes.give_up(entry.seq),
                Settlement::Delivered | Settlement::Refused | Settlement::Lost => {}
            }
            if settlement != Settlement::Later {
                state.unwritten += 1;
            }
            state.endings.push(Ending {
                lane,
                entry,
                settlement,
            });
        }
        self.shared.writer.notify_one();
        Ok(())
    }

    fn settled(&self, wait: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        if wait {
            self.shared.wait_in_the_end(|state| {
                state.unwritten == 0 || state.failed.is_some() || state.finished
            });
        }
        let mut state = self.state();
        if wait && state.unwritten > 0 {
            return Err(match (&state.failed, &state.away) {
                (Some(error), _) => error.clone(),
                (None, why) => {
                    let why = why.as_deref().unwrap_or("no answer");
                    Error::Away(format!(
                        "the spool {} is away ({why}): what was delivered last could not be noted \
                         there and is sent again",
                        self.shared.database.address
                    ))
                }
            });
        }
        Ok(std::mem::take(&mut state.settled))
    }

    fn strayed(&self) -> Vec<Entry> {
        let mut state = self.state();
        let strayed = state.strayed.as_mut();
        strayed
            .map(|(_, entries)| std::mem::take(entries))
            .unwrap_or_default()
    }

    fn returned(&self, now: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        if now && self.shared.purpose == Purpose::Own {
            let (empty, rounds) = {
                let state = self.state();
                (
                    state.watch.is_empty() || !state.ended.is_empty(),
                    state.rounds,
                )
            };
            if !empty {
                self.state().wants_round = true;
                self.shared.reader.notify_one();
                // One round may have begun before this was asked.
                self.shared.wait_in_the_end(|state| {
                    state.rounds > rounds + 1
                        || !state.ended.is_empty()
                        || state.away.is_some()
                        || state.failed.is_some()
                        || state.finished
                });
                self.state().wants_round = false;
            }
        }
        Ok(std::mem::take(&mut self.state().ended))
    }

    fn pause(&self, pause: &Pause) -> bool {
        let mut state = self.state();
        state.pause = Some(pause.clone());
        state.unnoted_pause = Some(pause.clone());
        self.shared.writer.notify_one();
        true
    }

    fn paused(&self, now: i64) -> Option<Pause> {
        let state = self.state();
        state.pause.clone().filter(|pause| pause.until > now)
    }

    fn notices(&self) -> Vec<String> {
        std::mem::take(&mut self.state().notices)
    }

    fn sends_own(&self) -> bool {
        self.state().sends_own(self.shared.purpose)
    }

    fn due(&self) -> Option<i64> {
        let state = self.state();
        if state.fence.is_none_or(|fence| Instant::now() >= fence) {
            return None;
        }
        if state.lanes.has_ready() && !state.lacks_room {
            return Some(0);
        }
        // What is due already is being fetched, and rings.
        state.lanes.due().filter(|due| *due > (self.shared.clock)())
    }

    fn is_done(&self) -> bool {
        let state = self.state();
        let reported = state.settled.is_empty() && state.ended.is_empty();
        let strayed = state
            .strayed
            .as_ref()
            .is_some_and(|(_, entries)| !entries.is_empty());
        match self.shared.purpose {
            Purpose::Accept => true,
            Purpose::Own => {
                // What was given up, and what follows it, is kept and handed over at the end.
                let sends = state.sends_own(Purpose::Own) && state.drainer.is_some();
                let given_up = sends && !state.is_fresh && state.lanes.has_no_own();
                let done = state.watch.is_empty() || given_up;
                reported && !strayed && done && state.unwritten == 0
            }
            Purpose::All => {
                let idle = state.lanes.is_idle() && state.unwritten == 0;
                reported && idle && state.has_ticked && !state.due_elsewhere && state.away.is_none()
            }
            Purpose::Follow => false,
        }
    }

    fn close(&self, take: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        self.leave();
        let mut state = self.state();
        let left = state.watch.take();
        let mut tried = state.lanes.take_tried();
        // Of every journey, the line of its oldest record.
        let mut first: HashMap<_, u64> = HashMap::new();
        for (lane, entry) in left {
            let mut entry = tried.remove(&entry.id).unwrap_or(entry);
            let before = first.get(&entry.key()).copied();
            if before.is_none() {
                first.insert(entry.key(), entry.record.line);
            }
            if entry.attempts == 0 {
                entry.problem = self.waits_for(&state, lane, &entry, before);
            }
            take(entry);
        }
        match &state.failed {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn called(&self) -> Option<Call> {
        self.state().call
    }

    fn leftover(&self) -> Leftover {
        self.state().leftover.clone()
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn news(&self) -> &Notify {
        &self.shared.news
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.leave();
        self.state().dropped = true;
        self.shared.end.notify_one();
        if let Some(thread) = self.pump.take() {
            let _ = thread.join();
        }
    }
}

fn receipt(stored: &Stored) -> Receipt {
    Receipt {
        id: stored.id,
        source: stored.record.source.clone(),
        number: stored.record.number,
        line: stored.record.line,
        event_code: stored.record.event_code.clone(),
        correlation_id: stored.record.correlation_id.clone(),
    }
}

/// That records were not accepted, and why, with the lines they begin on.
fn not_taken(error: &Error, records: &[Stored]) -> Error {
    let (first, last) = (&records[0].record, &records[records.len() - 1].record);
    let lines = match (first.line, last.line) {
        (first, last) if first == last => format!("line {first}"),
        (first, last) => format!("lines {first} to {last}"),
    };
    let why = format!(
        "{error}: {lines} of {} and what follows were not accepted",
        last.source
    );
    match error {
        Error::Denied(_) => Error::Denied(why),
        Error::Database(_) => Error::Database(why),
        _ => Error::Storage(why),
    }
}
