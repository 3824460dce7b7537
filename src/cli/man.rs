//! The arguments of `man`.

use std::path::PathBuf;

/// The arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write a page for every subcommand into this folder instead
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}
