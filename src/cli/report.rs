//! `--report`: which reports are wanted, and where they go.

use super::complete;
use crate::commands::validate::reports::format::{ReportFormat, WantedReport};
use crate::failure::Failure;
use clap::builder::TypedValueParser;

/// Reads `FORMAT` or `FORMAT=FILE`.
pub fn parser() -> impl TypedValueParser<Value = WantedReport> {
    complete::reports().try_map(|text| WantedReport::parse(&text, &ReportFormat::ALL))
}

/// Whether a report takes standard output, which has room for one.
pub fn takes_stdout(reports: &[WantedReport]) -> Result<bool, Failure> {
    let without_file = reports.iter().filter(|report| report.file.is_none());
    match without_file.count() {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::usage(
            "only one report can take standard output; give the others a file: --report FORMAT=FILE",
        )),
    }
}
