//! Which records of the spool are meant.

use super::place::PlaceArgs;
use crate::cli::filter::instant_or_ago;
use crate::cli::{Context, complete};
use crate::commands::ask::Confirmation;
use crate::commands::spool::{RecordState, Selection};
use crate::failure::Failure;

/// Which records are meant. What is given must all hold; of several ids one is enough.
#[derive(Debug, clap::Args)]
pub struct SelectArgs {
    /// Ids, or the beginnings or ends of them
    #[arg(value_name = "ID", add = complete::spool_ids())]
    ids: Vec<String>,
    /// Only records that were rejected for good
    #[arg(long, conflicts_with = "ready")]
    dead: bool,
    /// Only records that are still to be sent
    #[arg(long)]
    ready: bool,
    /// Only records with this event code
    #[arg(long, value_name = "GLOB", value_parser = complete::codes(), hide_possible_values = true)]
    code: Option<String>,
    /// Only records of this journey: a correlation id, or 8 characters or more of its beginning
    #[arg(long, value_name = "ID")]
    journey: Option<String>,
    /// Only records for this address, or addresses that begin with it
    #[arg(long, value_name = "URL")]
    destination: Option<String>,
    /// Only records accepted since this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    #[command(flatten)]
    pub(super) spool: PlaceArgs,
}

impl SelectArgs {
    /// The same, without dead records unless they are asked for: what was rejected must not be sent
    /// again by accident, as by 'export | emit -'.
    pub(super) fn sendable(&self, context: &Context<'_>) -> Result<Selection, Failure> {
        let mut selection = self.selection(context)?;
        if selection.state.is_none() && selection.ids.is_empty() {
            selection.state = Some(RecordState::Ready);
        }
        Ok(selection)
    }

    pub(super) fn selection(&self, context: &Context<'_>) -> Result<Selection, Failure> {
        let code = self.code.as_deref().map(Selection::codes);
        let since = self.since.as_deref();
        let since = since.map(|text| instant_or_ago("--since", text, context));
        let state = [
            (self.dead, RecordState::Dead),
            (self.ready, RecordState::Ready),
        ];
        Ok(Selection {
            state: state
                .into_iter()
                .find_map(|(wanted, state)| wanted.then_some(state)),
            code: code.transpose()?,
            journey: self.journey.clone(),
            destination: self.destination.clone(),
            since: since.transpose()?.map(|since| since.millis()),
            ids: self.ids.clone(),
        })
    }
}

/// Which records are changed.
#[derive(Debug, clap::Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// All records, or all that the other options select
    #[arg(long)]
    all: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

impl ChangeArgs {
    /// What is chosen, and who is asked whether it is meant.
    pub(super) fn chosen<'a>(
        &self,
        command: &'static str,
        always_asks: bool,
        context: &Context<'a>,
    ) -> Result<(Selection, Option<Confirmation<'a>>), Failure> {
        let selection = self.select.selection(context)?;
        if selection.is_everything() && !self.all {
            return Err(Failure::usage(format!("{command}: no records selected"))
                .hint("give ids, selectors such as --dead or --code, or --all"));
        }
        let confirmation = Confirmation {
            host: context.host,
            no_input: context.global.no_input,
            command,
        };
        let asks = (always_asks || self.all) && !self.yes;
        Ok((selection, asks.then_some(confirmation)))
    }
}
