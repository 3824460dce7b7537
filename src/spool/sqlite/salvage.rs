//! What can still be read of a database that was set aside.

use super::engine::{PAGE_BYTES, is_full};
use super::schema::SCHEMA;
use crate::model::fnv::checksum;
use crate::model::text::counted;
use crate::spool::Error;
use rusqlite::config::DbConfig;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Row, Statement, Transaction, TransactionBehavior,
    params, params_from_iter,
};
use std::collections::HashSet;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Numbers in a row that may lead nowhere before the rest is given up.
const PATIENCE: u32 = 20_000;

/// Every column but the place, which is assigned afresh. The third last is the body, then its sum.
const COLUMNS: &str = "id, run, dest, source, record, line, code, correlation, integration, \
                       accepted_ms, state, attempts, counted, maybe_dup, next_ms, last_status, \
                       last_error, body, sum";

/// Which places were taken over, in the same transaction as their records: one that was is not
/// taken over again, though its records may be delivered by now.
const SALVAGED: &str = "CREATE TABLE IF NOT EXISTS salvaged \
                        (place TEXT PRIMARY KEY, saved INTEGER NOT NULL) WITHOUT ROWID";

/// What there is to report of damaged databases that were moved away: where they are now, how many
/// records could be read from them, and whether an earlier run had begun that and did not finish.
pub fn notice(places: &[PathBuf], saved: u64, resumed: bool) -> String {
    let records = match saved {
        0 => "no record".to_owned(),
        saved => counted(saved, "record"),
    };
    let places: Vec<String> = places
        .iter()
        .map(|place| place.display().to_string())
        .collect();
    let resumed = if resumed {
        "; an earlier run was interrupted while recovering it, this one has finished that"
    } else {
        ""
    };
    format!(
        "the spool's database was damaged and has been moved to {}{resumed}; {records} could be \
         read from it and stayed in the spool, others may be missing",
        places.join(", ")
    )
}

/// Takes over what can be read, in its order, unless that was done before: how many records that
/// was, and whether it was done now. Fails where the records cannot be written; nothing is taken
/// over then, and it can be tried again.
pub fn take_over(place: &Path, into: &mut Connection) -> Result<(u64, bool), Error> {
    let failed = |error: &dyn fmt::Display| {
        Error::Storage(format!(
            "what can be read of the damaged database in {} could not be taken over: {error}; \
             the next run tries again",
            place.display()
        ))
    };
    let mut run = || -> rusqlite::Result<(u64, bool)> {
        let transaction = into.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(SALVAGED)?;
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let before = transaction
            .query_row(
                "SELECT saved FROM salvaged WHERE place = ?",
                [name.as_ref()],
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        if let Some(saved) = before {
            return Ok((saved.cast_unsigned(), false));
        }
        let saved = copy_all(place, &transaction)?;
        transaction.execute(
            "INSERT INTO salvaged VALUES (?, ?)",
            params![name.as_ref(), saved.cast_signed()],
        )?;
        transaction.commit()?;
        Ok((saved, true))
    };
    run().map_err(|error| failed(&error))
}

fn copy_all(place: &Path, into: &Transaction<'_>) -> rusqlite::Result<u64> {
    let database = place.join("spool.db");
    // The engine deletes the log of an empty database.
    let is_empty = database.metadata().map_or(0, |there| there.len()) == 0;
    let saved = if is_empty { 0 } else { copy(&database, into)? };
    if saved > 0 {
        return Ok(saved);
    }
    let rebuilt = place.join("rebuilt.db");
    let remove = || {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(place.join(format!("rebuilt.db{ending}")));
        }
    };
    // An earlier run may have left its own.
    remove();
    let saved = match rebuild(place, &rebuilt) {
        Ok(()) => copy(&rebuilt, into),
        // For want of room it can be done later, by the next run.
        Err(error) if is_full(&error) => Err(error),
        Err(_) => Ok(0),
    };
    remove();
    saved
}

/// What takes the place of the table of deliveries in a rebuilt database. In one that was made
/// before there was such a table, its page holds something else, whose rows have further columns.
const SUPPOSED_DONE: &str = "CREATE TABLE done (seq INTEGER PRIMARY KEY, further)";

/// Makes a copy whose first page, without which nothing else can be found, is that of a new
/// database: ours all begin alike.
fn rebuild(place: &Path, rebuilt: &Path) -> rusqlite::Result<()> {
    let new = Connection::open(rebuilt)?;
    new.execute_batch(SCHEMA)?;
    new.execute_batch(SUPPOSED_DONE)?;
    drop(new);
    replace_but_first_page(place, rebuilt).map_err(|error| {
        let code = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => rusqlite::ffi::SQLITE_FULL,
            _ => rusqlite::ffi::SQLITE_IOERR,
        };
        rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(error.to_string()))
    })
}

