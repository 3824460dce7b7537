//! What each subcommand does: a plan in, an outcome out, no formatting.

pub mod adopt;
mod child;
pub mod codes;
pub mod config;
mod crew;
pub mod doctor;
pub mod emit;
pub mod explain;
pub mod files;
mod flaw;
pub mod input;
pub mod mend;
pub mod replace;
pub mod run;
pub mod sandbox;
pub mod spool;
pub mod stats;
pub mod tail;
pub mod validate;
mod vocabulary;
