//! The arguments of `doctor`.

use super::emit::place;
use super::{Context, validate};
use crate::commands::doctor::DoctorPlan;
use crate::commands::emit::location::Permits;

/// The arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Also connect to each configured server; no key and no record is sent
    #[arg(long)]
    probe: bool,
}

impl DoctorArgs {
    /// As `--probe` says.
    pub fn with_probe() -> DoctorArgs {
        DoctorArgs { probe: true }
    }

    /// What is to be looked at.
    pub fn plan(&self, context: &Context<'_>) -> DoctorPlan {
        DoctorPlan {
            rules: validate::policy(&context.settings, context.host.now()).map(drop),
            spool: place(context, Permits::default()),
            zone: context.zone,
            probe: self.probe,
        }
    }
}
