//! The arguments of `spool`.

mod drain;
mod place;
mod select;

use super::emit::{SpoolArg, TargetArgs};
use super::{Context, complete};
use crate::commands::emit::destination::Destination;
use crate::commands::emit::location;
use crate::commands::spool::status::limits;
use crate::commands::spool::{Drain, Plan, Roles, Task};
use crate::failure::Failure;
use crate::model::format::Format;
use crate::records::{Folders, Sources};
use std::path::PathBuf;

pub use drain::DrainArgs;
pub use place::PlaceArgs;
pub use select::{ChangeArgs, SelectArgs};

/// The arguments of `spool`.
#[derive(Debug, clap::Args)]
pub struct SpoolArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: SpoolVerb,
}

/// What `spool` can do.
#[derive(Debug, clap::Subcommand)]
pub enum SpoolVerb {
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
        spool: PlaceArgs,
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
    Verify(PlaceArgs),
    /// Assign records of an older version, which stored only the address, to a destination
    Migrate(Box<MigrateArgs>),
    /// Print the path or address of the spool
    Path(PlaceArgs),
    /// Move records to another spool, each once; dead ones with --dead or their ids
    Move(Box<MoveArgs>),
    /// Create the spool; for a shared one, print or grant the rights it needs
    Init(Box<InitArgs>),
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
    spool: PlaceArgs,
}

/// The arguments of `spool status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// Exit with 1 if this holds: 'oldest>1h', 'ready>=1000', 'dead', 'bytes>500MiB', 'held'
    #[arg(long, value_name = "THRESHOLD")]
    fail_on: Vec<String>,
    #[command(flatten)]
    spool: PlaceArgs,
}

/// The arguments of `spool import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// Exported records: files, or - for standard input; without one, what waits in the inbox,
    /// where records go while the database cannot be used
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    spool: PlaceArgs,
}

/// The arguments of `spool migrate`.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    spool: SpoolArg,
}

/// What is to be done with a spool.
pub enum SpoolOrder<'a> {
    /// Send what waits.
    Drain(Drain),
    /// Say where it is.
    Path(String),
    /// Look into it or change it.
    Task(Plan<'a>),
}

/// The formats of `spool export`: bytes, or records with all that is known of them.
const EXPORT_FORMATS: &[Format] = &[Format::Human, Format::Json, Format::Ndjson];

impl SpoolVerb {
    /// The formats in which it can answer.
    pub const fn formats(&self) -> &'static [Format] {
        match self {
            SpoolVerb::Status(_) => &[Format::Human, Format::Json, Format::Prometheus],
            SpoolVerb::Export(_) => EXPORT_FORMATS,
            SpoolVerb::Import(_) => &[Format::Human, Format::Json, Format::Ndjson],
            SpoolVerb::Path(_) => &[Format::Human],
            _ => &[Format::Human, Format::Table, Format::Json, Format::Ndjson],
        }
    }

    /// Settles what is to be done.
    pub fn order<'a>(self, context: &mut Context<'a>) -> Result<SpoolOrder<'a>, Failure> {
        let (spool, task) = match self {
            SpoolVerb::Drain(args) => return args.plan(context).map(SpoolOrder::Drain),
            SpoolVerb::Path(spool) => return spool.shown(context).map(SpoolOrder::Path),
            SpoolVerb::Status(args) => (args.spool, Task::Status(limits(&args.fail_on)?)),
            SpoolVerb::List(args) => {
                let selection = args.selection(context)?;
                (args.spool, Task::List(selection))
            }
            SpoolVerb::Show { id, spool } => (spool, Task::Show(id)),
            SpoolVerb::Retry(args) => {
                let (selection, confirm) = args.chosen("spool retry", false, context)?;
                (args.select.spool, Task::Retry(selection, confirm))
            }
            SpoolVerb::Drop(args) => {
                let (selection, confirm) = args.chosen("spool drop", true, context)?;
                (args.select.spool, Task::Drop(selection, confirm))
            }
            // Bytes unless the flag says otherwise: a variable set for other commands must not
            // change what 'export | emit -' sends.
            SpoolVerb::Export(args)
                if matches!(context.global.output, Some(Format::Json | Format::Ndjson)) =>
            {
                let selection = args.selection(context)?;
                (args.spool, Task::Export(selection))
            }
            SpoolVerb::Export(args) => {
                let selection = args.sendable(context)?;
                (args.spool, Task::ExportBytes(selection))
            }
            SpoolVerb::Import(args) => args.task(context)?,
            SpoolVerb::Verify(spool) => (spool, Task::Verify),
            SpoolVerb::Migrate(args) => args.task(context)?,
            SpoolVerb::Move(args) => args.task(context)?,
            SpoolVerb::Init(args) => {
                let roles = Roles {
                    sender: args.grant_sender,
                    drainer: args.grant_drainer,
                };
                (args.spool, Task::Init(roles))
            }
        };
        Ok(SpoolOrder::Task(Plan {
            place: spool.place(context)?,
            zone: context.zone,
            task,
        }))
    }
}

impl ImportArgs {
    fn task<'a>(self, context: &Context<'a>) -> Result<(PlaceArgs, Task<'a>), Failure> {
        if self.files.is_empty() {
            return Ok((self.spool, Task::Import(None)));
        }
        let (host, talk) = (context.host, context.talk);
        let sources = Sources::open(&self.files, None, Folders::Refuse, host, talk)?;
        sources.all_exist()?;
        Ok((self.spool, Task::Import(Some(sources))))
    }
}

impl MigrateArgs {
    fn task<'a>(self, context: &mut Context<'a>) -> Result<(PlaceArgs, Task<'a>), Failure> {
        self.target.apply(context);
        let extra = self.target.extra()?;
        let destination = Destination::keyless(&context.settings, &extra)?;
        let spool = PlaceArgs {
            spool: self.spool,
            allow_http: extra.allow_http,
        };
        Ok((spool, Task::Migrate(Box::new(destination))))
    }
}

impl MoveArgs {
    fn task<'a>(self, context: &Context<'a>) -> Result<(PlaceArgs, Task<'a>), Failure> {
        let selection = self.select.sendable(context)?;
        let spool = self.select.spool;
        let permits = spool.spool.permits(spool.allow_http);
        let to = location::named(&self.to, &context.settings, context.host, permits)?;
        Ok((spool, Task::Move(selection, to)))
    }
}
