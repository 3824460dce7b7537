//! The screen of `tail`: what it reports, rendered and written.

use crate::commands::files::Files;
use crate::commands::tail::output::ahead::BesideText;
use crate::commands::tail::output::names::LearnedName;
use crate::commands::tail::output::unmet::Unmet;
use crate::commands::tail::output::{Origins, Renderer, Style};
use crate::commands::tail::summary::{Rows, Summary};
use crate::commands::tail::{Audience, TailPlan, TailSource};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::follow::notice::Notice;
use crate::host::{Output, StreamWriter, Talk, screen_size};
use crate::model::event::Event;
use crate::model::format::{AdviceDisplay, Format, Time};
use crate::model::text::counted;
use crate::model::timestamp::Zone;
use crate::records::Input;
use crate::render::{Page, json, sanitise};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tokio::time::Instant;

/// How events are shown.
#[derive(Clone, Debug)]
pub struct Look {
    /// The format.
    pub format: Format,
    /// Which part of a time.
    pub time: Time,
    /// The fields to show.
    pub fields: Vec<String>,
    /// The fields to hide the values of.
    pub redact: Vec<String>,
    /// Whether a reader that is behind is waited for.
    pub waits: bool,
    /// Whether a summary stands for the events.
    pub summary: bool,
    /// A file that takes a copy.
    pub tee: Option<PathBuf>,
    /// What events are said to come from.
    pub source: Option<String>,
    /// Whether several servers are followed.
    pub several: bool,
    /// How often advice is shown.
    pub advice: AdviceDisplay,
}

/// Follows, and shows what comes.
pub fn run(plan: TailPlan, look: Look, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let host = ui.host;
    let page = ui.page(look.format);
    let style = Style {
        format: look.format,
        terminal: host.stdout_is_terminal,
        width: page.may_cut.then_some(page.width),
        theme: ui.stdout,
        zone: ui.zone,
        several: look.several,
        time: look.time,
        fields: look.fields,
        redact: look.redact,
        origins: Origins {
            given: look.source,
            servers: plan.source.servers(),
        },
        advice: look.advice,
    };
    let outlet = if look.waits {
        Outlet::Waits(host.stdout())
    } else {
        Outlet::Spills(StreamWriter::stdout(host)?)
    };
    let mut screen = Screen::new(style.clone(), outlet, ui.talk);
    if look.summary {
        let is_dumb = host.env.get("TERM") == Some("dumb");
        screen.summarise(page, ui.zone, host.stdout_is_terminal && !is_dumb);
    }
    let mut files = Files::default();
    match &plan.source {
        TailSource::Recorded(sources, _) => files.read(sources.inputs()),
        TailSource::Growing(paths, _) => files.read(Input::of(paths)),
        _ => {}
    }
    files.write_stdout()?;
    if let Some(path) = &plan.ready_file {
        files.write("--ready-file", path)?;
    }
    if let Some(path) = look.tee {
        files.write("--tee", &path)?;
        screen.copy_to(&path, style)?;
    }
    super::run(plan, host.interrupt()?, &|| host.now(), &mut screen)
}

/// Where events are shown.
pub struct Screen {
    renderer: Renderer,
    unmet: Unmet,
    outlet: Outlet,
    /// How many events in a row the reader was too slow for, and how many of all.
    missed: u64,
    missed_in_all: u64,
    talk: Talk,
    line: String,
    board: Option<Board>,
    copy: Option<(Renderer, Output)>,
}

/// What becomes of bytes that the reader does not take at once.
pub enum Outlet {
    /// They are waited for, and so is the next event.
    Waits(Output),
    /// Some wait, and what is more is left out.
    Spills(StreamWriter),
}

/// A summary instead of the events, drawn over itself on a terminal.
struct Board {
    summary: Summary,
    page: Page,
    /// Whether the cursor can be moved back to draw again.
    live: bool,
    drawn: usize,
    /// The columns and lines of the terminal when it was drawn.
    size: Option<(usize, usize)>,
}

