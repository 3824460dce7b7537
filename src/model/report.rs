//! Reports for the systems that run a build.

use super::text::did_you_mean;
use std::path::PathBuf;

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its format.
    pub format: ReportFormat,
    /// The file it goes to, or standard output.
    pub file: Option<PathBuf>,
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// One JSON object.
    Json,
    /// `JUnit` XML: a test case per journey with findings, and one for the expectation.
    Junit,
    /// GitHub workflow commands.
    Github,
    /// A table for a job summary.
    Markdown,
}

impl Report {
    /// Reads `FORMAT` or `FORMAT=FILE`.
    pub fn parse(text: &str) -> Result<Report, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let known = [
            ("json", ReportFormat::Json),
            ("junit", ReportFormat::Junit),
            ("github", ReportFormat::Github),
            ("markdown", ReportFormat::Markdown),
        ];
        let found = known.iter().find(|(known, _)| *known == name);
        let (_, format) = found.ok_or_else(|| {
            let names = known.map(|(name, _)| name);
            let guess = did_you_mean(name, names);
            format!("unknown report '{name}'{guess} (json, junit, github, markdown)")
        })?;
        Ok(Report {
            format: *format,
            file,
        })
    }
}
