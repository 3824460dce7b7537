//! `spool retry` and `spool drop`: single records, once a person has confirmed it.

use super::{Selection, SpoolEvent};
use crate::commands::ask::Confirmation;
use crate::commands::emit::spool_failure;
use crate::failure::{Exit, Failure};
use crate::model::text::counted;
use crate::spool::inspect::{Dropped, Inspect};

/// Makes records ready again.
pub(super) fn retry(
    spool: &mut dyn Inspect,
    selection: &Selection,
    confirm: Option<&Confirmation<'_>>,
    now: i64,
    show: &mut dyn FnMut(SpoolEvent) -> bool,
) -> Result<Exit, Failure> {
    let ids = selection.all(spool)?;
    confirmed(confirm, "requeue", ids.len())?;
    for id in spool.retry(&ids, now).map_err(spool_failure)? {
        show(SpoolEvent::Retried(id));
    }
    Ok(Exit::Yes)
}

/// Permanently deletes records.
pub(super) fn drop(
    spool: &mut dyn Inspect,
    selection: &Selection,
    confirm: Option<&Confirmation<'_>>,
    now: i64,
    show: &mut dyn FnMut(SpoolEvent) -> bool,
) -> Result<Exit, Failure> {
    let ids = selection.all(spool)?;
    confirmed(confirm, "permanently delete", ids.len())?;
    let dropped = spool.drop(&ids, now).map_err(spool_failure)?;
    Ok(drop_outcome(ids.len(), &dropped, show))
}

/// Makes sure that this is meant for so many records.
fn confirmed(confirm: Option<&Confirmation<'_>>, what: &str, count: usize) -> Result<(), Failure> {
    let Some(confirmation) = confirm.filter(|_| count > 0) else {
        return Ok(());
    };
    let records = counted(count as u64, "record");
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
fn drop_outcome(
    chosen: usize,
    dropped: &Dropped,
    show: &mut dyn FnMut(SpoolEvent) -> bool,
) -> Exit {
    for id in &dropped.unsent {
        show(SpoolEvent::Dropped(*id));
    }
    let sent = dropped.sent.len();
    if sent > 0 {
        show(SpoolEvent::Notice(format!(
            "{sent} of {chosen} removed from the spool while being sent: may have been delivered"
        )));
    }
    let left = chosen - dropped.unsent.len() - sent;
    if left > 0 {
        show(SpoolEvent::Notice(format!(
            "{left} of {chosen} not dropped: being sent now, or no longer there"
        )));
    }
    if dropped.unsent.len() == chosen {
        Exit::Yes
    } else {
        Exit::No
    }
}
