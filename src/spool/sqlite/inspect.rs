//! Looking into a spool and setting single records right, while others use it.

use super::database::await_turn;
use super::engine::{storage, used_bytes};
use super::folder::Folder;
use super::high_water::MarkFile;
use super::recovery::{add_moved, connect};
use super::rows::{self, Lenient, STORED, id};
use super::schema::last_seq;
use super::{arrivals, backlog, left_behind, legacy, sender};
use crate::model::fnv::checksum;
use crate::spool::Error;
use crate::spool::damage::Damage;
use crate::spool::identity::Identity;
use crate::spool::inspect::{Access, Backlog, Dropped, Glimpse, Health, Inspect};
use crate::spool::lock_wait::LockWait;
use crate::spool::stored::{RecordState, Stored};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};
use std::collections::HashMap;
use std::path::Path;
use uuid::Uuid;

/// The newest records of a spool, read without changing anything in its folder.
pub fn glimpse(path: &Path) -> Result<Vec<Glimpse>, Error> {
    const NEWEST: u32 = 1000;
    let database = path.join("spool.db");
    // Without its log the database changes no more, and no file is to be created next to it.
    let is_still = !path.join("spool.db-wal").exists();
    let escaped = database.display().to_string();
    let escaped = escaped
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let run = || -> rusqlite::Result<Vec<Glimpse>> {
        let uri = format!("file:{escaped}?immutable={}", u8::from(is_still));
        let connection = Connection::open_with_flags(uri, flags)?;
        let mut select =
            connection.prepare("SELECT id, state, code FROM kept ORDER BY seq DESC LIMIT ?")?;
        let rows = select.query_map([NEWEST], |row| {
            Ok(Glimpse {
                id: id(row.get_ref(0)?.as_blob().unwrap_or_default()),
                state: RecordState::find(&row.get::<_, String>(1)?),
                event_code: row.get(2)?,
            })
        })?;
        rows.collect()
    };
    run().map_err(storage)
}

/// Makes a spool where there is none.
pub fn make(path: &Path, wait: &mut LockWait<'_>) -> Result<(), Error> {
    connect(&Folder::open(path, wait)?, wait).map(drop)
}

/// How long it is noted what was done to a record, in milliseconds: longer than any process that
/// has not read it is likely to stand still.
const REMEMBERED: i64 = 24 * 3600 * 1000;

/// Records that are changed in one transaction.
const BATCH: usize = 512;

/// A spool that is looked into.
pub struct SqliteInspector {
    folder: Folder,
    connection: Connection,
    max_bytes: u64,
    /// What was found wrong on opening.
    damage: Damage,
    /// How many records have come from the inbox on opening.
    from_inbox: u64,
}

impl SqliteInspector {
    /// Opens a spool; `None` if there is none yet and none is to be made.
    pub fn open(
        path: &Path,
        access: Access,
        max_bytes: u64,
        wait: &mut LockWait<'_>,
    ) -> Result<Option<SqliteInspector>, Error> {
        if access != Access::Create && !Folder::may_hold_records(path) {
            return Ok(None);
        }
        let folder = Folder::open(path, wait)?;
        let (mut connection, mut damage) = connect(&folder, wait)?;
        if access != Access::Look {
            await_turn(&folder, &connection, wait)?;
        }
        let inbox = folder.inbox();
        let mut from_inbox = 0;
        if !inbox.is_empty() {
            match await_turn(&folder, &connection, wait) {
                Ok(()) => {
                    from_inbox = arrivals::take_on_opening(&folder, &mut connection, &mut damage);
                }
                Err(error) => damage.add(inbox.left(&error), []),
            }
        }
        add_moved(&folder, &mut damage)?;
        left_behind::note_all(&folder, &mut connection);
        Ok(Some(SqliteInspector {
            folder,
            connection,
            max_bytes,
            damage,
            from_inbox,
        }))
    }

