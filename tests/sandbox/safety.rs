//! What keeps a sandbox from doing harm: keys of real servers, other machines, limits.

use super::{GOOD, HEADERS, connect, exchange, line, listen, put, request, start};
use crate::support::{Place, Running};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const REAL: &str = "9XnZr4JmPWTVHuyFBheg";

#[test]
fn a_key_of_a_real_server_is_refused_and_not_kept() {
    let sandbox = start(|options| options.real_keys = vec![REAL.to_owned()]);
    let anywhere = HEADERS.replace("X-Shopify-Connector-Key: ", "X-Any: Bearer ");
    let struck = format!("{HEADERS}X-Sandbox-Faults: 503\r\n");
    for headers in [HEADERS, &anywhere, &struck] {
        let (status, problem) = put(&sandbox, headers, GOOD);
        assert_eq!((status, &problem["typeCode"]), (403, &"FORBIDDEN".into()));
    }
    let kept = format!("{:?}", sandbox.ledger());
    assert!(!kept.contains(REAL) && !kept.contains("5004N"), "{kept}");
    assert_eq!(put(&sandbox, &HEADERS.replace("9Xn", "9Xm"), GOOD).0, 200);
}

/// Sends an event log with a key to a sandbox that says its address as JSON.
fn status_with(running: &Running, key: &str) -> String {
    let reported: serde_json::Value = serde_json::from_str(&running.stdout.next()).expect("JSON");
    let url = reported["url"].as_str().expect("a url");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    let headers = HEADERS.replace(REAL, key);
    stream
        .write_all(&request("PUT /data-service/v1/eventLog", &headers, GOOD))
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_profile_s_key_is_known_and_refused_and_no_command_is_run_for_it() {
    let place = Place::new();
    let key = place.file("key", format!("{REAL}\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("ours");
    }
    place.file(
        ".config/hivelog/config.toml",
        format!(
            "[profile.live.synchive]\nkey_file = {key:?}\n[profile.other.synchive]\nkey_command = [\"touch\", \"ran\"]\n"
        ),
    );
    let running = place
        .hivelog(["sandbox", "-o", "json", "--rate", "0"])
        .start();
    assert_eq!(status_with(&running, REAL), "403");
    running.signal("INT");
    let _ = running.end().exits(130).warns("accepted 0, refused 1");
    assert!(!place.path("ran").exists(), "a key_command was run");
}

#[test]
fn the_key_of_the_environment_is_refused_unless_a_sandbox_gave_it() {
    for (known, status) in [(REAL, "403"), ("sandbox-key", "200")] {
        let place = Place::new();
        let running = place
            .hivelog(["sandbox", "-o", "json", "--rate", "0"])
            .env("HIVELOG_KEY", known)
            .start();
        assert_eq!(status_with(&running, known), status);
        running.signal("INT");
        let _ = running.end().exits(130);
    }
}

#[test]
fn listening_beyond_this_machine_is_said_aloud() {
    const WARNING: &str = "other machines can reach the sandbox";
    let place = Place::new();
    for more in [&["-q"][..], &["-o", "json"], &[]] {
        let running = place
            .hivelog(["sandbox", "--expose"].iter().chain(more))
            .start();
        running.stderr.until(WARNING);
        running.signal("INT");
        let _ = running.end().exits(130);
    }
    let run = |more: &[&str]| {
        let arguments = ["sandbox", "run", "--allow-empty"].iter();
        place
            .hivelog(arguments.chain(more).chain(&["--", "true"]))
            .run()
            .exits(0)
    };
    let _ = run(&["--expose"]).warns(WARNING);
    assert!(!run(&[]).errors().contains(WARNING));
    assert!(!run(&["--expose=127.0.0.1"]).errors().contains(WARNING));
}

#[test]
fn requests_beyond_their_limits_are_refused() {
    let sandbox = start(|options| options.max_body = 4096);
    let large = format!("{{\"detail\":\"{}\"}}", "x".repeat(5000));
    assert_eq!(put(&sandbox, HEADERS, &large).0, 413);
    let events = request("POST /_sandbox/events", "", &large);
    assert_eq!(exchange(&sandbox, &events).0, 413);
    let login = format!("{{\"username\":\"{}\"}}", "x".repeat(17_000));
    let login = request("POST /api/v1/auth/login", "", &login);
    assert_eq!(exchange(&sandbox, &login).0, 413);

    let mut stream = connect(&sandbox);
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    // It may hang up before all of it is written.
    let _ = stream.write_all(&vec![b'x'; 2 << 20]);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 431 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    assert_eq!(put(&sandbox, HEADERS, GOOD).0, 200);
}

#[test]
fn the_ledger_forgets_its_oldest_entries_and_counts_on() {
    let sandbox = start(|options| options.max_ledger = 64 * 1024);
    for number in 0..60 {
        let detail = format!("\"customData\":\"{number} {}\",\"mode\"", "x".repeat(4000));
        let body = GOOD
            .replace("14cac731", &format!("14cac7{number:02}"))
            .replace("\"mode\"", &detail);
        assert_eq!(put(&sandbox, HEADERS, &body).0, 200);
    }
    let ledger = sandbox.ledger();
    let bytes: usize = ledger.iter().map(|entry| entry.body.len()).sum();
    assert!(!ledger.is_empty() && bytes <= 64 * 1024, "{bytes}");
    assert_eq!(ledger.last().expect("the youngest").number, 60);
    assert_eq!(sandbox.tally().accepted, 60);

    let long = format!("GET /data-service/v1/eventLog?{}", "x".repeat(4000));
    for _ in 0..60 {
        assert_eq!(exchange(&sandbox, &request(&long, HEADERS, "")).0, 405);
    }
    let paths: usize = sandbox.ledger().iter().map(|entry| entry.path.len()).sum();
    assert!(paths <= 64 * 1024, "{paths}");
}

#[test]
fn there_is_room_for_so_many_listeners_tokens_and_connections() {
    let sandbox = start(|_| {});
    let listeners: Vec<_> = (0..64).map(|_| listen(&sandbox, "").1).collect();
    let (head, _) = listen(&sandbox, "");
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    drop(listeners);

    let sandbox = start(|options| options.require_login = true);
    let body = r#"{"username":"a","password":"b"}"#;
    let login = request("POST /api/v1/auth/login", "", body);
    let token = || {
        let answer = exchange(&sandbox, &login).2;
        let granted: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let token = granted["token"].as_str().expect("a token");
        format!("Authorization: Bearer {token}\r\n")
    };
    let first = token();
    let second = token();
    for _ in 0..1023 {
        let _ = token();
    }
    let renewed = |token: &str| exchange(&sandbox, &request("POST /api/v1/auth/renew", token, ""));
    assert_eq!(renewed(&first).0, 401, "the oldest token is forgotten");
    assert_eq!(renewed(&second).0, 200);

    let sandbox = start(|options| options.max_connections = 1);
    let (_, mut sitting) = listen(&sandbox, "");
    assert_eq!(line(&mut sitting), "retry: 1000\n");
    let mut waiting = connect(&sandbox);
    let asked = request("PUT /data-service/v1/eventLog", HEADERS, GOOD);
    waiting.write_all(&asked).expect("the system takes it");
    let mut answer = String::new();
    let short = Some(Duration::from_millis(30));
    waiting.set_read_timeout(short).expect("a socket");
    assert!(waiting.read_to_string(&mut answer).is_err() && answer.is_empty());
    drop(sitting);
    let long = Some(crate::support::PATIENCE);
    waiting.set_read_timeout(long).expect("a socket");
    waiting.read_to_string(&mut answer).expect("its turn comes");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn no_address_of_the_sandbox_answers_under_a_name_of_another_site() {
    let sandbox = start(|_| {});
    for (line, headers, body) in [
        ("PUT /data-service/v1/eventLog", HEADERS, GOOD),
        ("GET /api/v1/events/stream", "", ""),
        ("POST /api/v1/auth/login", "", "{}"),
        ("GET /_sandbox/logs", "", ""),
        ("GET /nowhere", "", ""),
    ] {
        let own = String::from_utf8(request(line, headers, body)).expect("text");
        let name = own.replace("Host: localhost", "Host: evil.example");
        let site = own.replace("Host: ", "Sec-Fetch-Site: cross-site\r\nHost: ");
        for foreign in [name, site] {
            assert_eq!(exchange(&sandbox, foreign.as_bytes()).0, 403, "{foreign}");
        }
    }
    assert!(sandbox.ledger().is_empty());
    assert_eq!(put(&sandbox, HEADERS, GOOD).0, 200);
}

#[test]
fn an_order_of_many_events_holds_nobody_up() {
    let sandbox = start(|options| options.max_body = 4 << 20);
    let order = vec![r#"{"type":"license.valid"}"#; 30_000].join(",");
    let mut many = connect(&sandbox);
    let bytes = request("POST /_sandbox/events", "", &format!("[{order}]"));
    many.write_all(&bytes).expect("it reads");
    let (status, _, _) = exchange(&sandbox, &request("GET /_sandbox/journeys", "", ""));
    assert_eq!(status, 200);
    many.set_nonblocking(true).expect("a socket");
    let early = many.read(&mut [0; 1]);
    assert!(early.is_err(), "the events were all made before: {early:?}");
}
