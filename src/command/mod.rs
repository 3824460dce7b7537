//! What each subcommand does: a plan in, an outcome out, no formatting.

pub mod emit;
pub mod input;
pub mod policy;
pub mod sandbox;
