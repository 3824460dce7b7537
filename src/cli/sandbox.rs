//! The arguments of `sandbox`.

/// The arguments of `sandbox`.
#[derive(Debug, clap::Args)]
pub struct Args {}
