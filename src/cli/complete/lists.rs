//! Closed lists from the tables, each value with its meaning.

use crate::check::rule::RULES;
use crate::commands::validate::reports::format::ReportFormat;
use crate::model::code::GLOSSARY;
use crate::model::event_log::FIELDS;
use crate::model::outcome::{ListedValue, MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES, StageSender};
use crate::model::sys_event::{SYS_TYPES, SysType, TYPE_GROUPS};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Command, ValueHint};
use std::ffi::OsStr;

/// A closed list, named in completions; what else is typed is accepted as well, and checked where it
/// is known which spellings and which values of a profile count.
#[derive(Clone, Copy, Debug)]
pub struct Listed(pub(super) fn() -> Vec<PossibleValue>);

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
            .filter(|stage| stage.sender == StageSender::Connector);
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

fn choice(choice: &ListedValue) -> PossibleValue {
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

pub(super) fn rule_names() -> impl Iterator<Item = (&'static str, String)> {
    RULES
        .iter()
        .map(|(_, rule)| (rule.name, rule.summary.to_owned()))
}
