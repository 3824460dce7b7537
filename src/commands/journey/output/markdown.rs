//! Journeys in Markdown, for an issue or a chat.

use super::list::{COLUMNS, WriteList, cells, total};
use super::{DayClock, meaning};
use crate::commands::journey::closing::Closing;
use crate::commands::journey::list::JourneyList;
use crate::commands::journey::timeline::{Timeline, TimelineEntry};
use crate::failure::Failure;
use crate::model::timestamp::Zone;
use crate::render::mark::Mark;
use crate::render::markdown::{cell, cell_of_lines, code};
use std::fmt::Write;

/// The story of a journey.
pub fn story(timeline: &Timeline, zone: Zone) -> String {
    let parts: Vec<_> = timeline.labels().iter().map(|label| cell(label)).collect();
    let mut out = format!(
        "### {} {}\n\n",
        code(&timeline.key.correlation_id),
        parts.join(" · ")
    );
    out.push_str(
        "| time | code | meaning | stage | outcome | detail |\n|---|---|---|---|---|---|\n",
    );
    let mut clock = DayClock::new(zone);
    for entry in &timeline.entries {
        let (day, clock) = clock.show(entry.time());
        let time = day.map_or(clock.clone(), |day| {
            let (date, offset) = day.split_once(' ').unwrap_or((&day, ""));
            format!("{date} {clock} {offset}")
        });
        let text = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
        let cells = match entry {
            TimelineEntry::EventLog(log) => {
                let findings = log.findings.iter();
                let findings =
                    findings.map(|one| format!("**{}** {}", one.rule, cell(&one.message)));
                let detail = log.detail.as_deref().map(cell_of_lines);
                let detail = detail.into_iter().chain(findings).collect::<Vec<_>>();
                [
                    format!(
                        "{} {}",
                        Mark::of_level(log.level).sign(),
                        text(&log.event_code)
                    ),
                    meaning(log.meaning).to_owned(),
                    text(&log.life_cycle_stage),
                    text(&log.outcome),
                    detail.join("<br>"),
                ]
            }
            TimelineEntry::Sys(event) => [
                format!(
                    "{} {}",
                    Mark::of_event(&event.event_type).sign(),
                    cell(&event.event_type)
                ),
                text(&event.name),
                String::new(),
                "sys event".to_owned(),
                cell_of_lines(event.text.as_deref().unwrap_or_default()),
            ],
        };
        let _ = writeln!(out, "| {time} | {} |", cells.join(" | "));
    }
    let closing = Closing::of(timeline);
    let _ = writeln!(out, "\n**{}**", cell(&closing.said));
    for help in &closing.help {
        let _ = writeln!(out, "- {}", cell(help));
    }
    out
}

/// A table with one row a journey.
pub fn list(list: &JourneyList, zone: Zone, write: &mut WriteList<'_>) -> Result<(), Failure> {
    let header = COLUMNS.join(" | ");
    let header = format!("| {header} |\n|{}\n", "---|".repeat(COLUMNS.len()));
    write(header.as_bytes())?;
    for (key, summary) in list.iter() {
        let cells = cells(key, summary, &key.correlation_id, zone);
        let cells = cells.iter().map(|text| cell(text)).collect::<Vec<_>>();
        write(format!("| {} |\n", cells.join(" | ")).as_bytes())?;
    }
    write(format!("\n{}\n", total(list)).as_bytes())
}
