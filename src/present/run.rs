//! Hands what `run` has to say to standard error. Whatever is wrong with the event logs, the
//! command runs, unless `--strict` has it otherwise.

use super::{complain, warn};
use crate::cli::run::Args;
use crate::cli::{self, Context, Global};
use crate::commands::run;
use crate::failure::{Exit, Failure};
use crate::host::{self, Host};
use crate::model::sanitise;
use crate::render::theme::Theme;

/// Runs `run`.
pub fn run(args: Args, global: &Global, host: &Host) -> Result<Exit, Failure> {
    let strict = args.strict;
    let (plan, mut wrong) = match Context::new(global, host) {
        Ok(mut context) => args.plan(&mut context),
        Err(failure) => (args.bare(), vec![failure]),
    };
    let when = global.color.as_deref().unwrap_or("auto");
    let theme = Theme::new(cli::coloured(when, host, host.stderr_is_terminal));
    let say = |text: &str| host::say(sanitise::line(text).as_bytes());
    if strict {
        if let Some(last) = wrong.pop() {
            for failure in &wrong {
                complain(failure, &theme, host);
            }
            return Err(last);
        }
        plan.check_spool(&say)?;
    } else {
        for failure in &wrong {
            warn(failure, &theme, host);
        }
        if !plan.has_event_logs() {
            say("the command runs without event logs");
        }
    }
    run::run(&plan, host, &say)
}
