//! The list of journeys as a page of its own.

use super::list::{COLUMNS, NUMBERS, WriteList, cells, total};
use crate::commands::journey::list::JourneyList;
use crate::commands::journey::summary::JourneyStatus;
use crate::failure::Failure;
use crate::model::timestamp::Zone;
use crate::render::html::{self, escape};
use std::fmt::Write;

/// A table with one row a journey.
pub fn render(list: &JourneyList, zone: Zone, write: &mut WriteList<'_>) -> Result<(), Failure> {
    let mut part = html::begin("journeys");
    part.push_str("<table>\n<tr>");
    for (at, name) in COLUMNS.iter().enumerate() {
        let class = if NUMBERS.contains(&at) { "number" } else { "" };
        let _ = write!(part, "<th class=\"{class}\">{name}</th>");
    }
    part.push_str("</tr>\n");
    for (key, summary) in list.iter() {
        part.push_str("<tr>");
        let cells = cells(key, summary, &key.correlation_id, zone);
        for (at, cell) in cells.iter().enumerate() {
            let class = match (at, summary.status()) {
                (0, JourneyStatus::Open) => "open",
                (0, status) => status.mark().class(),
                (2, _) => "id",
                _ if NUMBERS.contains(&at) => "number",
                _ => "",
            };
            let _ = write!(part, "<td class=\"{class}\">{}</td>", escape(cell));
        }
        part.push_str("</tr>\n");
        write(part.as_bytes())?;
        part.clear();
    }
    let _ = writeln!(part, "</table>\n<p>{}</p>\n{}", total(list), html::END);
    write(part.as_bytes())
}
