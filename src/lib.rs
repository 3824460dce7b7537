//! hivelog sends, checks and follows SyncHive event logs and automation sys events.
//!
//! # The map
//!
//! - [`host`] gathers everything ambient once; [`settings`] layers flag, variable, profile and
//!   default; [`failure`] owns the exit codes.
//! - [`cli`] is what is typed (arguments become plans), [`view`] what is shown. Only [`run`] sees
//!   both ends.
//! - [`model`] holds the words of the domain, [`check`] the rules: both pure.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod check;
pub mod cli;
pub mod command;
pub mod failure;
pub mod follow;
pub mod generate;
pub mod host;
pub mod link;
pub mod model;
pub mod present;
pub mod query;
pub mod retry;
pub mod sandbox;
pub mod settings;
pub mod spool;
pub mod view;
pub mod wire;

use check::rule::Level;
use check::verdict::Verdict;
use cli::sandbox::Order;
use cli::{Cli, Context, Verb};
use failure::{Exit, Failure};
use host::Host;
use model::format::Format;
use model::report::ReportFormat;
use view::theme::Theme;

/// Runs the program and says how the process ends.
pub fn run(host: &Host) -> Exit {
    match guarded(host) {
        Ok(exit) => exit,
        Err(failure) => {
            let coloured = host.env.wants_colour(host.stderr_is_terminal);
            present::complain(&failure, &Theme::new(coloured));
            failure.exit
        }
    }
}

/// A panic is a bug: it is reported as one instead of as a stack trace alone.
fn guarded(host: &Host) -> Result<Exit, Failure> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parsed(host))).unwrap_or_else(|_| {
        Err(
            Failure::message(Exit::Bug, "hivelog has a bug and could not go on")
                .hint("please report it with the command line and the message above"),
        )
    })
}

fn parsed(host: &Host) -> Result<Exit, Failure> {
    if host.env.is_set("COMPLETE") && generate::complete(&host.args, None)? {
        return Ok(Exit::Yes);
    }
    match cli::parse(&host.args) {
        Ok(cli) => dispatch(cli, host),
        Err(error) => usage(&error, host),
    }
}

