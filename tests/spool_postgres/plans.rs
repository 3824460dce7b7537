//! How the server carries out what drainers ask, whatever its statistics say.

use super::Shared;
use crate::emit::record;
use crate::spool::sandbox;
use crate::support::Random;
use crate::support::server::{Server, answer};

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
    shared.wait_for_counts();
    shared.sql("SELECT pg_stat_reset()");
    let _ = shared
        .run(&sandbox.url(), &["spool", "drain"])
        .run()
        .exits(0);
    assert_eq!(sandbox.ledger().len(), 1);
    shared.wait_for_counts();
    let read = |index: &str| -> u64 {
        let read = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE schemaname = 'hivelog'";
        let read = shared.sql(&format!("{read} AND indexrelname = '{index}'"));
        read.parse().expect("a number")
    };
    let (by_place, by_run) = (read("event_pkey"), read("event_run"));
    assert!(by_place > 0 && by_run == 0, "{by_place} and {by_run}");
}

/// Counting what waits must take no longer the more it is; few are counted exactly, whatever else is
/// in the table.
#[test]
fn very_many_records_are_estimated_and_few_beside_them_are_counted() {
    let Some(shared) = Shared::new() else { return };
    let rejects = Server::answering(|_, _| answer("401 Unauthorized", "", ""));
    // What cannot be compressed.
    let mut random = Random::new(1);
    let long: String = (0..3000)
        .map(|_| char::from(b'0' + u8::try_from(random.index(64)).expect("small")))
        .filter(|letter| *letter != '\\')
        .collect();
    let plain = record("a", "5004N");
    let long = plain.replace("}]},", &format!("}}]}},\"customData\":\"{long}\","));
    for (to, log) in [
        (rejects.url().as_str(), &long),
        ("http://localhost:9", &plain),
    ] {
        let _ = shared
            .run(to, &["emit", "--queue", "-"])
            .stdin(log.as_bytes())
            .run()
            .exits(0);
    }
    shared.sql(
        "INSERT INTO hivelog.event (dest, lane, id, run, record, line, sum, source, body) \
           SELECT e.dest, n % 64, gen_random_uuid(), e.run, e.record, e.line, e.sum, e.source, e.body \
           FROM (SELECT * FROM hivelog.event ORDER BY seq LIMIT 1) e, generate_series(1, 12000) n",
    );
    let status = shared
        .spool(&["status", "-o", "json"])
        .run()
        .exits(0)
        .json();
    let about = |count: &serde_json::Value| {
        count
            .as_u64()
            .is_some_and(|count| (10_000..15_000).contains(&count))
    };
    assert!(
        status["estimated"] == true && about(&status["ready"]),
        "{status}"
    );
    let destinations = status["destinations"].as_array().expect("destinations");
    assert!(destinations.iter().any(|one| one["ready"] == 1), "{status}");
    let left = shared
        .run(&rejects.url(), &["spool", "drain"])
        .run()
        .exits(4);
    assert!(left.errors().contains("about 1"), "{}", left.transcript());
}
