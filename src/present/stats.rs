//! `stats`: counted, then shown.

use super::print;
use crate::cli::Context;
use crate::cli::stats::Args;
use crate::commands::stats::{self, output};
use crate::failure::{Exit, Failure};
use crate::model::format::Format;
use crate::render::sanitise;

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
    let (percentiles, width) = (args.percentiles(), context.host.width);
    let shown = output::groups(&groups, percentiles, args.field(), format, width);
    print(context.host, &shown)?;
    let remarks = outcome.unmet.iter().chain(&outcome.passed);
    remarks.for_each(|text| remark(text));
    Ok(outcome.exit)
}
