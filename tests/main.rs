//! The one integration-test binary: behaviour through the program, against real files, sockets
//! and terminals.

mod agreement;
mod browser;
mod codes;
mod completion;
mod config;
mod connection;
mod contract;
mod crash;
mod doctor;
mod emit;
mod everyday;
mod examples;
mod explain;
mod files;
mod fix;
mod fuzz_targets;
mod generated;
mod growth;
mod help;
mod hostile;
mod journey;
mod layering;
mod matrix;
mod memory;
mod mermaid;
mod nchan;
mod packages;
mod peers;
mod pictures;
mod properties;
mod readme;
mod reconnect_storm;
mod recorded;
mod reports;
mod resume_at_every_byte;
mod run;
mod sandbox;
mod scenes;
mod security;
mod sources;
mod spool;
mod spool_postgres;
mod stats;
mod support;
mod tail;
mod terminal;
mod token_renewal;
mod validate;

// The targets of `fuzz/` name the fuzzer's library; here it is this crate.
extern crate self as libfuzzer_sys;
use fuzz_targets::fuzz_target;
