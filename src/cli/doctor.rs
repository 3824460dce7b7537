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
    /// Allow http:// to machines other than this one
    #[arg(long)]
    allow_http: bool,
}

impl DoctorArgs {
    /// As `--probe` says.
    pub fn with_probe() -> DoctorArgs {
        DoctorArgs {
            probe: true,
            allow_http: false,
        }
    }

    /// What is to be looked at.
    pub fn plan(&self, context: &Context<'_>) -> DoctorPlan {
        let permits = Permits {
            allow_unencrypted: self.allow_http,
            ..Permits::default()
        };
        DoctorPlan {
            rules: validate::policy(&context.settings, context.host.now()).map(drop),
            spool: place(context, permits),
            zone: context.zone,
            probe: self.probe,
            allow_http: self.allow_http,
        }
    }
}
