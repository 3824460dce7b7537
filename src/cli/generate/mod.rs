//! Completion scripts and manual pages, made from the command line's definition.

mod man;

pub use man::pages;

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
        .map_err(|error| {
            let said = error.to_string();
            Failure::usage(said.trim().trim_start_matches("error: "))
        })
}
