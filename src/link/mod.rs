//! The network: the only place that names the HTTP client.

mod ahead;
pub mod client;
pub mod control;
pub mod event_log;
mod frames;
pub mod listener;
pub mod login;
pub mod probe;
mod reactor;
pub mod stream;
pub mod websocket;
