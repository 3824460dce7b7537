//! How the emulator behaves, and where its servers are.

use super::faults::Faults;
use crate::check::Policy;
use crate::model::timestamp::Timestamp;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
pub struct SandboxOptions {
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
    /// The largest body that is accepted.
    pub max_body: usize,
    /// How much the ledger holds before it forgets its oldest entries.
    pub max_ledger: usize,
    /// How many connections are served at once; further ones wait.
    pub max_connections: usize,
    /// A file that every request is written to, a line each.
    pub record: Option<PathBuf>,
    /// The faults that are asked for.
    pub faults: Faults,
    /// Keys that belong to real servers: who sends one gets an error that says so, and nothing is stored.
    pub real_keys: Vec<String>,
    /// The rules' levels and codes.
    pub policy: Option<Policy>,
}

impl Default for SandboxOptions {
    fn default() -> SandboxOptions {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        SandboxOptions {
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

impl fmt::Debug for SandboxOptions {
    /// Keys and passwords are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}
