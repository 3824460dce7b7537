//! The arguments of `emit`.

mod fields;
mod sending;

pub use fields::FieldArgs;
pub use sending::{PaceArgs, SpoolArg, TargetArgs, place, place_or_memory};

use super::one_of::{LevelThreshold, THRESHOLDS, one_of};
use super::{ALLOW_EMPTY, Context};
use crate::commands::emit::destination::{Destination, Extra};
use crate::commands::emit::edit::Edit;
use crate::commands::emit::gate::Strictness;
use crate::commands::emit::input::Records;
use crate::commands::emit::output::FORMATS;
use crate::commands::emit::{EmitPlan, Place, SpliceWhen, Target};
use crate::failure::Failure;
use crate::model::format::Format;
use fields::FIELDS;
pub use sending::{SPOOL, TARGET};
use std::path::PathBuf;

const RECORDS: &str = "Records";

/// The arguments of `emit`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct EmitArgs {
    /// Files of records, or - for standard input
    #[arg(value_name = "FILE")]
    pub paths: Vec<PathBuf>,

    /// Prompt for the fields, show the request, then send it
    #[arg(short, long, conflicts_with = "paths", help_heading = FIELDS)]
    interactive: bool,

    #[command(flatten)]
    fields: FieldArgs,

    /// Set NAME in records that lack it (JSON or text; dotted path; repeatable)
    #[arg(long, value_name = "NAME=VALUE", help_heading = RECORDS)]
    default: Vec<String>,
    /// Set NAME in every record (JSON or text; dotted path; repeatable)
    #[arg(long, value_name = "NAME=VALUE", help_heading = RECORDS)]
    set: Vec<String>,
    /// Lowest level that blocks a record: error, warning, hint or never; the other records are sent
    #[arg(long, value_name = "LEVEL", default_value = "error", value_parser = one_of(THRESHOLDS), hide_possible_values = true, help_heading = RECORDS)]
    fail_on: LevelThreshold,
    /// Skip validation
    #[arg(long, conflicts_with = "fail_on", help_heading = RECORDS)]
    no_validate: bool,
    /// Stop at the first record that is not delivered
    #[arg(long, help_heading = RECORDS)]
    fail_fast: bool,
    /// Copy refused records to FILE, byte for byte
    #[arg(long, value_name = "FILE", help_heading = RECORDS)]
    rejected: Option<PathBuf>,
    #[arg(long, help = ALLOW_EMPTY, help_heading = RECORDS)]
    allow_empty: bool,

    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    instead: InsteadArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    spool: SpoolArg,
    /// Keep records in memory only; what is not delivered when the process ends is lost
    #[arg(long, conflicts_with = "spool", help_heading = SPOOL)]
    no_spool: bool,
    /// Report each record as soon as it is durable in the spool
    #[arg(long, help_heading = SPOOL)]
    receipts: bool,
}

/// What to do instead of sending to a server.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct InsteadArgs {
    /// Send to an embedded emulator; needs no configuration
    #[arg(long, conflicts_with = "url", help_heading = TARGET)]
    sandbox: bool,
    /// Store records durably in the spool and exit: nothing is sent, no key is needed
    #[arg(long, conflicts_with_all = ["sandbox", "no_spool"], help_heading = TARGET)]
    queue: bool,
    /// Show the requests instead of sending them; opens no socket
    #[arg(long, help_heading = TARGET)]
    dry_run: bool,
    /// Show the requests as curl command lines; implies --dry-run
    #[arg(long, help_heading = TARGET)]
    as_curl: bool,
}

/// How results are shown.
pub struct EmitDisplay {
    /// The format.
    pub format: Format,
    /// Requests as curl command lines.
    pub as_curl: bool,
}

