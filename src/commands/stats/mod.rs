//! `stats`: how many, how bad, how long.

mod count;
pub mod key;
pub mod output;
pub mod tally;

use crate::commands::record_kind::{BrokenRecords, passed_over};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::Signal;
use crate::model::format::Format;
use crate::model::statistics::{Group, OTHERS, Sketch};
use crate::query::threshold::Threshold;
use crate::records::Sources;
use count::{Count, count};
use output::{Before, Report, Row, measure};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

pub use count::Counting;
pub use key::By;

/// Everything that is decided before the first record.
pub struct Plan {
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
    pub shown: Shown,
}

/// How the groups are shown.
#[derive(Debug)]
pub struct Shown {
    /// The output format.
    pub format: Format,
    /// The percentiles.
    pub percentiles: Vec<f64>,
    /// The order; none for the usual one.
    pub sort: Option<Sort>,
    /// So many groups at most.
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

/// So many groups that exceed a threshold are named.
const NAMED: usize = 10;

/// Counts, and shows the groups.
pub fn run(plan: Plan, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let interrupt = ui.host.interrupt()?;
    let mut broken = BrokenRecords::new(ui.talk);
    let mut report_broken = |source: &str, line: u64, column: u64, words: &str| {
        broken.report_words(source, line, column, words);
    };
    let Plan {
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
    let report = Report {
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

/// What stands above the keys.
fn names_of_keys(count: &Count, counting: &Counting) -> Vec<&'static str> {
    let keys = counting.grouping.keys.iter();
    let name = |by: &By| match by.name() {
        Some(name) => name,
        None if count.logs == 0 => "flow",
        None if count.logs == count.matched => "code",
        None => "key",
    };
    keys.map(name).collect()
}

/// The groups of both sets, in order.
fn rows<'a>(
    own: &'a Count,
    other: Option<&'a Count>,
    counting: &Counting,
    shown: &Shown,
) -> Vec<Row<'a>> {
    let own_groups = own.tally.groups.by_count();
    let mut rows: Vec<Row<'_>> = own_groups
        .into_iter()
        .map(|(key, group)| Row {
            parts: own.tally.parts(&counting.grouping, key),
            group: Cow::Borrowed(group),
            error: own.tally.error(key),
            before: match other {
                None => Before::Uncompared,
                Some(other) => {
                    let group = other.tally.groups.get(key);
                    group.map_or(Before::Absent, Before::Group)
                }
            },
            is_rest: key == OTHERS,
        })
        .collect();
    for (key, group) in other.iter().flat_map(|other| other.tally.groups.by_count()) {
        if own.tally.groups.get(key).is_none() {
            let tally = other.map(|other| &other.tally);
            rows.push(Row {
                parts: tally.map_or_else(Vec::new, |tally| tally.parts(&counting.grouping, key)),
                group: Cow::Owned(Group::default()),
                error: tally.and_then(|tally| tally.error(key)),
                before: Before::Group(group),
                is_rest: key == OTHERS,
            });
        }
    }
    let usual = if counting.grouping.keys[0].is_in_order() {
        Sort::Key
    } else {
        Sort::Count
    };
    sort(&mut rows, shown.sort.unwrap_or(usual));
    rows
}

fn sort(rows: &mut [Row<'_>], order: Sort) {
    // What is alike stands as it did: by count, then by key.
    match order {
        Sort::Count => rows.sort_by_key(|row| (row.is_rest, Reverse(row.group.count))),
        Sort::Errors => rows.sort_by_key(|row| (row.is_rest, Reverse(row.group.errors))),
        Sort::Key => rows.sort_by(|a, b| (a.is_rest, &a.parts).cmp(&(b.is_rest, &b.parts))),
        Sort::Rate | Sort::Percentile(_) => {
            let measured = |row: &Row<'_>| match order {
                Sort::Percentile(percent) => {
                    let sketch = row.group.values.first();
                    let found = sketch.and_then(|sketch| sketch.percentile(percent));
                    found.unwrap_or(f64::NEG_INFINITY)
                }
                _ => row.group.error_rate(),
            };
            rows.sort_by(|a, b| {
                let rest = a.is_rest.cmp(&b.is_rest);
                rest.then(measured(b).total_cmp(&measured(a)))
            });
        }
    }
}

/// Which groups are beyond which threshold.
fn exceeded(thresholds: &[(Threshold, usize)], report: &Report<'_>) -> Vec<String> {
    let mut passed = Vec::new();
    for (threshold, field) in thresholds {
        let mut more = 0;
        for row in &report.rows {
            let before = row.before.group();
            let Some(beyond) = threshold.beyond(&row.group, *field, before) else {
                continue;
            };
            if passed.len() >= NAMED {
                more += 1;
                continue;
            }
            let watched = threshold.field.as_deref().unwrap_or(report.field);
            let shown = |value: f64| match threshold.is_rate() {
                true => format!("{:.1}%", value * 100.0),
                false if threshold.needs_values() => measure(value, watched.ends_with("_ms")),
                false => format!("{value}"),
            };
            let (measured, limit) = threshold.parts();
            let before = if threshold.is_relative() {
                format!(" (before: {})", shown(beyond.other))
            } else {
                String::new()
            };
            passed.push(format!(
                "threshold exceeded: {measured} {} {limit}{before} ({})",
                shown(beyond.value),
                row.key()
            ));
        }
        if more > 0 {
            passed.push(format!("threshold exceeded by {more} more groups"));
        }
    }
    passed
}

/// What was passed over, and whom that is for.
fn left_out(count: &Count, counting: &Counting) -> Vec<String> {
    let mut said = Vec::new();
    let keys = &counting.grouping.keys;
    if count.logs_left_out > 0 {
        let why = match keys.iter().find(|by| by.is_of_events()) {
            Some(by) => format!("they do not have {}", by.needs()),
            None => "they have no event type".to_owned(),
        };
        let who =
            format!("{why}; --by code, integration, shape, stage, outcome or journey counts them");
        said.push(passed_over(count.logs_left_out, "event log", &who));
    }
    if let (true, Some(by)) = (
        count.events_left_out > 0,
        keys.iter().find(|by| by.is_of_logs()),
    ) {
        let who = format!(
            "they do not have {}; --by flow, trigger, type or status counts them",
            by.needs()
        );
        said.push(passed_over(count.events_left_out, "sys event", &who));
    }
    if count.others > 0 {
        let who = crate::commands::record_kind::TAKE_OTHERS;
        said.push(passed_over(count.others, "other record", who));
    }
    let left = count.logs_left_out + count.events_left_out;
    if count.matched == 0 && count.records > left {
        let reasons = count.no_match.reasons(&counting.filter);
        let first = format!("0 of {} records matched", count.records - left);
        said.push(
            std::iter::once(first)
                .chain(reasons)
                .collect::<Vec<_>>()
                .join("; "),
        );
    }
    said
}

/// What no record has, of what was asked for.
fn unmet(
    count: &Count,
    counting: &Counting,
    field_is_wanted: bool,
    fail_on: &[(Threshold, usize)],
) -> Vec<String> {
    if count.matched == 0 {
        return Vec::new();
    }
    let found = count.tally.groups.by_count();
    if found.is_empty() {
        let needs = counting.grouping.keys.iter().map(|by| by.needs());
        let needs = needs.collect::<Vec<_>>().join(" and ");
        return vec![format!("no record has {needs}")];
    }
    let wanted = counting
        .grouping
        .fields
        .iter()
        .enumerate()
        .filter(|(at, _)| {
            let mut limited = fail_on.iter();
            (*at == 0 && field_is_wanted)
                || limited.any(|(threshold, field)| field == at && threshold.needs_values())
        });
    let absent = wanted.filter(|(at, _)| {
        let mut sketches = found.iter().filter_map(|(_, group)| group.values.get(*at));
        sketches.all(|sketch| Sketch::count(sketch) == 0)
    });
    absent
        .map(|(_, field)| format!("no record has a number in '{field}'"))
        .collect()
}
