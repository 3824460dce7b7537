//! What answers instead of an event stream, recognised by its bytes: named in one sentence, with
//! what to do about it.

use super::words::{page_title, shortened};
use crate::model::sanitise;

/// What a Socket.IO server says first: an Engine.IO packet of the kind `open`.
const SOCKET_IO: &str = "Socket.IO, a protocol of its own: have the server send the events as server-sent events, NDJSON or plain WebSocket messages, or post them to 'hivelog tail --listen'";

const NATS: &str =
    "it is a NATS server: read a subject with 'nats sub --raw SUBJECT | hivelog tail -'";

/// What answers over HTTP instead of an event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Something that speaks another protocol: a sentence about it.
    Protocol(String),
    /// A page for people: what it is.
    Page(String),
}

/// What the beginning of an answer, or of a message, says that no event stream would say.
pub fn named(bytes: &[u8]) -> Option<Foreign> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 * 1024)]);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if is_socket_io(text) {
        return Some(Foreign::Protocol(format!("it speaks {SOCKET_IO}")));
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("http request was sent to https port")
        || lower.contains("http request to an https server")
    {
        let sentence = "it speaks TLS: the address begins with https://";
        return Some(Foreign::Protocol(sentence.to_owned()));
    }
    text.starts_with('<')
        .then(|| Foreign::Page(page(text, &lower)))
}

/// What greets over a WebSocket and sends no events.
pub fn first_message(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64)]);
    if is_socket_io(&text) {
        Some(format!("it speaks {SOCKET_IO}"))
    } else {
        is_nats(&text).then(|| NATS.to_owned())
    }
}

/// What a server says of itself that is not a web server; `port` is where it listens.
pub fn greeting(bytes: &[u8], port: u16) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
    Some(match bytes {
        [b'A', b'M', b'Q', b'P', ..] => {
            "it is an AMQP broker: read a queue with 'amqp-consume -q QUEUE cat | hivelog tail -', or have a consumer post the events to 'hivelog tail --listen'".to_owned()
        }
        _ if is_nats(&text) => NATS.to_owned(),
        // The answer to [`KAFKA_QUESTION`]: its length, and the number of the question.
        [_, _, _, _, 0x48, 0x49, 0x56, 0x45, ..] => format!(
            "it is a Kafka broker: read a topic with 'kcat -C -u -b HOST:{port} -t TOPIC | hivelog tail -'"
        ),
        _ if text.starts_with("HTTP/") || bytes.is_empty() => return None,
        _ => {
            let line = text.lines().next().unwrap_or_default();
            let readable = line.chars().take_while(|c| !c.is_control() && *c != '\u{fffd}');
            let line: String = readable.take(60).collect();
            if line.len() < 4 {
                return None;
            }
            format!(
                "it is not a web server: it greets with '{}'",
                sanitise::line(&line)
            )
        }
    })
}

/// A request for the versions that a Kafka broker speaks, numbered so that its answer is known.
pub const KAFKA_QUESTION: &[u8] = b"\x00\x00\x00\x0a\x00\x12\x00\x00\x48\x49\x56\x45\xff\xff";

/// `0{"sid":…`, in older versions behind its length, or the error of its HTTP side.
fn is_socket_io(text: &str) -> bool {
    let packet = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    let is_open = packet.len() < text.len() && packet.starts_with("{\"sid\":");
    let is_error = (text.starts_with("{\"code\":") || text == "Transport unknown")
        && [
            "Transport unknown",
            "Session ID unknown",
            "Unsupported protocol version",
        ]
        .iter()
        .any(|message| text.contains(message));
    is_open || is_error
}

fn is_nats(text: &str) -> bool {
    text.starts_with("INFO {\"")
}

/// A page for people; one that asks for a password is a login.
fn page(text: &str, lower: &str) -> String {
    let title = page_title(text).split_whitespace();
    let title = shortened(title.collect::<Vec<_>>().join(" "));
    let titled = match title.as_str() {
        "" => String::new(),
        title => format!(" ('{title}')"),
    };
    let is_login = lower.contains("type=\"password\"")
        || lower.contains("type='password'")
        || lower.contains("type=password");
    if is_login {
        return format!(
            "an HTML login page{titled}: give a token (HIVELOG_SERVER_TOKEN), or a user name with the path of the login (login_path in the profile)"
        );
    }
    format!("an HTML page{titled}: check --events-path")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_event_stream_is_named_by_its_bytes() {
        for (bytes, words) in [
            (
                &b"0{\"sid\":\"x\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000}"[..],
                "Socket.IO",
            ),
            (b"97:0{\"sid\":\"x\"}2:40", "Socket.IO"),
            (
                b"{\"code\":0,\"message\":\"Transport unknown\"}",
                "Socket.IO",
            ),
            (
                b"Client sent an HTTP request to an HTTPS server.\n",
                "speaks TLS",
            ),
            (
                b"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title>",
                "speaks TLS",
            ),
            (
                b"<!doctype html>\n<title>Sign in\n to X</title><input name=p type=\"password\">",
                "an HTML login page ('Sign in to X')",
            ),
            (
                b"\xef\xbb\xbf <HTML><body>hello</body></HTML>",
                "an HTML page: check",
            ),
        ] {
            let Some(Foreign::Protocol(said) | Foreign::Page(said)) = named(bytes) else {
                panic!("{} is not named", bytes.escape_ascii());
            };
            assert!(said.contains(words), "{}: {said}", bytes.escape_ascii());
        }
        for bytes in [
            &b""[..],
            b"{\"sid\":\"x\"}",
            b"{\"code\":0,\"message\":\"none\"}",
            b"12:{\"type\":\"x\"}",
            b"{\"type\":\"x\"}",
            b"data: 1\n\n",
        ] {
            assert_eq!(named(bytes), None, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_not_a_web_server_is_named_by_its_greeting() {
        for (bytes, words) in [
            (
                &b"INFO {\"server_id\":\"N\",\"version\":\"2.10\"} \r\n"[..],
                "NATS",
            ),
            (b"AMQP\x00\x00\x09\x01", "AMQP"),
            (b"\x00\x00\x01\x1cHIVE\x00\x00\x00\x00", "-b HOST:9092"),
            (
                b"SSH-2.0-OpenSSH_9.2\r\n",
                "greets with 'SSH-2.0-OpenSSH_9.2'",
            ),
            (b"-ERR wrong number of arguments\r\n", "greets with '-ERR"),
        ] {
            let said = greeting(bytes, 9092).unwrap_or_default();
            assert!(said.contains(words), "{}: {said}", bytes.escape_ascii());
        }
        for bytes in [
            &b""[..],
            b"HTTP/1.1 400 Bad Request\r\n",
            b"\x00\x01\x02\x03",
            // An alert: the fault of the connection says already that TLS is spoken there.
            b"\x15\x03\x01\x00\x02\x02\x16",
            b"\x1b[2J\x1b[2J",
        ] {
            assert_eq!(greeting(bytes, 1), None, "{}", bytes.escape_ascii());
        }
    }
}
