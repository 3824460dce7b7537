//! The arguments of `doctor`.

use super::emit::place;
use super::{Context, validate};
use crate::commands::doctor::Plan;
use crate::commands::emit::location::Permits;

/// The arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also connect to each configured server; no key and no record is sent
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
            spool: place(context, Permits::default()),
            zone: context.zone,
            probe: self.probe,
        }
    }
}
