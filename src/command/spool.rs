//! `spool`: looking at what is kept, setting single records right, and sending it all.

use super::emit::destination::{Configured, Destination, Extra};
use super::emit::session::{self, Lane};
use super::emit::{Event, keeping, spool_failure};
use crate::failure::{Exit, Failure};
use crate::host::Host;
use crate::model::kept::KeptRecord;
use crate::model::timestamp::{Timestamp, Zone};
use crate::spool::dispatch::Options;
use crate::spool::identity::Identity;
use crate::spool::inspect::{Health, Inspector, Kept};
use crate::spool::sqlite::Purpose;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a forwarder tries: until somebody stops it.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// What is to be done with records that are kept.
pub struct Plan {
    /// The folder of the spool.
    pub folder: PathBuf,
    /// The zone of the times that are told.
    pub zone: Zone,
    /// What to do.
    pub task: Task,
}

/// What to do.
pub enum Task {
    /// Tell of every record.
    List,
    /// Tell one record with its bytes.
    Show(String),
    /// Make records ready again.
    Retry(Vec<String>),
    /// Give records up for good.
    Drop(Vec<String>),
    /// Write every record's bytes.
    Export,
    /// Look at every row.
    Verify,
    /// Let a destination send the records of which only its address is known.
    Migrate(Box<Destination>),
}

/// What there is to tell.
pub enum Told {
    /// One record.
    Record(Box<KeptRecord>),
    /// One record with its bytes.
    Whole(Box<KeptRecord>, Vec<u8>),
    /// A record's bytes.
    Body(Vec<u8>),
    /// A record is ready again.
    Retried(String),
    /// A record was given up.
    Dropped(String),
    /// What a look at every row has shown.
    Health(Health),
    /// How many records have got an identity.
    Migrated(u64),
}

/// Does it.
pub fn run(plan: &Plan, host: &Host, tell: &mut dyn FnMut(Told)) -> Result<Exit, Failure> {
    let Some(mut spool) = Inspector::open(&plan.folder).map_err(spool_failure)? else {
        return empty(plan, tell);
    };
    let exit = work(&mut spool, plan, host, tell)?;
    // The work is done as far as it can be; that records may be missing is said once.
    match &spool.set_aside {
        Some(set_aside) => Err(Failure::input(set_aside)),
        None => Ok(exit),
    }
}

fn work(
    spool: &mut Inspector,
    plan: &Plan,
    host: &Host,
    tell: &mut dyn FnMut(Told),
) -> Result<Exit, Failure> {
    let zone = plan.zone;
    match &plan.task {
        Task::List => {
            spool
                .each(&mut |kept| tell(Told::Record(Box::new(readable(kept, zone)))))
                .map_err(spool_failure)?;
        }
        Task::Show(prefix) => {
            let id = only(spool, prefix)?;
            let (kept, body) = spool
                .show(&id)
                .map_err(spool_failure)?
                .ok_or_else(|| no_record(prefix))?;
            tell(Told::Whole(Box::new(readable(kept, zone)), body));
        }
        Task::Retry(prefixes) => {
            for prefix in prefixes {
                let id = only(spool, prefix)?;
                let now = host.now().millis();
                if spool.retry(&id, now).map_err(spool_failure)? {
                    tell(Told::Retried(id));
                }
            }
        }
        Task::Drop(prefixes) => {
            for prefix in prefixes {
                let id = only(spool, prefix)?;
                let now = host.now().millis();
                if spool.drop(&id, now).map_err(spool_failure)? {
                    tell(Told::Dropped(id));
                }
            }
        }
        Task::Export => spool
            .bodies(&mut |body| tell(Told::Body(body.to_vec())))
            .map_err(spool_failure)?,
        Task::Verify => {
            let health = spool.verify().map_err(spool_failure)?;
            let sound = health.damaged.is_empty() && health.complaints.is_empty();
            tell(Told::Health(health));
            return Ok(if sound { Exit::Yes } else { Exit::No });
        }
        Task::Migrate(destination) => {
            let migrated = spool.identify(destination.identity());
            tell(Told::Migrated(migrated.map_err(spool_failure)?));
        }
    }
    Ok(Exit::Yes)
}

/// There is no spool yet.
fn empty(plan: &Plan, tell: &mut dyn FnMut(Told)) -> Result<Exit, Failure> {
    match &plan.task {
        Task::List | Task::Export => Ok(Exit::Yes),
        Task::Verify => {
            tell(Told::Health(Health::default()));
            Ok(Exit::Yes)
        }
        Task::Migrate(_) => {
            tell(Told::Migrated(0));
            Ok(Exit::Yes)
        }
        Task::Show(id) => Err(no_record(id)),
        Task::Retry(ids) | Task::Drop(ids) => Err(no_record(&ids.join(", "))),
    }
}

fn no_record(id: &str) -> Failure {
    Failure::message(Exit::No, format!("there is no record {id} in the spool"))
        .hint("'hivelog spool list' names them")
}

/// The one record whose id begins with this text.
fn only(spool: &Inspector, prefix: &str) -> Result<String, Failure> {
    let mut found = spool.find(prefix).map_err(spool_failure)?;
    match found.len() {
        0 => Err(no_record(prefix)),
        1 => Ok(found.swap_remove(0)),
        _ => Err(Failure::usage(format!(
            "several records have an id that begins with {prefix}"
        ))
        .hint("give more of it")),
    }
}

