//! What each subcommand does: a plan in, an outcome out, no formatting.

pub mod adopt;
pub mod input;
pub mod mend;
pub mod replace;
pub mod validate;
