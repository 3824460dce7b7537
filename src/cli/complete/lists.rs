//! Closed lists from the tables, each value with its meaning.

use crate::check::rule::RULES;
use crate::cli::command;
use crate::commands::help::topics;
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

/// Topics of the help, and subcommands.
pub fn help_topics() -> Listed {
    Listed(|| {
        let command = command();
        // The help of a subcommand contains the topic that is named like it.
        let topics = topics::ALL.into_iter();
        let is_subcommand = |name| command.get_subcommands().any(|sub| sub.get_name() == name);
        let topics = topics.filter(|(name, _)| !is_subcommand(*name));
        let topics = topics.map(|(name, topic)| PossibleValue::new(name).help(topic().title));
        let subcommands = command.get_subcommands().map(|sub| {
            let about = sub.get_about().cloned().unwrap_or_default();
            PossibleValue::new(sub.get_name().to_owned()).help(about)
        });
        topics.chain(subcommands).collect()
    })
}

/// Manual pages, named as their subcommands.
pub fn manual_pages() -> Listed {
    fn collect(command: &Command, path: &str, pages: &mut Vec<PossibleValue>) {
        for sub in command.get_subcommands() {
            let path = format!("{path}{}", sub.get_name());
            collect(sub, &format!("{path}-"), pages);
            let about = sub.get_about().cloned().unwrap_or_default();
            pages.push(PossibleValue::new(path).help(about));
        }
    }
    Listed(|| {
        let mut pages = Vec::new();
        collect(&command(), "", &mut pages);
        pages
    })
}

/// Ways to send a token; a header has any name.
pub fn auth_ways() -> Listed {
    Listed(|| {
        ["bearer", "basic", "header:"]
            .map(PossibleValue::new)
            .to_vec()
    })
}

/// Zones; an offset is one, too.
pub fn zones() -> Listed {
    Listed(|| ["local", "utc"].map(PossibleValue::new).to_vec())
}

/// Orders of groups; a percentile is one, too.
pub fn sort_orders() -> Listed {
    Listed(|| {
        let orders = ["count", "errors", "rate", "key", "p50", "p90", "p99"];
        orders.map(PossibleValue::new).to_vec()
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
