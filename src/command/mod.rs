//! What each subcommand does: a plan in, an outcome out, no formatting.

pub mod input;
pub mod stats;
pub mod tail;
pub mod validate;
