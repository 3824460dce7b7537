//! A long list: a line for each journey, written as it is made.

use super::beginnings::Beginnings;
use super::list::{COLUMNS, NARROW, TO_THE_MINUTE, TO_THE_SECOND, WriteList, styles};
use crate::commands::journey::list::JourneyList;
use crate::commands::journey::summary::{JourneyKey, JourneySummary};
use crate::failure::Failure;
use crate::model::duration::plain_duration;
use crate::model::timestamp::Zone;
use crate::render::fit::{columns, cut_to};
use crate::render::theme::{Styled, Theme};
use crate::render::{Page, sanitise};
use anstyle::Style;
use std::borrow::Cow;
use std::fmt::Write;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// The columns of integration and shape, whose names are cut where the page is too narrow.
const NAMES: [usize; 2] = [3, 4];

/// The least that is left of a name.
const LEAST_NAME: usize = 6;

/// The columns of numbers, which are right-aligned.
const NUMBERS: [usize; 2] = [5, 7];

/// How many lines each core makes at a time.
const LINES: usize = 8192;

/// A list with the widths of its columns.
pub struct LongList<'a> {
    list: &'a JourneyList,
    ids: &'a Beginnings<'a>,
    widths: [usize; COLUMNS.len()],
    theme: Theme,
    zone: Zone,
}

impl<'a> LongList<'a> {
    /// Columns as wide as their cells, as far as the page has room.
    pub fn new(
        list: &'a JourneyList,
        ids: &'a Beginnings<'a>,
        page: &Page,
        zone: Zone,
    ) -> LongList<'a> {
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
        let between = 2 * (COLUMNS.len() - 1);
        let mut over = (widths.iter().sum::<usize>() + between).saturating_sub(page.width);
        while page.may_cut
            && over > 0
            && let Some(widest) = NAMES.into_iter().max_by_key(|at| widths[*at])
            && widths[widest] > LEAST_NAME
        {
            widths[widest] -= 1;
            over -= 1;
        }
        LongList {
            list,
            ids,
            widths,
            theme: page.theme,
            zone,
        }
    }

    /// Writes the header and a line for each journey.
    pub fn write(&self, write: &mut WriteList<'_>) -> Result<(), Failure> {
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
        let text = if NAMES.contains(&at) {
            cut_to(text, width)
        } else {
            Cow::Borrowed(text)
        };
        let blanks = width.saturating_sub(columns(&text));
        let is_last = at + 1 == COLUMNS.len();
        let (before, behind) = match (NUMBERS.contains(&at), is_last) {
            (true, true) => (blanks, 0),
            (true, false) => (blanks, 2),
            (false, _) => (0, blanks + 2),
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
