//! Which events are meant, by the flags that several subcommands share.

use super::{Context, complete};
use crate::failure::Failure;
use crate::model::sanitise;
use crate::model::timestamp::{Timestamp, parse_duration};
use crate::query::Mistake;
use crate::query::condition::Condition;
use crate::query::expression::{Expression, regex};
use crate::query::filter::Filter;
use crate::query::glob::Globs;
use crate::query::window::Window;
use clap::builder::TypedValueParser;
use regex::Regex;

/// A stretch of time.
#[derive(Debug, clap::Args)]
pub struct WindowArgs {
    /// Only from this time on: yesterday, today, 22:00, 2026-11-25, '2026-11-25 22:00', RFC 3339, epoch, or how long ago (3h)
    #[arg(long, value_name = "TIME|DUR", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only before this time; the same forms
    #[arg(long, value_name = "TIME|DUR", allow_hyphen_values = true)]
    before: Option<String>,
}

impl WindowArgs {
    /// The stretch of time.
    pub fn window(&self, context: &Context<'_>) -> Result<Window, Failure> {
        let instant = |flag: &str, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| instant_or_ago(flag, text, context))
                .transpose()
        };
        let window = Window {
            since: instant("--since", &self.since)?,
            before: instant("--before", &self.before)?,
        };
        match (window.since, window.before) {
            (Some(since), Some(before)) if since >= before => Err(Failure::usage(format!(
                "nothing lies between --since ({}) and --before ({})",
                since.rfc3339(),
                before.rfc3339()
            ))),
            _ => Ok(window),
        }
    }
}

/// An instant, or how long ago it was.
pub fn instant_or_ago(flag: &str, text: &str, context: &Context<'_>) -> Result<Timestamp, Failure> {
    match parse_duration(text) {
        Ok(back) if text != "0" => Ok(context.host.now().minus(back)),
        _ => context.instant(flag, text),
    }
}

/// Which events are meant.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filter")]
pub struct EventFilterArgs {
    /// Event types: comma-separated globs, ! to exclude, or a group: @bad, @auth, @trigger, @server
    #[arg(short = 't', long = "type", value_name = "GLOB,..", value_parser = complete::event_types().try_map(|text| globs(&text)), hide_possible_values = true, add = complete::event_type_list())]
    types: Vec<Globs>,
    /// Only events of this trigger; names match in any case
    #[arg(long, value_name = "ID|NAME")]
    trigger: Vec<String>,
    /// Only events of this flow; names match in any case
    #[arg(long, value_name = "ID|NAME")]
    flow: Vec<String>,
    /// Only records that match an expression, such as 'data.inputs > 100 and not handled' ('hivelog help where')
    #[arg(long = "where", value_name = "EXPR", value_parser = expression)]
    expressions: Vec<Expression>,
    #[command(flatten)]
    window: WindowArgs,
}

impl EventFilterArgs {
    /// The filter; `kind` is the kind of events that are shown, and `documented` says that their
    /// types are known.
    pub fn filter(
        &self,
        kind: Option<&'static str>,
        documented: bool,
        context: &Context<'_>,
    ) -> Result<Filter, Failure> {
        let mut types = Globs::default();
        for globs in &self.types {
            types.extend(globs.clone());
        }
        spelled("--type", &types, documented)?;
        Ok(Filter {
            types,
            kind,
            triggers: self.trigger.clone(),
            flows: self.flow.clone(),
            expressions: self.expressions.clone(),
            window: self.window.window(context)?,
            ..Filter::default()
        })
    }
}

/// Types of flows are free; those of the server are known, and a full name that is not one of
/// them is most likely mistyped.
pub fn spelled(flag: &str, globs: &Globs, documented: bool) -> Result<(), Failure> {
    match globs.undocumented() {
        Some(message) if documented => {
            Err(Failure::usage(format!("{flag}: {message}")).hint(
            "'hivelog codes sys' lists them; for a type of a newer server use a glob, for one of a flow --kind usr or all",
        ))
        }
        _ => Ok(()),
    }
}

/// Reads type globs.
fn globs(text: &str) -> Result<Globs, String> {
    Globs::parse(text).map_err(|complaint| sanitise::line(&complaint).into_owned())
}

/// Reads an expression of `--where`.
fn expression(text: &str) -> Result<Expression, String> {
    let expression = Expression::parse(text).map_err(|mistake| pointed(&mistake))?;
    match expression.misspelt() {
        None => Ok(expression),
        Some(mistake) => Err(pointed(&mistake)),
    }
}

/// Reads a condition.
pub fn condition(text: &str) -> Result<Condition, String> {
    let condition = Condition::parse(text).map_err(|mistake| pointed(&mistake))?;
    match condition.misspelt() {
        None => Ok(condition),
        Some(mistake) => Err(pointed(&mistake)),
    }
}

/// Reads a regular expression.
pub fn pattern(text: &str) -> Result<Regex, String> {
    regex(text).map_err(|complaint| sanitise::line(&complaint).into_owned())
}

/// A mistake, with a mark under it.
pub fn pointed(mistake: &Mistake) -> String {
    let said = mistake.to_string();
    format!("{}\n  {}", sanitise::line(&said), mistake.marked(2))
}
