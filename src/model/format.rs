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
    /// Metrics in the text format of Prometheus.
    Prometheus,
    /// A page that needs nothing from elsewhere.
    Html,
    /// Markdown.
    Markdown,
    /// A drawing in the language of Mermaid.
    Mermaid,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 11] = [
        Format::Human,
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Csv,
        Format::Logfmt,
        Format::Cloudevents,
        Format::Prometheus,
        Format::Html,
        Format::Markdown,
        Format::Mermaid,
    ];

    /// The formats of a listing, in the order in which they are named to users.
    pub const LISTING: [Format; 5] = [
        Format::Human,
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Csv,
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
            Format::Prometheus => "prometheus",
            Format::Html => "html",
            Format::Markdown => "markdown",
            Format::Mermaid => "mermaid",
        }
    }

    /// What it is, for the help.
    pub const fn description(self) -> &'static str {
        match self {
            Format::Human => "for people: aligned, in colour on a terminal",
            Format::Table => "a plain table",
            Format::Json => "one JSON array",
            Format::Ndjson => "one JSON object per line, each written as soon as it is known",
            Format::Csv => "comma-separated values with a header line (RFC 4180)",
            Format::Logfmt => "key=value lines (tail)",
            Format::Cloudevents => "CloudEvents 1.0 in JSON, one per line (tail)",
            Format::Prometheus => "metrics in the text format of Prometheus (spool status)",
            Format::Html => "a self-contained page (journey)",
            Format::Markdown => "Markdown, for an issue or a chat (journey)",
            Format::Mermaid => "a Mermaid sequence diagram (journey)",
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

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Colour {
    /// On a terminal that shows it.
    #[default]
    Auto,
    /// Even where no terminal is.
    Always,
    /// Not at all.
    Never,
}

impl Colour {
    /// Every choice.
    pub const ALL: [Colour; 3] = [Colour::Auto, Colour::Always, Colour::Never];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Colour::Auto => "auto",
            Colour::Always => "always",
            Colour::Never => "never",
        }
    }

    /// Looks a choice up by its word.
    pub fn find(name: &str) -> Option<Colour> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// What the glossary can be exported as, for use in other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The array that `-o json` prints.
    Json,
    /// The table that `-o csv` prints.
    Csv,
    /// Tables for a page of documentation.
    Markdown,
    /// Constants and types.
    Typescript,
    /// Enumerations.
    Rust,
    /// Enumerations.
    Java,
    /// A JSON Schema of the event log.
    JsonSchema,
}

impl Export {
    /// Every export.
    pub const ALL: [Export; 7] = [
        Export::Json,
        Export::Csv,
        Export::Markdown,
        Export::Typescript,
        Export::Rust,
        Export::Java,
        Export::JsonSchema,
    ];

    /// The name used with `--format`.
    pub const fn name(self) -> &'static str {
        match self {
            Export::Json => "json",
            Export::Csv => "csv",
            Export::Markdown => "markdown",
            Export::Typescript => "typescript",
            Export::Rust => "rust",
            Export::Java => "java",
            Export::JsonSchema => "json-schema",
        }
    }

    /// Looks an export up by name.
    pub fn find(name: &str) -> Option<Export> {
        Self::ALL.into_iter().find(|export| export.name() == name)
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

/// How often the advice on a kind of failure is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AdviceDisplay {
    /// With the first of its kind.
    #[default]
    Once,
    /// With each.
    Always,
    /// Not at all.
    Never,
}