impl Screen {
    /// An empty screen.
    pub fn new(style: Style, outlet: Outlet, talk: Talk) -> Screen {
        Screen {
            unmet: Unmet::new(&style.fields, &style.redact),
            renderer: Renderer::new(style),
            outlet,
            missed: 0,
            missed_in_all: 0,
            talk,
            line: String::new(),
            board: None,
            copy: None,
        }
    }

    /// Shows a summary instead of the events; `live` says whether the cursor can be moved back.
    fn summarise(&mut self, page: Page, zone: Zone, live: bool) {
        self.board = Some(Board {
            summary: Summary::new(zone),
            page,
            live: live && page.format == Format::Human,
            drawn: 0,
            size: None,
        });
    }

    /// Appends what is shown to a file too.
    pub fn copy_to(&mut self, path: &Path, style: Style) -> Result<(), Failure> {
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path);
        let shown = path.display().to_string();
        let file = file.map_err(|error| Failure::io(format!("cannot write {shown}"), error))?;
        let plain = Style {
            format: Format::Ndjson,
            terminal: false,
            fields: Vec::new(),
            ..style
        };
        self.copy = Some((Renderer::new(plain), Output::new(Box::new(file), shown)));
        Ok(())
    }

    /// Hands the line over; false if the reader is too far behind.
    fn hand_over(&mut self) -> Result<bool, Failure> {
        let taken = match &mut self.outlet {
            Outlet::Waits(output) => output.write(self.line.as_bytes()).map(|()| true),
            Outlet::Spills(overflow) => Ok(overflow.offer(self.line.as_bytes())),
        };
        self.line.clear();
        taken
    }

    /// Says in the stream how many events are not in it.
    fn report_missed(&mut self) -> Result<(), Failure> {
        let count = std::mem::take(&mut self.missed);
        let json = Notice::Missed { count }.json();
        if let Ok(event) = Event::read(&json) {
            self.renderer.event(&event, None, &mut self.line);
        }
        if !self.hand_over()? {
            self.missed = count;
        }
        Ok(())
    }
}

impl Board {
    fn draw(&mut self, last: bool, out: &mut String) {
        if self.page.format != Format::Human {
            let line = json::line(&self.summary.json());
            out.push_str(&String::from_utf8_lossy(&line));
            return;
        }
        let is_live = self.live && !last;
        if self.live {
            self.follow_size(out);
        }
        let rows = if is_live { Rows::LIVE } else { Rows::ALL };
        let text = self.summary.text(&self.page, rows, is_live);
        if !self.live {
            out.push_str(&text);
            return;
        }
        // The cursor stands below the last line.
        let lines = self.size.filter(|_| is_live).map(|(_, lines)| lines);
        let most = lines.map_or(usize::MAX, |lines| lines.saturating_sub(1));
        // Each line is written over the old one and then cleared to its end, and at last what is
        // left below: nothing is blank in between, so nothing flickers. One that is longer than
        // the terminal is wide gets no second line there, which nobody would have counted.
        out.push_str("\u{1b}[?7l");
        if self.drawn > 0 {
            let _ = write!(out, "\u{1b}[{}A", self.drawn);
        }
        let mut lines: Vec<&str> = text.lines().collect();
        if lines.len() > most {
            lines.truncate(most.saturating_sub(1));
            lines.push("…");
        }
        self.drawn = lines.len();
        for line in lines {
            let _ = writeln!(out, "{line}\u{1b}[K");
        }
        out.push_str("\u{1b}[J\u{1b}[?7h");
    }
}

impl Board {
    /// Begins anew on a terminal whose size has changed: nobody knows where its lines are now.
    fn follow_size(&mut self, out: &mut String) {
        let size = screen_size();
        let before = std::mem::replace(&mut self.size, size);
        if let (Some((columns, _)), true) = (size, before.is_some() && size != before) {
            out.push_str("\u{1b}[H\u{1b}[J");
            self.drawn = 0;
            self.page.width = columns;
        }
    }
}

