//! The formats results are written in.

use std::fmt;

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// A table.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values with a header line.
    Csv,
    /// `key=value` lines.
    Logfmt,
    /// CloudEvents in JSON, one a line.
    Cloudevents,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 7] = [
        Format::Human,
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Csv,
        Format::Logfmt,
        Format::Cloudevents,
    ];

    /// The name used with `-o`.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Table => "table",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Logfmt => "logfmt",
            Format::Cloudevents => "cloudevents",
        }
    }

    /// Looks a format up by name.
    pub fn find(name: &str) -> Option<Format> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// A format of the reports that continuous integration reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// GitHub workflow commands.
    Github,
    /// GitLab Code Quality.
    Gitlab,
    /// The findings as one JSON array.
    Json,
    /// Markdown for a job summary.
    Markdown,
}

impl ReportFormat {
    /// Every report format.
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

    /// Looks a report format up by name.
    pub fn find(name: &str) -> Option<ReportFormat> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
