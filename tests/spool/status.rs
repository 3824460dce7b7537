//! How much waits, for whom and why, without a look at every record.

use super::{multiply, run};
use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{Place, Run};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn status(place: &Place, args: &[&str]) -> Run {
    run(place, "", &[&["spool", "status"], args].concat())
}

fn figures(place: &Place) -> Value {
    status(place, &["-o", "json"]).run().exits(0).json()
}

/// Queues records of one connector.
fn queue(place: &Place, connector: &str, count: usize) {
    let logs: Vec<String> = (0..count)
        .map(|at| record(&format!("{connector}-{at}"), "5004N"))
        .collect();
    let args = [
        "emit",
        "-",
        "--queue",
        "--spool",
        "spool",
        "--url",
        "http://localhost:9",
    ];
    let _ = place
        .hivelog(args.iter().chain(&["--connector", connector]))
        .stdin(logs.join("\n"))
        .run()
        .exits(0);
}

/// A spool with a dead record and two that wait for a key that is accepted.
fn held() -> (Place, Server) {
    let place = Place::new();
    let server = Server::answering(|_, request| {
        let dead = String::from_utf8_lossy(&request.body).contains("journey-dead");
        answer(
            if dead {
                "400 Bad Request"
            } else {
                "401 Unauthorized"
            },
            "",
            "",
        )
    });
    let emit = |logs: &[String], code| {
        let args = ["emit", "-", "--retry-for", "0s", "--jobs", "1"];
        let _ = run(&place, &server.url(), &args)
            .stdin(logs.join("\n"))
            .run()
            .exits(code);
    };
    emit(&[record("journey-dead", "5004N")], 5);
    emit(
        &[record("journey-a", "5004N"), record("journey-b", "5004N")],
        4,
    );
    (place, server)
}

