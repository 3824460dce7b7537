//! Hands what a run of deliveries reports to standard output and the progress bar.

use super::input::Records;
use super::intake::EmitInput;
use super::output::progress::ResultBar;
use super::output::{Naming, Show};
use super::{EmitEvent, EmitPlan, Target, Trouble};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host;
use crate::model::format::Format;
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
    // One record, or a preview, is over before a bar would say anything.
    let bar = matches!(input, EmitInput::Sources(_)) && !matches!(plan.target, Target::Preview(_));
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
    let host = ui.host;
    let human = format == Format::Human;
    let mut show = Show::new(format, naming, as_curl, ui.stdout, ui.talk.quiet);
    let bar = bar && human && host.stderr_is_terminal && !ui.talk.quiet;
    let progress = bar.then(ResultBar::new);
    let mut stdout = host.stdout();
    // What goes to the terminal goes there with the bar out of the way.
    let aside = |work: &mut dyn FnMut()| match &progress {
        Some(bar) => bar.aside(work),
        None => work(),
    };
    let (mut dirty, mut broken) = (false, None);
    let quiet = ui.talk.quiet;
    let mut report = |event: EmitEvent<'_>| {
        let bytes = match event {
            EmitEvent::Accepted(receipt) => show.receipt(receipt, &receipt.id),
            EmitEvent::Result(delivery) => {
                if let Some(bar) = &progress {
                    bar.count(delivery.status);
                }
                show.result(delivery)
            }
            EmitEvent::Remark(remark) => {
                if human && !quiet {
                    let remark = show.remark(remark);
                    aside(&mut || host::say(remark.trim_end().as_bytes()));
                }
                Vec::new()
            }
            EmitEvent::Request(request, body) => {
                let (url, key_header) = (&request.url, &request.key_header);
                show.request(request.method, url, key_header, &request.headers, body)
            }
            EmitEvent::SoFar => show.so_far(),
            EmitEvent::Summary(totals) => show.summary(totals),
            EmitEvent::Step(step) => show.step(&step),
            EmitEvent::Notice(text) => {
                // On one terminal the results that came before it stand before it.
                aside(&mut || {
                    broken = broken.take().or(stdout.flush().err());
                    ui.talk.notice(&text);
                });
                return;
            }
            EmitEvent::Trouble(Trouble { end, what, next }) => {
                if !human {
                    let failure = Failure::message(*end, format!("not delivered: {what}; {next}"));
                    ui.talk.complain(&failure);
                }
                return;
            }
            EmitEvent::Total(total) => {
                if let Some(bar) = &progress {
                    bar.expect(total);
                }
                return;
            }
            EmitEvent::Waiting if !dirty => return,
            EmitEvent::Waiting => {
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
