//! Opening the database of a spool: one that is damaged is set aside first, and what can be read
//! of it is taken over.

use super::database::{self, create, open, open_to_send, write_back_long_log};
use super::engine::{is_damage, storage, unless_busy};
use super::folder::{Folder, cannot_open};
use super::high_water::{self, HighWater};
use super::salvage;
use super::schema::last_seq;
use crate::model::text::counted;
use crate::spool::damage::Damage;
use crate::spool::lock_wait::LockWait;
use crate::spool::{Error, quarantine};
use rusqlite::Connection;

/// A connection to the database. A damaged one is set aside first, and what can be read of it
/// is taken over; the second value says so.
pub fn connect(folder: &Folder, wait: &mut LockWait<'_>) -> Result<(Connection, Damage), Error> {
    let _lock = folder.lock_opening(wait)?;
    connect_locked(folder, wait)
}

/// A connection to accept on, and one to send on where that `sends`: nobody sets the database
/// aside between them.
pub fn connect_both(
    folder: &Folder,
    sends: bool,
    wait: &mut LockWait<'_>,
) -> Result<(Connection, Option<Connection>, Damage), Error> {
    let _lock = folder.lock_opening(wait)?;
    let (writer, damage) = connect_locked(folder, wait)?;
    let sender = sends.then(|| open_to_send(folder)).transpose();
    write_back_long_log(folder, &writer);
    Ok((writer, sender.map_err(storage)?, damage))
}

fn connect_locked(folder: &Folder, wait: &mut LockWait<'_>) -> Result<(Connection, Damage), Error> {
    let mut places =
        quarantine::marked(folder.path(), quarantine::UNFINISHED).map_err(cannot_open)?;
    let earlier = places.len();
    for place in &places {
        quarantine::move_database(folder.path(), place).map_err(cannot_open)?;
    }
    let mut connection = if let Some(connection) = connect_unless_damaged(folder, wait)? {
        connection
    } else {
        let place = quarantine::begin(folder.path()).map_err(cannot_open)?;
        quarantine::move_database(folder.path(), &place).map_err(cannot_open)?;
        let _ = std::fs::remove_file(folder.path().join("suspect"));
        places.push(place);
        create(folder).map_err(cannot_open)?;
        open(folder).map_err(storage)?
    };
    let (mut saved, mut resumed) = (0, false);
    for (at, place) in places.iter().enumerate() {
        let (found, now) = salvage::take_over(place, &mut connection)?;
        saved += found;
        resumed |= now && at < earlier;
    }
    let mut damage = Damage::default();
    if !places.is_empty() {
        let marks = places
            .iter()
            .map(|place| place.join(quarantine::UNFINISHED));
        damage.add(salvage::notice(&places, saved, resumed), marks);
    }
    add_vanished(folder, &connection, &mut damage);
    Ok((connection, damage))
}

/// Adds that accepted records have vanished, where the database ends below its mark.
fn add_vanished(folder: &Folder, connection: &Connection, damage: &mut Damage) {
    // The mark first: meanwhile others go on accepting.
    let Some(mark) = HighWater::read(folder.path()) else {
        return;
    };
    // A database that cannot be read is reported when it is used.
    let (Ok(database), Ok(last)) = (folder.identity(), last_seq(connection)) else {
        return;
    };
    if database == mark.database && last < mark.seq {
        let records = counted((mark.seq - last).unsigned_abs(), "record");
        let sentence = format!(
            "the log of the spool's database was damaged or cut, and what was accepted last \
             is gone: {records}, delivered or not"
        );
        damage.add(sentence, [high_water::path(folder.path())]);
    }
}

/// Adds the files that were moved away, which is still to be reported.
pub fn add_moved(folder: &Folder, damage: &mut Damage) -> Result<(), Error> {
    for place in quarantine::marked(folder.path(), quarantine::UNTOLD).map_err(cannot_open)? {
        let sentence = format!(
            "records in the spool's inbox could not all be read; their \
             file has been moved to {}",
            place.display()
        );
        damage.add(sentence, [place.join(quarantine::UNTOLD)]);
    }
    Ok(())
}

/// A connection, or nothing if the files are damaged.
fn connect_unless_damaged(
    folder: &Folder,
    wait: &mut LockWait<'_>,
) -> Result<Option<Connection>, Error> {
    create(folder).map_err(cannot_open)?;
    if has_only_a_log(folder) {
        return Ok(None);
    }
    wait.until(&database::name(folder), || {
        let connected = open(folder).and_then(|connection| {
            if folder.path().join("suspect").exists() {
                look_closely(&connection)?;
                let _ = std::fs::remove_file(folder.path().join("suspect"));
            }
            Ok(connection)
        });
        match connected {
            Err(error) if is_damage(&error) => Ok(Some(None)),
            connected => unless_busy(connected.map(Some)).map_err(storage),
        }
    })
}

/// Whether the database is empty and its log is not: the engine would delete the log.
fn has_only_a_log(folder: &Folder) -> bool {
    let is_empty = |name: &str| {
        let metadata = folder.path().join(name).symlink_metadata();
        metadata.map_or(0, |metadata| metadata.len()) == 0
    };
    is_empty("spool.db") && !is_empty("spool.db-wal")
}

/// Fails with what is wrong with any page.
fn look_closely(connection: &Connection) -> rusqlite::Result<()> {
    let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if said == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(said)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;
    use std::time::Duration;

    fn open(path: &Path) -> Folder {
        Folder::open(path, &mut LockWait::new(Duration::ZERO, &mut |_| {})).unwrap()
    }

    fn connected(folder: &Folder) -> (Connection, Damage) {
        let mut report = |_| {};
        let mut wait = LockWait::new(Duration::ZERO, &mut report);
        connect(folder, &mut wait).unwrap()
    }

    #[test]
    fn only_the_owner_can_enter() {
        let place = tempfile::tempdir().unwrap();
        let folder = open(&place.path().join("a/spool"));
        let _connection = connected(&folder);
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }

    #[test]
    fn a_damaged_database_is_moved_and_a_new_one_takes_its_place() {
        let place = tempfile::tempdir().unwrap();
        let folder = open(&place.path().join("spool"));
        std::fs::write(folder.path().join("spool.db"), vec![b'x'; 8192]).unwrap();
        let (_, damage) = connected(&folder);
        let mut entries = std::fs::read_dir(folder.path().join("quarantine")).unwrap();
        let place = entries.next().unwrap().unwrap().path();
        assert!(damage.to_string().contains(place.to_str().unwrap()));
        let kept = std::fs::read(place.join("spool.db")).unwrap();
        assert_eq!(kept, vec![b'x'; 8192]);
        // Reported again until somebody has seen it.
        let (_, again) = connected(&folder);
        assert_eq!(again.to_string(), damage.to_string());
        again.reported();
        assert!(connected(&folder).1.is_empty());
    }
}