#[test]
fn without_a_spool_nothing_waits_and_none_is_made() {
    let place = Place::new();
    let found = figures(&place);
    assert_eq!(
        (&found["ready"], &found["dead"], &found["bytes"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(
        (&found["oldest"], &found["destinations"]),
        (&Value::Null, &json!([]))
    );
    let _ = status(&place, &[])
        .run()
        .exits(0)
        .says("the spool is empty");
    assert!(!place.path("spool").exists());
}

#[test]
fn it_counts_what_waits_and_names_what_holds_a_destination() {
    let (place, server) = held();
    let found = figures(&place);
    assert_eq!((&found["ready"], &found["dead"]), (&json!(2), &json!(1)));
    assert!(found["bytes"].as_u64().is_some_and(|bytes| bytes > 4096));
    assert!(
        found["location"]
            .as_str()
            .is_some_and(|path| path.ends_with("spool"))
    );
    assert!(found["oldest"].is_string() && found["oldestSeconds"].is_u64());
    let one = &found["destinations"][0];
    assert!(
        one["destination"]
            .as_str()
            .is_some_and(|url| url.starts_with(&server.url()))
    );
    assert!(
        one["held"]
            .as_str()
            .is_some_and(|why| why.starts_with("401")),
        "{one}"
    );
    let text = status(&place, &[]).run().exits(0).text();
    assert!(text.contains("held: 401"), "{text}");
    assert!(text.contains("\n2 ready, 1 dead, oldest "), "{text}");
}

#[test]
fn who_shares_an_address_is_counted_apart() {
    let place = Place::new();
    queue(&place, "one", 3);
    queue(&place, "two", 5);
    let found = figures(&place);
    let apart: Vec<_> = found["destinations"]
        .as_array()
        .expect("destinations")
        .iter()
        .map(|one| {
            (
                one["connector"].clone(),
                one["ready"].clone(),
                one["held"].clone(),
            )
        })
        .collect();
    let expected =
        [("one", 3), ("two", 5)].map(|(who, many)| (json!(who), json!(many), Value::Null));
    assert_eq!(apart, expected);
    let metrics = status(&place, &["-o", "prometheus"]).run().exits(0).text();
    let series = metrics
        .lines()
        .map(|line| line.rsplit_once(' ').expect("a value").0);
    let mut series: Vec<_> = series.filter(|name| !name.starts_with('#')).collect();
    let all = series.len();
    series.sort_unstable();
    series.dedup();
    assert_eq!(series.len(), all, "{metrics}");
}

#[test]
fn metrics_have_the_promised_names_and_labels() {
    let (place, server) = held();
    let text = status(&place, &["-o", "prometheus"]).run().exits(0).text();
    let destination = format!("destination=\"{}/data-service/v1/eventLog\"", server.url());
    for (name, wanted) in [
        ("records", format!("{{{destination},state=\"ready\"}} 2\n")),
        ("records", format!("{{{destination},state=\"dead\"}} 1\n")),
        ("oldest_seconds", format!("{{{destination}}} ")),
        ("bytes", " ".to_owned()),
        ("held", format!("{{{destination},reason=\"401")),
    ] {
        for line in [
            format!("# HELP hivelog_spool_{name} "),
            format!("# TYPE hivelog_spool_{name} gauge\n"),
            format!("\nhivelog_spool_{name}{wanted}"),
        ] {
            assert!(text.contains(&line), "no {line:?} in\n{text}");
        }
    }
}

#[test]
fn a_limit_that_is_exceeded_is_a_no_and_a_wrong_one_is_pointed_at() {
    let (place, _server) = held();
    for (limit, code) in [
        ("ready>=2", 1),
        ("ready>2", 0),
        ("dead", 1),
        ("oldest>1h", 0),
        ("oldest<1h", 1),
        ("bytes>1GiB", 0),
        ("bytes>1KiB", 1),
        ("held", 1),
        ("held>1", 0),
        ("oldest>5", 2),
        ("deed>1", 2),
    ] {
        let ended = status(&place, &["--fail-on", limit]).run().exits(code);
        let said = ended.errors().contains("threshold exceeded: ");
        assert_eq!(said, code == 1, "{limit}: {}", ended.errors());
    }
    let _ = status(&place, &["--fail-on", "deed"])
        .run()
        .exits(2)
        .warns("dead");
}

#[test]
fn a_drain_names_what_was_rejected_and_sends_it_when_it_is_asked_to() {
    let place = Place::new();
    let rejects = Arc::new(AtomicBool::new(true));
    let decides = Arc::clone(&rejects);
    let server = Server::answering(move |_, _| {
        let rejected = decides.load(Ordering::SeqCst);
        answer(
            if rejected {
                "400 Bad Request"
            } else {
                "204 No Content"
            },
            "",
            "",
        )
    });
    let logs = [record("journey-a", "5004N"), record("journey-b", "5004N")];
    // Commands for the same spool and destination, which no profile names.
    let next = format!(
        "2 records were rejected by {0}/data-service/v1/eventLog; to see why: hivelog spool list \
         --dead --spool spool; to send again: hivelog spool drain --dead --url {0} --connector c \
         --spool spool",
        server.url()
    );
    let _ = run(&place, &server.url(), &["emit", "-"])
        .stdin(logs.join("\n"))
        .run()
        .exits(5)
        .warns(&next);
    rejects.store(false, Ordering::SeqCst);
    let _ = run(&place, &server.url(), &["spool", "drain"])
        .run()
        .exits(0)
        .warns(&next);
    assert_eq!(figures(&place)["dead"], 2);
    let _ = run(&place, &server.url(), &["spool", "drain", "--dead"])
        .run()
        .exits(0);
    assert_eq!(figures(&place)["destinations"], json!([]));
    let mut bodies: Vec<_> = server.requests().into_iter().map(|one| one.body).collect();
    bodies.drain(..2);
    bodies.sort();
    assert_eq!(bodies, logs.map(String::into_bytes));
}

#[test]
fn many_records_are_counted_beside_few_and_beside_those_that_are_just_delivered() {
    let place = Place::new();
    queue(&place, "one", 1);
    multiply(&place, 2000);
    queue(&place, "two", 2);
    let database = rusqlite::Connection::open(place.path("spool/spool.db")).expect("a database");
    let done = "INSERT INTO done SELECT seq FROM event ORDER BY seq LIMIT 300";
    assert_eq!(database.execute(done, []).expect("notes"), 300);
    let dead = "UPDATE event SET state = 'dead' WHERE seq > 1900 AND seq <= 2001";
    assert_eq!(database.execute(dead, []).expect("changes"), 101);
    drop(database);
    let found = figures(&place);
    let of = |at: usize| {
        (
            &found["destinations"][at]["ready"],
            &found["destinations"][at]["dead"],
        )
    };
    assert_eq!(of(0), (&json!(1600), &json!(101)));
    assert_eq!(of(1), (&json!(2), &json!(0)));
}

#[test]
fn a_mistake_in_a_limit_is_said_once_above_its_mark() {
    let place = Place::new();
    let limited = place.hivelog(["spool", "status", "--fail-on", "oldest>x"]);
    let errors = limited.run().exits(2).errors();
    assert_eq!(errors.matches("expected a duration").count(), 1, "{errors}");
    assert!(errors.contains("oldest>x\n"), "{errors}");
    assert!(errors.trim_end().ends_with("       ^"), "{errors}");
}
