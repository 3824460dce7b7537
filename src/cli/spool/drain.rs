//! The arguments of `spool drain`.

use crate::cli::Context;
use crate::cli::emit::{PaceArgs, SpoolArg, TargetArgs};
use crate::commands::emit::destination::Destination;
use crate::commands::listening::listen_address;
use crate::commands::spool::{DrainPlan, Receiver};
use crate::failure::Failure;
use crate::model::duration::parse_duration;
use std::time::Duration;

/// The arguments of `spool drain`.
#[derive(Debug, clap::Args)]
pub struct DrainArgs {
    /// Keep running and deliver records as they arrive; for a service manager
    #[arg(long)]
    pub follow: bool,
    /// Also send dead records: requeue them first
    #[arg(long)]
    dead: bool,
    /// Send for every destination in the profile file, each with its own key
    #[arg(long, conflicts_with_all = ["url", "connector", "key_header", "headers"])]
    pub all_profiles: bool,
    /// How long a drainer of a shared spool that has gone silent keeps its share; at least twice
    /// --timeout and 10s [default: 30s]
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    lease: Option<Duration>,
    /// Serve the metrics of 'spool status' to Prometheus at HOST:PORT, :PORT or PORT
    #[arg(long, value_name = "ADDR")]
    metrics: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    spool: SpoolArg,
}

impl DrainArgs {
    /// Settles what is to be done.
    pub fn plan(self, context: &mut Context<'_>) -> Result<DrainPlan, Failure> {
        let extra = self.target.extra()?;
        let timeout = self.pace.timeout()?;
        let permits = self
            .spool
            .permits(extra.allow_http)
            .with_lease(self.lease, timeout)?;
        let place = self.spool.place(context, permits)?;
        self.target.apply(context);
        let receiver = if self.all_profiles {
            Receiver::Configured(extra)
        } else {
            let destination = Destination::resolve(&context.settings, &extra)?;
            Receiver::One(
                Box::new(destination),
                Box::new(context.settings.clone()),
                extra,
            )
        };
        Ok(DrainPlan {
            place,
            receiver,
            configured: Destination::configured(&context.settings),
            options: self.pace.options(),
            timeout,
            follow: self.follow,
            dead: self.dead,
            metrics: self
                .metrics
                .as_deref()
                .map(|text| listen_address("--metrics", text))
                .transpose()?,
            zone: context.zone,
        })
    }
}
