//! Connections that close between requests, and those that lead through a proxy.

use super::{End, expect, one};
use crate::emit::{emit, records};
use crate::support::Place;
use crate::support::server::{Server, answer};
use serde_json::Value;
use std::io::Write;
use std::time::Duration;

#[test]
fn a_reset_before_the_request_is_met_by_another_try() {
    // How far the request had come when the reset arrived is not for us to know.
    let server = || Server::spoiling_the_first(|_| {});
    for spool in [true, false] {
        let place = Place::new();
        let ended = one(&place, &server().url(), spool, true, &[])
            .run()
            .exits(0);
        assert_eq!(
            ended.ndjson()[0]["attempts"],
            2,
            "36: {}",
            ended.transcript()
        );
    }
}

#[test]
fn an_idle_connection_that_is_closed_costs_nothing() {
    // It closes when a record is about to be due, some time before it or some time after.
    for idle in [0, 1, 2, 4, 6] {
        let server = Server::persistent(move |number, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            // At last at once, so that there is an end to it.
            let idle = if number > 120 { 0 } else { idle };
            (idle > 0).then(|| Duration::from_millis(idle))
        });
        let args = ["-", "-o", "ndjson", "--rate", "250/s", "--jobs", "2"];
        let ended = emit(&server.url(), &args).stdin(records(60)).run().exits(0);
        let reported = ended.ndjson();
        assert_eq!(
            reported.last().expect("a summary")["delivered"],
            60,
            "42: {}",
            ended.transcript()
        );
        let delivered = |line: &&Value| line["status"] == "delivered";
        assert_eq!(reported.iter().filter(delivered).count(), 60);
    }
}

#[test]
fn a_proxy_that_wants_a_password_holds_and_one_that_fails_is_tried_again() {
    for (name, status, end) in [
        ("57 407", "407 Proxy Authentication Required", End::Held(4)),
        ("58 502", "502 Bad Gateway", End::Late(0)),
        ("58 no HTTP", "", End::Late(0)),
    ] {
        for spool in [true, false] {
            let place = Place::new();
            let proxy = Server::answering(move |_, _| answer(status, "", ""));
            let more = ["--retry-for", "100ms"];
            let ended = one(&place, "https://hivelog.invalid", spool, false, &more)
                .env("HTTPS_PROXY", proxy.url())
                .run();
            expect(&place, &ended, end, spool, name);
            let connect = |head: &str| head.starts_with("CONNECT hivelog.invalid:443 ");
            for asked in proxy.requests() {
                assert!(connect(&asked.head) && asked.body.is_empty(), "{name}");
            }
        }
    }
}
