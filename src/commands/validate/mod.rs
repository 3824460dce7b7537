//! `validate`: reads, judges, reports.

pub mod baseline;
pub mod fix;
mod judging;
pub mod report_streams;
pub mod reports;

use crate::check::finding::Finding;
use crate::check::fix::Fixer;
use crate::check::journey::Step;
use crate::check::report::{Checked, FindingTally, JourneyLabel, Remark};
use crate::check::rule::Level;
use crate::check::{Checker, Inspector, Policy, worst};
use crate::commands::files::Files;
use crate::commands::ui::Ui;
use crate::commands::validate::baseline::{BaselineFiles, KnownFindings};
use crate::commands::validate::fix::FixOptions;
use crate::commands::validate::judging::{JudgeRecords, JudgedRecords};
use crate::commands::validate::report_streams::{ReportStreams, write_reports};
use crate::commands::validate::reports::format::{ReportFormat, WantedReport};
use crate::commands::validate::reports::{HumanReport, Json, Ndjson};
use crate::failure::{Exit, Failure};
use crate::host::{AsksToStop, Host, Signal, Talk};
use crate::model::format::Format;
use crate::model::text::counted;
use crate::records::{Batch, Folders, Input, Layer, Progress, Sources, Take, read_all};
use crate::wire::records::Record;
use std::path::PathBuf;
use std::sync::Arc;

/// The formats of findings; those of reports are in `reports/format.rs`.
pub const FORMATS: [Format; 3] = [Format::Human, Format::Ndjson, Format::Json];

/// What `validate` is to do.
#[derive(Debug)]
pub struct ValidatePlan {
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
    pub filter: Option<ValidityFilter>,
    /// The reports that are wanted beside the findings, or in their place.
    pub reports: Vec<WantedReport>,
    /// How the findings are shown.
    pub shown: FindingDisplay,
    /// Known findings, to be read and to be written.
    pub baseline: BaselineFiles,
    /// Fix the sources first.
    pub fix: Option<FixOptions>,
    /// How to talk.
    pub talk: Talk,
}

