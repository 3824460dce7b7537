//! `sandbox run`: a program's own tests, judged by the event logs they sent.

use crate::check::Policy;
use crate::check::rule::Level;
use crate::check::verdict::RunVerdict;
use crate::commands::sandbox::judge::judge;
use crate::commands::sandbox::report;
use crate::commands::validate::Report;
use crate::commands::validate::reports::format::WantedReport;
use crate::failure::{Exit, Failure};
use crate::host::{AtomicFile, ChildProcess, read_whole_text};
use crate::sandbox::expect::Expectation;
use crate::sandbox::journey::LedgerJourney;
use crate::sandbox::{Sandbox, SandboxOptions};
use std::ffi::OsString;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to run and how to judge it.
#[derive(Debug)]
pub struct SandboxRunPlan {
    /// How the emulator behaves; its key is the one the command is given.
    pub options: SandboxOptions,
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Findings of this level or above fail the run.
    pub fail_on: Option<Level>,
    /// What the run should have sent.
    pub expect: Option<PathBuf>,
    /// Writes what was seen to that file instead of comparing.
    pub update: bool,
    /// A run that sent nothing is fine.
    pub allow_empty: bool,
    /// The reports that are wanted.
    pub reports: Vec<WantedReport>,
    /// Whether the page with the verdict is shown until somebody stops it.
    pub opens: bool,
    /// The value of `NO_PROXY`, unchanged.
    pub no_proxy: Option<String>,
    /// Where the command's spool lies while it runs.
    pub temporary_folder: PathBuf,
}

/// Runs the command and judges; `show` gets the verdict with whether it is good, the reports every
/// request with what was found in it, and `stay` the emulator whose page shows both.
pub fn run(
    plan: SandboxRunPlan,
    show: &mut dyn FnMut(&RunVerdict, bool) -> Result<(), Failure>,
    reports: &mut dyn Report,
    stay: &mut dyn FnMut(&Sandbox) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let expectation = match &plan.expect {
        Some(path) if !plan.update => Some(read(path, plan.options.policy.as_ref())?),
        _ => None,
    };
    let update = match &plan.expect {
        Some(path) if plan.update => Some(AtomicFile::begin(path)?),
        _ => None,
    };
    let key = plan.options.key.clone().unwrap_or_default();
    let login = plan.options.require_login;
    let sandbox = crate::commands::sandbox::start(plan.options)?;
    let mut command = prepare(&plan.command, &sandbox, &key, plan.no_proxy.as_deref())?;
    if login {
        command
            .env("HIVELOG_SERVER_USERNAME", "sandbox")
            .env("HIVELOG_SERVER_PASSWORD", &key);
    }
    let spool = TemporarySpool::create(&plan.temporary_folder, &sandbox)?;
    command.env("HIVELOG_SPOOL", &spool.0);
    let ended = ChildProcess::start(command)?.wait()?;
    drop(spool);

    let journeys = sandbox.journeys();
    if let Some(file) = update {
        update_expectation(file, &journeys)?;
    }
    let (tally, ledger) = (sandbox.tally(), sandbox.ledger());
    let unfinished = sandbox.unfinished();
    let mut verdict = judge(tally, &ledger, &journeys, unfinished, expectation.as_ref());
    verdict.command = ended.code();
    let good = verdict.is_good(plan.fail_on);
    show(&verdict, good && verdict.command == 0)?;
    report::write(&ledger, &verdict, &sandbox.policy(), reports)?;
    if plan.opens {
        sandbox.show(verdict.clone(), good && verdict.command == 0);
        stay(&sandbox)?;
    }
    if let Some(error) = sandbox.record_error() {
        return Err(Failure::input(format!(
            "the file of --record is incomplete: {error}"
        )));
    }
    let may_be_empty = plan.expect.is_some() || plan.allow_empty;
    match ended.asked() {
        Some(exit) => Ok(exit),
        None if verdict.command != 0 => Ok(Exit::Command(verdict.command)),
        None if !good => Ok(Exit::No),
        None if tally.requests == 0 && !may_be_empty => Err(nothing_sent()),
        None => Ok(Exit::Yes),
    }
}

/// The spool of the command, so that what the emulator did not take is not left among the user's
/// own records for an address that is gone.
struct TemporarySpool(PathBuf);

impl TemporarySpool {
    fn create(folder: &Path, sandbox: &Sandbox) -> Result<Self, Failure> {
        let url = sandbox.url();
        let port = url.rsplit(':').next().unwrap_or_default();
        let name = format!("hivelog-sandbox-{}-{port}", std::process::id());
        let path = folder.join(name);
        // Fails where something of that name exists already, a link included.
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| Failure::io(format!("cannot create {}", path.display()), error))?;
        Ok(Self(path))
    }
}

impl Drop for TemporarySpool {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn nothing_sent() -> Failure {
    Failure::input("the command sent no event log").hint(
        "have it read the address from SYNCHIVE_URL or HIVELOG_SYNCHIVE_URL; --allow-empty accepts a run without event logs",
    )
}

fn update_expectation(file: AtomicFile, journeys: &[LedgerJourney]) -> Result<(), Failure> {
    let text = format!(
        "# What 'hivelog sandbox run' should see; written by --update.\n{}",
        Expectation::of(journeys).text()
    );
    file.commit_with(text.as_bytes())
}

fn read(path: &Path, policy: Option<&Policy>) -> Result<Expectation, Failure> {
    let extra_codes = policy.map(|policy| policy.extra_codes.as_slice());
    let text = File::open(path)
        .and_then(read_whole_text)
        .map_err(|error| {
            Failure::io(format!("cannot read {}", path.display()), error)
                .hint("--update writes it from what was seen")
        })?;
    Expectation::parse(&text, extra_codes.unwrap_or_default())
        .map_err(|mistake| Failure::usage(format!("{}: {mistake}", path.display())))
}

fn prepare(
    words: &[OsString],
    sandbox: &Sandbox,
    key: &str,
    no_proxy: Option<&str>,
) -> Result<Command, Failure> {
    let url = sandbox.url();
    // A proxy would be asked to reach this machine from somewhere else.
    let direct = match no_proxy {
        Some(names) => format!("{names},127.0.0.1,localhost"),
        None => "127.0.0.1,localhost".to_owned(),
    };
    let mut command = ChildProcess::command(words)?;
    command
        .env_remove("HIVELOG_PROFILE")
        .env("HIVELOG_SYNCHIVE_URL", &url)
        .env("HIVELOG_CONNECTOR", "sandbox_connector")
        .env("HIVELOG_KEY", key)
        .env("HIVELOG_KEY_HEADER", "X-Sandbox-Connector-Key")
        .env("HIVELOG_SERVER_URL", &url)
        .env("SYNCHIVE_URL", &url)
        .env("SYNCHIVE_KEY", key)
        .env("NO_PROXY", &direct)
        .env("no_proxy", &direct);
    Ok(command)
}
