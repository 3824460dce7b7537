//! Hands what `validate` finds to its reports, and the records it lets pass to standard output.

use crate::check::report::{Checked, Tally};
use crate::cli::Context;
use crate::cli::validate::Args;
use crate::command::validate::{self, Report};
use crate::failure::{Exit, Failure};
use crate::host::Output;
use crate::model::format::Format;
use crate::view::report::{Human, Json, Ndjson, Reporter};
use crate::view::theme::Theme;

/// Runs `validate`: the reports asked for, each with its stream.
pub fn run(args: &Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let plan = args.plan(context)?;
    let format = context.format(&Args::FORMATS, Format::Human)?;
    let (output, is_terminal) = args.findings_stream(context);
    let mut reports = Reports::default();
    match format {
        Format::Ndjson => reports.add(Ndjson, output),
        Format::Json => reports.add(Json::default(), output),
        _ => {
            let theme = Theme::new(context.coloured(is_terminal));
            reports.add(Human::new(theme, context.host.width, args.all), output);
        }
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
    records: Option<Output>,
    bytes: Vec<u8>,
}

impl Reports {
    /// Adds a report.
    pub fn add(&mut self, reporter: impl Reporter + 'static, output: Output) {
        self.told.push((Box::new(reporter), output));
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
        self.flush()
    }
}
