//! Servers that misbehave, in literal bytes, and what `emit` makes of each.

use crate::emit::{emit, records};
use crate::support::Run;
use crate::support::secure::{Secure, authority};
use crate::support::server::{Server, answer};
use serde_json::Value;
use std::io::Write;
use std::net::TcpListener;

/// Sends one record; gives the exit code and its result.
fn one(server: &Server, args: &[&str]) -> (i32, Value) {
    let all = [&["-o", "ndjson", "-"], args].concat();
    let ended = emit(&server.url(), &all).stdin(records(1)).run();
    assert!(
        !(ended.text() + &ended.errors()).contains("canary"),
        "{}",
        ended.transcript()
    );
    let result = ended.ndjson().swap_remove(0);
    (ended.code.expect("an exit code"), result)
}

#[test]
fn every_status_has_its_exit_code_and_its_number_of_attempts() {
    let cases: &[(&[&str], &str, i32)] = &[
        (
            &["200 OK", "201 Created", "204 No Content", "299 Odd"],
            "delivered",
            0,
        ),
        (
            &[
                "400 Bad Request",
                "402 x",
                "409 Conflict",
                "413 x",
                "415 x",
                "422 x",
                "431 x",
                "451 x",
            ],
            "refused",
            5,
        ),
        (&["401 Unauthorized", "403 Forbidden", "407 x"], "failed", 4),
        (
            &[
                "404 Not Found",
                "405 x",
                "410 Gone",
                "501 x",
                "505 x",
                "304 Not Modified",
            ],
            "failed",
            2,
        ),
    ];
    for (statuses, wanted, code) in cases {
        for status in *statuses {
            let line = (*status).to_owned();
            let server = Server::answering(move |_, _| {
                format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .into_bytes()
            });
            let (exit, result) = one(&server, &[]);
            assert_eq!(
                (exit, result["status"].as_str()),
                (*code, Some(*wanted)),
                "{status}: {result}"
            );
            assert_eq!(result["http"].as_u64(), status[..3].parse().ok());
            assert_eq!(server.requests().len(), 1, "{status}");
        }
    }
}

#[test]
fn what_time_may_heal_is_tried_again() {
    let later = r#"{"type":"http://www.meaningful.co.nz/limber-sync/retry-later","typeCode":"RETRY_LATER","status":500}"#;
    for (status, body) in [
        ("500 x", ""),
        ("502 x", ""),
        ("503 x", ""),
        ("504 x", ""),
        ("507 x", ""),
        ("408 x", ""),
        ("425 x", ""),
        ("520 x", ""),
        ("400 x", later),
        ("500 x", later),
    ] {
        let server = Server::answering(move |number, _| {
            if number == 0 {
                answer(status, "", body)
            } else {
                answer("200 OK", "", "")
            }
        });
        let (exit, result) = one(&server, &[]);
        assert_eq!(
            (exit, &result["attempts"]),
            (0, &2.into()),
            "{status}: {result}"
        );
        let requests = server.requests();
        assert_eq!(requests[0].body, requests[1].body);
    }
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    let (exit, result) = one(&server, &["--retry-for", "300ms"]);
    assert_eq!(
        (exit, result["status"].as_str()),
        (6, Some("failed")),
        "{result}"
    );
    assert!(result["attempts"].as_u64() > Some(1), "{result}");
}

#[test]
fn a_redirect_says_where_it_leads_and_an_unnamed_status_is_its_number() {
    let page = "<html><head><title>301 Moved Permanently</title></head></html>";
    for (status, headers, body, wanted) in [
        (
            "301 Moved Permanently",
            "Location: https://elsewhere.example/x\r\n",
            page,
            "\"detail\":\"the server redirects to https://elsewhere.example/x; redirects are never followed, because the key would be sent along\"",
        ),
        (
            "308 x",
            "Location: /x\r\n",
            "moved for good",
            "because the key would be sent along; it says: moved for good\"",
        ),
        ("499 x", "", "", "\"title\":\"499\""),
    ] {
        let server = Server::answering(move |_, _| answer(status, headers, body));
        let (_, result) = one(&server, &[]);
        assert!(result.to_string().contains(wanted), "{result}");
    }
}

#[test]
fn retry_after_is_waited_for_as_seconds_and_as_a_date() {
    let dated =
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:38 GMT\r\n";
    for (headers, shortest) in [
        ("Retry-After: 1\r\n", 1_000),
        (dated, 1_000),
        ("Retry-After: soon\r\n", 0),
        ("Retry-After: -5\r\n", 0),
    ] {
        let server = Server::answering(move |number, _| {
            if number == 0 {
                answer("503 x", headers, "")
            } else {
                answer("200 OK", "", "")
            }
        });
        let (exit, result) = one(&server, &[]);
        assert_eq!((exit, &result["attempts"]), (0, &2.into()), "{headers}");
        // How long it was at least; a loaded machine may take any time more.
        let ms = result["ms"].as_u64().expect("a time");
        assert!(ms >= shortest, "{headers}: {ms}");
    }
    // A wait beyond the patience is not waited for.
    let server = Server::answering(|_, _| answer("429 x", "Retry-After: 86400\r\n", ""));
    let (exit, result) = one(&server, &[]);
    assert_eq!((exit, &result["attempts"]), (6, &1.into()), "{result}");
}

