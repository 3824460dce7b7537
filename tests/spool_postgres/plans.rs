//! How the server carries out what drainers ask, whatever its statistics say.

use super::Shared;
use crate::emit::record;
use crate::spool::sandbox;
use crate::support::PATIENCE;
use std::time::Instant;

/// A queue is often empty when the server looks at it. What it then thinks of the table must not let
/// it read a whole index for each lane.
#[test]
fn a_lane_is_read_by_its_place_in_a_table_that_counts_as_empty() {
    let Some(shared) = Shared::new() else { return };
    let sandbox = sandbox("");
    let _ = shared
        .run(&sandbox.url(), &["emit", "--queue", "-"])
        .stdin(record("a", "5004N"))
        .run()
        .exits(0);
    shared.sql(
        "ALTER TABLE hivelog.event SET (autovacuum_enabled = off); \
         INSERT INTO hivelog.event (dest, lane, id, run, record, line, sum, source, body) \
           SELECT dest, n % 64, gen_random_uuid(), run, record, line, sum, source, body \
           FROM hivelog.event, generate_series(1, 3000) n; \
         UPDATE hivelog.lane SET head = (SELECT max(seq) FROM hivelog.event); \
         DELETE FROM hivelog.event; \
         ANALYZE hivelog.event",
    );
    let _ = shared
        .run(&sandbox.url(), &["emit", "--queue", "-"])
        .stdin(record("b", "5004N"))
        .run()
        .exits(0);
    // What a connection has read is counted when it has ended.
    let wait_for_counts = || {
        let others = "SELECT count(*) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let deadline = Instant::now() + PATIENCE;
        while shared.sql(others) != "0" {
            assert!(Instant::now() < deadline, "the connections do not end");
        }
    };
    wait_for_counts();
    shared.sql("SELECT pg_stat_reset()");
    let _ = shared
        .run(&sandbox.url(), &["spool", "drain"])
        .run()
        .exits(0);
    assert_eq!(sandbox.ledger().len(), 1);
    wait_for_counts();
    let read = |index: &str| -> u64 {
        let read = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE schemaname = 'hivelog'";
        let read = shared.sql(&format!("{read} AND indexrelname = '{index}'"));
        read.parse().expect("a number")
    };
    let (by_place, by_run) = (read("event_pkey"), read("event_run"));
    assert!(by_place > 0 && by_run == 0, "{by_place} and {by_run}");
}
