//! hivelog sends, checks and follows SyncHive event logs and automation sys events.
//!
//! # The map
//!
//! A record travels so. Bytes come from a file, a pipe or the network; [`wire`] frames them into
//! records and reads JSON with positions; [`check`] judges them by its one table of rules. What
//! `emit` lets through goes into the [`spool`], whose dispatcher hands it to [`link`], and
//! [`retry`] judges the answer. What `tail` receives is decoded by [`wire`] and stepped through
//! [`follow`], which says what to report, when to connect again and when to stop; [`query`] says
//! what is wanted.
//!
//! - [`model`] holds the words of the domain, as tables. It, [`wire`], [`check`], [`query`],
//!   [`retry`] and [`follow`] only compute: no clock, no environment, no I/O.
//! - [`records`] reads recorded input: sources to records, inspected on every core.
//! - [`serve`] is the HTTP server under the emulator and under `tail --listen`.
//! - [`host`] gathers everything ambient once; [`settings`] layers flag, variable, profile and
//!   default, each value with its origin; [`failure`] owns the exit codes.
//! - [`cli`] is what is typed: arguments become plans. [`commands`] has one folder a subcommand:
//!   what it does, and in `output/` how that looks. [`render`] is what every output needs.
//! - [`sandbox`] is the emulator of both servers, a library first.
//!
//! The arrows between the rooms are held by `tests/layering.rs`.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod check;
pub mod cli;
pub mod commands;
pub mod failure;
pub mod follow;
pub mod host;
pub mod link;
pub mod model;
pub mod query;
pub mod records;
pub mod render;
pub mod retry;
pub mod sandbox;
pub mod serve;
pub mod settings;
pub mod spool;
pub mod wire;
mod without_settings;

use cli::spool::{SpoolArgs, SpoolOrder};
use cli::{Cli, Context, Global, Verb};
use commands::emit::output::Naming;
use commands::ui::{self, Ui};
use failure::{Exit, Failure};
use host::Host;
use model::format::Format;
use render::theme::Theme;

/// Runs the program and says how the process ends.
pub fn run(host: &Host) -> Exit {
    exit_on_panic();
    parsed(host).unwrap_or_else(|failure| {
        let coloured = host.env.wants_colour(host.stderr_is_terminal);
        ui::complain(&failure, &Theme::new(coloured), host);
        failure.exit
    })
}

/// A panic on whatever thread is a bug: it is reported as one, and the process ends. Nothing is
/// unwound, so that a release does without the code for it; what must last is written so that it
/// outlives a kill.
#[expect(
    clippy::exit,
    reason = "no thread can return an exit code from a panic"
)]
fn exit_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        host::say(&panicked(&panic.to_string()));
        host::say(b"error: hivelog has a bug and had to stop");
        host::say(b"hint: please report it with the command line and the message above");
        std::process::exit(Exit::Bug.code().into());
    }));
}

/// A panic's place and message on one line.
fn panicked(message: &str) -> Vec<u8> {
    let (place, why) = message.split_once('\n').unwrap_or((message, ""));
    let whole = format!("hivelog {}: {place} {why}", env!("CARGO_PKG_VERSION"));
    model::sanitise::line(whole.trim_end()).as_bytes().to_vec()
}

fn parsed(host: &Host) -> Result<Exit, Failure> {
    if host.env.is_set("COMPLETE") && cli::generate::complete(&host.args)? {
        return Ok(Exit::Yes);
    }
    match cli::parse(&host.args, host.width) {
        Ok(cli) => dispatch(cli, host),
        Err(error) => usage(&error, host),
    }
}

/// What the parser has to say: help and version on standard output, mistakes on standard error.
fn usage(error: &clap::Error, host: &Host) -> Result<Exit, Failure> {
    let text = error.render();
    let when = cli::color_of(&host.args);
    let plain = text.to_string();
    let harmless = render::sanitise::block(&plain);
    // What was typed is repeated in the message, and may be anything.
    let shown = |is_terminal| {
        if harmless == plain && cli::coloured(when, host, is_terminal) {
            text.ansi().to_string()
        } else {
            harmless.to_string()
        }
    };
    if error.use_stderr() {
        host::say(shown(host.stderr_is_terminal).trim_end().as_bytes());
        return Ok(Exit::Usage);
    }
    commands::ui::print_paged(host, shown(host.stdout_is_terminal).as_bytes())?;
    Ok(Exit::Yes)
}

