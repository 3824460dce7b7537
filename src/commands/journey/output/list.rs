//! One line a journey, written as it is made.

use super::beginnings::Beginnings;
use crate::commands::journey::list::JourneyList;
use crate::commands::journey::summary::{JourneyKey, JourneySummary};
use crate::failure::Failure;
use crate::model::code::CodeLevel;
use crate::model::duration::plain_duration;
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::fit::{columns, cut_to};
use crate::render::mark::Mark;
use crate::render::theme::{Styled, Theme};
use crate::render::{Page, sanitise};
use anstyle::Style;
use std::borrow::Cow;
use std::fmt::Write;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// What takes a list, part by part.
pub type WriteList<'a> = dyn FnMut(&[u8]) -> Result<(), Failure> + 'a;

/// The columns of a list.
pub const COLUMNS: [&str; 8] = [
    "status",
    "code",
    "journey",
    "integration",
    "shape",
    "records",
    "last",
    "lasted",
];

/// Below so many columns times are shown to the minute.
const NARROW: usize = 100;

/// Date and time of day, without what is below a second or a minute.
const TO_THE_SECOND: usize = "2024-05-03 17:30:00".len();
const TO_THE_MINUTE: usize = "2024-05-03 17:30".len();

/// A table, and how many journeys there are of each kind. A table of `render::table` would have all
/// its cells in memory at once, and fold them.
pub fn render(
    list: &JourneyList,
    page: &Page,
    zone: Zone,
    write: &mut WriteList<'_>,
) -> Result<(), Failure> {
    if list.places().is_empty() {
        return Ok(());
    }
    let ids = Beginnings::of(list);
    JourneyLines::new(list, &ids, page, zone).write(write)?;
    let total = format!("{}\n", Styled(page.theme.dim, total(list)));
    write(total.as_bytes())
}

/// The columns of integration and shape, whose names are cut where the page is too narrow.
const NAMES: [usize; 2] = [3, 4];

/// The least that is left of a name.
const LEAST_NAME: usize = 6;

/// The most of a cell that is shown, however long a name is: every line has its column.
const MOST: usize = 200;

/// The columns of numbers, which are right-aligned: how many records, and how long it lasted.
pub const NUMBERS: [usize; 2] = [5, 7];

/// How many lines each core makes at a time.
const LINES: usize = 8192;

/// A list with the widths of its columns, and what stands between them.
struct JourneyLines<'a> {
    list: &'a JourneyList,
    ids: &'a Beginnings<'a>,
    widths: [usize; COLUMNS.len()],
    gap: usize,
    theme: Theme,
    zone: Zone,
}

