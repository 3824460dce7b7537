//! Which events are meant, by the flags that several subcommands share.

use super::{Context, complete};
use crate::failure::Failure;
use crate::model::duration::parse_duration;
use crate::model::field;
use crate::model::sanitise;
use crate::model::timestamp::Timestamp;
use crate::query::QueryError;
use crate::query::condition::Condition;
use crate::query::expression::{Expression, regex};
use crate::query::filter::Filter;
use crate::query::glob::Globs;
use crate::query::window::Window;
use clap::builder::TypedValueParser;
use regex::Regex;

/// The stretch of time between two instants as they were typed.
pub fn window(
    since: Option<&str>,
    before: Option<&str>,
    context: &Context<'_>,
) -> Result<Window, Failure> {
    let instant = |flag: &str, text: Option<&str>| {
        text.map(|text| instant_or_ago(flag, text, context))
            .transpose()
    };
    let window = Window {
        since: instant("--since", since)?,
        before: instant("--before", before)?,
    };
    match (window.since, window.before) {
        (Some(since), Some(before)) if since >= before => Err(Failure::usage(format!(
            "--since ({}) is not before --before ({})",
            since.rfc3339(),
            before.rfc3339()
        ))),
        _ => Ok(window),
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
    /// Only from this time on: yesterday, today, 22:00, 2026-11-25, '2026-11-25 22:00', RFC 3339, epoch, or how long ago (3h)
    #[arg(long, value_name = "TIME|DUR", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only before this time; the same forms
    #[arg(long, value_name = "TIME|DUR", allow_hyphen_values = true)]
    before: Option<String>,
}

impl EventFilterArgs {
    /// The filter; `kind` is the kind of events that are shown.
    pub fn filter(
        &self,
        kind: Option<&'static str>,
        documented: Documented,
        context: &Context<'_>,
    ) -> Result<Filter, Failure> {
        let mut types = Globs::default();
        for globs in &self.types {
            types.extend(globs.clone());
        }
        documented.types("--type", &types)?;
        for expression in &self.expressions {
            documented.fields("--where", expression.misspelt())?;
        }
        Ok(Filter {
            types,
            kind,
            triggers: self.trigger.clone(),
            flows: self.flow.clone(),
            expressions: self.expressions.clone(),
            window: window(self.since.as_deref(), self.before.as_deref(), context)?,
            ..Filter::default()
        })
    }
}

/// What is known of the events before the first one: a name that is nearly a documented one is most
/// likely mistyped.
#[derive(Clone, Copy, Debug)]
pub struct Documented {
    /// Whether their types are those of the server. Types of flows are free.
    pub types: bool,
    /// Whether their envelopes are SyncHive's own. Others have members of any name.
    pub fields: bool,
    /// Whether `--kind` chooses events of flows as well.
    pub has_kind: bool,
}

impl Documented {
    /// Checks types.
    pub fn types(self, flag: &str, globs: &Globs) -> Result<(), Failure> {
        match globs.undocumented() {
            Some(message) if self.types => {
                let kind = if self.has_kind {
                    ", and for one of a flow --kind usr or all"
                } else {
                    ""
                };
                Err(Failure::usage(format!("{flag}: {message}")).hint(format!(
                    "'hivelog codes sys' lists the types; for a type of a newer server use a glob{kind}"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Checks names of fields, of which one may be unknown.
    pub fn fields(self, flag: &str, error: Option<QueryError>) -> Result<(), Failure> {
        match error {
            Some(error) if self.fields => {
                let place = error.marked("  help: ".len());
                Err(Failure::usage(format!("{flag}: {error}")).hint(place))
            }
            _ => Ok(()),
        }
    }
}

/// Rejects a name that is nearly that of a documented field.
pub fn check_names<'n>(
    flag: &str,
    mut names: impl Iterator<Item = &'n String>,
) -> Result<(), Failure> {
    let mistake = names.find_map(|name| Some((name, field::misspelt(name)?)));
    match mistake {
        None => Ok(()),
        Some((name, guess)) => Err(Failure::usage(format!(
            "{flag}: unknown field '{name}', {guess}"
        ))),
    }
}

/// Reads type globs.
fn globs(text: &str) -> Result<Globs, String> {
    Globs::parse(text).map_err(|complaint| sanitise::line(&complaint).into_owned())
}

/// Reads an expression of `--where`.
fn expression(text: &str) -> Result<Expression, String> {
    Expression::parse(text).map_err(|error| pointed(&error))
}

/// Reads a condition.
pub fn condition(text: &str) -> Result<Condition, String> {
    Condition::parse(text).map_err(|error| pointed(&error))
}

/// Reads a regular expression.
pub fn pattern(text: &str) -> Result<Regex, String> {
    regex(text).map_err(|complaint| sanitise::line(&complaint).into_owned())
}

/// An error, with a mark under it.
pub fn pointed(error: &QueryError) -> String {
    let message = error.to_string();
    format!("{}\n  {}", sanitise::line(&message), error.marked(2))
}
