//! What each subcommand does: a plan in, an outcome out, no formatting.

mod crew;
pub mod emit;
pub mod input;
pub mod sandbox;
pub mod validate;
