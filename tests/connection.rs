//! One classification of connections that fail, for everything that makes requests: `emit`,
//! `tail`, its login, and the probe of `doctor`.

use crate::emit::{record, records};
use crate::support::secure::{Secure, authority};
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, Run};
use std::io::{Read, Write};
use std::path::Path;

/// Who makes a request, and how it ends for a failure that ends `emit` like this.
const USERS: [(&str, &[&str]); 4] = [
    (
        "emit",
        &[
            "emit",
            "-o",
            "ndjson",
            "--no-spool",
            "--retry-for",
            "0s",
            "--connector",
            "c",
            "-",
        ],
    ),
    ("tail", &["tail"]),
    ("login", &["tail", "--username", "me"]),
    ("probe", &["doctor", "--probe", "-o", "json"]),
];

fn run(place: &Place, args: &[&str], url: &str) -> Run {
    place
        .hivelog(args)
        .env("HIVELOG_SYNCHIVE_URL", url)
        .env("HIVELOG_CONNECTOR", "c")
        .env("HIVELOG_SERVER_URL", url)
        .env("HIVELOG_KEY", "canary-7f3a")
        .env("HIVELOG_SERVER_PASSWORD", "canary-7f3a")
        .stdin(record("a", "5004N"))
}

/// Every user meets the same failure: the same exit code, and the same words.
fn all(about: &str, url: &str, env: &[(&str, &str)], code: i32, words: &[&str]) {
    for (user, args) in USERS {
        let place = Place::new();
        let mut run = run(&place, args, url);
        for (name, value) in env {
            run = run.env(name, value);
        }
        let ended = run.run();
        let expected = if user == "probe" { 1 } else { code };
        let said = ended.text() + &ended.errors();
        assert_eq!(
            ended.code,
            Some(expected),
            "{about}, {user}: {}",
            ended.transcript()
        );
        for word in words {
            assert!(
                said.contains(word),
                "{about}, {user}: no {word:?}\n{}",
                ended.transcript()
            );
        }
        assert!(!said.contains("canary"), "{about}, {user}: {said}");
    }
}

/// An address at which nothing listens.
pub fn closed() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

fn path(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn a_secure_connection_that_cannot_be_made_is_wrong_usage_for_everyone() {
    let fine = || answer("200 OK", "", "");
    let authority = authority();
    let trusting = [("SSL_CERT_FILE", path(&authority))];
    let unknown = Secure::new().answering(fine());
    all(
        "unknown authority",
        &unknown.url("localhost"),
        &[],
        2,
        &["secure connection"],
    );
    let expired = Secure::with("expired.pem").answering(fine());
    all(
        "expired",
        &expired.url("localhost"),
        &trusting,
        2,
        &["secure connection", "xpired"],
    );
    let plain = Server::raw(|stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&answer("400 Bad Request", "", ""));
    });
    let url = plain.url().replace("http://", "https://");
    let words = ["secure connection", "does not speak TLS"];
    all("a plain port", &url, &trusting, 2, &words);
    assert_eq!((unknown.in_the_clear(), expired.in_the_clear()), (0, 0));
}

#[test]
fn the_certificates_that_are_trusted_are_named_when_they_do_not_help() {
    let place = Place::new();
    let (missing, other) = (
        place.path("missing.pem"),
        crate::support::data("tls/selfsigned.pem"),
    );
    let server = Secure::new().answering(answer("200 OK", "", ""));
    for file in [&missing, &other] {
        let env = [("SSL_CERT_FILE", path(file))];
        all(
            "certificates",
            &server.url("localhost"),
            &env,
            2,
            &[path(file), "SSL_CERT_FILE"],
        );
    }
}

#[test]
fn a_plain_address_of_an_encrypted_port_is_pointed_out() {
    let server = Secure::new().answering(answer("200 OK", "", ""));
    let url = server.url("localhost").replace("https://", "http://");
    all("TLS", &url, &[], 6, &["the address begins with https://"]);
}

#[test]
fn folders_of_certificates_that_are_not_there_are_refused_by_name() {
    let server = Secure::new().answering(answer("200 OK", "", ""));
    let env = [("SSL_CERT_DIR", "/nonexistent/a:/nonexistent/b")];
    let words = ["/nonexistent/a", "SSL_CERT_DIR", "cannot be read"];
    all("no folder", &server.url("localhost"), &env, 2, &words);
}

#[test]
fn what_cannot_be_reached_may_be_reached_later() {
    let words = ["cannot connect to", "refused"];
    all("nothing listens", &closed(), &[], 6, &words);
    let words = ["cannot connect to", "hivelog.invalid"];
    all("no such name", "https://hivelog.invalid", &[], 6, &words);
}

