//! The network: the only place that names the HTTP client.

pub mod address;
mod answer;
pub mod auth;
mod body;
mod causes;
mod client;
pub mod control;
pub mod event_log;
mod fault;
pub mod frames;
pub mod handshake;
pub mod headers;
mod identify;
pub mod listener;
pub mod login;
pub mod metrics;
mod network_thread;
mod polling;
mod prefetch;
pub mod probe;
mod proxy;
pub mod server;
pub mod stream;
pub mod variables;
pub mod websocket;
