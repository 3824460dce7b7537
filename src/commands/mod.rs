//! What each subcommand does: a plan in, an outcome out, no formatting.

pub mod ask;
pub mod codes;
pub mod config;
pub mod doctor;
pub mod emit;
pub mod explain;
pub mod files;
pub mod help;
pub mod journey;
pub mod listening;
pub mod man;
mod named_ids;
mod record_kind;
pub mod run;
pub mod sandbox;
pub mod spool;
pub mod stats;
pub mod tail;
pub mod ui;
mod unusable;
pub mod validate;
mod vocabulary;
