//! Whom a subcommand speaks to: the streams, their colours and width, and how much is said.

use crate::failure::{Exit, Failure};
use crate::host::{self, Host, Talk, pager};
use crate::model::format::Format;
use crate::model::timestamp::Zone;
pub use crate::render::theme::Theme;
use crate::render::{self, Page};

/// What every subcommand shows its results with.
#[derive(Clone, Copy)]
pub struct Ui<'a> {
    /// The surroundings.
    pub host: &'a Host,
    /// How much is said on standard error.
    pub talk: Talk,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// The styles of standard output.
    pub stdout: Theme,
    /// The styles of standard error.
    pub stderr: Theme,
}

impl Ui<'_> {
    /// The page a result in this format is written on.
    pub fn page(&self, format: Format) -> Page {
        Page {
            format,
            width: self.host.width,
            may_cut: self.host.stdout_is_terminal || self.host.env.is_set("COLUMNS"),
            theme: self.stdout,
        }
    }

    /// Writes a finished answer to standard output.
    pub fn print(&self, bytes: &[u8]) -> Result<(), Failure> {
        print(self.host, bytes)
    }

    /// Reports a failure on standard error.
    pub fn complain(&self, failure: &Failure) {
        complain(failure, &self.stderr, self.host);
    }

    /// Reports what was not found; the answer is yes where everything was.
    pub fn report_missing(&self, missing: &[Failure]) -> Exit {
        for failure in missing {
            self.complain(failure);
        }
        if missing.is_empty() {
            Exit::Yes
        } else {
            Exit::No
        }
    }
}

/// Writes a finished answer to standard output.
pub fn print(host: &Host, bytes: &[u8]) -> Result<(), Failure> {
    let mut output = host.stdout();
    output.write(bytes)?;
    output.flush()
}

/// Writes a long answer: by pages, where a person reads it and it is longer than the screen.
pub fn print_paged(host: &Host, bytes: &[u8]) -> Result<(), Failure> {
    let is_dumb = host.env.get("TERM").is_none_or(|term| term == "dumb");
    let read_by_a_person = host.stdout_is_terminal && host.stdin_is_terminal && !is_dumb;
    let lines = String::from_utf8_lossy(bytes).lines().count();
    if read_by_a_person && lines >= host.height && pager::show(&host.env, bytes) {
        return Ok(());
    }
    print(host, bytes)
}

/// Reports a failure on standard error.
pub fn complain(failure: &Failure, theme: &Theme, host: &Host) {
    let width = host.stderr_is_terminal.then_some(host.width);
    host::say(render::failure::render(failure, theme, width).as_bytes());
}

/// Reports a failure that does not end the run.
pub fn warn(failure: &Failure, theme: &Theme, host: &Host) {
    let width = host.stderr_is_terminal.then_some(host.width);
    host::say(render::failure::warning(failure, theme, width).as_bytes());
}