impl EmitArgs {
    /// Settles what is to be done.
    pub fn plan(
        self,
        context: &mut Context<'_>,
    ) -> Result<(Records, EmitPlan, EmitDisplay), Failure> {
        let format = context.format(&FORMATS, Format::Human)?;
        self.target.apply(context);
        self.spool.apply(context);
        let timeout = self.pace.timeout()?;

        let strict = !self.no_validate;
        let mut policy = super::validate::policy(&context.settings, context.host.now())?;
        policy.schema = crate::check::Schema::EventLog;
        let strictness = Strictness {
            policy,
            fail_on: self.fail_on.0.filter(|_| strict),
            edits: self.edits(strict)?,
        };
        let extra = self.target.extra()?;
        let spool = self.place(&extra, context)?;
        let shown = EmitDisplay {
            format,
            as_curl: self.instead.as_curl,
        };
        let records = Records {
            paths: self.paths,
            fields: self.fields.given(),
            mode: self.instead.sandbox.then_some("SANDBOX"),
            interactive: self.interactive,
            no_input: context.global.no_input,
            strict,
        };
        let plan = EmitPlan {
            strictness,
            target: self.instead.resolve(context, &extra)?,
            options: self.pace.options(),
            timeout,
            spool,
            fail_fast: self.fail_fast,
            receipts: self.receipts,
            rejected: self.rejected,
            allow_empty: self.allow_empty,
        };
        Ok((records, plan, shown))
    }

    /// Where records are stored until they are delivered.
    fn place(&self, extra: &Extra, context: &Context<'_>) -> Result<Place, Failure> {
        let permits = self.spool.permits(extra.allow_http);
        let previews = self.instead.dry_run || self.instead.as_curl;
        let spool = if self.no_spool || self.instead.sandbox || previews {
            Place::Memory
        } else if self.instead.queue {
            place(context, permits)?
        } else {
            place_or_memory(context, permits)?
        };
        if !previews && !spool.is_durable() {
            self.instead
                .refuse_without_spool(self.receipts, self.no_spool)?;
        }
        Ok(spool)
    }

    fn edits(&self, strict: bool) -> Result<Vec<Edit>, Failure> {
        let parsed = |flag: &'static str, texts: &[String], when| {
            let edits: Result<Vec<Edit>, Failure> = texts
                .iter()
                .map(|text| {
                    Edit::parse(text, when, strict)
                        .map_err(|complaint| Failure::usage(format!("{flag}: {complaint}")))
                })
                .collect();
            edits
        };
        // Gaps are filled first, so that what is set has the last word.
        let mut edits = parsed("--default", &self.default, SpliceWhen::Missing)?;
        edits.extend(parsed("--set", &self.set, SpliceWhen::Always)?);
        Ok(edits)
    }
}

impl InsteadArgs {
    /// What only a spool can do is not silently left out.
    fn refuse_without_spool(&self, receipts: bool, no_spool: bool) -> Result<(), Failure> {
        let flags = [("--queue", self.queue), ("--receipts", receipts)];
        let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) else {
            return Ok(());
        };
        let without = [("--no-spool", no_spool), ("--sandbox", self.sandbox)];
        Err(match without.into_iter().find(|(_, given)| *given) {
            Some((without, _)) => Failure::usage(format!(
                "{flag} needs a spool, and {without} works without one"
            )),
            None => Failure::usage(format!(
                "{flag} needs a spool, and there is no home folder for one"
            ))
            .hint("choose its folder with --spool"),
        })
    }

    fn resolve(&self, context: &Context<'_>, extra: &Extra) -> Result<Target, Failure> {
        let settings = &context.settings;
        if self.dry_run || self.as_curl {
            let (destination, unknown) = Destination::sketch(settings, extra)?;
            if !unknown.is_empty() {
                let unknown = unknown.join(" and ");
                context.talk.notice(&format!("not set yet: {unknown}"));
            }
            return Ok(Target::Preview(destination));
        }
        if self.sandbox {
            return Destination::sandbox(settings, extra).map(Target::Sandbox);
        }
        if self.queue {
            return Destination::keyless(settings, extra).map(Target::Queue);
        }
        Destination::resolve(settings, extra).map(Target::Server)
    }
}
