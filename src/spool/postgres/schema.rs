//! The tables of the spool in PostgreSQL, and who needs which rights on them.

use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

/// The format of the tables; a newer one is refused.
pub(super) const FORMAT: i32 = 1;

/// The tables, made by one request and so in one transaction. Creating them again changes nothing.
const SCHEMA: &str = "
CREATE SCHEMA IF NOT EXISTS hivelog;

-- One row: what this is. The number of lanes is fixed for the life of the spool.
CREATE TABLE IF NOT EXISTS hivelog.spool (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    format  int NOT NULL,
    lanes   smallint NOT NULL CHECK (lanes > 0),
    id      uuid NOT NULL DEFAULT gen_random_uuid(),
    made    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Where to and as whom; until when it asked to be left alone.
CREATE TABLE IF NOT EXISTS hivelog.destination (
    n             int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address       text NOT NULL UNIQUE,
    paused_until  timestamptz,
    pause_http    smallint,
    pause_problem text
);

-- Who sends. A row is a lease and its id the fencing token: made anew at every registration.
CREATE TABLE IF NOT EXISTS hivelog.drainer (
    id      uuid PRIMARY KEY,
    dest    int NOT NULL REFERENCES hivelog.destination,
    host    text NOT NULL,
    pid     int NOT NULL,
    version text NOT NULL,
    shares  boolean NOT NULL,
    since   timestamptz NOT NULL DEFAULT clock_timestamp(),
    until   timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Who sends what. Nothing is left up to `head`, where a new owner begins to read; when `again`
-- has changed, a person has changed records of the lane.
CREATE TABLE IF NOT EXISTS hivelog.lane (
    dest    int NOT NULL REFERENCES hivelog.destination,
    n       smallint NOT NULL,
    owner   uuid REFERENCES hivelog.drainer ON DELETE SET NULL,
    head    bigint NOT NULL DEFAULT 0,
    again   int NOT NULL DEFAULT 0,
    PRIMARY KEY (dest, n)
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS lane_owner ON hivelog.lane (owner);

-- Locked by who appends and never changed, so that places become visible in their order.
CREATE TABLE IF NOT EXISTS hivelog.gate (
    dest    int NOT NULL,
    n       smallint NOT NULL,
    PRIMARY KEY (dest, n)
);

-- Batches that are in: one whose answer was lost is not taken twice.
CREATE TABLE IF NOT EXISTS hivelog.batch (
    id      uuid PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS batch_at ON hivelog.batch USING brin (at);

-- Accepted and not delivered: inserted once, deleted once. The sequence must not cache.
CREATE TABLE IF NOT EXISTS hivelog.event (
    dest        int NOT NULL,
    lane        smallint NOT NULL,
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    id          uuid NOT NULL,
    run         uuid NOT NULL,
    accepted    timestamptz NOT NULL DEFAULT clock_timestamp(),
    due         timestamptz,
    attempts    int NOT NULL DEFAULT 0,
    counted     int NOT NULL DEFAULT 0,
    maybe_dup   int NOT NULL DEFAULT 0,
    http        smallint,
    record      bigint NOT NULL,
    line        bigint NOT NULL,
    sum         bigint NOT NULL,
    source      text NOT NULL,
    code        text,
    correlation text,
    integration text,
    problem     text,
    body        bytea NOT NULL,
    PRIMARY KEY (dest, lane, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_insert_scale_factor = 0.5, autovacuum_analyze_scale_factor = 0.1,
        toast.autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE hivelog.event ALTER body SET STORAGE MAIN;
-- No other column: while the table counts as empty, the server would read a lane by such an index, the
-- whole of it each time.
CREATE INDEX IF NOT EXISTS event_run ON hivelog.event (run);
CREATE INDEX IF NOT EXISTS event_id ON hivelog.event
    USING brin (id uuid_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on);

-- Rejected for good, with their bytes.
CREATE TABLE IF NOT EXISTS hivelog.dead (
    LIKE hivelog.event INCLUDING DEFAULTS,
    died timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS dead_run ON hivelog.dead (run);
CREATE INDEX IF NOT EXISTS dead_seq ON hivelog.dead (seq);

-- Given up by a person.
CREATE TABLE IF NOT EXISTS hivelog.dropped (
    id  uuid PRIMARY KEY,
    at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    who text NOT NULL DEFAULT current_user
);
INSERT INTO hivelog.spool (format, lanes) VALUES (1, 64) ON CONFLICT DO NOTHING;
";

/// What a sender needs: to append, to list, and to see what becomes of its records.
const SENDER: &[&str] = &[
    "GRANT USAGE ON SCHEMA hivelog TO {role}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA hivelog TO {role}",
    "GRANT INSERT ON hivelog.destination, hivelog.lane, hivelog.gate, hivelog.batch, \
     hivelog.event TO {role}",
    // What it takes to lock a row that nobody changes.
    "GRANT UPDATE (n) ON hivelog.gate TO {role}",
];

/// What a drainer needs in addition, and a user of `spool retry` and `spool drop`.
const DRAINER: &[&str] = &[
    "GRANT INSERT, UPDATE, DELETE ON hivelog.drainer TO {role}",
    "GRANT UPDATE ON hivelog.lane, hivelog.destination, hivelog.event TO {role}",
    "GRANT INSERT, DELETE ON hivelog.dead, hivelog.dropped TO {role}",
    "GRANT DELETE ON hivelog.event, hivelog.batch TO {role}",
];

/// The least rights of a sender.
pub fn sender_grants(role: &str) -> Vec<String> {
    grants(SENDER, role)
}

/// The least rights of a drainer.
pub fn drainer_grants(role: &str) -> Vec<String> {
    let mut all = sender_grants(role);
    all.extend(grants(DRAINER, role));
    all
}

/// What is to be granted to whom, where no role was named.
pub fn least_rights() -> Vec<String> {
    let mut all =
        vec!["-- what a role needs that accepts and lists, here hivelog_sender".to_owned()];
    all.extend(sender_grants("hivelog_sender"));
    all.push("-- what a role needs that sends, here hivelog_drainer".to_owned());
    all.extend(drainer_grants("hivelog_drainer"));
    all
}

fn grants(templates: &[&str], role: &str) -> Vec<String> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    templates
        .iter()
        .map(|template| format!("{};", template.replace("{role}", &role)))
        .collect()
}

/// Makes the tables and gives the rights.
pub(super) async fn make(client: &Client, grants: &[String]) -> Result<(), tokio_postgres::Error> {
    if !is_made(client).await?
        && let Err(error) = client.batch_execute(SCHEMA).await
        // Two at once meet in the catalogue, and one of them is done.
        && !is_made(client).await?
    {
        return Err(error);
    }
    client.batch_execute(&grants.join("\n")).await
}

async fn is_made(client: &Client) -> Result<bool, tokio_postgres::Error> {
    let last = "SELECT to_regclass('hivelog.dropped') IS NOT NULL";
    let none: [(&(dyn ToSql + Sync), Type); 0] = [];
    let rows = client.query_typed(last, &none).await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_may_neither_change_nor_delete_records_and_names_are_quoted() {
        let sender = sender_grants("a\"b").join("\n");
        assert!(sender.contains("TO \"a\"\"b\";"), "{sender}");
        assert!(!sender.contains("DELETE") && !sender.contains("TRUNCATE"));
        assert!(drainer_grants("d").len() > SENDER.len());
    }
}
