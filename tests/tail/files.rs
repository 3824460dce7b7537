//! Recorded events in files that grow, are rotated, truncated, replaced or not there yet; and what
//! is said about a filter that matches nothing, and about records that another command takes.

use crate::support::{Place, hivelog};
use std::fs::{OpenOptions, rename};
use std::io::Write;

fn event(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","ts":"2024-05-03T05:30:00Z","type":"auth.ok","data":{{"username":"x"}}}}"#
    ) + "\n"
}

fn append(place: &Place, name: &str, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(place.path(name))
        .expect("a file");
    file.write_all(text.as_bytes()).expect("it is written");
}

#[test]
fn a_file_is_followed_through_growth_truncation_rotation_and_replacement() {
    let place = Place::new();
    place.file("log", event("old-1") + &event("old-2"));
    let run = place.hivelog(["tail", "-f", "-n", "1", "log"]);
    let running = run.start();
    assert!(
        running.stdout.next().contains("old-2"),
        "the last one first"
    );
    append(&place, "log", &event("grown"));
    running.stdout.until("grown");
    // Half a line is no event until the rest has come.
    let whole = event("halves");
    append(&place, "log", &whole[..20]);
    append(&place, "log", &whole[20..]);
    running.stdout.until("halves");
    place.file("log", event("cut"));
    running.stdout.until("\"cut\"");
    running.stderr.until("truncated");
    // Rotated: who writes finds out later than we may, and the old file's last lines count.
    rename(place.path("log"), place.path("log.1")).expect("a new name");
    append(&place, "log.1", &event("last-of-old"));
    running.stdout.until("last-of-old");
    append(&place, "log", &event("rotated"));
    running.stdout.until("rotated");
    running.stderr.until("another file");
    place.file("new", event("replaced"));
    rename(place.path("new"), place.path("log")).expect("a new name");
    running.stdout.until("replaced");
    running.signal("INT");
    let said = running.stderr.until("stopped:");
    assert!(said.contains("7 events of 8 shown, 0 bad"), "{said}");
    running.wait().exits(130);
}

#[test]
fn a_file_that_is_missing_is_waited_for() {
    let place = Place::new();
    let run = place.hivelog(["tail", "late", "-f", "--until", "auth.ok"]);
    let running = run.start();
    running.stderr.until("waiting for late");
    append(&place, "late", &event("e-1"));
    running.stdout.until("e-1");
    running.end().exits(0);
    let ended = place.hivelog(["tail", "-f", "."]).run();
    ended.exits(3).warns("it is a folder");
    place.file("packed", b"\x1f\x8b\x08\0\0\0\0\0");
    let ended = place.hivelog(["tail", "-f", "packed"]).run();
    ended
        .exits(2)
        .warns("cannot follow packed: it is compressed");
    place.hivelog(["tail", "-f"]).run().exits(2);
    // On a pipe it means what it means anyway.
    let ended = hivelog(["tail", "-f", "-"]).stdin(event("e-1")).run();
    assert_eq!(ended.exits(0).text(), event("e-1"));
}

#[test]
fn a_filter_that_matches_nothing_is_explained_and_changes_no_exit_code() {
    let input = format!(
        "{}{}",
        event("e-1"),
        r#"{"type":"trigger.schedule.ok","data":{"flow_name":"Nightly orders","duration_ms":5}}"#
    );
    for (args, said) in [
        (
            &["--where", "data.durationms > 1"][..],
            "0 of 2 events matched; no event has data.durationms (did you mean data.duration_ms?)",
        ),
        (
            &["-t", "trigger.schedle.*"],
            "no event has a type like trigger.schedle.* (did you mean trigger.schedule.*?)",
        ),
        (
            &["--flow", "Nightly order"],
            "no event has the flow 'Nightly order' (did you mean Nightly orders?)",
        ),
        (&["--kind", "usr"], "0 of 2 events matched; --kind all"),
        (&["--flow", "nightly ORDERS"], ""),
        (&["--where", "duration_ms = 5"], ""),
    ] {
        let line = ["tail"].iter().chain(args);
        let ended = hivelog(line).stdin(input.clone()).run().exits(0);
        assert!(ended.errors().contains(said), "{}", ended.transcript());
        assert_eq!(
            ended.errors().is_empty(),
            said.is_empty(),
            "{}",
            ended.transcript()
        );
    }
}

