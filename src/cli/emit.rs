//! The arguments of `emit`.

/// The arguments of `emit`.
#[derive(Debug, clap::Args)]
pub struct Args {}
