//! Records of the first format, which noted the address of their destination only. They wait,
//! as a destination of their own, until it is known who sends them.

use super::engine::storage;
use super::folder::Folder;
use crate::spool::Error;
use rusqlite::Connection;

/// The lock of a sender of the first format, which sends these records by their address.
const LOCK: &str = "drain.lock";

/// How many records of which only this address is known are ready.
pub fn count(connection: &Connection, address: &str) -> rusqlite::Result<u64> {
    let count = "SELECT count(*) FROM kept WHERE dest = ? AND state = 'ready'";
    connection.query_row(count, [address], |row| {
        row.get::<_, i64>(0).map(i64::cast_unsigned)
    })
}

/// Gives records of which only this address is known an identity; how many.
pub fn identify(
    folder: &Folder,
    connection: &Connection,
    address: &str,
    identity: &str,
) -> Result<u64, Error> {
    let about = |error| Error::Storage(format!("cannot open the spool: {error}"));
    let lock = folder.file(LOCK).map_err(about)?;
    if lock.try_lock().is_err() {
        return Err(Error::Unusable(
            "an older hivelog is sending from this spool: stop it first".to_owned(),
        ));
    }
    let write = || -> rusqlite::Result<u64> {
        let transaction = connection.unchecked_transaction()?;
        let changed = transaction.execute(
            "UPDATE event SET dest = ?2 WHERE dest = ?1",
            [address, identity],
        )?;
        // Whoever sends for this destination reads its rows from the first one again.
        transaction.execute(
            "INSERT INTO intervention (at_ms, dropped, dest, seq) VALUES (0, 0, ?, 0)",
            [identity],
        )?;
        transaction.commit()?;
        Ok(changed as u64)
    };
    write().map_err(storage)
}
