//! The files of a durable spool: a folder that only its owner can enter, with a database in it.
//!
//! ```text
//! spool.db  spool.db-wal  spool.db-shm   the records
//! drain-<destination>.lock               held by the one process that sends to it, with the
//!                                        records it is sending; freed on its death
//! open.lock                              held while the files are opened or set aside
//! high-water                             the number of the last record that was accepted
//! inbox/<uuid>.ndjson                    records that were accepted beside the database
//! suspect                                there while the database is thought to be damaged
//! quarantine/<time>/                     a damaged database, moved, never deleted
//! ballast                                given up when the disk is full, so that acks can commit
//! VERSION                                the format; a newer one is refused
//! ```

use super::engine::{PAGE_BYTES, is_damage, is_failure, storage, unless_busy};
use super::high_water::{self, HighWater};
use super::schema::{DONE, SCHEMA, SCHEMA_VERSION, last_seq};
use super::{ballast, salvage};
use crate::spool::damage::Damage;
use crate::spool::inbox::Inbox;
use crate::spool::lock_wait::LockWait;
use crate::spool::{Error, private_folder, quarantine};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The format of the files.
const VERSION: u32 = 2;

/// Older versions may lose a commit when two processes write and checkpoint at once.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Pages after which the log is written back. With a full disk it must fit into the ballast.
const LOG_PAGES: u32 = 256;

/// The folder of a spool.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    /// How long a writer waits for another process.
    pub(super) busy: Duration,
}

