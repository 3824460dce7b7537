//! Events as rows of cells: `csv` and `table`.

use crate::commands::tail::output::Renderer;
use crate::model::event::Event;
use crate::model::timestamp::Timestamp;
use crate::render::fit::{self, cut, pad};
use crate::render::sanitise;
use crate::render::table::csv_cell;
use serde_json::Value;

/// The columns of `csv` and `table` when nobody asks for others.
const COLUMNS: [&str; 13] = [
    "ts",
    "type",
    "kind",
    "id",
    "trigger_id",
    "trigger_name",
    "flow_id",
    "flow_name",
    "duration_ms",
    "inputs",
    "outputs",
    "status",
    "error",
];

/// The columns of `table`, and what is left of them where there is little room.
const TABLE: [&str; 7] = [
    "ts",
    "type",
    "trigger_name",
    "flow_name",
    "duration_ms",
    "status",
    "error",
];
const NARROW_TABLE: [&str; 5] = ["ts", "type", "trigger_name", "duration_ms", "error"];

/// The column that names the server, when there are several.
const SOURCE: &str = "hivelogSource";

impl Renderer {
    /// The columns: those that were asked for, or the usual ones.
    fn columns(&self, usual: &[&'static str]) -> Vec<&str> {
        if !self.style.fields.is_empty() {
            return self.style.fields.iter().map(String::as_str).collect();
        }
        let source = self.style.several.then_some(&SOURCE);
        source.into_iter().chain(usual).copied().collect()
    }

    pub(super) fn header(&self, out: &mut String) {
        let columns = self.columns(&COLUMNS);
        let cells: Vec<String> = columns
            .into_iter()
            .map(|name| self.csv_cell(name))
            .collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }

    /// On a terminal no line break of others' text is left either.
    fn csv_cell(&self, cell: &str) -> String {
        if self.style.terminal {
            csv_cell(&sanitise::line(cell))
        } else {
            csv_cell(cell)
        }
    }

    pub(super) fn csv(
        &self,
        event: &Event<'_>,
        source: Option<&str>,
        first: bool,
        out: &mut String,
    ) {
        if first {
            self.header(out);
        }
        let cells: Vec<String> = self
            .columns(&COLUMNS)
            .iter()
            .map(|name| self.csv_cell(&cell(event, source, name)))
            .collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }

    /// Columns as they come: a table that waited for its last row would never be shown.
    pub(super) fn table(
        &self,
        event: &Event<'_>,
        source: Option<&str>,
        first: bool,
        out: &mut String,
    ) {
        // Where there is little room, times are those of day, and names are short.
        let narrow = self.style.width.is_some_and(|width| width < 140);
        let tight = narrow && self.style.fields.is_empty();
        let columns = self.columns(if narrow { &NARROW_TABLE } else { &TABLE });
        let most = self.style.width;
        let mut row = |cells: Vec<String>| {
            let mut line = String::new();
            for (at, (name, cell)) in columns.iter().zip(cells).enumerate() {
                let width = width_of(name, tight);
                // No cell moves another, and no row gets a second line.
                let last = at + 1 == columns.len();
                let cell = cut(&cell, most.filter(|_| !last).map(|_| width), 0);
                line.push_str(&cell);
                pad(&mut line, fit::columns(&cell), width);
            }
            out.push_str(&cut(line.trim_end(), most, 0));
            out.push('\n');
        };
        if first {
            row(columns.iter().map(|name| name.to_uppercase()).collect());
        }
        // Of one width, whatever offset and fraction they were written with.
        let time = |text: String| match Timestamp::parse(&text) {
            Some(ts) if tight => ts.at(self.style.zone).short().chars().take(12).collect(),
            Some(ts) => ts.at(self.style.zone).full(),
            None => text,
        };
        let show = |name: &&str| match cell(event, source, name) {
            text if *name == "ts" => sanitise::line(&time(text)).into_owned(),
            text => sanitise::line(&text).into_owned(),
        };
        row(columns.iter().map(show).collect());
    }
}

/// The columns a field has in a table; fewer where the terminal is tight.
fn width_of(name: &str, tight: bool) -> usize {
    match name {
        "ts" if tight => 12,
        "trigger_name" if tight => 14,
        "ts" => 30,
        "type" => 25,
        "duration_ms" | "inputs" | "outputs" | "status" | "kind" => 11,
        "id" | "trigger_id" | "schedule_id" | "flow_id" | "event_id" => 36,
        _ => 20,
    }
}

/// A field as a cell. What hivelog itself says has other members, which stand in the nearest one.
fn cell(event: &Event<'_>, source: Option<&str>, name: &str) -> String {
    if name == SOURCE {
        return source.unwrap_or_default().to_owned();
    }
    let own = match name {
        "ts" => ["at", "to"],
        "error" => ["reason", "reason"],
        _ => [name, name],
    };
    let own = own.iter().filter(|_| event.kind == "hivelog");
    match event
        .field(name)
        .or_else(|| own.copied().find_map(|name| event.field(name)))
    {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
