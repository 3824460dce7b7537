//! The arguments of `run`.

use super::emit::{FieldArgs, PaceArgs, SPOOL, SpoolArg, TargetArgs, place_or_memory};
use super::{Context, complete};
use crate::commands::emit::Place;
use crate::commands::run::{RunPlan, RunRequest, Sending};
use std::ffi::OsString;

/// The arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    fields: FieldArgs,
    /// Event code to send when the command starts [default: none]
    #[arg(long, value_name = "CODE", value_parser = complete::codes(), hide_possible_values = true)]
    on_start: Option<String>,
    /// Event code to send when it succeeds [default: none]
    #[arg(long, value_name = "CODE", value_parser = complete::codes(), hide_possible_values = true)]
    on_success: Option<String>,
    /// Event code to send when it fails [default: none]
    #[arg(long, value_name = "CODE", value_parser = complete::codes(), hide_possible_values = true)]
    on_failure: Option<String>,
    /// How many of its last lines on standard error to send with a failure
    #[arg(long, value_name = "N", default_value_t = 20)]
    tail_lines: usize,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    spool: SpoolArg,
    /// Do not run the command if its event logs could be neither sent nor stored
    #[arg(long)]
    pub strict: bool,
    /// Keep event logs in memory only
    #[arg(long, conflicts_with = "spool", help_heading = SPOOL)]
    no_spool: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl RunArgs {
    /// The command without any event log, for settings that cannot be read.
    pub fn bare(self) -> RunPlan {
        RunPlan::without_event_logs(self.command, self.tail_lines, &self.fields.given())
    }

    /// What is asked; what is wrong with it does not keep the command from running.
    pub fn request(self, context: &mut Context<'_>) -> RunRequest {
        self.target.apply(context);
        self.spool.apply(context);
        let extra = self.target.extra();
        let spool = match &extra {
            Ok(extra) if !self.no_spool => {
                place_or_memory(context, self.spool.permits(extra.allow_http))
            }
            _ => Ok(Place::Memory),
        };
        RunRequest {
            command: self.command,
            fields: self.fields.given(),
            codes: [self.on_start, self.on_success, self.on_failure],
            tail_lines: self.tail_lines,
            one_profile: context.one_profile(),
            policy: super::validate::policy(&context.settings, context.host.now()),
            sending: Sending {
                extra,
                spool,
                options: self.pace.options(),
                retry_for: self.pace.retry_for,
                timeout: self.pace.timeout(),
            },
        }
    }
}
