//! Completion in a shell.

use crate::commands::help::{HelpBlock, Topic};

/// Each shell, its start-up file, and the line that belongs there.
pub const LINES: [(&str, &str, &str); 5] = [
    ("bash", "~/.bashrc", "source <(COMPLETE=bash hivelog)"),
    (
        "zsh",
        "~/.zshrc, after compinit",
        "source <(COMPLETE=zsh hivelog)",
    ),
    (
        "fish",
        "~/.config/fish/config.fish",
        "COMPLETE=fish hivelog | source",
    ),
    (
        "elvish",
        "~/.config/elvish/rc.elv",
        "eval (env COMPLETE=elvish hivelog | slurp)",
    ),
    (
        "powershell",
        "$PROFILE",
        "$env:COMPLETE = \"powershell\"; hivelog | Out-String | Invoke-Expression; Remove-Item Env:COMPLETE",
    ),
];

/// One line a shell.
pub fn completions() -> Topic {
    let mut blocks = vec![HelpBlock::text(
        "One line in a shell's start-up file completes commands, flags, files, codes, rules, profiles and the ids of the spool, in zsh, fish and PowerShell with their meanings.",
    )];
    for (shell, file, line) in LINES {
        blocks.push(HelpBlock::Text(format!("{shell}: {file}")));
        blocks.push(HelpBlock::Example(line));
    }
    blocks.push(HelpBlock::text(
        "'hivelog completions SHELL' prints a script for packages: those for bash, zsh and fish know flags, files and closed lists without calling the program. A completion runs no key command, opens no connection and creates no file.",
    ));
    Topic {
        title: "Completion in your shell",
        blocks,
    }
}
