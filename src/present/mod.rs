//! Where a command meets its view: the command tells what happened, the view makes bytes of it,
//! and here the bytes go to a stream.

pub mod emit;
pub mod lookup;
pub mod reports;
pub mod run;
pub mod sandbox;
pub mod spool;
pub mod stats;
pub mod tail;
pub mod unsettled;
pub mod validate;

use crate::cli::Context;
use crate::failure::Failure;
use crate::host::{self, Host};
use crate::model::format::Format;
use crate::render::theme::Theme;
use crate::render::{self, Page};

/// The page a result is written on, for a command that is for people unless told otherwise.
fn page(context: &Context<'_>, known: &[Format]) -> Result<Page, Failure> {
    Ok(Page {
        format: context.format(known, Format::Human)?,
        width: context.host.width,
        theme: Theme::new(context.coloured(context.host.stdout_is_terminal)),
    })
}

/// Writes a finished answer to standard output.
pub fn print(host: &Host, bytes: &[u8]) -> Result<(), Failure> {
    let mut output = host.stdout();
    output.write(bytes)?;
    output.flush()
}

/// Tells a failure on standard error.
pub fn complain(failure: &Failure, theme: &Theme, host: &Host) {
    let width = host.stderr_is_terminal.then_some(host.width);
    host::say(render::failure::render(failure, theme, width).as_bytes());
}

/// Tells a failure that does not end the run.
pub fn warn(failure: &Failure, theme: &Theme, host: &Host) {
    let width = host.stderr_is_terminal.then_some(host.width);
    host::say(render::failure::warning(failure, theme, width).as_bytes());
}
