//! Answers what is asked of the tables: `codes`, `explain`, and the settings.

use super::{page, print};
use crate::cli::{self, Context};
use crate::commands::codes::{self, Answer};
use crate::commands::{config, doctor, explain};
use crate::failure::{Exit, Failure};
use crate::model::diagnosis::Check;
use crate::model::format::Format;
use crate::render::listing;
use crate::render::theme::Theme;

/// Looks codes and their like up.
pub fn codes(args: cli::codes::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let own_format = args.is_export();
    let page = page(context, if own_format { &[] } else { &listing::FORMATS })?;
    let outcome = codes::run(&args.plan(context)?)?;
    let shown = match &outcome.answer {
        Answer::Codes(codes) => codes::output::codes(codes, &page),
        Answer::Stages(stages) => codes::output::stages(stages, &page),
        Answer::Choices(choices) => codes::output::choices(choices, &page),
        Answer::Sys(types) => codes::output::sys_types(types, &page),
        Answer::Rules(rules) => codes::output::rules(rules, &page),
        Answer::Picks(picks) => codes::output::picks(picks, &page),
        Answer::Export(export, extra_codes) => codes::output::export::render(*export, extra_codes),
    };
    print(context.host, &shown)?;
    Ok(answered(outcome.missed.as_slice(), context))
}

/// Explains values.
pub fn explain(args: cli::explain::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &explain::output::FORMATS)?;
    let outcome = explain::run(&args.plan());
    let shown = explain::output::render(&outcome.explanations, &page);
    print(context.host, &shown)?;
    Ok(answered(&outcome.unknown, context))
}

/// Shows the settings in force.
pub fn settings(with_origin: bool, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &listing::FORMATS)?;
    let shown = config::output::render(&context.settings.rows(), with_origin, &page);
    print(context.host, &shown)?;
    Ok(Exit::Yes)
}

/// Looks at what the other commands rely on; for people each thing is shown at once.
pub fn doctor(args: &cli::doctor::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &listing::FORMATS)?;
    let mut checks = Vec::new();
    let mut tell = |check: Check| {
        if page.format == Format::Human {
            return print(context.host, doctor::output::line(&check, &page).as_bytes());
        }
        checks.push(check);
        Ok(())
    };
    let plan = args.plan(context);
    let exit = doctor::run(plan, &context.settings, context.host, &mut tell)?;
    print(context.host, &doctor::output::all(&checks, &page))?;
    Ok(exit)
}

/// Tells what was not found; the answer is yes where everything was.
fn answered(missed: &[Failure], context: &Context<'_>) -> Exit {
    let theme = Theme::new(context.coloured(context.host.stderr_is_terminal));
    for failure in missed {
        super::complain(failure, &theme, context.host);
    }
    if missed.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    }
}
