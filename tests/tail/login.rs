//! Logins, and tokens that are refused.

use super::{event, hold, ids, sse};
use crate::support::server::{Server, answer};
use crate::support::{Place, Running, hivelog};
use std::io::Write;

#[test]
fn a_login_gives_the_token_and_a_refused_token_asks_for_another() {
    let server = Server::scripted(|number, request, stream| {
        let _ = match number {
            0 | 2 => stream.write_all(&answer("200 OK", "", r#"{"token":"canary-1"}"#)),
            1 => stream.write_all(&answer("401 Unauthorized", "", "")),
            _ => {
                assert_eq!(request.header("authorization"), Some("Bearer canary-1"));
                sse(
                    stream,
                    format!("data: {}\n\n", event(1, "auth.ok")).as_bytes(),
                );
                hold(stream);
                Ok(())
            }
        };
    });
    let url = server.url();
    let line = [
        "tail",
        "--server",
        &url,
        "--username",
        "operator",
        "--count",
        "1",
        "-v",
    ];
    let ended = hivelog(line)
        .env("HIVELOG_SERVER_PASSWORD", "canary-2")
        .run()
        .exits(0);
    let said = ended.text() + &ended.errors();
    assert!(!said.contains("canary"), "{said}");
    let requests = server.requests();
    assert!(requests[0].head.starts_with("POST /api/v1/auth/login"));
    let body: serde_json::Value = serde_json::from_slice(&requests[0].body).expect("JSON");
    assert_eq!(
        body,
        serde_json::json!({"username": "operator", "password": "canary-2"})
    );
    hivelog(line)
        .run()
        .exits(2)
        .warns("HIVELOG_SERVER_PASSWORD");
}

/// A server whose first stream is cut inside the fourth event, because its token has expired:
/// that token is refused from then on, and so are this many logins after it.
fn expiring(refused_logins: usize) -> Server {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    Server::scripted(move |_, request, stream| {
        if request.head.starts_with("POST") {
            let login = logins.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let answer = if (1..=refused_logins).contains(&login) {
                answer("401 Unauthorized", "", "")
            } else {
                let token = format!(r#"{{"token":"canary-{login}"}}"#);
                answer("200 OK", "", &token)
            };
            let _ = stream.write_all(&answer);
            return;
        }
        let framed = |id: u32| format!("id: {id}\ndata: {}\n\n", event(id, "auth.ok"));
        let resumed = request.header("last-event-id");
        match (request.header("authorization"), resumed) {
            (Some("Bearer canary-0"), None) => {
                let body: String = (1..=4).map(framed).collect();
                sse(stream, &body.as_bytes()[..body.len() - 9]);
            }
            (Some("Bearer canary-0"), _) => {
                let _ = stream.write_all(&answer("401 Unauthorized", "", ""));
            }
            _ => {
                // The last event comes once more: a server may repeat what it is not sure of.
                let from = resumed.map_or(1, |last| last.parse().expect("our own id"));
                let body: String = (from..=6).map(framed).collect();
                sse(stream, body.as_bytes());
                hold(stream);
            }
        }
    })
}

fn expire(server: &Server) -> Running {
    let url = server.url();
    let line = [
        "tail",
        "--server",
        &url,
        "--username",
        "operator",
        "--count",
    ];
    hivelog(line.into_iter().chain(["6", "-v"]))
        .env("HIVELOG_SERVER_PASSWORD", "canary-password")
        .start()
}

fn logins(server: &Server) -> usize {
    let requests = server.requests();
    let logins = requests.iter().filter(|one| one.head.starts_with("POST"));
    logins.count()
}

#[test]
fn a_token_that_expires_in_mid_stream_costs_a_login_and_no_event() {
    let server = expiring(0);
    let ended = expire(&server).wait().exits(0);
    let wanted = ["e-1", "e-2", "e-3", "e-4", "e-5", "e-6"];
    assert_eq!(ids(&ended.text()), wanted, "{}", ended.transcript());
    let gap = ended.ndjson().into_iter();
    let gaps: Vec<_> = gap.filter(|event| event["type"] == "hivelog.gap").collect();
    assert_eq!(gaps.len(), 1, "{}", ended.transcript());
    assert_eq!(gaps[0]["recovered"], true);
    assert!(!(ended.text() + &ended.errors()).contains("canary"));
    assert_eq!(logins(&server), 2, "{}", ended.transcript());
    let requests = server.requests();
    let last = requests.last().expect("requests");
    assert_eq!(last.header("last-event-id"), Some("3"));
    assert_eq!(last.header("authorization"), Some("Bearer canary-1"));
}

#[test]
fn a_refused_password_is_left_alone_for_a_while() {
    // It worked before: the next login comes after a pause, and the user may stop the run.
    let server = expiring(usize::MAX);
    let running = expire(&server);
    // The token is refused first, which asks for a login, and then that.
    running.stderr.until("the next login is in");
    let reported = running.stderr.until("the next login is in");
    assert!(reported.contains("401"), "{reported}");
    running.signal("TERM");
    let ended = running.wait().exits(143);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2", "e-3"]);
    assert!(!(ended.text() + &ended.errors()).contains("canary"));
    assert_eq!(logins(&server), 2, "{}", ended.transcript());
    // It never worked: one login is enough to know.
    let server = Server::answering(|_, _| answer("401 Unauthorized", "", ""));
    expire(&server).wait().exits(4).warns("401");
    assert_eq!(logins(&server), 1);
}

#[test]
fn credentials_and_further_headers_come_from_where_secrets_are_kept() {
    let server = Server::scripted(|_, _, stream| {
        sse(
            stream,
            format!("data: {}\n\n", event(1, "auth.ok")).as_bytes(),
        );
        hold(stream);
    });
    let place = Place::new();
    let key = place.file("key", "canary-3\n");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(key, private).expect("it is ours");
    let profile = |more: &str| {
        format!(
            "default_profile = \"a\"\n[profile.a.server]\nurl = \"{}\"\n{more}",
            server.url()
        )
    };
    let headers = "headers = { \"X-Tenant\" = \"acme\" }\nheaders_file = { \"X-Api-Key\" = \"key\" }\nheaders_command = { \"X-Other\" = [\"printf\", \"canary-4\"] }\n";
    place.file("c.toml", profile(headers));
    let line = ["tail", "--config", "c.toml", "--count", "1"];
    let ended = place.hivelog(line).run().exits(0);
    let request = server.requests().pop().expect("a request");
    for (name, value) in [
        ("x-tenant", "acme"),
        ("x-api-key", "canary-3"),
        ("x-other", "canary-4"),
    ] {
        assert_eq!(request.header(name), Some(value), "{}", ended.transcript());
    }
    place.file("c.toml", profile("auth = \"basic\"\nusername = \"u\"\n"));
    let run = place.hivelog(line).env("HIVELOG_SERVER_PASSWORD", "canary");
    let ended = run.run().exits(0);
    let request = server.requests().pop().expect("a request");
    assert_eq!(
        request.header("authorization"),
        Some("Basic dTpjYW5hcnk="),
        "{}",
        ended.transcript()
    );
    let line = [&line[..], &["--auth", "header:X-Key"]].concat();
    let run = place.hivelog(line).env("HIVELOG_SERVER_TOKEN", "two words");
    let _ = run.run().exits(0);
    let request = server.requests().pop().expect("a request");
    assert_eq!(request.header("x-key"), Some("two words"));
    // What belongs to the profile's server goes nowhere else.
    place.file("c.toml", profile(headers));
    let line = [
        "tail",
        "--config",
        "c.toml",
        "--server",
        "http://127.0.0.1:9",
    ];
    let ended = place.hivelog(line).run().exits(2);
    let _ = ended.warns("is not sent to http://127.0.0.1:9");
    place.file("c.toml", profile("headers_file = { \"Host\" = \"key\" }\n"));
    let line = ["tail", "--config", "c.toml"];
    let _ = place
        .hivelog(line)
        .run()
        .exits(2)
        .warns("the header host cannot be set");
    place.file(
        "c.toml",
        profile("headers_command = { \"X-A\" = \"ls\" }\n"),
    );
    let _ = place.hivelog(line).run().exits(2).warns("must be a list");
}
