//! Long text by pages, as `git` and `man` show it.

use super::Env;
use signal_hook::consts::SIGINT;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Shows a text through `$PAGER`, or `less`; false where that cannot be started.
pub fn show(env: &Env, text: &[u8]) -> bool {
    let pager = env.get("PAGER").unwrap_or("less");
    let mut command = Command::new("sh");
    // `exec`, so that what is missing ends with 127 before it has read anything.
    command.args(["-c", &format!("exec {pager}")]);
    command.stdin(Stdio::piped());
    if !env.is_set("LESS") {
        // Colour, no clearing of the screen, and no waiting where everything fits.
        command.env("LESS", "FRX");
    }
    // Ctrl-C belongs to the pager.
    let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    if let Some(mut pipe) = child.stdin.take() {
        // A reader who has seen enough closes it.
        let _ = pipe.write_all(text);
    }
    let ended = child.wait();
    ended.is_ok_and(|status| !matches!(status.code(), Some(126 | 127)))
}
