//! Tables for people, and comma-separated values for spreadsheets.

use crate::model::text::abridged;
use crate::render::raw::push_escaped;
use crate::render::sanitise;
use anstyle::{AnsiColor, Effects, Style};
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
    presets,
};
use unicode_width::UnicodeWidthStr;

/// The widest word that a column is made wide enough for.
const WHOLE_WORD: usize = 40;

/// A cell of so many columns is not folded: a number stays with its unit.
const WHOLE_CELL: usize = 10;

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether its cells are right-aligned, as numbers are.
    pub is_number: bool,
}

/// A cell with its style.
#[derive(Clone, Debug, Default)]
pub struct StyledCell {
    /// What stands in it.
    pub text: String,
    /// How it is shown.
    pub style: Style,
    /// Whether it is never folded.
    pub is_whole: bool,
}

impl From<String> for StyledCell {
    fn from(text: String) -> StyledCell {
        StyledCell {
            text,
            ..StyledCell::default()
        }
    }
}

impl StyledCell {
    /// The cell, whose text has been made harmless.
    fn shown(&self) -> Cell {
        let mut cell = Cell::new(&self.text);
        if let Some(color) = self.style.get_fg_color() {
            cell = cell.fg(match color {
                anstyle::Color::Ansi(AnsiColor::Red) => Color::DarkRed,
                anstyle::Color::Ansi(AnsiColor::Yellow) => Color::DarkYellow,
                anstyle::Color::Ansi(AnsiColor::Cyan) => Color::DarkCyan,
                _ => Color::DarkGreen,
            });
        }
        let effects = self.style.get_effects();
        for (effect, attribute) in [
            (Effects::BOLD, Attribute::Bold),
            (Effects::DIMMED, Attribute::Dim),
        ] {
            if effects.contains(effect) {
                cell = cell.add_attribute(attribute);
            }
        }
        cell
    }
}

/// A table with a header line, folded to `width` columns where words allow it: names that one
/// wants to copy are not cut.
pub fn render(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    width: usize,
) -> Vec<u8> {
    let columns: Vec<_> = header
        .iter()
        .map(|name| Column {
            name,
            is_number: false,
        })
        .collect();
    let rows = rows
        .into_iter()
        .map(|row| row.into_iter().map(StyledCell::from).collect());
    styled(&columns, rows, width)
}

/// The same, with styles, and with right-aligned numbers.
pub fn styled(
    columns: &[Column<'_>],
    rows: impl IntoIterator<Item = Vec<StyledCell>>,
    width: usize,
) -> Vec<u8> {
    let mut longest: Vec<_> = columns.iter().map(|column| column.name.width()).collect();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(columns.iter().map(|column| column.name.to_uppercase()))
        // Whether there are styles has been decided.
        .enforce_styling();
    table.style_text_only();
    for mut row in rows {
        for (longest, cell) in longest.iter_mut().zip(&mut row) {
            cell.text = cell_text(std::mem::take(&mut cell.text));
            let text = &cell.text;
            let least = match text.width() {
                whole if whole <= WHOLE_CELL || cell.is_whole => whole,
                _ => {
                    let words = text.split_whitespace().map(UnicodeWidthStr::width);
                    words.max().unwrap_or(0).min(WHOLE_WORD)
                }
            };
            *longest = least.max(*longest);
        }
        table.add_row(row.iter().map(StyledCell::shown));
    }
    // Where there is little room, columns move together before anything is folded.
    let tight = longest.iter().map(|longest| longest + 2).sum::<usize>() > width;
    let padding = if tight { (0, 1) } else { (1, 1) };
    for ((column, longest), wanted) in table.column_iter_mut().zip(longest).zip(columns) {
        column.set_padding(padding);
        if wanted.is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
        // The cell's padding counts as part of its width.
        let least = longest + usize::from(padding.0 + padding.1);
        let least = u16::try_from(least).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
    }
    let mut text = String::new();
    for line in table.to_string().lines() {
        // The first column's padding would indent the table.
        let line = line.get(usize::from(padding.0)..).unwrap_or_default();
        text.push_str(line.trim_end());
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

/// A cell that reads back as it was, with two exceptions: what a spreadsheet would take for a
/// formula is marked as text, and what could act on a terminal is escaped, except for line breaks
/// and tabs.
pub fn csv_cell(cell: &str) -> String {
    let is_number = cell.parse::<f64>().is_ok();
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number {
        "'"
    } else {
        ""
    };
    let mut text = String::from(guard);
    for piece in cell.split_inclusive(['\n', '\r', '\t']) {
        let plain = piece.trim_end_matches(['\n', '\r', '\t']);
        push_escaped(plain, &mut text);
        text.push_str(&piece[plain.len()..]);
    }
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A cell on one line.
fn cell_text(cell: String) -> String {
    // More than fits on any page; the table counts columns in 16 bits.
    sanitise::line(&abridged(cell)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_read_back_and_are_no_formulas() {
        for (cell, wanted) in [
            ("a\rb\nc\td", "\"a\rb\nc\td\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1,A2)", "\"'@SUM(A1,A2)\""),
            ("-x", "'-x"),
            ("-5.2", "-5.2"),
            ("a\u{1b}[2J\u{202e}\u{9b}", "a\\u001b[2J\\u202e\\u009b"),
        ] {
            assert_eq!(csv_cell(cell), wanted);
        }
    }

    #[test]
    fn a_cell_may_have_any_length() {
        let rows = vec![vec!["x".repeat(200_000), "\u{1b}".repeat(9_999)]];
        assert!(render(&["one", "two"], rows, 80).len() < 10_000);
    }

    #[test]
    fn cells_with_separators_are_quoted() {
        let rows = vec![vec!["a,b".to_owned(), "say \"x\"".to_owned()]];
        assert_eq!(
            csv(&["one", "two"], rows),
            b"one,two\r\n\"a,b\",\"say \"\"x\"\"\"\r\n"
        );
    }
}
