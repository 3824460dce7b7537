//! The emulator: SyncHive's event-log endpoint and an automation server's event stream under
//! one address on this machine. A library first: the subcommand, `--sandbox` and the tests all
//! start the same thing.

mod control;
mod event_log;
pub mod expect;
pub mod faults;
mod fire;
mod fixtures;
mod history;
mod inject_faults;
pub mod journey;
pub mod ledger;
mod listener;
mod login;
mod page;
mod problem;
mod random;
mod server;
mod story;
mod stream;

pub use ledger::{Entry, Tally};

use crate::check::{Policy, Unfinished};
use crate::model::timestamp::Timestamp;
use faults::Faults;
use history::History;
use inject_faults::FaultState;
use ledger::Ledger;
use login::Sessions;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, oneshot, watch};

/// Where event logs are sent.
pub const EVENT_LOG_PATH: &str = "/data-service/v1/eventLog";
/// Where sys events are read.
pub const EVENTS_PATH: &str = "/api/v1/events/stream";
/// Where a user logs in.
pub const LOGIN_PATH: &str = "/api/v1/auth/login";
/// Where a token is renewed.
pub const RENEW_PATH: &str = "/api/v1/auth/renew";

/// How the emulator behaves.
#[derive(Clone)]
pub struct Options {
    /// The address to listen on; anything but loopback is the caller's decision.
    pub host: IpAddr,
    /// The port, or 0 for a free one.
    pub port: u16,
    /// The seed from which sys events, ids and tokens are made.
    pub seed: u64,
    /// About how many sys events happen in a second; 0 for none but those that are fired.
    pub rate: f64,
    /// The present moment; timestamps go on from here.
    pub now: Timestamp,
    /// Whether a request must carry a connector key.
    pub require_key: bool,
    /// The one key that is accepted; without it any will do.
    pub key: Option<String>,
    /// A header that may carry the key beside `X-…-Connector-Key`.
    pub key_header: Option<String>,
    /// Whether the stream needs a token from the login.
    pub require_login: bool,
    /// The user name and password that the login takes; without them any will do.
    pub login: Option<(String, String)>,
    /// How long a token lives.
    pub token_life: Duration,
    /// How often a silent stream shows that it lives.
    pub heartbeat: Duration,
    /// The largest body that is taken.
    pub max_body: usize,
    /// How much the ledger holds before it forgets its oldest entries.
    pub max_ledger: usize,
    /// How many connections are served at once; further ones wait.
    pub max_connections: usize,
    /// A file that every request is written to, a line each.
    pub record: Option<PathBuf>,
    /// The faults that are asked for.
    pub faults: Faults,
    /// Keys that belong to real servers: who sends one gets an error that says so, and nothing is kept.
    pub real_keys: Vec<String>,
    /// The rules' levels and codes.
    pub policy: Option<Policy>,
}

impl Default for Options {
    fn default() -> Options {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Options {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            seed: 1,
            rate: 2.0,
            now: Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(0)),
            require_key: true,
            key: None,
            key_header: None,
            require_login: false,
            login: None,
            token_life: Duration::from_secs(3600),
            heartbeat: Duration::from_secs(15),
            max_body: 1 << 20,
            max_ledger: 16 << 20,
            max_connections: 512,
            record: None,
            faults: Faults::default(),
            real_keys: Vec::new(),
            policy: None,
        }
    }
}

impl fmt::Debug for Options {
    /// Keys and passwords are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

/// A running emulator; it stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Binds the address and serves it on a thread of its own.
    pub fn start(options: Options) -> io::Result<Sandbox> {
        let listener = std::net::TcpListener::bind((options.host, options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::new(options)?);
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
    pub fn ledger(&self) -> Vec<Entry> {
        let ledger = self.state.ledger();
        ledger.entries().map(|entry| Entry::clone(entry)).collect()
    }

    /// The journeys of the requests that are still held, in the order in which each began.
    pub fn journeys(&self) -> Vec<journey::Journey> {
        journey::journeys(self.state.ledger().entries())
    }

    /// The requests behind the one with this number, as far as they are still held.
    pub fn entries_after(&self, number: u64) -> Vec<Arc<Entry>> {
        let ledger = self.state.ledger();
        ledger.entries_after(number).map(Arc::clone).collect()
    }

    /// Counts the requests; changes with each.
    pub fn received(&self) -> watch::Receiver<u64> {
        self.state.received.subscribe()
    }

    /// The journeys that have not come to their end, where the policy asks for that.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        self.state.ledger().unfinished()
    }

    /// The rules that the event logs were judged by.
    pub fn policy(&self) -> Policy {
        self.state.ledger().policy().clone()
    }

    /// How many requests ended how, also of those the ledger has forgotten.
    pub fn tally(&self) -> Tally {
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

/// What the handlers share.
#[derive(Debug)]
struct State {
    options: Options,
    started: Instant,
    ledger: Mutex<Ledger>,
    history: History,
    sessions: Mutex<Sessions>,
    faults: Arc<Faults>,
    injected: Mutex<FaultState>,
    seats: Arc<Semaphore>,
    received: watch::Sender<u64>,
}

impl State {
    fn new(options: Options) -> io::Result<State> {
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
        Ok(State {
            started: Instant::now(),
            ledger: Mutex::new(ledger),
            history: History::new(options.seed),
            sessions: Mutex::new(Sessions::new(options.seed)),
            faults: Arc::new(options.faults.clone()),
            injected: Mutex::new(FaultState::new(options.seed)),
            received: watch::Sender::new(0),
            seats: Arc::new(Semaphore::new(stream::LISTENERS)),
            options,
        })
    }

    fn now(&self) -> Timestamp {
        self.options.now.plus(self.started.elapsed())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault_state(&self) -> MutexGuard<'_, FaultState> {
        self.injected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
