//! Hands what `validate` finds to its reports, and the records it lets pass to standard output.

use super::reports::{Reports, write_reports};
use crate::check::fix::Part;
use crate::cli::Context;
use crate::cli::validate::Args;
use crate::commands::files::Files;
use crate::commands::input::Input;
use crate::commands::validate;
use crate::commands::validate::fix::{Changes, Differ};
use crate::commands::validate::reports::diff::Unified;
use crate::commands::validate::reports::{Human, Json, Ndjson};
use crate::failure::{Exit, Failure};
use crate::model::format::Format;
use crate::model::report::{Report, ReportFormat};
use crate::render::theme::Theme;
use std::sync::Arc;

/// What its reports are called.
const TITLE: &str = "hivelog validate";

/// Runs `validate`: the reports asked for, each with its stream.
pub fn run(args: &Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let mut plan = args.plan(context)?;
    let wanted = args.reports()?;
    apart(&plan, wanted)?;
    let mut reports = Reports::default();
    if wanted.iter().all(|report| report.file.is_some()) {
        add_findings(&mut reports, args, context)?;
    }
    let root = context.host.env.get("PWD");
    for report in wanted {
        plan.names_journeys |= report.format == ReportFormat::Junit;
        reports.add_report(TITLE, report, plan.fail_on, root, context.host)?;
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

/// Refuses a file that is read and written, or written twice. A baseline is read before the new one
/// takes its place.
fn apart(plan: &validate::Plan, reports: &[Report]) -> Result<(), Failure> {
    let mut files = Files::default();
    files.read(Input::of(&plan.paths));
    files.write_stdout()?;
    if let Some(path) = &plan.baseline.write {
        files.write("--write-baseline", path)?;
    }
    files.read(plan.baseline.read.as_deref().map(Input::Path));
    write_reports(&mut files, reports)
}

/// Adds the findings in the format of `-o`.
fn add_findings(reports: &mut Reports, args: &Args, context: &Context<'_>) -> Result<(), Failure> {
    let (output, is_terminal) = args.findings_stream(context);
    match context.format(&Args::FORMATS, Format::Human)? {
        Format::Ndjson => reports.add(Ndjson, output),
        Format::Json => reports.add(Json::default(), output),
        _ => {
            let theme = Theme::new(context.coloured(is_terminal));
            reports.add(Human::new(theme, context.host.width, args.all), output);
        }
    }
    Ok(())
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
