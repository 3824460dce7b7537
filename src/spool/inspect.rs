//! Looking into a spool and setting single records right, while others use it.

use super::checksum::sum;
use super::damage::Damage;
use super::engine::storage;
use super::identity::Identity;
use super::lock_wait::LockWait;
use super::sqlite::rows::Lenient;
use super::store::Folder;
use super::{Error, former, inbox, sender};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params,
};
use std::path::Path;
use uuid::Uuid;

/// A record as it stands in the spool.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Our own id of it.
    pub id: Uuid,
    /// Where it is to go, and who sends it: an identity as it is stored.
    pub destination: String,
    /// Its `eventCode`.
    pub event_code: Option<String>,
    /// Its `correlationId`.
    pub correlation_id: Option<String>,
    /// `ready`, or `dead` when it is not tried again without a person.
    pub state: String,
    /// How often it was put on the wire.
    pub attempts: u32,
    /// Attempts whose answer was never seen.
    pub maybe_duplicate: u32,
    /// When it was accepted, in milliseconds since 1970.
    pub accepted: i64,
    /// When it may be tried again; 0 for at once.
    pub next_attempt: i64,
    /// The status that was read last.
    pub http: Option<u16>,
    /// Why it was not delivered so far: a problem as JSON.
    pub last_error: Option<String>,
    /// Where it came from.
    pub source: String,
    /// The line it began on.
    pub line: u64,
}

/// What a look at every row has shown.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Rows that are sound.
    pub sound: u64,
    /// Ids of rows whose bytes have changed.
    pub damaged: Vec<String>,
    /// What the engine has to say about its files.
    pub complaints: Vec<String>,
}

/// Records that have left the spool undelivered, because a person wanted that.
#[derive(Clone, Debug, Default)]
pub struct Dropped {
    /// Nobody sends them.
    pub unsent: Vec<Uuid>,
    /// A process had begun to send them.
    pub sent: Vec<Uuid>,
}

/// A record's id and state, for somebody who is choosing one.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// Our own id of it.
    pub id: Uuid,
    /// `ready`, or `dead` when it is not tried again without a person.
    pub state: String,
    /// Its `eventCode`.
    pub event_code: Option<String>,
}

/// The newest records of a spool, read without changing anything in its folder.
pub fn glimpse(path: &Path) -> Result<Vec<Glimpse>, Error> {
    const NEWEST: u32 = 1000;
    let database = path.join("spool.db");
    // Without its log the database changes no more, and nothing is to be created beside it.
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
                state: row.get(1)?,
                event_code: row.get(2)?,
            })
        })?;
        rows.collect()
    };
    run().map_err(storage)
}

/// How long it is noted what was done to a record, in milliseconds: longer than any process that
/// has not heard of it is likely to stand still.
const REMEMBERED: i64 = 24 * 3600 * 1000;

/// What is listed of a row. Its next try is not before the end of what its destination asked for.
const COLUMNS: &str = "id, dest, code, correlation, state, attempts, maybe_dup, accepted_ms, \
                       max(next_ms, coalesce((SELECT until_ms FROM pause \
                       WHERE pause.dest = kept.dest), 0)), \
                       last_status, last_error, source, line";

/// Where the bytes stand behind these columns.
const BODY: usize = 13;

/// Records that are changed in one transaction.
const BATCH: usize = 512;

/// A spool that is looked into.
pub struct Inspector {
    pub(super) folder: Folder,
    pub(super) connection: Connection,
    /// What was found wrong on opening.
    pub damage: Damage,
}

impl Inspector {
    /// Opens a spool, to change it or only to look; `None` if there is none yet.
    pub fn open(
        path: &Path,
        changes: bool,
        wait: &mut LockWait<'_>,
    ) -> Result<Option<Inspector>, Error> {
        if !Folder::may_hold_records(path) {
            return Ok(None);
        }
        let folder = Folder::open(path, wait)?;
        let (mut connection, mut damage) = folder.connect(wait)?;
        if changes {
            folder.await_turn(&connection, wait)?;
        }
        if !inbox::is_empty(&folder) {
            match folder.await_turn(&connection, wait) {
                Ok(()) => inbox::take_in_on_opening(&folder, &mut connection, &mut damage),
                Err(error) => damage.add(inbox::left(&folder, &error), []),
            }
        }
        folder.add_moved(&mut damage)?;
        Ok(Some(Inspector {
            folder,
            connection,
            damage,
        }))
    }

