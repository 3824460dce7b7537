//! Sends event logs: records in, checked, into the spool, out to the platform, results reported.

pub mod compose;
mod composer;
pub mod destination;
pub mod edit;
pub mod gate;
pub mod given;
pub mod input;
pub mod intake;
pub mod location;
pub mod output;
mod preview;
mod remedies;
pub mod result;
pub(super) mod run_spool;
pub mod screen;
pub(super) mod session;

use crate::commands::files::Files;
use crate::failure::{Exit, Failure};
use crate::host::{Host, Output};
use crate::model::delivery::Problem;
use crate::records::Sources;
use crate::sandbox::{self, Sandbox};
use crate::spool::{self, Purpose};
use destination::{Destination, Request};
use gate::{Gate, Strictness};
use intake::EmitInput;
use preview::Preview;
use result::{Delivery, FindingSummary, Totals};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

// Parts of the plan that belong to the rooms below.
pub use crate::spool::dispatch::Options;
pub use crate::spool::place::Place;
pub use crate::wire::splice::SpliceWhen;
pub use remedies::Remedies;

/// What is to be done.
pub struct EmitPlan {
    /// What is done to them first, and which are let through.
    pub strictness: Strictness,
    /// Where they go.
    pub target: Target,
    /// How they are sent.
    pub options: Options,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Where records are kept until they are delivered.
    pub spool: Place,
    /// End with the first record that is not delivered.
    pub fail_fast: bool,
    /// Whether a receipt is reported for every record that is safe.
    pub receipts: bool,
    /// Where refused records are copied to.
    pub rejected: Option<PathBuf>,
    /// Whether no record at all is fine.
    pub allow_empty: bool,
}

/// Where records go.
pub enum Target {
    /// A server.
    Server(Destination),
    /// The spool alone: another process sends them to this destination.
    Queue(Destination),
    /// The embedded emulator.
    Sandbox(Destination),
    /// Nowhere: requests are shown.
    Preview(Destination),
}

