//! What is asked of a run. Its event logs are composed before the command starts, so that a mistake
//! in one is known by then.

use super::{Post, RunPlan};
use crate::check::rule::Level;
use crate::check::{Policy, Schema};
use crate::commands::emit::compose::{Fields, Surroundings, compose};
use crate::commands::emit::destination::{Destination, Extra};
use crate::commands::emit::gate::Strictness;
use crate::commands::emit::given::GivenFields;
use crate::commands::emit::{Options, Place};
use crate::failure::Failure;
use crate::model::event_log::Field;
use crate::model::timestamp::{Timestamp, Zone};
use crate::settings::Settings;
use std::ffi::OsString;
use std::time::Duration;
use uuid::Uuid;

/// What the command line says of a run. What is wrong with its event logs does not keep the command
/// from running.
pub struct RunRequest {
    /// The command with its arguments.
    pub command: Vec<OsString>,
    /// The fields that all event logs share.
    pub fields: GivenFields,
    /// The codes at the start, for success and for failure.
    pub codes: [Option<String>; 3],
    /// How many of its last lines on standard error are sent with a failure.
    pub tail_lines: usize,
    /// Whether no more than one profile is named.
    pub one_profile: Result<(), Failure>,
    /// The rules.
    pub policy: Result<Policy, Failure>,
    /// How event logs are sent.
    pub sending: Sending,
}

/// How event logs are sent, as far as the command line says it.
pub struct Sending {
    /// What has no setting.
    pub extra: Result<Extra, Failure>,
    /// Where event logs are stored until they are delivered.
    pub spool: Result<Place, Failure>,
    /// How fast, and how long each is tried.
    pub options: Options,
    /// How long all are tried after the command has ended, where that was said.
    pub retry_for: Option<Duration>,
    /// How long one attempt may take.
    pub timeout: Result<Duration, Failure>,
}

impl RunRequest {
    /// Composes the event logs; the second value is everything that is wrong with them.
    pub fn plan(self, settings: &Settings, now: Timestamp, zone: Zone) -> (RunPlan, Vec<Failure>) {
        let mut wrong: Vec<Failure> = self.one_profile.err().into_iter().collect();
        if self.codes.iter().all(Option::is_none) {
            wrong.push(
                Failure::usage("no event log to send")
                    .hint("give --on-start, --on-success or --on-failure"),
            );
        }
        let policy = noted(self.policy, &mut wrong);
        let mut plan = RunPlan::without_event_logs(self.command, self.tail_lines, &self.fields);
        let fields = noted(self.fields.read(now, zone), &mut wrong);
        let Some(policy) = policy else {
            return (plan, wrong);
        };
        let extra_codes = policy.extra_codes.clone();
        let post = self.sending.post(policy, settings, zone, &mut wrong);
        plan.post = noted(post, &mut wrong);
        if let Some(fields) = fields {
            let around = Surroundings {
                settings,
                now: now.at(zone),
                extra_codes: &extra_codes,
                mode: None,
                strict: true,
            };
            compose_all(&mut plan, self.codes, fields, &around, &mut wrong);
        }
        (plan, wrong)
    }
}

impl Sending {
    fn post(
        self,
        policy: Policy,
        settings: &Settings,
        zone: Zone,
        wrong: &mut Vec<Failure>,
    ) -> Result<Post, Failure> {
        let extra = self.extra?;
        let with_key = noted(Destination::resolve(settings, &extra), wrong);
        Ok(Post {
            has_key: with_key.is_some(),
            destination: match with_key {
                Some(destination) => destination,
                None => Destination::keyless(settings, &extra)?,
            },
            spool: self.spool?,
            strictness: Strictness {
                fail_on: Some(Level::Error),
                edits: Vec::new(),
                policy: Policy {
                    schema: Schema::EventLog,
                    ..policy
                },
            },
            options: self.options,
            retry_for: self.retry_for,
            timeout: self.timeout?,
            zone,
        })
    }
}

/// Composes the event logs for the start, for success and for failure; one that cannot be
/// composed is left out.
fn compose_all(
    plan: &mut RunPlan,
    codes: [Option<String>; 3],
    mut fields: Fields,
    around: &Surroundings<'_>,
    wrong: &mut Vec<Failure>,
) {
    let inherited = around.settings.field(Field::CorrelationId);
    let inherited = inherited.and_then(|setting| setting.value.as_str());
    let correlation_id = fields[Field::CorrelationId]
        .get_or_insert_with(|| inherited.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned));
    plan.correlation_id = Some(correlation_id.clone());
    let mut log = |code: Option<String>, otherwise: &str| {
        let code = code?;
        let mut fields = fields.clone();
        fields[Field::Outcome] = Some(outcome_of(&code, otherwise).to_owned());
        fields[Field::EventCode] = Some(code);
        noted(compose(fields, around), wrong)
    };
    let [on_start, on_success, on_failure] = codes;
    plan.on_start = log(on_start, "PROCESSING");
    plan.on_success = log(on_success, "PROCESSING");
    plan.on_failure = log(on_failure, "FAILED");
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
fn outcome_of<'a>(code: &str, otherwise: &'a str) -> &'a str {
    match code.chars().last() {
        Some('E' | 'e') => "FAILED",
        Some('W' | 'w') => "RETRYING",
        _ => otherwise,
    }
}
