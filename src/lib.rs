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

use cli::{Cli, Context, Verb};
use failure::{Exit, Failure};
use host::Host;
use model::format::Format;
use view::theme::Theme;

/// Runs the program and says how the process ends.
pub fn run(host: &Host) -> Exit {
    match guarded(host) {
        Ok(exit) => exit,
        Err(failure) => {
            let coloured = host.stderr_is_terminal && !host.env.is_set("NO_COLOR");
            let said = view::failure::render(&failure, &Theme::new(coloured));
            host::say(said.as_bytes());
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
        let plain = text.to_string();
        let shown = if host.stderr_is_terminal {
            text.ansi().to_string()
        } else {
            plain
        };
        host::say(shown.trim_end().as_bytes());
        return Ok(Exit::Usage);
    }
    let shown = if host.stdout_is_terminal {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    print(host, shown.as_bytes())?;
    Ok(Exit::Yes)
}

fn dispatch(cli: Cli, host: &Host) -> Result<Exit, Failure> {
    // These answer without settings, so that a broken profile file cannot keep help away.
    match &cli.verb {
        Verb::Completions(args) => {
            print(host, &generate::completions(args.shell))?;
            return Ok(Exit::Yes);
        }
        Verb::Man(args) => {
            match &args.dir {
                Some(folder) => generate::write_pages(folder)?,
                None => print(host, &generate::pages().swap_remove(0).1)?,
            }
            return Ok(Exit::Yes);
        }
        _ => {}
    }
    let mut context = Context::new(&cli.global, host)?;
    match cli.verb {
        Verb::Completions(_) | Verb::Man(_) => Ok(Exit::Yes),
        Verb::Codes(_) | Verb::Explain(_) | Verb::Config(_) | Verb::Help(_) => pending(&context),
        Verb::Emit(_) => pending(&context),
        Verb::Validate(args) => validate(&args, &context),
        Verb::Tail(args) => tail(*args, &mut context),
        Verb::Stats(args) => stats(&args, &context),
        Verb::Sandbox(_) => pending(&context),
    }
}

fn tail(args: cli::tail::Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let look = args.look(context)?;
    let plan = args.plan(context)?;
    let interrupt = context.host.interrupt()?;
    let mut screen = present::tail::Screen::new(look, context);
    command::tail::run(plan, interrupt, &|| context.host.now(), &mut screen)
}

fn validate(args: &cli::validate::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    use view::report::{Human, Json, Ndjson};
    let plan = args.plan(context)?;
    let format = context.format(&cli::validate::Args::FORMATS, Format::Human)?;
    let (output, is_terminal) = args.findings_stream(context);
    let mut reports = present::validate::Reports::default();
    match format {
        Format::Ndjson => reports.add(Ndjson, output),
        Format::Json => reports.add(Json::default(), output),
        _ => {
            let theme = Theme::new(context.coloured(is_terminal));
            reports.add(Human::new(theme, context.host.width, args.all), output);
        }
    }
    if plan.filter.is_some() {
        reports.pass_to(context.host.stdout());
    }
    command::validate::run(&plan, context.host, &mut reports)
}

fn stats(args: &cli::stats::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let format = context.format(&cli::stats::Args::FORMATS, Format::Human)?;
    let plan = args.plan(context)?;
    let interrupt = context.host.interrupt()?;
    let mut remark = |text: &str| context.talk.notice(&view::sanitise::line(text));
    let outcome = command::stats::run(plan, &interrupt, &mut remark)?;
    let groups = if args.by_key() {
        outcome.groups.by_key()
    } else {
        outcome.groups.by_count()
    };
    let width = context.host.width;
    let (percentiles, field) = (args.percentiles(), args.field());
    print(
        context.host,
        &view::statistics::groups(&groups, percentiles, field, format, width),
    )?;
    outcome.passed.iter().for_each(|passed| remark(passed));
    Ok(outcome.exit)
}

fn pending(_: &Context<'_>) -> Result<Exit, Failure> {
    Err(Failure::usage("not built yet"))
}

/// Writes a finished answer to standard output.
fn print(host: &Host, bytes: &[u8]) -> Result<(), Failure> {
    let mut output = host.stdout();
    output.write(bytes)?;
    output.flush()
}
