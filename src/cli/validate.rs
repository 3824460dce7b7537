//! The arguments of `validate`.

/// The arguments of `validate`.
#[derive(Debug, clap::Args)]
pub struct Args {}
