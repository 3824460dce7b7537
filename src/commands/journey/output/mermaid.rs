//! A journey as a sequence diagram of Mermaid: who did what, in order.

use super::{DayClock, meaning};
use crate::commands::journey::closing::Closing;
use crate::commands::journey::timeline::{LogEntry, Timeline, TimelineEntry};
use crate::model::code::CodeLevel;
use crate::model::timestamp::Zone;
use crate::render::sanitise;
use std::fmt::Write;

/// How much of a text stands in the drawing.
const LONGEST: usize = 120;

/// Draws journeys, one below the other: Mermaid reads one diagram.
pub fn draw(found: &[Timeline], zone: Zone) -> String {
    let mut out = String::from("sequenceDiagram\n");
    out.push_str("    participant X as External system\n");
    out.push_str("    participant C as Connector\n");
    out.push_str("    participant S as SyncHive\n");
    for timeline in found {
        journey(timeline, zone, &mut out);
    }
    out
}

fn journey(timeline: &Timeline, zone: Zone, out: &mut String) {
    let title = [timeline.key.correlation_id.to_string()];
    let title = title.into_iter().chain(timeline.labels());
    let title = title.collect::<Vec<_>>().join(" · ");
    let _ = writeln!(out, "    Note over X,S: {}", safe(&title));
    let mut clock = DayClock::new(zone);
    for entry in &timeline.entries {
        let (day, clock) = clock.show(entry.time());
        if let Some(day) = day {
            let _ = writeln!(out, "    Note over X,S: {}", safe(&day));
        }
        match entry {
            TimelineEntry::EventLog(log) => step(log, &clock, out),
            TimelineEntry::Sys(event) => {
                let text = [
                    Some(clock.as_str()),
                    Some(event.event_type.as_str()),
                    event.name.as_deref(),
                    event.text.as_deref(),
                ];
                let text = text.into_iter().flatten().collect::<Vec<_>>().join(" ");
                let _ = writeln!(out, "    Note right of S: {}", safe(&text));
            }
        }
    }
    let closing = Closing::of(timeline);
    let _ = writeln!(out, "    Note over X,S: {}", safe(&closing.said));
}

fn step(log: &LogEntry, clock: &str, out: &mut String) {
    // Who speaks to whom in a stage of the lifecycle.
    let (from, to) = match log.life_cycle_stage.as_deref() {
        Some("INBOUND_1") => ("X", "C"),
        Some("INBOUND_3") => ("C", "S"),
        Some("INBOUND_4" | "INBOUND_5" | "OUTBOUND_1" | "OUTBOUND_5") => ("S", "S"),
        Some("OUTBOUND_2") => ("S", "C"),
        Some("OUTBOUND_4") => ("C", "X"),
        _ => ("C", "C"),
    };
    let arrow = match log.level {
        Some(CodeLevel::Error) => "-x",
        Some(CodeLevel::Warning) => "-->>",
        _ => "->>",
    };
    let text = [
        clock,
        log.event_code.as_deref().unwrap_or("?"),
        meaning(log.meaning),
        log.outcome.as_deref().unwrap_or_default(),
    ];
    let _ = writeln!(
        out,
        "    {from}{arrow}{to}: {}",
        safe(text.join(" ").trim())
    );
    if log.level >= Some(CodeLevel::Warning)
        && let Some(first) = log
            .detail
            .as_deref()
            .and_then(|detail| detail.lines().next())
    {
        let _ = writeln!(out, "    Note over {from}: {}", safe(first));
    }
    for finding in &log.findings {
        let text = format!("{}: {}", finding.rule, finding.message);
        let _ = writeln!(out, "    Note over {from}: {}", safe(&text));
    }
}

/// Text that stays on its line and means nothing to the drawing.
fn safe(text: &str) -> String {
    let line = sanitise::line(text);
    let mut safe = String::new();
    for (at, c) in line.chars().enumerate() {
        match c {
            _ if at == LONGEST => {
                safe.push('…');
                break;
            }
            c if c.is_alphanumeric() || " .,:_/()+-'·…".contains(c) => safe.push(c),
            c => {
                let _ = write!(safe, "#{};", u32::from(c));
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn text_from_others_means_nothing_to_the_drawing() {
        assert_eq!(safe("a;b\n%%{init}"), "a#59;b#92;n#37;#37;#123;init#125;");
    }
}
