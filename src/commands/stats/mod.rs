//! `stats`: how many, how bad, how long.

mod count;
mod exceeded;
pub mod key;
pub mod output;
mod remarks;
mod rows;
pub mod tally;

use crate::commands::named_ids::learn_names;
use crate::commands::record_kind::BrokenRecords;
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::Signal;
use crate::model::format::Format;
use crate::query::threshold::Threshold;
use crate::records::Sources;
use crate::wire::envelope::Layout;
use count::{Count, count};
use exceeded::exceeded;
use output::StatsReport;
use remarks::{left_out, unknown_field, unmet};
use rows::{names_of_keys, rows};
use std::sync::Arc;

pub use count::Counting;
pub use key::By;

/// Everything that is decided before the first record.
pub struct StatsPlan {
    /// Which records are counted, and how.
    pub counting: Arc<Counting>,
    /// The input.
    pub sources: Sources,
    /// A second set, which is counted alike.
    pub against: Option<Sources>,
    /// Whether the first field was asked for.
    pub field_is_wanted: bool,
    /// Thresholds, each with the place of its field.
    pub fail_on: Vec<(Threshold, usize)>,
    /// Whether an input without records is fine.
    pub allow_empty: bool,
    /// How the groups are shown.
    pub shown: StatsDisplay,
}

/// How the groups are shown.
#[derive(Debug)]
pub struct StatsDisplay {
    /// The output format.
    pub format: Format,
    /// The percentiles.
    pub percentiles: Vec<f64>,
    /// The order; none for the usual one.
    pub sort: Option<Sort>,
    /// How many groups to show at most.
    pub top: Option<usize>,
}

/// The order of groups: the largest first, but for their keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sort {
    /// By how many records they have.
    Count,
    /// By how many of them are bad.
    Errors,
    /// By the share of those.
    Rate,
    /// By a percentile.
    Percentile(f64),
    /// By their keys.
    Key,
}

/// Counts, and shows the groups.
pub fn run(plan: StatsPlan, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let mut counting = plan.counting;
    let mut is_read_once = false;
    let sets = [Some(&plan.sources), plan.against.as_ref()];
    if let Some(Counting { filter, .. }) = Arc::get_mut(&mut counting)
        && filter.asks_names()
    {
        for set in sets.into_iter().flatten() {
            match set.again() {
                Some(set) => learn_names(filter, set, Layout::default(), &ui.host.interrupt()?),
                None => is_read_once = true,
            }
        }
    }
    let (mut own, mut other, signal) = count_sets(&counting, plan.sources, plan.against, ui)?;
    let unreadable = unreadable(&mut own, other.as_mut())?;
    if signal.is_none() {
        if own.records == 0 && own.others == 0 && !plan.allow_empty {
            return Err(Failure::empty_input("records")
                .hint("--allow-empty accepts an input without records"));
        }
        unknown_field(&own, &plan.fail_on)?;
    }
    if is_read_once
        && [Some(&own), other.as_ref()]
            .iter()
            .flatten()
            .any(|set| set.is_by_name)
    {
        ui.talk.notice(READ_ONCE);
    }
    let report = StatsReport {
        rows: rows(&own, other.as_ref(), &counting, &plan.shown),
        total: own.tally.groups.total(),
        total_before: other.as_ref().map(|other| other.tally.groups.total()),
        keys: names_of_keys(&own, &counting),
        by_error: counting.grouping.keys == [By::Error],
        field: &counting.grouping.fields[0],
        percentiles: &plan.shown.percentiles,
        top: plan.shown.top,
        zone: counting.grouping.zone,
    };
    ui.print(&report.render(&ui.page(plan.shown.format)))?;
    if let Some(exit) = signal.map(Signal::exit) {
        return Ok(exit);
    }
    let passed = exceeded(&plan.fail_on, &report);
    let left_out = left_out(&own, &counting);
    let unmet = unmet(&own, &counting, plan.field_is_wanted, &plan.fail_on);
    for text in left_out.iter().chain(&unmet).chain(&passed) {
        ui.talk.notice(text);
    }
    match unreadable {
        Some(failure) => Err(failure),
        None if passed.is_empty() => Ok(Exit::Yes),
        None => Ok(Exit::No),
    }
}

/// What could not be read, where something was counted all the same.
fn unreadable(own: &mut Count, other: Option<&mut Count>) -> Result<Option<Failure>, Failure> {
    let mut unreadable = None;
    for set in [Some(own), other].into_iter().flatten() {
        match set.unreadable.take() {
            Some(failure) if set.records == 0 => return Err(failure),
            failure => unreadable = unreadable.or(failure),
        }
    }
    Ok(unreadable)
}

/// What is missing where a name is asked for and the input cannot be read for its ids first.
const READ_ONCE: &str = "standard input and pipes can be read only once: events that have the id alone, and not the name, are not counted; a file would be read twice";

/// Counts both sets, as far as no signal stops it, and reports what cannot be read.
fn count_sets(
    counting: &Arc<Counting>,
    own: Sources,
    against: Option<Sources>,
    ui: &Ui<'_>,
) -> Result<(Count, Option<Count>, Option<Signal>), Failure> {
    let interrupt = ui.host.interrupt()?;
    let mut broken = BrokenRecords::default();
    let mut counted = |sources| {
        count(counting, sources, &interrupt, &mut |place, words| {
            if let Some(text) = broken.report_words(place, words) {
                ui.talk.notice(&text);
            }
        })
    };
    let (own, mut signal) = counted(own);
    let mut other = None;
    if let (Some(sources), None) = (against, &signal) {
        let (count, stopped) = counted(sources);
        (other, signal) = (Some(count), stopped);
    }
    if let Some(text) = broken.rest() {
        ui.talk.notice(&text);
    }
    Ok((own, other, signal))
}
