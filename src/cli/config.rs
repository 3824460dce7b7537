//! The arguments of `config`.

use super::Global;
use crate::commands::config::path;
use crate::failure::Failure;
use crate::host::Host;
use crate::settings;
use std::path::PathBuf;

/// The arguments of `config`.
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: ConfigVerb,
}

/// What `config` can do.
#[derive(Debug, clap::Subcommand)]
pub enum ConfigVerb {
    /// Create a profile by answering questions, and test it
    Init,
    /// List the profiles
    List,
    /// Make a profile the default
    Use {
        /// Name of a profile
        #[arg(value_name = "NAME", add = super::complete::profiles())]
        name: String,
    },
    /// Open the profile file in an editor ($VISUAL or $EDITOR), and check it
    Edit,
    /// Show the settings in effect
    Show {
        /// Show where each value comes from
        #[arg(long)]
        origin: bool,
    },
    /// Print the path of the profile file
    Path,
}

impl ConfigArgs {
    /// Whether `config show` is to say where each value came from.
    pub fn with_origin(&self) -> bool {
        matches!(self.verb, ConfigVerb::Show { origin: true })
    }
}

/// Where the profile file is, whether or not it can be read.
pub fn place(global: &Global, host: &Host) -> Result<PathBuf, Failure> {
    path(settings::profile_path(&global.choice(), host))
}
