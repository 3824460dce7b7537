//! The arguments of `codes`.

use super::Context;
use super::complete;
use super::one_of::one_of;
use crate::commands::codes::{CodesPlan, Search};
use crate::failure::Failure;
use crate::model::code::{Category, Suffix};
use crate::model::format::{Export, Format};
use crate::model::situation::{Side, Situation};
use clap::builder::TypedValueParser;

/// The arguments of `codes`.
#[derive(Debug, clap::Args)]
pub struct CodesArgs {
    /// The beginning of a code, or words from its meaning
    #[arg(value_name = "QUERY", value_parser = complete::codes(), hide_possible_values = true)]
    query: Vec<String>,
    /// Only codes of this level: N, W, E, info, warning or error
    #[arg(long, value_name = "LEVEL", value_parser = one_of(LEVELS), ignore_case = true, hide_possible_values = true)]
    level: Option<Suffix>,
    /// Only codes of this category: data, logic, filter, contact, exchange or internal
    #[arg(long, value_name = "CATEGORY", value_parser = category(), ignore_case = true, hide_possible_values = true)]
    category: Option<Category>,
    #[command(subcommand)]
    subject: Option<CodesSubject>,
}

/// What there is beside codes.
#[derive(Debug, clap::Subcommand)]
enum CodesSubject {
    /// The lifecycle stages and who may report them
    Stages {
        /// Words that must all occur
        #[arg(value_name = "WORD")]
        query: Vec<String>,
    },
    /// The outcomes
    Outcomes {
        /// Words that must all occur
        #[arg(value_name = "WORD")]
        query: Vec<String>,
    },
    /// The modes of operation
    Modes {
        /// Words that must all occur
        #[arg(value_name = "WORD")]
        query: Vec<String>,
    },
    /// The sys events and the data they carry
    Sys {
        /// Only matching types: a glob, or a word that occurs in them
        #[arg(value_name = "GLOB", value_parser = complete::sys_types(), hide_possible_values = true)]
        glob: Option<String>,
    },
    /// The rules that validate and emit apply
    Rules {
        /// Words that must all occur
        #[arg(value_name = "WORD")]
        query: Vec<String>,
    },
    /// Suggest codes for a situation, best first, with reasons
    Pick {
        /// The system that was called: synchive or external
        #[arg(long, value_name = "SIDE", value_parser = one_of(SIDES), ignore_case = true, hide_possible_values = true)]
        side: Option<Side>,
        /// The HTTP status it returned
        #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
        http: Option<u16>,
        /// The connector is going to retry: warnings only
        #[arg(long)]
        retrying: bool,
        /// Only codes of this category: data, logic, filter, contact, exchange or internal
        #[arg(long, value_name = "CATEGORY", value_parser = category(), ignore_case = true, hide_possible_values = true)]
        category: Option<Category>,
    },
    /// Export the glossary for other programs
    Export {
        /// Format to write: json, csv, markdown, typescript, rust, java or json-schema, which also
        /// includes the profile's check.extra_codes
        #[arg(long, value_name = "FORMAT", value_parser = one_of(Export::ALL.map(|known| (known.name(), known))), hide_possible_values = true)]
        format: Export,
    },
}

impl CodesArgs {
    /// The format of the answer. An export has one of its own, to which `-o` does not apply.
    pub fn format(&self, context: &Context<'_>) -> Result<Format, Failure> {
        let known: &[_] = if self.is_export() {
            &[]
        } else {
            &Format::LISTING
        };
        context.format(known, Format::Human)
    }

    /// Whether the glossary is written for other programs, with the profile's own codes.
    pub fn is_export(&self) -> bool {
        matches!(self.subject, Some(CodesSubject::Export { .. }))
    }

    /// What is to be looked up.
    pub fn plan(self, context: &Context<'_>) -> Result<CodesPlan, Failure> {
        let Some(subject) = self.subject else {
            let query = self.query.join(" ");
            return Ok(CodesPlan::Codes(Search {
                query: (!query.trim().is_empty()).then_some(query),
                level: self.level,
                category: self.category,
            }));
        };
        if self.level.is_some() || self.category.is_some() {
            return Err(
                Failure::usage("--level and --category apply to event codes only")
                    .hint("'codes pick' has its own: hivelog codes pick --category CATEGORY"),
            );
        }
        Ok(match subject {
            CodesSubject::Stages { query } => CodesPlan::Stages(query),
            CodesSubject::Outcomes { query } => CodesPlan::Outcomes(query),
            CodesSubject::Modes { query } => CodesPlan::Modes(query),
            CodesSubject::Sys { glob } => CodesPlan::Sys(glob),
            CodesSubject::Rules { query } => CodesPlan::Rules(query),
            CodesSubject::Export { format } => {
                let extra_codes = context.settings.list("check.extra_codes");
                CodesPlan::Export(format, extra_codes.unwrap_or_default())
            }
            CodesSubject::Pick {
                side,
                http,
                retrying,
                category,
            } => {
                if side.is_none() && http.is_none() && !retrying && category.is_none() {
                    return Err(Failure::usage("no situation given to pick a code for")
                        .hint("describe it with --side, --http, --retrying or --category"));
                }
                CodesPlan::Pick(Situation {
                    side,
                    http,
                    retrying,
                    category,
                })
            }
        })
    }
}

const LEVELS: [(&str, Suffix); 6] = [
    ("N", Suffix::N),
    ("W", Suffix::W),
    ("E", Suffix::E),
    ("info", Suffix::N),
    ("warning", Suffix::W),
    ("error", Suffix::E),
];

const SIDES: [(&str, Side); 2] = [("synchive", Side::Synchive), ("external", Side::External)];

fn category() -> impl TypedValueParser<Value = Category> {
    one_of(Category::ALL.map(|known| (known.row().word, known)))
}
