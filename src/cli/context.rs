//! What the arguments of a subcommand are resolved against.

use super::global::Global;
use crate::commands::ui::{Theme, Ui};
use crate::failure::Failure;
use crate::host::{Host, Talk};
use crate::model::format::{Colour, Format};
use crate::model::text::did_you_mean;
use crate::model::timestamp::{Timestamp, Zone};
use crate::settings::Settings;

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
    /// When colour is used.
    pub color: Colour,
    /// The flags themselves.
    pub global: Global,
}

impl<'a> Context<'a> {
    /// Resolves the global flags.
    pub fn new(global: &Global, host: &'a Host) -> Result<Context<'a>, Failure> {
        Context::of(Settings::load(&global.choice(), host)?, global, host)
    }

    /// The same where the profile file cannot be used and is not needed.
    pub fn without_file(global: &Global, host: &'a Host) -> Result<Context<'a>, Failure> {
        Context::of(Settings::without_file(host), global, host)
    }

    /// The same for settings that were read before.
    pub fn of(
        mut settings: Settings,
        global: &Global,
        host: &'a Host,
    ) -> Result<Context<'a>, Failure> {
        settings.set_flag("output", global.output.map(Format::name));
        settings.set_flag("timezone", global.timezone.as_deref());
        settings.set_flag("color", global.color.map(Colour::name));
        let zone = match settings.text("timezone") {
            Some(text) => {
                Zone::parse(text).map_err(|complaint| settings.complaint("timezone", &complaint))?
            }
            None => Zone::Local,
        };
        let talk = Talk {
            quiet: global.quiet,
            verbose: global.verbose,
            width: host.stderr_is_terminal.then_some(host.width),
        };
        if let (Zone::Local, Some(name)) = (zone, host.unknown_zone()) {
            talk.notice(&format!(
                "warning: TZ={name} is not a known time zone; times are shown in UTC"
            ));
        }
        for (name, meant) in settings.unknown_variables() {
            if let Some(meant) = meant {
                talk.notice(&format!(
                    "warning: {name} is not known and is ignored; did you mean {meant}?"
                ));
            }
        }
        Ok(Context {
            host,
            zone,
            color: settings
                .text("color")
                .and_then(Colour::find)
                .unwrap_or_default(),
            talk,
            settings,
            global: global.clone(),
        })
    }

    /// The profiles that are named beside the first.
    pub fn further_profiles(&self) -> &[String] {
        self.global.profiles.get(1..).unwrap_or_default()
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
        Settings::load(&self.global.with_profile(profile).choice(), self.host)
    }

    /// The output format: the flag's if the command knows it, else the variable's or profile's
    /// where the command knows that, else `otherwise`.
    pub fn format(&self, known: &[Format], otherwise: Format) -> Result<Format, Failure> {
        self.global.has_format_of(known)?;
        let Some(name) = self.settings.text("output") else {
            return Ok(otherwise);
        };
        let format = Format::find(name).ok_or_else(|| {
            let guess = did_you_mean(name, Format::ALL.map(Format::name));
            let complaint = format!("unknown output format '{name}'{guess}");
            self.settings.complaint("output", &complaint)
        })?;
        let is_known = known.contains(&format);
        Ok(if is_known { format } else { otherwise })
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
        coloured(self.color, self.host, is_terminal)
    }

    /// An instant given by a flag.
    pub fn instant(&self, flag: &str, text: &str) -> Result<Timestamp, Failure> {
        Timestamp::parse_user(text, self.host.now(), self.zone)
            .map_err(|complaint| Failure::usage(format!("{flag}: {complaint}")))
    }
}

/// Whether a stream that is (or is not) a terminal shows colour.
pub fn coloured(when: Colour, host: &Host, is_terminal: bool) -> bool {
    match when {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => host.env.wants_colour(is_terminal),
    }
}