impl Audience for Screen {
    fn event(&mut self, event: &Event<'_>, source: Option<&str>) -> Result<(), Failure> {
        self.unmet.look(event);
        if let Some((renderer, output)) = &mut self.copy {
            renderer.event(event, source, &mut self.line);
            output.write(self.line.as_bytes())?;
            self.line.clear();
        }
        if let Some(board) = &mut self.board {
            board.summary.add(event);
            return Ok(());
        }
        if self.missed > 0 {
            self.report_missed()?;
        }
        if self.missed == 0 {
            self.renderer.event(event, source, &mut self.line);
            if self.hand_over()? {
                return Ok(());
            }
        }
        self.missed += 1;
        self.missed_in_all += 1;
        Ok(())
    }

    fn passed(&mut self, event: &Event<'_>) {
        self.renderer.learn(event);
    }

    fn give_up_at(&mut self, deadline: Option<Instant>) {
        let deadline = deadline.map(Instant::into_std);
        match &mut self.outlet {
            Outlet::Waits(output) => output.give_up_at(deadline),
            Outlet::Spills(overflow) => overflow.give_up_at(deadline),
        }
    }

    fn flush(&mut self) -> Result<bool, Failure> {
        if let Some((_, output)) = &mut self.copy {
            output.flush()?;
        }
        match &mut self.outlet {
            Outlet::Waits(output) => {
                output.flush()?;
                Ok(!output.is_closed())
            }
            Outlet::Spills(overflow) => overflow.is_open(),
        }
    }

    fn refresh(&mut self) -> Result<(), Failure> {
        if let Some(board) = &mut self.board {
            board.draw(false, &mut self.line);
            self.hand_over()?;
            self.flush()?;
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        // A message moves the cursor: the board is drawn again below it.
        if let Some(board) = &mut self.board {
            board.drawn = 0;
        }
        self.talk.notice(&sanitise::line(text));
    }

    fn detail(&mut self, text: &str) {
        self.talk.detail(&sanitise::line(text));
    }

    fn asks_facts(&self) -> bool {
        self.board.is_some() || self.renderer.style().format == Format::Human
    }

    fn style_ahead(&self) -> Option<&Style> {
        let style = self.renderer.style();
        let each_in_turn = self.board.is_some()
            || self.copy.is_some()
            || matches!(self.outlet, Outlet::Spills(_))
            || !style.allows_ahead();
        (!each_in_turn).then_some(style)
    }

    fn has_begun(&self) -> bool {
        self.renderer.has_begun()
    }

    fn write_ahead(&mut self, text: &str, events: u64) -> Result<(), Failure> {
        self.renderer.write_ahead(events);
        match &mut self.outlet {
            Outlet::Waits(output) => output.write(text.as_bytes()),
            // Here each event has to wait for its turn.
            Outlet::Spills(_) => Ok(()),
        }
    }

    fn learn(&mut self, learned: &LearnedName<'_>) {
        self.renderer.learn_name(learned);
    }

    fn looked_ahead(&mut self, beside: &BesideText) {
        self.unmet.merge(&beside.unmet);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        if let Outlet::Spills(overflow) = &self.outlet {
            overflow.finish()?;
        }
        if self.missed > 0 {
            self.report_missed()?;
        }
        match &mut self.board {
            Some(board) => board.draw(true, &mut self.line),
            None => self.renderer.finish(&mut self.line),
        }
        self.hand_over()?;
        self.flush()?;
        if let Outlet::Spills(overflow) = &self.outlet {
            overflow.finish()?;
        }
        if self.missed_in_all > 0 {
            let count = self.missed_in_all;
            self.remark(&format!(
                "{} left out: the reader was too slow",
                counted(count, "event")
            ));
        }
        let remarks: Vec<String> = self.unmet.remarks().collect();
        for text in &remarks {
            self.remark(text);
        }
        Ok(())
    }
}