    /// Asks the database; a failure may mean that it is damaged.
    fn ask<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        ask(&self.connection).map_err(|error| self.folder.failed(error))
    }

    fn delete(&mut self, ids: &[Uuid], now: i64) -> Result<Vec<Uuid>, Error> {
        let folder = self.folder.clone();
        self.change(ids, now, |transaction, id| {
            if is_under_way(&folder, transaction, "kept", id)? {
                return Ok(0);
            }
            intervene(transaction, id, true, now)?;
            transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO dropped (id, at_ms) \
                     SELECT id, ?2 FROM kept WHERE id = ?1",
                )?
                .execute(params![id.as_bytes(), now])?;
            transaction
                .prepare_cached(
                    "DELETE FROM event WHERE seq IN (SELECT seq FROM kept WHERE id = ?)",
                )?
                .execute([id.as_bytes()])
        })
    }

    /// Changes records, many in one transaction; those that were there.
    fn change(
        &mut self,
        ids: &[Uuid],
        now: i64,
        change: impl Fn(&Transaction<'_>, &Uuid) -> rusqlite::Result<usize>,
    ) -> Result<Vec<Uuid>, Error> {
        let mut run = || -> rusqlite::Result<Vec<Uuid>> {
            let mut changed = Vec::new();
            for some in ids.chunks(BATCH) {
                let transaction = self
                    .connection
                    .transaction_with_behavior(TransactionBehavior::Immediate)?;
                transaction.execute(
                    "DELETE FROM intervention WHERE at_ms < ?",
                    [now - REMEMBERED],
                )?;
                for id in some {
                    if change(&transaction, id)? > 0 {
                        changed.push(*id);
                    }
                }
                transaction.commit()?;
            }
            Ok(changed)
        };
        run().map_err(|error| self.folder.failed(error))
    }
}

impl Inspect for SqliteInspector {
    fn id(&self) -> Result<String, Error> {
        let of_the_file = self.folder.identity();
        let (device, inode) = of_the_file.map_err(|error| {
            let path = self.folder.path().display();
            Error::Storage(format!("cannot look at {path}/spool.db: {error}"))
        })?;
        Ok(format!("{device}:{inode}"))
    }

    fn damage(&self) -> &Damage {
        &self.damage
    }

    fn taken_in(&self) -> u64 {
        self.from_inbox
    }

    fn each(&self, take: &mut dyn FnMut(Stored) -> bool) -> Result<(), Error> {
        self.ask(|connection| {
            let select = format!("SELECT {STORED} FROM kept ORDER BY seq");
            let mut select = connection.prepare(&select)?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()?
                && take(rows::stored(row))
            {}
            Ok(())
        })
    }

    fn pauses(&self) -> Result<HashMap<String, i64>, Error> {
        self.ask(|connection| {
            let mut select = connection.prepare("SELECT dest, until_ms FROM pause")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
    }

    fn import(&mut self, records: &[Stored]) -> Result<u64, Error> {
        let (folder, max_bytes) = (&self.folder, self.max_bytes);
        let connection = &mut self.connection;
        let mut run = || -> rusqlite::Result<Option<u64>> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let more: usize = records.iter().map(|one| one.record.body.len()).sum();
            if used_bytes(&transaction)? + more as u64 > max_bytes {
                return Ok(None);
            }
            let new = arrivals::insert(&transaction, records, Uuid::now_v7())?;
            let seq = last_seq(&transaction)?;
            transaction.commit()?;
            if let Ok(database) = folder.identity() {
                MarkFile::open(folder, database).set(seq);
            }
            Ok(Some(new))
        };
        match run() {
            Ok(Some(new)) => Ok(new),
            Ok(None) => Err(Error::Storage("the spool is full".to_owned())),
            Err(error) => Err(folder.failed(error)),
        }
    }

    fn find(&self, part: &str) -> Result<Vec<Uuid>, Error> {
        let part = part.to_ascii_lowercase();
        self.ask(|connection| {
            if let Ok(whole) = Uuid::parse_str(&part) {
                let mut select = connection.prepare("SELECT 1 FROM kept WHERE id = ?")?;
                let found = select.exists([whole.as_bytes()])?;
                return Ok(found.then_some(whole).into_iter().collect());
            }
            let mut found = Vec::new();
            let mut select = connection.prepare("SELECT id FROM kept")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let id = id(row.get_ref(0)?.as_blob().unwrap_or_default());
                let text = id.to_string();
                if (text.starts_with(&part) || text.ends_with(&part)) && found.len() < 2 {
                    found.push(id);
                }
            }
            Ok(found)
        })
    }

    fn retry(&mut self, ids: &[Uuid], now: i64) -> Result<Vec<Uuid>, Error> {
        self.change(ids, now, |transaction, id| {
            intervene(transaction, id, false, now)?;
            transaction
                .prepare_cached(
                    "DELETE FROM pause WHERE dest = (SELECT dest FROM kept WHERE id = ?)",
                )?
                .execute([id.as_bytes()])?;
            transaction
                .prepare_cached(
                    "UPDATE event SET state = 'ready', counted = 0, next_ms = 0 WHERE id = ?",
                )?
                .execute([id.as_bytes()])
        })
    }

    fn drop(&mut self, ids: &[Uuid], now: i64) -> Result<Dropped, Error> {
        let mut dropped = Dropped::default();
        for some in ids.chunks(BATCH) {
            for id in self.delete(some, now)? {
                // One that was claimed before its row was gone is sent all the same.
                let sent = is_under_way(&self.folder, &self.connection, "intervention", &id);
                if sent.map_err(|error| self.folder.failed(error))? {
                    dropped.sent.push(id);
                } else {
                    dropped.unsent.push(id);
                }
            }
        }
        Ok(dropped)
    }

