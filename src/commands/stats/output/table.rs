//! Groups as a table for people: numbers are right-aligned, columns without a value are left out, and
//! the last row is the total.

use super::{Before, GroupRow, StatsReport, measure};
use crate::model::code::Code;
use crate::model::format::Format;
use crate::model::statistics::{Group, Sketch};
use crate::model::text::counted;
use crate::render::Page;
use crate::render::table::{Column, StyledCell, styled};
use crate::render::theme::{Styled, Theme};
use anstyle::Style;
use std::fmt::Write;

/// Below so many columns the smallest and the mean value are left out.
const NARROW: usize = 100;

/// How many bars show how values are spread.
const BINS: usize = 16;

/// A measure of a group, in a column of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum MeasureColumn {
    Count,
    Errors,
    Rate,
    Min,
    Mean,
    Percentile(f64),
    Max,
    /// How the values are spread.
    Spread,
}

impl MeasureColumn {
    fn name(self) -> String {
        match self {
            MeasureColumn::Count => "count".to_owned(),
            MeasureColumn::Errors => "errors".to_owned(),
            MeasureColumn::Rate => "rate".to_owned(),
            MeasureColumn::Min => "min".to_owned(),
            MeasureColumn::Mean => "mean".to_owned(),
            MeasureColumn::Percentile(percent) => format!("p{percent}"),
            MeasureColumn::Max => "max".to_owned(),
            MeasureColumn::Spread => "spread".to_owned(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn value(self, group: &Group) -> Option<f64> {
        match self {
            MeasureColumn::Count => Some(group.count as f64),
            MeasureColumn::Errors => Some(group.errors as f64),
            MeasureColumn::Rate => Some(group.error_rate()),
            MeasureColumn::Min => group.values.first()?.min(),
            MeasureColumn::Mean => group.values.first()?.mean(),
            MeasureColumn::Percentile(percent) => group.values.first()?.percentile(percent),
            MeasureColumn::Max => group.values.first()?.max(),
            MeasureColumn::Spread => None,
        }
    }

    fn cell(self, group: &Group, millis: bool) -> String {
        match self {
            MeasureColumn::Count => group.count.to_string(),
            MeasureColumn::Errors => group.errors.to_string(),
            MeasureColumn::Rate => format!("{:.1}%", group.error_rate() * 100.0),
            MeasureColumn::Spread => {
                let values = group.values.first().filter(|values| values.count() > 0);
                values.map_or_else(String::new, |values| bars(values, BINS))
            }
            _ => {
                let value = self.value(group);
                value.map_or_else(String::new, |value| measure(value, millis))
            }
        }
    }
}

/// The columns of measures, as far as there is room.
fn columns(percentiles: &[f64], is_narrow: bool) -> Vec<MeasureColumn> {
    let mut columns = vec![
        MeasureColumn::Count,
        MeasureColumn::Errors,
        MeasureColumn::Rate,
    ];
    if !is_narrow {
        columns.extend([MeasureColumn::Min, MeasureColumn::Mean]);
    }
    let percentiles = percentiles.iter().copied();
    columns.extend(percentiles.map(MeasureColumn::Percentile));
    columns.push(MeasureColumn::Max);
    columns
}

/// Lines of a table of groups.
struct Lines<'a> {
    measures: &'a [MeasureColumn],
    millis: bool,
    theme: &'a Theme,
    rows: Vec<Vec<StyledCell>>,
}

/// The groups, and all of them as one.
pub fn render(report: &StatsReport<'_>, page: &Page) -> Vec<u8> {
    if report.rows.is_empty() {
        return Vec::new();
    }
    let is_narrow = page.format == Format::Human && page.width < NARROW;
    let mut measures = columns(report.percentiles, is_narrow);
    if is_narrow && report.keys.contains(&"error") && report.field == "duration_ms" {
        // An error's text needs the room, and how long it took says little.
        measures.truncate(2);
    }
    let mut keys: Vec<&str> = report.keys.clone();
    let meanings = has_meanings(report);
    if meanings {
        keys.push("meaning");
    }
    let mut lines = Lines {
        measures: &measures,
        millis: report.field.ends_with("_ms"),
        theme: &page.theme,
        rows: Vec::new(),
    };
    for row in report.shown() {
        let mut parts = row.parts.clone();
        // What there was no room for has one key.
        parts.resize(report.keys.len(), String::new());
        if meanings {
            let known = Code::find(&row.parts[0]);
            parts.push(known.map_or_else(String::new, |code| code.description.to_owned()));
        }
        lines.group(&parts, &row.group, row.before);
    }
    let mut parts = vec![String::new(); keys.len()];
    "total".clone_into(&mut parts[0]);
    let total = lines.rows.len();
    let before = report.total_before.as_ref();
    let before = before.map_or(Before::Uncompared, Before::Group);
    lines.group(&parts, &report.total, before);
    for cell in &mut lines.rows[total] {
        cell.style = page.theme.name;
    }
    let mut out = lines.table(&keys, page);
    let hidden = (report.rows.len() - report.shown().len()) as u64;
    if hidden > 0 {
        let text = format!("{} not shown (--top)", counted(hidden, "more group"));
        out.extend_from_slice(format!("{}\n", Styled(page.theme.dim, text)).as_bytes());
    }
    out
}

fn has_meanings(report: &StatsReport<'_>) -> bool {
    let [name @ ("code" | "key")] = report.keys.as_slice() else {
        return false;
    };
    let is_code = |row: &GroupRow<'_>| Code::find(&row.parts[0]).is_some();
    *name == "code" || report.rows.iter().any(is_code)
}

impl Lines<'_> {
    /// Adds the line of a group, and what it was before, below it.
    fn group(&mut self, parts: &[String], group: &Group, before: Before<'_>) {
        let keys = parts.iter().cloned().map(StyledCell::from);
        let cells = self.measures.iter().map(|column| {
            let is_error = matches!(column, MeasureColumn::Errors | MeasureColumn::Rate);
            let style = if is_error && group.errors > 0 {
                self.theme.error
            } else {
                Style::default()
            };
            StyledCell {
                text: column.cell(group, self.millis),
                style,
                is_whole: true,
                ..StyledCell::default()
            }
        });
        let line = keys.chain(cells).collect();
        self.rows.push(line);
        let cells = |cell: &dyn Fn(MeasureColumn) -> String| {
            let cells = self.measures.iter().map(|column| cell(*column));
            cells.collect::<Vec<_>>()
        };
        match before {
            Before::Uncompared => {}
            Before::Absent => self.below("before: none", parts.len(), Vec::new()),
            Before::Group(before) => {
                let was = cells(&|column| column.cell(before, self.millis));
                let changes = cells(&|column| change(column.value(group), column.value(before)));
                self.below("before", parts.len(), was);
                self.below("change", parts.len(), changes);
            }
        }
    }

    fn below(&mut self, label: &str, keys: usize, cells: Vec<String>) {
        let mut texts = vec![String::new(); keys + self.measures.len()];
        texts[0] = format!("  {label}");
        for (text, cell) in texts[keys..].iter_mut().zip(cells) {
            *text = cell;
        }
        let line = texts.into_iter().map(|text| StyledCell {
            text,
            style: self.theme.dim,
            is_whole: true,
            ..StyledCell::default()
        });
        self.rows.push(line.collect());
    }

    /// The table, without columns that have no value.
    fn table(mut self, keys: &[&str], page: &Page) -> Vec<u8> {
        let names: Vec<String> = self.measures.iter().map(|column| column.name()).collect();
        let all = keys.iter().copied().chain(names.iter().map(String::as_str));
        let mut columns: Vec<_> = all
            .enumerate()
            .map(|(at, name)| Column {
                name,
                is_number: at >= keys.len(),
            })
            .collect();
        leave_out_empty(&mut columns, &mut self.rows);
        styled(&columns, self.rows, page)
    }
}

/// How much larger or smaller it has become: `1.06x`.
fn change(own: Option<f64>, before: Option<f64>) -> String {
    match (own, before) {
        (Some(own), Some(before)) if before != 0.0 => format!("{:.2}x", own / before),
        (Some(own), Some(_)) if own > 0.0 => "new".to_owned(),
        _ => String::new(),
    }
}

fn leave_out_empty(columns: &mut Vec<Column<'_>>, rows: &mut [Vec<StyledCell>]) {
    let is_empty = |at: usize| rows.iter().all(|row| row[at].text.is_empty());
    let empty: Vec<bool> = (0..columns.len()).map(is_empty).collect();
    let mut at = 0..;
    columns.retain(|_| !empty[at.next().unwrap_or_default()]);
    for row in rows {
        let mut at = 0..;
        row.retain(|_| !empty[at.next().unwrap_or_default()]);
    }
}

/// Groups of one key as a table within so many rows, for the summary of a stream; where it is live,
/// each group has one line.
pub fn group_table(
    name: &str,
    groups: &[(&str, &Group)],
    most: usize,
    with_values: bool,
    is_live: bool,
    page: &Page,
) -> String {
    let mut measures = columns(&[50.0, 90.0, 99.0], true);
    if !with_values {
        measures.truncate(3);
    } else if page.width >= NARROW {
        measures.push(MeasureColumn::Spread);
    }
    let mut lines = Lines {
        measures: &measures,
        millis: true,
        theme: &page.theme,
        rows: Vec::new(),
    };
    for (key, group) in groups.iter().take(most) {
        lines.group(&[(*key).to_owned()], group, Before::Uncompared);
    }
    for row in &mut lines.rows {
        row[0].is_one_line = is_live;
    }
    let table = lines.table(&[name], page);
    let mut out = String::from_utf8_lossy(&table).into_owned();
    if groups.len() > most {
        let more = format!("… and {} more", groups.len() - most);
        let _ = writeln!(out, "{}", Styled(page.theme.dim, more));
    }
    out
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