fn readable(kept: Kept, zone: Zone) -> KeptRecord {
    let time = |millis| Timestamp::from_millis(millis).at(zone).rfc3339();
    let said: Option<serde_json::Value> = kept
        .last_error
        .and_then(|text| serde_json::from_str(&text).ok());
    let part = |name: &str| {
        let value = said.as_ref()?.get(name)?.as_str()?;
        Some(value.to_owned())
    };
    let last_error = part("title").map(|title| {
        let http = kept.http.map(|http| http.to_string());
        let head = match http {
            Some(http) if !title.starts_with(&http) => format!("{http} {title}"),
            _ => title,
        };
        part("detail").map_or(head.clone(), |detail| format!("{head}: {detail}"))
    });
    let identity = Identity::read(&kept.destination);
    let (connector, key_header, headers) = match identity.sender {
        Some(sender) => (
            Some(sender.connector),
            Some(sender.key_header),
            sender.headers,
        ),
        None => (None, None, Vec::new()),
    };
    KeptRecord {
        id: kept.id,
        destination: identity.url,
        connector,
        key_header,
        headers,
        event_code: kept.event_code,
        correlation_id: kept.correlation_id,
        attempts: kept.attempts,
        maybe_duplicate: kept.maybe_duplicate,
        accepted: time(kept.accepted),
        // Never tried means that it may be tried since it was accepted.
        next_attempt: (kept.state == "ready").then(|| time(kept.next_attempt.max(kept.accepted))),
        state: kept.state,
        last_error,
        source: kept.source,
        line: kept.line,
    }
}

/// Sending what is kept.
pub struct Drain {
    /// The folder of the spool.
    pub folder: PathBuf,
    /// To whom.
    pub receiver: Receiver,
    /// The destinations of the profile file.
    pub configured: Vec<Configured>,
    /// How records are sent.
    pub options: Options,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Go on for ever with what comes.
    pub follow: bool,
    /// The zone of the times that are told.
    pub zone: Zone,
}

/// For whom what is kept is sent.
pub enum Receiver {
    /// One destination.
    One(Box<Destination>),
    /// Every configured destination, with what the command line says beside the settings.
    Configured(Extra),
}

/// Sends it.
pub fn drain(plan: Drain, host: &Host, tell: &mut dyn FnMut(Event<'_>)) -> Result<Exit, Failure> {
    let (purpose, options) = if plan.follow {
        let options = Options {
            retry_for: FOREVER,
            ..plan.options
        };
        (Purpose::Follow, options)
    } else {
        (Purpose::All, plan.options)
    };
    let (destinations, unusable, to) = match plan.receiver {
        Receiver::One(destination) => {
            let to = destination.shown();
            (vec![*destination], None, to)
        }
        Receiver::Configured(extra) => {
            let (usable, unusable) =
                usable(&plan.folder, &plan.configured, plan.follow, &extra, tell)?;
            (usable, unusable, "every configured destination".to_owned())
        }
    };
    let sent: Vec<Identity> = destinations
        .iter()
        .map(|destination| destination.identity().clone())
        .collect();
    let (mut lanes, mut damaged) = (Vec::new(), false);
    for destination in destinations {
        let (spool, set_aside) =
            keeping::open(&plan.folder, &destination, purpose, u64::MAX, tell)?;
        damaged |= set_aside.is_some();
        lanes.push(Lane {
            spool: Arc::new(spool),
            identity: destination.identity().clone(),
            logs: destination.open(plan.timeout, options.jobs),
        });
    }
    if plan.follow {
        // Only now: from here on what is accepted beside it is left to it.
        tell(Event::Notice(format!(
            "sending what is kept in {} to {to} until stopped",
            plan.folder.display()
        )));
    }
    let exit = session::drain(lanes, options, plan.follow, plan.zone, host, tell)?;
    keeping::tell_elsewhere(&plan.folder, &sent, &plan.configured, tell)?;
    Ok(match exit {
        // What could be read is sent; that records may be missing is no success.
        Exit::Yes if damaged => Exit::Input,
        Exit::Yes => unusable.unwrap_or(exit),
        _ => exit,
    })
}

/// The configured destinations for which there is something to send, and how the run ends on
/// account of those that cannot be used.
fn usable(
    folder: &Path,
    configured: &[Configured],
    follow: bool,
    extra: &Extra,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<(Vec<Destination>, Option<Exit>), Failure> {
    let ready = keeping::ready(folder)?;
    let has_work = |identity: &Identity| {
        let former = |other: &Identity| other.sender.is_none() && other.url == identity.url;
        follow
            || ready
                .iter()
                .any(|(other, _)| other == identity || former(other))
    };
    let (mut usable, mut exit) = (Vec::<Destination>::new(), None);
    for known in configured.iter().filter(|known| has_work(&known.identity)) {
        if usable
            .iter()
            .any(|other| *other.identity() == known.identity)
        {
            continue;
        }
        match Destination::resolve(&known.settings, extra) {
            Ok(destination) => usable.push(destination),
            Err(failure) => {
                let profile = known.profile.as_deref().unwrap_or("none");
                tell(Event::Notice(format!(
                    "not sent for profile {profile}: {failure}"
                )));
                exit.get_or_insert(failure.exit);
            }
        }
    }
    Ok((usable, exit))
}
