//! How `tail` shows events, read from its arguments.

use super::{OnSlow, TailArgs};
use crate::cli::Context;
use crate::commands::tail::output::FORMATS;
use crate::commands::tail::screen::Look;
use crate::failure::Failure;
use crate::model::field::misspelt;
use crate::model::format::Format;

impl TailArgs {
    /// How events are shown.
    pub fn look(&self, context: &Context<'_>) -> Result<Look, Failure> {
        let otherwise = if context.host.stdout_is_terminal {
            Format::Human
        } else {
            Format::Ndjson
        };
        let format = context.format(&FORMATS, otherwise)?;
        if self.show.source.is_some() && format != Format::Cloudevents {
            return Err(Failure::usage(
                "--source has a meaning with -o cloudevents only",
            ));
        }
        Ok(Look {
            format,
            time: self.show.time,
            fields: spelled("--fields", &self.show.fields)?,
            redact: spelled("--redact", &self.show.redact)?,
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
                "--resume keeps what is not shown for the next run, and --on-slow drop does without it",
            )
            .hint("leave out one of them"));
        }
        Ok(waits)
    }
}

/// The names of fields, none of which is nearly another.
fn spelled(flag: &str, names: &[String]) -> Result<Vec<String>, Failure> {
    let mistake = names.iter().find_map(|name| Some((name, misspelt(name)?)));
    match mistake {
        None => Ok(names.to_vec()),
        Some((name, guess)) => Err(Failure::usage(format!(
            "{flag}: unknown field '{name}', {guess}"
        ))),
    }
}
