//! One line a journey.

use crate::commands::journey::course::Standing;
use crate::commands::journey::timeline::Timeline;
use crate::model::timestamp::{Timestamp, Zone, plain_duration};
use crate::render::{Page, table};

const COLUMNS: [&str; 8] = [
    "status",
    "code",
    "journey",
    "integration",
    "shape",
    "records",
    "last",
    "lasted",
];

/// The shortest beginning of an id that is shown: as much as is taken for one.
const SHORTEST: usize = 8;

/// Date and time of day, without what is below a second and the offset.
const TO_THE_SECOND: usize = "2024-05-03T17:30:00".len();

/// A table, and how many journeys there are of each kind.
pub fn render(found: &[Timeline], page: &Page, zone: Zone) -> Vec<u8> {
    if found.is_empty() {
        return Vec::new();
    }
    let ids = beginnings(found);
    let rows = found.iter().zip(ids).map(|(timeline, id)| {
        let (key, course) = (&timeline.key, &timeline.course);
        let last = course.last.as_ref();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        vec![
            course.standing().name().to_owned(),
            text(course.code()),
            id.to_owned(),
            text(key.integration_key.as_deref()),
            text(course.shape_name.as_deref()),
            course.records.to_string(),
            last.map_or_else(String::new, |last| second(last.stamp, zone)),
            course.lasted().map_or_else(String::new, plain_duration),
        ]
    });
    let mut out = table::render(&COLUMNS, rows, page.width);
    out.extend_from_slice(total(found).as_bytes());
    out
}

fn second(stamp: Timestamp, zone: Zone) -> String {
    let mut text = stamp.at(zone).rfc3339();
    text.truncate(TO_THE_SECOND);
    text
}

fn total(found: &[Timeline]) -> String {
    let kinds = Standing::ALL.iter().filter_map(|standing| {
        let alike = found
            .iter()
            .filter(|one| one.course.standing() == *standing);
        let count = alike.count();
        (count > 0).then(|| format!("{count} {}", standing.name()))
    });
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let plural = if found.len() == 1 { "" } else { "s" };
    format!("{} journey{plural}: {kinds}\n", found.len())
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
