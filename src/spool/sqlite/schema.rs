//! The tables of the database.

use rusqlite::Connection;

/// The format of the database. The first noted the address of a destination only; its rows stay as
/// they are until somebody can say who sends them.
pub const SCHEMA_VERSION: u32 = 2;

/// The tables of a new database.
pub const SCHEMA: &str = "
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    run BLOB NOT NULL,
    dest TEXT NOT NULL,
    source TEXT NOT NULL,
    record INTEGER NOT NULL,
    line INTEGER NOT NULL,
    code TEXT,
    correlation TEXT,
    integration TEXT,
    body BLOB NOT NULL,
    sum INTEGER NOT NULL,
    accepted_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    counted INTEGER NOT NULL DEFAULT 0,
    maybe_dup INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_error TEXT
);
CREATE INDEX event_ready ON event (dest, state, seq);
CREATE INDEX event_run ON event (run);
CREATE TABLE imported (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE dropped (id BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 2;
";

/// What was delivered but has still its row, and the rows that have not been; what people did to
/// single records while processes were at work with them; until when a destination is to be left
/// alone. Made in every database that is opened: the first ones had none.
pub const DONE: &str = "
CREATE TABLE IF NOT EXISTS done (seq INTEGER PRIMARY KEY);
CREATE VIEW IF NOT EXISTS kept AS
    SELECT * FROM event WHERE NOT EXISTS (SELECT 1 FROM done WHERE done.seq = event.seq);
CREATE TABLE IF NOT EXISTS intervention (
    at INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    dest TEXT, seq INTEGER, id BLOB, run BLOB, source TEXT, record INTEGER, line INTEGER,
    code TEXT, correlation TEXT, integration TEXT, state TEXT
);
CREATE TABLE IF NOT EXISTS pause (
    dest TEXT PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    last_status INTEGER,
    last_error TEXT
) WITHOUT ROWID;
";

/// The number of the last record that was ever in the database.
pub fn last_seq(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'",
        [],
        |row| row.get(0),
    )
}
