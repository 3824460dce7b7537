//! Long text by pages, as `git` shows it, and manual pages.

use super::Env;
use signal_hook::consts::SIGINT;
use std::io::Write;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Shows a text through `$PAGER`, or `less`; false where that cannot be started.
pub fn show(env: &Env, text: &[u8]) -> bool {
    let pager = env.get("PAGER").unwrap_or("less");
    let mut command = Command::new("sh");
    // `exec`, so that what is missing ends with 127 before it has read anything.
    command.args(["-c", &format!("exec {pager}")]);
    if !env.is_set("LESS") {
        // Colour, no clearing of the screen, and no waiting where everything fits.
        command.env("LESS", "FRX");
    }
    let ended = feed(command, text);
    ended.is_some_and(|status| !matches!(status.code(), Some(126 | 127)))
}

/// Shows a manual page, given as its source, through `man`; false where that is missing or shows no
/// pages but its own.
pub fn show_manual(source: &[u8]) -> bool {
    let mut command = Command::new("man");
    command.args(["-l", "-"]).stderr(Stdio::null());
    feed(command, source).is_some_and(|status| status.success())
}

/// Runs a program to its end with a text as its standard input.
fn feed(mut command: Command, text: &[u8]) -> Option<ExitStatus> {
    // Ctrl-C belongs to the pager.
    let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
    let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
    if let Some(mut pipe) = child.stdin.take() {
        // A reader who has seen enough closes it.
        let _ = pipe.write_all(text);
    }
    child.wait().ok()
}
