//! What a count left out, and what no record had.

use super::count::{Count, Counting};
use crate::commands::record_kind::{TAKE_OTHERS, passed_over};
use crate::model::statistics::Sketch;
use crate::query::threshold::Threshold;

/// The records that were passed over, and which command takes them.
pub fn left_out(count: &Count, counting: &Counting) -> Vec<String> {
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
        said.push(passed_over(count.others, "other record", TAKE_OTHERS));
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
pub fn unmet(
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
