//! Tables for people, and comma-separated values for spreadsheets.

use super::sanitise;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use unicode_width::UnicodeWidthStr;

/// The widest word that a column is made wide enough for.
const WHOLE_WORD: usize = 40;

/// A table with a header line, folded to `width` columns where words allow it: names that one
/// wants to copy are not cut.
pub fn render(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    width: usize,
) -> Vec<u8> {
    let mut longest: Vec<_> = header.iter().map(|name| name.width()).collect();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(header.iter().map(|name| name.to_uppercase()));
    for row in rows {
        let cells: Vec<_> = row.iter().map(|cell| sanitise::line(cell)).collect();
        for (longest, cell) in longest.iter_mut().zip(&cells) {
            let words = cell.split_whitespace().map(UnicodeWidthStr::width);
            *longest = words.fold(*longest, usize::max).min(WHOLE_WORD);
        }
        table.add_row(cells);
    }
    for (column, longest) in table.column_iter_mut().zip(longest) {
        // The cell's padding of one column on each side counts as part of its width.
        let least = u16::try_from(longest + 2).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
    }
    let mut text = String::new();
    for line in table.to_string().lines() {
        // Every cell is padded by one column; the first one's padding would indent the table.
        text.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
        text.push('\n');
    }
    text.into_bytes()
}

/// Comma-separated values (RFC 4180) with a header line.
pub fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(header).chain(rows) {
        let cells: Vec<_> = row.iter().map(|cell| csv_cell(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn csv_cell(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_separators_are_quoted() {
        let rows = vec![vec!["a,b".to_owned(), "say \"x\"".to_owned()]];
        assert_eq!(
            csv(&["one", "two"], rows),
            b"one,two\r\n\"a,b\",\"say \"\"x\"\"\"\r\n"
        );
    }
}
