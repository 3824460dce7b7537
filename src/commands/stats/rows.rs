//! The groups of one set or two as rows, in order.

use super::count::{Count, Counting};
use super::key::By;
use super::output::{Before, GroupRow};
use super::{Sort, StatsDisplay};
use crate::model::statistics::{Group, OTHERS};
use std::borrow::Cow;
use std::cmp::Reverse;

/// What stands above the keys.
pub fn names_of_keys(count: &Count, counting: &Counting) -> Vec<&'static str> {
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
pub fn rows<'a>(
    own: &'a Count,
    other: Option<&'a Count>,
    counting: &Counting,
    shown: &StatsDisplay,
) -> Vec<GroupRow<'a>> {
    let own_groups = own.tally.groups.by_count();
    let mut rows: Vec<GroupRow<'_>> = own_groups
        .into_iter()
        .map(|(key, group)| GroupRow {
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
            rows.push(GroupRow {
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

fn sort(rows: &mut [GroupRow<'_>], order: Sort) {
    // What is alike stands as it did: by count, then by key.
    match order {
        Sort::Count => rows.sort_by_key(|row| (row.is_rest, Reverse(row.group.count))),
        Sort::Errors => rows.sort_by_key(|row| (row.is_rest, Reverse(row.group.errors))),
        Sort::Key => rows.sort_by(|a, b| (a.is_rest, &a.parts).cmp(&(b.is_rest, &b.parts))),
        Sort::Rate | Sort::Percentile(_) => {
            let measured = |row: &GroupRow<'_>| match order {
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
