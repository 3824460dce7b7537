//! The flags that every subcommand takes.

use super::complete;
use super::one_of::one_of;
use crate::failure::Failure;
use crate::model::format::{Colour, Format};
use crate::settings::SettingsChoice;
use clap::ArgAction;

/// Flags that every subcommand takes.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_display_order = 900)]
pub struct Global {
    /// Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]
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
    /// Output format, such as json or ndjson ('hivelog help formats' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]
    #[arg(short, long, global = true, value_name = "FORMAT", value_parser = one_of(Format::ALL.map(|format| (format.name(), format))), add = complete::formats(), help_heading = "Global options", hide_possible_values = true)]
    pub output: Option<Format>,
    /// When to use colour: auto, always or never [default: auto]
    #[arg(long, global = true, value_name = "WHEN", value_parser = one_of([("auto", Colour::Auto), ("always", Colour::Always), ("never", Colour::Never)]), help_heading = "Global options", hide_possible_values = true)]
    pub color: Option<Colour>,
    /// Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]
    #[arg(
        long,
        global = true,
        value_name = "ZONE",
        value_parser = complete::zones(),
        hide_possible_values = true,
        allow_hyphen_values = true,
        help_heading = "Global options"
    )]
    pub timezone: Option<String>,
    /// Never prompt [env: HIVELOG_NO_INPUT, CI]
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
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
    /// Print help (with -h, only the most used options)
    #[arg(
        id = "help",
        long = "help",
        short = 'h',
        global = true,
        help_heading = "Global options",
        action = ArgAction::HelpShort
    )]
    _help: Option<bool>,
}

impl Global {
    /// Refuses `-o` with a format that the command does not have.
    pub fn has_format_of(&self, known: &[Format]) -> Result<(), Failure> {
        let Some(format) = self.output.filter(|format| !known.contains(format)) else {
            return Ok(());
        };
        if known.is_empty() {
            return Err(Failure::usage("-o does not apply to this command"));
        }
        let names: Vec<_> = known.iter().map(|format| format.name()).collect();
        let hint = format!("supported formats: {}", names.join(", "));
        Err(Failure::usage(format!("this command has no output format '{format}'")).hint(hint))
    }

    /// When colour is used, as far as no settings are asked.
    pub fn colour(&self) -> Colour {
        self.color.unwrap_or_default()
    }

    /// The same with another profile.
    #[must_use]
    pub fn with_profile(&self, name: &str) -> Global {
        let mut global = self.clone();
        global.profiles = vec![name.to_owned()];
        global
    }

    /// What is said about where settings come from.
    pub fn choice(&self) -> SettingsChoice {
        SettingsChoice {
            profile: self.profile().map(str::to_owned),
            config: self.config.clone(),
        }
    }

    /// The one profile that is named.
    pub fn profile(&self) -> Option<&str> {
        self.profiles.first().map(String::as_str)
    }
}
