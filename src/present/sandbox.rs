//! Hands what `sandbox` tells to the streams: addresses and verdicts.

use super::reports::{Reports, write_reports};
use crate::check::rule::Level;
use crate::check::verdict::Verdict;
use crate::cli::Context;
use crate::cli::sandbox::{Args, Order};
use crate::commands::files::Files;
use crate::commands::input::Input;
use crate::commands::sandbox::order::{self, Happened};
use crate::commands::sandbox::output as view;
use crate::commands::sandbox::{self, Event, run as judged};
use crate::failure::{Exit, Failure};
use crate::host::{self, Host, Talk};
use crate::model::format::Format;
use crate::model::report::Report;
use crate::render::theme::Theme;

/// What the reports of a run are called.
const TITLE: &str = "hivelog sandbox run";

/// Tells people on standard error, and machines on standard output.
pub struct Teller<'a> {
    /// Whether a person is told.
    pub human: bool,
    /// The styles of standard error.
    pub theme: Theme,
    /// How much is said on standard error.
    pub talk: Talk,
    /// The surroundings.
    pub host: &'a Host,
}

impl Teller<'_> {
    /// Where the sandbox is, and what it received.
    pub fn serving(&self, event: Event) -> Result<(), Failure> {
        match event {
            Event::Started { url, exposed } => {
                let addresses = view::Addresses {
                    url: &url,
                    event_log_path: sandbox::EVENT_LOG_PATH,
                    events_path: sandbox::EVENTS_PATH,
                };
                if self.human {
                    self.say(&view::started(&addresses, &self.theme));
                } else {
                    self.print(&view::started_line(&addresses))?;
                }
                if exposed {
                    self.warn_of_others();
                }
            }
            Event::Received(entry) => self.say(&view::received(
                &view::Request {
                    method: &entry.method,
                    status: entry.status,
                    event_code: entry.event_code.as_deref(),
                    journey: entry.journey.as_deref(),
                    findings: &entry.findings,
                    otherwise: entry.fault.as_deref().or(entry.refusal.as_deref()),
                },
                &self.theme,
            )),
            Event::Stopped {
                tally,
                record_error,
            } => {
                if let Some(error) = record_error {
                    host::say(format!("the record is not complete: {error}").as_bytes());
                }
                self.say(&view::stopped(view::Received {
                    accepted: tally.accepted,
                    refused: tally.refused,
                    warnings: tally.warnings,
                }));
            }
        }
        Ok(())
    }

    /// Says that other machines can reach the sandbox, however quiet it is to be.
    fn warn_of_others(&self) {
        host::say(view::exposed(&self.theme).as_bytes());
    }

    /// The verdict on a run. For machines it leaves standard output to a report that takes it.
    pub fn judged(
        &self,
        verdict: &Verdict,
        good: bool,
        fail_on: Option<Level>,
        reports: &[Report],
    ) -> Result<(), Failure> {
        if self.human {
            let least = fail_on.unwrap_or(Level::Warning).min(Level::Warning);
            self.say(&view::verdict(verdict, least, &self.theme));
        } else if reports.iter().all(|report| report.file.is_some()) {
            self.print(&view::verdict_line(verdict, good))?;
        }
        Ok(())
    }

    /// An event that was ordered.
    pub fn happened(&self, event: &Happened) -> Result<(), Failure> {
        self.print(&view::happened(&event.id, &event.event_type, self.human))
    }

    /// Says what the view has made harmless and styled already.
    fn say(&self, text: &str) {
        if !self.talk.quiet {
            host::say(text.as_bytes());
        }
    }

    fn print(&self, bytes: &[u8]) -> Result<(), Failure> {
        super::print(self.host, bytes)
    }
}

/// Runs `sandbox`: serves, judges a program, or lets events happen.
pub fn run(args: Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let formats = [Format::Human, Format::Json, Format::Ndjson];
    let teller = Teller {
        human: context.format(&formats, Format::Human)? == Format::Human,
        theme: Theme::new(context.coloured(context.host.stderr_is_terminal)),
        talk: context.talk,
        host: context.host,
    };
    match args.plan(context)? {
        Order::Serve(plan) => {
            if let Some(path) = &plan.options.record {
                let mut files = Files::default();
                files.write_stdout()?;
                files.write("--record", path)?;
            }
            let interrupt = context.host.interrupt()?;
            sandbox::run(*plan, interrupt, &mut |event| teller.serving(event))
        }
        Order::Run(plan, wanted) => {
            let fail_on = plan.fail_on;
            let mut files = Files::default();
            files.write_stdout()?;
            match &plan.expect {
                Some(path) if plan.update => files.write("--expect", path)?,
                expected => files.read(expected.as_deref().map(Input::Path)),
            }
            if let Some(path) = &plan.options.record {
                files.write("--record", path)?;
            }
            write_reports(&mut files, &wanted)?;
            let mut reports = Reports::default();
            let root = context.host.env.get("PWD");
            for report in &wanted {
                reports.add_report(TITLE, report, fail_on, root, context.host)?;
            }
            if !plan.options.host.is_loopback() {
                teller.warn_of_others();
            }
            let mut tell = |verdict: &Verdict, good| {
                // Until now signals were the command's.
                context.host.interrupt()?;
                teller.judged(verdict, good, fail_on, &wanted)
            };
            judged::run(*plan, &mut tell, &mut reports)
        }
        Order::Fire(plan) => order::fire(&plan, &mut |event| teller.happened(event)),
        Order::Play(plan) => {
            let interrupt = context.host.interrupt()?;
            order::play(&plan, interrupt, &mut |event| teller.happened(event))
        }
    }
}
