//! What the parser says of a wrong command line, made more helpful: the subcommand that was meant,
//! and where a secret comes from.

use crate::model::sanitise;
use crate::model::text::nearest;
use clap::Command;
use clap::error::{ContextKind, ContextValue};

/// Words for which there is another command line; those that are aliases are understood anyway.
const MEANT: &[(&str, &str)] = &[
    ("login", "config init"),
    ("setup", "config init"),
    ("profiles", "config list"),
    ("use", "config use"),
    ("get", "config show"),
    ("delete", "spool drop"),
    ("remove", "spool drop"),
    ("rm", "spool drop"),
    ("start", "sandbox"),
    ("logs", "tail"),
    ("follow", "tail"),
    ("listen", "tail --listen"),
    ("format", "validate --fix"),
    ("fix", "validate --fix"),
    ("queue", "emit --queue"),
    ("emulator", "sandbox"),
    ("mock", "sandbox"),
    ("serve", "sandbox"),
    ("topics", "help"),
    ("version", "--version"),
];

/// Says in an error what helps more than the parser's own words.
pub fn improved(error: clap::Error, command: &Command) -> clap::Error {
    harmless(with_the_meant_subcommand(
        with_the_meant_flag(error),
        command,
    ))
}

/// Shows what was typed escaped: the parser would take escape sequences out of it.
fn harmless(mut error: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidValue) {
        let shown = ContextValue::String(sanitise::line(typed).into_owned());
        error.insert(ContextKind::InvalidValue, shown);
    }
    error
}

/// Suggests one subcommand: the nearest by spelling, among those of other subcommands too.
fn with_the_meant_subcommand(mut error: clap::Error, command: &Command) -> clap::Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    if let Some(meant) = meant(typed, command) {
        error.insert(
            ContextKind::SuggestedSubcommand,
            ContextValue::Strings(vec![meant]),
        );
    }
    error
}

fn meant(typed: &str, command: &Command) -> Option<String> {
    let meant = MEANT
        .iter()
        .map(|(word, other)| (*word, (*other).to_owned()));
    let mut names: Vec<(&str, String)> = meant.collect();
    for sub in command.get_subcommands() {
        names.push((sub.get_name(), sub.get_name().to_owned()));
        let aliases = sub.get_all_aliases();
        names.extend(aliases.map(|alias| (alias, sub.get_name().to_owned())));
    }
    let nested = command.get_subcommands().flat_map(|sub| {
        let name = sub.get_name();
        let inner = sub.get_subcommands().map(Command::get_name);
        inner.map(move |inner| (inner, format!("{name} {inner}")))
    });
    let exact = nested.filter(|(name, _)| *name == typed);
    names.extend(exact);
    let nearest = nearest(typed, names.iter().map(|(name, _)| *name))?;
    let (_, meant) = names.into_iter().find(|(name, _)| *name == nearest)?;
    Some(meant)
}

/// Flags for secrets that people look for, and where those come from instead.
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

/// Flags that people look for, and what there is instead.
const INSTEAD: &[(&str, &str)] = &[
    ("--format", "the output format is chosen with -o, --output"),
    ("--server", "the address of SyncHive is given with --url"),
    (
        "--url",
        "the address of the automation server is given with --server",
    ),
];

/// Says what there is in place of a flag, rather than which one is spelled alike. A secret in the
/// arguments could be read by everybody on the machine: the message says where it is read from.
fn with_the_meant_flag(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let known = |list: &'static [(&str, &str)]| list.iter().find(|(name, _)| name == typed);
    let is_job = || {
        let usage = error.get(ContextKind::Usage).map(ToString::to_string);
        usage.is_some_and(|usage| usage.contains("hivelog run") || usage.contains("sandbox run"))
    };
    let tip = if let Some((_, place)) = known(SECRETS) {
        format!("a secret is never an argument: give it in {place}")
    } else if let Some((_, tip)) = known(INSTEAD) {
        (*tip).to_owned()
    } else if !typed.starts_with('-') && is_job() {
        format!("put the command after --: -- {typed}")
    } else {
        // No file begins with two dashes.
        if typed.starts_with("--") {
            error.remove(ContextKind::Suggested);
        }
        return error;
    };
    error.remove(ContextKind::SuggestedArg);
    error.insert(
        ContextKind::Suggested,
        ContextValue::StyledStrs(vec![tip.into()]),
    );
    error
}
