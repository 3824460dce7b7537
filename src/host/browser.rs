//! Pages that are shown in the user's browser.

use super::Host;
use crate::failure::{Exit, Failure};
use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// What opens a page on most systems.
const OPENERS: [&str; 3] = ["xdg-open", "open", "wslview"];

/// Shows a file or an address in the browser: that of `BROWSER`, or the system's own.
pub fn browse(page: impl AsRef<OsStr>, host: &Host) -> Result<(), Failure> {
    let own = host.env.get("BROWSER").unwrap_or_default();
    let own = own.split(':').filter(|program| !program.is_empty());
    for program in own.chain(OPENERS) {
        let started = Command::new(program)
            .arg(page.as_ref())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if started.is_ok() {
            return Ok(());
        }
    }
    let page = page.as_ref().display();
    Err(Failure::message(
        Exit::Usage,
        format!("no browser could be started for {page}"),
    )
    .hint("set BROWSER to the program that shows pages"))
}
