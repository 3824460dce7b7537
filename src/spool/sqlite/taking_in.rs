//! Taking into the database what was accepted beside it.

use super::store::Folder;
use crate::spool::damage::Damage;
use crate::spool::inbox::{Arrival, Inbox};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::io;
use std::path::Path;

/// Files that are in the database as soon as the transaction is.
#[must_use = "they are taken in twice unless they are cleared after the commit"]
pub struct Imported {
    inbox: Inbox,
    names: Vec<String>,
    odd: Vec<String>,
    /// Why something could not be read now; it is tried again.
    unread: Vec<String>,
}

impl Imported {
    /// Removes the files; the transaction was committed.
    pub fn clear(self) {
        for name in &self.names {
            self.inbox.remove(name);
        }
        for name in &self.odd {
            self.inbox.set_aside(name);
        }
    }
}

/// Takes every waiting batch into the database, once.
pub fn import(folder: &Folder, transaction: &Transaction<'_>) -> rusqlite::Result<Imported> {
    let inbox = folder.inbox();
    let mut imported = Imported {
        inbox: inbox.clone(),
        names: Vec::new(),
        odd: Vec::new(),
        unread: Vec::new(),
    };
    let mut unread = |path: &Path, error: io::Error| {
        imported.unread.push(format!(
            "records that are kept in {} cannot be read: {error}",
            path.display()
        ));
    };
    let names = match inbox.names() {
        Ok(names) if names.is_empty() => return Ok(imported),
        Ok(names) => names,
        Err(error) => {
            unread(&inbox.path(), error);
            return Ok(imported);
        }
    };
    {
        let mut known = transaction.prepare_cached("SELECT name FROM imported")?;
        let known: Vec<String> = known
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for gone in known.iter().filter(|name| !names.contains(name)) {
            transaction.execute("DELETE FROM imported WHERE name = ?", [gone])?;
        }
    }
    for name in names {
        let (batch, whole) = match inbox.read(&name) {
            Ok(read) => read,
            Err(error) => {
                unread(&inbox.path().join(name), error);
                continue;
            }
        };
        // One whose removal was interrupted is in the database already.
        if transaction.execute("INSERT OR IGNORE INTO imported VALUES (?)", [&name])? > 0 {
            insert(transaction, &batch)?;
        }
        if whole {
            imported.names.push(name);
        } else {
            imported.odd.push(name);
        }
    }
    Ok(imported)
}

fn insert(transaction: &Transaction<'_>, batch: &[Arrival]) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT OR IGNORE INTO event (id, run, dest, source, record, line, code, correlation, \
         integration, body, sum, accepted_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
    )?;
    for arrival in batch {
        let record = &arrival.record;
        insert.execute(params![
            arrival.id.as_bytes(),
            arrival.run.as_bytes(),
            arrival.destination,
            record.source.as_ref(),
            record.number.cast_signed(),
            record.line.cast_signed(),
            record.event_code,
            record.correlation_id,
            record.integration_key,
            record.body.as_ref(),
            arrival.sum,
            arrival.accepted,
        ])?;
    }
    Ok(())
}

/// Takes every waiting batch in, in a transaction of its own; why some could not be read.
pub fn take_in(folder: &Folder, connection: &mut Connection) -> rusqlite::Result<Vec<String>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut imported = import(folder, &transaction)?;
    transaction.commit()?;
    let unread = std::mem::take(&mut imported.unread);
    imported.clear();
    Ok(unread)
}

/// Takes every waiting batch in, and adds what is left to what is wrong with the spool.
pub fn take_in_on_opening(folder: &Folder, connection: &mut Connection, damage: &mut Damage) {
    match take_in(folder, connection) {
        Ok(unread) => unread.into_iter().for_each(|why| damage.add(why, [])),
        Err(error) => damage.add(left(folder, &error), []),
    }
}

/// That what waits stays where it is.
pub fn left(folder: &Folder, why: &dyn std::fmt::Display) -> String {
    format!(
        "records that are kept in {} could not be taken into the spool's database: {why}",
        folder.inbox().path().display()
    )
}
