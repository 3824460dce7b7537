//! One line a journey.

use crate::commands::journey::summary::JourneyStatus;
use crate::commands::journey::timeline::Timeline;
use crate::model::code::CodeLevel;
use crate::model::duration::plain_duration;
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::mark::Mark;
use crate::render::table::{self, Column, StyledCell};
use crate::render::{Page, theme::Styled};

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

/// Where the time of the last event log stands, and behind it how long they took.
const LAST: usize = 6;

/// The shortest beginning of an id that is shown: as much as is taken for one.
const SHORTEST: usize = 8;

/// Below so many columns times are shown to the minute.
const NARROW: usize = 100;

/// Date and time of day, without what is below a second or a minute and the offset.
const TO_THE_SECOND: usize = "2024-05-03 17:30:00".len();
const TO_THE_MINUTE: usize = "2024-05-03 17:30".len();

/// A table, and how many journeys there are of each kind.
pub fn render(found: &[Timeline], page: &Page, zone: Zone) -> Vec<u8> {
    if found.is_empty() {
        return Vec::new();
    }
    let ids = beginnings(found);
    let columns = COLUMNS.map(|name| Column {
        name,
        is_number: matches!(name, "records" | "lasted"),
    });
    let theme = &page.theme;
    let rows = found.iter().zip(ids).map(|(timeline, id)| {
        let code = timeline.summary.code().and_then(CodeLevel::of_code);
        let styles = [
            timeline.summary.status().mark().style(theme),
            Mark::of_level(code).style(theme),
            theme.name,
        ];
        let mut cells: Vec<_> = cells(timeline, id, zone).map(StyledCell::from).into();
        for (cell, style) in cells.iter_mut().zip(styles) {
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
    let mut out = table::styled(&columns, rows, page.width);
    let total = format!("{}\n", Styled(theme.dim, total(found)));
    out.extend_from_slice(total.as_bytes());
    out
}

/// A journey's cells, with its id as it is to be shown.
pub fn cells(timeline: &Timeline, id: &str, zone: Zone) -> [String; 8] {
    let (key, summary) = (&timeline.key, &timeline.summary);
    let last = summary.last.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        summary.status().name().to_owned(),
        text(summary.code()),
        id.to_owned(),
        text(key.integration_key.as_deref()),
        text(summary.shape_name.as_deref()),
        summary.records.to_string(),
        last.map_or_else(String::new, |last| second(last.stamp, zone)),
        summary.lasted().map_or_else(String::new, plain_duration),
    ]
}

fn second(stamp: Timestamp, zone: Zone) -> String {
    let mut text = stamp.at(zone).full();
    text.truncate(TO_THE_SECOND);
    text
}

/// How many journeys there are, and of each kind.
pub fn total(found: &[Timeline]) -> String {
    let kinds = JourneyStatus::ALL.iter().filter_map(|status| {
        let alike = found.iter().filter(|one| one.summary.status() == *status);
        let count = alike.count();
        (count > 0).then(|| format!("{count} {}", status.name()))
    });
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let plural = if found.len() == 1 { "" } else { "s" };
    format!("{} journey{plural}: {kinds}", found.len())
}

/// Of each correlation id as much as tells it from the others in the list.
fn beginnings(found: &[Timeline]) -> Vec<&str> {
    let id = |at: usize| found[at].key.correlation_id.as_str();
    let mut sorted: Vec<usize> = (0..found.len()).collect();
    sorted.sort_by_key(|at| id(*at));
    let mut shown = vec![""; found.len()];
    let mut distinct: Vec<&str> = sorted.iter().map(|at| id(*at)).collect();
    distinct.dedup();
    let mut place = 0;
    for at in sorted {
        if distinct[place] != id(at) {
            place += 1;
        }
        let before = place.checked_sub(1).map(|before| distinct[before]);
        let neighbours = [before, distinct.get(place + 1).copied()];
        let common = neighbours.iter().flatten().map(|other| {
            let alike = id(at).chars().zip(other.chars());
            alike.take_while(|(one, other)| one == other).count()
        });
        let length = common
            .max()
            .map_or(SHORTEST, |common| SHORTEST.max(common + 1));
        shown[at] = match id(at).char_indices().nth(length) {
            Some((end, _)) => &id(at)[..end],
            None => id(at),
        };
    }
    shown
}
