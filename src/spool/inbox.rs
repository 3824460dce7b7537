//! Batches that were accepted while the database could not be used: one file each, complete or
//! not there. The next who can write to the database takes them in, in the order of their names.

use super::quarantine;
use super::stored::Stored;
use std::fmt::Display;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The inbox of a spool.
#[derive(Clone, Debug)]
pub struct Inbox {
    spool: PathBuf,
    place: PathBuf,
}

/// A batch that waits.
#[derive(Debug)]
pub struct InboxBatch {
    /// Its records, as far as they can be read.
    pub records: Vec<Stored>,
    /// Whether that is all of it.
    pub whole: bool,
}

impl Inbox {
    /// The inbox of the spool in this folder.
    pub fn new(spool: &Path) -> Inbox {
        Inbox {
            spool: spool.to_owned(),
            place: spool.join("inbox"),
        }
    }

    /// Where a batch stands, or all of them.
    pub fn path(&self, name: Option<&str>) -> PathBuf {
        name.map_or_else(|| self.place.clone(), |name| self.place.join(name))
    }

    /// Adds a batch under a name; durable when this returns.
    pub fn write(&self, name: &Uuid, batch: &[Stored]) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.place)?;
        let mut text = Vec::new();
        for record in batch {
            serde_json::to_writer(&mut text, record)?;
            text.push(b'\n');
        }
        let unfinished = self.place.join(format!("{name}.part"));
        let written = (|| {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&unfinished)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, self.place.join(format!("{name}.ndjson")))?;
            File::open(&self.place)?.sync_all()?;
            File::open(&self.spool)?.sync_all()
        })();
        if written.is_err() {
            // Half a batch is none; what is left of it is never read.
            let _ = std::fs::remove_file(&unfinished);
        }
        written
    }

    /// Whether it is certain that nothing waits to be brought in.
    pub fn is_empty(&self) -> bool {
        self.names().is_ok_and(|names| names.is_empty())
    }

    /// The names of the batches, in their order.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(&self.place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name().into_string();
            names.extend(name.ok().filter(|name| name.ends_with(".ndjson")));
        }
        names.sort();
        Ok(names)
    }

    /// Reads a batch.
    pub fn read(&self, name: &str) -> io::Result<InboxBatch> {
        let bytes = std::fs::read(self.place.join(name))?;
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        let read: Vec<_> = lines.map(|line| Stored::read(line).ok()).collect();
        Ok(InboxBatch {
            whole: read.iter().all(Option::is_some),
            records: read.into_iter().flatten().collect(),
        })
    }

    /// Removes a batch that was brought in. One that stays is recognised.
    pub fn remove(&self, name: &str) {
        let _ = std::fs::remove_file(self.place.join(name));
    }

    /// Moves a batch that was brought in as far as it could be read to the quarantine.
    pub fn set_aside(&self, name: &str) {
        let _ = quarantine::move_file(&self.spool, &self.place.join(name));
    }

    /// That what waits stays where it is.
    pub fn left(&self, why: &dyn Display) -> String {
        format!(
            "records in {} could not be moved into the spool's database: {why}",
            self.place.display()
        )
    }
}
