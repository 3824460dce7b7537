//! The arguments of `run`.

use super::emit::{FieldArgs, PaceArgs, SPOOL, SpoolArg, TargetArgs, place_or_memory};
use super::{Context, complete};
use crate::check::rule::Level;
use crate::check::{Policy, Schema};
use crate::commands::emit::Place;
use crate::commands::emit::compose::{Fields, Surroundings, compose};
use crate::commands::emit::destination::Destination;
use crate::commands::emit::gate::Strictness;
use crate::commands::run::{Plan, Post};
use crate::failure::Failure;
use crate::model::event_log::Field;
use std::ffi::OsString;
use uuid::Uuid;

/// The arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    fields: FieldArgs,
    /// Event code to send when the command starts
    #[arg(long, value_name = "CODE", value_parser = complete::codes(), hide_possible_values = true)]
    on_start: Option<String>,
    /// Event code to send when it succeeds
    #[arg(long, value_name = "CODE", value_parser = complete::codes(), hide_possible_values = true)]
    on_success: Option<String>,
    /// Event code to send when it fails
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
    pub fn bare(self) -> Plan {
        Plan {
            command: self.command,
            correlation_id: None,
            on_start: None,
            on_success: None,
            on_failure: None,
            own_detail: self.fields.has_no_detail(),
            tail_lines: self.tail_lines,
            post: None,
        }
    }

    /// Settles what is to be done, and says everything that is wrong with the event logs. They
    /// are composed now, so that a mistake in one is known before the command runs.
    pub fn plan(self, context: &mut Context<'_>) -> (Plan, Vec<Failure>) {
        let mut wrong: Vec<Failure> = context.one_profile().err().into_iter().collect();
        self.target.apply(context);
        self.spool.apply(context);
        let codes = [
            (self.on_start.clone(), "PROCESSING"),
            (self.on_success.clone(), "PROCESSING"),
            (self.on_failure.clone(), "FAILED"),
        ];
        if codes.iter().all(|(code, _)| code.is_none()) {
            wrong.push(
                Failure::usage("there is no event log to send")
                    .hint("give --on-start, --on-success or --on-failure"),
            );
        }
        let policy = noted(event_log_policy(context), &mut wrong);
        let fields = noted(
            self.fields
                .clone()
                .given()
                .read(context.host.now(), context.zone),
            &mut wrong,
        );
        let post = policy.clone().and_then(|policy| {
            let post = self.post(policy, context, &mut wrong);
            noted(post, &mut wrong)
        });
        let mut plan = self.bare();
        plan.post = post;
        if let (Some(policy), Some(fields)) = (policy, fields) {
            compose_all(&mut plan, codes, fields, &policy, context, &mut wrong);
        }
        (plan, wrong)
    }

    fn post(
        &self,
        policy: Policy,
        context: &Context<'_>,
        wrong: &mut Vec<Failure>,
    ) -> Result<Post, Failure> {
        let extra = self.target.extra()?;
        let with_key = noted(Destination::resolve(&context.settings, &extra), wrong);
        Ok(Post {
            has_key: with_key.is_some(),
            destination: match with_key {
                Some(destination) => destination,
                None => Destination::keyless(&context.settings, &extra)?,
            },
            spool: if self.no_spool {
                Place::Memory
            } else {
                place_or_memory(context, self.spool.permits(extra.allow_http))?
            },
            strictness: Strictness {
                fail_on: Some(Level::Error),
                edits: Vec::new(),
                policy,
            },
            options: self.pace.options(),
            retry_for: self.pace.retry_for(),
            timeout: self.pace.timeout()?,
            zone: context.zone,
        })
    }
}

fn event_log_policy(context: &Context<'_>) -> Result<Policy, Failure> {
    let policy = super::validate::policy(&context.settings, context.host.now())?;
    Ok(Policy {
        schema: Schema::EventLog,
        ..policy
    })
}

/// Composes the event logs for the start, for success and for failure; one that cannot be
/// composed is left out.
fn compose_all(
    plan: &mut Plan,
    codes: [(Option<String>, &str); 3],
    mut fields: Fields,
    policy: &Policy,
    context: &Context<'_>,
    wrong: &mut Vec<Failure>,
) {
    let inherited = context.settings.field(Field::CorrelationId);
    let inherited = inherited.and_then(|setting| setting.value.as_str());
    let correlation_id = fields[Field::CorrelationId]
        .get_or_insert_with(|| inherited.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned));
    plan.correlation_id = Some(correlation_id.clone());
    let around = Surroundings {
        settings: &context.settings,
        now: context.host.now().at(context.zone),
        extra_codes: &policy.extra_codes,
        mode: None,
        strict: true,
    };
    let [on_start, on_success, on_failure] = codes.map(|(code, outcome)| {
        let mut fields = fields.clone();
        fields[Field::Outcome] = Some(outcome_of(code.as_deref(), outcome));
        fields[Field::EventCode] = Some(code?);
        noted(compose(fields, &around), wrong)
    });
    plan.on_start = on_start;
    plan.on_success = on_success;
    plan.on_failure = on_failure;
}

/// What could be settled; why something could not is noted, once if several things have the same
/// reason.
fn noted<T>(settled: Result<T, Failure>, wrong: &mut Vec<Failure>) -> Option<T> {
    settled
        .map_err(|failure| {
            let said = failure.to_string();
            if wrong.iter().all(|known| known.to_string() != said) {
                wrong.push(failure);
            }
        })
        .ok()
}

/// An error ends the message, a warning means that it is tried again.
fn outcome_of(code: Option<&str>, otherwise: &str) -> String {
    match code
        .and_then(|code| code.chars().last())
        .map(|letter| letter.to_ascii_uppercase())
    {
        Some('E') => "FAILED",
        Some('W') => "RETRYING",
        _ => otherwise,
    }
    .to_owned()
}
