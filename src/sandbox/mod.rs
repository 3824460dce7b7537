//! The emulator: SyncHive's event-log endpoint and an automation server's event stream under
//! one address on this machine. A library first: the subcommand, `--sandbox` and the tests all
//! start the same thing.

mod control;
pub mod entry;
mod event_log;
pub mod expect;
pub mod faults;
mod fire;
mod fixtures;
mod history;
mod http;
mod inject_faults;
pub mod journey;
mod judging;
pub mod ledger;
mod listener;
mod login;
mod options;
mod page;
mod problem;
mod random;
mod record_file;
mod server;
mod sessions;
mod state;
mod story;
mod stream;

pub use entry::LedgerEntry;
pub use fire::EventOrder;
pub use ledger::LedgerTally;
pub use options::{EVENT_LOG_PATH, EVENTS_PATH, LOGIN_PATH, RENEW_PATH, SandboxOptions};

use crate::check::verdict::Verdict;
use crate::check::{Policy, Unfinished};
use state::SandboxState;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// A running emulator; it stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<SandboxState>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Binds the address and serves it on a thread of its own.
    pub fn start(options: SandboxOptions) -> io::Result<Sandbox> {
        let listener = std::net::TcpListener::bind((options.host, options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = Arc::new(SandboxState::new(options)?);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("sandbox".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = server::serve(listener, served) => {}
                        _ = stopped => {}
                    }
                });
                // A body that is still inspected has nobody who waits for the answer.
                runtime.shutdown_background();
            })?;
        Ok(Sandbox {
            address,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of both servers.
    pub fn url(&self) -> String {
        let ip = self.address.ip();
        if ip.is_unspecified() {
            return format!("http://127.0.0.1:{}", self.address.port());
        }
        format!("http://{}", self.address)
    }

    /// Every request to the event-log endpoint that is still held, oldest first.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        let ledger = self.state.ledger();
        ledger
            .entries()
            .map(|entry| LedgerEntry::clone(entry))
            .collect()
    }

    /// The journeys of the requests that are still held, in the order in which each began.
    pub fn journeys(&self) -> Vec<journey::LedgerJourney> {
        journey::journeys(self.state.ledger().entries())
    }

    /// The requests behind the one with this number, as far as they are still held.
    pub fn entries_after(&self, number: u64) -> Vec<Arc<LedgerEntry>> {
        let ledger = self.state.ledger();
        ledger.entries_after(number).map(Arc::clone).collect()
    }

    /// Lets the page show the verdict of a run, and whether that is good.
    pub fn show(&self, verdict: Verdict, good: bool) {
        self.state.show(verdict, good);
    }

    /// Counts the requests; changes with each.
    pub fn received(&self) -> watch::Receiver<u64> {
        self.state.received.subscribe()
    }

    /// The journeys that have not ended, where the policy asks for that.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        self.state.ledger().unfinished()
    }

    /// The rules that the event logs were judged by.
    pub fn policy(&self) -> Policy {
        self.state.ledger().policy().clone()
    }

    /// How many requests ended how, also of those the ledger has forgotten.
    pub fn tally(&self) -> LedgerTally {
        self.state.ledger().tally()
    }

    /// Why the record file ends early, if it does.
    pub fn record_error(&self) -> Option<String> {
        self.state.ledger().file_error().map(str::to_owned)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
