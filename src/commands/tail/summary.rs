//! What stands for the events with `--summary`: the tables of `stats`.

use crate::commands::stats::By;
use crate::commands::stats::key::Counted;
use crate::commands::stats::output::{Before, GroupRow, StatsReport, group_table};
use crate::commands::stats::tally::{Grouping, Tally};
use crate::model::event::Event;
use crate::model::format::Format;
use crate::model::statistics::Group;
use crate::model::sys_event::{Severity, SysMember};
use crate::model::text::counted;
use crate::model::timestamp::Zone;
use crate::model::trigger::TriggerKind;
use crate::render::fit::cut;
use crate::render::theme::Styled;
use crate::render::{Page, sanitise};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::fmt::Write;

/// How many rows of each table are shown: what is live must fit on a small terminal.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    types: usize,
    flows: usize,
    errors: usize,
}

impl Rows {
    /// On a terminal of 24 lines, with everything around the rows.
    pub const LIVE: Rows = Rows {
        types: 5,
        flows: 5,
        errors: 3,
    };
    /// At the end.
    pub const ALL: Rows = Rows {
        types: 20,
        flows: 20,
        errors: 20,
    };
}

/// What is counted.
#[derive(Clone, Debug)]
pub struct Summary {
    types: SummaryCounter,
    flows: SummaryCounter,
    errors: SummaryCounter,
    events: u64,
    bad: u64,
}

#[derive(Clone, Debug)]
struct SummaryCounter {
    grouping: Grouping,
    tally: Tally,
}

impl SummaryCounter {
    fn by(key: By, fields: &[&str], zone: Zone) -> SummaryCounter {
        SummaryCounter {
            grouping: Grouping {
                keys: vec![key],
                fields: fields.iter().map(|field| (*field).to_owned()).collect(),
                zone,
            },
            tally: Tally::default(),
        }
    }

    /// What was counted, under names as far as they are known by now.
    fn named(&self) -> Tally {
        let mut tally = self.tally.clone();
        tally.resolve_names();
        tally
    }
}

const PERCENTILES: [f64; 3] = [50.0, 90.0, 99.0];

impl Summary {
    /// Nothing has come yet.
    pub fn new(zone: Zone) -> Summary {
        Summary {
            types: SummaryCounter::by(By::Type, &[], zone),
            flows: SummaryCounter::by(By::Flow, &["duration_ms"], zone),
            errors: SummaryCounter::by(By::Error, &[], zone),
            events: 0,
            bad: 0,
        }
    }

    /// Counts an event; records of our own are none.
    pub fn add(&mut self, event: &Event<'_>) {
        if event.kind == "hivelog" {
            return;
        }
        let is_bad = Severity::of(&event.event_type) == Severity::Bad;
        self.events += 1;
        self.bad += u64::from(is_bad);
        let counted = Counted::Event(event);
        let numbers = [event.facts().number(SysMember::DurationMs)];
        let add = |counter: &mut SummaryCounter| {
            let watched = counter.grouping.fields.len();
            let numbers = &numbers[..watched];
            let _ = counter.tally.add(&counter.grouping, &counted, numbers, "");
        };
        add(&mut self.types);
        if TriggerKind::of(&event.event_type).is_some() {
            add(&mut self.flows);
        }
        if is_bad {
            add(&mut self.errors);
        }
    }

    /// The summary as one JSON object.
    pub fn json(&self) -> Value {
        let row = |(key, group): &(&str, &Group)| Value::Object(group.row(key, &PERCENTILES));
        let flows = self.flows.named();
        let flows: Vec<Value> = flows.groups.by_count().iter().map(row).collect();
        let errors = self.errors.named();
        let errors: Vec<Value> = self
            .error_report(&errors)
            .rows
            .iter()
            .map(|row| json!({"key": row.key(), "count": row.group.count}))
            .collect();
        let types: Map<String, Value> = self
            .types
            .tally
            .groups
            .by_count()
            .iter()
            .map(|(key, group)| ((*key).to_owned(), group.count.into()))
            .collect();
        json!({"kind": "hivelog", "type": "hivelog.summary", "events": self.events, "bad": self.bad,
            "types": types, "flows": flows, "errors": errors})
    }

    fn error_report<'a>(&self, tally: &'a Tally) -> StatsReport<'a> {
        let groups = tally.groups.by_count().into_iter();
        let rows = groups.map(|(key, group)| GroupRow {
            parts: tally.parts(&self.errors.grouping, key),
            group: Cow::Borrowed(group),
            error: tally.error(key),
            before: Before::Uncompared,
            is_rest: false,
        });
        StatsReport {
            rows: rows.collect(),
            total: tally.groups.total(),
            total_before: None,
            keys: vec!["error"],
            by_error: true,
            field: "duration_ms",
            percentiles: &PERCENTILES,
            top: None,
            zone: self.errors.grouping.zone,
        }
    }

    /// The summary for people, with so many rows of each table; `is_live` keeps it short.
    pub fn text(&self, page: &Page, rows: Rows, is_live: bool) -> String {
        let page = &Page {
            format: Format::Human,
            ..*page
        };
        let mut out = String::new();
        let bad = if self.bad > 0 {
            page.theme.error
        } else {
            page.theme.dim
        };
        let _ = writeln!(
            out,
            "{}, {} bad",
            Styled(page.theme.name, counted(self.events, "event")),
            Styled(bad, self.bad)
        );
        let types = self.types.tally.groups.by_count();
        if !types.is_empty() {
            out.push_str(&group_table(
                "type", &types, rows.types, false, is_live, page,
            ));
        }
        let flows = self.flows.named();
        let flows = flows.groups.by_count();
        if !flows.is_empty() {
            out.push_str(&group_table(
                "flow", &flows, rows.flows, true, is_live, page,
            ));
        }
        let errors = self.errors.named();
        let mut report = self.error_report(&errors);
        if is_live {
            for row in report.rows.iter().take(rows.errors) {
                let count = format!("{:>5}", row.group.count);
                let text = row.key();
                let text = sanitise::line(&text);
                let text = cut(&text, Some(page.width), 7);
                let _ = writeln!(out, "{}  {text}", Styled(page.theme.error, count));
            }
        } else {
            report.top = Some(rows.errors);
            out.push_str(&String::from_utf8_lossy(&report.render(page)));
        }
        out
    }
}
