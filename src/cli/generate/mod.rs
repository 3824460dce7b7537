//! Completion scripts and manual pages, made from the command line's definition.

mod man;
mod shells;

use crate::cli::{self, complete};
use crate::failure::Failure;
use crate::model::text::did_you_mean;
use clap_complete::Shell;
use std::path::Path;

pub use man::pages;

/// The completion script for a shell. What can be made without the program for elvish and
/// PowerShell knows no value of any option, so theirs ask the program.
pub fn completions(shell: Shell) -> Vec<u8> {
    let by_asking = match shell {
        Shell::Elvish => shells::asking(&clap_complete::env::Elvish),
        Shell::PowerShell => shells::asking(&clap_complete::env::Powershell),
        _ => None,
    };
    if let Some(script) = by_asking {
        return script;
    }
    let mut bytes = Vec::new();
    let mut command = complete::described(cli::command());
    clap_complete::generate(shell, &mut command, "hivelog", &mut bytes);
    if shell == Shell::Bash {
        shells::with_whole_words(&String::from_utf8_lossy(&bytes)).into_bytes()
    } else {
        bytes
    }
}

/// The manual page of a subcommand, or of the whole program.
pub fn page(name: Option<&str>) -> Result<Vec<u8>, Failure> {
    let sub = name.filter(|name| *name != "hivelog");
    let file = sub.map_or("hivelog.1".to_owned(), |name| {
        format!("hivelog-{}.1", name.trim_start_matches("hivelog-"))
    });
    let pages = pages();
    if let Some((_, page)) = pages.iter().find(|(known, _)| *known == file) {
        return Ok(page.clone());
    }
    let name = name.unwrap_or_default();
    let known = pages.iter().map(|(file, _)| {
        let page = file.trim_end_matches(".1");
        page.strip_prefix("hivelog-").unwrap_or(page)
    });
    let guess = did_you_mean(name, known);
    Err(Failure::usage(format!("no manual page '{name}'{guess}"))
        .hint("pages are named like subcommands: emit, spool-drain; 'hivelog man --dir DIR' writes all of them"))
}

/// Answers a shell that asks for completions through `COMPLETE`; true if it did.
pub fn complete(args: &[std::ffi::OsString]) -> Result<bool, Failure> {
    let first_of_a_job = args.iter().rev().nth(1).is_some_and(|word| word == "--");
    let command = || complete::prepared(cli::command(), first_of_a_job);
    let mut env = clap_complete::CompleteEnv::with_factory(command).shells(shells::SHELLS);
    if let Some(program) = args
        .first()
        .map(Path::new)
        .filter(|path| path.components().count() > 1)
        && let Ok(program) = std::path::absolute(program)
    {
        // The shell may be in another folder when it asks.
        env = env.completer(program.to_string_lossy());
    }
    env.try_complete(args.iter().cloned(), None)
        .map_err(|error| {
            let text = error.to_string();
            Failure::usage(text.trim().trim_start_matches("error: "))
        })
}
