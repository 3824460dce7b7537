//! Defining no more subcommands than are needed: that is most of what starting takes.

use super::{Cli, Global};
use super::{codes, completions, config, doctor, emit, explain, help, journey, man};
use super::{run, sandbox, spool, stats, tail, validate};
use clap::{Args, Command, CommandFactory, FromArgMatches};
use std::ffi::OsString;

/// A subcommand's name, and what defines its arguments.
type QuickVerb = (&'static str, fn(Command) -> Command);

const VERBS: [QuickVerb; 15] = [
    ("emit", emit::EmitArgs::augment_args),
    ("validate", validate::ValidateArgs::augment_args),
    ("codes", codes::CodesArgs::augment_args),
    ("explain", explain::ExplainArgs::augment_args),
    ("tail", tail::TailArgs::augment_args),
    ("journey", journey::JourneyArgs::augment_args),
    ("run", run::RunArgs::augment_args),
    ("spool", spool::SpoolArgs::augment_args),
    ("stats", stats::StatsArgs::augment_args),
    ("sandbox", sandbox::SandboxArgs::augment_args),
    ("config", config::ConfigArgs::augment_args),
    ("doctor", doctor::DoctorArgs::augment_args),
    ("completions", completions::CompletionsArgs::augment_args),
    ("man", man::ManArgs::augment_args),
    ("help", help::HelpArgs::augment_args),
];

/// The definition of all subcommands, with the arguments of those that are wanted.
pub fn defining(wanted: &dyn Fn(&Command) -> bool) -> Command {
    let commands = Cli::command();
    VERBS.iter().fold(commands, |commands, (name, define)| {
        commands.mut_subcommand(name, |verb| {
            if !wanted(&verb) {
                return verb;
            }
            let about = verb.get_about().cloned();
            define(verb)
                .about(about.unwrap_or_default())
                .defer(|defined| defined)
        })
    })
}

/// The command line, if the first word that could be a subcommand is the one that is meant and
/// nothing is wrong.
///
/// The definition here is a part of the whole one, so whatever it accepts means the same there.
/// What it does not take, and every kind of help, is left to others.
pub fn parse(args: &[OsString]) -> Option<Cli> {
    let named = |word: &OsString| VERBS.iter().find(|(name, _)| word == name);
    let (name, define) = args.iter().skip(1).find_map(named)?;
    let matches = Global::augment_args(Command::new("hivelog"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .subcommand(define(Command::new(*name)))
        .try_get_matches_from(args)
        .ok()?;
    Cli::from_arg_matches(&matches).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subcommand_is_known() {
        let whole = crate::cli::command();
        let shown = whole.get_subcommands().filter(|verb| !verb.is_hide_set());
        let names: Vec<_> = shown.map(Command::get_name).collect();
        assert_eq!(VERBS.map(|(name, _)| name).to_vec(), names);
    }

    #[test]
    fn what_is_taken_means_the_same_in_the_whole_definition() {
        for (line, taken) in [
            ("codes", true),
            ("-p emit codes --level error", false),
            ("-q validate a.ndjson emit", true),
            ("spool list -o json", true),
            ("emit", true),
            ("--profile=x tail --timezone +12:00", true),
            ("run -- codes --help", true),
            ("codes --help", false),
            ("--help", false),
            ("nothing", false),
            ("codes --nonsense", false),
            ("emit --version", false),
            ("spool", false),
        ] {
            let args: Vec<OsString> = std::iter::once("hivelog")
                .chain(line.split(' '))
                .map(OsString::from)
                .collect();
            let quick = parse(&args);
            assert_eq!(quick.is_some(), taken, "{line}");
            if let Some(quick) = quick {
                let whole = <Cli as clap::Parser>::try_parse_from(&args).unwrap();
                assert_eq!(format!("{quick:?}"), format!("{whole:?}"), "{line}");
            }
        }
    }
}
