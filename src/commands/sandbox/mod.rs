//! `sandbox`: both servers on this machine, until the user stops it.

pub mod judge;
pub mod order;
pub mod output;
mod report;
pub mod run;
mod screen;

use crate::check::verdict::Verdict;
use crate::commands::files::Files;
use crate::commands::ui::Ui;
use crate::commands::validate::report_streams::{ReportStreams, write_reports};
use crate::failure::{Exit, Failure};
use crate::host;
use crate::model::format::Format;
use crate::records::Input;
use crate::sandbox::Sandbox;
use order::{Fire, Play};
use screen::SandboxScreen;
use std::io;

// What plan and output take from the emulator.
pub use crate::sandbox::faults::Faults;
pub use crate::sandbox::{EVENT_LOG_PATH, EVENTS_PATH, LedgerEntry, LedgerTally, SandboxOptions};

/// What to serve.
#[derive(Debug)]
pub struct ServePlan {
    /// How the emulator behaves.
    pub options: SandboxOptions,
    /// Whether its page is shown in the browser.
    pub opens: bool,
}

/// What `sandbox` was asked to do.
#[derive(Debug)]
pub enum SandboxTask {
    /// Serve until interrupted.
    Serve(Box<ServePlan>),
    /// Run a command and judge it.
    Run(Box<run::SandboxRunPlan>),
    /// Fire events.
    Fire(Fire),
    /// Play a scenario.
    Play(Play),
}

/// What the reports of a run are called.
const TITLE: &str = "hivelog sandbox run";

/// The formats of what `sandbox` reports.
pub const FORMATS: [Format; 3] = [Format::Human, Format::Json, Format::Ndjson];

/// Runs `sandbox`: serves, judges a program, or lets events happen.
pub fn run(order: SandboxTask, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let screen = SandboxScreen {
        human: format == Format::Human,
        ui,
    };
    match order {
        SandboxTask::Serve(plan) => serve(*plan, &screen, ui),
        SandboxTask::Run(plan) => judged(*plan, &screen, ui),
        SandboxTask::Fire(plan) => order::fire(&plan, &screen),
        SandboxTask::Play(plan) => order::play(&plan, &screen, ui),
    }
}

fn judged(
    plan: run::SandboxRunPlan,
    screen: &SandboxScreen<'_>,
    ui: &Ui<'_>,
) -> Result<Exit, Failure> {
    let (fail_on, wanted) = (plan.fail_on, plan.reports.clone());
    let mut files = Files::default();
    files.write_stdout()?;
    match &plan.expect {
        Some(path) if plan.update => files.write("--expect", path)?,
        expected => files.read(expected.as_deref().map(Input::Path)),
    }
    if let Some(path) = &plan.options.record {
        files.write("--record", path)?;
    }
    write_reports(&mut files, &wanted)?;
    let mut reports = ReportStreams::default();
    let root = ui.host.env.get("PWD");
    for report in &wanted {
        reports.add_report(TITLE, report, fail_on, root, ui.host)?;
    }
    if !plan.options.host.is_loopback() {
        screen.warn_of_others();
    }
    let mut show = |verdict: &Verdict, good| {
        // Until now signals were the command's.
        ui.host.interrupt()?;
        screen.judged(verdict, good, fail_on, &wanted)
    };
    let mut stay = |sandbox: &Sandbox| {
        let mut interrupt = ui.host.interrupt()?;
        screen.stays(&sandbox.url());
        screen.browse(&sandbox.url());
        host::block_on(interrupt.wait()).map(drop)
    };
    run::run(plan, &mut show, &mut reports, &mut stay)
}

/// Serves until interrupted.
fn serve(plan: ServePlan, screen: &SandboxScreen<'_>, ui: &Ui<'_>) -> Result<Exit, Failure> {
    if let Some(path) = &plan.options.record {
        let mut files = Files::default();
        files.write_stdout()?;
        files.write("--record", path)?;
    }
    let mut interrupt = ui.host.interrupt()?;
    let exposed = !plan.options.host.is_loopback();
    let sandbox = start(plan.options)?;
    screen.started(&sandbox.url())?;
    if exposed {
        screen.warn_of_others();
    }
    if plan.opens {
        screen.browse(&sandbox.url());
    }
    let mut received = sandbox.received();
    let mut last = 0;
    let signal = host::block_on(async {
        loop {
            tokio::select! {
                signal = interrupt.wait() => return signal,
                _ = received.changed() => {}
            }
            // Its ledger may have been emptied in the meantime.
            last = last.min(sandbox.tally().requests);
            for entry in sandbox.entries_after(last) {
                last = entry.number;
                screen.received(&entry);
            }
        }
    })?;
    screen.stopped(sandbox.tally(), sandbox.record_error());
    Ok(signal.exit())
}

/// Starts the emulator, or says which of its needs cannot be met.
pub fn start(options: SandboxOptions) -> Result<Sandbox, Failure> {
    let (host, port) = (options.host, options.port);
    let record = options.record.clone();
    Sandbox::start(options).map_err(|error| match (error.kind(), record) {
        (io::ErrorKind::AddrInUse, _) => Failure::usage(format!("port {port} is in use"))
            .hint("choose another one, or leave --port out for a free one"),
        (io::ErrorKind::AddrNotAvailable, _) => {
            Failure::usage(format!("this machine has no address {host}"))
        }
        (_, Some(file)) => Failure::io(format!("cannot write {}", file.display()), error),
        (_, None) => Failure::io(format!("cannot listen on {host}:{port}"), error),
    })
}
