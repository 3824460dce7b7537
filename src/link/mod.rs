//! The network: the only place that names the HTTP client.

mod ahead;
mod answer;
pub mod auth;
mod body;
pub mod client;
pub mod control;
pub mod event_log;
mod fault;
mod frames;
mod knock;
pub mod listener;
pub mod login;
mod polling;
pub mod probe;
mod proxy;
mod reactor;
pub mod stream;
pub mod variables;
pub mod websocket;
