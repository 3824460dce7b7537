//! Hands what `validate` finds to its reports, and the records it lets pass to standard output.

use crate::check::fix::Part;
use crate::check::report::{Checked, Tally};
use crate::check::rule::Level;
use crate::cli::Context;
use crate::cli::validate::Args;
use crate::command::mend::{Changes, Differ};
use crate::command::replace::Replacement;
use crate::command::validate::{self, Report};
use crate::failure::{Exit, Failure};
use crate::host::{Host, Output};
use crate::model::format::Format;
use crate::model::report::{self, ReportFormat};
use crate::view::diff::Unified;
use crate::view::report::{Github, Gitlab, Human, Json, Junit, Markdown, Ndjson, Reporter, Sarif};
use crate::view::theme::Theme;
use std::sync::Arc;

/// Runs `validate`: the reports asked for, each with its stream.
pub fn run(args: &Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let mut plan = args.plan(context)?;
    let wanted = args.reports()?;
    let mut reports = Reports::default();
    if wanted.iter().all(|report| report.file.is_some()) {
        reports.add_findings(args, context)?;
    }
    let root = context.host.env.get("PWD");
    for report in wanted {
        plan.names_journeys |= report.format == ReportFormat::Junit;
        reports.add_report(report, plan.fail_on, root, context.host)?;
    }
    if let Some(mend) = plan.mend.as_mut().filter(|_| args.diff) {
        let is_terminal = context.host.stdout_is_terminal;
        let theme = Theme::new(context.coloured(is_terminal));
        mend.differ = Some(differ(theme, is_terminal));
    }
    if plan.filter.is_some() {
        reports.pass_to(context.host.stdout());
    }
    validate::run(&plan, context.host, &mut reports)
}

/// The reports of one run, each with its stream.
#[derive(Default)]
pub struct Reports {
    told: Vec<(Box<dyn Reporter>, Output)>,
    files: Vec<Replacement>,
    records: Option<Output>,
    bytes: Vec<u8>,
}

impl Reports {
    /// Adds a report.
    pub fn add(&mut self, reporter: impl Reporter + 'static, output: Output) {
        self.told.push((Box::new(reporter), output));
    }

    /// Adds the findings in the format of `-o`.
    fn add_findings(&mut self, args: &Args, context: &Context<'_>) -> Result<(), Failure> {
        let (output, is_terminal) = args.findings_stream(context);
        match context.format(&Args::FORMATS, Format::Human)? {
            Format::Ndjson => self.add(Ndjson, output),
            Format::Json => self.add(Json::default(), output),
            _ => {
                let theme = Theme::new(context.coloured(is_terminal));
                self.add(Human::new(theme, context.host.width, args.all), output);
            }
        }
        Ok(())
    }

    /// Adds a report of this format. Its file is begun now, so that a path that cannot be written
    /// is told before any work is done, and is there once the run has come to its end.
    pub fn add_report(
        &mut self,
        report: &report::Report,
        fail_on: Option<Level>,
        root: Option<&str>,
        host: &Host,
    ) -> Result<(), Failure> {
        let output = match &report.file {
            None => host.stdout(),
            Some(path) => {
                let replacement = Replacement::begin(path)?;
                let output =
                    Output::new(Box::new(replacement.writer()?), path.display().to_string());
                self.files.push(replacement);
                output
            }
        };
        match report.format {
            ReportFormat::Sarif => self.add(Sarif::new(root), output),
            ReportFormat::Junit => self.add(Junit::new(fail_on), output),
            ReportFormat::Github => self.add(Github::new(root), output),
            ReportFormat::Gitlab => self.add(Gitlab::new(root), output),
            ReportFormat::Json => self.add(Json::default(), output),
            ReportFormat::Markdown => self.add(Markdown::default(), output),
        }
        Ok(())
    }

    /// Sends the records that pass the filter to a stream.
    pub fn pass_to(&mut self, output: Output) {
        self.records = Some(output);
    }

    fn each(
        &mut self,
        mut make: impl FnMut(&mut dyn Reporter, &mut Vec<u8>),
    ) -> Result<(), Failure> {
        for (reporter, output) in &mut self.told {
            self.bytes.clear();
            make(reporter.as_mut(), &mut self.bytes);
            output.write(&self.bytes)?;
        }
        Ok(())
    }
}

impl Report for Reports {
    fn record(&mut self, checked: &Checked<'_>) -> Result<(), Failure> {
        self.each(|reporter, bytes| reporter.record(checked, bytes))
    }

    fn pass(&mut self, record: &[u8]) -> Result<(), Failure> {
        if let Some(output) = &mut self.records {
            output.write(record)?;
            output.write(b"\n")?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let outputs = self.told.iter_mut().map(|(_, output)| output);
        outputs.chain(&mut self.records).try_for_each(Output::flush)
    }

    fn end(&mut self, tally: &Tally) -> Result<(), Failure> {
        self.each(|reporter, bytes| reporter.end(tally, bytes))?;
        self.flush()?;
        self.files.drain(..).try_for_each(Replacement::commit)
    }
}

/// Shows changes as a unified diff.
pub fn differ(theme: Theme, is_terminal: bool) -> Differ {
    Arc::new(move |name| Box::new(Diff(Unified::new(name, theme, is_terminal))))
}

struct Diff(Unified);

impl Changes for Diff {
    fn part(&mut self, part: Part<'_>, out: &mut Vec<u8>) {
        match part {
            Part::Same(bytes) => self.0.same(bytes, out),
            Part::Changed { old, new } => self.0.changed(old, new),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.0.end(out);
    }
}
