//! The spool, and what waits in it.

use super::diagnosis::{CheckStatus, Diagnosis};
use crate::commands::emit::destination::Destination;
use crate::commands::emit::run_spool::drained_by;
use crate::commands::emit::{Place, spool_failure};
use crate::commands::spool::status::{DestinationBacklog, SpoolStatus};
use crate::failure::Failure;
use crate::host::Host;
use crate::model::timestamp::Zone;
use crate::settings::Settings;
use crate::spool::inspect::{Access, Durability};
use crate::spool::lock_wait::LockWait;
use std::path::Path;
use std::time::Duration;

/// How long a spool may be locked by another process.
const LOCKED: Duration = Duration::from_secs(2);

/// Where undelivered records are, and what waits there, for whom and why.
pub fn checks(
    place: Result<Place, Failure>,
    zone: Zone,
    settings: &Settings,
    host: &Host,
) -> Vec<Diagnosis> {
    let place = match place {
        Ok(place) if place.is_durable() => place,
        Ok(_) => {
            let message = "there is no home folder: undelivered records are kept in memory only";
            let check =
                Diagnosis::new("spool", CheckStatus::Warning, message).help("set HIVELOG_SPOOL");
            return vec![check];
        }
        Err(failure) => return vec![Diagnosis::failed("spool", &failure)],
    };
    if let Some(check) = not_writable(&place) {
        return vec![check];
    }
    match status(&place, zone, host) {
        Err(failure) => vec![Diagnosis::failed("spool", &failure)],
        Ok((status, settings_of_database)) => {
            let waits = match status.destinations.as_slice() {
                [] => "empty".to_owned(),
                _ => status.counts(),
            };
            let message = format!("{place}: {waits}");
            let configured = Destination::configured(settings);
            let waiting = status.destinations.iter();
            let waiting = waiting.map(|one| waits_for(one, drained_by(&one.identity, &configured)));
            std::iter::once(Diagnosis::new("spool", CheckStatus::Ok, message))
                .chain(settings_of_database.as_ref().map(durability))
                .chain(waiting)
                .collect()
        }
    }
}

fn not_writable(place: &Place) -> Option<Diagnosis> {
    let Place::Folder { path: folder, .. } = place else {
        return None;
    };
    // The folder is made when it is needed; until then its nearest parent decides.
    let mut parents = folder.ancestors().filter(|folder| folder.exists());
    let existing = parents.next().unwrap_or(Path::new("."));
    let error = writable(existing).err()?;
    let message = format!("cannot write to {}: {error}", existing.display());
    let check = Diagnosis::new("spool", CheckStatus::Failed, message);
    Some(check.help("name another folder with HIVELOG_SPOOL or spool.location"))
}

/// What waits, and what a database does before it confirms a record.
fn status(
    place: &Place,
    zone: Zone,
    host: &Host,
) -> Result<(SpoolStatus, Option<Durability>), Failure> {
    let mut quiet = |_| {};
    let opened = place.inspect(Access::Look, &mut LockWait::new(LOCKED, &mut quiet));
    let opened = opened.map_err(spool_failure)?;
    if let Some(damaged) = opened.as_ref().filter(|spool| !spool.damage().is_empty()) {
        return Err(Failure::input(damaged.damage()));
    }
    let durability = opened.as_ref().map(|spool| spool.durability()).transpose();
    let durability = durability.map_err(spool_failure)?.flatten();
    let status = SpoolStatus::read(place, opened.as_deref(), zone, host.now().millis())?;
    Ok((status, durability))
}

/// Which promise a database keeps for records that it has confirmed.
fn durability(settings: &Durability) -> Diagnosis {
    let name = "durability";
    let fsync = if settings.fsync { "on" } else { "off" };
    let standbys = match settings.standbys.as_str() {
        "" => "no synchronous standby".to_owned(),
        names => format!("synchronous standbys {names}"),
    };
    let facts = format!(
        "fsync {fsync}, synchronous_commit {}, {standbys}",
        settings.commit
    );
    let Some(survives) = settings.survives() else {
        let message = format!("a crash of the server may lose confirmed records ({facts})");
        return Diagnosis::new(name, CheckStatus::Warning, message)
            .help("turn on fsync and synchronous_commit");
    };
    let message = format!("confirmed records survive {survives} ({facts})");
    let diagnosis = Diagnosis::new(name, CheckStatus::Ok, message);
    if settings.is_replicated() {
        return diagnosis;
    }
    diagnosis.help("set synchronous_standby_names to survive a failover as well")
}

/// What waits for one destination, why, and the command that sends it.
fn waits_for(waiting: &DestinationBacklog, drain: Option<String>) -> Diagnosis {
    let why = waiting.held.as_ref().or(waiting.last_error.as_ref());
    let message = match why {
        Some(why) => format!("{}; {why}", waiting.summary()),
        None => waiting.summary(),
    };
    let is_well = why.is_none() && waiting.dead == 0;
    let health = if is_well {
        CheckStatus::Ok
    } else {
        CheckStatus::Warning
    };
    let help = match (waiting.ready, drain) {
        (0, drain) => {
            let drain = drain.map_or_else(
                || "'hivelog spool drain --dead' with --url and --connector".to_owned(),
                |command| format!("'{command} --dead'"),
            );
            format!("'hivelog spool list --dead' shows why, {drain} sends again")
        }
        (_, Some(command)) => format!("send with: {command}"),
        (_, None) => {
            "no profile matches it: run 'hivelog spool drain' with --url and --connector".to_owned()
        }
    };
    Diagnosis::new("waiting", health, message).help(help)
}

/// Tries it: permissions say nothing about read-only and full disks.
fn writable(folder: &Path) -> std::io::Result<()> {
    let trial = folder.join(format!(".hivelog-doctor-{}", std::process::id()));
    std::fs::write(&trial, b"?")?;
    std::fs::remove_file(trial)
}
