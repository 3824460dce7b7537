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
pub mod generate;
pub mod host;
pub mod link;
pub mod model;
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
        Verb::Config(args) => {
            if let Some(exit) = config_file(&args.verb, &cli.global, host)? {
                return Ok(exit);
            }
        }
        _ => {}
    }
    let context = Context::new(&cli.global, host)?;
    match cli.verb {
        Verb::Completions(_) | Verb::Man(_) => Ok(Exit::Yes),
        Verb::Codes(args) => codes(args, &context),
        Verb::Explain(args) => explain(args, &context),
        Verb::Config(args) => config_show(&args, &context),
        Verb::Help(_) => pending(&context),
        Verb::Emit(_) => pending(&context),
        Verb::Validate(_) => pending(&context),
        Verb::Tail(_) => pending(&context),
        Verb::Sandbox(_) => pending(&context),
    }
}

fn codes(args: cli::codes::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    use command::codes::Answer;
    let own_format = args.is_export();
    let page = page(context, if own_format { &[] } else { &listing::FORMATS })?;
    let outcome = command::codes::run(&args.plan()?);
    let shown = match &outcome.answer {
        Answer::Codes(codes) => view::codes::codes(codes, &page),
        Answer::Stages(stages) => view::codes::stages(stages, &page),
        Answer::Choices(choices) => view::codes::choices(choices, &page),
        Answer::Sys(types) => view::codes::sys_types(types, &page),
        Answer::Rules(rules) => view::codes::rules(rules, &page),
        Answer::Picks(picks) => view::codes::picks(picks, &page),
        Answer::Export(export) => view::export::render(*export),
    };
    print(context.host, &shown)?;
    Ok(answered(outcome.missed.as_slice(), context))
}

fn explain(args: cli::explain::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &view::explanation::FORMATS)?;
    let outcome = command::explain::run(&args.plan());
    let shown = view::explanation::render(&outcome.explanations, &page);
    print(context.host, &shown)?;
    Ok(answered(&outcome.unknown, context))
}

/// What can be done about the profile file while it is absent or cannot be read.
fn config_file(
    verb: &cli::config::Verb,
    global: &cli::Global,
    host: &Host,
) -> Result<Option<Exit>, Failure> {
    use cli::config::Verb;
    match verb {
        Verb::Path => {
            let path = cli::config::place(global, host)?;
            print(host, format!("{}\n", path.display()).as_bytes())?;
            Ok(Some(Exit::Yes))
        }
        Verb::Init => {
            let Some(plan) = cli::config::ask(global, host)? else {
                host::say(b"nothing was written");
                return Ok(Some(Exit::No));
            };
            command::config::write(&plan)?;
            host::say(
                format!(
                    "written; 'hivelog config show -p {}' shows it",
                    plan.draft.profile
                )
                .as_bytes(),
            );
            Ok(Some(Exit::Yes))
        }
        Verb::Show { .. } => Ok(None),
    }
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

fn pending(_: &Context<'_>) -> Result<Exit, Failure> {
    Err(Failure::usage("not built yet"))
}

/// Writes a finished answer to standard output.
fn print(host: &Host, bytes: &[u8]) -> Result<(), Failure> {
    let mut output = host.stdout();
    output.write(bytes)?;
    output.flush()
}
