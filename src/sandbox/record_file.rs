//! The file in which every request is recorded.

use super::entry::LedgerEntry;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The file, or why it ends early.
#[derive(Debug)]
pub struct RecordFile(Result<File, String>);

impl RecordFile {
    /// Opens the file for appending.
    pub fn open(path: &Path) -> io::Result<RecordFile> {
        open(path).map(|file| RecordFile(Ok(file)))
    }

    /// Appends an entry, unless writing has failed before: the emulator keeps running, and its caller
    /// reports that the file is incomplete.
    pub fn write(&mut self, entry: &LedgerEntry) {
        let Ok(file) = &mut self.0 else { return };
        let mut line = entry.json().to_string();
        line.push('\n');
        if let Err(error) = file.write_all(line.as_bytes()) {
            self.0 = Err(error.to_string());
        }
    }

    /// Why the file ends early, if it does.
    pub fn error(&self) -> Option<&str> {
        self.0.as_ref().err().map(String::as_str)
    }
}

/// Event logs may carry personal data, so nobody else may read the file.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    let mut file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(file);
    }
    // One that was there before may be open to others, and may end in the midst of a line.
    if metadata.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    if metadata.len() > 0 {
        let mut last = [0];
        File::open(path)?.read_exact_at(&mut last, metadata.len() - 1)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}
