//! What is typed: the only module that names the argument parser. Each file turns the arguments
//! of one subcommand into the plan of the command of the same name.

#![expect(
    clippy::doc_markdown,
    rustdoc::invalid_html_tags,
    reason = "these lines are help texts, not documentation pages"
)]

pub mod ask;
pub mod codes;
pub mod complete;
pub mod completions;
mod composer;
pub mod config;
pub mod doctor;
pub mod emit;
pub mod explain;
pub mod generate;
pub mod help;
pub mod journey;
pub mod man;
mod one_of;
mod quick;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod spool;
pub mod stats;
pub mod tail;
pub mod validate;

use crate::commands::ui::{Theme, Ui};
use crate::failure::Failure;
use crate::host::{Host, Talk};
use crate::model::format::Format;
use crate::model::timestamp::{Timestamp, Zone};
use crate::settings::{Choice, Settings};
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;

/// Send, check and follow SyncHive event logs and automation sys events
#[derive(Debug, Parser)]
#[command(
    name = "hivelog",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
#[command(after_help = "Run 'hivelog help exit-codes' for what the exit codes mean.")]
pub struct Cli {
    /// What holds for every subcommand.
    #[command(flatten)]
    pub global: Global,
    /// The subcommand.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Flags that every subcommand takes.
#[derive(Debug, clap::Args)]
#[command(next_display_order = 900)]
pub struct Global {
    /// Profile to use; tail takes several [env: HIVELOG_PROFILE]
    #[arg(
        short = 'p',
        long = "profile",
        global = true,
        value_name = "NAME",
        add = complete::profiles(),
        help_heading = "Global options"
    )]
    pub profiles: Vec<String>,
    /// Profile file to use, or 'none' [env: HIVELOG_CONFIG]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_hint = clap::ValueHint::FilePath,
        help_heading = "Global options"
    )]
    pub config: Option<String>,
    /// Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]
    #[arg(short, long, global = true, value_name = "FORMAT", value_parser = format_parser(), help_heading = "Global options", hide_possible_values = true)]
    pub output: Option<Format>,
    /// When to use colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["auto", "always", "never"], help_heading = "Global options", hide_possible_values = true)]
    pub color: Option<String>,
    /// Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]
    #[arg(
        long,
        global = true,
        value_name = "ZONE",
        allow_hyphen_values = true,
        help_heading = "Global options"
    )]
    pub timezone: Option<String>,
    /// Never ask anything [env: HIVELOG_NO_INPUT, CI]
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_input: bool,
    /// Only print errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Global options"
    )]
    pub quiet: bool,
    /// Print more detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Send event logs to SyncHive
    #[command(alias = "send")]
    Emit(Box<emit::Args>),
    /// Find what is wrong with event logs before SyncHive does
    #[command(aliases = ["check", "lint"])]
    Validate(Box<validate::Args>),
    /// Search and list the glossary: codes, stages, outcomes, modes, sys events, rules
    Codes(codes::Args),
    /// Explain a code, stage, outcome, sys event type, rule or pasted error text
    Explain(explain::Args),
    /// Follow the sys events of an automation server
    #[command(alias = "watch")]
    Tail(Box<tail::Args>),
    /// Show the story of one message, or list the journeys in recorded event logs
    Journey(journey::Args),
    /// Run a command with event logs around it
    Run(Box<run::Args>),
    /// Manage the queue of undelivered event logs
    Spool(spool::Args),
    /// Count recorded events or event logs: how many, how bad, how long
    Stats(stats::Args),
    /// Run SyncHive and the automation server on this machine
    Sandbox(Box<sandbox::Args>),
    /// Write and show the settings
    Config(config::Args),
    /// Look at everything the other commands rely on
    Doctor(doctor::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print the manual page, or write all of them
    Man(man::Args),
    /// Print help on a subcommand or a topic
    Help(help::Args),
}

/// Parses a command line.
pub fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    if let Some(cli) = quick::parse(args) {
        return Ok(cli);
    }
    let parsed = Cli::try_parse_from(args).or_else(|error| match written_out(args, &error) {
        Some(parsed) => parsed,
        None => Err(error),
    });
    parsed.map_err(for_a_secret).map_err(best_first)
}

