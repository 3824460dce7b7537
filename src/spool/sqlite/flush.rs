//! Flushes deliveries that were noted, at its side: a flush for each handful of answers would
//! make the disk the pace of the sending, and none at all would leave it to chance how many of
//! them a loss of power undoes. So one flush follows another for as long as there is something
//! new, and what is undone is what was delivered within the last of them.

use crate::spool::Error;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// The thread that flushes the engine's log, once there is a reason for one.
pub struct Flusher {
    log: PathBuf,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    stirred: Condvar,
}

#[derive(Default)]
struct State {
    dirty: bool,
    closed: bool,
    failure: Option<String>,
}

impl State {
    fn outcome(&self) -> Result<(), Error> {
        self.failure.as_ref().map_or(Ok(()), |why| Err(failed(why)))
    }
}

impl Flusher {
    pub fn new(log: PathBuf) -> Flusher {
        Flusher {
            log,
            shared: Arc::default(),
            thread: Mutex::new(None),
        }
    }

    /// Something was written. Fails if it was in vain before: what was not flushed then may
    /// never be.
    pub fn soon(&self) -> Result<(), Error> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            *thread = Some(self.start().map_err(failed)?);
        }
        let mut state = self.shared.state();
        state.dirty = true;
        self.shared.stirred.notify_one();
        state.outcome()
    }

    /// Waits for the last flush. Fails if any was in vain.
    pub fn finish(&self) -> Result<(), Error> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.state().closed = true;
        self.shared.stirred.notify_one();
        if let Some(thread) = thread.take() {
            let _ = thread.join();
        }
        self.shared.state().outcome()
    }

    fn start(&self) -> io::Result<JoinHandle<()>> {
        let log = File::open(&self.log)?;
        let shared = Arc::clone(&self.shared);
        std::thread::Builder::new()
            .name("flush".into())
            .spawn(move || shared.flush(&log))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flush(&self, log: &File) {
        let mut state = self.state();
        loop {
            if std::mem::take(&mut state.dirty) {
                drop(state);
                let flushed = log.sync_data();
                state = self.state();
                if let Err(error) = flushed {
                    // Never tried again: the next flush would say yes to what is gone.
                    state.failure = Some(error.to_string());
                    return;
                }
            } else if state.closed {
                return;
            } else {
                let waited = self.stirred.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

fn failed(why: impl std::fmt::Display) -> Error {
    Error::Storage(format!(
        "deliveries could not be flushed to the disk: {why}"
    ))
}
