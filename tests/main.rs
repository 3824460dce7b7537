//! The one integration-test binary: behaviour through the program, against real files, sockets
//! and terminals.

mod agreement;
mod codes;
mod config;
mod contract;
mod explain;
mod generated;
mod layering;
mod support;
