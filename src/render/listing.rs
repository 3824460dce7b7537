//! The same rows in every format that is not written for people's eyes first.

use crate::model::format::Format;
use crate::render::{Page, json, table};
use serde::Serialize;

/// The columns of a listing.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// Their names, as the JSON fields are called.
    pub names: &'a [&'a str],
    /// Those that a table shows, where the others say little to people.
    pub shown: &'a [usize],
}

/// The items in the page's format, or nothing where the page is for people.
pub fn render<T: Serialize>(
    items: &[T],
    page: &Page,
    columns: &Columns<'_>,
    row: impl Fn(&T) -> Vec<String>,
) -> Option<Vec<u8>> {
    match page.format {
        Format::Json => Some(json::array(items)),
        Format::Ndjson => Some(items.iter().flat_map(json::line).collect()),
        Format::Csv => Some(table::csv(columns.names, items.iter().map(row))),
        Format::Table if items.is_empty() => Some(Vec::new()),
        Format::Table => {
            let names: Vec<_> = columns.shown.iter().map(|at| columns.names[*at]).collect();
            let rows = items.iter().map(|item| {
                let cells = row(item);
                let shown = columns.shown.iter().map(|at| cells[*at].clone());
                shown.collect()
            });
            Some(table::render(&names, rows, page))
        }
        _ => None,
    }
}
