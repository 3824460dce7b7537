//! The arguments of `journey`.

use super::emit::place;
use super::filter::window;
use super::one_of::one_of;
use super::{Context, validate};
use crate::commands::emit::location::Permits;
use crate::commands::journey::{FORMATS, JourneyPlan, JourneyStatus};
use crate::failure::Failure;
use crate::model::format::Format;
use crate::records::{Folders, Sources, is_record_file};
use std::path::PathBuf;

/// The arguments of `journey`.
#[derive(Debug, clap::Args)]
pub struct JourneyArgs {
    /// A correlation id, its first 8 characters or more, an external id or an IRI; without one, the journeys are listed
    #[arg(value_name = "ID", value_hint = clap::ValueHint::FilePath)]
    id: Option<PathBuf>,
    /// Files, folders, or - for standard input
    #[arg(value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// Include records that wait in the spool
    #[arg(long)]
    spool: bool,
    /// List only journeys with this status: failed, retrying, open or done (repeatable)
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = one_of(JourneyStatus::ALL.map(|status| (status.name(), status))), hide_possible_values = true)]
    status: Vec<JourneyStatus>,
    /// Only journeys with an event log from this time on, each shown whole: yesterday, today, 22:00, 2026-11-25, '2026-11-25 22:00', RFC 3339, epoch, or how long ago (3h)
    #[arg(long, value_name = "TIME|DUR", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only journeys with an event log before this time; the same forms
    #[arg(long, value_name = "TIME|DUR", allow_hyphen_values = true)]
    before: Option<String>,
    /// Show the page (-o html) in the browser
    #[arg(long)]
    open: bool,
}

impl JourneyArgs {
    /// The output format: a page is what a browser shows.
    pub fn format(&self, context: &Context<'_>) -> Result<Format, Failure> {
        let otherwise = if self.open {
            Format::Html
        } else {
            Format::Human
        };
        let format = context.format(&FORMATS, otherwise)?;
        if self.open && format != Format::Html {
            return Err(Failure::usage(
                "--open shows a page: leave out -o, or use -o html",
            ));
        }
        if format == Format::Mermaid && self.words()?.0.is_none() {
            return Err(Failure::usage("-o mermaid draws the journeys of one id")
                .hint("give the id: hivelog journey ID FILE -o mermaid"));
        }
        Ok(format)
    }

    /// Decides everything that can be decided before the first record.
    pub fn plan(&self, context: &mut Context<'_>) -> Result<JourneyPlan, Failure> {
        let (id, paths) = self.words()?;
        if id.as_deref() == Some("") {
            return Err(Failure::usage("the id is empty"));
        }
        let spool = if self.spool {
            Some(place(context, Permits::default())?)
        } else {
            None
        };
        let open = || {
            let opened = Sources::open(&paths, None, Folders::Walk, context.host, context.talk);
            opened.map_err(|failure| match &id {
                Some(id) if paths.is_empty() => failure.hint(format!(
                    "'{id}' is not a file, so it is taken as an id; name the files to search: hivelog journey ID FILE"
                )),
                _ => failure,
            })
        };
        Ok(JourneyPlan {
            // Where the spool is asked for, standard input is read only if it is named.
            sources: if spool.is_some() && paths.is_empty() {
                None
            } else {
                Some(open()?)
            },
            spool,
            id,
            statuses: self.status.clone(),
            window: window(self.since.as_deref(), self.before.as_deref(), context)?,
            opens: self.open,
            policy: validate::policy(&context.settings, context.host.now())?,
        })
    }

    /// The first word is an id unless it names something to read.
    fn words(&self) -> Result<(Option<String>, Vec<PathBuf>), Failure> {
        let Some(first) = &self.id else {
            return Ok((None, self.paths.clone()));
        };
        if first.as_os_str() == "-" || first.exists() {
            let paths = std::iter::once(first).chain(&self.paths).cloned();
            return Ok((None, paths.collect()));
        }
        // What is named like a file and stands alone is not an id to search standard input for.
        let is_file = self.paths.is_empty() && !self.spool && is_record_file(first);
        match first.to_str().filter(|_| !is_file) {
            Some(id) => Ok((Some(id.to_owned()), self.paths.clone())),
            None => Err(
                Failure::input(format!("cannot read {}: no such file", first.display())).hint(
                    "to search for it as an id, name the files to search: hivelog journey ID FILE",
                ),
            ),
        }
    }
}
