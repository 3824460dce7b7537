//! Waiting for other processes that have locked what is needed of a spool: not forever, and not
//! in silence.

use super::Error;
use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

/// How long a lock is waited for before that is said.
const MOMENT: Duration = Duration::from_secs(1);

/// How long it takes until a lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// How long is waited, and to whom that is reported.
pub struct LockWait<'a> {
    /// How long.
    pub timeout: Duration,
    said: bool,
    report: &'a mut dyn FnMut(String),
}

impl LockWait<'_> {
    /// How long to wait unless the user says otherwise.
    pub const DEFAULT: Duration = Duration::from_secs(10);

    /// Waits so long for each lock.
    pub fn new(timeout: Duration, report: &mut dyn FnMut(String)) -> LockWait<'_> {
        LockWait {
            timeout,
            said: false,
            report,
        }
    }

    /// Reports something to the user who waits.
    pub fn say(&mut self, text: String) {
        (self.report)(text);
    }

    /// Tries until nobody else holds `what`; an attempt has no result for as long as somebody does.
    pub fn until<T>(
        &mut self,
        what: &str,
        mut attempt: impl FnMut() -> Result<Option<T>, Error>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        loop {
            if let Some(result) = attempt()? {
                return Ok(result);
            }
            let waited = began.elapsed();
            let Some(left) = self.timeout.checked_sub(waited) else {
                return Err(Error::Busy(format!(
                    "another process has held {what} locked for {:?}",
                    self.timeout
                )));
            };
            if waited >= MOMENT && !self.said {
                self.said = true;
                (self.report)(format!(
                    "waiting for another process that has locked {what}, for {:?} at most",
                    self.timeout
                ));
            }
            std::thread::sleep(PAUSE.min(left));
        }
    }

    /// Locks a file; `what` is how a person knows it.
    pub fn lock(&mut self, file: &File, what: &str) -> Result<(), Error> {
        self.until(what, || match file.try_lock() {
            Ok(()) => Ok(Some(())),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(Error::Storage(format!("cannot lock {what}: {error}")))
            }
        })
    }
}