#[test]
fn event_logs_are_said_once_and_pointed_elsewhere() {
    let log = "{\"eventCode\":\"4005E\",\"correlationId\":\"c-1\"}\n";
    let ended = hivelog(["tail"])
        .stdin(event("e-1") + &log.repeat(1000))
        .run();
    let ended = ended.exits(0);
    assert_eq!(
        ended.errors().trim_end(),
        "skipped 1000 event logs: 'hivelog journey' shows and 'hivelog stats' counts them"
    );
    let others = event("e-1") + &"{\"a\":1}\n".repeat(30);
    let ended = hivelog(["tail"]).stdin(others).run().exits(0);
    assert_eq!(
        ended.errors().trim_end(),
        "skipped 30 other records: neither event logs nor sys events; 'hivelog validate' says \
         what is wrong with them; is the envelope nested? (--envelope)"
    );
    let ended = hivelog(["tail"]).stdin(log).run().exits(3);
    assert!(
        ended.errors().contains("hivelog journey"),
        "{}",
        ended.transcript()
    );
}

#[test]
fn broken_lines_are_reported_up_to_a_number_and_then_counted() {
    let input = event("e-1") + &"{broken\n".repeat(25);
    let ended = hivelog(["tail"]).stdin(input).run().exits(0);
    let errors = ended.errors();
    assert_eq!(errors.matches("not JSON").count(), 10, "{errors}");
    assert!(
        errors.ends_with("15 more broken records: 'hivelog validate' shows each\n"),
        "{errors}"
    );
}

#[test]
fn what_only_the_pages_of_a_server_have_is_rejected() {
    let place = Place::new();
    place.file("page.json", "{\"items\":[{\"type\":\"auth.ok\"}]}");
    for line in [
        "tail --page-items /items page.json",
        "tail --page-items /items -f page.json",
        "tail --cursor-param c page.json",
        "tail --listen :0 --page-items /items",
    ] {
        let ended = place.hivelog(line.split(' ')).run().exits(2);
        let _ = ended.warns("to the pages of a server").warns("--envelope");
    }
    let line = ["tail", "--envelope", "/items", "page.json"];
    let ended = place.hivelog(line).run().exits(0);
    assert_eq!(ended.text(), "{\"type\":\"auth.ok\"}\n");
}

#[test]
fn names_are_known_although_only_the_last_events_are_shown() {
    let input = [
        r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.event.ok","data":{"trigger_id":"6f03675a-0000-4000-8000-000000000000","trigger_name":"Stock levels","flow_name":"Stock sync","flow_id":"f1"}}"#,
        r#"{"ts":"2024-05-03T05:30:00Z","type":"trigger.event.failed","data":{"trigger_id":"6f03675a-0000-4000-8000-000000000000","flow_id":"f1","error":"node 7"}}"#,
    ];
    let line = ["tail", "-n", "1", "-o", "human"];
    let text = hivelog(line).stdin(input.join("\n")).run().exits(0).text();
    assert_eq!(
        text,
        "── 2024-05-03 +00:00 ──\n05:30:00.000  E trigger.event.failed       Stock levels → Stock sync  node 7\n"
    );
    let line = [
        "tail",
        "-o",
        "human",
        "--fields",
        "type,error",
        "-t",
        "@bad",
    ];
    let text = hivelog(line).stdin(input.join("\n")).run().exits(0).text();
    assert!(
        text.ends_with("05:30:00.000  E trigger.event.failed  error=node 7\n"),
        "{text}"
    );
}

