//! `spool`: looking at what is kept, setting single records right, and sending it all.

pub mod output;
pub mod screen;
mod selection;
pub mod status;

use crate::commands::emit::destination::{Configured, Destination, Extra};
use crate::commands::emit::session::{self, Lane};
use crate::commands::emit::{Event, Place, Remedies, keeping, spool_failure};
use crate::failure::{Exit, Failure};
use crate::host::Host;
use crate::model::delivery::with_status;
use crate::model::kept::KeptRecord;
use crate::model::timestamp::{Timestamp, Zone};
use crate::query::limit::Limit;
use crate::spool::Purpose;
use crate::spool::dispatch::Options;
use crate::spool::identity::Identity;
use crate::spool::inspect::{Dropped, Health, Inspect, Kept};
use crate::spool::lock_wait::LockWait;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

pub use selection::Selection;
use status::Status;

/// How long a forwarder tries: until somebody stops it.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// What is to be done with records that are kept.
pub struct Plan {
    /// Where the spool is.
    pub place: Place,
    /// The zone of the times that are told.
    pub zone: Zone,
    /// What to do.
    pub task: Task,
}

/// What to do.
pub enum Task {
    /// Count what waits; the limits that a `no` is due to.
    Status(Vec<Limit>),
    /// Tell of records.
    List(Selection),
    /// Tell one record with its bytes.
    Show(String),
    /// Make records ready again.
    Retry(Selection),
    /// Permanently delete queued records.
    Drop(Selection),
    /// Write records' bytes.
    Export(Selection),
    /// Look at every row.
    Verify,
    /// Let a destination send the records of which only its address is known.
    Migrate(Box<Destination>),
}

/// What there is to tell.
pub enum Told {
    /// How much waits.
    Status(Box<Status>),
    /// One record.
    Record(Box<KeptRecord>),
    /// One record with its bytes.
    Whole(Box<KeptRecord>, Vec<u8>),
    /// A record's bytes.
    Body(Vec<u8>),
    /// A record is ready again.
    Retried(Uuid),
    /// A record was given up.
    Dropped(Uuid),
    /// What a look at every row has shown.
    Health(Health),
    /// How many records have got an identity.
    Migrated(u64),
    /// Something a person should know.
    Notice(String),
}

/// Does it.
pub fn run(plan: &Plan, host: &Host, tell: &mut dyn FnMut(Told)) -> Result<Exit, Failure> {
    let changes = matches!(plan.task, Task::Retry(_) | Task::Drop(_) | Task::Migrate(_));
    let mut say = |text| tell(Told::Notice(text));
    let mut wait = LockWait::new(LockWait::DEFAULT, &mut say);
    let opened = plan.place.inspect(changes, &mut wait);
    let Some(mut spool) = opened.map_err(spool_failure)? else {
        return empty(plan, host, tell);
    };
    let exit = work(spool.as_mut(), plan, host, tell)?;
    let damage = spool.damage();
    if damage.is_empty() {
        return Ok(exit);
    }
    // The work is done as far as it can be; that records may be missing is said once.
    damage.told();
    Err(Failure::input(damage))
}

