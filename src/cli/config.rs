//! The arguments of `config`.

/// The arguments of `config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What `config` can do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Write a profile by asking
    Init,
    /// Show the settings that are in force
    Show {
        /// Say where each value came from
        #[arg(long)]
        origin: bool,
    },
    /// Print where the profile file is
    Path,
}
