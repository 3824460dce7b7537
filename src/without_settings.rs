//! What needs no settings, so that a broken profile file cannot keep it away: help, completions,
//! manual pages, and finding or writing that very file.

use crate::cli::generate;
use crate::cli::{self, Cli, Global, Verb};
use crate::commands;
use crate::commands::ui::print;
use crate::failure::{Exit, Failure};
use crate::host::{self, Host};
use crate::render::theme::Theme;

/// Carries such a subcommand out; nothing for every other.
pub fn run(cli: &Cli, host: &Host) -> Result<Option<Exit>, Failure> {
    let show_settings =
        |args: &cli::config::Args| matches!(args.verb, cli::config::Verb::Show { .. });
    match &cli.verb {
        Verb::Completions(_) | Verb::Man(_) | Verb::Help(_) => {}
        Verb::Config(args) if !show_settings(args) => {}
        _ => return Ok(None),
    }
    cli.global.without_format()?;
    match &cli.verb {
        Verb::Completions(args) => print(host, &generate::completions(args.shell))?,
        Verb::Man(args) => match &args.dir {
            Some(folder) => generate::write_pages(folder)?,
            // A person gets text, and a formatter what it formats.
            None if host.stdout_is_terminal => {
                let page = cli::help::Args::about(args.page.as_deref());
                help(&page, &cli.global, host)?;
            }
            None => print(host, &generate::page(args.page.as_deref())?)?,
        },
        Verb::Help(args) => help(args, &cli.global, host)?,
        Verb::Config(args) => return config(args, &cli.global, host),
        _ => {}
    }
    Ok(Some(Exit::Yes))
}

fn help(args: &cli::help::Args, global: &Global, host: &Host) -> Result<(), Failure> {
    let when = global.color.as_deref().unwrap_or("auto");
    let coloured = cli::coloured(when, host, host.stdout_is_terminal);
    let shown = match args.page()? {
        cli::help::Page::Topic(topic) => {
            commands::help::output::render(&topic, host.width, &Theme::new(coloured))
        }
        cli::help::Page::Subcommand(text) if coloured => text.ansi().to_string().into_bytes(),
        cli::help::Page::Subcommand(text) => text.to_string().into_bytes(),
    };
    print(host, &shown)
}

fn config(args: &cli::config::Args, global: &Global, host: &Host) -> Result<Option<Exit>, Failure> {
    match args.verb {
        cli::config::Verb::Show { .. } => Ok(None),
        cli::config::Verb::Path => {
            let path = cli::config::place(global, host)?;
            print(host, format!("{}\n", path.display()).as_bytes())?;
            Ok(Some(Exit::Yes))
        }
        cli::config::Verb::Init => {
            let Some(plan) = cli::config::ask(global, host)? else {
                host::say(b"nothing was written");
                return Ok(Some(Exit::No));
            };
            commands::config::write(&plan)?;
            let name = &plan.draft.profile;
            host::say(format!("written; 'hivelog config show -p {name}' shows it").as_bytes());
            Ok(Some(Exit::Yes))
        }
    }
}
