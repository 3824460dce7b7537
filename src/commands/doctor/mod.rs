//! What `doctor` does: looks at everything the other commands rely on, before they do.

mod connections;
pub mod diagnosis;
pub mod output;
mod profile;
mod spool;

use crate::commands::emit::Place;
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::Host;
use crate::model::format::Format;
use crate::model::timestamp::Zone;
use crate::settings::Settings;
use diagnosis::{CheckStatus, Diagnosis};

/// What is to be looked at, as far as it must be read first.
#[derive(Debug)]
pub struct DoctorPlan {
    /// Whether the rules of the profile make sense.
    pub rules: Result<(), Failure>,
    /// Where undelivered records are.
    pub spool: Result<Place, Failure>,
    /// The zone of the times that are shown.
    pub zone: Zone,
    /// Whether to open connections.
    pub probe: bool,
    /// Whether connections to other machines may be in the clear.
    pub allow_http: bool,
}

/// Checks one thing after the other; the answer is no when one does not work. People see each
/// result at once.
pub fn run(
    plan: DoctorPlan,
    settings: &Settings,
    format: Format,
    ui: &Ui<'_>,
) -> Result<Exit, Failure> {
    let page = ui.page(format);
    let mut checks = Vec::new();
    let mut report = |check: Diagnosis| {
        if format == Format::Human {
            return ui.print(output::line(&check, &page).as_bytes());
        }
        checks.push(check);
        Ok(())
    };
    let exit = check_all(plan, settings, ui.host, &mut report)?;
    ui.print(&output::all(&checks, &page))?;
    Ok(exit)
}

fn check_all(
    plan: DoctorPlan,
    settings: &Settings,
    host: &Host,
    report: &mut dyn FnMut(Diagnosis) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Yes;
    let mut add = |check: Diagnosis| {
        if check.status == CheckStatus::Failed {
            exit = Exit::No;
        }
        report(check)
    };
    add(profile::file(settings))?;
    add(profile::chosen(settings))?;
    for check in profile::unknown_variables(settings) {
        add(check)?;
    }
    add(Diagnosis::of(
        "check",
        plan.rules.map(|()| "the rules are valid".to_owned()),
    ))?;
    for check in spool::checks(plan.spool, plan.zone, settings, host) {
        add(check)?;
    }
    add(connections::synchive(settings, plan.allow_http))?;
    add(connections::server(settings, plan.allow_http, host))?;
    if plan.probe {
        for (check, name) in [
            ("synchive probe", "synchive.url"),
            ("server probe", "server.url"),
        ] {
            add(connections::probed(check, settings, name, plan.allow_http)?)?;
        }
    }
    Ok(exit)
}
