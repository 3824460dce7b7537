//! The formats results are written in.

use super::table::table;
use std::fmt;

/// What is known about an output format.
#[derive(Clone, Copy, Debug)]
pub struct FormatInfo {
    /// The name used with `-o`.
    pub name: &'static str,
    /// What it is, for the help.
    pub description: &'static str,
}

impl FormatInfo {
    const USUAL: FormatInfo = FormatInfo {
        name: "",
        description: "",
    };
}

table! {
    /// An output format.
    #[expect(missing_docs, reason = "OUTPUT_FORMATS describes each")]
    enum Format;

    /// Every output format.
    static OUTPUT_FORMATS: [FormatInfo; 11];

    Human { name: "human", description: "for people: aligned, in colour on a terminal" }
    Table { name: "table", description: "a plain table" }
    Json { name: "json", description: "one JSON array" }
    Ndjson {
        name: "ndjson",
        description: "one JSON object per line, each written as soon as it is known",
    }
    Csv { name: "csv", description: "comma-separated values with a header line (RFC 4180)" }
    Logfmt { name: "logfmt", description: "key=value lines (tail)" }
    Cloudevents {
        name: "cloudevents",
        description: "CloudEvents 1.0 in JSON, one per line (tail)",
    }
    Prometheus {
        name: "prometheus",
        description: "metrics in the text format of Prometheus (spool status)",
    }
    Html { name: "html", description: "a self-contained page (journey)" }
    Markdown { name: "markdown", description: "Markdown, for an issue or a chat (journey)" }
    Mermaid { name: "mermaid", description: "a Mermaid sequence diagram (journey)" }
}

impl Format {
    /// The formats of a listing, in the order in which they are named to users.
    pub const LISTING: [Format; 5] = [
        Format::Human,
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Csv,
    ];
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
