//! The arguments of `run`.

use super::Context;
use super::emit::{FieldArgs, PaceArgs, SpoolArg, TargetArgs, keeping};
use crate::check::rule::Level;
use crate::command::emit::compose::{Fields, Surroundings, compose};
use crate::command::emit::destination::Destination;
use crate::command::emit::gate::Strictness;
use crate::command::run::{Plan, Post};
use crate::failure::Failure;
use std::ffi::OsString;
use uuid::Uuid;

/// The arguments of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  hivelog run -s INBOUND_2 --shape Product --external-id ShopifyNZ=42 \\
      --on-start 5004N --on-success 2000N --on-failure 2002E -- ./import.sh")]
pub struct Args {
    #[command(flatten)]
    fields: FieldArgs,
    /// Event code that is sent when the command starts
    #[arg(long, value_name = "CODE")]
    on_start: Option<String>,
    /// Event code that is sent when it ends well
    #[arg(long, value_name = "CODE")]
    on_success: Option<String>,
    /// Event code that is sent when it does not
    #[arg(long, value_name = "CODE")]
    on_failure: Option<String>,
    /// How many of its last lines on standard error are sent with a failure
    #[arg(long, value_name = "N", default_value_t = 20)]
    tail_lines: usize,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    spool: SpoolArg,
    /// Keep event logs in memory only
    #[arg(long, conflicts_with = "spool")]
    no_spool: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Args {
    /// Settles what is to be done; every event log is composed now, so that a mistake in one is
    /// told before the command runs.
    pub fn plan(self, context: &mut Context<'_>) -> Result<Plan, Failure> {
        self.target.apply(context);
        self.spool.apply(context);
        if self.on_start.is_none() && self.on_success.is_none() && self.on_failure.is_none() {
            return Err(Failure::usage("there is no event log to send")
                .hint("give --on-start, --on-success or --on-failure"));
        }
        let mut policy = super::validate::policy(&context.settings, context.host.now())?;
        policy.schema = crate::check::Schema::EventLog;
        let mut fields = self.fields.read(context)?;
        let inherited = context.settings.field("correlationId");
        let inherited = inherited.and_then(|setting| setting.value.as_str());
        let correlation_id = match (&fields.correlation_id, inherited) {
            (Some(id), _) => id.clone(),
            (None, Some(id)) => id.to_owned(),
            (None, None) => Uuid::new_v4().to_string(),
        };
        fields.correlation_id = Some(correlation_id.clone());
        let around = Surroundings {
            settings: &context.settings,
            now: context.host.now().at(context.zone),
            extra_codes: &policy.extra_codes,
            mode: None,
            strict: true,
        };
        let log = |code: Option<String>, outcome: &str| {
            let fields = Fields {
                outcome: Some(outcome_of(code.as_deref(), outcome)),
                code: Some(code?),
                ..fields.clone()
            };
            let composed = compose(fields, &around).and_then(|log| {
                serde_json::to_vec(&log).map_err(|error| Failure::usage(error.to_string()))
            });
            Some(composed)
        };
        let given = fields.outcome.as_deref().unwrap_or("PROCESSING");
        Ok(Plan {
            on_start: log(self.on_start, "PROCESSING").transpose()?,
            on_success: log(self.on_success, given).transpose()?,
            on_failure: log(self.on_failure, "FAILED").transpose()?,
            own_detail: fields.detail.is_none(),
            correlation_id,
            command: self.command,
            tail_lines: self.tail_lines,
            post: Post {
                destination: Destination::resolve(&context.settings, &self.target.extra()?)?,
                spool: if self.no_spool {
                    None
                } else {
                    keeping(context)?
                },
                strictness: Strictness {
                    fail_on: Some(Level::Error),
                    edits: Vec::new(),
                    policy,
                },
                options: self.pace.options(),
                timeout: self.pace.timeout()?,
                zone: context.zone,
            },
        })
    }
}

/// An error ends the message, a warning means that it is tried again.
fn outcome_of(code: Option<&str>, otherwise: &str) -> String {
    match code.and_then(|code| code.chars().last()) {
        Some('E') => "FAILED",
        Some('W') => "RETRYING",
        _ => otherwise,
    }
    .to_owned()
}
