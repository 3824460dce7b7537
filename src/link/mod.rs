//! The network: the only place that names the HTTP client.

mod ahead;
pub mod client;
pub mod control;
pub mod event_log;
pub mod listener;
pub mod login;
pub mod probe;
pub mod stream;
pub mod websocket;
