//! Hands what a run of deliveries reports to standard output and the progress bar.

use super::input::Records;
use super::intake::EmitInput;
use super::output::progress::ResultBar;
use super::output::{Naming, Show};
use super::{EmitEvent, EmitPlan, Target, Trouble};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{self, Output, Talk};
use crate::model::format::Format;
use crate::model::wrap;
use crate::settings::Settings;

/// Sends and shows.
pub fn run(
    records: Records,
    mut plan: EmitPlan,
    settings: &Settings,
    format: Format,
    as_curl: bool,
    ui: &Ui<'_>,
) -> Result<Exit, Failure> {
    let input = records.open(&mut plan.strictness, settings, ui)?;
    // One record, or a preview, is over before a bar would say anything; a bar and what a person
    // types would get in each other's way.
    let bar = matches!(&input, EmitInput::Sources(sources) if !sources.are_typed())
        && !matches!(plan.target, Target::Preview(_));
    show(format, Naming::Lines, as_curl, bar, ui, |report| {
        super::run(plan, input, ui.host, report)
    })
}

/// Shows what a run reports, in a format, with a progress bar where one fits.
pub fn show(
    format: Format,
    naming: Naming,
    as_curl: bool,
    bar: bool,
    ui: &Ui<'_>,
    work: impl FnOnce(&mut dyn FnMut(EmitEvent<'_>)) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let is_human = format == Format::Human;
    let bar = bar && is_human && ui.host.stderr_is_terminal && !ui.talk.quiet;
    let mut screen = ResultScreen {
        show: Show::new(format, naming, as_curl, ui.stdout, ui.talk.quiet),
        is_human,
        width: (is_human && ui.host.stdout_is_terminal).then_some(ui.host.width),
        talk: ui.talk,
        bar: bar.then(ResultBar::new),
        stdout: ui.host.stdout(),
        is_unflushed: false,
        broken: None,
    };
    let exit = work(&mut |event| screen.event(event));
    screen.end(exit)
}

/// Where the results of a run go.
struct ResultScreen {
    show: Show,
    is_human: bool,
    /// The columns of a terminal on which people read results.
    width: Option<usize>,
    talk: Talk,
    bar: Option<ResultBar>,
    stdout: Output,
    is_unflushed: bool,
    /// A standard output that fails never stops the sending; it is reported at the end.
    broken: Option<Failure>,
}

impl ResultScreen {
    fn event(&mut self, event: EmitEvent<'_>) {
        let show = &mut self.show;
        let width = self.width;
        let folded = |bytes: Vec<u8>| match width {
            Some(width) => {
                wrap::indented_lines(&String::from_utf8_lossy(&bytes), width).into_bytes()
            }
            None => bytes,
        };
        let bytes = match event {
            EmitEvent::Accepted(receipt) => show.receipt(receipt, &receipt.id),
            EmitEvent::Result(delivery) => {
                if let Some(bar) = &self.bar {
                    bar.count(delivery.status);
                }
                folded(show.result(delivery))
            }
            EmitEvent::Request(request, body) => {
                let (url, key_header) = (&request.url, &request.key_header);
                show.request(request.method, url, key_header, &request.headers, body)
            }
            EmitEvent::SoFar => folded(show.so_far()),
            EmitEvent::Summary(totals) => folded(show.summary(totals)),
            // A command in it is to be copied as it is.
            EmitEvent::Step(step) => show.step(&step),
            event => return self.aside(event),
        };
        self.is_unflushed |= !bytes.is_empty();
        let written = self.stdout.write(&bytes);
        self.note(written);
    }

    /// What does not go to standard output.
    fn aside(&mut self, event: EmitEvent<'_>) {
        match event {
            EmitEvent::Remark(remark) if self.is_human && !self.talk.quiet => {
                let remark = self.show.remark(remark);
                self.beside_bar(|_| host::say(remark.trim_end().as_bytes()));
            }
            EmitEvent::Notice(text) => self.beside_bar(|screen| {
                // On one terminal the results that came before it stand before it.
                screen.flush();
                screen.talk.notice(&text);
            }),
            EmitEvent::Trouble(Trouble { end, what, next }) if !self.is_human => {
                let failure = Failure::message(*end, format!("not delivered: {what}; {next}"));
                self.talk.complain(&failure);
            }
            EmitEvent::Total(total) => {
                if let Some(bar) = &self.bar {
                    bar.expect(total);
                }
            }
            EmitEvent::Retrying(trouble) => {
                if let Some(bar) = &self.bar {
                    bar.explain(trouble);
                }
            }
            EmitEvent::Waiting if std::mem::take(&mut self.is_unflushed) => {
                self.beside_bar(ResultScreen::flush);
            }
            EmitEvent::HasReaderLeft(has_left) => *has_left = self.stdout.is_closed(),
            _ => {}
        }
    }

    /// What goes to the terminal goes there with the bar out of the way.
    fn beside_bar(&mut self, work: impl FnOnce(&mut ResultScreen)) {
        match self.bar.take() {
            Some(bar) => {
                bar.aside(|| work(self));
                self.bar = Some(bar);
            }
            None => work(self),
        }
    }

    fn flush(&mut self) {
        let flushed = self.stdout.flush();
        self.note(flushed);
    }

    fn note(&mut self, written: Result<(), Failure>) {
        self.broken = self.broken.take().or(written.err());
    }

    fn end(mut self, exit: Result<Exit, Failure>) -> Result<Exit, Failure> {
        if let Some(bar) = &self.bar {
            bar.end();
        }
        let written = self.stdout.write(&self.show.end());
        self.note(written);
        self.flush();
        match (exit?, self.broken) {
            (Exit::Yes, Some(failure)) => Err(failure),
            (exit, Some(failure)) => {
                host::say(failure.to_string().as_bytes());
                Ok(exit)
            }
            (exit, None) => Ok(exit),
        }
    }
}
