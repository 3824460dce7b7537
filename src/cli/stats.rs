//! The arguments of `stats`.

use super::one_of::one_of;
use super::{ALLOW_EMPTY, Context};
use crate::commands::stats::{By, Plan, Shown, thresholds};
use crate::failure::Failure;
use crate::model::format::Format;
use crate::records::{Folders, Sources};
use std::path::PathBuf;

/// The arguments of `stats`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders, or - for standard input
    #[arg(value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// What to group by: flow, trigger, type, code or hour [default: flow for events, code for event logs]
    #[arg(long, value_name = "WHAT", value_parser = one_of([("flow", By::Flow), ("trigger", By::Trigger), ("type", By::Type), ("code", By::Code), ("hour", By::Hour)]), hide_possible_values = true)]
    by: Option<By>,
    /// Field whose values are measured [default: duration_ms]
    #[arg(long, value_name = "FIELD")]
    field: Option<String>,
    /// The percentiles to show
    #[arg(long, value_name = "N,..", value_delimiter = ',', default_value = "50,90,99", value_parser = percent)]
    percentiles: Vec<f64>,
    /// End with 1 if this holds for a group: 'p95(duration_ms)>2s', 'errorRate>0.05'
    #[arg(long, value_name = "THRESHOLD")]
    fail_on: Vec<String>,
    #[arg(long, help = ALLOW_EMPTY)]
    allow_empty: bool,
}

fn percent(text: &str) -> Result<f64, String> {
    text.trim_start_matches('p')
        .parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "a percentile is a number from 0 to 100".to_owned())
}

impl Args {
    /// How the groups are shown.
    pub fn shown(&self, context: &Context<'_>) -> Result<Shown, Failure> {
        Ok(Shown {
            format: context.format(&Format::LISTING, Format::Human)?,
            percentiles: self.percentiles.clone(),
            field: self.field().to_owned(),
        })
    }

    fn field(&self) -> &str {
        self.field.as_deref().unwrap_or("duration_ms")
    }

    /// Decides everything that can be decided before the first record, and finds the input.
    pub fn plan(&self, context: &Context<'_>) -> Result<(Plan, Sources), Failure> {
        let mut fields = vec![self.field().to_owned()];
        let plan = Plan {
            fail_on: thresholds(&self.fail_on, &mut fields)?,
            fields,
            field_is_wanted: self.field.is_some(),
            by: self.by.unwrap_or(By::Default),
            zone: context.zone,
            allow_empty: self.allow_empty,
        };
        let sources = Sources::open(&self.paths, None, Folders::Walk, context.host, context.talk)?;
        Ok((plan, sources))
    }
}