fn replace_but_first_page(place: &Path, rebuilt: &Path) -> io::Result<()> {
    let mut first = [0; PAGE_BYTES];
    File::open(rebuilt)?.read_exact(&mut first)?;
    // Bytes 18 and 19 say that there is a log; 92 to 95, unlike 24 to 27, that the number of pages
    // is not to be believed.
    first[18..20].fill(2);
    first[92..96].fill(0xff);
    std::fs::copy(place.join("spool.db"), rebuilt)?;
    OpenOptions::new()
        .write(true)
        .open(rebuilt)?
        .write_all(&first)?;
    match std::fs::copy(place.join("spool.db-wal"), place.join("rebuilt.db-wal")) {
        // Without a log everything is in the database itself.
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Copies every row that can be read; how many. Fails only where they cannot be written.
fn copy(database: &Path, into: &Transaction<'_>) -> rusqlite::Result<u64> {
    let Ok(from) = open(database) else {
        return Ok(0);
    };
    let marks = vec!["?"; COLUMNS.split(',').count()].join(",");
    let mut insert = into.prepare(&format!(
        "INSERT OR IGNORE INTO event ({COLUMNS}) VALUES ({marks})"
    ))?;
    let delivered = delivered(&from).unwrap_or_default();
    let mut saved = 0;
    each(&from, &mut |seq, values| {
        if !delivered.contains(&seq) {
            saved += insert.execute(params_from_iter(values))? as u64;
        }
        Ok(())
    })?;
    Ok(saved)
}

fn open(database: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let from = Connection::open_with_flags(database, flags)?;
    // It is evidence: only its log is looked through, and nothing is written back.
    from.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    from.pragma_update(None, "query_only", true)?;
    from.pragma_update(None, "cell_size_check", true)?;
    Ok(from)
}

/// What was delivered and is still there. Where a row has further columns, it is not the table of
/// deliveries that was found.
fn delivered(from: &Connection) -> rusqlite::Result<HashSet<i64>> {
    let mut select = from.prepare("SELECT * FROM done")?;
    let columns = select.column_count();
    let rows = select.query_map([], |row| {
        let alone = (1..columns).all(|at| row.get_ref(at) == Ok(ValueRef::Null));
        Ok((row.get(0)?, alone))
    })?;
    let found: Vec<(i64, bool)> = rows.map_while(Result::ok).collect();
    let is_it = found.iter().all(|(_, alone)| *alone);
    Ok(found
        .into_iter()
        .filter(|_| is_it)
        .map(|(seq, _)| seq)
        .collect())
}

/// Every intact row. Where the reading fails, the next number is tried.
fn each(
    from: &Connection,
    take: &mut dyn FnMut(i64, Vec<Value>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    // Without an index, which may be what is damaged.
    let Ok(mut select) = from.prepare(&format!(
        "SELECT seq, {COLUMNS} FROM event NOT INDEXED WHERE seq >= ? ORDER BY seq"
    )) else {
        return Ok(());
    };
    let (mut next, mut failures) = (0_i64, 0);
    while failures < PATIENCE {
        let before = next;
        match read_on(&mut select, &mut next, take)? {
            ReadEnd::Complete => break,
            ReadEnd::Broken if next > before => failures = 0,
            ReadEnd::Broken => failures += 1,
        }
        next += 1;
    }
    Ok(())
}

enum ReadEnd {
    Complete,
    Broken,
}

/// Reads on from a number until nothing more can be read; `next` is the last one that could.
fn read_on(
    select: &mut Statement<'_>,
    next: &mut i64,
    take: &mut dyn FnMut(i64, Vec<Value>) -> rusqlite::Result<()>,
) -> rusqlite::Result<ReadEnd> {
    let Ok(mut rows) = select.query([*next]) else {
        return Ok(ReadEnd::Broken);
    };
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(ReadEnd::Complete),
            Err(_) => return Ok(ReadEnd::Broken),
        };
        let Ok(seq) = row.get::<_, i64>(0) else {
            return Ok(ReadEnd::Broken);
        };
        if seq < *next {
            // Damage can lead in circles.
            return Ok(ReadEnd::Broken);
        }
        *next = seq;
        if let Some(values) = intact_values(row) {
            take(seq, values)?;
        }
    }
}

/// The values of a row that is what it was.
fn intact_values(row: &Row<'_>) -> Option<Vec<Value>> {
    let count = COLUMNS.split(',').count();
    let values: Vec<Value> = (1..=count)
        .map(|at| row.get::<_, Value>(at))
        .collect::<Result<_, _>>()
        .ok()?;
    let whole = |value: &Value| matches!(value, Value::Blob(id) if id.len() == 16);
    match values.as_slice() {
        [id, run, .., Value::Blob(body), Value::Integer(stored)] => {
            (whole(id) && whole(run) && checksum(body) == *stored).then_some(values)
        }
        _ => None,
    }
}
