//! A spool that hosts share, in PostgreSQL.
//!
//! A journey is in one of the lanes of its destination, by a hash. A lane is owned by one drainer
//! at a time, through its lease. Records are inserted once and deleted once: nothing is written
//! to claim one. No network is waited for where records are sent: a thread of its own reads ahead
//! and writes what has become of them, on two connections at most, one statement a transaction.

pub mod address;
mod append;
mod connection;
mod counts;
mod endings;
pub mod inspect;
mod intake;
mod lanes;
mod lease;
mod limit;
mod pump;
mod rows;
pub mod schema;
mod spool;
mod state;
mod tls;
mod watch;

pub use connection::Database;
pub use lease::shortest_lease;

use crate::spool::damage::Damage;
use crate::spool::lock_wait::LockWait;
use crate::spool::{Error, Purpose};
use connection::DatabaseError;
use pump::{Opened, Pump};
use state::{Shared, State};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the database is tried before this machine's inbox takes records, and how long the
/// end of a run may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the end of a run waits for a database that says nothing.
const SILENCE: Duration = Duration::from_secs(3);

/// The spool of one destination in a database.
pub struct Postgres {
    shared: Arc<Shared>,
    pump: Option<JoinHandle<()>>,
}

impl Postgres {
    /// Opens the spool for one destination. The second value says what was found damaged. While
    /// the database is unavailable records are still accepted, and a follower waits for it.
    pub fn open(
        database: &Database,
        destination: String,
        purpose: Purpose,
        clock: fn() -> i64,
        wait: &mut LockWait<'_>,
    ) -> Result<(Postgres, Damage), Error> {
        // An attempt may take as long as a lock is waited for: both are said by one option.
        let shared = Shared::new(database, destination, purpose, wait.timeout, clock);
        let shared = Arc::new(shared);
        let (opened, opening) = channel();
        let pump = Pump::new(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("postgres".into())
            .spawn(move || pump.run(&opened))
            .map_err(|error| Error::Storage(format!("cannot start a thread: {error}")))?;
        let spool = Postgres {
            shared,
            pump: Some(thread),
        };
        let (result, complaints) = spool.opened(&opening, wait);
        let mut damage = Damage::default();
        for complaint in complaints {
            damage.add(complaint, []);
        }
        match result {
            Ok(()) => {}
            Err(DatabaseError::Unavailable(why))
                if matches!(purpose, Purpose::Accept | Purpose::Own) =>
            {
                spool.switch_to_inbox(&why);
            }
            Err(DatabaseError::Unavailable(why)) if purpose == Purpose::Follow => {
                let address = &database.address;
                let notice = format!("the spool {address} is unavailable ({why}); retrying");
                spool.state().notices.push(notice);
            }
            Err(error) => return Err(spool.named(error)),
        }
        Ok((spool, damage))
    }

    /// Waits until the database can be used, or cannot; says once that it is unavailable.
    fn opened(&self, opening: &Receiver<Opened>, wait: &mut LockWait<'_>) -> Opened {
        let began = Instant::now();
        loop {
            match opening.recv_timeout(Duration::from_secs(1)) {
                Ok(opened) => return opened,
                Err(RecvTimeoutError::Disconnected) => {
                    let why = "the thread at the database has ended".to_owned();
                    return (Err(DatabaseError::Storage(why)), Vec::new());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let why = self.state().unavailable.clone();
            if began.elapsed() < Duration::from_secs(2)
                && !self.shared.database.given_up.load(Ordering::SeqCst)
                && let Some(why) = why
            {
                wait.say(format!(
                    "the spool {} is unavailable ({why}); retrying for {} s",
                    self.shared.database.address,
                    PATIENCE.as_secs()
                ));
            }
        }
    }

    /// The error, with the name of the spool.
    fn named(&self, error: DatabaseError) -> Error {
        let address = &self.shared.database.address;
        error.named(&address.to_string())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
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