#[test]
fn a_proxy_that_refuses_is_judged_by_its_status() {
    for (status, code, words) in [
        (
            "407 Proxy Authentication Required",
            4,
            "407 Proxy Authentication",
        ),
        ("401 Unauthorized", 4, "401 Unauthorized"),
        ("403 Forbidden", 2, "403 Forbidden"),
        ("502 Bad Gateway", 6, "502 Bad Gateway"),
        ("", 6, "cannot connect"),
    ] {
        let proxy = Server::answering(move |_, _| answer(status, "", ""));
        let with_password = proxy.url().replace("http://", "http://user:canary-7f3a@");
        for (name, value) in [("HTTPS_PROXY", proxy.url()), ("all_proxy", with_password)] {
            let env = [(name, value.as_str())];
            all(
                status,
                "https://hivelog.invalid",
                &env,
                code,
                &[words, "hivelog.invalid"],
            );
        }
        for asked in proxy.requests() {
            assert!(
                asked.head.starts_with("CONNECT hivelog.invalid:443 "),
                "{}",
                asked.head
            );
            let user = asked.header("proxy-authorization");
            assert!(
                user.is_none_or(|user| user == "Basic dXNlcjpjYW5hcnktN2YzYQ=="),
                "{user:?}"
            );
        }
    }
}

#[test]
fn a_proxy_that_wants_a_password_is_not_reported_as_a_refused_login() {
    let status = "407 Proxy Authentication Required";
    let proxy = Server::answering(move |_, _| answer(status, "", ""));
    let place = Place::new();
    let reported = "user name and password of the proxy in its variable: HTTPS_PROXY=";
    let tail = ["tail", "--username", "me", "--reconnect", "forever"];
    for args in [&tail[..], &["emit", "-o", "ndjson", "-"]] {
        let ended = run(&place, args, "https://hivelog.invalid")
            .env("HTTPS_PROXY", proxy.url())
            .run();
        let ended = ended.exits(4).warns(reported);
        assert!(
            !ended.errors().contains("next login"),
            "{}",
            ended.transcript()
        );
    }
}

#[test]
fn a_proxy_variable_that_cannot_be_used_is_wrong_usage_and_nothing_goes_past_it() {
    for proxy in ["socks5://user:canary-7f3a@127.0.0.1:1", "::::", "http://"] {
        let env = [("https_proxy", proxy)];
        all(proxy, "https://hivelog.invalid", &env, 2, &["https_proxy"]);
        let env = [("https_proxy", proxy), ("NO_PROXY", "hivelog.invalid:443")];
        all(
            proxy,
            "https://hivelog.invalid",
            &env,
            6,
            &["cannot connect"],
        );
    }
}

#[test]
fn a_tls_record_that_is_damaged_after_the_request_leaves_its_fate_unknown() {
    let server = Secure::new().serving(|number, stream| {
        let _ = stream.read(&mut [0; 4096]);
        if number == 0 {
            // Behind the TLS library's back: no such record exists.
            let _ = stream.sock.write_all(&[0x17, 3, 3, 0, 5, 1, 2, 3, 4, 5]);
        } else {
            let _ = stream.write_all(&answer("200 OK", "", ""));
        }
    });
    let place = Place::new();
    let args = [
        "emit",
        "-o",
        "ndjson",
        "--no-spool",
        "--connector",
        "c",
        "-",
    ];
    let ended = run(&place, &args, &server.url("localhost"))
        .env("SSL_CERT_FILE", authority())
        .run()
        .exits(0);
    let reported = ended.ndjson();
    assert_eq!(reported[0]["attempts"], 2, "{}", ended.transcript());
    assert_eq!(reported[1]["maybeDuplicate"], 1, "{}", ended.transcript());
}

#[test]
fn a_name_below_localhost_leads_to_this_machine_whatever_a_resolver_says() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let url = server.url().replace("127.0.0.1", "no-such-name.localhost");
    let place = Place::new();
    let args = ["emit", "--no-spool", "--connector", "c", "-"];
    let _: Ended = run(&place, &args, &url).run().exits(0);
}

