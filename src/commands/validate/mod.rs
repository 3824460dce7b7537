//! `validate`: reads, judges, reports.

pub mod baseline;
pub mod fix;
pub mod report_streams;
pub mod reports;
mod workers;

use crate::check::finding::Finding;
use crate::check::journey::Step;
use crate::check::report::{Checked, Journey, Remark, Tally};
use crate::check::rule::Level;
use crate::check::{Checker, Inspector, Policy, worst};
use crate::commands::files::Files;
use crate::commands::input::{Folders, Input, Source, Sources};
use crate::commands::ui::Ui;
use crate::commands::validate::baseline::{BaselineFiles, KnownFindings};
use crate::commands::validate::fix::FixOptions;
use crate::commands::validate::report_streams::{ReportStreams, write_reports};
use crate::commands::validate::reports::format::{ReportFormat, WantedReport};
use crate::commands::validate::reports::{Human, Json, Ndjson};
use crate::commands::validate::workers::{Batch, Inspected, WorkerEvent, WorkerPool, inspect};
use crate::failure::{Exit, Failure};
use crate::host::{Block, Host, Interrupt, Signal, Talk};
use crate::model::format::Format;
use crate::wire::records::{Framer, Record};
use std::path::PathBuf;

/// What `validate` is to do.
#[derive(Debug)]
pub struct Plan {
    /// What to read; nothing means standard input.
    pub paths: Vec<PathBuf>,
    /// What standard input is called in findings.
    pub stdin_name: Option<String>,
    /// The rules.
    pub policy: Policy,
    /// The level from which a finding makes the answer no; `None` for never.
    pub fail_on: Option<Level>,
    /// Stop at the first record that makes the answer no.
    pub fail_fast: bool,
    /// How many findings are shown.
    pub max_findings: Option<u64>,
    /// Whether no record at all is fine.
    pub allow_empty: bool,
    /// Hand out the records of this kind.
    pub filter: Option<Filter>,
    /// The reports that are wanted beside the findings, or in their place.
    pub reports: Vec<WantedReport>,
    /// How the findings are shown.
    pub shown: Shown,
    /// Known findings, to be read and to be written.
    pub baseline: BaselineFiles,
    /// Fix the sources first.
    pub fix: Option<FixOptions>,
    /// How to talk.
    pub talk: Talk,
}

/// How findings are shown where no report takes their place.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// The output format.
    pub format: Format,
    /// Whether repeated findings are shown one by one.
    pub all: bool,
    /// Whether they go to standard error, because records or a diff take standard output.
    pub on_stderr: bool,
    /// Whether fixes are shown as a unified diff instead of being written.
    pub diff: bool,
}

/// Which records to hand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Those without a finding at the threshold.
    Valid,
    /// The others.
    Invalid,
}