fn work(
    spool: &mut dyn Inspect,
    plan: &Plan,
    host: &Host,
    tell: &mut dyn FnMut(Told),
) -> Result<Exit, Failure> {
    let zone = plan.zone;
    match &plan.task {
        Task::Status(limits) => return tell_status(Some(spool), limits, plan, host, tell),
        Task::List(selection) => {
            let now = host.now().millis();
            chosen(spool, selection, &mut |kept, _| {
                tell(Told::Record(Box::new(readable(kept, zone, now))));
            })?;
        }
        Task::Show(part) => {
            let mut told = false;
            let now = host.now().millis();
            chosen(spool, &Selection::one(part), &mut |kept, body| {
                told = true;
                tell(Told::Whole(
                    Box::new(readable(kept, zone, now)),
                    body.to_vec(),
                ));
            })?;
            if !told {
                return Err(no_record(part));
            }
        }
        Task::Retry(selection) => {
            let ids = chosen_ids(spool, selection)?;
            let now = host.now().millis();
            for id in spool.retry(&ids, now).map_err(spool_failure)? {
                tell(Told::Retried(id));
            }
        }
        Task::Drop(selection) => {
            let ids = chosen_ids(spool, selection)?;
            let dropped = spool.drop(&ids, host.now().millis());
            return Ok(drop_outcome(
                ids.len(),
                &dropped.map_err(spool_failure)?,
                tell,
            ));
        }
        Task::Export(selection) => {
            chosen(spool, selection, &mut |_, body| {
                tell(Told::Body(body.to_vec()));
            })?;
        }
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

/// Tells which of so many records were dropped, and how the command ends.
fn drop_outcome(chosen: usize, dropped: &Dropped, tell: &mut dyn FnMut(Told)) -> Exit {
    for id in &dropped.unsent {
        tell(Told::Dropped(*id));
    }
    let sent = dropped.sent.len();
    if sent > 0 {
        tell(Told::Notice(format!(
            "{sent} of {chosen} removed from the spool while being sent: may have been delivered"
        )));
    }
    let left = chosen - dropped.unsent.len() - sent;
    if left > 0 {
        tell(Told::Notice(format!(
            "{left} of {chosen} not dropped: being sent now, or gone meanwhile"
        )));
    }
    if dropped.unsent.len() == chosen {
        Exit::Yes
    } else {
        Exit::No
    }
}

/// Tells how much waits; the answer is no where a limit is exceeded.
fn tell_status(
    spool: Option<&dyn Inspect>,
    limits: &[Limit],
    plan: &Plan,
    host: &Host,
    tell: &mut dyn FnMut(Told),
) -> Result<Exit, Failure> {
    let status = Status::read(&plan.place, spool, plan.zone, host.now().millis())?;
    let exceeded = status.exceeds(limits);
    let exit = if exceeded.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    };
    tell(Told::Status(Box::new(status)));
    for text in exceeded {
        tell(Told::Notice(text));
    }
    Ok(exit)
}

/// There is no spool yet.
fn empty(plan: &Plan, host: &Host, tell: &mut dyn FnMut(Told)) -> Result<Exit, Failure> {
    match &plan.task {
        Task::Status(limits) => tell_status(None, limits, plan, host, tell),
        Task::Verify => {
            tell(Told::Health(Health::default()));
            Ok(Exit::Yes)
        }
        Task::Migrate(_) => {
            tell(Told::Migrated(0));
            Ok(Exit::Yes)
        }
        Task::Show(id) => Err(no_record(id)),
        Task::List(selection)
        | Task::Export(selection)
        | Task::Retry(selection)
        | Task::Drop(selection) => match selection.ids.as_slice() {
            [] => Ok(Exit::Yes),
            ids => Err(no_record(&ids.join(", "))),
        },
    }
}

fn no_record(id: &str) -> Failure {
    Failure::message(Exit::No, format!("there is no record {id} in the spool"))
        .hint("'hivelog spool list' names them")
}

/// Hands over the records that are meant, in the order of acceptance.
fn chosen(
    spool: &dyn Inspect,
    selection: &Selection,
    take: &mut dyn FnMut(Kept, &[u8]),
) -> Result<(), Failure> {
    let ids = named(spool, &selection.ids)?;
    spool
        .each(&mut |kept, body| {
            let named = selection.ids.is_empty() || ids.contains(&kept.id);
            if named && selection.matches(&kept) {
                take(kept, body);
            }
        })
        .map_err(spool_failure)
}

fn chosen_ids(spool: &dyn Inspect, selection: &Selection) -> Result<Vec<Uuid>, Failure> {
    let mut ids = Vec::new();
    chosen(spool, selection, &mut |kept, _| ids.push(kept.id))?;
    Ok(ids)
}

/// The ids that begin or end with these texts: one for each.
fn named(spool: &dyn Inspect, parts: &[String]) -> Result<HashSet<Uuid>, Failure> {
    let one = |part: &String| {
        let found = spool.find(part).map_err(spool_failure)?;
        match found.as_slice() {
            [] => Err(no_record(part)),
            [id] => Ok(*id),
            _ => Err(Failure::usage(format!(
                "several records have an id that begins or ends with {part}"
            ))
            .hint("give more of it")),
        }
    };
    parts.iter().map(one).collect()
}

fn readable(kept: Kept, zone: Zone, now: i64) -> KeptRecord {
    let time = |millis| Timestamp::from_millis(millis).at(zone).rfc3339();
    let said: Option<serde_json::Value> = kept
        .last_error
        .and_then(|text| serde_json::from_str(&text).ok());
    let part = |name: &str| {
        let value = said.as_ref()?.get(name)?.as_str()?;
        Some(value.to_owned())
    };
    let last_error = part("title").map(|title| {
        let head = with_status(kept.http, &title);
        match part("detail") {
            Some(detail) => format!("{head}: {detail}"),
            None => head.into_owned(),
        }
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
        id: kept.id.to_string(),
        age: now - kept.accepted,
        wait: kept.next_attempt - now,
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
    /// Where the spool is.
    pub place: Place,
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
    /// Requeue what was rejected first.
    pub dead: bool,
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
    let mut damaged = false;
    if plan.dead {
        damaged |= requeue(&plan, host, tell)?;
    }
    let (destinations, unusable, to, remedies) = match plan.receiver {
        Receiver::One(destination) => {
            let to = destination.shown();
            let remedies = destination.remedies().clone();
            (vec![*destination], None, to, remedies)
        }
        Receiver::Configured(extra) => {
            let (ready, missing) = keeping::ready(&plan.place, plan.timeout, tell)?;
            damaged |= missing;
            let ready = (!plan.follow).then_some(ready);
            let (usable, unusable) = usable(ready.as_deref(), &plan.configured, &extra, tell);
            let to = "every configured destination".to_owned();
            (usable, unusable, to, Remedies::of_all_profiles())
        }
    };
    let sent: Vec<Identity> = destinations
        .iter()
        .map(|destination| destination.identity().clone())
        .collect();
    let mut lanes = Vec::new();
    for destination in destinations {
        let (spool, missing) =
            keeping::open(&plan.place, &destination, purpose, plan.timeout, tell)?;
        damaged |= missing;
        lanes.push(Lane {
            spool,
            identity: destination.identity().clone(),
            remedies: destination.remedies().clone(),
            logs: destination.open(plan.timeout, options.jobs),
        });
    }
    if plan.follow {
        // Only now: from here on what is accepted beside it is left to it.
        tell(Event::Notice(format!(
            "sending what is kept in {} to {to} until stopped",
            plan.place
        )));
    }
    let exit = session::drain(lanes, options, plan.follow, remedies, plan.zone, host, tell)?;
    damaged |= keeping::tell_elsewhere(&plan.place, &sent, &plan.configured, plan.timeout, tell)?;
    Ok(match exit {
        // What could be read is sent; that records may be missing is no success.
        Exit::Yes if damaged => Exit::Input,
        Exit::Yes => unusable.unwrap_or(exit),
        _ => exit,
    })
}

/// Makes the dead records of the destinations ready; whether records may be missing.
fn requeue(plan: &Drain, host: &Host, tell: &mut dyn FnMut(Event<'_>)) -> Result<bool, Failure> {
    let identities: Vec<&Identity> = match &plan.receiver {
        Receiver::One(destination) => vec![destination.identity()],
        Receiver::Configured(_) => plan
            .configured
            .iter()
            .map(|known| &known.identity)
            .collect(),
    };
    let Some(mut spool) = keeping::inspect(&plan.place, plan.timeout, tell)? else {
        return Ok(false);
    };
    let now = host.now().millis();
    for identity in identities {
        let dead = spool.dead(identity).map_err(spool_failure)?;
        let _ = spool.retry(&dead, now).map_err(spool_failure)?;
    }
    Ok(!spool.damage().is_empty())
}

/// The configured destinations for which something is ready, or may be in time, and how the run
/// ends on account of those that cannot be used.
fn usable(
    ready: Option<&[(Identity, u64)]>,
    configured: &[Configured],
    extra: &Extra,
    tell: &mut dyn FnMut(Event<'_>),
) -> (Vec<Destination>, Option<Exit>) {
    let has_work = |identity: &Identity| {
        let former = |other: &Identity| other.sender.is_none() && other.url == identity.url;
        let is_for = |(other, _): &(Identity, u64)| other == identity || former(other);
        ready.is_none_or(|ready| ready.iter().any(is_for))
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
    (usable, exit)
}
