//! Completion scripts and manual pages, made from the command line's definition.

use crate::cli;
use crate::failure::Failure;
use clap_complete::Shell;
use std::path::Path;

/// The completion script for a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "hivelog", &mut bytes);
    bytes
}

/// Every manual page as file name and content: `hivelog.1`, `hivelog-emit.1`, …
pub fn pages() -> Vec<(String, Vec<u8>)> {
    let mut command = cli::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, "hivelog", &mut pages);
    pages
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let named = command.clone().display_name(name).name(name.to_owned());
    let mut bytes = Vec::new();
    // Writing to memory cannot fail; an empty page would be seen by the test of the pages.
    let _ = clap_mangen::Man::new(named).render(&mut bytes);
    pages.push((format!("{name}.1"), bytes));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages);
    }
}

/// Writes every manual page into a folder.
pub fn write_pages(folder: &Path) -> Result<(), Failure> {
    let about = |error| Failure::io(format!("cannot write to {}", folder.display()), error);
    std::fs::create_dir_all(folder).map_err(about)?;
    for (name, bytes) in pages() {
        std::fs::write(folder.join(name), bytes).map_err(about)?;
    }
    Ok(())
}

/// Answers a shell that asks for completions through `COMPLETE`; true if it did.
pub fn complete(args: &[std::ffi::OsString], folder: Option<&Path>) -> Result<bool, Failure> {
    clap_complete::CompleteEnv::with_factory(cli::command)
        .try_complete(args.iter().cloned(), folder)
        .map_err(|error| Failure::usage(error.to_string().trim().to_owned()))
}