impl Folder {
    /// Uses a folder, made if it is missing.
    pub fn open(path: &Path, wait: &mut LockWait<'_>) -> Result<Folder, Error> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(Error::Unusable(format!(
                "the spool needs SQLite 3.51.3 or newer, this is {}",
                rusqlite::version()
            )));
        }
        let path = private_folder::open(path)?;
        let folder = Folder {
            path,
            busy: wait.timeout,
        };
        let _lock = folder.lock_opening(wait)?;
        folder.check_version()?;
        Ok(folder)
    }

    /// Whether there is a spool in this place that may hold records. Something else than a folder
    /// is not taken for a spool without any.
    pub fn may_hold_records(path: &Path) -> bool {
        match path.symlink_metadata() {
            Ok(there) if there.is_dir() => {}
            Ok(_) => return true,
            Err(error) => return error.kind() != io::ErrorKind::NotFound,
        }
        let names = ["spool.db", "spool.db-wal", "inbox", "quarantine"];
        names.iter().any(|name| path.join(name).exists())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was accepted beside the database.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(&self.path)
    }

    /// Whether nothing waits for a destination.
    pub fn holds_nothing_for(&self, connection: &Connection, dest: &str) -> bool {
        let waits = "SELECT EXISTS (SELECT 1 FROM kept WHERE dest = ? AND state = 'ready')";
        let waits = connection.query_row(waits, [dest], |row| row.get(0));
        self.inbox().is_empty() && waits.is_ok_and(|waits: bool| !waits)
    }

    /// A file in it, made for its owner only.
    pub fn file(&self, name: &str) -> io::Result<File> {
        let path = self.path.join(name);
        if path.symlink_metadata().is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::other(format!("{name} is not a plain file")));
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)?;
        if file.metadata()?.mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }

    fn check_version(&self) -> Result<(), Error> {
        let path = self.path.join("VERSION");
        let about =
            |error: io::Error| Error::Storage(format!("cannot read {}: {error}", path.display()));
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text.map_err(about)?,
        };
        let found: u32 = match text.trim() {
            "" => 0,
            number => number
                .parse()
                .map_err(|_| about(io::Error::other("it holds no format number")))?,
        };
        if found > VERSION {
            return Err(Error::Unusable(format!(
                "the spool {} was written by a newer hivelog (format {found})",
                self.path.display()
            )));
        }
        if found < VERSION {
            // In one step: who dies here must not leave a folder that nobody can use.
            let unfinished = self.path.join("VERSION.part");
            let written = self
                .file("VERSION.part")
                .and_then(|mut file| writeln!(file, "{VERSION}").and_then(|()| file.sync_all()))
                .and_then(|()| std::fs::rename(&unfinished, &path));
            return written.map_err(|error| {
                Error::Storage(format!("cannot write to {}: {error}", self.path.display()))
            });
        }
        Ok(())
    }

    /// A connection to the database. A damaged one is set aside first, and what can be read of it
    /// is taken over; the second value tells of that.
    pub fn connect(&self, wait: &mut LockWait<'_>) -> Result<(Connection, Damage), Error> {
        let _lock = self.lock_opening(wait)?;
        self.connect_locked(wait)
    }

    /// A connection to accept on, and one to send on where that `sends`: nobody sets the database
    /// aside between them.
    pub fn connect_both(
        &self,
        sends: bool,
        wait: &mut LockWait<'_>,
    ) -> Result<(Connection, Option<Connection>, Damage), Error> {
        let _lock = self.lock_opening(wait)?;
        let (writer, damage) = self.connect_locked(wait)?;
        let sender = sends.then(|| self.connect_to_send()).transpose();
        self.write_back_long_log(&writer);
        Ok((writer, sender.map_err(storage)?, damage))
    }

    /// A connection whose commits survive the death of the process at once, and are flushed by
    /// the way.
    pub fn connect_to_send(&self) -> rusqlite::Result<Connection> {
        let connection = self.try_connect()?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(connection)
    }

    /// Writes a long log back and empties it. The engine empties it with the commit that follows
    /// a write-back, which a process that accepts one record never makes: the log would grow with
    /// every such process, and each would read all of it.
    fn write_back_long_log(&self, connection: &Connection) {
        let log = self.path.join("spool.db-wal").metadata();
        if log.is_ok_and(|log| log.len() > u64::from(LOG_PAGES) * PAGE_BYTES as u64) {
            // Where others are at work it stays as it is, and nobody is waited for.
            let _ = connection.busy_timeout(Duration::ZERO);
            checkpoint(connection);
            let _ = connection.busy_timeout(self.busy);
        }
    }

    /// Waits until nobody else writes to the database.
    pub fn await_turn(
        &self,
        connection: &Connection,
        wait: &mut LockWait<'_>,
    ) -> Result<(), Error> {
        connection.busy_timeout(Duration::ZERO).map_err(storage)?;
        wait.until(&self.database(), || {
            unless_busy(connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")).map_err(storage)
        })?;
        connection.busy_timeout(self.busy).map_err(storage)
    }

    /// The database, as a person knows it.
    fn database(&self) -> String {
        format!("the database of the spool {}", self.path.display())
    }

    fn lock_opening(&self, wait: &mut LockWait<'_>) -> Result<File, Error> {
        let lock = self.file("open.lock").map_err(cannot_open)?;
        wait.lock(&lock, &format!("the spool {}", self.path.display()))?;
        Ok(lock)
    }

    fn connect_locked(&self, wait: &mut LockWait<'_>) -> Result<(Connection, Damage), Error> {
        let mut places =
            quarantine::marked(&self.path, quarantine::UNFINISHED).map_err(cannot_open)?;
        let earlier = places.len();
        for place in &places {
            quarantine::move_database(&self.path, place).map_err(cannot_open)?;
        }
        let mut connection = if let Some(connection) = self.connect_unless_damaged(wait)? {
            connection
        } else {
            let place = quarantine::begin(&self.path).map_err(cannot_open)?;
            quarantine::move_database(&self.path, &place).map_err(cannot_open)?;
            let _ = std::fs::remove_file(self.path.join("suspect"));
            places.push(place);
            self.create_database().map_err(cannot_open)?;
            self.try_connect().map_err(storage)?
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
        self.add_vanished(&connection, &mut damage);
        Ok((connection, damage))
    }

    /// Adds that accepted records have vanished, where the database ends below its mark.
    fn add_vanished(&self, connection: &Connection, damage: &mut Damage) {
        // The mark first: meanwhile others go on accepting.
        let Some(mark) = HighWater::read(&self.path) else {
            return;
        };
        // A database that cannot be read is reported when it is used.
        let (Ok(database), Ok(last)) = (self.identity(), last_seq(connection)) else {
            return;
        };
        if database == mark.database && last < mark.seq {
            let records = match mark.seq - last {
                1 => "1 record".to_owned(),
                more => format!("{more} records"),
            };
            let sentence = format!(
                "the log of the spool's database was damaged or cut, and what was accepted last \
                 is gone: {records}, delivered or not"
            );
            damage.add(sentence, [high_water::path(&self.path)]);
        }
    }

    /// Adds the files that were moved away and nobody was told of.
    pub fn add_moved(&self, damage: &mut Damage) -> Result<(), Error> {
        for place in quarantine::marked(&self.path, quarantine::UNTOLD).map_err(cannot_open)? {
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
    fn connect_unless_damaged(&self, wait: &mut LockWait<'_>) -> Result<Option<Connection>, Error> {
        self.create_database().map_err(cannot_open)?;
        if self.has_only_a_log() {
            return Ok(None);
        }
        wait.until(&self.database(), || {
            let connected = self.try_connect().and_then(|connection| {
                if self.path.join("suspect").exists() {
                    look_closely(&connection)?;
                    let _ = std::fs::remove_file(self.path.join("suspect"));
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
    fn has_only_a_log(&self) -> bool {
        let is_empty = |name: &str| {
            let metadata = self.path.join(name).symlink_metadata();
            metadata.map_or(0, |metadata| metadata.len()) == 0
        };
        is_empty("spool.db") && !is_empty("spool.db-wal")
    }

    /// Creates the database file, for its owner only, where there is none.
    ///
    /// One that exists is never opened as a plain file: closing it would release every lock that
    /// this process holds on it, the engine's included, and another process would then take
    /// itself for the last user and delete the log under this one.
    fn create_database(&self) -> io::Result<()> {
        let path = self.path.join("spool.db");
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
                let _ = std::fs::remove_file(high_water::path(&self.path));
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

    fn try_connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(self.path.join("spool.db"), flags)?;
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
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
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
        connection.busy_timeout(self.busy)?;
        Ok(connection)
    }

    /// What tells the database from one that has taken its place.
    pub fn identity(&self) -> io::Result<(u64, u64)> {
        let metadata = self.path.join("spool.db").symlink_metadata()?;
        Ok((metadata.dev(), metadata.ino()))
    }

    /// Lets the next to open the database look at every page of it.
    pub fn suspect(&self) {
        // Where even this fails, the damage will show again.
        let _ = self.file("suspect");
    }

    /// Suspects the database after a failure that its files or the disk can have caused.
    pub fn suspect_after(&self, error: &rusqlite::Error) {
        if is_damage(error) || is_failure(error) {
            self.suspect();
        }
    }

    /// A failure of the engine in our words, after which the database may be suspect.
    pub fn failed(&self, error: rusqlite::Error) -> Error {
        self.suspect_after(&error);
        storage(error)
    }

    /// Makes room on a full disk: the ballast is given up, and the log is written back.
    pub fn make_room(&self, connection: &Connection) {
        ballast::give_up(self);
        checkpoint(connection);
    }
}

/// Writes the log back and empties it. Where it fails, so does what follows, and that is reported.
fn checkpoint(connection: &Connection) {
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function of map_err"
)]
fn cannot_open(error: io::Error) -> Error {
    Error::Storage(format!("cannot open the spool: {error}"))
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

    fn open(path: &Path) -> Result<Folder, Error> {
        Folder::open(path, &mut LockWait::new(Duration::ZERO, &mut |_| {}))
    }

    fn connect(folder: &Folder) -> (Connection, Damage) {
        let mut tell = |_| {};
        let mut wait = LockWait::new(Duration::ZERO, &mut tell);
        folder.connect(&mut wait).unwrap()
    }

    #[test]
    fn the_bundled_engine_has_the_fix_for_concurrent_checkpoints() {
        assert!(rusqlite::version_number() >= OLDEST_SQLITE);
    }

    #[test]
    fn only_the_owner_can_enter() {
        let place = tempfile::tempdir().unwrap();
        let folder = open(&place.path().join("a/spool")).unwrap();
        let _connection = connect(&folder);
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }

    #[test]
    fn links_open_folders_and_newer_formats_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let real = place.path().join("real");
        open(&real).unwrap();
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(matches!(open(&link), Err(Error::Unusable(_))));
        std::fs::write(real.join("VERSION"), "").unwrap();
        open(&real).unwrap();
        std::fs::write(real.join("VERSION"), "3\n").unwrap();
        assert!(matches!(open(&real), Err(Error::Unusable(_))));
        let shared = place.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        std::fs::set_permissions(&shared, Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(open(&shared), Err(Error::Unusable(_))));
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spool");
        open(&path).unwrap();
        // Only root can give a folder away, and only root could use it then.
        if std::os::unix::fs::chown(&path, Some(65_534), None).is_ok() {
            assert!(matches!(open(&path), Err(Error::Unusable(_))));
        }
    }

    #[test]
    fn a_version_that_cannot_be_read_is_not_written_anew() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spool");
        open(&path).unwrap();
        for unreadable in [b"two\n".as_slice(), b"\xff\xfe"] {
            std::fs::write(path.join("VERSION"), unreadable).unwrap();
            assert!(matches!(open(&path), Err(Error::Storage(_))));
            assert_eq!(std::fs::read(path.join("VERSION")).unwrap(), unreadable);
        }
    }

    #[test]
    fn a_database_is_suspect_after_damage_and_after_a_failure_of_the_disk() {
        use rusqlite::ffi;
        let place = tempfile::tempdir().unwrap();
        let folder = open(&place.path().join("spool")).unwrap();
        for (code, suspect) in [
            (ffi::SQLITE_CORRUPT, true),
            (ffi::SQLITE_NOTADB, true),
            (ffi::SQLITE_IOERR, true),
            (ffi::SQLITE_BUSY, false),
            (ffi::SQLITE_FULL, false),
        ] {
            let _ = std::fs::remove_file(folder.path().join("suspect"));
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let _ = folder.failed(error);
            assert_eq!(folder.path().join("suspect").exists(), suspect, "{code}");
        }
    }

    #[test]
    fn a_damaged_database_is_moved_and_a_new_one_takes_its_place() {
        let place = tempfile::tempdir().unwrap();
        let folder = open(&place.path().join("spool")).unwrap();
        std::fs::write(folder.path().join("spool.db"), vec![b'x'; 8192]).unwrap();
        let (_, damage) = connect(&folder);
        let mut entries = std::fs::read_dir(folder.path().join("quarantine")).unwrap();
        let place = entries.next().unwrap().unwrap().path();
        assert!(damage.to_string().contains(place.to_str().unwrap()));
        let kept = std::fs::read(place.join("spool.db")).unwrap();
        assert_eq!(kept, vec![b'x'; 8192]);
        // Said again until somebody was told.
        let (_, again) = connect(&folder);
        assert_eq!(again.to_string(), damage.to_string());
        again.told();
        assert!(connect(&folder).1.is_empty());
    }
}
