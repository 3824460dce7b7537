//! The one integration-test binary: behaviour through the program, against real files, sockets
//! and terminals.

mod agreement;
mod browser;
mod codes;
mod config;
mod connection;
mod contract;
mod crash;
mod doctor;
mod emit;
mod everyday;
mod explain;
mod files;
mod fix;
mod generated;
mod growth;
mod hostile;
mod layering;
mod matrix;
mod memory;
mod nchan;
mod properties;
mod readme;
mod reconnect_storm;
mod reports;
mod resume_at_every_byte;
mod run;
mod sandbox;
mod security;
mod spool;
mod stats;
mod support;
mod tail;
mod terminal;
mod token_renewal;
mod validate;
