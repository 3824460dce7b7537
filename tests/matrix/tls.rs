//! Certificates, versions and farewells: what cannot be trusted gets nothing.

use super::{End, expect, one};
use crate::support::Place;
use crate::support::secure::{Listening, Secure, authority};
use crate::support::server::{Server, answer};

fn fine(server: Secure) -> Listening {
    server.answering(answer("200 OK", "", ""))
}

/// One record to a server, with the tests' authority trusted or the system's alone.
fn check(name: &str, url: &str, trusting: bool, end: End) {
    for (spool, flags) in [(false, true), (true, false)] {
        let place = Place::new();
        let mut run = one(&place, url, spool, flags, &[]);
        if trusting {
            run = run.env("SSL_CERT_FILE", authority());
        }
        expect(
            &place,
            &run.run(),
            end,
            spool,
            &format!("{name}, spool {spool}"),
        );
    }
}

#[test]
fn what_cannot_be_trusted_is_held_and_hears_nothing() {
    for (name, server, host, trusting) in [
        ("45 expired", Secure::with("expired.pem"), "localhost", true),
        (
            "46 another name",
            Secure::with("elsewhere.pem"),
            "localhost",
            true,
        ),
        (
            "46 another address",
            Secure::new().on("127.0.0.2"),
            "127.0.0.2",
            true,
        ),
        (
            "47 signed by itself",
            Secure::with("selfsigned.pem"),
            "localhost",
            true,
        ),
        ("48 signed by a stranger", Secure::new(), "localhost", false),
        (
            "50 no client certificate",
            Secure::new().wanting_a_client_certificate(),
            "localhost",
            true,
        ),
    ] {
        let server = fine(server);
        check(name, &server.url(host), trusting, End::Held(2));
        assert_eq!(
            (server.handshakes(), server.in_the_clear()),
            (0, 0),
            "{name}"
        );
    }
}

#[test]
fn an_old_version_is_not_spoken() {
    // A hello of the server's that chooses version 1.1, and the alert of one that knows no newer.
    let mut hello = b"\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02".to_vec();
    hello.extend([7; 32]);
    hello.extend(b"\x00\xc0\x13\x00");
    for bytes in [hello, b"\x15\x03\x01\x00\x02\x02\x46".to_vec()] {
        let server = Server::raw(move |stream| {
            let _ = std::io::Write::write_all(stream, &bytes);
            let _ = std::io::Read::read_to_end(stream, &mut Vec::new());
        });
        let url = server
            .url()
            .replace("http://127.0.0.1", "https://localhost");
        check("49 an old version", &url, true, End::Held(2));
    }
}

#[test]
fn who_closes_without_a_farewell_has_still_answered() {
    for (name, bytes) in [
        ("52 with a length", answer("200 OK", "", "")),
        ("52 without", b"HTTP/1.1 200 OK\r\n\r\nsome".to_vec()),
    ] {
        let server = Secure::new().answering(bytes);
        check(name, &server.url("localhost"), true, End::Delivered(1, 0));
        assert_eq!(server.in_the_clear(), 0);
    }
}