    fn identify(&self, identity: &Identity) -> Result<u64, Error> {
        legacy::identify(
            &self.folder,
            &self.connection,
            &identity.url,
            &identity.text(),
        )
    }

    fn is_sending(&self) -> Result<bool, Error> {
        sender::is_at_work(&self.folder)
            .map_err(|error| Error::Storage(format!("cannot look into the spool: {error}")))
    }

    fn verify(&self) -> Result<Health, Error> {
        let health = self.ask(|connection| {
            let mut health = Health::default();
            let mut select = connection.prepare("SELECT id, body, sum FROM kept")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let mut row = Lenient::new(row);
                let body: Vec<u8> = row.get(1);
                if checksum(&body) == row.get::<i64>(2) && row.intact {
                    health.intact += 1;
                } else {
                    health.damaged.push(id(&row.get::<Vec<u8>>(0)).to_string());
                }
            }
            let mut check = connection.prepare("PRAGMA integrity_check")?;
            let complaints = check.query_map([], |row| row.get::<_, String>(0))?;
            for complaint in complaints {
                let complaint = complaint?;
                if complaint != "ok" {
                    health.complaints.push(complaint);
                }
            }
            Ok(health)
        })?;
        if !health.complaints.is_empty() {
            self.folder.suspect();
        }
        Ok(health)
    }

    fn backlogs(&self, now: i64) -> Result<Vec<Backlog>, Error> {
        self.ask(|connection| backlog::backlogs(connection, now))
    }

    fn ready(&self) -> Result<Vec<(Identity, u64)>, Error> {
        self.ask(backlog::ready)
    }

    fn dead(&self, identity: &Identity) -> Result<Vec<Uuid>, Error> {
        self.ask(|connection| backlog::dead(connection, identity))
    }

    fn bytes(&self) -> Result<u64, Error> {
        self.ask(used_bytes)
    }
}

/// Whether a process is sending this record of `table` now.
fn is_under_way(
    folder: &Folder,
    connection: &Connection,
    table: &str,
    id: &Uuid,
) -> rusqlite::Result<bool> {
    let place: Option<(String, i64)> = connection
        .prepare_cached(&format!("SELECT dest, seq FROM {table} WHERE id = ?"))?
        .query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(place.is_some_and(|(dest, seq)| sender::is_under_way(folder, &dest, seq)))
}

/// Notes for the processes at work with a record what is done to it.
fn intervene(
    transaction: &Transaction<'_>,
    id: &Uuid,
    dropped: bool,
    now: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO intervention (at_ms, dropped, dest, seq, id, run, source, record, line, \
             code, correlation, integration, state) SELECT ?2, ?3, dest, seq, id, run, source, \
             record, line, code, correlation, integration, state FROM kept WHERE id = ?1",
        )?
        .execute(params![id.as_bytes(), now, dropped])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::sqlite::Sqlite;
    use crate::spool::sqlite::sender::SenderLock;
    use crate::spool::{AcceptedRecord, Purpose, Spool};
    use std::time::Duration;

    #[test]
    fn a_record_that_was_claimed_before_its_row_was_gone_is_not_reported_as_unsent() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spool");
        let mut report = |_| {};
        let mut wait = LockWait::new(Duration::ZERO, &mut report);
        let purpose = Purpose::Accept;
        let (spool, _) =
            Sqlite::open(&path, "here".into(), purpose, u64::MAX, || 1, &mut wait).unwrap();
        let record = AcceptedRecord {
            body: "{}".into(),
            source: "test".into(),
            number: 1,
            line: 1,
            event_code: None,
            correlation_id: None,
            integration_key: None,
        };
        let mut ids = Vec::new();
        spool
            .append(vec![record.clone(), record], &mut |receipts| {
                ids.extend(receipts.iter().map(|receipt| receipt.id));
            })
            .unwrap();
        let mut inspector = SqliteInspector::open(&path, Access::Change, u64::MAX, &mut wait)
            .unwrap()
            .unwrap();
        let mut sender = SenderLock::open(&inspector.folder, "here").unwrap();
        assert!(sender.try_hold());
        assert_eq!(inspector.delete(&ids, 1).unwrap(), ids);
        // Before the commit, as far as it could know.
        sender.begin(1);
        let sent = |id| is_under_way(&inspector.folder, &inspector.connection, "intervention", id);
        assert_eq!(
            [&ids[0], &ids[1]].map(|id| sent(id).unwrap()),
            [true, false]
        );
    }
}
