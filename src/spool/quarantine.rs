//! Damaged files, moved away and never deleted.
//!
//! Setting a database aside takes several steps. A mark in its place there says, until the last of
//! them, that what can be read of it is not in the spool yet; whoever opens the spool next goes on.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The mark.
const UNFINISHED: &str = "unfinished";

/// The files of a database, in the order in which they are moved: once the last has arrived, one
/// of its name in the spool is a new one.
const DATABASE: [&str; 3] = ["spool.db-shm", "spool.db-wal", "spool.db"];

/// Makes a marked place for a database, durably.
pub fn begin(spool: &Path) -> io::Result<PathBuf> {
    let place = new_place(spool)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(place.join(UNFINISHED))?
        .sync_all()?;
    for folder in [&place, &spool.join("quarantine"), spool] {
        flush(folder)?;
    }
    Ok(place)
}

/// Moves what was not moved yet of a database.
pub fn move_database(spool: &Path, place: &Path) -> io::Result<()> {
    if place.join("spool.db").exists() {
        return Ok(());
    }
    for name in DATABASE {
        match std::fs::rename(spool.join(name), place.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            moved => {
                moved?;
                flush(place)?;
                flush(spool)?;
            }
        }
    }
    Ok(())
}

/// What can be read of this database is in the spool.
pub fn finish(place: &Path) -> io::Result<()> {
    std::fs::remove_file(place.join(UNFINISHED))?;
    flush(place)
}

/// The marked places, the oldest first.
pub fn unfinished(spool: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(spool.join("quarantine")) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut places = Vec::new();
    for entry in entries {
        let place = entry?.path();
        if place.join(UNFINISHED).exists() {
            places.push(place);
        }
    }
    places.sort();
    Ok(places)
}

/// Moves one damaged file away.
pub fn move_file(spool: &Path, file: &Path) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default();
    std::fs::rename(file, new_place(spool)?.join(name))
}

/// A folder that nothing else was moved to, named by the time.
fn new_place(spool: &Path) -> io::Result<PathBuf> {
    let quarantine = spool.join("quarantine");
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    match builder.create(&quarantine) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut millis = now.as_millis();
    loop {
        let place = quarantine.join(millis.to_string());
        match builder.create(&place) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => millis += 1,
            created => return created.map(|()| place),
        }
    }
}

/// Flushes the entries of a folder.
pub fn flush(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
