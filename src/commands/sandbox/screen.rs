//! What `sandbox` reports: to people on standard error, to machines on standard output.

use crate::check::rule::Level;
use crate::check::verdict::RunVerdict;
use crate::commands::sandbox::{LedgerEntry, LedgerTally, output};
use crate::commands::ui::Ui;
use crate::commands::validate::reports::format::WantedReport;
use crate::failure::Failure;
use crate::host;
use crate::model::wrap;

/// People are addressed on standard error, machines on standard output.
pub struct SandboxScreen<'a> {
    /// Whether the output is for a person.
    pub human: bool,
    /// The streams.
    pub ui: &'a Ui<'a>,
}

impl SandboxScreen<'_> {
    /// Where the sandbox is.
    pub fn started(&self, url: &str) -> Result<(), Failure> {
        if self.human {
            self.say(&output::started(url, &self.ui.stderr));
            return Ok(());
        }
        self.ui.print(&output::started_line(url))
    }

    /// A request with its answer.
    pub fn received(&self, entry: &LedgerEntry) {
        self.say(&self.folded(&output::received(entry, &self.ui.stderr)));
    }

    /// What was received, and why the record file is not complete, if it is not.
    pub fn stopped(&self, tally: LedgerTally, record_error: Option<String>) {
        if let Some(error) = record_error {
            host::say(format!("the file of --record is incomplete: {error}").as_bytes());
        }
        self.say(&output::stopped(tally));
    }

    /// Shows the page; where that fails, its address was said.
    pub fn browse(&self, url: &str) {
        if let Err(failure) = host::browse(url, self.ui.host) {
            self.ui.complain(&failure);
        }
    }

    /// That the page can be looked at.
    pub fn stays(&self, url: &str) {
        self.ui
            .talk
            .notice(&format!("the page is {url}; Ctrl-C ends the sandbox"));
    }

    /// Says that other machines can reach the sandbox, however quiet it is to be.
    pub fn warn_of_others(&self) {
        host::say(output::exposed(&self.ui.stderr).as_bytes());
    }

    /// The verdict on a run. For machines it leaves standard output to a report that takes it.
    pub fn judged(
        &self,
        verdict: &RunVerdict,
        good: bool,
        fail_on: Option<Level>,
        reports: &[WantedReport],
    ) -> Result<(), Failure> {
        if self.human {
            let least = fail_on.unwrap_or(Level::Warning).min(Level::Warning);
            let verdict = output::verdict(verdict, least, &self.ui.stderr);
            self.say(&self.folded(&verdict));
        } else if reports.iter().all(|report| report.file.is_some()) {
            self.ui.print(&output::verdict_line(verdict, good))?;
        }
        Ok(())
    }

    /// An event that was ordered.
    pub fn happened(&self, id: &str, event_type: &str) -> Result<(), Failure> {
        self.ui.print(&output::happened(id, event_type, self.human))
    }

    /// The lines of a text as wide as the terminal, if there is one.
    fn folded(&self, text: &str) -> String {
        let host = self.ui.host;
        if !host.stderr_is_terminal {
            return text.to_owned();
        }
        let lines = wrap::indented_lines(text, host.width);
        lines.trim_end_matches('\n').to_owned()
    }

    /// Says what the view has made harmless and styled already.
    fn say(&self, text: &str) {
        if !self.ui.talk.quiet {
            host::say(text.as_bytes());
        }
    }
}
