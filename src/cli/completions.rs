//! The arguments of `completions`.

use crate::failure::Failure;
use clap_complete::Shell;

/// The arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell to complete for: bash, elvish, fish, powershell or zsh
    #[arg(value_enum, hide_possible_values = true)]
    shell: Option<Shell>,
}

impl CompletionsArgs {
    /// The shell, which has to be named: the one that runs hivelog cannot be known for certain.
    pub fn shell(&self) -> Result<Shell, Failure> {
        self.shell.ok_or_else(|| {
            Failure::usage("which shell? bash, elvish, fish, powershell or zsh")
                .hint("'hivelog completions zsh' prints a script for packages; 'hivelog help completions' has one line for a start-up file")
        })
    }
}
