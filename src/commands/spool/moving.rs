//! `spool move`: records of one spool into another, each once.
//!
//! A batch is added to the other spool, which knows the ids of what it has, and only then removed
//! here: a run that was stopped in between begins again with that batch and adds nothing twice.

use super::{Selection, SpoolEvent};
use crate::commands::emit::{Place, spool_failure};
use crate::failure::{Exit, Failure};
use crate::host::Host;
use crate::spool::inspect::{Access, Inspect};
use crate::spool::lock_wait::LockWait;
use crate::spool::stored::Stored;
use serde::Serialize;

/// What is moved at once, at most, unless one record is larger.
const BATCH_RECORDS: usize = 500;
const BATCH_BYTES: usize = 256 * 1024;

/// How many records were moved.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Moved {
    /// Those that are in the other spool now.
    pub moved: u64,
    /// Of these, those that were there already.
    pub present: u64,
}

/// Moves the records that are meant.
pub(super) fn run(
    from: &Place,
    to: &Place,
    selection: &Selection,
    host: &Host,
    show: &mut dyn FnMut(SpoolEvent) -> bool,
) -> Result<Exit, Failure> {
    let interrupt = host.interrupt()?;
    let mut open = |place: &Place, access| {
        let mut say = |text| {
            show(SpoolEvent::Notice(text));
        };
        let mut wait = LockWait::new(LockWait::DEFAULT, &mut say);
        place.inspect(access, &mut wait).map_err(spool_failure)
    };
    let Some(source) = open(from, Access::Change)? else {
        show(SpoolEvent::Moved(Moved::default()));
        return Ok(Exit::Yes);
    };
    quiet(source.as_ref(), from)?;
    // What is read and what is removed do not wait for each other.
    let remover = open(from, Access::Change)?;
    let target = open(to, Access::Create)?;
    let (Some(remover), Some(target)) = (remover, target) else {
        return Err(Failure::input(format!("there is no spool at {to}")));
    };
    // What is there already would be removed as moved.
    if target.id().map_err(spool_failure)? == source.id().map_err(spool_failure)? {
        return Err(Failure::usage(format!(
            "{from} and {to} are the same spool"
        )));
    }
    let mut moving = Moving {
        from,
        remover,
        target,
        batch: Vec::new(),
        bytes: 0,
        now: host.now().millis(),
        count: Moved::default(),
        failure: None,
    };
    selection.each(source.as_ref(), &mut |stored| {
        moving.take(stored);
        interrupt.seen().is_none() && moving.failure.is_none()
    })?;
    moving.flush();
    show(SpoolEvent::Moved(moving.count));
    match (moving.failure, interrupt.seen()) {
        (Some(failure), _) => Err(failure),
        (None, Some(signal)) => Ok(signal.exit()),
        (None, None) => Ok(Exit::Yes),
    }
}

/// Makes sure that nobody sends from a spool.
fn quiet(spool: &dyn Inspect, place: &Place) -> Result<(), Failure> {
    if !spool.is_sending().map_err(spool_failure)? {
        return Ok(());
    }
    Err(Failure::usage(format!("a process is sending from {place}"))
        .hint("stop it first: a record in flight would be sent from both spools"))
}

struct Moving<'a> {
    from: &'a Place,
    remover: Box<dyn Inspect>,
    target: Box<dyn Inspect>,
    batch: Vec<Stored>,
    bytes: usize,
    now: i64,
    count: Moved,
    failure: Option<Failure>,
}

impl Moving<'_> {
    fn take(&mut self, stored: Stored) {
        self.bytes += stored.record.body.len();
        self.batch.push(stored);
        if self.batch.len() >= BATCH_RECORDS || self.bytes >= BATCH_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() || self.failure.is_some() {
            return;
        }
        match self.transfer(&batch) {
            Ok(new) => {
                self.count.moved += batch.len() as u64;
                self.count.present += batch.len() as u64 - new;
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    /// Adds a batch to the other spool and removes it here; how many records were new there.
    fn transfer(&mut self, batch: &[Stored]) -> Result<u64, Failure> {
        // Somebody may have begun to send since the last batch.
        quiet(self.remover.as_ref(), self.from)?;
        let new = self.target.import(batch).map_err(spool_failure)?;
        let ids: Vec<_> = batch.iter().map(|stored| stored.id).collect();
        let removed =
            Inspect::drop(self.remover.as_mut(), &ids, self.now).map_err(spool_failure)?;
        if removed.sent.is_empty() {
            return Ok(new);
        }
        Err(Failure::input(format!(
            "a process has begun to send from {}: {} of the records that were moved last may be \
             sent from both spools",
            self.from,
            removed.sent.len()
        )))
    }
}
