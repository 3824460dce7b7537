//! Damaged files, moved away and never deleted.
//!
//! Setting a database aside takes several steps. A mark in its place there stays until what can be
//! read of it is in the spool and that was reported; the next process that opens the spool goes
//! on. Another mark says that a file was moved and that is still to be reported.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The mark of a database.
pub const UNFINISHED: &str = "unfinished";

/// The mark of another file.
pub const UNTOLD: &str = "untold";

/// The files of a database, in the order in which they are moved: once the last has arrived, one
/// of its name in the spool is a new one.
const DATABASE: [&str; 3] = ["spool.db-shm", "spool.db-wal", "spool.db"];

/// Makes a marked place for a database, durably.
pub fn begin(spool: &Path) -> io::Result<PathBuf> {
    marked_place(spool, UNFINISHED)
}

fn marked_place(spool: &Path, mark: &str) -> io::Result<PathBuf> {
    let place = new_place(spool)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(place.join(mark))?
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

/// The places with a mark, the oldest first.
pub fn marked(spool: &Path, mark: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(spool.join("quarantine")) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut places = Vec::new();
    for entry in entries {
        let place = entry?.path();
        if place.join(mark).exists() {
            places.push(place);
        }
    }
    places.sort();
    Ok(places)
}

/// Moves one damaged file away.
pub fn move_file(spool: &Path, file: &Path) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default();
    std::fs::rename(file, marked_place(spool, UNTOLD)?.join(name))
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