#[test]
fn a_time_that_clocks_show_twice_is_the_first_one() {
    let at = |time: &str| format!(r#"{{"ts":"{time}","type":"auth.ok"}}"#) + "\n";
    for (zone, typed, first, second) in [
        (
            "NZST-12NZDT,M9.5.0,M4.1.0/3",
            "2026-04-05 02:30",
            "2026-04-04T13:30:00Z",
            "2026-04-04T14:30:00Z",
        ),
        (
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "2026-10-25 02:30",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z",
        ),
    ] {
        let input = at("2026-01-01T00:00:00Z") + &at(first) + &at(second);
        let run = hivelog(["tail", "--timezone", "local", "--since", typed]);
        let ended = run.env("TZ", zone).stdin(input).run().exits(0);
        assert_eq!(ended.text(), at(first) + &at(second), "{zone}");
    }
}

#[test]
fn lines_for_people_stay_within_the_columns_that_are_asked_for() {
    let failed = serde_json::json!({"ts": "2024-05-03T05:30:00Z", "type": "trigger.event.failed",
        "data": {"trigger_name": "Stock levels of all shops", "flow_name": "Stock sync",
            "error": format!("node 4 {}", "在庫の更新に失敗しました。".repeat(8))}});
    for columns in ["60", "80"] {
        for format in ["human", "table"] {
            let run = hivelog(["tail", "-o", format]).stdin(failed.to_string());
            let text = run.env("COLUMNS", columns).run().exits(0).text();
            let most = columns.parse().expect("a number");
            let width = |line: &str| {
                let wide = |c: &char| ('\u{3000}'..'\u{a000}').contains(c);
                line.chars().count() + line.chars().filter(wide).count()
            };
            assert!(text.lines().all(|line| width(line) <= most), "{text}");
        }
    }
    // Nobody has asked: what is searched for is whole.
    let place = Place::new();
    place.file("events", failed.to_string());
    let mut piped = place
        .hivelog(["tail", "-o", "human", "events"])
        .into_command();
    let piped = piped.env_remove("COLUMNS").output().expect("an end").stdout;
    let text = String::from_utf8_lossy(&piped);
    assert!(
        text.contains(&"在庫の更新に失敗しました。".repeat(8)),
        "{text}"
    );
}

#[test]
fn a_name_stands_for_its_id_in_events_that_have_no_name() {
    let event = |second: u32, kind: &str, named: &str| {
        format!(
            r#"{{"id":"{second}","ts":"2024-05-03T05:30:{second:02}Z","type":"trigger.schedule.{kind}","data":{{"flow_id":"f1",{named}}}}}"#
        ) + "\n"
    };
    let failed = event(1, "failed", r#""trigger_id":"t1""#);
    let named = event(
        2,
        "ok",
        r#""schedule_id":"t1","schedule_name":"Nightly","flow_name":"Orders""#,
    );
    let other = event(3, "failed", r#""trigger_id":"t2""#).replace("f1", "f2");
    let disabled = event(4, "disabled", r#""trigger_id":"t1""#);
    let all = failed.clone() + &named + &other + &disabled;
    let wanted = failed.clone() + &named + &disabled;
    let place = Place::new();
    place.file("events", &all);
    for filter in [["--trigger", "nightly"], ["--flow", "ORDERS"]] {
        // Wherever in a file the name stands beside the id; of a pipe, from there on.
        let line = [&["tail"], &filter[..], &["events"]].concat();
        assert_eq!(place.hivelog(line).run().exits(0).text(), wanted);
        let line = [&["tail"], &filter[..]].concat();
        let piped = place.hivelog(&line).stdin(all.clone()).run().exits(0);
        assert_eq!(piped.text(), named.clone() + &disabled);
        let line = [
            &["tail", "-f", "events", "--until", "*.disabled"],
            &filter[..],
        ]
        .concat();
        let followed = place.hivelog(&line).run().exits(0);
        assert_eq!(followed.text(), named.clone() + &disabled);
        let line = [&["stats", "--by", "type", "-o", "ndjson"], &filter[..]].concat();
        let counted = place.hivelog([&line[..], &["events"]].concat()).run();
        assert_eq!(counted.exits(0).ndjson().len(), 3);
        let piped = place.hivelog(line).stdin(all.clone()).run().exits(0);
        assert_eq!(piped.warns("can be read only once").ndjson().len(), 1);
    }
    // Of what is asked for by its id, nothing is missed.
    let line = ["stats", "--by", "type", "--trigger", "t1"];
    let piped = place.hivelog(line).stdin(all).run().exits(0);
    assert_eq!(piped.errors(), "");
    // Nobody else has the id.
    let line = ["tail", "--trigger", "t2", "events"];
    assert_eq!(place.hivelog(line).run().exits(0).text(), other);
}
