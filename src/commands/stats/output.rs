//! Groups and their numbers: tables for people, rows for machines, and the summary of `tail`.

use super::Shown;
use crate::model::event::Event;
use crate::model::format::Format;
use crate::model::statistics::{Group, Groups, Sketch};
use crate::model::sys_event::{Severity, SysMember};
use crate::model::timestamp::plain_duration;
use crate::model::trigger::TriggerKind;
use crate::render::theme::{Styled, Theme};
use crate::render::{json, sanitise, table};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

/// The groups in one of the formats of `stats`.
pub fn groups(groups: &[(&str, &Group)], shown: &Shown, width: usize) -> Vec<u8> {
    let Shown {
        format,
        percentiles,
        field,
    } = shown;
    let rows: Vec<_> = groups
        .iter()
        .map(|(key, group)| group.row(key, percentiles))
        .collect();
    match format {
        Format::Json => json::array(&rows),
        Format::Ndjson => rows.iter().flat_map(json::line).collect(),
        _ => {
            let mut header = vec![
                "key".to_owned(),
                "count".into(),
                "errors".into(),
                "errorRate".into(),
            ];
            header.extend(["min".to_owned(), "mean".to_owned()]);
            header.extend(percentiles.iter().map(|percent| format!("p{percent}")));
            header.push("max".to_owned());
            let header: Vec<&str> = header.iter().map(String::as_str).collect();
            if *format == Format::Csv {
                return table::csv(
                    &header,
                    rows.iter().map(|row| row.values().map(plain).collect()),
                );
            }
            let millis = field.ends_with("_ms");
            let cells = rows.iter().map(|row| {
                row.iter()
                    .map(|(name, value)| match (name.as_str(), value.as_f64()) {
                        ("errorRate", Some(rate)) => format!("{:.1}%", rate * 100.0),
                        ("key" | "count" | "errors", _) | (_, None) => plain(value),
                        (_, Some(number)) => measure(number, millis).replace(' ', ""),
                    })
                    .collect()
            });
            table::render(&header, cells, width)
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => sanitise::line(text).into_owned(),
        other => other.to_string(),
    }
}

fn measure(number: f64, millis: bool) -> String {
    if millis && (0.0..1e13).contains(&number) {
        plain_duration(Duration::from_secs_f64(number / 1000.0))
    } else {
        format!("{number}")
    }
}

/// What `tail --summary` counts.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// By type.
    pub types: Groups,
    /// Runs by flow, with their durations.
    pub flows: Groups,
    /// All events.
    pub events: u64,
    /// Those that are bad.
    pub bad: u64,
    /// The names of flows by id: not every event repeats them.
    names: HashMap<String, String>,
}

/// How many flows' names are remembered.
const REMEMBERED: usize = 4096;

impl Summary {
    /// Counts an event; records of our own are none.
    pub fn add(&mut self, event: &Event<'_>) {
        if event.kind == "hivelog" {
            return;
        }
        let bad = Severity::of(&event.event_type) == Severity::Bad;
        self.events += 1;
        self.bad += u64::from(bad);
        self.types.add(&event.event_type, bad, []);
        if TriggerKind::of(&event.event_type).is_some() {
            let facts = event.facts();
            let (id, name) = (
                facts.text(SysMember::FlowId),
                facts.text(SysMember::FlowName),
            );
            if let (Some(id), Some(name)) = (id, name)
                && self.names.len() < REMEMBERED
                && !self.names.contains_key(id)
            {
                self.names.insert(id.to_owned(), name.to_owned());
            }
            let known = || self.names.get(id?).map(String::as_str);
            if let Some(flow) = name.or_else(known).or(id) {
                self.flows
                    .add(flow, bad, [facts.number(SysMember::DurationMs)]);
            }
        }
    }

    /// The summary as one JSON object.
    pub fn json(&self) -> Value {
        let flows: Vec<Value> = self
            .flows
            .by_count()
            .iter()
            .map(|(key, group)| Value::Object(group.row(key, &[50.0, 90.0, 99.0])))
            .collect();
        let types: serde_json::Map<String, Value> = self
            .types
            .by_count()
            .iter()
            .map(|(key, group)| ((*key).to_owned(), group.count.into()))
            .collect();
        json!({"kind": "hivelog", "type": "hivelog.summary", "events": self.events, "bad": self.bad,
            "types": types, "flows": flows})
    }

    /// The summary for people, at most `width` columns wide, with so many types and flows.
    pub fn text(&self, width: usize, rows: usize, theme: &Theme) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{} events, {} bad",
            Styled(theme.name, self.events),
            self.bad
        );
        let types = self.types.by_count();
        let widest = types
            .iter()
            .map(|(_, group)| group.count.to_string().len())
            .max()
            .unwrap_or(1);
        for (key, group) in types.iter().take(rows) {
            let style = if group.errors > 0 {
                theme.error
            } else {
                theme.dim
            };
            let key = sanitise::line(key);
            let _ = writeln!(out, "  {:>widest$}  {}", group.count, Styled(style, key));
        }
        more(&mut out, types.len(), rows);
        let flows = self.flows.by_count();
        if flows.is_empty() {
            return out;
        }
        let _ = writeln!(
            out,
            "{}",
            Styled(
                theme.heading,
                format!(
                    "{:24} {:>7} {:>7} {:>9} {:>9} {:>9}",
                    "FLOW", "RUNS", "ERRORS", "P50", "P90", "P99"
                )
            )
        );
        let bins = width.saturating_sub(72).clamp(0, 24);
        for (key, group) in flows.iter().take(rows) {
            let sketch = group.values.first();
            let percentile = |percent| {
                sketch
                    .and_then(|sketch| sketch.percentile(percent))
                    .map_or_else(String::new, |millis| measure(millis, true))
            };
            let key: String = sanitise::line(key).chars().take(24).collect();
            let _ = write!(
                out,
                "{key:24} {:>7} {:>6.1}% {:>9} {:>9} {:>9}",
                group.count,
                group.error_rate() * 100.0,
                percentile(50.0),
                percentile(90.0),
                percentile(99.0)
            );
            if let (Some(sketch), true) = (sketch, bins >= 8) {
                let _ = write!(out, "  {}", bars(sketch, bins));
            }
            out.push('\n');
        }
        more(&mut out, flows.len(), rows);
        out
    }
}

fn more(out: &mut String, count: usize, rows: usize) {
    if count > rows {
        let _ = writeln!(out, "  … and {} more", count - rows);
    }
}

/// A histogram in eighth blocks.
fn bars(sketch: &Sketch, bins: usize) -> String {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let counts = sketch.histogram(bins);
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    counts
        .iter()
        .map(|count| {
            let eighths = usize::try_from(count * 8 / most).unwrap_or(8);
            // What is there is seen, however little.
            BLOCKS[eighths.max(usize::from(*count > 0)).min(8)]
        })
        .collect()
}
