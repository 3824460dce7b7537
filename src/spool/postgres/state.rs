//! What the thread at the database and everybody else have in common.

use super::connection::{Database, DatabaseError};
use super::endings::Ending;
use super::lanes::Lanes;
use super::lease::default_lease;
use super::rows::Activity;
use super::watch::Watch;
use super::{PATIENCE, SILENCE};
use crate::spool::stored::Stored;
use crate::spool::{Call, Entry, Error, Leftover, Pause, Purpose, Settlement, damaged_record};
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use uuid::Uuid;

/// What the thread at the database and everybody else have in common.
pub(super) struct Shared {
    pub database: Database,
    pub destination: String,
    pub purpose: Purpose,
    pub run: Uuid,
    /// How long a drainer that does not renew its lease keeps its lanes, and how long after a
    /// renewal the last record may be begun.
    pub lease: Duration,
    pub begun_before: Duration,
    pub clock: fn() -> i64,
    pub state: Mutex<State>,
    pub changed: Condvar,
    /// Rings for the dispatcher.
    pub news: Notify,
    /// Ring for those that read and write, and for the one that watches over the end.
    pub reader: Notify,
    pub writer: Notify,
    pub end: Notify,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct State {
    pub lanes: Lanes,
    /// How many lanes a destination has.
    pub lane_count: i16,
    /// This drainer's id, while it is registered.
    pub drainer: Option<Uuid>,
    /// No record is begun after that.
    pub fence: Option<Instant>,
    /// Whether somebody wants records.
    pub demand: bool,
    /// Whether records were wanted while too many ends were still to be written.
    pub lacks_room: bool,
    /// Whether this process has appended something that was not looked for yet.
    pub is_fresh: bool,
    /// Whether somebody waits for what has become of all records.
    pub wants_round: bool,
    /// The most that were wanted at once.
    pub jobs: usize,
    pub appends: VecDeque<Append>,
    /// How many batches are being accepted, here or there.
    pub accepting: usize,
    pub endings: Vec<Ending>,
    /// Ends that are not durable yet, those being written among them.
    pub unwritten: usize,
    pub settled: Vec<(Entry, Settlement)>,
    pub ended: Vec<(Entry, Settlement)>,
    pub watch: Watch,
    /// How often all of the watched records were asked for.
    pub rounds: u64,
    pub pause: Option<Pause>,
    pub unnoted_pause: Option<Pause>,
    /// Whether records for this destination are due in lanes that others own; none where it was
    /// not looked yet on this connection.
    pub due_elsewhere: Option<bool>,
    /// Why the database cannot be used at the moment.
    pub unavailable: Option<String>,
    /// Why it never can be in this run.
    pub failed: Option<Error>,
    pub notices: Vec<String>,
    /// Once records went into the inbox: why, and what is still to be reported.
    pub strayed: Option<(String, Vec<Entry>)>,
    /// When the database answered last.
    pub last_answer: Instant,
    /// Since when the run is ending.
    pub ending: Option<Instant>,
    /// Whether nothing more is accepted or handed out.
    pub closing: bool,
    /// Whether the lanes are given back, as far as that was possible.
    pub left: bool,
    /// What there was to be seen of people and of others when the lanes were given back.
    pub activity: Option<Activity>,
    /// Why a destination that was left is worth asking again.
    pub call: Option<Call>,
    /// Whether nobody needs the thread at the database any more.
    pub dropped: bool,
    /// Whether it has ended.
    pub finished: bool,
    pub leftover: Leftover,
}

/// A batch that somebody waits for.
#[derive(Debug)]
pub(super) struct Append {
    pub batch: Uuid,
    pub records: Arc<Vec<Stored>>,
    /// Whether it was asked for before, and the answer was not seen.
    pub tried: bool,
    pub until: Instant,
    pub reply: Sender<Result<(), DatabaseError>>,
}

impl Shared {
    /// Where one attempt to send a record may take as long as `timeout`.
    pub fn new(
        database: &Database,
        destination: String,
        purpose: Purpose,
        timeout: Duration,
        clock: fn() -> i64,
    ) -> Shared {
        let lease = database.lease.unwrap_or_else(|| default_lease(timeout));
        let margin = (lease / 10).min(Duration::from_secs(1));
        Shared {
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
        }
    }

    /// Whether everybody's records are sent.
    pub fn drains(&self) -> bool {
        matches!(self.purpose, Purpose::All | Purpose::Follow)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the end of the run, and waits in it until this is so or nothing is to be hoped for
    /// from the database; whether it is.
    pub fn wait_while_ending(&self, is_so: impl Fn(&State) -> bool) -> bool {
        let mut state = self.state();
        state.ending.get_or_insert_with(Instant::now);
        self.end.notify_one();
        loop {
            if is_so(&state) {
                return true;
            }
            let left = state
                .end_deadline()
                .and_then(|at| at.checked_duration_since(Instant::now()));
            let Some(left) = left else {
                return false;
            };
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl State {
    pub fn new(purpose: Purpose) -> State {
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
            accepting: 0,
            endings: Vec::new(),
            unwritten: 0,
            settled: Vec::new(),
            ended: Vec::new(),
            watch: Watch::default(),
            rounds: 0,
            pause: None,
            unnoted_pause: None,
            due_elsewhere: None,
            unavailable: None,
            failed: None,
            notices: Vec::new(),
            strayed: None,
            last_answer: Instant::now(),
            ending: None,
            closing: false,
            left: false,
            activity: None,
            call: None,
            dropped: false,
            finished: false,
            leftover: Leftover::default(),
        }
    }

    /// When the end of the run stops waiting for the database: soon, where it says nothing.
    pub fn end_deadline(&self) -> Option<Instant> {
        let ending = self.ending?;
        Some((ending + PATIENCE).min(self.last_answer.max(ending) + SILENCE))
    }

    /// Whether this process sends what it has accepted.
    pub fn sends_own(&self, purpose: Purpose) -> bool {
        match purpose {
            _ if self.unavailable.is_some() => false,
            Purpose::Own => self.watch.lanes().iter().all(|lane| self.lanes.owns(*lane)),
            Purpose::All => self.due_elsewhere != Some(true),
            Purpose::Accept | Purpose::Follow => true,
        }
    }

    /// Refuses records whose bytes are not what they were: they are not sent and not lost.
    pub fn refuse(&mut self, damaged: Vec<Entry>) {
        for mut entry in damaged {
            entry.problem = Some(damaged_record());
            if let Some(lane) = self.lanes.lane_of(entry.seq) {
                self.unwritten += 1;
                self.endings.push(Ending {
                    lane,
                    entry,
                    settlement: Settlement::Refused,
                });
            }
        }
    }
}