/// A command line in which `version` or `init` stands for the subcommand. They are no subcommands
/// of their own, so that neither help nor completions list them.
fn written_out(args: &[OsString], error: &clap::Error) -> Option<Result<Cli, clap::Error>> {
    use clap::error::{ContextKind, ContextValue};
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let long: &[&str] = match word.as_str() {
        "version" => &["--version"],
        "init" => &["config", "init"],
        _ => return None,
    };
    // The same word may stand before it as the value of a flag.
    let places = (1..args.len()).filter(|at| args[*at] == word.as_str());
    let mut parsed: Vec<_> = places
        .map(|at| {
            let long = long.iter().map(OsString::from);
            let (before, behind) = (&args[..at], &args[at + 1..]);
            let words = before
                .iter()
                .cloned()
                .chain(long)
                .chain(behind.iter().cloned());
            Cli::try_parse_from(words)
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

/// Puts the nearest of several suggested subcommands first; the parser lists it last.
fn best_first(mut error: clap::Error) -> clap::Error {
    use clap::error::{ContextKind, ContextValue};
    if let Some(ContextValue::Strings(names)) = error.get(ContextKind::SuggestedSubcommand) {
        let names = names.iter().rev().cloned().collect();
        error.insert(
            ContextKind::SuggestedSubcommand,
            ContextValue::Strings(names),
        );
    }
    error
}

/// Flags that people look for, and where their secrets are taken from instead.
const SECRETS: &[(&str, &str)] = &[
    (
        "--key",
        "HIVELOG_KEY, or key_file or key_command in a profile",
    ),
    (
        "--password",
        "HIVELOG_SERVER_PASSWORD, or password_file or password_command in a profile",
    ),
    (
        "--token",
        "HIVELOG_SERVER_TOKEN, or token_file or token_command in a profile",
    ),
    ("--listen-secret", "HIVELOG_LISTEN_SECRET"),
];

/// A secret in the arguments could be read by everybody on the machine: says where it is taken
/// from, in place of a flag that is merely spelled alike.
fn for_a_secret(mut error: clap::Error) -> clap::Error {
    use clap::error::{ContextKind, ContextValue};
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    if let Some((_, place)) = SECRETS.iter().find(|(name, _)| name == flag) {
        let tip = format!("a secret is never an argument: give it in {place}");
        error.remove(ContextKind::SuggestedArg);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

/// What `--color` says, for the messages of a command line that could not be parsed.
pub fn color_of(args: &[OsString]) -> String {
    let mut words = args.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        match word.strip_prefix("--color") {
            Some("") => return words.next().unwrap_or("auto").to_owned(),
            Some(value) if value.starts_with('=') => return value[1..].to_owned(),
            _ => {}
        }
    }
    "auto".to_owned()
}

/// The whole definition, for completions and manual pages.
pub fn command() -> clap::Command {
    Cli::command()
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(Format::ALL.map(Format::name))
        .map(|name| Format::find(&name).unwrap_or(Format::Human))
}

/// What a subcommand's arguments are resolved against.
pub struct Context<'a> {
    /// The surroundings.
    pub host: &'a Host,
    /// Profile, variables and defaults; flags are added by each subcommand.
    pub settings: Settings,
    /// What is said on standard error.
    pub talk: Talk,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// Whether colour may be used, if the stream is a terminal: `always`, `never` or `auto`.
    pub color: String,
    /// Whether nothing may be asked.
    pub no_input: bool,
    output: Option<Format>,
    config: Option<String>,
    profiles: Vec<String>,
}

impl Global {
    /// Refuses `-o` for a command whose output has one form only.
    pub fn without_format(&self) -> Result<(), Failure> {
        match self.output {
            None => Ok(()),
            Some(_) => Err(Failure::usage("-o does not apply to this command")),
        }
    }
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

impl Global {
    /// The one profile that is named.
    pub fn profile(&self) -> Option<&str> {
        self.profiles.first().map(String::as_str)
    }
}

impl<'a> Context<'a> {
    /// Resolves the global flags.
    pub fn new(global: &Global, host: &'a Host) -> Result<Context<'a>, Failure> {
        let choice = Choice {
            profile: global.profile().map(str::to_owned),
            config: global.config.clone(),
        };
        Context::with(Settings::load(&choice, host)?, global, host)
    }

    /// The same where the profile file cannot be used and is not needed.
    pub fn without_file(global: &Global, host: &'a Host) -> Result<Context<'a>, Failure> {
        Context::with(Settings::without_file(host), global, host)
    }

    fn with(
        mut settings: Settings,
        global: &Global,
        host: &'a Host,
    ) -> Result<Context<'a>, Failure> {
        settings.set_flag("output", global.output.map(Format::name));
        settings.set_flag("timezone", global.timezone.as_deref());
        settings.set_flag("color", global.color.as_deref());
        let zone = match settings.text("timezone") {
            Some(text) => {
                Zone::parse(text).map_err(|complaint| settings.complaint("timezone", &complaint))?
            }
            None => Zone::Local,
        };
        let talk = Talk {
            quiet: global.quiet,
            verbose: global.verbose,
        };
        if let (Zone::Local, Some(name)) = (zone, host.unknown_zone()) {
            talk.notice(&format!(
                "warning: TZ={name} is not a known time zone; times are shown in UTC"
            ));
        }
        Ok(Context {
            host,
            zone,
            color: settings.text("color").unwrap_or("auto").to_owned(),
            talk,
            no_input: global.no_input,
            output: global.output,
            settings,
            config: global.config.clone(),
            profiles: global.profiles.clone(),
        })
    }

    /// The profiles that are named beside the first.
    pub fn further_profiles(&self) -> &[String] {
        self.profiles.get(1..).unwrap_or_default()
    }

    /// Refuses several profiles, which only `tail` takes.
    pub fn one_profile(&self) -> Result<(), Failure> {
        if self.further_profiles().is_empty() {
            return Ok(());
        }
        Err(Failure::usage("only tail takes several profiles"))
    }

    /// The settings of another profile; flags are still to be added.
    pub fn settings_of(&self, profile: &str) -> Result<Settings, Failure> {
        let choice = Choice {
            profile: Some(profile.to_owned()),
            config: self.config.clone(),
        };
        Settings::load(&choice, self.host)
    }

    /// The output format: the flag's if the command knows it, else the variable's or profile's
    /// where the command knows that, else `otherwise`.
    pub fn format(&self, known: &[Format], otherwise: Format) -> Result<Format, Failure> {
        if let Some(format) = self.output {
            if known.contains(&format) {
                return Ok(format);
            }
            if known.is_empty() {
                return Err(Failure::usage("-o does not apply to this command"));
            }
            let names: Vec<_> = known.iter().map(|format| format.name()).collect();
            return Err(
                Failure::usage(format!("this command has no output format '{format}'"))
                    .hint(format!("it has {}", names.join(", "))),
            );
        }
        match self.settings.text("output") {
            None => Ok(otherwise),
            Some(name) => {
                let format = Format::find(name).ok_or_else(|| {
                    let names = Format::ALL.map(Format::name);
                    let guess = crate::model::text::did_you_mean(name, names);
                    let complaint = format!("unknown output format '{name}'{guess}");
                    self.settings.complaint("output", &complaint)
                })?;
                Ok(if known.contains(&format) {
                    format
                } else {
                    otherwise
                })
            }
        }
    }

    /// Whom the subcommand speaks to.
    pub fn ui(&self) -> Ui<'a> {
        let host = self.host;
        Ui {
            host,
            talk: self.talk,
            zone: self.zone,
            stdout: Theme::new(self.coloured(host.stdout_is_terminal)),
            stderr: Theme::new(self.coloured(host.stderr_is_terminal)),
        }
    }

    /// Whether a stream that is (or is not) a terminal shows colour.
    pub fn coloured(&self, is_terminal: bool) -> bool {
        coloured(&self.color, self.host, is_terminal)
    }

    /// An instant given by a flag.
    pub fn instant(&self, flag: &str, text: &str) -> Result<Timestamp, Failure> {
        Timestamp::parse_user(text, self.host.now())
            .map_err(|complaint| Failure::usage(format!("{flag}: {complaint}")))
    }
}

/// Whether a stream that is (or is not) a terminal shows colour, by what `--color` says.
pub fn coloured(when: &str, host: &Host, is_terminal: bool) -> bool {
    match when {
        "always" => true,
        "never" => false,
        _ => host.env.wants_colour(is_terminal),
    }
}

/// Reads a duration flag.
pub fn duration(text: &str) -> Result<std::time::Duration, String> {
    crate::model::timestamp::parse_duration(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_sound() {
        super::command().debug_assert();
    }
}