/// How findings are shown where no report takes their place.
#[derive(Clone, Copy, Debug)]
pub struct FindingDisplay {
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
pub enum ValidityFilter {
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
    fn end(&mut self, tally: &FindingTally) -> Result<(), Failure>;
}

/// What its reports are called.
const TITLE: &str = "hivelog validate";

/// Runs `validate`: the reports asked for, each with its stream.
pub fn run(mut plan: ValidatePlan, ui: &Ui<'_>) -> Result<Exit, Failure> {
    check_files(&plan)?;
    let mut streams = ReportStreams::default();
    if plan.reports.iter().all(|report| report.file.is_some()) {
        add_findings(&mut streams, &plan, ui);
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
fn check_files(plan: &ValidatePlan) -> Result<(), Failure> {
    let mut files = Files::default();
    files.read(Input::of(&plan.paths));
    files.write_stdout()?;
    if let Some(path) = &plan.baseline.write {
        files.write("--write-baseline", path)?;
    }
    files.read(plan.baseline.read.as_deref().map(Input::Path));
    write_reports(&mut files, &plan.reports)
}

fn add_findings(streams: &mut ReportStreams, plan: &ValidatePlan, ui: &Ui<'_>) {
    let shown = plan.shown;
    let (output, theme) = if shown.on_stderr {
        (ui.host.stderr(), ui.stderr)
    } else {
        (ui.host.stdout(), ui.stdout)
    };
    match shown.format {
        Format::Ndjson => streams.add(Ndjson, output),
        Format::Json => streams.add(Json::default(), output),
        _ => {
            let fixer = Fixer::new(plan.policy.clone(), false);
            let human = HumanReport::new(theme, ui.host.width, shown.all, fixer);
            streams.add(human, output);
        }
    }
}

/// Judges everything that is to be read, and says how the run ends.
fn validate(plan: &ValidatePlan, host: &Host, report: &mut dyn Report) -> Result<Exit, Failure> {
    let known = KnownFindings::open(&plan.baseline)?;
    let sources = Sources::open(
        &plan.paths,
        plan.stdin_name.as_deref(),
        Folders::Walk,
        host,
        plan.talk,
    )?
    .within(plan.fix.clone().map(|fix| Arc::new(fix) as Arc<dyn Layer>));
    let mut run = Run {
        plan,
        report,
        checker: Checker::new(plan.policy.clone()),
        known,
        inspector: Inspector::default(),
        tally: FindingTally::default(),
        shown: 0,
        failure: None,
        unreadable: None,
        names_journeys: plan
            .reports
            .iter()
            .any(|report| report.format == ReportFormat::Junit),
        is_settled: false,
    };
    let judge = JudgeRecords(plan.policy.clone());
    read_all(sources, plan.policy.max_record, judge, host, &mut run);
    if let Some(fix) = &plan.fix {
        fix.give_up();
    }
    if let Some(failure) = run.failure.take() {
        return Err(failure);
    }
    run.end()?;
    let unreadable = run.unreadable;
    if unreadable.is_none() && host.seen().is_none() {
        run.known.finish()?;
    }
    if let Some(signal) = host.seen() {
        return Ok(Signal::exit(signal));
    }
    if let Some(exit) = unreadable {
        return Ok(exit);
    }
    if run.tally.records == 0 && !plan.allow_empty {
        return Err(
            Failure::empty_input("records").hint("--allow-empty accepts an input without records")
        );
    }
    Ok(run.exit())
}

struct Run<'a> {
    plan: &'a ValidatePlan,
    report: &'a mut dyn Report,
    checker: Checker,
    known: KnownFindings,
    inspector: Inspector,
    tally: FindingTally,
    shown: u64,
    /// A report that could not be written ends the run.
    failure: Option<Failure>,
    /// How a run ends in which a source could not be read.
    unreadable: Option<Exit>,
    /// Whether a report needs to know which journey each record belongs to.
    names_journeys: bool,
    /// Whether a record has made the answer no, and that is enough.
    is_settled: bool,
}

impl Take<JudgedRecords> for Run<'_> {
    /// Follows the journeys of records that have been judged, and reports what was found.
    fn block(&mut self, source: &str, batch: &Batch, judged: JudgedRecords) -> Progress {
        self.checker.look_ahead(judged.steps.iter().flatten());
        let mut found = judged.findings.into_iter().peekable();
        for (at, record) in batch.records().enumerate() {
            let mut findings = found
                .next_if(|(place, _)| *place == at)
                .map_or_else(Vec::new, |(_, findings)| findings);
            let step = match judged.steps.get(at) {
                Some(step) => *step,
                None => self
                    .inspector
                    .inspect(&self.plan.policy, &record, &mut findings),
            };
            self.checker.follow(source, &record, step, &mut findings);
            self.checker.accept(&record);
            self.tally.records += 1;
            self.failure = self
                .report_record(source, &record, step.as_ref(), findings)
                .err();
            if self.failure.is_some() || self.is_settled {
                return Progress::Stop;
            }
        }
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.plan.talk.complain(&failure);
        self.unreadable = Some(failure.exit);
        self.tally.unreadable = true;
        Progress::GoOn
    }

    fn before_waiting(&mut self) -> Progress {
        self.failure = self.report.flush().err();
        match self.failure {
            None => Progress::GoOn,
            Some(_) => Progress::Stop,
        }
    }
}

impl Run<'_> {
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
        self.is_settled = invalid && self.plan.fail_fast;
        self.cap(&mut findings);
        let named = step.filter(|_| self.names_journeys);
        let journey = named.map(|step| JourneyLabel::with(step, &self.plan.policy, record));
        self.report.record(&Checked {
            source,
            record: *record,
            findings: &findings,
            journey: journey.as_ref(),
        })?;
        if let Some(filter) = self.plan.filter
            && (filter == ValidityFilter::Invalid) == invalid
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
            let journey = JourneyLabel {
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
        if hidden > 0 && !self.is_settled {
            self.plan.talk.notice(&format!(
                "{} not shown (--max-findings)",
                counted(hidden, "more finding")
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
