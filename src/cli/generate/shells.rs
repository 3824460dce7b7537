//! How the program and a shell speak about completions: the script that the shell reads once,
//! and the answer to each TAB.

use crate::cli::complete::{PATHS, attached};
use clap_complete::engine::{self, CompletionCandidate};
use clap_complete::env::{Elvish, EnvCompleter, Powershell, Shells};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

/// Every shell that can ask.
pub const SHELLS: Shells<'static> = Shells(&[&BASH, &Elvish, &FISH, &Powershell, &ZSH]);

/// A shell whose script is our own. Its words end at the cursor, so the last one is completed.
struct Shell {
    name: &'static str,
    script: &'static str,
    answer: fn(&[CompletionCandidate], &mut dyn Write) -> io::Result<()>,
}

const BASH: Shell = Shell {
    name: "bash",
    script: concat!(
        include_str!("shells/words.bash"),
        "\n",
        include_str!("shells/dynamic.bash")
    ),
    answer: |candidates, to| {
        writeln!(to, "{}", kind(candidates))?;
        candidates
            .iter()
            .try_for_each(|candidate| writeln!(to, "{}", candidate.get_value().to_string_lossy()))
    },
};

const ZSH: Shell = Shell {
    name: "zsh",
    script: include_str!("shells/dynamic.zsh"),
    answer: |candidates, to| {
        let kind = kind(candidates);
        writeln!(to, "{kind}")?;
        candidates.iter().try_for_each(|candidate| {
            let value = candidate.get_value().to_string_lossy();
            if kind == PATHS {
                return writeln!(to, "{value}");
            }
            // A colon separates a value from its meaning.
            let value = value.replace('\\', "\\\\").replace(':', "\\:");
            match meaning(candidate) {
                Some(meaning) => writeln!(to, "{value}:{}", meaning.replace('\\', "\\\\")),
                None => writeln!(to, "{value}"),
            }
        })
    },
};

const FISH: Shell = Shell {
    name: "fish",
    script: include_str!("shells/dynamic.fish"),
    answer: |candidates, to| {
        candidates.iter().try_for_each(|candidate| {
            let value = candidate.get_value().to_string_lossy();
            match meaning(candidate) {
                Some(meaning) => writeln!(to, "{value}\t{meaning}"),
                None => writeln!(to, "{value}"),
            }
        })
    },
};

/// The script with which a shell asks the program of this name.
pub fn asking(shell: &dyn EnvCompleter) -> Option<Vec<u8>> {
    let mut script = Vec::new();
    let name = "hivelog";
    shell
        .write_registration("COMPLETE", name, name, name, &mut script)
        .ok()?;
    let text = String::from_utf8_lossy(&script).trim().to_owned() + "\n";
    Some(text.into_bytes())
}

/// The script for bash that does without the program, taught to see a word with `=` or `:` as one.
pub fn with_whole_words(script: &str) -> String {
    let registered = script.replace("complete -F _hivelog ", "complete -F _hivelog_whole_words ");
    let words = include_str!("shells/words.bash");
    let wrapper = include_str!("shells/whole_words.bash");
    format!("{words}\n{wrapper}\n{registered}")
}

/// Whether paths or words are offered: a shell treats them differently.
fn kind(candidates: &[CompletionCandidate]) -> &'static str {
    let is_path = |candidate: &CompletionCandidate| {
        let tag = candidate.get_tag();
        tag.is_some_and(|tag| tag.to_string() == PATHS)
    };
    if candidates.iter().any(is_path) {
        PATHS
    } else {
        "words"
    }
}

fn meaning(candidate: &CompletionCandidate) -> Option<String> {
    let help = candidate.get_help()?.to_string();
    help.lines().next().map(str::to_owned)
}

impl EnvCompleter for Shell {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is(&self, name: &str) -> bool {
        name == self.name
    }

    fn write_registration(
        &self,
        _variable: &str,
        _name: &str,
        _program: &str,
        completer: &str,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        // Single quotes mean the same in each of these shells, and so does a quote outside them.
        let quoted = format!("'{}'", completer.replace('\'', r"'\''"));
        to.write_all(self.script.replace("COMPLETER", &quoted).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let words = attached(command, words);
        let last = words.len() - 1;
        (self.answer)(&engine::complete(command, words, last, folder)?, to)
    }
}
