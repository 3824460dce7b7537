//! The arguments of `codes`.

/// The arguments of `codes`.
#[derive(Debug, clap::Args)]
pub struct Args {}