/// Something to report.
pub enum EmitEvent<'a> {
    /// A record is safe in the spool.
    Accepted(&'a EmitReceipt),
    /// A record has ended.
    Result(&'a Delivery),
    /// Something was found on a record that is sent all the same.
    Remark(&'a FindingSummary),
    /// A request that would be made, with its body.
    Request(&'a Request, &'a [u8]),
    /// Asks whether nobody reads any more.
    HasReaderLeft(&'a mut bool),
    /// Something a person should know.
    Notice(String),
    /// Why records do not get through, the first time for each way to end. A format for people
    /// says it with the results.
    Trouble(&'a Trouble),
    /// The input has been read to its end: so many results there will be.
    Total(u64),
    /// Everything known has been reported; more may take a while.
    Waiting,
    /// Why nothing gets through at the moment, while it is tried again; nothing once it does.
    Retrying(Option<&'a Problem>),
    /// Results have come for a while. A format that folds those that are alike shows how many
    /// there are.
    SoFar,
    /// The run has ended.
    Summary(&'a Totals),
    /// What the user can do next, after the summary.
    Step(String),
}

/// Why records do not get through.
pub struct Trouble {
    /// How the run ends because of it.
    pub end: Exit,
    /// What happened.
    pub what: String,
    /// What the user can do, or what happens next.
    pub next: String,
}

/// The receipt for a record that will not be lost.
#[derive(Clone, Debug, Serialize)]
pub struct EmitReceipt {
    /// Always `accepted`.
    pub status: &'static str,
    /// The record's number in its source.
    pub record: u64,
    /// The line it begins on.
    pub line: u64,
    /// Our own id of it.
    pub id: String,
    /// Where it came from.
    pub source: String,
}

/// Does it.
pub fn run(
    plan: EmitPlan,
    input: EmitInput,
    host: &Host,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<Exit, Failure> {
    let mut files = Files::default();
    files.read(input.sources().into_iter().flat_map(Sources::inputs));
    files.write_stdout()?;
    let queue = matches!(plan.target, Target::Queue(_));
    let (destination, _sandbox) = match plan.target {
        Target::Preview(destination) => {
            let request = destination.request();
            let gate = Gate::new(plan.strictness.clone());
            let limit = plan.strictness.policy.max_record;
            let preview = Preview::new(gate, &request, report);
            return preview.run(input.into_sources(), limit, plan.allow_empty);
        }
        Target::Server(destination) | Target::Queue(destination) => (destination, None),
        Target::Sandbox(destination) => {
            let policy = plan.strictness.policy.clone();
            let sandbox = Sandbox::start(sandbox::SandboxOptions {
                max_body: policy.max_record,
                policy: Some(policy),
                ..sandbox::SandboxOptions::default()
            })
            .map_err(|error| Failure::io("cannot start the sandbox", error))?;
            (destination.moved_to(&sandbox.url())?, Some(sandbox))
        }
    };
    // Only now: a preview writes no file.
    let rejected = match &plan.rejected {
        Some(path) => {
            files.write("--rejected", path)?;
            Some(create(path)?)
        }
        None => None,
    };
    let purpose = if queue { Purpose::Accept } else { Purpose::Own };
    let (spool, _) = run_spool::open(&plan.spool, &destination, purpose, plan.timeout, report)?;
    let work = session::EmitWork {
        spool,
        input,
        strictness: plan.strictness,
        receipts: plan.receipts,
        allow_empty: plan.allow_empty,
    };
    let remedies = destination.remedies().clone();
    let session = session::EmitSession::new(rejected, plan.fail_fast, remedies, report);
    if queue {
        return session.queue(work, host);
    }
    let logs = destination.open(plan.timeout, plan.options.jobs);
    session.run(work, logs, plan.options, host)
}

/// How a run ends when its spool cannot be used.
pub(crate) fn spool_failure(error: spool::Error) -> Failure {
    let failure = match error {
        spool::Error::Unusable(why) => Failure::usage(why),
        spool::Error::Unavailable(why) => {
            return Failure::message(Exit::Undelivered, why).hint(
                "try again later; emit and run save what they accept on this machine \
                 meanwhile",
            );
        }
        spool::Error::Denied(why) => {
            return Failure::message(Exit::Unauthorised, why).hint(
                "the password comes from HIVELOG_SPOOL_PASSWORD, PGPASSWORD, spool.password_file, \
                 spool.password_command or .pgpass",
            );
        }
        spool::Error::Database(why) => return Failure::usage(why),
        spool::Error::Busy(why) => {
            return Failure::input(why).hint(
                "another program, such as a backup, may hold it: try again when it has finished; emit, run and spool drain wait as long as --timeout says",
            );
        }
        other => Failure::input(other),
    };
    failure.hint(
        "name another folder with --spool, HIVELOG_SPOOL or spool.location; emit and run work without one with --no-spool",
    )
}

/// How a run ends that its spool has failed.
fn end_of(error: &spool::Error) -> Exit {
    match error {
        spool::Error::Unavailable(_) => Exit::Undelivered,
        spool::Error::Denied(_) => Exit::Unauthorised,
        spool::Error::Unusable(_) | spool::Error::Database(_) => Exit::Usage,
        spool::Error::Closed | spool::Error::Storage(_) | spool::Error::Busy(_) => Exit::Input,
    }
}

/// Begins the file for what is rejected.
fn create(path: &Path) -> Result<Output, Failure> {
    let shown = path.display().to_string();
    let file = std::fs::File::create(path)
        .map_err(|error| Failure::io(format!("cannot write {shown}"), error))?;
    Ok(Output::new(Box::new(file), shown))
}

/// Nothing to send is rarely meant.
pub(super) fn no_record() -> Failure {
    Failure::empty_input("records").hint("--allow-empty accepts an input without records")
}