#[test]
fn a_machine_format_says_in_one_line_of_stderr_what_holds_the_records() {
    let (unknown, closed) = (Secure::new().answering(answer("200 OK", "", "")), closed());
    let unknown = unknown.url("localhost");
    let status = |status: &'static str, headers: &'static str, body: &'static str| {
        Server::answering(move |_, _| answer(status, headers, body))
    };
    let missing = status("404 Not Found", "", r#"{"title":"no such route"}"#);
    let moved = status(
        "301 Moved Permanently",
        "Location: https://h.example/\r\n",
        "",
    );
    let denied = status("401 Unauthorized", "", "");
    for (url, code, words) in [
        (
            missing.url(),
            2,
            &["404 no such route", "synchive.path"][..],
        ),
        (moved.url(), 2, &["301 Moved", "h.example", "synchive.path"]),
        (denied.url(), 4, &["401 Unauthorized", "HIVELOG_KEY"]),
        (unknown, 2, &["secure connection", "SSL_CERT_FILE"]),
        (closed, 6, &["cannot connect", "refused", "again"]),
    ] {
        for format in ["ndjson", "json"] {
            let place = Place::new();
            let args = ["emit", "-o", format, "--no-spool", "--retry-for", "0s"];
            let args = [&args[..], &["--connector", "c", "-"]].concat();
            let ended = run(&place, &args, &url).stdin(records(3)).run().exits(code);
            let said = ended.errors();
            assert_eq!(said.lines().count(), 1, "{}", ended.transcript());
            for word in words.iter().copied().chain(["error: ", url.as_str()]) {
                assert!(said.contains(word), "no {word:?}\n{}", ended.transcript());
            }
        }
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

/// An answer whose body is in a content coding.
fn coded(status: &str, content_type: &str, coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Encoding: {coding}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn events_that_come_compressed_are_decoded_or_refused_by_name() {
    let event = |id: u32| format!(r#"{{"id":"e-{id}","type":"auth.ok","data":{{}}}}"#);
    let (one, two) = (event(1), event(2));
    let stream = format!("data: {one}\n\ndata: {two}\n\n");
    let lines = format!("{one}\n{two}\n");
    let page = format!("[{one},{two}]");
    for (content_type, body) in [
        ("text/event-stream", &stream),
        ("application/x-ndjson", &lines),
        ("application/json", &page),
    ] {
        let whole = gzip(body.as_bytes());
        let cut = whole[..whole.len() - 12].to_vec();
        for (coding, bytes, code, said) in [
            ("gzip", whole.clone(), 0, ""),
            ("br", whole.clone(), 2, "'br'"),
            ("gzip", cut, 6, "cut off"),
            ("gzip", body.as_bytes().to_vec(), 6, "damaged"),
        ] {
            let answer = coded("200 OK", content_type, coding, &bytes);
            let server = Server::answering(move |_, _| answer.clone());
            let place = Place::new();
            let args = ["tail", "--reconnect", "0", "--count", "2"];
            // Two events that came before the damage are as good as any.
            let args = if code == 6 { &args[..3] } else { &args[..] };
            let ended = run(&place, args, &server.url())
                .run()
                .exits(code)
                .warns(said);
            if code == 0 {
                assert_eq!(ended.text(), lines, "{content_type}");
            }
        }
    }
}

#[test]
fn a_page_of_another_media_type_holds_no_events_however_it_was_asked_for() {
    let server = Server::answering(|_, _| {
        answer(
            "200 OK",
            "Content-Type: text/html\r\n",
            "<html>log in</html>",
        )
    });
    for transport in ["auto", "sse", "ndjson", "poll"] {
        let place = Place::new();
        let args = ["tail", "--transport", transport, "--reconnect", "1"];
        let ended = run(&place, &args, &server.url()).run().exits(2);
        assert!(
            ended.errors().contains("text/html"),
            "{}",
            ended.transcript()
        );
    }
}

#[test]
fn a_login_and_a_refusal_may_be_compressed() {
    let server = Server::answering(|_, request| {
        if request.head.starts_with("POST") {
            coded(
                "200 OK",
                "application/json",
                "gzip",
                &gzip(br#"{"token":"canary"}"#),
            )
        } else if request.head.starts_with("GET") {
            assert_eq!(request.header("authorization"), Some("Bearer canary"));
            let said = gzip(br#"{"detail":[{"loc":["query"],"msg":"no canary here"}]}"#);
            coded(
                "422 Unprocessable Entity",
                "application/json",
                "gzip",
                &said,
            )
        } else {
            let said = gzip(br#"{"title":"bad","detail":"the shape is unknown"}"#);
            coded("400 Bad Request", "application/problem+json", "gzip", &said)
        }
    });
    let place = Place::new();
    let tail = run(&place, &["tail", "--username", "me"], &server.url());
    let ended = tail.run().exits(5).warns("422 Unprocessable Entity");
    assert!(
        ended.errors().contains("query: no *** here"),
        "{}",
        ended.transcript()
    );
    let emit = run(&place, USERS[0].1, &server.url()).run().exits(5);
    assert_eq!(emit.ndjson()[0]["error"]["detail"], "the shape is unknown");
}

#[test]
fn no_more_is_sent_at_once_than_this_process_may_open() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    for spool in [&["--no-spool"][..], &["--spool", "spool"]] {
        let place = Place::new();
        let args = ["emit", "--jobs", "60", "--connector", "c", "-"];
        let sending = run(&place, &[&args[..], spool].concat(), &server.url());
        let sending = sending.stdin(records(60));
        let limited = sending.under(&["sh", "-c", "ulimit -n 32; exec \"$@\"", "sh"]);
        let ended = limited.expect("a shell").run().exits(0);
        let _ = ended.says("delivered 60").warns("ulimit -n");
    }
}
