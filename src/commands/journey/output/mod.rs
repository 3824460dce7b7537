//! Journeys: a picture of each in text, a page, a list of them, and JSON.

mod beginnings;
mod list;
mod list_page;
mod markdown;
mod mermaid;
mod page;
mod picture;

use super::list::JourneyList;
use super::summary::JourneyRow;
use super::timeline::Timeline;
use crate::failure::Failure;
use crate::model::format::Format;
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::{Page, json};
use list::WriteList;

/// The formats of `-o`.
pub const FORMATS: [Format; 6] = [
    Format::Human,
    Format::Json,
    Format::Ndjson,
    Format::Html,
    Format::Markdown,
    Format::Mermaid,
];

/// The story of each journey of an id.
pub fn stories(found: &[Timeline], id: &str, page: &Page, zone: Zone) -> Vec<u8> {
    let joined = |stories: Vec<String>, between: &str| stories.join(between).into_bytes();
    let stories = found.iter();
    match page.format {
        Format::Json => json::array(found),
        Format::Ndjson => stories.flat_map(json::line).collect(),
        Format::Html => page::stories(found, id, zone).into_bytes(),
        Format::Markdown => joined(
            stories.map(|one| markdown::story(one, zone)).collect(),
            "\n",
        ),
        Format::Mermaid => mermaid::draw(found, zone).into_bytes(),
        _ => joined(
            stories.map(|one| picture::draw(one, page, zone)).collect(),
            "\n\n",
        ),
    }
}

/// The list of journeys, part by part.
pub fn list(
    list: &JourneyList,
    page: &Page,
    zone: Zone,
    write: &mut WriteList<'_>,
) -> Result<(), Failure> {
    let mut rows = list
        .iter()
        .map(|(key, summary)| JourneyRow::of(key, summary));
    match page.format {
        Format::Json => {
            let mut array = json::Array::default();
            rows.try_for_each(|row| write(&array.value(&row)))?;
            write(array.end().as_bytes())
        }
        Format::Ndjson => rows.try_for_each(|row| write(&json::line(&row))),
        Format::Html => list_page::render(list, zone, write),
        Format::Markdown => markdown::list(list, zone, write),
        _ => list::render(list, page, zone, write),
    }
}

/// What a code means.
fn meaning(known: Option<&'static str>) -> &'static str {
    known.unwrap_or("not in the glossary")
}

/// Shows instants as times of day, and says when another day or offset begins.
struct DayClock {
    zone: Zone,
    day: String,
}

impl DayClock {
    fn new(zone: Zone) -> DayClock {
        DayClock {
            zone,
            day: String::new(),
        }
    }

    /// The day with its offset, where it is another than before, and the time of day.
    fn show(&mut self, time: Option<&str>) -> (Option<String>, String) {
        let Some(stamp) = time.and_then(Timestamp::parse) else {
            return (None, String::new());
        };
        let full = stamp.at(self.zone).full();
        let parts = full.split(' ').collect::<Vec<_>>();
        let [date, clock, offset] = parts.as_slice() else {
            return (None, full);
        };
        let day = format!("{date} {offset}");
        let turned = (day != self.day).then(|| day.clone());
        self.day = day;
        (turned, (*clock).to_owned())
    }
}
