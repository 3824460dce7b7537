//! The arguments of `doctor`.

use super::{Context, validate};
use crate::commands::doctor::Plan;
use std::path::PathBuf;

/// The arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also open a connection to each configured server; neither key nor record is sent
    #[arg(long)]
    probe: bool,
}

impl Args {
    /// As `--probe` says.
    pub fn with_probe() -> Args {
        Args { probe: true }
    }

    /// What is to be looked at.
    pub fn plan(&self, context: &Context<'_>) -> Plan {
        Plan {
            rules: validate::policy(&context.settings, context.host.now()).map(drop),
            spool: match context.settings.text("spool.location") {
                None | Some("default") => {
                    let state = context.host.state_dir.as_ref();
                    state.map(|folder| folder.join("spool"))
                }
                Some(folder) => Some(PathBuf::from(folder)),
            },
            probe: self.probe,
        }
    }
}
