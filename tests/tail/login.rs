//! Logins, and tokens that are refused.

use super::{event, hold, sse};
use crate::support::hivelog;
use crate::support::server::{Server, answer};
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
