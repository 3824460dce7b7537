//! `spool`: looking at what waits, setting single records right, moving it, and sending it all.

mod changing;
mod drain;
mod import;
mod listing;
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
use crate::model::timestamp::Zone;
use crate::query::limit::Limit;
use crate::records::Sources;
use crate::spool::inspect::{Access, Health, Inspect};
use crate::spool::lock_wait::LockWait;
use crate::spool::stored::Stored;
use uuid::Uuid;

pub use crate::spool::place::Roles;
pub use crate::spool::stored::State;
pub use drain::{Drain, Receiver, drain};
pub use import::Imported;
use listing::Listing;
pub use listing::{ListedRecord, ShownDestination};
pub use moving::Moved;
pub use selection::Selection;
use selection::no_record;
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
    Record(Box<ListedRecord>),
    /// One record with its bytes.
    Whole(Box<ListedRecord>, Vec<u8>),
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
    damage.reported();
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
            let listing = Listing::new(spool, zone, now)?;
            selection.each(spool, &mut |stored| {
                show(Shown::Record(Box::new(listing.record(&stored))))
            })?;
        }
        Task::Show(part) => show_whole(spool, &part, &Listing::new(spool, zone, now)?, show)?,
        Task::Retry(selection, confirm) => {
            return changing::retry(spool, &selection, confirm.as_ref(), now, show);
        }
        Task::Drop(selection, confirm) => {
            return changing::drop(spool, &selection, confirm.as_ref(), now, show);
        }
        Task::ExportBytes(selection) => {
            selection.each(spool, &mut |stored| {
                show(Shown::Body(stored.record.body.to_vec()))
            })?;
        }
        Task::Export(selection) => {
            selection.each(spool, &mut |stored| show(Shown::Exported(Box::new(stored))))?;
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

/// Shows one record with its bytes.
fn show_whole(
    spool: &dyn Inspect,
    part: &str,
    listing: &Listing,
    show: &mut dyn FnMut(Shown) -> bool,
) -> Result<(), Failure> {
    let mut found = false;
    Selection::one(part).each(spool, &mut |stored| {
        found = true;
        let record = Box::new(listing.record(&stored));
        show(Shown::Whole(record, stored.record.body.to_vec()))
    })?;
    if found { Ok(()) } else { Err(no_record(part)) }
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