/// What takes the findings.
pub trait Report {
    /// A record, in input order; called for every record, with or without findings.
    fn record(&mut self, checked: &Checked<'_>) -> Result<(), Failure>;
    /// Something that no rule found, among the records.
    fn remark(&mut self, remark: &Remark<'_>) -> Result<(), Failure>;
    /// A record that the filter lets pass, byte for byte.
    fn pass(&mut self, bytes: &[u8]) -> Result<(), Failure>;
    /// Something is waited for: what was reported must be seen now.
    fn flush(&mut self) -> Result<(), Failure>;
    /// The end.
    fn end(&mut self, tally: &Tally) -> Result<(), Failure>;
}

/// What its reports are called.
const TITLE: &str = "hivelog validate";

/// Runs `validate`: the reports asked for, each with its stream.
pub fn run(mut plan: Plan, ui: &Ui<'_>) -> Result<Exit, Failure> {
    check_files(&plan)?;
    let mut streams = ReportStreams::default();
    if plan.reports.iter().all(|report| report.file.is_some()) {
        add_findings(&mut streams, plan.shown, ui);
    }
    let root = ui.host.env.get("PWD");
    for report in &plan.reports {
        streams.add_report(TITLE, report, plan.fail_on, root, ui.host)?;
    }
    if let Some(fix) = &mut plan.fix {
        fix.diff = plan.shown.diff.then_some(ui.stdout);
        fix.is_terminal = ui.host.stdout_is_terminal;
    }
    if plan.filter.is_some() {
        streams.pass_to(ui.host.stdout(), ui.host.stdout_is_terminal);
    }
    validate(&plan, ui.host, &mut streams)
}

/// Rejects a file that is read and written, or written twice. A baseline is read before the new
/// one takes its place.
fn check_files(plan: &Plan) -> Result<(), Failure> {
    let mut files = Files::default();
    files.read(Input::of(&plan.paths));
    files.write_stdout()?;
    if let Some(path) = &plan.baseline.write {
        files.write("--write-baseline", path)?;
    }
    files.read(plan.baseline.read.as_deref().map(Input::Path));
    write_reports(&mut files, &plan.reports)
}

fn add_findings(streams: &mut ReportStreams, shown: Shown, ui: &Ui<'_>) {
    let (output, theme) = if shown.on_stderr {
        (ui.host.stderr(), ui.stderr)
    } else {
        (ui.host.stdout(), ui.stdout)
    };
    match shown.format {
        Format::Ndjson => streams.add(Ndjson, output),
        Format::Json => streams.add(Json::default(), output),
        _ => streams.add(Human::new(theme, ui.host.width, shown.all), output),
    }
}

/// Judges everything that is to be read, and says how the run ends.
fn validate(plan: &Plan, host: &Host, report: &mut dyn Report) -> Result<Exit, Failure> {
    let known = KnownFindings::open(&plan.baseline)?;
    let sources = Sources::open(
        &plan.paths,
        plan.stdin_name.as_deref(),
        Folders::Walk,
        host,
        plan.talk,
    )?
    .fixed(plan.fix.clone());
    let interrupt = host.interrupt()?;
    let mut run = Run {
        plan,
        report,
        checker: Checker::new(plan.policy.clone()),
        known,
        inspector: Inspector::default(),
        workers: WorkerPool::new(&plan.policy),
        tally: Tally::default(),
        shown: 0,
        failure: None,
        stop: false,
        names_journeys: plan
            .reports
            .iter()
            .any(|report| report.format == ReportFormat::Junit),
    };
    let mut unreadable = None;
    for source in sources {
        let read = source.and_then(|source| run.source(source, &interrupt));
        if let Some(failure) = run.failure.take() {
            return Err(failure);
        }
        if let Err(failure) = read {
            plan.talk.complain(&failure);
            unreadable = Some(failure.exit);
            run.tally.unreadable = true;
        }
        if run.stop || interrupt.seen().is_some() {
            break;
        }
    }
    if let Some(fix) = &plan.fix {
        fix.give_up();
    }
    run.end()?;
    if unreadable.is_none() && interrupt.seen().is_none() {
        run.known.finish()?;
    }
    if let Some(signal) = interrupt.seen() {
        return Ok(Signal::exit(signal));
    }
    if let Some(exit) = unreadable {
        return Ok(exit);
    }
    if run.tally.records == 0 && !plan.allow_empty {
        return Err(Failure::input("there was no record to validate")
            .hint("--allow-empty accepts an empty input"));
    }
    Ok(run.exit())
}

struct Run<'a> {
    plan: &'a Plan,
    report: &'a mut dyn Report,
    checker: Checker,
    known: KnownFindings,
    inspector: Inspector,
    workers: WorkerPool,
    tally: Tally,
    shown: u64,
    /// A report that could not be written ends the run.
    failure: Option<Failure>,
    stop: bool,
    /// Whether a report needs to know which journey each record belongs to.
    names_journeys: bool,
}

impl Run<'_> {
    fn source(&mut self, source: Source, interrupt: &Interrupt) -> Result<(), Failure> {
        let name = source.name;
        let about = |error| Failure::io(format!("cannot read {name}"), error);
        let mut framer = Framer::new(self.plan.policy.max_record);
        let mut ended = Ok(false);
        self.workers.read(source.stream).map_err(about)?;
        while !self.stop && interrupt.seen().is_none() {
            if !matches!(ended, Ok(false)) && self.workers.is_idle() {
                break;
            }
            let event = self.workers.next_now().unwrap_or_else(|| {
                // What was found must be seen before anything is waited for.
                self.flush();
                self.workers.next()
            });
            match event {
                WorkerEvent::Block(block) => {
                    self.block(&name, &mut framer, block).map_err(about)?;
                }
                WorkerEvent::Done(done) => {
                    self.settle(&name, &done);
                    self.workers.recycle(*done);
                }
                WorkerEvent::Failed(error) => ended = Err(about(error)),
                WorkerEvent::End if ended.is_ok() => {
                    let rest =
                        Batch::framed(Block::default(), |_, take| framer.finish(&mut |r| take(r)));
                    if self.workers.is_idle() && rest.is_short() {
                        self.inspect(&name, rest);
                    } else {
                        self.workers.hand_out(rest).map_err(about)?;
                    }
                    ended = Ok(true);
                }
                WorkerEvent::End | WorkerEvent::Quiet => {}
            }
        }
        ended.map(drop)
    }

