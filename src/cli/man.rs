//! The arguments of `man`.

use std::path::PathBuf;

/// The arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A subcommand, its own subcommands joined by '-', such as spool-drain [default: all of hivelog]
    #[arg(value_name = "PAGE", conflicts_with = "dir")]
    pub page: Option<String>,
    /// Write a page for every subcommand into this folder instead
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}
