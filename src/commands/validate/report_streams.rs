//! The reports of a run that judges event logs, each with its stream.

use crate::check::report::{Checked, FindingTally, Remark};
use crate::check::rule::Level;
use crate::commands::files::Files;
use crate::commands::validate::Report;
use crate::commands::validate::reports::format::{ReportFormat, WantedReport};
use crate::commands::validate::reports::{Github, Gitlab, Json, Junit, Markdown, Reporter, Sarif};
use crate::failure::Failure;
use crate::host::{AtomicFile, Host, Output};
use crate::render;

/// Notes the files of reports, none of which may be read or written already.
pub fn write_reports(files: &mut Files, reports: &[WantedReport]) -> Result<(), Failure> {
    let named = reports.iter().filter_map(|report| report.file.as_deref());
    named
        .into_iter()
        .try_for_each(|path| files.write("--report", path))
}

/// The reports of one run, each with its stream.
#[derive(Default)]
pub struct ReportStreams {
    reporters: Vec<(Box<dyn Reporter>, Output)>,
    files: Vec<AtomicFile>,
    /// Records that pass the filter, and whether a terminal shows them.
    records: Option<(Output, bool)>,
    bytes: Vec<u8>,
}

impl ReportStreams {
    /// Adds a report.
    pub fn add(&mut self, reporter: impl Reporter + 'static, output: Output) {
        self.reporters.push((Box::new(reporter), output));
    }

    /// Adds a report of this format on a run of this name. Its file is begun now, so that a path that cannot be written
    /// is reported before any work is done, and is there once the run has ended.
    pub fn add_report(
        &mut self,
        title: &'static str,
        report: &WantedReport,
        fail_on: Option<Level>,
        root: Option<&str>,
        host: &Host,
    ) -> Result<(), Failure> {
        let output = match &report.file {
            None => host.stdout(),
            Some(path) => {
                let replacement = AtomicFile::begin(path)?;
                let output =
                    Output::new(Box::new(replacement.writer()?), path.display().to_string());
                self.files.push(replacement);
                output
            }
        };
        match report.format {
            ReportFormat::Sarif => self.add(Sarif::new(root), output),
            ReportFormat::Junit => self.add(Junit::new(title, fail_on), output),
            ReportFormat::Github => self.add(Github::new(root), output),
            ReportFormat::Gitlab => self.add(Gitlab::new(root), output),
            ReportFormat::Json => self.add(Json::default(), output),
            ReportFormat::Markdown => self.add(Markdown::new(title), output),
        }
        Ok(())
    }

    /// Sends the records that pass the filter to a stream.
    pub fn pass_to(&mut self, output: Output, is_terminal: bool) {
        self.records = Some((output, is_terminal));
    }

    fn each(
        &mut self,
        mut make: impl FnMut(&mut dyn Reporter, &mut Vec<u8>),
    ) -> Result<(), Failure> {
        for (reporter, output) in &mut self.reporters {
            self.bytes.clear();
            make(reporter.as_mut(), &mut self.bytes);
            output.write(&self.bytes)?;
        }
        Ok(())
    }
}

impl Report for ReportStreams {
    fn record(&mut self, checked: &Checked<'_>) -> Result<(), Failure> {
        self.each(|reporter, bytes| reporter.record(checked, bytes))
    }

    fn remark(&mut self, remark: &Remark<'_>) -> Result<(), Failure> {
        self.each(|reporter, bytes| reporter.remark(remark, bytes))
    }

    fn pass(&mut self, record: &[u8]) -> Result<(), Failure> {
        if let Some((output, is_terminal)) = &mut self.records {
            if *is_terminal {
                let record = String::from_utf8_lossy(record);
                output.write(render::raw::for_terminal(&record).as_bytes())?;
            } else {
                output.write(record)?;
            }
            output.write(b"\n")?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let outputs = self.reporters.iter_mut().map(|(_, output)| output);
        let records = self.records.iter_mut().map(|(output, _)| output);
        outputs.chain(records).try_for_each(Output::flush)
    }

    fn end(&mut self, tally: &FindingTally) -> Result<(), Failure> {
        for (reporter, output) in &mut self.reporters {
            let mut pieces = reporter.pieces();
            pieces.try_for_each(|piece| output.write(piece.as_bytes()))?;
        }
        self.each(|reporter, bytes| reporter.end(tally, bytes))?;
        self.flush()?;
        self.files.drain(..).try_for_each(AtomicFile::commit)
    }
}
