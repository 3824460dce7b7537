//! Where the spool is that is inspected or changed.

use crate::cli::Context;
use crate::cli::emit::{SPOOL, SpoolArg, place};
use crate::commands::emit::Place;
use crate::commands::emit::location::{self, Permits};
use crate::failure::Failure;

/// Where the spool is that is inspected or changed.
#[derive(Debug, clap::Args)]
pub struct PlaceArgs {
    #[command(flatten)]
    pub(super) spool: SpoolArg,
    /// Allow an unencrypted connection to a database on another machine
    #[arg(long, help_heading = SPOOL)]
    pub(super) allow_http: bool,
}

impl SpoolArg {
    /// Where the spool is; one that does not last is none.
    pub(super) fn place(
        &self,
        context: &mut Context<'_>,
        permits: Permits,
    ) -> Result<Place, Failure> {
        self.apply(context);
        let place = place(context, permits)?;
        if place.is_durable() {
            return Ok(place);
        }
        Err(no_spool())
    }
}

impl PlaceArgs {
    pub(super) fn place(&self, context: &mut Context<'_>) -> Result<Place, Failure> {
        let permits = self.spool.permits(self.allow_http);
        self.spool.place(context, permits)
    }

    /// Where the spool is, as it is shown.
    pub fn shown(&self, context: &mut Context<'_>) -> Result<String, Failure> {
        self.spool.apply(context);
        location::shown(&context.settings, context.host)?.ok_or_else(no_spool)
    }
}

fn no_spool() -> Failure {
    Failure::usage("there is no home folder, and so no default spool")
        .hint("choose its folder with --spool")
}
