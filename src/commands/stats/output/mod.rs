//! Groups and their numbers: tables for people, rows for machines.

mod errors;
mod table;

use super::tally::ErrorGroup;
use crate::model::duration::plain_duration;
use crate::model::format::Format;
use crate::model::statistics::{Group, number};
use crate::model::timestamp::Zone;
use crate::render::{Page, json, sanitise};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::time::Duration;

pub use table::group_table;

/// A group as it is shown.
#[derive(Debug)]
pub struct GroupRow<'a> {
    /// Its keys.
    pub parts: Vec<String>,
    /// What was counted.
    pub group: Cow<'a, Group>,
    /// What its errors have in common.
    pub error: Option<&'a ErrorGroup>,
    /// The same group of the other set.
    pub before: Before<'a>,
    /// Whether it is what there was no room for.
    pub is_rest: bool,
}

/// A group of the other set.
#[derive(Clone, Copy, Debug)]
pub enum Before<'a> {
    /// There is no other set.
    Uncompared,
    /// It has no such group.
    Absent,
    /// It has this one.
    Group(&'a Group),
}

impl<'a> Before<'a> {
    /// The group, if there is one.
    pub fn group(self) -> Option<&'a Group> {
        match self {
            Before::Group(group) => Some(group),
            Before::Uncompared | Before::Absent => None,
        }
    }
}

impl GroupRow<'_> {
    /// Its keys as one.
    pub fn key(&self) -> String {
        self.parts.join(" / ")
    }
}

/// Everything that is shown.
#[derive(Debug)]
pub struct StatsReport<'a> {
    /// The groups, in order.
    pub rows: Vec<GroupRow<'a>>,
    /// All of them as one.
    pub total: Group,
    /// The same of the other set.
    pub total_before: Option<Group>,
    /// The names of the keys.
    pub keys: Vec<&'static str>,
    /// Whether errors alone are the key.
    pub by_error: bool,
    /// The field whose values are shown.
    pub field: &'a str,
    /// The percentiles.
    pub percentiles: &'a [f64],
    /// How many groups to show at most.
    pub top: Option<usize>,
    /// The zone of times.
    pub zone: Zone,
}

impl StatsReport<'_> {
    /// The groups that are shown.
    fn shown(&self) -> &[GroupRow<'_>] {
        let most = self.top.unwrap_or(usize::MAX).min(self.rows.len());
        &self.rows[..most]
    }

    /// The groups in the page's format.
    pub fn render(&self, page: &Page) -> Vec<u8> {
        let rows = || self.shown().iter().map(|row| self.json(row));
        match page.format {
            Format::Json => json::array(&rows().collect::<Vec<_>>()),
            Format::Ndjson => rows().flat_map(|row| json::line(&row)).collect(),
            Format::Csv => self.csv(),
            Format::Human if self.by_error && self.total_before.is_none() => {
                errors::render(self, page).into_bytes()
            }
            _ => table::render(self, page),
        }
    }

    /// A group as a row of JSON.
    fn json(&self, row: &GroupRow<'_>) -> Map<String, Value> {
        let mut json = row.group.row(&row.key(), self.percentiles);
        if row.parts.len() > 1 {
            json.insert("keys".into(), row.parts.clone().into());
        }
        if let Some(error) = row.error {
            let text = |time: &Option<_>| {
                let written = time.as_ref().map(|(_, text): &(_, String)| text.clone());
                written.map_or(Value::Null, Value::String)
            };
            json.insert("first".into(), text(&error.first));
            json.insert("last".into(), text(&error.last));
            let flows = error.flows.iter().cloned().collect::<Vec<_>>();
            json.insert("flows".into(), flows.into());
            let mut parts = row.parts.iter();
            let advice = parts.find_map(|part| ErrorGroup::advice(part));
            json.insert("advice".into(), advice.map_or(Value::Null, Value::from));
            json.insert("disabled".into(), error.is_disabled.into());
        }
        if !matches!(row.before, Before::Uncompared) {
            let before = row.before.group();
            let measures = before.map(|before| {
                let mut row = before.row("", self.percentiles);
                row.shift_remove("key");
                row
            });
            let change = before.map(|before| self.change(&row.group, before));
            json.insert("against".into(), measures.into());
            json.insert("change".into(), change.into());
        }
        json
    }

    /// Each measure of this set over the same of the other.
    fn change(&self, own: &Group, before: &Group) -> Map<String, Value> {
        let (own, before) = (
            own.row("", self.percentiles),
            before.row("", self.percentiles),
        );
        let changes = own.iter().filter_map(|(name, value)| {
            let (value, before) = (value.as_f64()?, before.get(name)?.as_f64()?);
            let change = if before == 0.0 {
                Value::Null
            } else {
                number(value / before)
            };
            Some((name.clone(), change))
        });
        changes.collect()
    }

    fn csv(&self) -> Vec<u8> {
        let mut header: Vec<String> = vec!["key".into()];
        let empty = Group::default().row("", self.percentiles);
        header.extend(empty.keys().skip(1).cloned());
        let extra = ["first", "last", "flows", "advice", "disabled"];
        let has_errors = self.rows.iter().any(|row| row.error.is_some());
        if has_errors {
            header.extend(extra.map(str::to_owned));
        }
        let measures: Vec<String> = empty.keys().skip(1).cloned().collect();
        if self.total_before.is_some() {
            let named =
                |what: &'static str| measures.iter().map(move |name| format!("{what}.{name}"));
            header.extend(named("against").chain(named("change")).collect::<Vec<_>>());
        }
        let rows = self.shown().iter().map(|row| {
            let json = self.json(row);
            let cell = |name: &String| {
                let value = match name.split_once('.') {
                    Some((outer @ ("against" | "change"), inner)) => {
                        json.get(outer).and_then(|inside| inside.get(inner))
                    }
                    _ => json.get(name),
                };
                plain(value.unwrap_or(&Value::Null))
            };
            header.iter().map(cell).collect()
        });
        let rows = rows.collect::<Vec<_>>();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        crate::render::table::csv(&header, rows)
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => sanitise::line(text).into_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A value in its unit.
pub fn measure(value: f64, millis: bool) -> String {
    if millis && (0.0..1e13).contains(&value) {
        plain_duration(Duration::from_secs_f64(value / 1000.0))
    } else {
        plain(&number(value))
    }
}
