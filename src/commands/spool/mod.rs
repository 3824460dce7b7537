//! `spool`: looking at what waits, setting single records right, moving it, and sending it all.

mod drain;
mod import;
mod moving;
pub mod output;
pub mod screen;
mod selection;
pub mod status;

use crate::commands::ask::Confirmation;
use crate::commands::emit::destination::Destination;
use crate::commands::emit::{Place, spool_failure};
use crate::failure::{Exit, Failure};
use crate::host::Host;
use crate::model::delivery::in_words;
use crate::model::kept::KeptRecord;
use crate::model::timestamp::{Timestamp, Zone};
use crate::query::limit::Limit;
use crate::records::Sources;
use crate::spool::identity::Identity;
use crate::spool::inspect::{Access, Dropped, Health, Inspect};
use crate::spool::lock_wait::LockWait;
use crate::spool::stored::Stored;
use std::collections::HashSet;
use uuid::Uuid;

pub use crate::spool::place::Roles;
pub use crate::spool::stored::State;
pub use drain::{Drain, Receiver, drain};
pub use import::Imported;
pub use moving::Moved;
pub use selection::Selection;
use status::Status;

/// What is to be done with undelivered records.
pub struct Plan<'a> {
    /// Where the spool is.
    pub place: Place,
    /// The zone of the times that are shown.
    pub zone: Zone,
    /// What to do.
    pub task: Task<'a>,
}

/// What to do.
pub enum Task<'a> {
    /// Count what waits; the limits that a `no` is due to.
    Status(Vec<Limit>),
    /// Show records.
    List(Selection),
    /// Show one record with its bytes.
    Show(String),
    /// Make records ready again, once a person has said so where that is asked.
    Retry(Selection, Option<Confirmation<'a>>),
    /// Permanently delete queued records, likewise.
    Drop(Selection, Option<Confirmation<'a>>),
    /// Write records' bytes.
    ExportBytes(Selection),
    /// Write records with everything that is known of them.
    Export(Selection),
    /// Add exported records, or only what waits in the inbox.
    Import(Option<Sources>),
    /// Look at every record.
    Verify,
    /// Let a destination send the records of which only its address is known.
    Migrate(Box<Destination>),
    /// Move records to another spool.
    Move(Selection, Place),
    /// Make the spool, and give rights to roles.
    Init(Roles),
}

/// What there is to show.
pub enum Shown {
    /// How much waits.
    Status(Box<Status>),
    /// One record.
    Record(Box<KeptRecord>),
    /// One record with its bytes.
    Whole(Box<KeptRecord>, Vec<u8>),
    /// A record's bytes.
    Body(Vec<u8>),
    /// A record with everything that is known of it.
    Exported(Box<Stored>),
    /// How many records were added.
    Imported(Imported),
    /// A record is ready again.
    Retried(Uuid),
    /// A record was deleted.
    Dropped(Uuid),
    /// What a look at every record has shown.
    Health(Health),
    /// How many records have got an identity.
    Migrated(u64),
    /// How many records were moved.
    Moved(Moved),
    /// Rights, as statements: those that were given, or those that are needed.
    Rights(Vec<String>),
    /// Something a person should know.
    Notice(String),
}

impl Task<'_> {
    fn access(&self) -> Access {
        match self {
            Task::Retry(..) | Task::Drop(..) | Task::Migrate(_) | Task::Import(None) => {
                Access::Change
            }
            Task::Import(Some(_)) => Access::Create,
            _ => Access::Look,
        }
    }
}

