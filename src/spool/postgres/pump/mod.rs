//! The thread at the database: it keeps the lease, reads ahead, and writes what has become of
//! records, so that sending never waits for the network.

mod lookout;
mod reader;
mod writer;

use super::append::{KnownDestinations, import_inbox};
use super::connection::{Connection, DatabaseError, within};
use super::limit::RecordLimit;
use super::state::Shared;
use super::{PATIENCE, counts, lease, rows};
use crate::spool::{Leftover, Purpose};
use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
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

/// How long a database is tried, once, that this process has given up before.
const GLANCE: Duration = Duration::from_secs(1);

/// How long after a failure it is tried again, at first and at the most seldom.
const BACKOFF: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(5);

/// The result of opening: whether the database can be used, and what could not be read.
pub(super) type Opened = (Result<(), DatabaseError>, Vec<String>);

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
                    second: RefCell::default(),
                    connecting: Mutex::default(),
                    generation: Cell::new(0),
                    destinations: Mutex::default(),
                    limit: RecordLimit::new(self.shared.database.max_records),
                };
                runtime.block_on(work.all(opened));
                // A name that is still being looked up is not waited for.
                runtime.shutdown_background();
            }
            Err(error) => {
                let why = DatabaseError::Storage(format!("cannot start: {error}"));
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
            let _ = append.reply.send(Err(DatabaseError::Unavailable(why)));
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

struct Work {
    shared: Arc<Shared>,
    connection: RefCell<Option<Rc<Connection>>>,
    /// Where a drainer writes.
    second: RefCell<Option<Rc<Connection>>>,
    connecting: Mutex<()>,
    generation: Cell<u64>,
    destinations: Mutex<KnownDestinations>,
    limit: RecordLimit,
}

/// Why records are left that were due, where others own their lanes.
const DUE_ELSEWHERE: &str =
    "another drainer has them, until it ends or its lease does; 'hivelog spool status' shows it";

impl Work {
    async fn all(&self, opened: &Sender<Opened>) {
        let given_up = &self.shared.database.given_up;
        let (patience, until) = if given_up.load(Ordering::SeqCst) {
            (GLANCE, Instant::now())
        } else {
            (PATIENCE, Instant::now() + PATIENCE)
        };
        let mut backoff = Backoff(BACKOFF);
        let mut complaints = Vec::new();
        loop {
            match self.open(&mut complaints, patience).await {
                Ok(()) => {
                    given_up.store(false, Ordering::SeqCst);
                    let _ = opened.send((Ok(()), std::mem::take(&mut complaints)));
                    break;
                }
                Err(DatabaseError::Unavailable(why)) => {
                    self.disconnect();
                    self.shared.state().unavailable = Some(why.clone());
                    let follows = self.shared.purpose == Purpose::Follow;
                    if Instant::now() >= until || follows {
                        given_up.store(true, Ordering::SeqCst);
                        let _ = opened.send((Err(DatabaseError::Unavailable(why)), Vec::new()));
                        if self.shared.purpose == Purpose::All {
                            return;
                        }
                        break;
                    }
                    tokio::time::sleep(backoff.next().min(SELDOM)).await;
                }
                Err(error) => {
                    let _ = opened.send((Err(error), Vec::new()));
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
            // A lease that could not be given back expires.
            () = self.wait_for_end_deadline() => {}
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
    async fn wait_for_end_deadline(&self) {
        loop {
            let until = self.shared.state().end_deadline();
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

    /// Connects, and imports what was accepted on this machine meanwhile.
    async fn open(
        &self,
        complaints: &mut Vec<String>,
        patience: Duration,
    ) -> Result<(), DatabaseError> {
        let connection = within(patience, Box::pin(self.connection())).await?;
        complaints.clear();
        self.import(&connection, complaints).await?;
        let dest = self.dest(&connection).await?;
        if self.shared.purpose != Purpose::Accept {
            let now = (self.shared.clock)();
            let share = lease::share(&connection, Uuid::nil(), dest, now).await?;
            self.shared.state().pause = share.pause;
        }
        self.shared.state().unavailable = None;
        Ok(())
    }

    async fn import(
        &self,
        connection: &Connection,
        complaints: &mut Vec<String>,
    ) -> Result<(), DatabaseError> {
        let Some(inbox) = self
            .shared
            .database
            .inbox()
            .filter(|inbox| !inbox.is_empty())
        else {
            return Ok(());
        };
        let mut destinations = self.destinations.lock().await;
        import_inbox(connection, &inbox, &mut destinations, complaints)
            .await
            .map(drop)
    }

    async fn dest(&self, connection: &Connection) -> Result<i32, DatabaseError> {
        let mut destinations = self.destinations.lock().await;
        let address = &self.shared.destination;
        destinations.number(connection, address).await
    }

    /// The connection, reopened where it was lost.
    async fn connection(&self) -> Result<Rc<Connection>, DatabaseError> {
        let _turn = self.connecting.lock().await;
        let known = self.connection.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let connection = Rc::new(self.shared.database.connect().await?);
        self.shared.state().lane_count = connection.lanes;
        // It may be another server by now, which lacks what was confirmed last.
        self.distrust();
        *self.connection.borrow_mut() = Some(Rc::clone(&connection));
        Ok(connection)
    }

    /// What was read may not be true any more: it is read anew, and nothing is noted before.
    fn distrust(&self) {
        self.shared.state().lanes.reset();
        self.generation.set(self.generation.get() + 1);
    }

    /// The connection on which it is written. A drainer has a second one for this: what it writes
    /// waits for the disk of the server, and what it reads must not wait behind that.
    async fn connection_for_writing(&self) -> Result<Rc<Connection>, DatabaseError> {
        let first = self.connection().await?;
        if !self.shared.drains() {
            return Ok(first);
        }
        let known = self.second.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        // Where the server has no room for a second one, the first does both.
        let second = self.shared.database.connect().await;
        let second = second.map_or(first, Rc::new);
        *self.second.borrow_mut() = Some(Rc::clone(&second));
        Ok(second)
    }

    /// The connections are of no use any more.
    fn disconnect(&self) {
        self.connection.borrow_mut().take();
        self.second.borrow_mut().take();
    }

    fn is_closing(&self) -> bool {
        self.shared.state().closing
    }

    /// The database does not answer.
    fn note_unavailable(&self, why: &str) {
        self.disconnect();
        let mut state = self.shared.state();
        if state.unavailable.is_none() && self.shared.purpose == Purpose::Follow {
            let address = &self.shared.database.address;
            let notice = format!("the spool {address} is unavailable ({why}); retrying");
            state.notices.push(notice);
        }
        state.unavailable = Some(why.to_owned());
        drop(state);
        self.ring();
    }

    fn note_available(&self) {
        let mut state = self.shared.state();
        state.last_answer = Instant::now();
        if state.unavailable.take().is_some() {
            if self.shared.purpose == Purpose::Follow {
                let notice = format!(
                    "the spool {} is available again",
                    self.shared.database.address
                );
                state.notices.push(notice);
            }
            drop(state);
            self.ring();
        }
    }

    /// It never can be used in this run.
    fn fail(&self, error: DatabaseError) {
        let address = self.shared.database.address.to_string();
        self.shared.state().failed = Some(error.named(&address));
        self.ring();
    }

    fn ring(&self) {
        self.shared.changed.notify_all();
        self.shared.news.notify_one();
    }

    /// Leaves, and counts what is left.
    async fn leave(&self) {
        if self.shared.purpose == Purpose::Accept {
            return;
        }
        let left = async {
            let connection = self.connection().await?;
            let dest = self.dest(&connection).await?;
            let (drainer, heads) = {
                let mut state = self.shared.state();
                (state.drainer.take(), state.lanes.heads())
            };
            if let Some(drainer) = drainer {
                lease::note_heads(&connection, drainer, dest, &heads).await?;
            }
            // Before others can send what is there.
            if self.shared.purpose == Purpose::Follow {
                let seen = rows::activity(&connection, dest).await?;
                self.shared.state().activity = Some(seen);
            }
            if let Some(drainer) = drainer {
                lease::leave(&connection, drainer).await?;
            }
            self.shared.state().last_answer = Instant::now();
            if self.shared.drains() {
                let (ready, estimated) = counts::ready(&connection, dest).await?;
                let dead = counts::dead(&connection, dest).await?;
                let is_due_elsewhere = self.shared.state().due_elsewhere == Some(true);
                let why = if is_due_elsewhere {
                    Some(DUE_ELSEWHERE.to_owned())
                } else {
                    counts::why(&connection, dest).await?
                };
                let now = (self.shared.clock)();
                let mut state = self.shared.state();
                let pause = state.pause.as_ref().map(|pause| pause.until);
                let until = pause.max(state.lanes.due()).filter(|until| *until > now);
                state.leftover = Leftover {
                    ready,
                    estimated,
                    dead,
                    until,
                    why,
                };
            }
            Ok::<(), DatabaseError>(())
        };
        // A lease that cannot be given back ends by itself.
        let _ = left.await;
    }
}
