//! Foreign servers, clients and readers, as people install them: Python's `websockets`, aiohttp,
//! sse-starlette and cloudevents, npm's `ws` and cloudevents, syslog-ng.

use crate::support::{PATIENCE, Place, Running, data, hivelog, skip};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;

/// A script of ours that uses a foreign package, or nothing where that is not installed.
fn script(name: &str) -> Option<Command> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let is_python = Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "py");
    let mut command = if is_python {
        Command::new(target.join("peers/bin/python"))
    } else {
        let mut node = Command::new("node");
        if std::env::var_os("NODE_PATH").is_none() {
            node.env("NODE_PATH", target.join("npm/node_modules"));
        }
        node
    };
    let script = data("peers").join(name);
    let tried = command.arg(&script).arg("try").output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        skip(&format!(
            "the packages of {name} are not installed (see .ci/run)"
        ));
        return None;
    }
    let mut fresh = Command::new(command.get_program());
    for (name, value) in command.get_envs() {
        fresh.env(name, value.unwrap_or_default());
    }
    fresh.arg(script);
    Some(fresh)
}

/// A foreign server: it says the port that it listens on.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(name: &str) -> Option<Server> {
        let mut child = script(name)?.stdout(Stdio::piped()).spawn().ok()?;
        let stdout = child.stdout.take().expect("a pipe");
        let (sender, first) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = sender.send(line);
        });
        let line = first.recv_timeout(PATIENCE).expect("it starts");
        Some(Server {
            child,
            port: line.trim().parse().expect("a port"),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The ids that were shown, without hivelog's own records.
fn ids(events: &[serde_json::Value]) -> Vec<&str> {
    let own = events.iter().filter(|event| event["kind"] == "hivelog");
    let foreign = events.iter().filter(|event| event["kind"] != "hivelog");
    assert!(own.count() < events.len());
    foreign.filter_map(|event| event["id"].as_str()).collect()
}

#[test]
fn sse_starlette_ends_its_streams_and_nothing_is_lost() {
    let Some(server) = Server::start("sse_stream.py") else {
        return;
    };
    let url = format!("http://127.0.0.1:{}", server.port);
    let line = [
        "tail",
        "--server",
        &url,
        "--events-path",
        "/events",
        "--type-from",
        "sse-event",
        "--until",
        "order.created id=e-9",
    ];
    let ended = hivelog(line).run().exits(0);
    let events = ended.ndjson();
    let wanted: Vec<_> = (1..=9).map(|id| format!("e-{id}")).collect();
    assert_eq!(ids(&events), wanted, "{}", ended.transcript());
    assert_eq!(events[0]["type"], "order.created");
    assert_eq!(events[0]["text"], "ünï\n");
    let gaps = events.iter().filter(|event| event["type"] == "hivelog.gap");
    assert!(gaps.clone().count() == 2 && gaps.clone().all(|gap| gap["recovered"] == true));
}

#[test]
fn aiohttp_speaks_prefects_protocol_and_is_answered_its_heartbeats() {
    let Some(server) = Server::start("aiohttp_prefect.py") else {
        return;
    };
    let place = Place::new();
    let url = format!("ws://127.0.0.1:{}", server.port);
    let line = [
        "tail",
        "--server",
        &url,
        "--events-path",
        "/api/events/out",
        "--subprotocol",
        "prefect",
        "--hello",
        r#"{"type":"auth","token":"{token}"}"#,
        "--hello",
        r#"{"type":"filter","filter":{}}"#,
        "--envelope",
        "/event",
        "--type-from",
        "/event",
        "--no-follow",
        "--meta",
    ];
    let run = place.hivelog(line).env("HIVELOG_SERVER_TOKEN", "canary");
    let ended = run.run().exits(0);
    let events = ended.ndjson();
    let shown = events.iter().filter(|event| event["kind"] != "hivelog");
    let shown: Vec<_> = shown.map(|event| (&event["type"], &event["id"])).collect();
    let wanted = ["e-1", "e-2", "e-3"].map(|id| ("prefect.flow-run.Completed", id));
    assert_eq!(
        shown,
        wanted
            .map(|(a, b)| (a.into(), b.into()))
            .each_ref()
            .map(|(a, b)| (a, b)),
        "{}",
        ended.transcript()
    );
    assert!(
        ended.text().contains("code 1008: token expired"),
        "{}",
        ended.transcript()
    );
}

#[test]
fn python_and_npm_send_over_websocket_as_they_like() {
    for name in ["websockets_server.py", "ws_server.cjs"] {
        let Some(server) = Server::start(name) else {
            continue;
        };
        let url = format!("ws://127.0.0.1:{}", server.port);
        let line = ["tail", "--server", &url, "--no-follow", "--meta"];
        let ended = hivelog(line).run().exits(0);
        let events = ended.ndjson();
        let foreign = events.iter().filter(|event| event["kind"] != "hivelog");
        let shown: Vec<_> = foreign.filter_map(|event| event["id"].as_str()).collect();
        assert_eq!(
            shown,
            ["e-1", "e-2", "e-3", "e-4"],
            "{name}: {}",
            ended.transcript()
        );
        let reported = "code 4001: maintenance";
        assert!(
            ended.text().contains(reported),
            "{name}: {}",
            ended.transcript()
        );
    }
}

/// The address of a listener that has just started.
fn address(running: &Running) -> String {
    let reported = running.stderr.until("listening on http://");
    let (_, address) = reported
        .trim()
        .split_once("listening on ")
        .expect("an address");
    address.to_owned()
}

#[test]
fn cloudevents_of_both_sdks_are_accepted_in_each_mode() {
    for name in ["cloudevents_sdk.py", "cloudevents_sdk.cjs"] {
        let Some(mut sdk) = script(name) else {
            continue;
        };
        let running = hivelog(["tail", "--listen", ":0", "--count", "2"]).start();
        let sent = sdk.args(["send", &address(&running)]).output();
        let sent = sent.expect("it runs");
        assert!(sent.status.success(), "{name}: {sent:?}");
        for (event, id) in running.wait().exits(0).ndjson().iter().zip(1..) {
            assert_eq!(event["id"], format!("e-{id}"), "{name}");
            let source = event["source"].as_str().unwrap_or_default();
            assert!(["/Zoë", "/shop"].contains(&source), "{name}: {source}");
            assert_eq!(event["type"], "order.created", "{name}");
            assert_eq!(event["data"]["n"], id, "{name}");
        }
    }
}

#[test]
fn both_sdks_read_what_is_written_as_cloudevents() {
    let input = concat!(
        r#"{"id":"1","ts":"2024-02-25T11:58:12.336598Z","kind":"sys","type":"auth.ok","data":{"n":1}}"#,
        "\n",
        r#"{"ts":"2024-05-03 17:30:00.895 +1200","type":"trigger.schedule.ok","src":"Nightly orders","data":"text"}"#,
        "\n",
        r#"{"id":"a b","ts":"nonsense","type":"ü.y","data":null}"#,
        "\n"
    );
    for (name, nothing) in [
        ("cloudevents_sdk.py", "null"),
        ("cloudevents_sdk.cjs", "null"),
    ] {
        let Some(mut sdk) = script(name) else {
            continue;
        };
        let line = ["tail", "-o", "cloudevents", "--source", "urn:x"];
        let ended = hivelog(line).stdin(input).run().exits(0);
        let mut reader = sdk
            .arg("read")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut pipe = reader.stdin.take().expect("a pipe");
        pipe.write_all(&ended.stdout).expect("it reads");
        drop(pipe);
        let read = reader.wait_with_output().expect("it ends");
        let read = String::from_utf8(read.stdout).expect("text");
        let rows: Vec<serde_json::Value> = read
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(rows.len(), 3, "{name}: {read}");
        assert_eq!(
            rows[0],
            serde_json::json!(["1", "urn:x", "auth.ok", {"n": 1}]),
            "{name}"
        );
        assert_eq!(rows[1][3], "text", "{name}");
        assert_eq!(rows[2][0], "a b", "{name}");
        assert_eq!(rows[2][3].to_string(), nothing, "{name}");
    }
}

#[test]
fn syslog_ng_posts_its_messages_as_lines() {
    let is_there = Path::new("/usr/sbin/syslog-ng").exists()
        && std::fs::read_dir("/usr/lib/syslog-ng").is_ok_and(|versions| {
            let module = |version: PathBuf| version.join("libhttp.so").exists();
            versions.flatten().any(|version| module(version.path()))
        });
    if !is_there {
        return skip("there is no syslog-ng with HTTP (syslog-ng-core, syslog-ng-mod-http)");
    }
    let place = Place::new();
    let line = [
        "tail",
        "--listen",
        ":0",
        "--type-from",
        "/PROGRAM",
        "--count",
        "3",
    ];
    let running = hivelog(line).start();
    let input = place.file("in.log", "one\ntwo\nthree \"ünï\"\n");
    let configuration = format!(
        "@version: 3.35
        source s {{ file(\"{}\" flags(no-parse) program-override(\"nightly\")); }};
        destination d {{
            http(url(\"{}/\") method(\"POST\") headers(\"Content-Type: application/x-ndjson\")
                 body(\"$(format-json --scope rfc5424)\") delimiter(\"\\n\") batch-lines(10) batch-timeout(100));
        }};
        log {{ source(s); destination(d); }};",
        input.display(),
        address(&running)
    );
    let configuration = place.file("syslog-ng.conf", configuration);
    let mut syslog = Command::new("/usr/sbin/syslog-ng")
        .arg("--foreground")
        .arg("--cfgfile")
        .arg(&configuration)
        .arg("--persist-file")
        .arg(place.path("persist"))
        .arg("--control")
        .arg(place.path("control"))
        .arg("--pidfile")
        .arg(place.path("pid"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let ended = running.wait();
    let _ = syslog.kill();
    let _ = syslog.wait();
    let ended = ended.exits(0);
    let events = ended.ndjson();
    let shown: Vec<_> = events
        .iter()
        .map(|event| event["MESSAGE"].as_str())
        .collect();
    assert_eq!(shown, [Some("one"), Some("two"), Some("three \"ünï\"")]);
    assert!(events.iter().all(|event| event["type"] == "nightly"));
}
