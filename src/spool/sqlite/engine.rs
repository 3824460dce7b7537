//! The database engine: its page size, and what its failures mean.

use crate::spool::Error;
use rusqlite::{Connection, ErrorCode};

/// The size of a page.
pub const PAGE_BYTES: usize = 4096;

/// Whether the files, not the circumstances, are at fault.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || error.to_string().contains("no such table")
        || error.to_string().contains("malformed")
}

/// Whether nobody can say what the disk holds now.
pub fn is_failure(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure))
}

/// Whether another process has locked what is needed.
pub fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Nothing where another process has locked what is needed.
pub fn unless_busy<T>(result: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match result {
        Err(error) if is_busy(&error) => Ok(None),
        result => result.map(Some),
    }
}

/// Whether there is no room left.
pub fn is_full(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull))
}

/// An engine's error in our words.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function of map_err"
)]
pub fn storage(error: rusqlite::Error) -> Error {
    if is_busy(&error) {
        let why = "another process has held the spool's database locked for too long";
        return Error::Busy(why.to_owned());
    }
    Error::Storage(format!("the spool's storage has failed: {error}"))
}

/// How much of the size that is allowed is in use.
pub fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let pages: i64 = connection
        .prepare_cached(
            "SELECT (SELECT page_count FROM pragma_page_count) \
             - (SELECT freelist_count FROM pragma_freelist_count)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(pages.unsigned_abs() * PAGE_BYTES as u64)
}

/// Writes the log back and empties it. Where it fails, so does what follows, and that is reported.
pub fn checkpoint(connection: &Connection) {
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}
