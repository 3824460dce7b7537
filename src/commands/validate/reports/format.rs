//! Reports for the systems that run a build.

use crate::model::text::did_you_mean;
use std::path::PathBuf;

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedReport {
    /// Its format.
    pub format: ReportFormat,
    /// The file it goes to, or standard output.
    pub file: Option<PathBuf>,
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// SARIF 2.1.0.
    Sarif,
    /// `JUnit` XML: a test case per journey.
    Junit,
    /// GitHub workflow commands.
    Github,
    /// GitLab Code Quality.
    Gitlab,
    /// One JSON document.
    Json,
    /// A table for a job summary.
    Markdown,
}

impl ReportFormat {
    /// Every format.
    pub const ALL: [ReportFormat; 6] = [
        ReportFormat::Sarif,
        ReportFormat::Junit,
        ReportFormat::Github,
        ReportFormat::Gitlab,
        ReportFormat::Json,
        ReportFormat::Markdown,
    ];

    /// The name used with `--report`.
    pub const fn name(self) -> &'static str {
        match self {
            ReportFormat::Sarif => "sarif",
            ReportFormat::Junit => "junit",
            ReportFormat::Github => "github",
            ReportFormat::Gitlab => "gitlab",
            ReportFormat::Json => "json",
            ReportFormat::Markdown => "markdown",
        }
    }
}

impl WantedReport {
    /// Reads `FORMAT` or `FORMAT=FILE`, where the format is one of those that are known here, and
    /// `-` is standard output.
    pub fn parse(text: &str, known: &[ReportFormat]) -> Result<WantedReport, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file name after '='".to_owned()),
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let found = known.iter().find(|format| format.name() == name);
        let format = found.ok_or_else(|| {
            let names = || known.iter().map(|format| format.name());
            let guess = did_you_mean(name, names());
            let names = names().collect::<Vec<_>>().join(", ");
            format!("unknown report '{name}'{guess} ({names})")
        })?;
        Ok(WantedReport {
            format: *format,
            file,
        })
    }
}
