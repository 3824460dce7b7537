//! The arguments of `man`.

use std::path::PathBuf;

/// The arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// A subcommand, such as emit or spool-drain [default: the page of hivelog itself]
    #[arg(value_name = "PAGE", conflicts_with = "dir", value_parser = super::complete::manual_pages(), hide_possible_values = true)]
    words: Vec<String>,
    /// Write the pages of all subcommands into this folder instead
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

impl ManArgs {
    /// The page that is asked for, whose name may be typed as the subcommand is.
    pub fn page(&self) -> Option<String> {
        (!self.words.is_empty()).then(|| self.words.join("-"))
    }
}
