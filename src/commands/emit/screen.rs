//! Hands what a run of deliveries reports to standard output and the progress bar.

use super::output::progress::Progress;
use super::output::{Naming, Show};
use super::{Event, Plan, Trouble};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host;
use crate::model::format::Format;

/// Sends and shows.
pub fn run(plan: Plan, format: Format, as_curl: bool, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let bar = !plan.shows_at_once();
    show(format, Naming::Lines, as_curl, bar, ui, |report| {
        super::run(plan, ui.host, report)
    })
}

/// Shows what a run reports, in a format, with a progress bar where one fits.
pub fn show(
    format: Format,
    naming: Naming,
    as_curl: bool,
    bar: bool,
    ui: &Ui<'_>,
    work: impl FnOnce(&mut dyn FnMut(Event<'_>)) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let host = ui.host;
    let human = format == Format::Human;
    let mut show = Show::new(format, naming, as_curl, ui.stdout, ui.talk.quiet);
    let bar = bar && human && host.stderr_is_terminal && !ui.talk.quiet;
    let progress = bar.then(Progress::new);
    let mut stdout = host.stdout();
    // What goes to the terminal goes there with the bar out of the way.
    let aside = |work: &mut dyn FnMut()| match &progress {
        Some(bar) => bar.aside(work),
        None => work(),
    };
    let (mut dirty, mut broken) = (false, None);
    let quiet = ui.talk.quiet;
    let mut report = |event: Event<'_>| {
        let bytes = match event {
            Event::Accepted(receipt) => show.receipt(receipt, &receipt.id),
            Event::Result(delivery) => {
                if let Some(bar) = &progress {
                    bar.count(delivery.status);
                }
                show.result(delivery)
            }
            Event::Remark(remark) => {
                if human && !quiet {
                    let remark = show.remark(remark);
                    aside(&mut || host::say(remark.trim_end().as_bytes()));
                }
                Vec::new()
            }
            Event::Request(request, body) => {
                let (url, key_header) = (&request.url, &request.key_header);
                show.request(request.method, url, key_header, &request.headers, body)
            }
            Event::SoFar => show.so_far(),
            Event::Summary(totals) => show.summary(totals),
            Event::Step(step) => show.step(&step),
            Event::Notice(text) => {
                // On one terminal the results that came before it stand before it.
                aside(&mut || {
                    broken = broken.take().or(stdout.flush().err());
                    ui.talk.notice(&text);
                });
                return;
            }
            Event::Trouble(Trouble { end, what, next }) => {
                if !human {
                    let failure = Failure::message(*end, format!("not delivered: {what}; {next}"));
                    ui.talk.complain(&failure);
                }
                return;
            }
            Event::Total(total) => {
                if let Some(bar) = &progress {
                    bar.expect(total);
                }
                return;
            }
            Event::Waiting if !dirty => return,
            Event::Waiting => {
                dirty = false;
                aside(&mut || broken = broken.take().or(stdout.flush().err()));
                return;
            }
        };
        dirty |= !bytes.is_empty();
        // A standard output that fails never stops the sending; it is reported at the end.
        if let Err(failure) = stdout.write(&bytes) {
            broken.get_or_insert(failure);
        }
    };
    let exit = work(&mut report);
    if let Some(bar) = &progress {
        bar.end();
    }
    let ended = stdout
        .write(show.end().as_bytes())
        .and_then(|()| stdout.flush());
    let broken = broken.or(ended.err());
    match (exit?, broken) {
        (Exit::Yes, Some(failure)) => Err(failure),
        (exit, Some(failure)) => {
            host::say(failure.to_string().as_bytes());
            Ok(exit)
        }
        (exit, None) => Ok(exit),
    }
}
