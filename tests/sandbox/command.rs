//! The command: where it says it is, how it stops, and events to order.

use super::{GOOD, HEADERS, event, listen, request, start};
use crate::support::{Place, hivelog};
use std::io::{Read, Write};
use std::net::TcpStream;

#[test]
fn the_command_says_where_it_is_keeps_a_record_and_stops_on_a_signal() {
    let place = Place::new();
    let record = place.path("record.ndjson");
    let running = place
        .hivelog([
            "sandbox",
            "-o",
            "json",
            "--rate",
            "0",
            "--record",
            "record.ndjson",
        ])
        .start();
    let reported: serde_json::Value = serde_json::from_str(&running.stdout.next()).expect("JSON");
    let url = reported["url"].as_str().expect("a url");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    stream
        .write_all(&request("PUT /data-service/v1/eventLog", HEADERS, GOOD))
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    running.signal("TERM");
    let ended = running.end().exits(143).warns("accepted 1, refused 0");
    assert_eq!(
        ended.text(),
        "",
        "nothing but the address on standard output"
    );
    let line = std::fs::read_to_string(&record).expect("a record");
    let line: serde_json::Value = serde_json::from_str(&line).expect("one line of JSON");
    assert_eq!(line["body"], GOOD);
    assert_eq!(line["headers"]["x-shopify-connector-key"], "***");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&record)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_cannot_be_served_is_said_at_once() {
    let sandbox = start(|_| {});
    let port = sandbox.address().port().to_string();
    let _ = hivelog(["sandbox", "--port", &port])
        .run()
        .exits(2)
        .warns("is in use");
    let _ = hivelog(["sandbox", "--record", "no/such/folder"])
        .run()
        .exits(3)
        .warns("no/such/folder");
    let _ = hivelog(["sandbox", "--rate", "fast"])
        .run()
        .exits(2)
        .warns("5/s");
}

#[test]
fn people_get_its_address_on_lines_of_their_own() {
    let running = hivelog(["sandbox"]).start();
    let first = running.stderr.next();
    assert!(first.starts_with("sandbox at http://127.0.0.1:"), "{first}");
    assert!(
        running
            .stderr
            .until("PUT")
            .contains("/data-service/v1/eventLog")
    );
    running.stderr.until("Ctrl-C");
    let address = first.split('/').nth(2).expect("an address").to_owned();
    let send = |body: &str| {
        let mut stream = TcpStream::connect(&address).expect("it listens");
        let bytes = request("PUT /data-service/v1/eventLog", HEADERS, body);
        stream.write_all(&bytes).expect("it reads");
        stream.read_to_end(&mut Vec::new()).expect("it answers");
    };
    send(GOOD);
    assert_eq!(running.stderr.next(), "PUT 200 5004N 14cac731…\n");
    send(
        &GOOD
            .replace("ShapeName", "shapeNam")
            .replace("\"INBOUND\"", "\"OUTBOUND\""),
    );
    let line = running.stderr.next();
    assert!(line.starts_with("PUT 400 5004N 14cac731… "), "{line}");
    assert!(line.contains("outbound-needs-iri"), "{line}");
    running.signal("INT");
    assert_eq!(running.end().exits(130).text(), "");
}

#[test]
fn events_are_fired_and_played_into_a_running_sandbox() {
    let place = Place::new();
    let sandbox = start(|_| {});
    let url = sandbox.url();
    let fired = place
        .hivelog([
            "sandbox",
            "fire",
            "trigger.schedule.failed",
            "--set",
            "error=flow validation failed: x",
            "--then",
            "trigger.schedule.disabled",
            "-o",
            "json",
        ])
        .env("HIVELOG_SERVER_URL", &url)
        .run()
        .exits(0);
    let ids: Vec<_> = fired
        .ndjson()
        .iter()
        .map(|event| event["id"].clone())
        .collect();
    let (_, mut reader) = listen(&sandbox, "");
    let (failed, disabled) = (event(&mut reader).1, event(&mut reader).1);
    assert_eq!([&failed["id"], &disabled["id"]], [&ids[0], &ids[1]]);
    assert_eq!(disabled["data"]["reason"], "flow validation failed: x");

    place.file(
        "scene.ndjson",
        "{\"ts\":\"2024-05-03T00:00:00Z\",\"type\":\"server.shutdown\",\"data\":{\"reason\":\"SIGINT\"}}\n{\"ts\":\"2024-05-03T01:00:00Z\",\"type\":\"server.ready\"}\n",
    );
    let _ = place
        .hivelog([
            "sandbox",
            "play",
            "scene.ndjson",
            "--speed",
            "1000000x",
            "--server",
            &url,
        ])
        .run()
        .exits(0)
        .says("server.ready");
    assert_eq!(event(&mut reader).1["data"]["reason"], "SIGINT");
    assert_eq!(event(&mut reader).1["type"], "server.ready");

    let _ = place
        .hivelog(["sandbox", "fire", "server.redy", "--server", &url])
        .run()
        .exits(2)
        .warns("did you mean server.ready");
    let _ = place
        .hivelog(["sandbox", "fire", "server.ready"])
        .run()
        .exits(2)
        .warns("--server");
    drop(sandbox);
    let _ = place
        .hivelog(["sandbox", "fire", "server.ready", "--server", &url])
        .run()
        .exits(6);
}

#[test]
fn the_example_scenario_is_played_to_its_end() {
    let sandbox = start(|_| {});
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/outage.ndjson");
    let url = sandbox.url();
    let played = hivelog([
        "sandbox", "play", scenario, "--speed", "1000000x", "--server", &url,
    ]);
    let played = played.run().exits(0);
    assert_eq!(played.text().lines().count(), 7);
}

#[test]
fn a_scenario_says_once_which_of_its_records_are_no_events() {
    let sandbox = start(|_| {});
    let place = Place::new();
    let mixed = place.file(
        "mixed.ndjson",
        "{\"eventCode\":\"2000N\",\"correlationId\":\"a\"}\n{\"type\":\"auth.ok\"}\n{\"x\":1}\n\
         {\"eventCode\":\"5001N\",\"correlationId\":\"a\"}\n",
    );
    let mixed = mixed.to_str().expect("text");
    let played = place.hivelog(["sandbox", "play", mixed, "--server", &sandbox.url()]);
    let played = played.run().exits(0);
    assert_eq!(played.text().lines().count(), 1);
    let played = played.warns("skipped 2 event logs: 'hivelog journey'");
    let _ = played.warns("skipped 1 other record");
}
