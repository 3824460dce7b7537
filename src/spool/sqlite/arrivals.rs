//! Records that come with an id of their own: from the inbox, and from another spool.

use super::folder::Folder;
use super::rows::Insertion;
use crate::spool::damage::Damage;
use crate::spool::inbox::Inbox;
use crate::spool::stored::Stored;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use uuid::Uuid;

/// Inserts records, in their order, unless their ids are there; how many were not.
pub fn insert(
    transaction: &Transaction<'_>,
    records: &[Stored],
    run: Uuid,
) -> rusqlite::Result<u64> {
    let mut insertion = Insertion::on(transaction)?;
    let mut new = 0;
    for stored in records {
        new += u64::from(insertion.add(stored, run)?);
    }
    Ok(new)
}

/// Batches of the inbox that are in the database as soon as the transaction is.
#[must_use = "they are brought in twice unless they are cleared after the commit"]
pub struct TakenBatches {
    inbox: Inbox,
    whole: Vec<String>,
    odd: Vec<String>,
    /// How many records that were.
    pub records: u64,
    /// Why something could not be read now; it is tried again.
    pub unread: Vec<String>,
}

impl TakenBatches {
    /// Removes the files; the transaction was committed.
    pub fn clear(self) {
        self.whole.iter().for_each(|name| self.inbox.remove(name));
        self.odd.iter().for_each(|name| self.inbox.set_aside(name));
    }
}

/// Takes every waiting batch into the database, once.
pub fn take(folder: &Folder, transaction: &Transaction<'_>) -> rusqlite::Result<TakenBatches> {
    let mut taken = TakenBatches {
        inbox: folder.inbox(),
        whole: Vec::new(),
        odd: Vec::new(),
        records: 0,
        unread: Vec::new(),
    };
    let cannot_read = |path: std::path::PathBuf, error| {
        format!("records in {} cannot be read: {error}", path.display())
    };
    let names = match taken.inbox.names() {
        Ok(names) if names.is_empty() => return Ok(taken),
        Ok(names) => names,
        Err(error) => {
            taken
                .unread
                .push(cannot_read(taken.inbox.path(None), error));
            return Ok(taken);
        }
    };
    forget_removed(transaction, &names)?;
    for name in names {
        let batch = match taken.inbox.read(&name) {
            Ok(batch) => batch,
            Err(error) => {
                let path = taken.inbox.path(Some(&name));
                taken.unread.push(cannot_read(path, error));
                continue;
            }
        };
        // One whose removal was interrupted is in the database already.
        if transaction.execute("INSERT OR IGNORE INTO imported VALUES (?)", [&name])? > 0 {
            taken.records += insert(transaction, &batch.records, Uuid::nil())?;
        }
        let files = if batch.whole {
            &mut taken.whole
        } else {
            &mut taken.odd
        };
        files.push(name);
    }
    Ok(taken)
}

/// Forgets the batches whose files are gone.
fn forget_removed(transaction: &Transaction<'_>, names: &[String]) -> rusqlite::Result<()> {
    let mut known = transaction.prepare_cached("SELECT name FROM imported")?;
    let known: Vec<String> = known
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for gone in known.iter().filter(|name| !names.contains(name)) {
        transaction.execute("DELETE FROM imported WHERE name = ?", [gone])?;
    }
    Ok(())
}

/// Takes every waiting batch in, in a transaction of its own; how many records, and why some
/// could not be read.
pub fn take_alone(
    folder: &Folder,
    connection: &mut Connection,
) -> rusqlite::Result<(u64, Vec<String>)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut taken = take(folder, &transaction)?;
    transaction.commit()?;
    let brought = (taken.records, std::mem::take(&mut taken.unread));
    taken.clear();
    Ok(brought)
}

/// Takes every waiting batch in, and adds what is left to what is wrong with the spool; how many
/// records.
pub fn take_on_opening(folder: &Folder, connection: &mut Connection, damage: &mut Damage) -> u64 {
    match take_alone(folder, connection) {
        Ok((records, unread)) => {
            for why in unread {
                damage.add(why, []);
            }
            records
        }
        Err(error) => {
            damage.add(folder.inbox().left(&error), []);
            0
        }
    }
}
