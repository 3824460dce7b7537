//! The files of a durable spool: a folder that only its owner can enter, with a database in it.
//!
//! ```text
//! spool.db  spool.db-wal  spool.db-shm   the records
//! drain-<destination>.lock               held by the one process that sends to it, with the
//!                                        records it is sending; freed on its death
//! open.lock                              held while the files are opened or set aside
//! high-water                             the number of the last record that was accepted
//! inbox/<uuid>.ndjson                    records that were accepted while the database
//!                                        could not be used
//! suspect                                there while the database is thought to be damaged
//! quarantine/<time>/                     a damaged database, moved, never deleted
//! ballast                                given up when the disk is full, so that acks can commit
//! VERSION                                the format; a newer one is refused
//! ```

use super::engine::{is_damage, is_failure, storage};
use crate::spool::inbox::Inbox;
use crate::spool::lock_wait::LockWait;
use crate::spool::{Error, private_folder};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The format of the files.
const VERSION: u32 = 2;

/// Older versions may lose a commit when two processes write and checkpoint at once.
const OLDEST_SQLITE: i32 = 3_051_003;

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
    /// does not count as a spool without any.
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

    /// What was accepted while the database could not be used.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(&self.path)
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

    /// Holds the lock under which the files are opened or set aside.
    pub fn lock_opening(&self, wait: &mut LockWait<'_>) -> Result<File, Error> {
        let lock = self.file("open.lock").map_err(cannot_open)?;
        wait.lock(&lock, &format!("the spool {}", self.path.display()))?;
        Ok(lock)
    }

    /// What distinguishes the database from one that has replaced it.
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
}

/// A failure of the files on opening.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function of map_err"
)]
pub fn cannot_open(error: io::Error) -> Error {
    Error::Storage(format!("cannot open the spool: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Result<Folder, Error> {
        Folder::open(path, &mut LockWait::new(Duration::ZERO, &mut |_| {}))
    }

    #[test]
    fn the_bundled_engine_has_the_fix_for_concurrent_checkpoints() {
        assert!(rusqlite::version_number() >= OLDEST_SQLITE);
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
}
