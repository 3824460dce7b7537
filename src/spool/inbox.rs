//! Batches that were accepted while the database could not be used: one file each, complete or
//! not there. The next who can write to the database takes them in, in the order of their names.

use super::checksum::sum;
use super::damage::Damage;
use super::store::Folder;
use super::{Record, quarantine};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
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
    fn body(&self) -> &[u8] {
        match (&self.body, &self.bytes) {
            (Some(text), _) => text.as_bytes(),
            (None, Some(bytes)) => bytes,
            (None, None) => &[],
        }
    }
}

fn place(folder: &Folder) -> PathBuf {
    folder.path().join("inbox")
}

/// Keeps a batch, durably when this returns.
pub fn write(
    folder: &Folder,
    run: &Uuid,
    destination: &str,
    accepted: i64,
    records: &[Record],
    ids: &[Uuid],
) -> io::Result<()> {
    let place = place(folder);
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
    let name = Uuid::now_v7().to_string();
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
        File::open(folder.path())?.sync_all()
    })();
    if written.is_err() {
        // Half a batch is none; what is left of it is never read.
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

/// Whether it is certain that nothing waits to be taken in.
pub fn is_empty(folder: &Folder) -> bool {
    names(folder).is_ok_and(|names| names.is_empty())
}

fn names(folder: &Folder) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(place(folder)) {
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

/// Files that are in the database as soon as the transaction is.
#[must_use = "they are taken in twice unless they are cleared after the commit"]
pub struct Imported<'a> {
    folder: &'a Folder,
    names: Vec<String>,
    odd: Vec<String>,
    /// Why something could not be read now; it is tried again.
    unread: Vec<String>,
}

impl Imported<'_> {
    /// Removes the files; the transaction was committed.
    pub fn clear(self) {
        let place = place(self.folder);
        // One that stays is known to be in the database already.
        for name in &self.names {
            let _ = std::fs::remove_file(place.join(name));
        }
        for name in &self.odd {
            let _ = quarantine::move_file(self.folder.path(), &place.join(name));
        }
    }
}

/// Takes every waiting batch into the database, once.
pub fn import<'a>(
    folder: &'a Folder,
    transaction: &Transaction<'_>,
) -> rusqlite::Result<Imported<'a>> {
    let mut imported = Imported {
        folder,
        names: Vec::new(),
        odd: Vec::new(),
        unread: Vec::new(),
    };
    let mut unread = |path: PathBuf, error| {
        imported.unread.push(format!(
            "records that are kept in {} cannot be read: {error}",
            path.display()
        ));
    };
    let names = match names(folder) {
        Ok(names) if names.is_empty() => return Ok(imported),
        Ok(names) => names,
        Err(error) => {
            unread(place(folder), error);
            return Ok(imported);
        }
    };
    {
        let mut known = transaction.prepare_cached("SELECT name FROM imported")?;
        let known: Vec<String> = known
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for gone in known.iter().filter(|name| !names.contains(name)) {
            transaction.execute("DELETE FROM imported WHERE name = ?", [gone])?;
        }
    }
    for name in names {
        let path = place(folder).join(&name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                unread(path, error);
                continue;
            }
        };
        let (batch, whole) = read(&bytes);
        // One whose removal was interrupted is in the database already.
        if transaction.execute("INSERT OR IGNORE INTO imported VALUES (?)", [&name])? > 0 {
            insert(transaction, &batch)?;
        }
        if whole {
            imported.names.push(name);
        } else {
            imported.odd.push(name);
        }
    }
    Ok(imported)
}

/// The records of a batch, as far as they can be read, and whether that was all of it.
fn read(bytes: &[u8]) -> (Vec<(Uuid, Uuid, Kept)>, bool) {
    let mut batch = Vec::new();
    let mut whole = true;
    for line in bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let record = serde_json::from_slice::<Kept>(line).ok().and_then(|kept| {
            let id = Uuid::parse_str(&kept.id).ok()?;
            let run = Uuid::parse_str(&kept.run).ok()?;
            Some((id, run, kept))
        });
        whole &= record.is_some();
        batch.extend(record);
    }
    (batch, whole)
}

fn insert(transaction: &Transaction<'_>, batch: &[(Uuid, Uuid, Kept)]) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT OR IGNORE INTO event (id, run, dest, source, record, line, code, correlation, \
         integration, body, sum, accepted_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
    )?;
    for (id, run, kept) in batch {
        insert.execute(params![
            id.as_bytes(),
            run.as_bytes(),
            kept.destination,
            kept.source,
            kept.record.cast_signed(),
            kept.line.cast_signed(),
            kept.event_code,
            kept.correlation_id,
            kept.integration_key,
            kept.body(),
            kept.sum,
            kept.accepted,
        ])?;
    }
    Ok(())
}

/// Takes every waiting batch in, in a transaction of its own; why some could not be read.
pub fn take_in(folder: &Folder, connection: &mut Connection) -> rusqlite::Result<Vec<String>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut imported = import(folder, &transaction)?;
    transaction.commit()?;
    let unread = std::mem::take(&mut imported.unread);
    imported.clear();
    Ok(unread)
}

/// Takes every waiting batch in, and adds what is left to what is wrong with the spool.
pub fn take_in_on_opening(folder: &Folder, connection: &mut Connection, damage: &mut Damage) {
    match take_in(folder, connection) {
        Ok(unread) => unread.into_iter().for_each(|why| damage.add(why, [])),
        Err(error) => damage.add(left(folder, &error), []),
    }
}

/// That what waits stays where it is.
pub fn left(folder: &Folder, why: &dyn std::fmt::Display) -> String {
    format!(
        "records that are kept in {} could not be taken into the spool's database: {why}",
        place(folder).display()
    )
}
