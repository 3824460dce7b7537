//! hivelog sends, checks and follows SyncHive event logs and automation sys events.
//!
//! # The map
//!
//! A record travels so. Bytes come from a file, a pipe or the network; [`wire`] frames them into
//! records and reads JSON with positions; [`check`] judges them by its one table of rules. What
//! `emit` lets through goes into the [`spool`], whose dispatcher hands it to [`link`], and
//! [`retry`] judges the answer. What `tail` receives is decoded by [`wire`] and stepped through
//! [`follow`], which says what to tell, when to connect again and when to stop; [`query`] says
//! what is wanted.
//!
//! - [`model`] holds the words of the domain, as tables. It, [`wire`], [`check`], [`query`],
//!   [`retry`] and [`follow`] only compute: no clock, no environment, no I/O.
//! - [`serve`] is the HTTP server under the emulator and under `tail --listen`.
//! - [`host`] gathers everything ambient once; [`settings`] layers flag, variable, profile and
//!   default, each value with its origin; [`failure`] owns the exit codes.
//! - [`cli`] is what is typed: arguments become plans. [`commands`] has one folder a subcommand:
//!   what it does, and in `output/` how that looks. [`render`] is what every output needs.
//!   [`present`] joins arguments, command and output.
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
pub mod present;
pub mod query;
pub mod render;
pub mod retry;
pub mod sandbox;
pub mod serve;
pub mod settings;
pub mod spool;
pub mod wire;

use cli::{Cli, Context, Verb};
use failure::{Exit, Failure};
use host::Host;
use render::theme::Theme;

/// Runs the program and says how the process ends.
pub fn run(host: &Host) -> Exit {
    match guarded(|| parsed(host)) {
        Ok(exit) => exit,
        Err(failure) => {
            let coloured = host.env.wants_colour(host.stderr_is_terminal);
            present::complain(&failure, &Theme::new(coloured), host);
            failure.exit
        }
    }
}

/// A panic is a bug: it is reported as one instead of as a stack trace alone. What others wrote
/// may stand in its message, so that is made harmless like everything else.
fn guarded(work: impl FnOnce() -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    std::panic::set_hook(Box::new(|panic| host::say(&panicked(&panic.to_string()))));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(
            Failure::message(Exit::Bug, "hivelog has a bug and could not go on")
                .hint("please report it with the command line and the message above"),
        )
    })
}

/// A panic's place and message on one line.
fn panicked(message: &str) -> Vec<u8> {
    let (place, why) = message.split_once('\n').unwrap_or((message, ""));
    let whole = format!("hivelog {}: {place} {why}", env!("CARGO_PKG_VERSION"));
    model::sanitise::line(whole.trim_end()).as_bytes().to_vec()
}

fn parsed(host: &Host) -> Result<Exit, Failure> {
    if host.env.is_set("COMPLETE") && cli::generate::complete(&host.args, None)? {
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
    let when = cli::color_of(&host.args);
    let plain = text.to_string();
    let harmless = render::sanitise::block(&plain);
    // What was typed is repeated in the message, and may be anything.
    let shown = |is_terminal| {
        if harmless == plain && cli::coloured(&when, host, is_terminal) {
            text.ansi().to_string()
        } else {
            harmless.to_string()
        }
    };
    if error.use_stderr() {
        host::say(shown(host.stderr_is_terminal).trim_end().as_bytes());
        return Ok(Exit::Usage);
    }
    present::print(host, shown(host.stdout_is_terminal).as_bytes())?;
    Ok(Exit::Yes)
}

fn dispatch(cli: Cli, host: &Host) -> Result<Exit, Failure> {
    if let Some(exit) = present::unsettled::run(&cli, host)? {
        return Ok(exit);
    }
    // Whatever is wrong with the settings, a job is run.
    if let Verb::Run(args) = cli.verb {
        return present::run::run(*args, &cli.global, host);
    }
    let mut context = Context::new(&cli.global, host)?;
    if !matches!(cli.verb, Verb::Tail(_)) {
        context.one_profile()?;
    }
    match cli.verb {
        Verb::Completions(_) | Verb::Man(_) | Verb::Help(_) | Verb::Run(_) => Ok(Exit::Yes),
        Verb::Codes(args) => present::lookup::codes(args, &context),
        Verb::Explain(args) => present::lookup::explain(args, &context),
        Verb::Config(args) => present::lookup::settings(args.with_origin(), &context),
        Verb::Doctor(args) => present::lookup::doctor(&args, &context),
        Verb::Emit(args) => present::emit::run(*args, &mut context),
        Verb::Spool(args) => present::spool::run(args, &mut context),
        Verb::Validate(args) => present::validate::run(&args, &context),
        Verb::Tail(args) => present::tail::run(*args, &mut context),
        Verb::Stats(args) => present::stats::run(&args, &context),
        Verb::Sandbox(args) => present::sandbox::run(*args, &context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_bug_and_has_a_code_of_its_own() {
        let failure = guarded(|| panic!("on purpose")).unwrap_err();
        assert_eq!(failure.exit.code(), 70);
        assert!(failure.to_string().contains("bug") && failure.hint.is_some());
        assert!(matches!(guarded(|| Ok(Exit::No)), Ok(Exit::No)));
    }
}
