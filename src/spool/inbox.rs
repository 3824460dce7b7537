//! Batches that were accepted while the database could not be used: one file each, complete or
//! not there. The next who can write to the database takes them in, in the order of their names.

use super::checksum::sum;
use super::{Record, quarantine};
use serde::{Deserialize, Serialize};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A record on a line.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    run: String,
    destination: String,
    source: String,
    record: u64,
    line: u64,
    event_code: Option<String>,
    correlation_id: Option<String>,
    integration_key: Option<String>,
    accepted: i64,
    sum: i64,
    /// The bytes as text, where they are text.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// The bytes themselves, where they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<Vec<u8>>,
}

impl Kept {
    fn arrival(self) -> Option<Arrival> {
        let body = self.body.map(String::into_bytes);
        Some(Arrival {
            id: Uuid::parse_str(&self.id).ok()?,
            run: Uuid::parse_str(&self.run).ok()?,
            destination: self.destination,
            accepted: self.accepted,
            sum: self.sum,
            record: Record {
                body: body.or(self.bytes).unwrap_or_default().into(),
                source: self.source.into(),
                number: self.record,
                line: self.line,
                event_code: self.event_code,
                correlation_id: self.correlation_id,
                integration_key: self.integration_key,
            },
        })
    }
}

/// A record that was accepted beside the database.
#[derive(Debug)]
pub struct Arrival {
    /// Our own id of it.
    pub id: Uuid,
    /// The run that has accepted it.
    pub run: Uuid,
    /// Its destination, as it is stored.
    pub destination: String,
    /// When it was accepted, in milliseconds since 1970.
    pub accepted: i64,
    /// The checksum of its bytes.
    pub sum: i64,
    /// The record.
    pub record: Record,
}

/// The folder of these batches.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// The folder of the spool.
    spool: PathBuf,
}

impl Inbox {
    /// The inbox of the spool in a folder.
    pub fn new(spool: &Path) -> Inbox {
        Inbox {
            spool: spool.to_owned(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.spool.join("inbox")
    }

    /// Keeps a batch under a name, durably when this returns.
    pub fn write(
        &self,
        name: &Uuid,
        run: &Uuid,
        destination: &str,
        accepted: i64,
        records: &[Record],
        ids: &[Uuid],
    ) -> io::Result<()> {
        let place = self.path();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&place)?;
        let mut text = Vec::new();
        for (record, id) in records.iter().zip(ids) {
            let (body, bytes) = match std::str::from_utf8(&record.body) {
                Ok(body) => (Some(body.to_owned()), None),
                Err(_) => (None, Some(record.body.to_vec())),
            };
            let kept = Kept {
                id: id.to_string(),
                run: run.to_string(),
                destination: destination.to_owned(),
                source: record.source.to_string(),
                record: record.number,
                line: record.line,
                event_code: record.event_code.clone(),
                correlation_id: record.correlation_id.clone(),
                integration_key: record.integration_key.clone(),
                accepted,
                sum: sum(&record.body),
                body,
                bytes,
            };
            serde_json::to_writer(&mut text, &kept)?;
            text.push(b'\n');
        }
        let unfinished = place.join(format!("{name}.part"));
        let written = (|| {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&unfinished)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, place.join(format!("{name}.ndjson")))?;
            File::open(&place)?.sync_all()?;
            File::open(&self.spool)?.sync_all()
        })();
        if written.is_err() {
            // Half a batch is none; what is left of it is never read.
            let _ = std::fs::remove_file(&unfinished);
        }
        written
    }

    /// Whether it is certain that nothing waits to be taken in.
    pub fn is_empty(&self) -> bool {
        self.names().is_ok_and(|names| names.is_empty())
    }

    /// The files that wait, in their order.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(self.path()) {
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

    /// The records of a batch, as far as they can be read, and whether that was all of it.
    pub fn read(&self, name: &str) -> io::Result<(Vec<Arrival>, bool)> {
        Ok(parse(&std::fs::read(self.path().join(name))?))
    }

    /// Removes a batch that is in the database. One that stays is known to be there.
    pub fn remove(&self, name: &str) {
        let _ = std::fs::remove_file(self.path().join(name));
    }

    /// Moves a batch away of which a part could not be read.
    pub fn set_aside(&self, name: &str) {
        let _ = quarantine::move_file(&self.spool, &self.path().join(name));
    }
}

/// The records of a batch, as far as they can be read, and whether that was all of it.
fn parse(bytes: &[u8]) -> (Vec<Arrival>, bool) {
    let mut batch = Vec::new();
    let mut whole = true;
    for line in bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let arrival = serde_json::from_slice(line).ok().and_then(Kept::arrival);
        whole &= arrival.is_some();
        batch.extend(arrival);
    }
    (batch, whole)
}
