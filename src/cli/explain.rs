//! The arguments of `explain`.

/// The arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {}
