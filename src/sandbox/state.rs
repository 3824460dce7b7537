//! What the handlers of the emulator share.

use super::faults::{FaultState, Faults};
use super::history::History;
use super::ledger::Ledger;
use super::options::SandboxOptions;
use super::sessions::Sessions;
use crate::check::Policy;
use crate::check::verdict::RunVerdict;
use crate::model::timestamp::Timestamp;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Semaphore, watch};

/// How many listeners there may be.
pub const LISTENERS: usize = 64;

/// The state of one emulator.
pub type SharedState = Arc<SandboxState>;

/// Everything that outlives a request.
#[derive(Debug)]
pub struct SandboxState {
    pub(super) options: SandboxOptions,
    started: Instant,
    ledger: Mutex<Ledger>,
    pub(super) history: History,
    sessions: Mutex<Sessions>,
    pub(super) faults: Arc<Faults>,
    injected: Mutex<FaultState>,
    pub(super) seats: Arc<Semaphore>,
    pub(super) received: watch::Sender<u64>,
    /// The verdict of a run, and whether it is good.
    verdict: Mutex<Option<(RunVerdict, bool)>>,
}

impl SandboxState {
    pub(super) fn new(options: SandboxOptions) -> io::Result<SandboxState> {
        let mut policy = options
            .policy
            .clone()
            .unwrap_or_else(|| Policy::at(options.now));
        policy.max_record = options.max_body;
        let ledger = Ledger::new(
            policy,
            options.seed,
            options.max_ledger,
            options.record.as_deref(),
        )?;
        Ok(SandboxState {
            started: Instant::now(),
            ledger: Mutex::new(ledger),
            history: History::new(options.seed),
            sessions: Mutex::new(Sessions::new(options.seed)),
            faults: Arc::new(options.faults.clone()),
            injected: Mutex::new(FaultState::new(options.seed)),
            received: watch::Sender::new(0),
            seats: Arc::new(Semaphore::new(LISTENERS)),
            verdict: Mutex::new(None),
            options,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.options.now.plus(self.started.elapsed())
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn verdict(&self) -> MutexGuard<'_, Option<(RunVerdict, bool)>> {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the page show the verdict of a run.
    pub(super) fn show(&self, verdict: RunVerdict, good: bool) {
        *self.verdict() = Some((verdict, good));
        // An open page asks again.
        self.received.send_modify(|_| {});
    }

    pub(super) fn fault_state(&self) -> MutexGuard<'_, FaultState> {
        self.injected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
