//! `stats`: how many, how bad, how long.

mod count;
mod exceeded;
pub mod key;
pub mod output;
mod remarks;
mod rows;
pub mod tally;

use crate::commands::record_kind::BrokenRecords;
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::Signal;
use crate::model::format::Format;
use crate::query::threshold::Threshold;
use crate::records::Sources;
use count::count;
use exceeded::exceeded;
use output::StatsReport;
use remarks::{left_out, unmet};
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
    let interrupt = ui.host.interrupt()?;
    let mut broken = BrokenRecords::new(ui.talk);
    let mut report_broken = |source: &str, line: u64, column: u64, words: &str| {
        broken.report_words(source, line, column, words);
    };
    let StatsPlan {
        counting,
        sources,
        against,
        ..
    } = plan;
    let (own, mut signal, failed) = count(&counting, sources, &interrupt, &mut report_broken);
    if let Some(failure) = failed {
        return Err(failure);
    }
    let mut other = None;
    if let (Some(sources), None) = (against, &signal) {
        let (counted, stopped, failed) = count(&counting, sources, &interrupt, &mut report_broken);
        if let Some(failure) = failed {
            return Err(failure);
        }
        (other, signal) = (Some(counted), stopped);
    }
    broken.finish();
    if own.records == 0 && own.others == 0 && signal.is_none() && !plan.allow_empty {
        return Err(Failure::input("there is no record in the input")
            .hint("--allow-empty accepts an input without records"));
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
    let remarks = left_out(&own, &counting).into_iter().chain(unmet(
        &own,
        &counting,
        plan.field_is_wanted,
        &plan.fail_on,
    ));
    for text in remarks.chain(passed.iter().cloned()) {
        ui.talk.notice(&text);
    }
    Ok(if passed.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    })
}
