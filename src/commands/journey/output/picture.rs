//! A journey as a picture in text: its stages, every entry, and how it stands.

use super::{DayClock, meaning};
use crate::commands::journey::closing::Closing;
use crate::commands::journey::timeline::{LogEntry, SysEntry, Timeline, TimelineEntry};
use crate::model::timestamp::Zone;
use crate::render::fit::{columns, cut, pad};
use crate::render::ladder::rungs;
use crate::render::mark::Mark;
use crate::render::theme::{Styled, Theme};
use crate::render::{Page, sanitise, wrap};
use std::fmt::Write;

/// The columns of a time of day.
const CLOCK: usize = "17:30:00.895".len();

/// Where the text of an entry begins.
const INDENT: usize = CLOCK + 2;

/// Draws a journey.
pub fn draw(timeline: &Timeline, page: &Page, zone: Zone) -> String {
    let mut drawing = Drawing {
        out: String::with_capacity(4096),
        page,
        clock: DayClock::new(zone),
        detail: None,
    };
    let entries = &timeline.entries;
    drawing.heading(timeline);
    drawing.stages(timeline, entries);
    drawing.entries(entries);
    drawing.ending(timeline);
    drawing.out
}

struct Drawing<'a> {
    out: String,
    page: &'a Page,
    clock: DayClock,
    /// The detail that was shown last, and when.
    detail: Option<(String, String)>,
}

impl Drawing<'_> {
    fn theme(&self) -> &Theme {
        &self.page.theme
    }

    fn heading(&mut self, timeline: &Timeline) {
        let labels = timeline.labels();
        let parts: Vec<_> = labels.iter().map(|label| sanitise::line(label)).collect();
        let id = Styled(
            self.theme().name,
            sanitise::line(&timeline.key.correlation_id),
        );
        let heading = format!("{id}  {}", parts.join(" · "));
        self.line(&heading);
    }

    /// The stages of the journey's direction, each with how often and how badly it was reported.
    fn stages(&mut self, timeline: &Timeline, entries: &[TimelineEntry]) {
        let direction = timeline.key.direction.as_deref().unwrap_or_default();
        let reported = entries.iter().filter_map(|entry| match entry {
            TimelineEntry::EventLog(log) => {
                Some((log.life_cycle_stage.as_deref()?, Mark::of_level(log.level)))
            }
            TimelineEntry::Sys(_) => None,
        });
        let rungs = rungs(direction, reported).map(|rung| {
            let Some(worst) = rung.worst else {
                let text = format!("○ {}", rung.stage.word());
                return Styled(self.theme().dim, text).to_string();
            };
            let sign = Styled(worst.style(self.theme()), sign(worst));
            let times = match rung.times {
                1 => String::new(),
                times => format!(" ×{times}"),
            };
            format!("{sign} {}{times}", rung.stage.word())
        });
        let rungs: Vec<_> = rungs.collect();
        if !rungs.is_empty() {
            self.line(&rungs.join("   "));
        }
        self.out.push('\n');
    }

    fn entries(&mut self, entries: &[TimelineEntry]) {
        let grid = Grid::of(entries, self.page.width);
        for entry in entries {
            match entry {
                TimelineEntry::EventLog(log) => self.log(log, &grid),
                TimelineEntry::Sys(event) => self.event(event),
            }
        }
    }

    fn log(&mut self, log: &LogEntry, grid: &Grid) {
        self.show_clock(log.time.as_deref());
        let code = sanitise::line(log.event_code.as_deref().unwrap_or("?"));
        let mark = Mark::of_level(log.level);
        let code = Styled(mark.style(self.theme()), format!("{} {code:5}", sign(mark)));
        let _ = write!(self.out, "{code}  ");
        let meaning = meaning(log.meaning);
        self.out.push_str(meaning);
        if grid.is_wide {
            pad(&mut self.out, columns(meaning), grid.meaning);
        } else {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', INDENT));
        }
        let stage = shown(log.life_cycle_stage.as_deref());
        let outcome = outcome(log);
        self.out.push_str(&stage);
        pad(&mut self.out, columns(&stage), grid.stage);
        self.line(&outcome);
        match (&log.detail, &self.detail) {
            (Some(detail), Some((same, clock))) if same == detail => {
                let text = format!("the same detail as at {clock}");
                let text = Styled(self.page.theme.dim, text);
                let _ = writeln!(self.out, "{:INDENT$}{text}", "");
            }
            (Some(detail), _) => {
                self.text(&sanitise::block(detail));
                let (_, clock) = DayClock::new(self.clock.zone).show(log.time.as_deref());
                self.detail = Some((detail.clone(), clock)).filter(|(_, clock)| !clock.is_empty());
            }
            _ => {}
        }
        for finding in &log.findings {
            let mark = Mark::of_finding(finding.level);
            let label = format!("{} {}:", mark.sign(), finding.rule);
            let label = format!("{} ", Styled(mark.style(self.theme()), label));
            let width = columns(finding.rule) + 4;
            let message = sanitise::line(&finding.message).into_owned();
            self.hanging(&label, width, &message);
        }
    }

    fn event(&mut self, event: &SysEntry) {
        self.show_clock(event.time.as_deref());
        let name = shown(event.name.as_deref());
        let event_type = sanitise::line(&event.event_type).into_owned();
        let used = INDENT + columns(&event_type) + 4;
        let mark = Mark::of_event(&event.event_type);
        let label = format!("{} {event_type}", mark.sign());
        let label = Styled(mark.style(self.theme()), label);
        let line = format!("{label}  {}", cut(&name, Some(self.page.width), used));
        self.line(&line);
        if let Some(text) = &event.text {
            self.text(&sanitise::block(text));
        }
    }

    /// The time of day, on the line of its entry; the date before it, where that is another one.
    fn show_clock(&mut self, time: Option<&str>) {
        let (day, clock) = self.clock.show(time);
        if let Some(day) = day {
            let day = Styled(self.page.theme.dim, day).to_string();
            self.line(&day);
        }
        self.out.push_str(&clock);
        pad(&mut self.out, columns(&clock), CLOCK);
    }

    /// Text below an entry.
    fn text(&mut self, text: &str) {
        self.hanging("", 0, text);
    }

    fn hanging(&mut self, label: &str, width: usize, text: &str) {
        let indent = " ".repeat(INDENT);
        let first = format!("{indent}{label}");
        let folded = wrap::hanging(&first, INDENT + width, text, self.page.width);
        self.out.push_str(&folded);
    }

    fn ending(&mut self, timeline: &Timeline) {
        let status = timeline.summary.status();
        let mark = status.mark();
        let closing = Closing::of(timeline);
        let said = sanitise::line(&closing.said);
        let word = format!("{} {}", mark.sign(), status.name());
        let rest = said.strip_prefix(status.name()).unwrap_or(&said);
        let label = format!("\n{}", Styled(mark.style(self.theme()), &word));
        let separator = if rest.starts_with(':') { "" } else { " " };
        let width = columns(&word) + separator.len();
        let label = label + separator;
        let rest = rest.trim_start();
        if rest.is_empty() {
            self.line(&label);
        } else {
            let folded = wrap::hanging(&label, width, rest, self.page.width);
            self.out.push_str(&folded);
        }
        for help in &closing.help {
            let label = format!("  {} ", Styled(self.theme().hint, "help:"));
            let help = sanitise::line(help);
            let folded = wrap::hanging(&label, "  help: ".len(), &help, self.page.width);
            self.out.push_str(&folded);
        }
    }

    /// Ends a line, without blanks at its end.
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }
}