/// Does it; `show` says whether more is wanted.
pub fn run(
    plan: Plan<'_>,
    host: &Host,
    show: &mut dyn FnMut(Shown) -> bool,
) -> Result<Exit, Failure> {
    let mut say = |text| {
        show(Shown::Notice(text));
    };
    let mut wait = LockWait::new(LockWait::DEFAULT, &mut say);
    if let Task::Init(roles) = &plan.task {
        let rights = plan.place.init(roles, &mut wait).map_err(spool_failure)?;
        say(format!("the spool {} is ready", plan.place));
        show(Shown::Rights(rights));
        return Ok(Exit::Yes);
    }
    if let Task::Move(selection, to) = &plan.task {
        return moving::run(&plan.place, to, selection, host, show);
    }
    let opened = plan.place.inspect(plan.task.access(), &mut wait);
    let Some(mut spool) = opened.map_err(spool_failure)? else {
        return empty(&plan, host, show);
    };
    let exit = work(spool.as_mut(), plan, host, show)?;
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
    plan: Plan<'_>,
    host: &Host,
    show: &mut dyn FnMut(Shown) -> bool,
) -> Result<Exit, Failure> {
    let (zone, now) = (plan.zone, host.now().millis());
    match plan.task {
        Task::Status(ref limits) => return show_status(Some(spool), limits, &plan, now, show),
        Task::List(selection) => {
            let readable = Readable::new(spool, zone, now)?;
            chosen(spool, &selection, &mut |stored| {
                show(Shown::Record(Box::new(readable.record(&stored))))
            })?;
        }
        Task::Show(part) => {
            let readable = Readable::new(spool, zone, now)?;
            let mut found = false;
            chosen(spool, &Selection::one(&part), &mut |stored| {
                found = true;
                let record = Box::new(readable.record(&stored));
                show(Shown::Whole(record, stored.record.body.to_vec()))
            })?;
            if !found {
                return Err(no_record(&part));
            }
        }
        Task::Retry(selection, confirm) => {
            let ids = chosen_ids(spool, &selection)?;
            confirmed(confirm.as_ref(), "requeue", ids.len())?;
            for id in spool.retry(&ids, now).map_err(spool_failure)? {
                show(Shown::Retried(id));
            }
        }
        Task::Drop(selection, confirm) => {
            let ids = chosen_ids(spool, &selection)?;
            confirmed(confirm.as_ref(), "permanently delete", ids.len())?;
            let dropped = spool.drop(&ids, now).map_err(spool_failure)?;
            return Ok(drop_outcome(ids.len(), &dropped, show));
        }
        Task::ExportBytes(selection) => {
            chosen(spool, &selection, &mut |stored| {
                show(Shown::Body(stored.record.body.to_vec()))
            })?;
        }
        Task::Export(selection) => {
            chosen(spool, &selection, &mut |stored| {
                show(Shown::Exported(Box::new(stored)))
            })?;
        }
        Task::Import(None) => {
            show(Shown::Imported(Imported::from_inbox(spool.taken_in())));
        }
        Task::Import(Some(sources)) => {
            return import::run(spool, sources, host, show);
        }
        Task::Verify => {
            let health = spool.verify().map_err(spool_failure)?;
            let intact = health.damaged.is_empty() && health.complaints.is_empty();
            show(Shown::Health(health));
            return Ok(if intact { Exit::Yes } else { Exit::No });
        }
        Task::Migrate(destination) => {
            let migrated = spool.identify(destination.identity());
            show(Shown::Migrated(migrated.map_err(spool_failure)?));
        }
        Task::Init(_) | Task::Move(..) => {}
    }
    Ok(Exit::Yes)
}

/// Makes sure that this is meant for so many records.
fn confirmed(confirm: Option<&Confirmation<'_>>, what: &str, count: usize) -> Result<(), Failure> {
    let Some(confirmation) = confirm.filter(|_| count > 0) else {
        return Ok(());
    };
    let records = match count {
        1 => "1 record".to_owned(),
        more => format!("{more} records"),
    };
    let question = format!("This would {what} {records}. Go ahead?");
    match confirmation.ask(&question)? {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::message(Exit::No, "nothing was changed")),
        None => Err(Failure::usage(format!(
            "this would {what} {records}; pass --yes to confirm"
        ))),
    }
}

/// Shows which of so many records were dropped, and how the command ends.
fn drop_outcome(chosen: usize, dropped: &Dropped, show: &mut dyn FnMut(Shown) -> bool) -> Exit {
    for id in &dropped.unsent {
        show(Shown::Dropped(*id));
    }
    let sent = dropped.sent.len();
    if sent > 0 {
        show(Shown::Notice(format!(
            "{sent} of {chosen} removed from the spool while being sent: may have been delivered"
        )));
    }
    let left = chosen - dropped.unsent.len() - sent;
    if left > 0 {
        show(Shown::Notice(format!(
            "{left} of {chosen} not dropped: being sent now, or gone meanwhile"
        )));
    }
    if dropped.unsent.len() == chosen {
        Exit::Yes
    } else {
        Exit::No
    }
}

