//! The network: the only place that names the HTTP client.

mod ahead;
mod answer;
mod body;
pub mod client;
pub mod control;
pub mod event_log;
mod fault;
mod frames;
pub mod listener;
pub mod login;
pub mod probe;
mod proxy;
mod reactor;
pub mod stream;
pub mod variables;
pub mod websocket;
