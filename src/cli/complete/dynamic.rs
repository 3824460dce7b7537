//! Candidates that are found while a line is typed: paths, programs, profiles, ids, and the parts of
//! a word behind `,`, `=` or `@`.

use super::lists::{LEVELS, Listed, event_types, rule_names};
use crate::cli;
use crate::commands;
use crate::commands::emit::{self, Place};
use crate::commands::validate::reports::format::ReportFormat;
use crate::host::Host;
use crate::model::format::{Format, OUTPUT_FORMATS};
use crate::model::text::short_id;
use crate::settings::{Settings, SettingsChoice};
use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

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
    // The folder itself does not help a user who looks for a file in it.
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

/// The profiles of the profile file.
pub fn profiles() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let host = Host::gather();
        let choice = SettingsChoice {
            profile: None,
            ..choice(&host)
        };
        // A file that cannot be read is reported when the command runs, not while it is typed.
        let settings = Settings::outside_profiles(&choice, &host).ok();
        let names = settings.iter().flat_map(Settings::profiles);
        let names = names.map(|name| CompletionCandidate::new(name.to_owned()));
        names.collect()
    })
}

/// The formats that the subcommand on the line writes; of `spool`, those that any of its own does.
pub fn formats() -> ArgValueCandidates {
    const SPOOL: &[Format] = &[
        Format::Human,
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Prometheus,
    ];
    ArgValueCandidates::new(|| {
        let host = Host::gather();
        let words = attached(&cli::command(), words_of_the_line(&host));
        let mut words = words.iter().filter_map(|word| word.to_str());
        let formats = words.find_map(|word| -> Option<&[Format]> {
            Some(match word {
                "emit" | "send" => &emit::output::FORMATS,
                "validate" | "check" | "lint" => &commands::validate::FORMATS,
                "tail" | "watch" => &commands::tail::output::FORMATS,
                "journey" => &commands::journey::FORMATS,
                "explain" => &commands::explain::output::FORMATS,
                "sandbox" => &commands::sandbox::FORMATS,
                "run" => &[Format::Human],
                "spool" => SPOOL,
                "codes" | "stats" | "config" | "doctor" => &Format::LISTING,
                _ => return None,
            })
        });
        let formats = formats.unwrap_or(&Format::ALL).iter();
        let offered = formats.map(|format| {
            let about = OUTPUT_FORMATS[*format as usize].description;
            CompletionCandidate::new(format.name()).help(Some(about.into()))
        });
        offered.collect()
    })
}

/// Values of a closed list, typed in any case.
pub fn in_any_case(list: Listed) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy().to_lowercase();
        let offered = (list.0)().into_iter();
        offered
            .filter(|value| value.get_name().to_lowercase().starts_with(&typed))
            .map(|value| {
                CompletionCandidate::new(value.get_name().to_owned())
                    .help(value.get_help().cloned())
            })
            .collect()
    })
}

/// What the line says about where settings come from.
fn choice(host: &Host) -> SettingsChoice {
    SettingsChoice {
        profile: typed(host, &["-p", "--profile"]),
        config: typed(host, &["--config"]),
    }
}

/// The value of a flag on the line, under any of its names; a short one may stand before it in the
/// same word.
fn typed(host: &Host, names: &[&str]) -> Option<String> {
    let words = words_of_the_line(host);
    let words = words.iter().take_while(|word| *word != "--");
    let mut words = words.filter_map(|word| word.to_str());
    let mut value = None;
    while let Some(word) = words.next() {
        for name in names {
            match word.strip_prefix(name) {
                Some("") => value = words.next(),
                Some(behind) if !name.starts_with("--") || behind.starts_with('=') => {
                    value = Some(behind.strip_prefix('=').unwrap_or(behind));
                }
                _ => continue,
            }
            break;
        }
    }
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

/// What a shell hands over behind the name of the program, `--` and the name again.
fn words_of_the_line(host: &Host) -> Vec<OsString> {
    host.args.iter().skip(3).cloned().collect()
}

/// The words with every value in the word of its flag, where it could be taken for a subcommand:
/// a profile may be named like one.
pub fn attached(root: &Command, words: Vec<OsString>) -> Vec<OsString> {
    let mut command = root;
    let mut done: Vec<OsString> = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    while let Some(mut word) = words.next() {
        if word == "--" {
            done.push(word);
            break;
        }
        let flag = word
            .to_str()
            .and_then(|text| taking_a_value(root, command, text));
        // The last word is the one that is being typed.
        if let Some(joint) = flag
            && let Some(value) = words.next_if(|value| is_subcommand(command, value))
        {
            if words.peek().is_none() {
                done.extend([word, value]);
                break;
            }
            word.push(joint);
            word.push(value);
        } else if let Some(sub) = word.to_str().and_then(|name| command.find_subcommand(name)) {
            command = sub;
        }
        done.push(word);
    }
    done.extend(words);
    done
}

fn is_subcommand(command: &Command, word: &OsStr) -> bool {
    let name = word.to_str();
    name.is_some_and(|name| command.find_subcommand(name).is_some())
}

/// What stands between a flag and its value in one word, if this is a flag that takes one in the
/// next.
fn taking_a_value(root: &Command, command: &Command, word: &str) -> Option<&'static str> {
    let of_root = root.get_arguments().filter(|arg| arg.is_global_set());
    let mut known = command.get_arguments().chain(of_root);
    let takes = |arg: &&Arg| arg.get_action().takes_values();
    if let Some(name) = word.strip_prefix("--") {
        known
            .find(|arg| arg.get_long() == Some(name))
            .filter(takes)?;
        return Some("=");
    }
    let mut letters = word.strip_prefix('-')?.chars();
    let (letter, None) = (letters.next()?, letters.next()) else {
        return None;
    };
    known
        .find(|arg| arg.get_short() == Some(letter))
        .filter(takes)?;
    Some("")
}

/// Ids of the records in the profile's spool: as lists show them, or as far as one is typed.
pub fn spool_ids() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let records = spool_on_the_line().and_then(|place| place.glimpse().ok());
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

fn spool_on_the_line() -> Option<Place> {
    let host = Host::gather();
    let mut settings = Settings::load(&choice(&host), &host).ok()?;
    settings.set_flag("spool.location", typed(&host, &["--spool"]));
    let path = match settings.text("spool.location") {
        None | Some("default") => host.state_dir?.join("spool"),
        Some(folder) => PathBuf::from(folder),
    };
    Some(Place::Folder { path, max_bytes: 0 })
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