#[test]
fn a_held_destination_is_asked_once_and_every_record_is_reported() {
    let server = Server::answering(|_, _| answer("401 Unauthorized", "", ""));
    let ended = emit(&server.url(), &["-", "--jobs", "1", "-o", "ndjson"])
        .stdin(records(40))
        .run()
        .exits(4);
    assert_eq!(server.requests().len(), 1);
    let summary = ended.ndjson().pop().expect("a summary");
    assert_eq!(
        (&summary["records"], &summary["failed"]),
        (&40.into(), &40.into())
    );
}

#[test]
fn a_key_that_comes_back_is_masked() {
    let body = r#"{"title":"bad canary-7f3a","detail":"key \u0063anary-7f3a refused","uuid":"canary-7f3a","typeCode":"canary-7f3a"}"#;
    let server = Server::answering(move |_, _| answer("400 x", "X-Echo: canary-7f3a\r\n", body));
    let (_, result) = one(&server, &[]);
    assert_eq!(result["error"]["title"], "bad ***");
    assert_eq!(result["error"]["detail"], "key *** refused");
    let server = Server::answering(|_, _| answer("302 x", "Location: http://canary-7f3a/\r\n", ""));
    let _ = one(&server, &[]);
}

#[test]
fn a_complete_head_is_the_answer_whatever_the_body_does() {
    let endless = Server::scripted(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n");
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    });
    assert_eq!(one(&endless, &[]).0, 0);
    for head in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        let server = Server::answering(move |_, _| head.to_vec());
        let (exit, result) = one(&server, &[]);
        assert_eq!((exit, &result["attempts"]), (0, &1.into()), "{result}");
    }
    let silent = Server::scripted(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 10\r\n\r\n{\"tit");
        std::thread::park();
    });
    assert_eq!(one(&silent, &["--timeout", "500ms"]).0, 5);
}

#[test]
fn an_answer_that_never_came_may_be_a_duplicate() {
    let broken: &[&[u8]] = &[
        b"",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"\0\0\0\0\0\0\0\0",
    ];
    for bytes in broken {
        let server = Server::answering(move |number, _| {
            if number == 0 {
                bytes.to_vec()
            } else {
                answer("200 OK", "", "")
            }
        });
        let ended = emit(&server.url(), &["-o", "ndjson", "-"])
            .stdin(records(1))
            .run()
            .exits(0);
        let lines = ended.ndjson();
        assert_eq!(lines[0]["attempts"], 2, "{bytes:?}: {}", ended.transcript());
        assert_eq!(lines[1]["maybeDuplicate"], 1, "{bytes:?}");
    }
    let silent = Server::scripted(|_, _, _| std::thread::park());
    let (exit, result) = one(&silent, &["--timeout", "200ms", "--retry-for", "0s"]);
    assert_eq!(exit, 6, "{result}");
    assert!(
        result["error"]["title"]
            .as_str()
            .is_some_and(|text| text.starts_with("no answer within")),
        "{result}"
    );
}

#[test]
fn a_refused_connection_was_surely_not_sent() {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|gone| gone.local_addr())
        .expect("a port")
        .port();
    let ended = emit(
        &format!("http://127.0.0.1:{port}"),
        &["-o", "ndjson", "-", "--retry-for", "200ms"],
    )
    .stdin(records(2))
    .run()
    .exits(6);
    let lines = ended.ndjson();
    assert_eq!(lines[0]["status"], "failed");
    assert!(
        lines[0]["error"]["detail"]
            .as_str()
            .is_some_and(|text| text.contains("refused")),
        "{}",
        ended.transcript()
    );
    assert_eq!(lines[2]["maybeDuplicate"], 0);
}

#[test]
fn servers_cannot_steer_the_terminal() {
    let body = r#"{"title":"\u001b]52;c;x\u0007 a\u202eb\u009b31m","detail":"one\ntwo\rthree"}"#;
    let server = Server::answering(move |_, _| answer("400 x", "", body));
    let ended = emit(&server.url(), &["-"]).stdin(records(1)).run().exits(5);
    let harmless = ended
        .text()
        .chars()
        .all(|c| c == '\n' || !c.is_control() && c != '\u{202e}');
    assert!(harmless, "{:?}", ended.text());
    let ended = emit(&server.url(), &["-", "-o", "ndjson"])
        .stdin(records(1))
        .run()
        .exits(5);
    assert!(
        ended.text().chars().all(|c| c == '\n' || !c.is_control()),
        "{:?}",
        ended.text()
    );
}

#[test]
fn a_certificate_without_a_trusted_issuer_is_named_as_that() {
    let server = Secure::new().answering(answer("200 OK", "", ""));
    let send = |run: Run| run.stdin(records(3)).run();
    let ended = send(emit(&server.url("localhost"), &["-o", "ndjson", "-"])).exits(2);
    let result = &ended.ndjson()[0];
    assert_eq!(result["status"], "failed");
    let title = result["error"]["title"].as_str().unwrap_or_default();
    assert!(title.contains("secure connection"), "{result}");
    // The same server is fine for who trusts it.
    let trusting = emit(&server.url("localhost"), &["-"]).env("SSL_CERT_FILE", authority());
    let _ = send(trusting).exits(0);
}
