//! What a count left out, and what no record had.

use super::count::{Count, Counting};
use super::key::By;
use crate::commands::record_kind::{TAKE_OTHERS, passed_over};
use crate::failure::Failure;
use crate::model::statistics::Sketch;
use crate::model::sys_event::SYS_MEMBERS;
use crate::model::text::did_you_mean;
use crate::query::threshold::Threshold;

/// The records that were skipped, and which command takes them.
pub fn left_out(count: &Count, counting: &Counting) -> Vec<String> {
    let mut said = Vec::new();
    let keys = &counting.grouping.keys;
    if count.logs_left_out > 0 {
        let why = match keys.iter().find(|by| by.is_of_events()) {
            Some(by) => format!("without {}", by.needs()),
            None => "without an event type".to_owned(),
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
            "without {}; --by flow, trigger, type or status counts them",
            by.needs()
        );
        said.push(passed_over(count.events_left_out, "sys event", &who));
    }
    // That no record at all has it is said otherwise.
    if count.without_key > 0 && !count.tally.groups.is_empty() {
        let needs = needs(count, counting).join(" or ");
        let who = format!("without {needs}{}", counted_by(count, counting));
        said.push(passed_over(count.without_key, "record", &who));
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

/// What a record needs in order to be counted: one thing a key.
fn needs(count: &Count, counting: &Counting) -> Vec<&'static str> {
    let keys = counting.grouping.keys.iter();
    let needs = keys.filter(|by| **by != By::Error || count.tally.groups.is_empty());
    let needs = needs.map(|by| match by {
        By::Default if count.logs == 0 => By::Flow.needs(),
        By::Default if count.logs == count.matched => By::Code.needs(),
        by => by.needs(),
    });
    needs.collect()
}

/// What counts records that lack a key.
fn counted_by(count: &Count, counting: &Counting) -> &'static str {
    let is_of_events = |by: &By| *by == By::Default || by.is_of_events();
    if count.logs == 0 && counting.grouping.keys.iter().any(is_of_events) {
        "; --by type counts them"
    } else {
        ""
    }
}

/// Rejects a threshold on a field that no record has a number in and none need have: it would never
/// be exceeded.
pub fn unknown_field(count: &Count, fail_on: &[(Threshold, usize)]) -> Result<(), Failure> {
    if count.matched == 0 {
        return Ok(());
    }
    let groups = count.tally.groups.by_count();
    let has_number = |at: usize| {
        let mut sketches = groups.iter().filter_map(|(_, group)| group.values.get(at));
        sketches.any(|sketch| Sketch::count(sketch) > 0)
    };
    let numbers = || SYS_MEMBERS.iter().filter(|member| member.may_be_number());
    let is_documented = |name: &str| {
        let name = name.strip_prefix("data.").unwrap_or(name);
        numbers().any(|member| member.name == name)
    };
    for (threshold, at) in fail_on {
        let name = threshold.field.as_deref();
        if let Some(name) = name.filter(|name| !is_documented(name) && !has_number(*at)) {
            let known = numbers().map(|member| member.name).collect::<Vec<_>>();
            let guess = did_you_mean(name, known.iter().copied());
            let text = &threshold.text;
            return Err(Failure::usage(format!(
                "--fail-on '{text}': no record has a number in '{name}'{guess}"
            ))
            .hint(format!("documented numbers are {}", known.join(", "))));
        }
    }
    Ok(())
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
        let needs = needs(count, counting).join(" and ");
        let by = counted_by(count, counting);
        return vec![format!("no record has {needs}{by}")];
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
