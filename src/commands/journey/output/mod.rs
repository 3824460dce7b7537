//! Journeys: a picture of each in text, a page, a list of them, and JSON.

mod list;
mod markdown;
mod mermaid;
mod page;
mod picture;

use super::timeline::Timeline;
use crate::model::format::Format;
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::mark::Mark;
use crate::render::{Page, json};

/// What was found, in the page's format: the story of each where an id was asked for, else a list.
pub fn journeys(found: &[Timeline], id: Option<&str>, page: &Page, zone: Zone) -> Vec<u8> {
    match page.format {
        Format::Json => json::array(found),
        Format::Ndjson => found.iter().flat_map(json::line).collect(),
        Format::Html => page::render(found, id, zone).into_bytes(),
        Format::Markdown if id.is_some() => {
            let stories = found.iter().map(|journey| markdown::story(journey, zone));
            stories.collect::<Vec<_>>().join("\n").into_bytes()
        }
        Format::Markdown => markdown::list(found, zone).into_bytes(),
        Format::Mermaid => {
            let drawings = found.iter().map(|journey| mermaid::draw(journey, zone));
            drawings.collect::<Vec<_>>().join("\n").into_bytes()
        }
        _ if id.is_some() => {
            let pictures = found
                .iter()
                .map(|journey| picture::draw(journey, page, zone));
            pictures.collect::<Vec<_>>().join("\n\n").into_bytes()
        }
        _ => list::render(found, page, zone),
    }
}

/// What a code means.
fn meaning(known: Option<&'static str>) -> &'static str {
    known.unwrap_or("not in the glossary")
}

/// The mark of a finding.
fn finding_mark(level: crate::check::rule::Level) -> Mark {
    match level {
        crate::check::rule::Level::Error => Mark::Error,
        crate::check::rule::Level::Warning => Mark::Warning,
        crate::check::rule::Level::Hint => Mark::Hint,
    }
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