impl<'a> JourneyLines<'a> {
    /// Columns as wide as their cells, as far as the page has room.
    fn new(
        list: &'a JourneyList,
        ids: &'a Beginnings<'a>,
        page: &Page,
        zone: Zone,
    ) -> JourneyLines<'a> {
        let mut widths = COLUMNS.map(str::len);
        widths[6] = match page.width {
            ..NARROW => TO_THE_MINUTE,
            _ => TO_THE_SECOND,
        };
        for (place, key, summary) in list.as_read() {
            for (width, text) in widths.iter_mut().zip(texts(key, summary, ids.at(place))) {
                *width = columns(&text).max(*width);
            }
            widths[7] = columns(&lasted(summary)).max(widths[7]);
        }
        widths = widths.map(|width| width.min(MOST));
        let width = |gap| widths.iter().sum::<usize>() + gap * (COLUMNS.len() - 1);
        let gap = if width(2) > page.width { 1 } else { 2 };
        let mut over = width(gap).saturating_sub(page.width);
        while page.may_cut
            && over > 0
            && let Some(widest) = NAMES.into_iter().max_by_key(|at| widths[*at])
            && widths[widest] > LEAST_NAME
        {
            widths[widest] -= 1;
            over -= 1;
        }
        JourneyLines {
            list,
            ids,
            widths,
            gap,
            theme: page.theme,
            zone,
        }
    }

    /// Writes the header and a line for each journey.
    fn write(&self, write: &mut WriteList<'_>) -> Result<(), Failure> {
        let mut header = String::new();
        for (at, name) in COLUMNS.iter().enumerate() {
            self.cell(at, &name.to_uppercase(), Style::new(), &mut header);
        }
        write(header.as_bytes())?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for places in self.list.places().chunks(LINES * cores) {
            let parts = thread::scope(|scope| {
                let parts = places.chunks(LINES);
                let parts = parts.map(|part| scope.spawn(move || self.lines(part)));
                let parts: Vec<_> = parts.collect();
                let parts = parts.into_iter().map(ScopedJoinHandle::join);
                parts.collect::<Vec<_>>()
            });
            for part in parts {
                let part = part.unwrap_or_else(|panic| resume_unwind(panic));
                write(part.as_bytes())?;
            }
        }
        Ok(())
    }

    fn lines(&self, places: &[usize]) -> String {
        let mut out = String::with_capacity(places.len() * 128);
        for place in places {
            let (key, summary) = self.list.at(*place);
            self.journey(key, summary, self.ids.at(*place), &mut out);
        }
        out
    }

    fn journey(&self, key: &JourneyKey, summary: &JourneySummary, id: &str, out: &mut String) {
        let plain = Style::new();
        let styles = styles(summary, &self.theme);
        for (at, text) in texts(key, summary, id).iter().enumerate() {
            self.cell(at, text, styles.get(at).copied().unwrap_or(plain), out);
        }
        let last = summary.last();
        let mut last = last.map_or_else(String::new, |last| last.at(self.zone).to_the_second());
        last.truncate(self.widths[6]);
        self.cell(6, &last, plain, out);
        self.cell(7, &lasted(summary), plain, out);
    }

    fn cell(&self, at: usize, text: &str, style: Style, out: &mut String) {
        let width = self.widths[at];
        let text = cut_to(text, width);
        let blanks = width.saturating_sub(columns(&text));
        let is_last = at + 1 == COLUMNS.len();
        let (before, behind) = match (NUMBERS.contains(&at), is_last) {
            (true, true) => (blanks, 0),
            (true, false) => (blanks, self.gap),
            (false, _) => (0, blanks + self.gap),
        };
        blank(before, out);
        if style.is_plain() {
            out.push_str(&text);
        } else {
            let _ = write!(out, "{}", Styled(style, text));
        }
        blank(behind, out);
        if is_last {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
        }
    }
}

fn blank(count: usize, out: &mut String) {
    const BLANKS: &str = "                                ";
    match BLANKS.get(..count) {
        Some(blanks) => out.push_str(blanks),
        None => out.extend(std::iter::repeat_n(' ', count)),
    }
}

fn lasted(summary: &JourneySummary) -> Cow<'static, str> {
    match summary.lasted() {
        None => "".into(),
        Some(Duration::ZERO) => "0 ms".into(),
        Some(lasted) => plain_duration(lasted).into(),
    }
}

/// The cells of a journey before that of its time.
fn texts<'a>(key: &'a JourneyKey, summary: &'a JourneySummary, id: &'a str) -> [Cow<'a, str>; 6] {
    let shown = |text: Option<&'a str>| sanitise::line(text.unwrap_or_default());
    [
        Cow::Borrowed(summary.status().name()),
        shown(summary.code()),
        shown(Some(id)),
        shown(key.integration_key.as_deref()),
        shown(summary.shape_name.as_deref()),
        Cow::Owned(summary.records.to_string()),
    ]
}

/// The styles of a journey's first cells; the others have none.
fn styles(summary: &JourneySummary, theme: &Theme) -> [Style; 3] {
    let level = summary.code().and_then(CodeLevel::of_code);
    [
        summary.status().mark().style(theme),
        Mark::of_level(level).style(theme),
        theme.name,
    ]
}

/// A journey's cells, with its id as it is to be shown.
pub fn cells(key: &JourneyKey, summary: &JourneySummary, id: &str, zone: Zone) -> [String; 8] {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let last = |last: Timestamp| last.at(zone).to_the_second();
    [
        summary.status().name().to_owned(),
        text(summary.code()),
        id.to_owned(),
        text(key.integration_key.as_deref()),
        text(summary.shape_name.as_deref()),
        summary.records.to_string(),
        summary.last().map_or_else(String::new, last),
        summary.lasted().map_or_else(String::new, plain_duration),
    ]
}

/// How many journeys there are, and of each kind.
pub fn total(list: &JourneyList) -> String {
    let kinds = list.counts.iter().filter(|(_, count)| *count > 0);
    let kinds = kinds.map(|(status, count)| format!("{count} {}", status.name()));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let count = list.places().len();
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} journey{plural}: {kinds}")
}
