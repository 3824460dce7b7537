//! What a shell offers when TAB is pressed behind a flag: values from the tables, each with
//! what it means. Use as `#[arg(add = complete::fields())]`.

use crate::check::rule::RULES;
use crate::commands::emit::Place;
use crate::commands::validate::reports::format::ReportFormat;
use crate::host::Host;
use crate::model::code::GLOSSARY;
use crate::model::event_log::FIELDS;
use crate::model::outcome::{Choice, MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES, Sender};
use crate::model::sys_event::{SYS_TYPES, SysType, TYPE_GROUPS};
use crate::model::text::short_id;
use crate::settings::{Choice as SettingsChoice, Settings};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Command, ValueHint};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::PathBuf;

/// A closed list, named in completions; what else is typed is taken as well, and judged where it
/// is known which spellings and which values of a profile count.
#[derive(Clone, Copy, Debug)]
pub struct Listed(fn() -> Vec<PossibleValue>);

impl TypedValueParser for Listed {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        typed: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, typed)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter()))
    }
}

/// The definition for scripts that do without the program: they offer files unless they know of
/// something else, and so an argument that is neither a path nor one of a list says so.
pub fn described(command: Command) -> Command {
    command
        .mut_args(|arg| match arg.get_value_hint() {
            _ if arg.get_value_parser().possible_values().is_some() || arg.is_last_set() => arg,
            ValueHint::Unknown if arg.get_action().takes_values() => {
                arg.value_hint(ValueHint::Other)
            }
            ValueHint::AnyPath => arg.value_hint(ValueHint::FilePath),
            _ => arg,
        })
        .mut_subcommands(described)
}

/// What candidates that are paths are tagged with.
pub const PATHS: &str = "paths";

/// The definition in which every argument that is a path completes paths, and the words of a job
/// that is run complete programs first, then paths.
pub fn prepared(command: Command, first_of_a_job: bool) -> Command {
    command
        .mut_args(|arg| match arg.get_value_hint() {
            _ if arg.get::<ArgValueCompleter>().is_some() => arg,
            _ if arg.is_last_set() && first_of_a_job => arg.add(programs()),
            _ if arg.is_last_set() => arg.add(paths(PathCompleter::any)),
            ValueHint::AnyPath | ValueHint::FilePath => arg.add(paths(PathCompleter::any)),
            ValueHint::DirPath => arg.add(paths(PathCompleter::dir)),
            _ => arg,
        })
        .mut_subcommands(|sub| prepared(sub, first_of_a_job))
}

fn paths(which: fn() -> PathCompleter) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| found(&which(), typed))
}

fn found(which: &PathCompleter, typed: &OsStr) -> Vec<CompletionCandidate> {
    let found = which.complete(typed).into_iter();
    // The folder itself is no help to anybody who looks for a file in it.
    let below = found.filter(|path| path.get_value() != ".");
    below.map(|path| path.tag(Some(PATHS.into()))).collect()
}

/// Programs on the search path, and paths once there is a slash.
fn programs() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed_text = typed.to_string_lossy();
        if typed_text.contains('/') {
            return found(&PathCompleter::any(), typed);
        }
        let host = Host::gather();
        let folders = host.env.get("PATH").unwrap_or_default().split(':');
        let entries = folders.filter_map(|folder| std::fs::read_dir(folder).ok());
        let names: BTreeSet<_> = entries
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.file_name()))
            .filter(|name| name.to_string_lossy().starts_with(&*typed_text))
            .collect();
        names.into_iter().map(CompletionCandidate::new).collect()
    })
}

/// A text, or with `@` the file that it is in.
pub fn text_or_file() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        typed.strip_prefix('@').map_or_else(Vec::new, |path| {
            let files = found(&PathCompleter::any(), path.as_ref()).into_iter();
            files.map(|file| file.add_prefix("@")).collect()
        })
    })
}

/// Formats of a report, and behind `FORMAT=` its file.
pub fn report_and_file() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        match typed.split_once('=') {
            None => ReportFormat::ALL
                .map(|format| CompletionCandidate::new(format.name()))
                .into_iter()
                .filter(|candidate| starts_with(candidate, &typed))
                .collect(),
            Some((format, path)) => {
                let files = found(&PathCompleter::any(), path.as_ref()).into_iter();
                files
                    .map(|file| file.add_prefix(format!("{format}=")))
                    .collect()
            }
        }
    })
}

/// Event codes.
pub fn codes() -> Listed {
    Listed(|| {
        let codes = GLOSSARY.iter().map(|code| {
            let level = code.level().name();
            PossibleValue::new(code.key).help(format!("{level}: {}", code.description))
        });
        codes.collect()
    })
}

/// Lifecycle stages a connector may report.
pub fn stages() -> Listed {
    Listed(|| {
        let own = STAGES
            .iter()
            .filter(|stage| stage.sender == Sender::Connector);
        own.map(|stage| PossibleValue::new(stage.key).help(stage.description))
            .collect()
    })
}

/// Outcomes.
pub fn outcomes() -> Listed {
    Listed(|| OUTCOMES.iter().map(choice).collect())
}

/// Modes of operation.
pub fn modes() -> Listed {
    Listed(|| MODES.iter().map(choice).collect())
}

/// Directions.
pub fn directions() -> Listed {
    Listed(|| {
        let names = Direction::ALL.map(Direction::name);
        names.map(PossibleValue::new).to_vec()
    })
}

/// Formats of a report.
pub fn reports() -> Listed {
    Listed(|| {
        let names = ReportFormat::ALL.map(ReportFormat::name);
        names.map(PossibleValue::new).to_vec()
    })
}

