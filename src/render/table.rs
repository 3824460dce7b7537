//! Tables for people, and comma-separated values for spreadsheets.

use crate::model::text::abridged;
use crate::render::fit::cut_to;
use crate::render::raw::push_escaped;
use crate::render::{Page, sanitise};
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

/// The least that is left of a name which is cut: eight characters of an id, and an ellipsis.
const LEAST_NAME: usize = 9;

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
    /// Its text.
    pub text: String,
    /// How it is shown.
    pub style: Style,
    /// Whether it is never folded, nor cut.
    pub is_whole: bool,
    /// Whether it is not folded, but may be cut.
    pub is_one_line: bool,
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

/// A table with a header line, folded to the page's width where words allow it: names that one
/// wants to copy are not cut.
pub fn render(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    page: &Page,
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
    let uncut = Page {
        may_cut: false,
        ..*page
    };
    styled(&columns, rows, &uncut)
}

/// The same, with styles, with right-aligned numbers, and with names that are cut where the page
/// allows it and is too narrow for them.
pub fn styled(
    columns: &[Column<'_>],
    rows: impl IntoIterator<Item = Vec<StyledCell>>,
    page: &Page,
) -> Vec<u8> {
    let mut widths: Vec<_> = columns.iter().map(Widths::of_header).collect();
    let mut rows: Vec<_> = rows.into_iter().collect();
    for row in &mut rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            cell.text = cell_text(std::mem::take(&mut cell.text));
            width.take_in(cell);
        }
    }
    // Where there is little room, columns move together before anything is folded.
    let gap = 2;
    let tight = widths.iter().map(|width| width.least + gap).sum::<usize>() > page.width;
    let padding = if tight { (0, 1) } else { (1, 1) };
    if page.may_cut {
        shrink(&mut widths, page.width);
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(page.width).unwrap_or(u16::MAX))
        .set_header(columns.iter().map(|column| column.name.to_uppercase()))
        // Whether there are styles has been decided.
        .enforce_styling();
    table.style_text_only();
    for mut row in rows {
        for (cell, width) in row.iter_mut().zip(&widths) {
            if width.is_cut && (cell.is_one_line || !cell.text.contains(' ')) {
                cell.text = cut_to(&cell.text, width.least).into_owned();
            }
        }
        table.add_row(row.iter().map(StyledCell::shown));
    }
    for ((column, width), wanted) in table.column_iter_mut().zip(widths).zip(columns) {
        column.set_padding(padding);
        if wanted.is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
        // The cell's padding counts as part of its width.
        let least = width.least + usize::from(padding.0 + padding.1);
        let least = Width::Fixed(u16::try_from(least).unwrap_or(u16::MAX));
        column.set_constraint(if width.is_cut {
            ColumnConstraint::Absolute(least)
        } else {
            ColumnConstraint::LowerBoundary(least)
        });
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

/// How narrow a column can be.
struct Widths {
    /// Where no word is cut.
    least: usize,
    /// Where names are.
    floor: usize,
    /// Whether they are.
    is_cut: bool,
}

impl Widths {
    fn of_header(column: &Column<'_>) -> Widths {
        let name = column.name.width();
        Widths {
            least: name,
            floor: name.max(LEAST_NAME),
            is_cut: false,
        }
    }

    fn take_in(&mut self, cell: &StyledCell) {
        let whole = cell.text.width();
        let least = if whole <= WHOLE_CELL || cell.is_whole || cell.is_one_line {
            whole
        } else {
            let words = cell.text.split_whitespace().map(UnicodeWidthStr::width);
            words.max().unwrap_or(0).min(WHOLE_WORD)
        };
        self.least = least.max(self.least);
        if cell.is_whole {
            self.floor = whole.max(self.floor);
        }
    }
}

/// Makes the columns of long names narrower, the widest first: what is left of one name says more
/// than what is left of two.
fn shrink(widths: &mut [Widths], room: usize) {
    let gaps = widths.len().saturating_sub(1);
    let needed = widths.iter().map(|width| width.least).sum::<usize>() + gaps;
    let mut over = needed.saturating_sub(room);
    while over > 0 {
        let narrowing = widths.iter_mut().filter(|width| width.least > width.floor);
        // The first of those that are alike.
        let Some(widest) = narrowing.rev().max_by_key(|width| width.least) else {
            return;
        };
        let less = over.min(widest.least - widest.floor);
        widest.least -= less;
        widest.is_cut = true;
        over -= less;
    }
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
        assert!(render(&["one", "two"], rows, &page(true)).len() < 10_000);
    }

    #[test]
    fn names_without_room_are_cut_on_a_screen_only() {
        let id = "ef775124-0911-4215-a4b7-0864d362dea7";
        let row = [
            id,
            "trigger.schedule.failed",
            "several words at once",
            "100.0%",
        ];
        let row = || row.map(|cell| StyledCell::from(cell.to_owned())).to_vec();
        let columns = ["flow", "type", "text", "rate"].map(|name| Column {
            name,
            is_number: name == "rate",
        });
        let shown = |may_cut| {
            let narrow = Page {
                width: 50,
                ..page(may_cut)
            };
            String::from_utf8(styled(&columns, [row()], &narrow)).expect("text")
        };
        let screen = shown(true);
        assert!(screen.lines().all(|line| line.width() <= 50), "{screen}");
        assert!(screen.contains("trigger.schedule.failed"), "{screen}");
        assert!(screen.contains("ef77") && screen.contains('…'), "{screen}");
        assert!(shown(false).contains(id));
    }

    fn page(may_cut: bool) -> Page {
        Page {
            format: crate::model::format::Format::Human,
            width: 80,
            may_cut,
            theme: crate::render::theme::Theme::new(false),
        }
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
