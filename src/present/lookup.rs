//! Answers what is asked of the tables: `codes`, `explain`, and the settings.

use super::{page, print};
use crate::cli::{self, Context};
use crate::command::{self, codes::Answer};
use crate::failure::{Exit, Failure};
use crate::model::diagnosis::Check;
use crate::model::format::Format;
use crate::view::theme::Theme;
use crate::view::{self, listing};

/// Looks codes and their like up.
pub fn codes(args: cli::codes::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let own_format = args.is_export();
    let page = page(context, if own_format { &[] } else { &listing::FORMATS })?;
    let outcome = command::codes::run(&args.plan(context)?)?;
    let shown = match &outcome.answer {
        Answer::Codes(codes) => view::codes::codes(codes, &page),
        Answer::Stages(stages) => view::codes::stages(stages, &page),
        Answer::Choices(choices) => view::codes::choices(choices, &page),
        Answer::Sys(types) => view::codes::sys_types(types, &page),
        Answer::Rules(rules) => view::codes::rules(rules, &page),
        Answer::Picks(picks) => view::codes::picks(picks, &page),
        Answer::Export(export, extra_codes) => view::export::render(*export, extra_codes),
    };
    print(context.host, &shown)?;
    Ok(answered(outcome.missed.as_slice(), context))
}

/// Explains values.
pub fn explain(args: cli::explain::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &view::explanation::FORMATS)?;
    let outcome = command::explain::run(&args.plan());
    let shown = view::explanation::render(&outcome.explanations, &page);
    print(context.host, &shown)?;
    Ok(answered(&outcome.unknown, context))
}

/// Shows the settings in force.
pub fn settings(with_origin: bool, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &listing::FORMATS)?;
    let shown = view::settings::render(&context.settings.rows(), with_origin, &page);
    print(context.host, &shown)?;
    Ok(Exit::Yes)
}

/// Looks at what the other commands rely on; for people each thing is shown at once.
pub fn doctor(args: &cli::doctor::Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let page = page(context, &listing::FORMATS)?;
    let mut checks = Vec::new();
    let mut tell = |check: Check| {
        if page.format == Format::Human {
            return print(context.host, view::doctor::line(&check, &page).as_bytes());
        }
        checks.push(check);
        Ok(())
    };
    let plan = args.plan(context);
    let exit = command::doctor::run(plan, &context.settings, context.host, &mut tell)?;
    print(context.host, &view::doctor::all(&checks, &page))?;
    Ok(exit)
}

/// Tells what was not found; the answer is yes where everything was.
fn answered(missed: &[Failure], context: &Context<'_>) -> Exit {
    let theme = Theme::new(context.coloured(context.host.stderr_is_terminal));
    for failure in missed {
        super::complain(failure, &theme);
    }
    if missed.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    }
}
