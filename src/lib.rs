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
use view::theme::Theme;
use view::{Page, listing};

/// Runs the program and says how the process ends.
pub fn run(host: &Host) -> Exit {
    match guarded(host) {
        Ok(exit) => exit,
        Err(failure) => {
            let coloured = host.env.wants_colour(host.stderr_is_terminal);
            complain(&failure, &Theme::new(coloured));
            failure.exit
        }
    }
}

/// Tells a failure on standard error.
fn complain(failure: &Failure, theme: &Theme) {
    host::say(view::failure::render(failure, theme).as_bytes());
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
    print(host, shown.as_bytes())?;
    Ok(Exit::Yes)
}

fn dispatch(cli: Cli, host: &Host) -> Result<Exit, Failure> {
    // These answer without settings, so that a broken profile file cannot keep help away.
    if let Some(exit) = without_settings(&cli, host)? {
        return Ok(exit);
    }
    let mut context = Context::new(&cli.global, host)?;
    if !context.further_profiles().is_empty() && !matches!(cli.verb, Verb::Tail(_)) {
        return Err(Failure::usage("only tail takes several profiles"));
    }
    match cli.verb {
        Verb::Completions(_) | Verb::Man(_) | Verb::Help(_) => Ok(Exit::Yes),
        Verb::Codes(args) => codes(args, &context),
        Verb::Explain(args) => explain(args, &context),
        Verb::Config(args) => config_show(&args, &context),
        Verb::Emit(args) => present::emit::run(*args, &mut context),
        Verb::Validate(args) => validate(&args, &context),
        Verb::Tail(args) => tail(*args, &mut context),
        Verb::Stats(args) => stats(&args, &context),
        Verb::Sandbox(args) => sandbox(*args, &context),
    }
}

/// Carries out what needs no settings; nothing for every other subcommand.
fn without_settings(cli: &Cli, host: &Host) -> Result<Option<Exit>, Failure> {
    let exit = match &cli.verb {
        Verb::Completions(args) => {
            cli.global.without_format()?;
            print(host, &generate::completions(args.shell))?;
            Exit::Yes
        }
        Verb::Man(args) => {
            cli.global.without_format()?;
            match &args.dir {
                Some(folder) => generate::write_pages(folder)?,
                None => print(host, &generate::pages().swap_remove(0).1)?,
            }
            Exit::Yes
        }
        Verb::Help(args) => {
            cli.global.without_format()?;
            help(args, &cli.global, host)?
        }
        Verb::Config(args) => match &args.verb {
            cli::config::Verb::Path => config_path(&cli.global, host)?,
            cli::config::Verb::Init => config_init(&cli.global, host)?,
            cli::config::Verb::Show { .. } => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some(exit))
}

fn help(args: &cli::help::Args, global: &cli::Global, host: &Host) -> Result<Exit, Failure> {
    let when = global.color.as_deref().unwrap_or("auto");
    let coloured = cli::coloured(when, host, host.stdout_is_terminal);
    let shown = match args.page()? {
        cli::help::Page::Topic(topic) => {
            view::manual::render(&topic, host.width, &Theme::new(coloured))
        }
        cli::help::Page::Subcommand(text) if coloured => text.ansi().to_string().into_bytes(),
        cli::help::Page::Subcommand(text) => text.to_string().into_bytes(),
    };
    print(host, &shown)?;
    Ok(Exit::Yes)
}

fn codes(args: cli::codes::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let own_format = args.is_export();
    let page = page(context, if own_format { &[] } else { &listing::FORMATS })?;
    let outcome = command::codes::run(&args.plan()?);
    print(
        context.host,
        &present::codes::render(&outcome.answer, &page),
    )?;
    Ok(answered(outcome.missed.as_slice(), context))
}

fn explain(args: cli::explain::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &view::explanation::FORMATS)?;
    let outcome = command::explain::run(&args.plan());
    let shown = view::explanation::render(&outcome.explanations, &page);
    print(context.host, &shown)?;
    Ok(answered(&outcome.unknown, context))
}

fn config_path(global: &cli::Global, host: &Host) -> Result<Exit, Failure> {
    global.without_format()?;
    let path = cli::config::place(global, host)?;
    print(host, format!("{}\n", path.display()).as_bytes())?;
    Ok(Exit::Yes)
}

fn config_init(global: &cli::Global, host: &Host) -> Result<Exit, Failure> {
    global.without_format()?;
    let Some(plan) = cli::config::ask(global, host)? else {
        host::say(b"nothing was written");
        return Ok(Exit::No);
    };
    command::config::write(&plan)?;
    let name = &plan.draft.profile;
    host::say(format!("written; 'hivelog config show -p {name}' shows it").as_bytes());
    Ok(Exit::Yes)
}

fn config_show(args: &cli::config::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let with_origin = matches!(args.verb, cli::config::Verb::Show { origin: true });
    let page = page(context, &listing::FORMATS)?;
    let shown = view::settings::render(&context.settings.rows(), with_origin, &page);
    print(context.host, &shown)?;
    Ok(Exit::Yes)
}

/// The page a result is written on, for a command that is for people unless told otherwise.
fn page(context: &Context<'_>, known: &[Format]) -> Result<Page, Failure> {
    Ok(Page {
        format: context.format(known, Format::Human)?,
        width: context.host.width,
        theme: Theme::new(context.coloured(context.host.stdout_is_terminal)),
    })
}

/// Tells what a look-up did not find; the answer is yes where it found everything.
fn answered(missed: &[Failure], context: &Context<'_>) -> Exit {
    let theme = Theme::new(context.coloured(context.host.stderr_is_terminal));
    for failure in missed {
        complain(failure, &theme);
    }
    if missed.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    }
}

fn tail(args: cli::tail::Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let look = args.look(context)?;
    let plan = args.plan(context)?;
    let host = context.host;
    let style = view::tail::Style {
        format: look.format,
        terminal: host.stdout_is_terminal,
        width: host.width,
        theme: Theme::new(context.coloured(host.stdout_is_terminal)),
        zone: context.zone,
        time: look.time,
        fields: look.fields,
        redact: look.redact,
    };
    let mut screen = present::tail::Screen::new(style.clone(), host.stdout(), context.talk);
    if look.summary {
        screen.summarise(&style, host.env.get("TERM") != Some("dumb"));
    }
    if let Some(path) = look.tee {
        screen.copy_to(&path, style)?;
    }
    command::tail::run(plan, host.interrupt()?, &|| host.now(), &mut screen)
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
    let (percentiles, width) = (args.percentiles(), context.host.width);
    let shown = view::statistics::groups(&groups, percentiles, args.field(), format, width);
    print(context.host, &shown)?;
    outcome.passed.iter().for_each(|passed| remark(passed));
    Ok(outcome.exit)
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
                return print(context.host, &view::sandbox::started_line(&addresses));
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
            print(context.host, &view::sandbox::verdict_line(verdict, good))?;
        }
        for report in reports {
            let bytes = view::sandbox::report(report.format, verdict, good);
            match &report.file {
                None => print(context.host, &bytes)?,
                Some(path) => std::fs::write(path, bytes).map_err(|error| {
                    Failure::io(format!("cannot write {}", path.display()), error)
                })?,
            }
        }
        Ok(())
    };
    command::sandbox::run::run(plan, context.host.interrupt()?, &mut tell)
}

/// Writes a finished answer to standard output.
fn print(host: &Host, bytes: &[u8]) -> Result<(), Failure> {
    let mut output = host.stdout();
    output.write(bytes)?;
    output.flush()
}
