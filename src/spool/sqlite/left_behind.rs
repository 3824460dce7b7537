//! Deliveries of processes that were killed before they had noted them in the database: they are
//! in the senders' lock files.

use super::folder::Folder;
use super::reserve::write_in_any_case;
use super::sender::{self, SenderLock};
use super::site::Site;
use crate::spool::Error;
use rusqlite::{Connection, TransactionBehavior};
use std::time::Duration;
use uuid::Uuid;

/// Notes the deliveries in a lock file that was just taken, before its holder sends anything.
pub fn note_own(
    connection: &mut Connection,
    lock: &mut SenderLock,
    site: &Site,
) -> Result<(), Error> {
    let unreadable = |error| Error::Storage(format!("cannot read the sender's lock: {error}"));
    let ids = lock.delivered().map_err(unreadable)?;
    let _turn = site.turn();
    let written = write_in_any_case(&site.folder, connection, |connection| {
        note(connection, &ids)
    });
    written.map_err(|error| site.failed(error))?;
    lock.clear();
    Ok(())
}

/// Notes the deliveries in every lock file, so that nobody who looks into the spool sees a delivered
/// record as ready. No lock is taken for that: an id is written there after the delivery, and it
/// does no harm if a process that is alive notes it as well.
pub fn note_all(folder: &Folder, connection: &mut Connection) {
    // What cannot be read or noted now counts as ready until the next process sends.
    let Ok(ids) = sender::delivered_by_any(folder) else {
        return;
    };
    let _ = connection.busy_timeout(Duration::ZERO);
    let _ = note(connection, &ids);
    let _ = connection.busy_timeout(folder.busy);
}

/// Notes that these were delivered, as far as their rows do not say so yet.
fn note(connection: &mut Connection, ids: &[Uuid]) -> rusqlite::Result<()> {
    let mut unnoted = Vec::new();
    {
        let mut find = connection.prepare_cached("SELECT 1 FROM kept WHERE id = ?")?;
        for id in ids {
            if find.exists([id.as_bytes()])? {
                unnoted.push(id);
            }
        }
    }
    if unnoted.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for id in unnoted {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO done SELECT seq FROM event WHERE id = ?")?
            .execute([id.as_bytes()])?;
    }
    transaction.commit()
}
