//! What needs no settings, so that a broken profile file cannot keep it away: help, completions,
//! manual pages, and finding, writing or changing that very file.

use crate::cli::config::ConfigVerb;
use crate::cli::{self, Cli, Context, Global, Verb, generate};
use crate::commands;
use crate::commands::ui::{print, print_paged};
use crate::failure::{Exit, Failure};
use crate::host::{self, Host, pager};
use crate::model::format::Format;
use crate::model::sanitise;
use crate::render::theme::Theme;
use crate::settings::Settings;

/// Carries such a subcommand out; nothing for every other.
pub fn run(cli: &Cli, host: &Host) -> Result<Option<Exit>, Failure> {
    match &cli.verb {
        Verb::Config(args) => return config(&args.verb, &cli.global, host),
        Verb::Completions(_) | Verb::Man(_) | Verb::Help(_) => cli.global.has_format_of(&[])?,
        _ => return Ok(None),
    }
    match &cli.verb {
        Verb::Completions(args) => print(host, &generate::completions(args.shell()?))?,
        Verb::Man(args) => match &args.dir {
            Some(folder) => commands::man::write(folder, &generate::pages())?,
            None => manual(args.page().as_deref(), &cli.global, host)?,
        },
        Verb::Help(args) => help(args, &cli.global, host)?,
        _ => {}
    }
    Ok(Some(Exit::Yes))
}

/// A person gets the page as `man` shows it, or else the help; a formatter gets what it formats.
fn manual(page: Option<&str>, global: &Global, host: &Host) -> Result<(), Failure> {
    let source = generate::page(page)?;
    if !host.stdout_is_terminal {
        return print(host, &source);
    }
    if pager::show_manual(&source) {
        return Ok(());
    }
    help(&cli::help::HelpArgs::about(page), global, host)
}

fn help(args: &cli::help::HelpArgs, global: &Global, host: &Host) -> Result<(), Failure> {
    let coloured = cli::coloured(global.colour(), host, host.stdout_is_terminal);
    let shown = match args.page(host.width)? {
        cli::help::HelpPage::Topic(topic) => {
            let width = host.width.min(cli::help::WIDEST);
            commands::help::output::render(&topic, width, &Theme::new(coloured))
        }
        cli::help::HelpPage::Subcommand(text) if coloured => text.ansi().to_string().into_bytes(),
        cli::help::HelpPage::Subcommand(text) => text.to_string().into_bytes(),
    };
    print_paged(host, &shown)
}

fn config(verb: &ConfigVerb, global: &Global, host: &Host) -> Result<Option<Exit>, Failure> {
    if !matches!(verb, ConfigVerb::List | ConfigVerb::Show { .. }) {
        global.has_format_of(&[])?;
    }
    let say = |text: &str| host::say(sanitise::line(text).as_bytes());
    let exit = match verb {
        ConfigVerb::Show { .. } => return Ok(None),
        ConfigVerb::List => {
            let settings = Settings::outside_profiles(&global.choice(), host)?;
            let context = Context::of(settings, global, host)?;
            let format = context.format(&Format::LISTING, Format::Human)?;
            commands::config::profiles::list(&context.settings, format, &context.ui())?
        }
        ConfigVerb::Path => {
            let path = cli::config::place(global, host)?;
            print(host, format!("{}\n", path.display()).as_bytes())?;
            Exit::Yes
        }
        ConfigVerb::Use { name } => {
            let path = cli::config::place(global, host)?;
            commands::config::profiles::make_default(&path, name)?;
            say(&format!("{}: default_profile is {name}", path.display()));
            if let Some(other) = host.env.get("HIVELOG_PROFILE") {
                say(&format!("HIVELOG_PROFILE={other} takes precedence over it"));
            }
            Exit::Yes
        }
        ConfigVerb::Edit => {
            let path = cli::config::place(global, host)?;
            commands::config::edit::run(&path, host)?
        }
        ConfigVerb::Init => init(global, host)?,
    };
    Ok(Some(exit))
}

/// Asks for a profile, writes it and tests it.
fn init(global: &Global, host: &Host) -> Result<Exit, Failure> {
    let path = cli::config::place(global, host).map_err(|failure| Failure {
        exit: Exit::Usage,
        ..failure
    })?;
    let asked = commands::config::init::ask(path, global.profile(), global.no_input, host)?;
    let Some(plan) = asked else {
        host::say(b"nothing was written");
        return Ok(Exit::No);
    };
    commands::config::write(&plan)?;
    let name = &plan.draft.profile;
    host::say(format!("written; 'hivelog config show -p {name}' shows it").as_bytes());
    if plan.test {
        let global = global.with_profile(name);
        let context = Context::new(&global, host)?;
        let checks = cli::doctor::DoctorArgs::with_probe().plan(&context);
        commands::doctor::run(checks, &context.settings, Format::Human, &context.ui())?;
    }
    let draft = &plan.draft;
    let next = [
        ("hivelog doctor --probe", !plan.test),
        ("hivelog emit -i", draft.has("synchive")),
        ("hivelog tail", draft.has("server")),
    ];
    let next = next.into_iter().filter(|(_, fits)| *fits);
    let next: Vec<_> = next
        .map(|(command, _)| format!("{command} -p {name}"))
        .collect();
    host::say(format!("next: {}", next.join("; ")).as_bytes());
    Ok(Exit::Yes)
}
