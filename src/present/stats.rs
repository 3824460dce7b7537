//! `stats`: counted, then shown.

use crate::cli::Context;
use crate::cli::stats::Args;
use crate::command::stats;
use crate::failure::{Exit, Failure};
use crate::model::format::Format;
use crate::view::{sanitise, statistics};

/// Counts and shows.
pub fn run(args: &Args, context: &Context<'_>) -> Result<Exit, Failure> {
    let format = context.format(&Args::FORMATS, Format::Human)?;
    let plan = args.plan(context)?;
    let interrupt = context.host.interrupt()?;
    let mut remark = |text: &str| context.talk.notice(&sanitise::line(text));
    let outcome = stats::run(plan, &interrupt, &mut remark)?;
    let groups = if args.by_key() {
        outcome.groups.by_key()
    } else {
        outcome.groups.by_count()
    };
    let (percentiles, field) = (args.percentiles(), args.field());
    let width = context.host.width;
    let shown = statistics::groups(&groups, percentiles, field, format, width);
    let mut output = context.host.stdout();
    output.write(&shown)?;
    output.flush()?;
    outcome.passed.iter().for_each(|passed| remark(passed));
    Ok(outcome.exit)
}
