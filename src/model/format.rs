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

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the time of an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Time {
    /// Date and time.
    Full,
    /// Time of day.
    #[default]
    Short,
    /// Since the event before.
    Delta,
    /// Not at all.
    None,
}
