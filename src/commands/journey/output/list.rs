//! One line a journey.

use super::beginnings::Beginnings;
use super::long_list::LongList;
use crate::commands::journey::list::JourneyList;
use crate::commands::journey::summary::{JourneyKey, JourneySummary};
use crate::failure::Failure;
use crate::model::code::CodeLevel;
use crate::model::duration::plain_duration;
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::Page;
use crate::render::mark::Mark;
use crate::render::table::{self, Column, StyledCell};
use crate::render::theme::{Styled, Theme};
use anstyle::Style;

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

/// Where the time of the last event log stands, and behind it how long they lasted.
const LAST: usize = 6;

/// Below so many columns times are shown to the minute.
pub const NARROW: usize = 100;

/// Date and time of day, without what is below a second or a minute.
pub const TO_THE_SECOND: usize = "2024-05-03 17:30:00".len();
pub const TO_THE_MINUTE: usize = "2024-05-03 17:30".len();

/// A list of more journeys has a line for each, and what is too long for its column is cut: the
/// cells of a table whose cells are folded must all be in memory at once.
const FOLDED: usize = 1000;

/// A table, and how many journeys there are of each kind.
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
    if list.places().len() > FOLDED {
        LongList::new(list, &ids, page, zone).write(write)?;
    } else {
        write(&folded(list, &ids, page, zone))?;
    }
    let total = format!("{}\n", Styled(page.theme.dim, total(list)));
    write(total.as_bytes())
}

/// A table whose cells are folded where the page is too narrow for them.
fn folded(list: &JourneyList, ids: &Beginnings<'_>, page: &Page, zone: Zone) -> Vec<u8> {
    let columns = COLUMNS.map(|name| Column {
        name,
        is_number: matches!(name, "records" | "lasted"),
    });
    let theme = &page.theme;
    let rows = list.places().iter().map(|place| {
        let ((key, summary), id) = (list.at(*place), ids.at(*place));
        let mut cells: Vec<_> = cells(key, summary, id, zone).map(StyledCell::from).into();
        for (cell, style) in cells.iter_mut().zip(styles(summary, theme)) {
            cell.style = style;
        }
        for cell in &mut cells[LAST..] {
            cell.is_whole = true;
        }
        if page.width < NARROW {
            cells[LAST].text.truncate(TO_THE_MINUTE);
        }
        cells
    });
    table::styled(&columns, rows, page)
}

/// The styles of a journey's first cells; the others have none.
pub fn styles(summary: &JourneySummary, theme: &Theme) -> [Style; 3] {
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
