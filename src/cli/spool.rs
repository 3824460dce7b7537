//! The arguments of `spool`.

use super::ask::Asker;
use super::emit::{PaceArgs, SPOOL, SpoolArg, TargetArgs, place};
use super::filter::instant_or_ago;
use super::{Context, complete, duration};
use crate::commands::emit::Place;
use crate::commands::emit::destination::Destination;
use crate::commands::emit::location::{self, Permits};
use crate::commands::listening::listen_address;
use crate::commands::spool::status::limits;
use crate::commands::spool::{Confirm, Drain, Plan, Receiver, Roles, Selection, State, Task};
use crate::failure::Failure;
use crate::model::format::Format;
use crate::records::{Folders, Sources};
use std::path::PathBuf;
use std::time::Duration;

/// The arguments of `spool`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What `spool` can do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Count undelivered records for each destination, and say why they wait
    Status(StatusArgs),
    /// List undelivered records
    List(Box<SelectArgs>),
    /// Show one record with its bytes
    Show {
        /// Its id, or the beginning or end of it
        #[arg(add = complete::spool_ids())]
        id: String,
        /// Where it is
        #[command(flatten)]
        spool: LookArgs,
    },
    /// Send the undelivered records
    Drain(Box<DrainArgs>),
    /// Requeue rejected or delayed records for immediate delivery
    Retry(Box<ChangeArgs>),
    /// Permanently delete queued records
    Drop(Box<ChangeArgs>),
    /// Write records to standard output, byte for byte; dead ones only with --dead
    ///
    /// With -o ndjson or json each record is written with everything that is known of it, the dead
    /// ones too, so that 'hivelog spool import' can add it to another spool.
    Export(Box<SelectArgs>),
    /// Add the records that 'spool export -o ndjson' wrote, each once
    Import(ImportArgs),
    /// Check the spool's files and the bytes of every record
    Verify(LookArgs),
    /// Assign records of an older version, which stored only the address, to a destination
    Migrate(Box<MigrateArgs>),
    /// Print the path or address of the spool
    Path(LookArgs),
    /// Move records to another spool, each once; dead ones with --dead or their ids
    Move(Box<MoveArgs>),
    /// Create the spool; for a shared one, print or grant the rights it needs
    Init(Box<InitArgs>),
}

/// The spool that is looked into.
#[derive(Debug, clap::Args)]
pub struct LookArgs {
    #[command(flatten)]
    spool: SpoolArg,
    /// Allow an unencrypted connection to a database on another machine
    #[arg(long, help_heading = SPOOL)]
    allow_http: bool,
}

/// The arguments of `spool move`.
#[derive(Debug, clap::Args)]
pub struct MoveArgs {
    /// Where to: a folder, or postgres://…
    #[arg(long, value_name = "PATH|URL", value_hint = clap::ValueHint::DirPath)]
    to: String,
    #[command(flatten)]
    select: SelectArgs,
}

/// The arguments of `spool init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Grant this role the rights to append and list
    #[arg(long, value_name = "ROLE")]
    grant_sender: Option<String>,
    /// Grant this role the rights to send as well
    #[arg(long, value_name = "ROLE")]
    grant_drainer: Option<String>,
    #[command(flatten)]
    spool: LookArgs,
}

/// The arguments of `spool status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// Exit with 1 if this holds: 'oldest>1h', 'ready>=1000', 'dead', 'bytes>500MiB', 'held'
    #[arg(long, value_name = "THRESHOLD")]
    fail_on: Vec<String>,
    #[command(flatten)]
    spool: LookArgs,
}

/// The arguments of `spool import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// Exported records: files, or - for standard input; without one, what waits in the inbox,
    /// where records go while the database cannot be used
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    spool: LookArgs,
}

/// Which records are meant. What is given must all hold; of several ids one is enough.
#[derive(Debug, clap::Args)]
pub struct SelectArgs {
    /// Ids, or the beginnings or ends of them
    #[arg(value_name = "ID", add = complete::spool_ids())]
    ids: Vec<String>,
    /// Only records that were rejected for good
    #[arg(long, conflicts_with = "ready")]
    dead: bool,
    /// Only records that are still to be sent
    #[arg(long)]
    ready: bool,
    /// Only records with this event code
    #[arg(long, value_name = "GLOB", value_parser = complete::codes(), hide_possible_values = true)]
    code: Option<String>,
    /// Only records of this journey: a correlation id, or 8 characters or more of its beginning
    #[arg(long, value_name = "ID")]
    journey: Option<String>,
    /// Only records for this address, or addresses that begin with it
    #[arg(long, value_name = "URL")]
    destination: Option<String>,
    /// Only records accepted since this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    #[command(flatten)]
    spool: LookArgs,
}

/// Which records are changed.
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// All records, or all that the other options select
    #[arg(long)]
    all: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// The arguments of `spool migrate`.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    spool: SpoolArg,
}

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
    /// How long a drainer of a shared spool that has gone silent keeps its share (30s; at least
    /// twice --timeout and 10s)
    #[arg(long, value_name = "DUR", value_parser = duration)]
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

impl SpoolArg {
    /// Where the spool is; one that does not last is none.
    fn place(&self, context: &mut Context<'_>, permits: Permits) -> Result<Place, Failure> {
        self.apply(context);
        let place = place(context, permits)?;
        if place.is_durable() {
            return Ok(place);
        }
        Err(no_spool())
    }
}