/// The sign of an entry; a code that the glossary does not have is a question.
fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Unknown => "?",
        mark => mark.sign(),
    }
}

fn outcome(log: &LogEntry) -> String {
    let outcome = shown(log.outcome.as_deref());
    if log.is_waiting {
        format!("{outcome} (in the spool)")
    } else {
        outcome
    }
}

fn shown(text: Option<&str>) -> String {
    sanitise::line(text.unwrap_or("-")).into_owned()
}

/// How wide the columns of event logs are, and whether everything fits on one line.
struct Grid {
    meaning: usize,
    stage: usize,
    is_wide: bool,
}

impl Grid {
    fn of(entries: &[TimelineEntry], width: usize) -> Grid {
        let logs = entries.iter().filter_map(|entry| match entry {
            TimelineEntry::EventLog(log) => Some(log),
            TimelineEntry::Sys(_) => None,
        });
        let (mut most_meaning, mut most_stage, mut most_outcome) = (0, 0, 0);
        for log in logs {
            most_meaning = most_meaning.max(columns(meaning(log.meaning)));
            most_stage = most_stage.max(columns(&shown(log.life_cycle_stage.as_deref())));
            most_outcome = most_outcome.max(columns(&outcome(log)));
        }
        let code = "● 4005E  ".chars().count();
        let needed = INDENT + code + most_meaning + 2 + most_stage + 2 + most_outcome;
        Grid {
            meaning: most_meaning,
            stage: most_stage,
            is_wide: needed <= width,
        }
    }
}