    fn flush(&mut self) {
        if self.failure.is_none() {
            self.failure = self.report.flush().err();
            self.stop |= self.failure.is_some();
        }
    }

    /// Frames a block. The first one of a run is inspected at once, and so is what a source ends
    /// with, so that a short input needs nobody's help; everything else is shared out.
    fn block(&mut self, name: &str, framer: &mut Framer, block: Block) -> std::io::Result<()> {
        let batch = Batch::framed(block, |block, take| framer.push(block, &mut |r| take(r)));
        if self.tally.records > 0 || !self.workers.is_idle() || !batch.is_short() {
            return self.workers.hand_out(batch);
        }
        self.inspect(name, batch);
        Ok(())
    }

    fn inspect(&mut self, name: &str, batch: Batch) {
        let done = inspect(&mut self.inspector, &self.plan.policy, batch);
        self.settle(name, &done);
        self.workers.recycle(done);
    }

    /// Follows the journeys of inspected records, in order, and reports what was found.
    fn settle(&mut self, source: &str, done: &Inspected) {
        let mut found = done.findings.iter().peekable();
        for (at, record) in done.batch.records().enumerate() {
            let mut findings = found
                .next_if(|(place, _)| *place == at)
                .map_or_else(Vec::new, |(_, findings)| findings.clone());
            let step = match done.steps.get(at) {
                Some(step) => *step,
                None => self
                    .inspector
                    .inspect(&self.plan.policy, &record, &mut findings),
            };
            self.checker.follow(source, &record, step, &mut findings);
            self.checker.accept(&record);
            self.tally.records += 1;
            if let Err(failure) = self.report_record(source, &record, step.as_ref(), findings) {
                self.failure = Some(failure);
                self.stop = true;
            }
            if self.stop {
                return;
            }
        }
    }

    fn report_record(
        &mut self,
        source: &str,
        record: &Record<'_>,
        step: Option<&Step>,
        mut findings: Vec<Finding>,
    ) -> Result<(), Failure> {
        self.tally.known += self.known.suppress_known(record, &mut findings);
        self.tally.count(&findings);
        let invalid = self.is_no(&findings);
        self.stop = invalid && self.plan.fail_fast;
        self.cap(&mut findings);
        let named = step.filter(|_| self.names_journeys);
        let journey = named.map(|step| Journey::with(step, &self.plan.policy, record));
        self.report.record(&Checked {
            source,
            record: *record,
            findings: &findings,
            journey: journey.as_ref(),
        })?;
        if let Some(filter) = self.plan.filter
            && (filter == Filter::Invalid) == invalid
        {
            if record.is_oversize() {
                let message = format!(
                    "{source}:{}: a record over the limit is not copied",
                    record.line
                );
                self.plan.talk.complain(&Failure::input(message));
            } else {
                self.report.pass(record.bytes)?;
            }
        }
        Ok(())
    }

    fn is_no(&self, findings: &[Finding]) -> bool {
        self.plan
            .fail_on
            .is_some_and(|threshold| worst(findings).is_some_and(|level| level >= threshold))
    }

    /// Leaves out what is beyond the number of findings to show.
    fn cap(&mut self, findings: &mut Vec<Finding>) {
        if let Some(most) = self.plan.max_findings {
            let room = usize::try_from(most.saturating_sub(self.shown)).unwrap_or(usize::MAX);
            findings.truncate(room);
        }
        self.shown += findings.len() as u64;
    }

    fn end(&mut self) -> Result<(), Failure> {
        for last in self.checker.finish() {
            let finding = last.finding;
            let record = Record {
                bytes: &[],
                number: last.record,
                line: finding.line,
                column: finding.column,
                offset: 0,
                length: 0,
                flaw: None,
            };
            // Its records have named it.
            let journey = Journey {
                key: last.journey,
                name: String::new(),
            };
            let mut findings = vec![finding];
            self.tally.known += self.known.suppress_known(&record, &mut findings);
            self.tally.count(&findings);
            self.cap(&mut findings);
            self.report.record(&Checked {
                source: &last.source,
                record,
                findings: &findings,
                journey: Some(&journey),
            })?;
        }
        self.tally.journeys = self.checker.journey_count();
        let hidden = self.tally.findings() - self.shown;
        if hidden > 0 && !self.stop {
            self.plan.talk.notice(&format!(
                "{} not shown (--max-findings)",
                reports::counted(hidden, "more finding")
            ));
        }
        self.report.end(&self.tally)
    }

    fn exit(&self) -> Exit {
        let no = self
            .plan
            .fail_on
            .is_some_and(|level| self.tally.reaches(level));
        if no { Exit::No } else { Exit::Yes }
    }
}
