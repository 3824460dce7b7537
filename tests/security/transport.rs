//! S9 to S16: the way to the server. S15 and S17, which are about headers, stand with the secrets.

use crate::emit::{emit, records};
use crate::support::secure::{Secure, authority};
use crate::support::server::{Server, answer};
use crate::support::{Place, hivelog};

#[test]
fn s9_a_redirect_is_never_followed_and_the_key_stays_at_home() {
    for status in ["301 x", "302 x", "303 x", "307 x", "308 x"] {
        let other = Server::answering(|_, _| answer("200 OK", "", ""));
        let target = format!("Location: {}/data-service/v1/eventLog\r\n", other.url());
        let server = Server::answering(move |_, _| answer(status, &target, ""));
        let args = ["-", "-o", "ndjson"];
        let ended = emit(&server.url(), &args).stdin(records(1)).run().exits(2);
        let result = &ended.ndjson()[0];
        assert!(
            result["error"]["detail"]
                .as_str()
                .is_some_and(|text| text.contains("never followed")),
            "{result}"
        );
        assert_eq!(other.requests().len(), 0);
    }
}

#[test]
fn s9_a_redirect_from_an_encrypted_server_is_not_followed_either() {
    let other = Server::answering(|_, _| answer("200 OK", "", ""));
    let target = format!("Location: {}/data-service/v1/eventLog\r\n", other.url());
    let server = Secure::new().answering(answer("307 x", &target, ""));
    let run = emit(&server.url("localhost"), &["-"]).env("SSL_CERT_FILE", authority());
    let _ = run.stdin(records(1)).run().exits(2).says("never followed");
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn s10_what_is_not_encrypted_stays_on_this_machine() {
    for url in [
        "http://example.com",
        "http://192.0.2.1",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:1",
        "ftp://example.com",
        "//example.com",
    ] {
        let _ = emit(url, &["-"]).stdin(records(1)).run().exits(2);
    }
}

#[test]
fn s11_s12_no_option_makes_a_certificate_count_for_less() {
    for verb in ["emit", "tail", "run", "doctor"] {
        let help = hivelog([verb, "--help"]).run().exits(0).text();
        for word in ["insecure", "no-verify", "skip-verify", "ca-", "tls"] {
            assert!(!help.contains(&format!("--{word}")), "{verb} {word}");
        }
    }
    // The file takes the place of what the system trusts, and is not added to it.
    let server = Secure::new().answering(answer("200 OK", "", ""));
    let place = Place::new();
    let nobody = place.file("nobody.pem", "");
    for (trusted, code) in [(authority(), 0), (nobody, 2), (place.path("missing"), 2)] {
        let run = emit(&server.url("localhost"), &["-"]).env("SSL_CERT_FILE", &trusted);
        let _ = run.stdin(records(1)).run().exits(code);
    }
    assert_eq!((server.handshakes(), server.in_the_clear()), (1, 0));
}

#[test]
fn s13_a_proxy_never_sees_the_key() {
    let proxy = Server::answering(|_, _| answer("502 x", "", ""));
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let through = |url: &str, args: &[&str]| {
        let mut run = emit(url, args);
        for name in [
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "HTTPS_PROXY",
            "ALL_PROXY",
        ] {
            run = run.env(name, proxy.url());
        }
        run.stdin(records(1)).run()
    };
    // Not encrypted: straight there, or not at all.
    let _ = through(&server.url(), &["-"]).exits(0);
    let other = server.url().replace("127.0.0.1", "0.0.0.0");
    let _ = through(&other, &["-", "--allow-http"]).exits(0);
    assert_eq!((server.requests().len(), proxy.requests().len()), (2, 0));
    // Encrypted: the proxy learns where to connect to, and nothing else.
    let _ = through("https://hivelog.invalid", &["-", "--retry-for", "0s"]).exits(6);
    let asked = proxy.requests();
    assert!(!asked.is_empty());
    for request in asked {
        assert!(
            request.head.starts_with("CONNECT hivelog.invalid:443 "),
            "{}",
            request.head
        );
        assert!(!request.head.contains("canary"));
    }
}

#[test]
fn s14_an_address_neither_holds_nor_shows_a_secret() {
    for url in [
        "https://user:hunter2@example.com",
        "https://hunter2@example.com",
        "https://example.com/?token=hunter2",
        "https://example.com/#hunter2",
    ] {
        for args in [&["-"][..], &["-", "--dry-run"]] {
            let ended = emit(url, args).stdin(records(1)).run().exits(2);
            assert!(
                !ended.errors().contains("hunter2"),
                "{}",
                ended.transcript()
            );
        }
    }
}

#[test]
fn s16_the_environment_cannot_make_the_tls_keys_be_written_down() {
    let place = Place::new();
    let log = place.path("keys");
    let server = Secure::new().answering(answer("200 OK", "", ""));
    emit(&server.url("localhost"), &["-"])
        .env("SSL_CERT_FILE", authority())
        .env("SSLKEYLOGFILE", &log)
        .stdin(records(1))
        .run()
        .exits(0);
    assert!(!log.exists());
}
