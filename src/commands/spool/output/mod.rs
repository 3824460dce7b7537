//! How a spool and its records look.

pub mod list;
pub mod status;
