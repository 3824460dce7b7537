//! The arguments of `tail`.

/// The arguments of `tail`.
#[derive(Debug, clap::Args)]
pub struct Args {}
