//! The database in the folder of a spool: created, opened, and written back.

use super::engine::{PAGE_BYTES, checkpoint, storage, unless_busy};
use super::folder::Folder;
use super::high_water;
use super::schema::{DONE, SCHEMA, SCHEMA_VERSION};
use crate::spool::Error;
use crate::spool::lock_wait::LockWait;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::time::Duration;

/// Pages after which the log is written back. With a full disk it must fit into the ballast.
const LOG_PAGES: u32 = 256;

/// The database, as a person knows it.
pub fn name(folder: &Folder) -> String {
    format!("the database of the spool {}", folder.path().display())
}

/// Creates the database file, for its owner only, where there is none.
///
/// One that exists is never opened as a plain file: closing it would release every lock that
/// this process holds on it, the engine's included, and another process would then take
/// itself for the last user and delete the log under this one.
pub fn create(folder: &Folder) -> io::Result<()> {
    let path = folder.path().join("spool.db");
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path);
    match created {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => {
            created?;
            // It belongs to another database, even if this one has got its inode.
            let _ = std::fs::remove_file(high_water::path(folder.path()));
            return Ok(());
        }
    }
    let metadata = path.symlink_metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("spool.db is not a regular file"));
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// A connection whose commits survive the loss of power.
pub fn open(folder: &Folder) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(folder.path().join("spool.db"), flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    // The last to leave need not tidy up: a flush at every exit would double the cost of
    // sending one record.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    // What was accepted survives the loss of power.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(32);
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(SCHEMA)?;
        transaction.commit()?;
    } else if version < SCHEMA_VERSION {
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    connection.execute_batch(DONE)?;
    // Reads a page of the table and of its index, so that damage shows now if it ever does.
    connection.query_row(
        "SELECT max(seq), count(run) FROM kept WHERE dest = ''",
        [],
        |_| Ok(()),
    )?;
    connection.busy_timeout(folder.busy)?;
    Ok(connection)
}

/// A connection whose commits survive the death of the process at once, and are flushed by
/// the way.
pub fn open_to_send(folder: &Folder) -> rusqlite::Result<Connection> {
    let connection = open(folder)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

/// Writes a long log back and empties it. The engine empties it with the commit that follows
/// a write-back, which a process that accepts one record never makes: the log would grow with
/// every such process, and each would read all of it.
pub fn write_back_long_log(folder: &Folder, connection: &Connection) {
    let log = folder.path().join("spool.db-wal").metadata();
    if log.is_ok_and(|log| log.len() > u64::from(LOG_PAGES) * PAGE_BYTES as u64) {
        // Where others are at work it stays as it is, and nobody is waited for.
        let _ = connection.busy_timeout(Duration::ZERO);
        checkpoint(connection);
        let _ = connection.busy_timeout(folder.busy);
    }
}

/// Waits until nobody else writes to the database.
pub fn await_turn(
    folder: &Folder,
    connection: &Connection,
    wait: &mut LockWait<'_>,
) -> Result<(), Error> {
    connection.busy_timeout(Duration::ZERO).map_err(storage)?;
    wait.until(&name(folder), || {
        unless_busy(connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")).map_err(storage)
    })?;
    connection.busy_timeout(folder.busy).map_err(storage)
}

/// Whether nothing waits for a destination.
pub fn holds_nothing_for(folder: &Folder, connection: &Connection, dest: &str) -> bool {
    let waits = "SELECT EXISTS (SELECT 1 FROM kept WHERE dest = ? AND state = 'ready')";
    let waits = connection.query_row(waits, [dest], |row| row.get(0));
    folder.inbox().is_empty() && waits.is_ok_and(|waits: bool| !waits)
}
