//! A journey as a picture in text: its stages, every entry, and how it stands.

use crate::commands::journey::course::Standing;
use crate::commands::journey::timeline::{Happening, LogEntry, SysEntry, Timeline};
use crate::model::code::{Code, Level};
use crate::model::stage::STAGES;
use crate::model::sys_event::Severity;
use crate::model::timestamp::{Timestamp, Zone, plain_duration};
use crate::render::fit::{columns, cut, pad};
use crate::render::theme::{Styled, Theme};
use crate::render::{Page, sanitise, wrap};
use anstyle::Style;
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
        zone,
        day: String::new(),
    };
    let entries = timeline.entries.as_deref().unwrap_or_default();
    drawing.heading(timeline);
    drawing.stages(timeline, entries);
    drawing.entries(entries);
    drawing.ending(timeline);
    drawing.out
}

struct Drawing<'a> {
    out: String,
    page: &'a Page,
    zone: Zone,
    /// The date and offset that were shown last.
    day: String,
}

impl Drawing<'_> {
    fn theme(&self) -> &Theme {
        &self.page.theme
    }

    fn heading(&mut self, timeline: &Timeline) {
        let key = &timeline.key;
        let stream = key.stream.as_ref().map(|stream| format!("stream {stream}"));
        let parts = [
            timeline.course.shape_name.as_deref(),
            key.integration_key.as_deref(),
            key.direction.as_deref(),
            stream.as_deref(),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().map(sanitise::line).collect();
        let id = Styled(self.theme().name, sanitise::line(&key.correlation_id));
        let heading = format!("{id}  {}", parts.join(" · "));
        self.line(&heading);
    }

    /// The stages of the journey's direction, each with how often and how badly it was reported.
    fn stages(&mut self, timeline: &Timeline, entries: &[Happening]) {
        let direction = timeline.key.direction.as_deref().unwrap_or_default();
        let rungs = STAGES
            .iter()
            .filter(|stage| stage.direction.name() == direction)
            .map(|stage| {
                let logs = entries.iter().filter_map(|entry| match entry {
                    Happening::EventLog(log) => Some(log),
                    Happening::Sys(_) => None,
                });
                let reports = logs.filter(|log| log.life_cycle_stage.as_deref() == Some(stage.key));
                let levels: Vec<_> = reports.map(|log| log.level).collect();
                let Some(worst) = levels.iter().max() else {
                    return Styled(self.theme().dim, format!("○ {}", stage.word())).to_string();
                };
                let (sign, style) = mark(*worst, self.theme());
                let times = match levels.len() {
                    1 => String::new(),
                    times => format!(" ×{times}"),
                };
                format!("{} {}{times}", Styled(style, sign), stage.word())
            });
        let rungs: Vec<_> = rungs.collect();
        if !rungs.is_empty() {
            self.line(&rungs.join("   "));
        }
        self.out.push('\n');
    }

    fn entries(&mut self, entries: &[Happening]) {
        let grid = Grid::of(entries, self.page.width);
        for entry in entries {
            match entry {
                Happening::EventLog(log) => self.log(log, &grid),
                Happening::Sys(event) => self.event(event),
            }
        }
    }

    fn log(&mut self, log: &LogEntry, grid: &Grid) {
        self.clock(log.time.as_deref());
        let code = sanitise::line(log.event_code.as_deref().unwrap_or("?"));
        let (sign, style) = mark(log.level, self.theme());
        let _ = write!(self.out, "{}  ", Styled(style, format!("{sign} {code:5}")));
        let meaning = meaning(log);
        self.out.push_str(meaning);
        if grid.is_wide {
            pad(&mut self.out, columns(meaning), grid.meaning);
        } else {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', INDENT));
        }
        let stage = shown(log.life_cycle_stage.as_deref());
        let outcome = shown(log.outcome.as_deref());
        self.out.push_str(&stage);
        pad(&mut self.out, columns(&stage), grid.stage);
        self.line(&outcome);
        if let Some(detail) = &log.detail {
            self.text(&sanitise::block(detail));
        }
        for finding in &log.findings {
            let (sign, style) = match finding.level {
                crate::check::rule::Level::Error => ("✖", self.theme().error),
                crate::check::rule::Level::Warning => ("▲", self.theme().warning),
                crate::check::rule::Level::Hint => ("◆", self.theme().hint),
            };
            let label = format!("{} ", Styled(style, format!("{sign} {}:", finding.rule)));
            let width = columns(finding.rule) + 4;
            let message = sanitise::line(&finding.message).into_owned();
            self.hanging(&label, width, &message);
        }
    }

    fn event(&mut self, event: &SysEntry) {
        self.clock(event.time.as_deref());
        let (sign, style) = match Severity::of(&event.event_type) {
            Severity::Bad => ("✖", self.theme().error),
            Severity::Notice => ("▲", self.theme().warning),
            Severity::Quiet => ("·", self.theme().dim),
        };
        let name = shown(event.name.as_deref());
        let event_type = sanitise::line(&event.event_type).into_owned();
        let used = INDENT + columns(&event_type) + 4;
        let label = Styled(style, format!("{sign} {event_type}"));
        let line = format!("{label}  {}", cut(&name, Some(self.page.width), used));
        self.line(&line);
        if let Some(text) = &event.text {
            self.text(&sanitise::block(text));
        }
    }

    /// The time of day, on the line of its entry; the date before it, where that is another one.
    fn clock(&mut self, time: Option<&str>) {
        let stamp = time.and_then(Timestamp::parse);
        let full = stamp.map(|stamp| stamp.at(self.zone).full());
        let parts = full
            .as_deref()
            .map(|full| full.split(' ').collect::<Vec<_>>());
        let Some([date, clock, offset]) = parts.as_deref() else {
            pad(&mut self.out, 0, CLOCK);
            return;
        };
        let day = format!("{date} {offset}");
        if day != self.day {
            let styled = Styled(self.page.theme.dim, &day).to_string();
            self.line(&styled);
            self.day = day;
        }
        self.out.push_str(clock);
        pad(&mut self.out, columns(clock), CLOCK);
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
        let course = &timeline.course;
        let standing = course.standing();
        let (sign, style) = match standing {
            Standing::Failed => ("✖", self.theme().error),
            Standing::Retrying => ("▲", self.theme().warning),
            Standing::Open => ("○", self.theme().hint),
            Standing::Done => ("●", self.theme().good),
        };
        let told = format!("{sign} {}", standing.name());
        let after = match standing {
            Standing::Failed => "after",
            Standing::Retrying | Standing::Open => "for",
            Standing::Done => "in",
        };
        let lasted = course.lasted().map_or_else(String::new, |lasted| {
            format!("{after} {}: ", plain_duration(lasted))
        });
        let code = sanitise::line(course.code().unwrap_or("no event code"));
        let known = course.code().and_then(Code::find);
        let meaning = known.map_or("", |code| code.description);
        let label = format!("\n{} ", Styled(style, &told));
        let rest = format!("{lasted}{code} {meaning}");
        let folded = wrap::hanging(&label, columns(&told) + 1, &rest, self.page.width);
        self.out.push_str(&folded);
        if let Some(help) = help(timeline) {
            let label = format!("  {} ", Styled(self.theme().hint, "help:"));
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

/// What the reader can do.
fn help(timeline: &Timeline) -> Option<String> {
    let course = &timeline.course;
    match course.standing() {
        Standing::Failed => {
            let known = course.code().and_then(Code::find)?;
            Some(format!(
                "nothing more follows for this message by itself; hivelog explain {known} says more"
            ))
        }
        Standing::Retrying => {
            Some("the connector keeps trying; an error code says once it has given up".to_owned())
        }
        Standing::Open => {
            let outcome = sanitise::line(course.outcome.as_deref()?).into_owned();
            Some(format!(
                "the last outcome is {outcome}: more event logs should follow"
            ))
        }
        Standing::Done => None,
    }
}

fn mark(level: Option<Level>, theme: &Theme) -> (&'static str, Style) {
    match level {
        Some(Level::Error) => ("✖", theme.error),
        Some(Level::Warning) => ("▲", theme.warning),
        Some(Level::Info) => ("●", theme.good),
        None => ("?", theme.dim),
    }
}

fn meaning(log: &LogEntry) -> &'static str {
    log.meaning.unwrap_or("not in the glossary")
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
    fn of(entries: &[Happening], width: usize) -> Grid {
        let logs = entries.iter().filter_map(|entry| match entry {
            Happening::EventLog(log) => Some(log),
            Happening::Sys(_) => None,
        });
        let (mut most_meaning, mut most_stage, mut most_outcome) = (0, 0, 0);
        for log in logs {
            most_meaning = most_meaning.max(columns(meaning(log)));
            most_stage = most_stage.max(columns(&shown(log.life_cycle_stage.as_deref())));
            most_outcome = most_outcome.max(columns(&shown(log.outcome.as_deref())));
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
