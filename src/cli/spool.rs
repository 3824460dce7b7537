//! The arguments of `spool`.

use super::Context;
use super::emit::{PaceArgs, SpoolArg, TargetArgs, keeping};
use crate::command::emit::destination::Destination;
use crate::command::spool::{Drain, Plan, Receiver, Task};
use crate::failure::Failure;
use std::path::PathBuf;

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
    /// List the records that are kept
    List(SpoolArg),
    /// Show one record with its bytes
    Show {
        /// Its id, or the beginning of it
        id: String,
        /// Where it is
        #[command(flatten)]
        spool: SpoolArg,
    },
    /// Send what is kept
    Drain(Box<DrainArgs>),
    /// Make records ready that are dead, or due later
    Retry {
        /// Their ids, or the beginnings of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Where it is
        #[command(flatten)]
        spool: SpoolArg,
    },
    /// Give records up for good
    Drop {
        /// Their ids, or the beginnings of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Yes, they are to be lost
        #[arg(long)]
        yes: bool,
        /// Where it is
        #[command(flatten)]
        spool: SpoolArg,
    },
    /// Write every record to standard output, byte for byte
    Export(SpoolArg),
    /// Check every record's bytes and the files
    Verify(SpoolArg),
    /// Let a destination send the records of an older version, which noted its address only
    Migrate(Box<MigrateArgs>),
    /// Print where the spool is
    Path(SpoolArg),
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
    /// Go on for ever with what comes; for a service manager
    #[arg(long)]
    pub follow: bool,
    /// Send for every destination of the profile file, each with its own key
    #[arg(long, conflicts_with_all = ["url", "connector", "key_header", "headers"])]
    pub all_profiles: bool,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    spool: SpoolArg,
}

impl SpoolArg {
    /// The folder of the spool.
    pub fn folder(&self, context: &mut Context<'_>) -> Result<PathBuf, Failure> {
        self.apply(context);
        match keeping(context)? {
            Some(keeping) => Ok(keeping.folder),
            None => Err(Failure::usage("there is no home folder and so no spool")
                .hint("--spool names its folder")),
        }
    }
}

impl DrainArgs {
    /// Settles what is to be done.
    pub fn plan(self, context: &mut Context<'_>) -> Result<Drain, Failure> {
        let folder = self.spool.folder(context)?;
        self.target.apply(context);
        let extra = self.target.extra()?;
        let receiver = if self.all_profiles {
            Receiver::Configured(extra)
        } else {
            let destination = Destination::resolve(&context.settings, &extra)?;
            Receiver::One(Box::new(destination))
        };
        Ok(Drain {
            folder,
            receiver,
            configured: Destination::configured(&context.settings),
            options: self.pace.options(),
            timeout: self.pace.timeout()?,
            follow: self.follow,
            zone: context.zone,
        })
    }
}

impl Verb {
    /// Settles what is to be done; `drain` and `path` are not among it.
    pub fn plan(self, context: &mut Context<'_>) -> Result<Plan, Failure> {
        let (spool, task) = match self {
            Verb::List(spool) => (spool, Task::List),
            Verb::Show { id, spool } => (spool, Task::Show(id)),
            Verb::Retry { ids, spool } => (spool, Task::Retry(ids)),
            Verb::Drop { ids, yes, spool } => {
                if !yes {
                    return Err(Failure::usage("what is dropped is lost for good")
                        .hint("--yes says that this is meant"));
                }
                (spool, Task::Drop(ids))
            }
            Verb::Export(spool) => (spool, Task::Export),
            Verb::Verify(spool) | Verb::Path(spool) => (spool, Task::Verify),
            Verb::Migrate(args) => {
                args.target.apply(context);
                let extra = args.target.extra()?;
                let destination = Destination::keyless(&context.settings, &extra)?;
                (args.spool, Task::Migrate(Box::new(destination)))
            }
            Verb::Drain(args) => (args.spool, Task::List),
        };
        Ok(Plan {
            folder: spool.folder(context)?,
            zone: context.zone,
            task,
        })
    }
}
