//! The arguments of `stats`.

use super::filter::{Documented, EventFilterArgs, check_names, pointed};
use super::one_of::one_of;
use super::{ALLOW_EMPTY, Context, complete};
use crate::commands::stats::tally::Grouping;
use crate::commands::stats::{By, Counting, Sort, StatsDisplay, StatsPlan};
use crate::failure::Failure;
use crate::model::format::Format;
use crate::query::threshold::Threshold;
use crate::records::{Folders, Sources};
use clap::builder::TypedValueParser;
use std::path::PathBuf;
use std::sync::Arc;

/// The arguments of `stats`.
#[derive(Debug, clap::Args)]
pub struct StatsArgs {
    /// Files, folders, or - for standard input
    #[arg(value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// What to group by, two at most: flow, trigger, type, status, error, code, integration, shape, stage, outcome, journey, hour, day or file [default: flow for events, code for event logs]
    #[arg(long, value_name = "WHAT,..", value_delimiter = ',', value_parser = one_of(By::NAMED), hide_possible_values = true)]
    by: Vec<By>,
    /// Field whose values are measured [default: duration_ms]
    #[arg(long, value_name = "FIELD")]
    field: Option<String>,
    /// Percentiles to show
    #[arg(long, value_name = "N,..", value_delimiter = ',', default_value = "50,90,99", value_parser = percent)]
    percentiles: Vec<f64>,
    /// Order of the groups: count, errors, rate, p99 or the like, or key [default: key for hour and day, else count]
    #[arg(long, value_name = "ORDER", value_parser = complete::sort_orders().try_map(|text| sort(&text)), hide_possible_values = true)]
    sort: Option<Sort>,
    /// Show at most N groups [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// A second set to compare with: shown below each group, with the change (repeatable)
    #[arg(long, value_name = "FILE|DIR")]
    against: Vec<PathBuf>,
    /// Exit with 1 if this holds for a group: 'p95(duration_ms)>2s', 'errorRate>5%', 'count>1000', and with --against 'p95>1.5x'
    #[arg(long, value_name = "THRESHOLD", value_parser = threshold)]
    fail_on: Vec<Threshold>,
    #[arg(long, help = ALLOW_EMPTY)]
    allow_empty: bool,
    #[command(flatten)]
    filter: EventFilterArgs,
}

fn percent(text: &str) -> Result<f64, String> {
    text.trim_start_matches('p')
        .parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "a percentile is a number from 0 to 100".to_owned())
}

fn sort(text: &str) -> Result<Sort, String> {
    Ok(match text {
        "count" => Sort::Count,
        "errors" => Sort::Errors,
        "rate" => Sort::Rate,
        "key" => Sort::Key,
        _ if text.starts_with('p') => Sort::Percentile(percent(text)?),
        _ => {
            return Err("expected count, errors, rate, key or a percentile such as p99".to_owned());
        }
    })
}

fn threshold(text: &str) -> Result<Threshold, String> {
    Threshold::parse(text).map_err(|error| pointed(&error))
}

impl StatsArgs {
    /// Decides everything that can be decided before the first record, and finds the input.
    pub fn plan(&self, context: &Context<'_>) -> Result<StatsPlan, Failure> {
        if self.by.len() > 2 {
            return Err(Failure::usage("--by takes two keys at most"));
        }
        if let [first, second] = self.by.as_slice()
            && first == second
        {
            return Err(Failure::usage("--by names the same key twice"));
        }
        let mut fields = vec![
            self.field
                .clone()
                .unwrap_or_else(|| "duration_ms".to_owned()),
        ];
        let fail_on = self.watched(&mut fields)?;
        let keys = match self.by.as_slice() {
            [] => vec![By::Default],
            keys => keys.to_vec(),
        };
        let documented = Documented {
            types: true,
            fields: true,
            has_kind: false,
        };
        let open = |paths| Sources::open(paths, None, Folders::Walk, context.host, context.talk);
        Ok(StatsPlan {
            counting: Arc::new(Counting {
                grouping: Grouping {
                    keys,
                    fields,
                    zone: context.zone,
                },
                filter: self.filter.filter(None, documented, context)?,
            }),
            sources: open(&self.paths)?,
            against: match self.against.as_slice() {
                [] => None,
                paths => Some(open(paths)?),
            },
            field_is_wanted: self.field.is_some(),
            fail_on,
            allow_empty: self.allow_empty,
            shown: StatsDisplay {
                format: context.format(&Format::LISTING, Format::Human)?,
                percentiles: self.percentiles.clone(),
                sort: self.sort,
                top: self.top.and_then(|top| usize::try_from(top).ok()),
            },
        })
    }

    /// The thresholds, each with the place of its field, which is watched.
    fn watched(&self, fields: &mut Vec<String>) -> Result<Vec<(Threshold, usize)>, Failure> {
        let named = self.fail_on.iter().filter_map(|one| one.field.as_ref());
        check_names("--fail-on", named)?;
        let place = |threshold: &Threshold| {
            if threshold.is_relative() && self.against.is_empty() {
                return Err(Failure::usage(format!(
                    "--fail-on '{}' compares with another set: name it with --against",
                    threshold.text
                )));
            }
            let place = match &threshold.field {
                None => 0,
                Some(field) => {
                    let known = fields.iter().position(|known| known == field);
                    known.unwrap_or_else(|| {
                        fields.push(field.clone());
                        fields.len() - 1
                    })
                }
            };
            Ok((threshold.clone(), place))
        };
        self.fail_on.iter().map(place).collect()
    }
}
