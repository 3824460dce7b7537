//! What each subcommand does: a plan in, an outcome out, no formatting.

pub mod input;
pub mod tail;
pub mod validate;