fn dispatch(cli: Cli, host: &Host) -> Result<Exit, Failure> {
    if let Some(exit) = without_settings::run(&cli, host)? {
        return Ok(exit);
    }
    // Whatever is wrong with the settings, a job is run.
    if let Verb::Run(args) = cli.verb {
        return run_job(*args, &cli.global, host);
    }
    let mut context = context(&cli, host)?;
    if !matches!(cli.verb, Verb::Tail(_)) {
        context.one_profile()?;
    }
    let ui = context.ui();
    match cli.verb {
        Verb::Completions(_) | Verb::Man(_) | Verb::Help(_) | Verb::Run(_) => Ok(Exit::Yes),
        Verb::Codes(args) => {
            let format = args.format(&context)?;
            commands::codes::run(&args.plan(&context)?, format, &ui)
        }
        Verb::Explain(args) => {
            let format = context.format(&commands::explain::FORMATS, Format::Human)?;
            commands::explain::run(&args.values, format, &ui)
        }
        Verb::Config(args) => {
            let format = context.format(&Format::LISTING, Format::Human)?;
            let rows = context.settings.rows();
            commands::config::show(&rows, args.with_origin(), format, &ui)
        }
        Verb::Doctor(args) => {
            let format = context.format(&Format::LISTING, Format::Human)?;
            commands::doctor::run(args.plan(&context), &context.settings, format, &ui)
        }
        Verb::Emit(args) => {
            let (records, plan, shown) = args.plan(&mut context)?;
            let settings = &context.settings;
            commands::emit::screen::run(records, plan, settings, shown.format, shown.as_curl, &ui)
        }
        Verb::Spool(args) => manage_spool(args, &mut context, &ui),
        Verb::Validate(args) => commands::validate::run(args.plan(&context)?, &ui),
        Verb::Tail(args) => {
            let look = args.look(&context)?;
            commands::tail::screen::run(args.plan(&mut context)?, look, &ui)
        }
        Verb::Journey(args) => {
            let format = args.format(&context)?;
            commands::journey::run(args.plan(&mut context)?, format, &ui)
        }
        Verb::Stats(args) => commands::stats::run(args.plan(&context)?, &ui),
        Verb::Sandbox(args) => {
            let format = context.format(&commands::sandbox::FORMATS, Format::Human)?;
            commands::sandbox::run(args.plan(&context)?, format, &ui)
        }
    }
}

/// What the arguments are resolved against. A profile file that cannot be used ends what needs it.
fn context<'a>(cli: &Cli, host: &'a Host) -> Result<Context<'a>, Failure> {
    let unusable = || settings::check_file(host).err();
    let Some(failure) = cli.needs_no_file().then(unusable).flatten() else {
        return Context::new(&cli.global, host);
    };
    let context = Context::without_file(&cli.global, host)?;
    if !context.talk.quiet {
        ui::warn(&failure, &context.ui().stderr, host);
    }
    Ok(context)
}

fn manage_spool(args: SpoolArgs, context: &mut Context<'_>, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let format = context.format(args.verb.formats(), Format::Human)?;
    match args.verb.order(context)? {
        SpoolOrder::Drain(plan) => {
            commands::emit::screen::show(format, Naming::Ids, false, true, ui, |report| {
                commands::spool::drain(&plan, ui.host, report)
            })
        }
        SpoolOrder::Path(shown) => {
            ui.print(format!("{shown}\n").as_bytes())?;
            Ok(Exit::Yes)
        }
        SpoolOrder::Task(plan) => commands::spool::screen::inspect(plan, format, ui),
    }
}

fn run_job(args: cli::run::RunArgs, global: &Global, host: &Host) -> Result<Exit, Failure> {
    global.has_format_of(&[Format::Human])?;
    let strict = args.strict;
    let (plan, wrong) = match Context::new(global, host) {
        Ok(mut context) => {
            let request = args.request(&mut context);
            request.plan(&context.settings, host.now(), context.zone)
        }
        Err(failure) => (args.bare(), vec![failure]),
    };
    let coloured = cli::coloured(global.colour(), host, host.stderr_is_terminal);
    commands::run::run(&plan, wrong, strict, &Theme::new(coloured), host)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test calls itself as a process of its own, since that is what ends.
    #[test]
    fn a_panic_on_any_thread_is_a_bug_and_has_a_code_of_its_own() {
        const PANIC: &str = "HIVELOG_TEST_PANIC";
        if std::env::var_os(PANIC).is_some() {
            exit_on_panic();
            let _ = std::thread::spawn(|| panic!("on\u{1b}[31m purpose")).join();
            return;
        }
        let this = "tests::a_panic_on_any_thread_is_a_bug_and_has_a_code_of_its_own";
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        let ended = command
            .args([this, "--exact", "--nocapture"])
            .env(PANIC, "1")
            .output();
        let ended = ended.unwrap();
        assert_eq!(ended.status.code(), Some(70));
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(
            said.contains("src/lib.rs") && said.contains("purpose"),
            "{said}"
        );
        assert!(
            said.contains("has a bug") && said.contains("please report it"),
            "{said}"
        );
        assert!(!said.contains('\u{1b}'), "{said}");
    }
}
