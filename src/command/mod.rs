//! What each subcommand does: a plan in, an outcome out, no formatting.

pub mod emit;
pub mod input;
pub mod run;
pub mod sandbox;
pub mod spool;
pub mod validate;
