//! What is typed: the only module that names the argument parser. Each file turns the arguments
//! of one subcommand into the plan of the command of the same name.

#![expect(
    clippy::doc_markdown,
    rustdoc::invalid_html_tags,
    reason = "these lines are help texts, not documentation pages"
)]

pub mod codes;
pub mod complete;
pub mod completions;
pub mod config;
pub mod context;
mod descriptions;
pub mod doctor;
pub mod emit;
mod examples;
pub mod explain;
mod filter;
pub mod generate;
pub mod global;
pub mod help;
pub mod journey;
pub mod man;
mod mistakes;
mod one_of;
mod quick;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod spool;
pub mod stats;
pub mod tail;
pub mod validate;

pub use context::{Context, coloured};
pub use global::Global;

use crate::model::format::Colour;
use clap::{Command, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;

/// The help of every `--allow-empty`.
pub const ALLOW_EMPTY: &str = "Accept an input without records, which otherwise exits with 3";

/// Send, check and follow SyncHive event logs and automation sys events
#[derive(Debug, Parser)]
#[command(
    name = "hivelog",
    version,
    disable_help_subcommand = true,
    disable_help_flag = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What holds for every subcommand.
    #[command(flatten)]
    pub global: Global,
    /// The subcommand.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The subcommands. What of them is needed is defined by `quick.rs`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Verb {
    /// Send event logs to SyncHive
    #[command(alias = "send")]
    Emit(Box<emit::EmitArgs>),
    /// Find what is wrong with event logs before SyncHive does
    #[command(aliases = ["check", "lint"])]
    Validate(Box<validate::ValidateArgs>),
    /// Search and list the glossary: codes, stages, outcomes, modes, sys events, rules
    Codes(codes::CodesArgs),
    /// Explain a code, stage, outcome, sys event type, rule or pasted error text
    Explain(explain::ExplainArgs),
    /// Follow the sys events of an automation server
    #[command(alias = "watch")]
    Tail(Box<tail::TailArgs>),
    /// Show the story of one message, or list the journeys in recorded event logs
    Journey(journey::JourneyArgs),
    /// Run a command and report its start and its result as event logs
    Run(Box<run::RunArgs>),
    /// Manage the queue of undelivered event logs
    Spool(spool::SpoolArgs),
    /// Count recorded events or event logs, with error rates and durations
    Stats(stats::StatsArgs),
    /// Run emulators of SyncHive and of the automation server on this machine
    Sandbox(Box<sandbox::SandboxArgs>),
    /// Create, list, choose and show profiles and their settings
    Config(config::ConfigArgs),
    /// Check the settings, the spool, the keys and the connections
    Doctor(doctor::DoctorArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(man::ManArgs),
    /// Print help on a subcommand or a topic
    Help(help::HelpArgs),
}

/// Parses a command line; help is written for so many columns.
pub fn parse(args: &[OsString], width: usize) -> Result<Cli, clap::Error> {
    if let Some(cli) = quick::parse(args) {
        return Ok(cli);
    }
    parsed(args, width).or_else(|error| match written_out(args, &error, width) {
        Some(parsed) => parsed,
        None => Err(error),
    })
}

fn parsed(args: &[OsString], width: usize) -> Result<Cli, clap::Error> {
    let define = |wanted: &dyn Fn(&Command) -> bool| {
        if asks_for_full_help(args) {
            help::full(width, wanted)
        } else {
            help::brief(width, wanted)
        }
    };
    let take = |command: &mut Command| {
        let matches = command.try_get_matches_from_mut(args)?;
        Cli::from_arg_matches(&matches)
    };
    // Help is about what is named; a mistake may have to do with any subcommand.
    let is_named = |verb: &Command| {
        let mut names = verb.get_all_aliases().chain([verb.get_name()]);
        names.any(|name| args.iter().any(|word| word == name))
    };
    match take(&mut define(&is_named)) {
        Err(error) if error.use_stderr() => {}
        answer => return answer,
    }
    let mut command = define(&|_| true);
    take(&mut command).map_err(|error| mistakes::improved(error.with_cmd(&command), &command))
}

/// Whether `--help` is there, ahead of the words of another command.
fn asks_for_full_help(args: &[OsString]) -> bool {
    let mut own = args.iter().take_while(|word| *word != "--");
    own.any(|word| word == "--help")
}

/// A command line in which `version` or `init` replaces the subcommand. They are no subcommands
/// of their own, so that neither help nor completions list them.
fn written_out(
    args: &[OsString],
    error: &clap::Error,
    width: usize,
) -> Option<Result<Cli, clap::Error>> {
    use clap::error::{ContextKind, ContextValue};
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let long: &[&str] = match word.as_str() {
        "version" => &["--version"],
        "init" => &["config", "init"],
        _ => return None,
    };
    // The same word may come before it as the value of a flag.
    let places = (1..args.len()).filter(|at| args[*at] == word.as_str());
    let mut parsed: Vec<_> = places
        .map(|at| {
            let long = long.iter().map(OsString::from);
            let (before, behind) = (&args[..at], &args[at + 1..]);
            let words = before.iter().cloned().chain(long);
            let words: Vec<_> = words.chain(behind.iter().cloned()).collect();
            parsed(&words, width)
        })
        .collect();
    let is_right = |parsed: &Result<Cli, clap::Error>| {
        let error = parsed.as_ref().err();
        error.is_none_or(|error| !error.use_stderr())
    };
    let right = parsed.iter().position(is_right);
    match right {
        Some(at) => Some(parsed.swap_remove(at)),
        None => parsed.pop(),
    }
}

/// What `--color` says, for the messages of a command line that could not be parsed.
pub fn color_of(args: &[OsString]) -> Colour {
    let mut words = args.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(value) => value.strip_prefix('='),
            None => continue,
        };
        return value.and_then(Colour::find).unwrap_or_default();
    }
    Colour::Auto
}

/// The whole definition, for completions and manual pages.
pub fn command() -> Command {
    quick::defining(&|_| true)
}

impl Cli {
    /// Whether the answer is the same whatever the profile file says, and that was not asked for.
    pub fn needs_no_file(&self) -> bool {
        let only_looks_up = match &self.verb {
            Verb::Codes(args) => !args.is_export(),
            Verb::Explain(_) => true,
            _ => false,
        };
        only_looks_up && self.global.profile().is_none() && self.global.config.is_none()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_valid() {
        super::command().debug_assert();
    }
}
