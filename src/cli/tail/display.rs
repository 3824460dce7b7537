//! How `tail` shows events, read from its arguments.

use super::{OnSlow, TailArgs};
use crate::cli::Context;
use crate::cli::filter::check_names;
use crate::commands::tail::output::FORMATS;
use crate::commands::tail::plan;
use crate::commands::tail::screen::Look;
use crate::failure::Failure;
use crate::model::format::Format;

/// The formats of a summary.
const SUMMARY_FORMATS: [Format; 3] = [Format::Human, Format::Ndjson, Format::Json];

impl TailArgs {
    /// How events are shown.
    pub fn look(&self, context: &Context<'_>) -> Result<Look, Failure> {
        let otherwise = if context.host.stdout_is_terminal {
            Format::Human
        } else {
            Format::Ndjson
        };
        let known = match self.show.summary {
            Some(_) => &SUMMARY_FORMATS[..],
            None => &FORMATS[..],
        };
        let format = context.format(known, otherwise)?;
        if self.show.source.is_some() && format != Format::Cloudevents {
            return Err(Failure::usage("--source applies to -o cloudevents only"));
        }
        let layout = plan::layout(&context.settings, self.source.type_from.as_ref())?;
        // Foreign envelopes have members of any name.
        if layout.mapping.is_empty() {
            check_names("--fields", self.show.fields.iter())?;
            check_names("--redact", self.show.redact.iter())?;
        }
        Ok(Look {
            format,
            time: self.show.time,
            fields: self.show.fields.clone(),
            redact: self.show.redact.clone(),
            waits: self.waits()?,
            summary: self.show.summary.is_some(),
            tee: self.show.tee.clone(),
            source: self.show.source.clone(),
            advice: self.show.advice,
            several: !context.further_profiles().is_empty(),
        })
    }

    fn waits(&self) -> Result<bool, Failure> {
        let waits = self.show.on_slow == OnSlow::Wait;
        if !waits && self.continuity.resume.is_some() {
            return Err(Failure::usage(
                "--resume and --on-slow drop cannot be combined: events that are dropped would be lost to the next run",
            )
            .hint("leave out one of them"));
        }
        Ok(waits)
    }
}
