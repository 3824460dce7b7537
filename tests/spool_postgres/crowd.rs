//! Many at once: drainers share the work, take over from one that dies, and leave no record.

use super::Shared;
use crate::emit::record;
use crate::spool::{judge, numbered, sandbox};
use crate::support::postgres::lasting;
use crate::support::server::{Server, answer};
use crate::support::{PATIENCE, Running};
use std::io::Write;
use std::time::Instant;

/// A drainer with the shortest lease.
const DRAINER: [&str; 7] = [
    "spool",
    "drain",
    "--follow",
    "--timeout",
    "1s",
    "--lease",
    "12s",
];

/// How often something is done: a few times, or as often as a variable says.
fn times(variable: &str, usual: usize) -> usize {
    let asked = std::env::var(variable).ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn until(what: &str, patience: u32, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + patience * PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
    }
}

#[test]
fn records_of_killed_drainers_are_sent_by_others_in_order() {
    let Some(shared) = Shared::new() else { return };
    let kills = times("HIVELOG_TEST_DRAINER_KILLS", 1);
    let sandbox = sandbox("");
    let sent = numbered("x", 200 * (kills + 1), 20);
    let args = [&DRAINER[..], &["--rate", "60/s"]].concat();
    let start = || shared.run(&sandbox.url(), &args).start();
    let mut drainers: Vec<Running> = vec![start(), start()];
    let mut emitter = shared
        .run(&sandbox.url(), &["emit", "--queue", "-", "-o", "ndjson"])
        .start();
    let mut pipe = emitter.stdin.take().expect("a pipe");
    let lines = sent.clone();
    let writer = std::thread::spawn(move || {
        for piece in lines.chunks(20) {
            pipe.write_all((piece.join("\n") + "\n").as_bytes())
                .expect("it reads");
        }
    });
    for at in 1..=kills {
        until("they get through", 2, || sandbox.ledger().len() >= at * 150);
        drainers[0].kill();
        drainers.remove(0);
        drainers.push(start());
    }
    writer.join().expect("no panic");
    let _ = emitter.wait().exits(0);
    until("everything is sent", 4, || shared.ready() == 0);
    for drainer in &drainers {
        drainer.signal("TERM");
    }
    for drainer in drainers {
        let _ = drainer.wait().exits(143);
    }
    let found = judge(&sandbox, &sent, |_| true);
    assert!(
        found.lost == 0 && found.overtaken == 0 && found.changed == 0,
        "{found:?}"
    );
    assert!(found.extra <= 8 * kills, "{found:?}");
}

#[test]
fn a_drain_waits_for_the_records_that_a_killed_drainer_had() {
    let Some(shared) = Shared::new() else { return };
    let sandbox = sandbox("");
    let owned = "SELECT count(*) FROM hivelog.lane WHERE owner IS NOT NULL";
    let killed = shared.run(&sandbox.url(), &DRAINER).start();
    until("it has all lanes", 1, || shared.sql(owned).trim() == "64");
    drop(killed);
    let queue = shared.run(&sandbox.url(), &["emit", "--queue", "-"]);
    let _ = queue.stdin(numbered("x", 3, 3).join("\n")).run().exits(0);
    let at_once = ["spool", "drain", "--retry-for", "0s"];
    let ended = shared.run(&sandbox.url(), &at_once).run().exits(6);
    let _ = ended
        .warns("3 records wait")
        .warns("another drainer has them");
    let ended = shared.run(&sandbox.url(), &["spool", "drain"]).run();
    assert!(ended.exits(0).text().contains("delivered 3"));
    assert_eq!(shared.ready(), 0);
}

#[test]
fn lanes_of_one_that_is_stopped_are_free_at_once() {
    let Some(shared) = Shared::new() else { return };
    let sandbox = sandbox("");
    let start = || {
        shared
            .run(&sandbox.url(), &["spool", "drain", "--follow"])
            .start()
    };
    let lanes = || -> Vec<String> {
        let owned = "SELECT count(*) FROM hivelog.lane WHERE owner IS NOT NULL GROUP BY owner \
                     ORDER BY 1";
        shared.sql(owned).lines().map(str::to_owned).collect()
    };
    let first = start();
    until("one has all", 1, || lanes() == ["64"]);
    let second = start();
    until("two share", 1, || lanes() == ["32", "32"]);
    first.signal("TERM");
    let _ = first.wait().exits(143);
    assert_eq!(lanes(), ["32"]);
    until("the other takes them", 1, || lanes() == ["64"]);
    second.signal("TERM");
    let _ = second.wait().exits(143);
    assert_eq!(lanes(), Vec::<String>::new());
}

