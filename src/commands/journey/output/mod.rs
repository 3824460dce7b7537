//! Journeys: a picture of each in text, a list of them, and JSON.

mod list;
mod picture;

use super::timeline::Timeline;
use crate::model::format::Format;
use crate::model::timestamp::Zone;
use crate::render::{Page, json};

/// What was found, in the page's format: pictures where one id was asked for, else a list.
pub fn journeys(found: &[Timeline], one: bool, page: &Page, zone: Zone) -> Vec<u8> {
    match page.format {
        Format::Json => json::array(found),
        Format::Ndjson => found.iter().flat_map(json::line).collect(),
        _ if one => {
            let pictures = found
                .iter()
                .map(|journey| picture::draw(journey, page, zone));
            pictures.collect::<Vec<_>>().join("\n\n").into_bytes()
        }
        _ => list::render(found, page, zone),
    }
}