/// Rules with each level that can be set.
pub fn rule_settings() -> Listed {
    Listed(|| {
        let levels = |(name, about): (&str, String)| {
            LEVELS.map(|level| PossibleValue::new(format!("{name}={level}")).help(about.clone()))
        };
        rule_names().flat_map(levels).collect()
    })
}

/// What a rule's level can be set to.
pub const LEVELS: [&str; 4] = ["error", "warning", "hint", "off"];

/// Types of system events, and groups of them.
pub fn event_types() -> Listed {
    Listed(|| {
        let groups = TYPE_GROUPS
            .iter()
            .map(|(name, types)| PossibleValue::new(*name).help(types.join(", ")));
        groups.chain(SYS_TYPES.iter().map(sys_type)).collect()
    })
}

fn choice(choice: &Choice) -> PossibleValue {
    PossibleValue::new(choice.value).help(choice.description)
}

/// Fields of the event log.
pub fn fields() -> Listed {
    Listed(|| {
        let fields = FIELDS.iter();
        fields
            .map(|field| PossibleValue::new(field.name).help(field.description))
            .collect()
    })
}

/// Types of system events.
pub fn sys_types() -> Listed {
    Listed(|| SYS_TYPES.iter().map(sys_type).collect())
}

fn sys_type(known: &SysType) -> PossibleValue {
    PossibleValue::new(known.name).help(known.description)
}

/// Names of rules.
pub fn rules() -> Listed {
    Listed(|| {
        let rules = rule_names().map(|(name, about)| PossibleValue::new(name).help(about));
        rules.collect()
    })
}

/// Types of system events between commas, with `!` for not.
pub fn event_type_list() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let begins = typed.rfind([',', '!']).map_or(0, |at| at + 1);
        let (before, typed) = typed.split_at(begins);
        let offered = (event_types().0)().into_iter();
        offered
            .filter(|value| value.get_name().starts_with(typed))
            .map(|value| {
                CompletionCandidate::new(format!("{before}{}", value.get_name()))
                    .help(value.get_help().cloned())
            })
            .collect()
    })
}

/// Names of rules, and behind `NAME=` the levels.
pub fn rule_levels() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        match typed.split_once('=') {
            None => offer(rule_names().map(|(name, about)| (format!("{name}="), about)))
                .into_iter()
                .filter(|candidate| starts_with(candidate, &typed))
                .collect(),
            Some((name, _)) => LEVELS
                .map(|level| CompletionCandidate::new(format!("{name}={level}")))
                .into_iter()
                .filter(|candidate| starts_with(candidate, &typed))
                .collect(),
        }
    })
}

/// Topics of the help, and subcommands.
pub fn help_topics() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let mut all = offer(
            crate::commands::help::topics::all()
                .iter()
                .map(|topic| (topic.name, topic.title.to_owned())),
        );
        let command = super::command();
        all.extend(offer(command.get_subcommands().map(|sub| {
            let about = sub.get_about().map(ToString::to_string);
            (sub.get_name().to_owned(), about.unwrap_or_default())
        })));
        all
    })
}

/// The profiles of the profile file.
pub fn profiles() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        // A file that cannot be read is reported when the command runs, not while it is typed.
        let settings = Settings::load(&SettingsChoice::default(), &Host::gather());
        settings.map_or_else(
            |_| Vec::new(),
            |settings| {
                let names = settings.profiles().into_iter();
                names
                    .map(|name| CompletionCandidate::new(name.to_owned()))
                    .collect()
            },
        )
    })
}

/// Ids of the records in the profile's spool: as lists show them, or as far as one is typed.
pub fn spool_ids() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let records = default_spool().and_then(|place| place.glimpse().ok());
        let mut offered = Vec::new();
        for record in records.unwrap_or_default() {
            let whole = record.id.to_string();
            let code = record.event_code.unwrap_or_default();
            let mut shown = [short_id(&whole), whole.as_str()].into_iter();
            if let Some(id) = shown.find(|id| id.starts_with(&*typed)) {
                let about = format!("{} {code}", record.state.name());
                offered.push(CompletionCandidate::new(id).help(Some(about.into())));
            }
        }
        offered
    })
}

fn default_spool() -> Option<Place> {
    let host = Host::gather();
    let settings = Settings::load(&SettingsChoice::default(), &host).ok()?;
    let path = match settings.text("spool.location") {
        None | Some("default") => host.state_dir?.join("spool"),
        Some(folder) => PathBuf::from(folder),
    };
    Some(Place::Folder { path, max_bytes: 0 })
}

/// Everything `explain` knows by name.
pub fn words() -> Listed {
    Listed(|| {
        let stages = STAGES
            .iter()
            .map(|stage| PossibleValue::new(stage.key).help(stage.description));
        let mut all = (codes().0)();
        all.extend(stages);
        all.extend(OUTCOMES.iter().chain(&MODES).map(choice));
        all.extend(SYS_TYPES.iter().map(sys_type));
        all.extend((rules().0)());
        all
    })
}

fn rule_names() -> impl Iterator<Item = (&'static str, String)> {
    RULES
        .iter()
        .map(|(_, rule)| (rule.name, rule.summary.to_owned()))
}

fn offer<N: Into<std::ffi::OsString>>(
    values: impl Iterator<Item = (N, String)>,
) -> Vec<CompletionCandidate> {
    values
        .map(|(name, about)| CompletionCandidate::new(name).help(Some(about.into())))
        .collect()
}

fn starts_with(candidate: &CompletionCandidate, typed: &str) -> bool {
    candidate.get_value().to_string_lossy().starts_with(typed)
}