impl LookArgs {
    fn place(&self, context: &mut Context<'_>) -> Result<Place, Failure> {
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
    Failure::usage("there is no home folder and so no spool").hint("--spool names its folder")
}

impl SelectArgs {
    fn selection(&self, context: &Context<'_>) -> Result<Selection, Failure> {
        let code = self.code.as_deref().map(Selection::codes);
        let since = self.since.as_deref();
        let since = since.map(|text| instant_or_ago("--since", text, context));
        let state = [(self.dead, State::Dead), (self.ready, State::Ready)];
        Ok(Selection {
            state: state
                .into_iter()
                .find_map(|(wanted, state)| wanted.then_some(state)),
            code: code.transpose()?,
            journey: self.journey.clone(),
            destination: self.destination.clone(),
            since: since.transpose()?.map(|since| since.millis()),
            ids: self.ids.clone(),
        })
    }
}

impl ChangeArgs {
    /// What is chosen, and who is asked whether it is meant.
    fn chosen<'a>(
        &self,
        what: &'static str,
        always_asks: bool,
        context: &Context<'a>,
    ) -> Result<(Selection, Option<Confirm<'a>>), Failure> {
        let selection = self.select.selection(context)?;
        if selection.is_everything() && !self.all {
            return Err(Failure::usage(format!("{what}: no record is chosen"))
                .hint("name ids, narrow with --dead, --code and the like, or say --all"));
        }
        let (host, no_input) = (context.host, context.no_input);
        let ask = move |question: &str| {
            if !host.may_prompt(no_input) {
                return Ok(None);
            }
            let asker = Asker::new(host, no_input, what, "pass --yes to confirm")?;
            asker.confirm(question, false).map(Some)
        };
        let asks = (always_asks || self.all) && !self.yes;
        Ok((selection, asks.then(|| -> Confirm<'a> { Box::new(ask) })))
    }
}

impl DrainArgs {
    /// Settles what is to be done.
    pub fn plan(self, context: &mut Context<'_>) -> Result<Drain, Failure> {
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
        Ok(Drain {
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

/// The formats of `spool export`: bytes, or records with all that is known of them.
const EXPORT_FORMATS: &[Format] = &[Format::Human, Format::Json, Format::Ndjson];

impl Verb {
    /// The formats in which it can answer.
    pub const fn formats(&self) -> &'static [Format] {
        match self {
            Verb::Status(_) => &[Format::Human, Format::Json, Format::Prometheus],
            Verb::Export(_) => EXPORT_FORMATS,
            Verb::Import(_) => &[Format::Human, Format::Json, Format::Ndjson],
            Verb::Path(_) => &[Format::Human],
            _ => &[Format::Human, Format::Table, Format::Json, Format::Ndjson],
        }
    }

    /// Settles what is to be done; `drain` and `path` are not among it.
    pub fn plan<'a>(self, context: &mut Context<'a>) -> Result<Plan<'a>, Failure> {
        let (spool, task) = match self {
            Verb::Status(args) => (args.spool, Task::Status(limits(&args.fail_on)?)),
            Verb::List(args) => {
                let selection = args.selection(context)?;
                (args.spool, Task::List(selection))
            }
            Verb::Show { id, spool } => (spool, Task::Show(id)),
            Verb::Retry(args) => {
                let (selection, confirm) = args.chosen("spool retry", false, context)?;
                (args.select.spool, Task::Retry(selection, confirm))
            }
            Verb::Drop(args) => {
                let (selection, confirm) = args.chosen("spool drop", true, context)?;
                (args.select.spool, Task::Drop(selection, confirm))
            }
            Verb::Export(args) => {
                let mut selection = args.selection(context)?;
                // Bytes unless the flag says otherwise: a variable set for other commands must not
                // change what 'export | emit -' sends.
                let task = if matches!(context.output, Some(Format::Json | Format::Ndjson)) {
                    Task::Export(selection)
                } else {
                    // What was refused is not sent again by accident: 'export | emit -'.
                    if selection.state.is_none() && selection.ids.is_empty() {
                        selection.state = Some(State::Ready);
                    }
                    Task::ExportBytes(selection)
                };
                (args.spool, task)
            }
            Verb::Import(args) => {
                let sources = match args.files.as_slice() {
                    [] => None,
                    files => {
                        let (host, talk) = (context.host, context.talk);
                        let sources = Sources::open(files, None, Folders::Refuse, host, talk)?;
                        sources.all_exist()?;
                        Some(sources)
                    }
                };
                (args.spool, Task::Import(sources))
            }
            Verb::Verify(spool) | Verb::Path(spool) => (spool, Task::Verify),
            Verb::Migrate(args) => {
                args.target.apply(context);
                let extra = args.target.extra()?;
                let destination = Destination::keyless(&context.settings, &extra)?;
                let spool = LookArgs {
                    spool: args.spool,
                    allow_http: extra.allow_http,
                };
                (spool, Task::Migrate(Box::new(destination)))
            }
            Verb::Drain(args) => {
                let spool = LookArgs {
                    spool: args.spool,
                    allow_http: false,
                };
                (spool, Task::Verify)
            }
            Verb::Move(args) => {
                let mut selection = args.select.selection(context)?;
                if selection.state.is_none() && selection.ids.is_empty() {
                    selection.state = Some(State::Ready);
                }
                let spool = args.select.spool;
                let permits = spool.spool.permits(spool.allow_http);
                let to = location::named(&args.to, &context.settings, context.host, permits)?;
                (spool, Task::Move(selection, to))
            }
            Verb::Init(args) => {
                let roles = Roles {
                    sender: args.grant_sender,
                    drainer: args.grant_drainer,
                };
                (args.spool, Task::Init(roles))
            }
        };
        Ok(Plan {
            place: spool.place(context)?,
            zone: context.zone,
            task,
        })
    }
}