/// What the parser has to say: help and version on standard output, mistakes on standard error.
fn usage(error: &clap::Error, host: &Host) -> Result<Exit, Failure> {
    let text = error.render();
    if error.use_stderr() {
        let shown = if host.env.wants_colour(host.stderr_is_terminal) {
            text.ansi().to_string()
        } else {
            text.to_string()
        };
        host::say(shown.trim_end().as_bytes());
        return Ok(Exit::Usage);
    }
    let shown = if host.env.wants_colour(host.stdout_is_terminal) {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    present::print(host, shown.as_bytes())?;
    Ok(Exit::Yes)
}

fn dispatch(cli: Cli, host: &Host) -> Result<Exit, Failure> {
    if let Some(exit) = present::unsettled::run(&cli, host)? {
        return Ok(exit);
    }
    let mut context = Context::new(&cli.global, host)?;
    match cli.verb {
        Verb::Completions(_) | Verb::Man(_) | Verb::Help(_) => Ok(Exit::Yes),
        Verb::Codes(args) => present::lookup::codes(args, &context),
        Verb::Explain(args) => present::lookup::explain(args, &context),
        Verb::Config(args) => present::lookup::settings(args.with_origin(), &context),
        Verb::Emit(args) => present::emit::run(*args, &mut context),
        Verb::Validate(args) => validate(&args, &context),
        Verb::Tail(args) => tail(*args, &mut context),
        Verb::Sandbox(args) => sandbox(*args, &context),
    }
}

fn validate(args: &cli::validate::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    use view::report::{Human, Json, Ndjson};
    let mut plan = args.plan(context)?;
    let format = context.format(&cli::validate::Args::FORMATS, Format::Human)?;
    let (output, is_terminal) = args.findings_stream(context);
    let theme = Theme::new(context.coloured(is_terminal));
    let wanted = args.reports()?;
    let mut reports = present::validate::Reports::default();
    if wanted.iter().all(|report| report.file.is_some()) {
        match format {
            Format::Ndjson => reports.add(Ndjson, output),
            Format::Json => reports.add(Json::default(), output),
            _ => reports.add(Human::new(theme, context.host.width, args.all), output),
        }
    }
    let root = context.host.env.get("PWD");
    for report in wanted {
        plan.names_journeys |= report.format == ReportFormat::Junit;
        reports.add_report(report, plan.fail_on, root, context.host)?;
    }
    if let Some(mend) = plan.mend.as_mut().filter(|_| args.diff) {
        let is_terminal = context.host.stdout_is_terminal;
        let theme = Theme::new(context.coloured(is_terminal));
        mend.differ = Some(present::validate::differ(theme, is_terminal));
    }
    if plan.filter.is_some() {
        reports.pass_to(context.host.stdout());
    }
    command::validate::run(&plan, context.host, &mut reports)
}

fn tail(args: cli::tail::Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let look = args.look(context)?;
    let plan = args.plan(context)?;
    let interrupt = context.host.interrupt()?;
    let mut screen = present::tail::Screen::new(look, context);
    command::tail::run(plan, interrupt, &|| context.host.now(), &mut screen)
}

fn sandbox(args: cli::sandbox::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let format = context.format(
        &[Format::Human, Format::Json, Format::Ndjson],
        Format::Human,
    )?;
    let human = format == Format::Human;
    let mut stdout = context.host.stdout();
    let mut happened = |event: &command::sandbox::order::Happened| {
        stdout.write(&view::sandbox::happened(
            &event.id,
            &event.event_type,
            human,
        ))?;
        stdout.flush()
    };
    match args.plan(context)? {
        Order::Serve(plan) => sandbox_serve(*plan, context, human),
        Order::Run(plan, reports) => sandbox_run(*plan, &reports, context, human),
        Order::Fire(plan) => command::sandbox::order::fire(&plan, &mut happened),
        Order::Play(plan) => {
            let interrupt = context.host.interrupt()?;
            command::sandbox::order::play(&plan, interrupt, &mut happened)
        }
    }
}

fn sandbox_serve(
    plan: command::sandbox::Plan,
    context: &Context<'_>,
    human: bool,
) -> Result<Exit, Failure> {
    use command::sandbox::Event;
    let theme = Theme::new(context.coloured(context.host.stderr_is_terminal));
    let mut tell = |event| match event {
        Event::Started { url, exposed } => {
            let addresses = view::sandbox::Addresses {
                url: &url,
                event_log_path: sandbox::EVENT_LOG_PATH,
                events_path: sandbox::EVENTS_PATH,
            };
            if !human {
                return present::print(context.host, &view::sandbox::started_line(&addresses));
            }
            let said = view::sandbox::started(&addresses, exposed, &theme);
            context.talk.notice(&said);
            Ok(())
        }
        Event::Stopped {
            tally,
            record_error,
        } => {
            if let Some(error) = record_error {
                host::say(format!("the record is not complete: {error}").as_bytes());
            }
            let said = view::sandbox::stopped(view::sandbox::Received {
                accepted: tally.accepted,
                refused: tally.refused,
                warnings: tally.warnings,
            });
            context.talk.notice(&said);
            Ok(())
        }
    };
    command::sandbox::run(plan, context.host.interrupt()?, &mut tell)
}

fn sandbox_run(
    plan: command::sandbox::run::Plan,
    reports: &[model::report::Report],
    context: &Context<'_>,
    human: bool,
) -> Result<Exit, Failure> {
    let theme = Theme::new(context.coloured(context.host.stderr_is_terminal));
    let least = plan.fail_on.unwrap_or(Level::Warning).min(Level::Warning);
    let mut tell = |verdict: &Verdict, good: bool| {
        if human {
            let said = view::sandbox::verdict(verdict, least, &theme);
            context.talk.notice(&said);
        } else {
            present::print(context.host, &view::sandbox::verdict_line(verdict, good))?;
        }
        for report in reports {
            let bytes = view::sandbox::report(report.format, verdict, good);
            match &report.file {
                None => present::print(context.host, &bytes)?,
                Some(path) => std::fs::write(path, bytes).map_err(|error| {
                    Failure::io(format!("cannot write {}", path.display()), error)
                })?,
            }
        }
        Ok(())
    };
    command::sandbox::run::run(plan, context.host.interrupt()?, &mut tell)
}
