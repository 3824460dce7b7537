//! What can still be read of a database that was set aside.

use super::store::{DONE, SCHEMA, sum};
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Row, Statement, TransactionBehavior, params_from_iter};
use std::collections::HashSet;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Numbers in a row that may lead nowhere before the rest is given up.
const PATIENCE: u32 = 20_000;

/// The engine's page size.
const PAGE: usize = 4096;

/// Every column but the place, which is given anew. The third last is the body, then its sum.
const COLUMNS: &str = "id, run, dest, source, record, line, code, correlation, integration, \
                       accepted_ms, state, attempts, counted, maybe_dup, next_ms, last_status, \
                       last_error, body, sum";

/// A damaged database that was moved away.
#[derive(Clone, Debug)]
pub struct SetAside {
    /// Where it is now.
    pub place: PathBuf,
    /// How many records could be read from it and are in the new one.
    pub saved: u64,
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = match self.saved {
            0 => "no record".to_owned(),
            1 => "1 record".to_owned(),
            more => format!("{more} records"),
        };
        write!(
            f,
            "the spool's database was damaged and has been moved to {}; {records} could be read \
             from it and stayed in the spool, others may be missing",
            self.place.display()
        )
    }
}

/// Takes over what can be read, in its order; how many records that was.
pub fn take_over(place: &Path, into: &mut Connection) -> u64 {
    let saved = copy(&place.join("spool.db"), into).unwrap_or(0);
    if saved > 0 {
        return saved;
    }
    // Where it cannot be done it can be done later: the old file stays as it is.
    let mended = place.join("mended.db");
    let saved = mend(place, &mended).and_then(|()| copy(&mended, into).map_err(io::Error::other));
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(place.join(format!("mended.db{ending}")));
    }
    saved.unwrap_or(0)
}

/// Makes a copy whose first page, without which nothing else can be found, is that of a new
/// database: ours all begin alike.
fn mend(place: &Path, mended: &Path) -> io::Result<()> {
    let new = Connection::open(mended).map_err(io::Error::other)?;
    new.execute_batch(SCHEMA)
        .and_then(|()| new.execute_batch(DONE))
        .map_err(io::Error::other)?;
    drop(new);
    let mut first = [0; PAGE];
    File::open(mended)?.read_exact(&mut first)?;
    // Bytes 18 and 19 say that there is a log; 92 to 95, unlike 24 to 27, that the number of pages
    // is not to be believed.
    first[18..20].fill(2);
    first[92..96].fill(0xff);
    std::fs::copy(place.join("spool.db"), mended)?;
    OpenOptions::new()
        .write(true)
        .open(mended)?
        .write_all(&first)?;
    match std::fs::copy(place.join("spool.db-wal"), place.join("mended.db-wal")) {
        // Without a log everything is in the database itself.
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn copy(database: &Path, into: &mut Connection) -> rusqlite::Result<u64> {
    let from = open(database)?;
    let transaction = into.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut saved = 0;
    {
        let marks = vec!["?"; COLUMNS.split(',').count()].join(",");
        let mut insert = transaction.prepare(&format!(
            "INSERT OR IGNORE INTO event ({COLUMNS}) VALUES ({marks})"
        ))?;
        let delivered = delivered(&from).unwrap_or_default();
        each(&from, &mut |seq, values| {
            if delivered.contains(&seq) {
                return Ok(());
            }
            saved += insert.execute(params_from_iter(values))? as u64;
            Ok(())
        })?;
    }
    transaction.commit()?;
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

/// What was delivered and is still there.
fn delivered(from: &Connection) -> rusqlite::Result<HashSet<i64>> {
    let mut select = from.prepare("SELECT seq FROM done")?;
    let seqs = select.query_map([], |row| row.get(0))?;
    Ok(seqs.map_while(Result::ok).collect())
}

/// Every sound row. Where the reading fails, the next number is tried.
fn each(
    from: &Connection,
    take: &mut dyn FnMut(i64, Vec<Value>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    // Without an index, which may be what is damaged.
    let mut select = from.prepare(&format!(
        "SELECT seq, {COLUMNS} FROM event NOT INDEXED WHERE seq >= ? ORDER BY seq"
    ))?;
    let (mut next, mut failures) = (0_i64, 0);
    while failures < PATIENCE {
        let before = next;
        match read_on(&mut select, &mut next, take)? {
            Came::ToTheEnd => break,
            Came::Broken if next > before => failures = 0,
            Came::Broken => failures += 1,
        }
        next += 1;
    }
    Ok(())
}

enum Came {
    ToTheEnd,
    Broken,
}

/// Reads on from a number until nothing more can be read; `next` is the last one that could.
fn read_on(
    select: &mut Statement<'_>,
    next: &mut i64,
    take: &mut dyn FnMut(i64, Vec<Value>) -> rusqlite::Result<()>,
) -> rusqlite::Result<Came> {
    let Ok(mut rows) = select.query([*next]) else {
        return Ok(Came::Broken);
    };
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Came::ToTheEnd),
            Err(_) => return Ok(Came::Broken),
        };
        let Ok(seq) = row.get::<_, i64>(0) else {
            return Ok(Came::Broken);
        };
        if seq < *next {
            // Damage can lead in circles.
            return Ok(Came::Broken);
        }
        *next = seq;
        if let Some(values) = sound(row) {
            take(seq, values)?;
        }
    }
}

/// The values of a row that is what it was.
fn sound(row: &Row<'_>) -> Option<Vec<Value>> {
    let count = COLUMNS.split(',').count();
    let values: Vec<Value> = (1..=count)
        .map(|at| row.get::<_, Value>(at))
        .collect::<Result<_, _>>()
        .ok()?;
    let whole = |value: &Value| matches!(value, Value::Blob(id) if id.len() == 16);
    match values.as_slice() {
        [id, run, .., Value::Blob(body), Value::Integer(stored)] => {
            (whole(id) && whole(run) && sum(body) == *stored).then_some(values)
        }
        _ => None,
    }
}