/// Shows how much waits; the answer is no where a limit is exceeded.
fn show_status(
    spool: Option<&dyn Inspect>,
    limits: &[Limit],
    plan: &Plan<'_>,
    now: i64,
    show: &mut dyn FnMut(Shown) -> bool,
) -> Result<Exit, Failure> {
    let status = Status::read(&plan.place, spool, plan.zone, now)?;
    let exceeded = status.exceeds(limits);
    let exit = if exceeded.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    };
    show(Shown::Status(Box::new(status)));
    for text in exceeded {
        show(Shown::Notice(text));
    }
    Ok(exit)
}

/// There is no spool yet.
fn empty(
    plan: &Plan<'_>,
    host: &Host,
    show: &mut dyn FnMut(Shown) -> bool,
) -> Result<Exit, Failure> {
    match &plan.task {
        Task::Status(limits) => {
            return show_status(None, limits, plan, host.now().millis(), show);
        }
        Task::Verify => {
            show(Shown::Health(Health::default()));
        }
        Task::Migrate(_) => {
            show(Shown::Migrated(0));
        }
        Task::Import(_) => {
            show(Shown::Imported(Imported::from_inbox(0)));
        }
        Task::Init(_) | Task::Move(..) => {}
        Task::Show(id) => return Err(no_record(id)),
        Task::List(selection)
        | Task::Export(selection)
        | Task::ExportBytes(selection)
        | Task::Retry(selection, _)
        | Task::Drop(selection, _) => {
            if !selection.ids.is_empty() {
                return Err(no_record(&selection.ids.join(", ")));
            }
        }
    }
    Ok(Exit::Yes)
}

fn no_record(id: &str) -> Failure {
    Failure::message(Exit::No, format!("there is no record {id} in the spool"))
        .hint("'hivelog spool list' names them")
}

/// Hands over the records that are meant, in the order of acceptance.
fn chosen(
    spool: &dyn Inspect,
    selection: &Selection,
    take: &mut dyn FnMut(Stored) -> bool,
) -> Result<(), Failure> {
    let ids = named(spool, &selection.ids)?;
    spool
        .each(&mut |stored| {
            let named = selection.ids.is_empty() || ids.contains(&stored.id);
            !(named && selection.matches(&stored)) || take(stored)
        })
        .map_err(spool_failure)
}

fn chosen_ids(spool: &dyn Inspect, selection: &Selection) -> Result<Vec<Uuid>, Failure> {
    let mut ids = Vec::new();
    chosen(spool, selection, &mut |stored| {
        ids.push(stored.id);
        true
    })?;
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

/// Makes records readable.
struct Readable {
    zone: Zone,
    now: i64,
    /// Until when destinations asked to be left alone.
    pauses: std::collections::HashMap<String, i64>,
}

impl Readable {
    fn new(spool: &dyn Inspect, zone: Zone, now: i64) -> Result<Readable, Failure> {
        let pauses = spool.pauses().map_err(spool_failure)?;
        Ok(Readable { zone, now, pauses })
    }

    fn record(&self, stored: &Stored) -> KeptRecord {
        let time = |millis| Timestamp::from_millis(millis).at(self.zone).rfc3339();
        let said = stored.problem.as_ref();
        let last_error = said.map(|said| in_words(stored.http, said));
        let pause = self.pauses.get(&stored.destination).copied();
        let next = stored.next_attempt.max(pause.unwrap_or(0));
        let identity = Identity::read(&stored.destination);
        let sender = identity.sender;
        KeptRecord {
            id: stored.id.to_string(),
            age: self.now - stored.accepted,
            wait: next - self.now,
            destination: identity.url,
            connector: sender.as_ref().map(|sender| sender.connector.clone()),
            key_header: sender.as_ref().map(|sender| sender.key_header.clone()),
            headers: sender.map(|sender| sender.headers).unwrap_or_default(),
            event_code: stored.record.event_code.clone(),
            correlation_id: stored.record.correlation_id.clone(),
            attempts: stored.attempts,
            maybe_duplicate: stored.maybe_duplicate,
            accepted: time(stored.accepted),
            // Never tried means that it may be tried since it was accepted.
            next_attempt: (stored.state == State::Ready).then(|| time(next.max(stored.accepted))),
            state: stored.state.name().to_owned(),
            last_error,
            source: stored.record.source.to_string(),
            line: stored.record.line,
        }
    }
}
