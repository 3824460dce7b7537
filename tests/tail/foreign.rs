//! What answers instead of an event stream is named, by literal bytes.

use super::{hold, tail};
use crate::support::hivelog;
use crate::support::server::{Server, answer};
use std::io::{Read, Write};
use std::net::TcpStream;

/// Greets, reads what comes, and answers that.
fn greeting(first: &'static [u8], then: &'static [u8]) -> impl Fn(&mut TcpStream) {
    move |stream| {
        let _ = stream.write_all(first);
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(then);
    }
}

/// Speaks to whoever asks for the versions that a Kafka broker knows, and hangs up on others.
fn kafka(stream: &mut TcpStream) {
    let mut head = [0; 12];
    if stream.read_exact(&mut head).is_err() || head[..6] != *b"\x00\x00\x00\x0a\x00\x12" {
        return;
    }
    let _ = stream.read_exact(&mut [0; 2]);
    let number = &head[8..12];
    let answer = [
        b"\x00\x00\x00\x0c",
        number,
        b"\x00\x23\x00\x00\x00\x00\x00\x00",
    ]
    .concat();
    let _ = stream.write_all(&answer);
}

#[test]
fn servers_that_are_no_web_servers_are_named() {
    let nats = b"INFO {\"server_id\":\"NA\",\"version\":\"2.10.7\",\"max_payload\":1048576} \r\n";
    let refuses = b"-ERR 'Unknown Protocol Operation'\r\n";
    for (server, reported) in [
        (
            Server::raw(greeting(nats, refuses)),
            "NATS server: read a subject with 'nats sub",
        ),
        (
            Server::raw(greeting(b"", b"AMQP\x00\x00\x09\x01")),
            "AMQP broker: read a queue with",
        ),
        (Server::raw(kafka), "Kafka broker: read a topic with 'kcat"),
        (
            Server::raw(greeting(b"SSH-2.0-OpenSSH_9.2p1\r\n", b"")),
            "it greets with 'SSH-2.0-OpenSSH_9.2p1'",
        ),
    ] {
        let ended = tail(&server, &["--reconnect", "forever"]).wait().exits(2);
        let ended = ended.warns(reported);
        assert_eq!(ended.text(), "");
    }
}

#[test]
fn answers_that_carry_no_events_are_named() {
    let login = "<!doctype html><html><head><title>Sign in</title></head><body><form><input type=\"password\"></form></body></html>";
    for (status, headers, body, reported) in [
        (
            "200 OK",
            "Content-Type: text/html\r\n",
            login,
            "an HTML login page ('Sign in'): give a token",
        ),
        (
            "200 OK",
            "Content-Type: text/html; charset=utf-8\r\n",
            "<html><title>Welcome</title></html>",
            "an HTML page ('Welcome'): check --events-path",
        ),
        (
            "200 OK",
            "Content-Type: text/plain\r\n",
            "0{\"sid\":\"a\",\"upgrades\":[\"websocket\"]}",
            "it speaks Socket.IO",
        ),
        (
            "400 Bad Request",
            "Content-Type: application/json\r\n",
            "{\"code\":0,\"message\":\"Transport unknown\"}",
            "it speaks Socket.IO",
        ),
        (
            "400 Bad Request",
            "Content-Type: text/html\r\n",
            "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
            "it speaks TLS: the address begins with https://",
        ),
        (
            "302 Found",
            "Location: /users/sign_in\r\n",
            "",
            "it looks like a login; give a token",
        ),
        (
            "307 Temporary Redirect",
            "Location: http://portal.example/?from=x\r\n",
            "",
            "redirects to http://portal.example/, which is not followed: perhaps the network wants a login first (captive portal)",
        ),
        (
            "426 Upgrade Required",
            "",
            "",
            "it wants a WebSocket: --transport websocket",
        ),
    ] {
        let server = Server::answering(move |_, _| answer(status, headers, body));
        let ended = tail(&server, &[]).wait().exits(2);
        let ended = ended.warns(reported);
        assert_eq!(
            ended
                .errors()
                .lines()
                .filter(|line| line.starts_with("error"))
                .count(),
            1
        );
    }
    let portal = "Content-Type: text/html\r\n";
    let server =
        Server::answering(move |_, _| answer("511 Network Authentication Required", portal, ""));
    let ended = tail(&server, &[]).wait().exits(6);
    let _ = ended.warns("the network wants a login first (captive portal)");
}

#[test]
fn tls_that_meets_something_else_is_named_too() {
    let server = Server::raw(|stream| {
        let _ = stream.write_all(b"INFO {\"server_id\":\"N\"} \r\n");
        hold(stream);
    });
    let url = server.url().replace("http://", "https://");
    let ended = hivelog(["tail", "--server", &url]).run().exits(2);
    let _ = ended.warns("it is a NATS server");
}