/// As when a drainer is suspended, for longer than its lease, before it takes lanes.
#[test]
fn a_drainer_that_is_removed_before_it_takes_lanes_registers_anew() {
    let Some(shared) = Shared::new() else { return };
    shared.sql(
        "CREATE SEQUENCE registered; \
         CREATE FUNCTION remove_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF nextval('registered') = 1 THEN DELETE FROM hivelog.drainer WHERE id = NEW.id; END IF; \
           RETURN NULL; END $$; \
         CREATE TRIGGER remove_first AFTER INSERT ON hivelog.drainer \
           FOR EACH ROW EXECUTE FUNCTION remove_first()",
    );
    let drainer = shared
        .run("http://localhost:9", &["spool", "drain", "--follow"])
        .start();
    until("it has all lanes", 1, || {
        shared.sql("SELECT count(owner) FROM hivelog.lane") == "64"
    });
    assert_eq!(shared.sql("SELECT last_value FROM registered"), "2");
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
}

#[test]
fn a_drainer_forgets_all_old_batches() {
    let Some(shared) = Shared::new() else { return };
    shared.sql(
        "INSERT INTO hivelog.batch SELECT gen_random_uuid(), clock_timestamp() - interval '8 days' \
         FROM generate_series(1, 15000)",
    );
    let drainer = shared
        .run("http://localhost:9", &["spool", "drain", "--follow"])
        .start();
    until("they are forgotten", 1, || {
        shared.sql("SELECT count(*) FROM hivelog.batch") == "0"
    });
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
}

#[test]
fn more_emitters_than_the_database_takes_lose_nothing() {
    let Some(cluster) = lasting("max_connections = 10") else {
        return;
    };
    let shared = Shared::on(cluster);
    let emitters = times("HIVELOG_TEST_EMITTERS", 25);
    let mut running: Vec<Running> = (0..emitters)
        .map(|_| {
            shared
                .run("http://localhost:9", &["emit", "--queue", "-"])
                .start()
        })
        .collect();
    for (at, one) in running.iter_mut().enumerate() {
        one.write(record(&format!("journey-{at}"), "5004N").as_bytes());
        drop(one.stdin.take());
    }
    for one in running {
        let _ = one.wait().exits(0);
    }
    // Whatever went to the inbox meanwhile is brought over.
    let _ = shared.spool(&["list"]).run().exits(0);
    assert_eq!(shared.ready(), emitters);
    cluster.down();
}

#[test]
fn what_becomes_of_records_that_another_process_sends_is_reported() {
    let Some(shared) = Shared::new() else { return };
    let server = Server::answering(|_, request| {
        let refused = String::from_utf8_lossy(&request.body).contains("\"x-7\"");
        answer(if refused { "400 Bad Request" } else { "200 OK" }, "", "")
    });
    let drainer = shared
        .run(&server.url(), &["spool", "drain", "--follow"])
        .start();
    until("it has all lanes", 1, || {
        shared.sql("SELECT count(owner) FROM hivelog.lane") == "64"
    });
    let results = shared
        .run(&server.url(), &["emit", "-", "-o", "ndjson"])
        .stdin(numbered("x", 600, 600).join("\n"))
        .run()
        .ndjson();
    let with = |status: &str| {
        let with = results.iter().filter(|one| one["status"] == status);
        with.count()
    };
    assert_eq!((with("delivered"), with("refused")), (599, 1));
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
}

#[test]
fn a_running_drainer_reacts_to_what_a_person_changes() {
    let Some(shared) = Shared::new() else { return };
    let sandbox = sandbox("503");
    let log = record("a", "5004N");
    let _ = shared
        .run(&sandbox.url(), &["emit", "--queue", "-"])
        .stdin(log)
        .run()
        .exits(0);
    let drainer = shared
        .run(&sandbox.url(), &["spool", "drain", "--follow"])
        .start();
    until("it was tried", 1, || !sandbox.ledger().is_empty());
    until("it waits", 1, || {
        shared.sql("SELECT count(*) FROM hivelog.event WHERE due > clock_timestamp()") == "1"
    });
    // Dropped while it waits, it is never sent again.
    let dropped = shared.spool(&["drop", "--all", "--yes"]).run();
    assert!(
        matches!(dropped.code, Some(0 | 1)),
        "{}",
        dropped.transcript()
    );
    assert_eq!(shared.ready(), 0);
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
    let _ = shared.spool(&["list"]).run().exits(0).says("empty");
}