    /// Every record with its bytes, in the order of acceptance, one at a time.
    pub fn each(&self, take: &mut dyn FnMut(Kept, &[u8])) -> Result<(), Error> {
        let mut run = || -> rusqlite::Result<()> {
            let mut select = self
                .connection
                .prepare(&format!("SELECT {COLUMNS}, body FROM kept ORDER BY seq"))?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                take(kept(row), row.get_ref(BODY)?.as_blob().unwrap_or_default());
            }
            Ok(())
        };
        run().map_err(|error| self.folder.failed(error))
    }

    /// The ids that begin or end with this text: one if it is right.
    pub fn find(&self, part: &str) -> Result<Vec<Uuid>, Error> {
        let part = part.to_ascii_lowercase();
        let run = || -> rusqlite::Result<Vec<Uuid>> {
            if let Ok(whole) = Uuid::parse_str(&part) {
                let mut select = self.connection.prepare("SELECT 1 FROM kept WHERE id = ?")?;
                let found = select.exists([whole.as_bytes()])?;
                return Ok(found.then_some(whole).into_iter().collect());
            }
            let mut found = Vec::new();
            let mut select = self.connection.prepare("SELECT id FROM kept")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let id = id(row.get_ref(0)?.as_blob().unwrap_or_default());
                let text = id.to_string();
                if (text.starts_with(&part) || text.ends_with(&part)) && found.len() < 2 {
                    found.push(id);
                }
            }
            Ok(found)
        };
        run().map_err(|error| self.folder.failed(error))
    }

    /// Makes records ready again, at once: the server's request to be left alone no longer
    /// counts. Those that were there.
    pub fn retry(&mut self, ids: &[Uuid], now: i64) -> Result<Vec<Uuid>, Error> {
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

    /// Gives records up for good and remembers that, as far as they are there and are not being
    /// sent now.
    pub fn drop(&mut self, ids: &[Uuid], now: i64) -> Result<Dropped, Error> {
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
                .prepare_cached("DELETE FROM event WHERE id = ?")?
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

    /// Gives the records of which only the address is known an identity; how many.
    pub fn identify(&self, identity: &Identity) -> Result<u64, Error> {
        former::identify(
            &self.folder,
            &self.connection,
            &identity.url,
            &identity.text(),
        )
    }

    /// Looks at every row and at the files themselves.
    pub fn verify(&self) -> Result<Health, Error> {
        let run = || -> rusqlite::Result<Health> {
            let mut health = Health::default();
            let mut select = self.connection.prepare("SELECT id, body, sum FROM kept")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let mut row = Lenient::new(row);
                let body: Vec<u8> = row.get(1);
                if sum(&body) == row.get::<i64>(2) && row.sound {
                    health.sound += 1;
                } else {
                    health.damaged.push(id(&row.get::<Vec<u8>>(0)).to_string());
                }
            }
            let mut check = self.connection.prepare("PRAGMA integrity_check")?;
            let complaints = check.query_map([], |row| row.get::<_, String>(0))?;
            for complaint in complaints {
                let complaint = complaint?;
                if complaint != "ok" {
                    health.complaints.push(complaint);
                }
            }
            Ok(health)
        };
        let health = run().map_err(|error| self.folder.failed(error))?;
        if !health.complaints.is_empty() {
            self.folder.suspect();
        }
        Ok(health)
    }
}

/// Whether a process is sending this record, which stands in `table`, now.
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

fn kept(row: &Row<'_>) -> Kept {
    let mut row = Lenient::new(row);
    Kept {
        id: id(&row.get::<Vec<u8>>(0)),
        destination: row.get(1),
        event_code: row.get(2),
        correlation_id: row.get(3),
        state: row.get(4),
        attempts: row.get(5),
        maybe_duplicate: row.get(6),
        accepted: row.get(7),
        next_attempt: row.get(8),
        http: row.get(9),
        last_error: row.get(10),
        source: row.get(11),
        line: row.get::<i64>(12).cast_unsigned(),
    }
}

pub(super) fn id(bytes: &[u8]) -> Uuid {
    Uuid::from_slice(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::sender::SenderLock;
    use crate::spool::sqlite::{Purpose, Sqlite};
    use crate::spool::{Record, Spool};
    use std::time::Duration;

    #[test]
    fn a_record_that_was_claimed_before_its_row_was_gone_is_not_reported_as_unsent() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spool");
        let mut tell = |_| {};
        let mut wait = LockWait::new(Duration::ZERO, &mut tell);
        let purpose = Purpose::Accept;
        let (spool, _) =
            Sqlite::open(&path, "here".into(), purpose, u64::MAX, || 1, &mut wait).unwrap();
        let record = Record {
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
        let mut inspector = Inspector::open(&path, true, &mut wait).unwrap().unwrap();
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
