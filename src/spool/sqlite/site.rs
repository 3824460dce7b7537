//! What the two sides of an open spool share: the one that accepts and the one that sends.

use super::folder::Folder;
use crate::spool::{Error, Purpose};
use std::sync::atomic::AtomicI64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// An open spool, seen by one run for one destination.
pub struct Site {
    /// Its folder.
    pub folder: Folder,
    /// What distinguishes the database from one that replaces it.
    pub database: (u64, u64),
    /// The identity under which records are accepted and sent, as it is stored with them.
    pub dest: String,
    /// This run, as it is stored with what it accepts.
    pub run: Uuid,
    /// Whose records it is about.
    pub purpose: Purpose,
    /// The present, in milliseconds since 1970.
    pub clock: fn() -> i64,
    /// Writers of this process take turns here rather than by the engine's waiting.
    turn: Mutex<()>,
    /// The last row whose receipt is out; later ones are not handed out.
    pub receipted: AtomicI64,
    /// The last row of this run.
    pub last_own: AtomicI64,
}

impl Site {
    /// The site of a run that has accepted nothing yet.
    pub fn new(
        folder: Folder,
        dest: String,
        purpose: Purpose,
        clock: fn() -> i64,
    ) -> std::io::Result<Site> {
        Ok(Site {
            database: folder.identity()?,
            folder,
            dest,
            run: Uuid::now_v7(),
            purpose,
            clock,
            turn: Mutex::new(()),
            receipted: AtomicI64::new(i64::MAX),
            last_own: AtomicI64::new(0),
        })
    }

    /// Waits until nobody else of this process writes.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        locked(&self.turn)
    }

    /// Fails once another process has set the database aside: what is written to it since is seen
    /// by nobody.
    pub fn still_there(&self) -> rusqlite::Result<()> {
        if self.folder.identity().ok() == Some(self.database) {
            return Ok(());
        }
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY_DBMOVED);
        let why = "it was moved away while it was in use".to_owned();
        Err(rusqlite::Error::SqliteFailure(code, Some(why)))
    }

    /// Whether a row is of those that this run reports on.
    pub fn is_own(&self, run: &[u8]) -> bool {
        self.purpose != Purpose::Own || run == self.run.as_bytes()
    }

    /// A failure of the engine in our words, after which the database may be suspect.
    pub fn failed(&self, error: rusqlite::Error) -> Error {
        self.folder.failed(error)
    }
}

/// Locks; a thread that panicked has left nothing half done.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
