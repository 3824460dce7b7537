//! What a receipt is worth: synchronous standbys, the limit, and what `doctor` says of it.

use super::Shared;
use crate::emit::record;
use crate::spool::numbered;
use crate::support::PATIENCE;
use crate::support::postgres::lasting;
use std::time::Instant;

const NOWHERE: &str = "http://localhost:9";

/// A commit whose wait for its standby is cancelled is here and may be nowhere else: that is no
/// receipt, also when the same batch is found here later.
#[test]
fn a_cancelled_wait_for_a_standby_is_no_receipt() {
    let Some(cluster) = lasting("") else { return };
    let shared = Shared::on(cluster);
    let standbys = |names: &str| {
        let set = format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'");
        shared.sql(&set);
        shared.sql("SELECT pg_reload_conf()");
    };
    standbys("absent");
    let mut emitter = shared
        .run(NOWHERE, &["emit", "--queue", "-", "-o", "ndjson"])
        .start();
    emitter.write(record("a", "5004N").as_bytes());
    drop(emitter.stdin.take());
    let waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep' \
                   AND datname = current_database()";
    // Twice: the second wait is that of a record that is found here already.
    for _ in 0..2 {
        let deadline = Instant::now() + PATIENCE;
        while shared.sql(&format!("SELECT count(*) {waiting}")) != "1" {
            assert!(Instant::now() < deadline, "nobody waits for the standby");
        }
        shared.sql(&format!("SELECT pg_cancel_backend(pid) {waiting}"));
    }
    assert_eq!(shared.ready(), 1);
    let deadline = Instant::now() + PATIENCE;
    while shared.sql(&format!("SELECT count(*) {waiting}")) != "1" {
        assert!(Instant::now() < deadline, "a receipt without the standby");
    }
    standbys("");
    let ended = emitter.wait().exits(0);
    assert_eq!(
        ended.ndjson()[0]["status"],
        "kept",
        "{}",
        ended.transcript()
    );
    assert!(!ended.errors().contains("inbox"), "{}", ended.transcript());
    assert_eq!(shared.ready(), 1);
    cluster.down();
}

#[test]
fn doctor_says_what_a_confirmed_record_survives() {
    let Some(shared) = Shared::new() else { return };
    let _ = shared
        .run(NOWHERE, &["doctor"])
        .run()
        .says("durability")
        .says("confirmed records survive a crash of the server (fsync on")
        .says("no synchronous standby");
}

#[test]
fn no_more_records_are_accepted_than_may_wait() {
    let Some(shared) = Shared::new() else { return };
    // From a file: what comes through a pipe may be taken in parts.
    let emit = |count: usize| {
        shared
            .place
            .file("log.ndjson", numbered("x", count, 3).join("\n"));
        shared
            .run(NOWHERE, &["emit", "--queue", "log.ndjson"])
            .run()
    };
    let _ = emit(5).exits(0);
    // What the server knows without counting.
    shared.wait_for_counts();
    shared.sql("ANALYZE hivelog.event");
    shared
        .place
        .file(".config/hivelog/config.toml", "[spool]\nmax_records = 8\n");
    let _ = emit(4)
        .exits(3)
        .warns("is full: about 5 records wait, spool.max_records is 8")
        .warns("lines 1 to 4 of log.ndjson and what follows were not accepted");
    let _ = emit(3).exits(0);
    assert_eq!(shared.ready(), 8);
}
