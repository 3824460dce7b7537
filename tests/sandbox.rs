//! The emulator, spoken to in literal bytes.

mod command;
mod event_log;
mod faults;
mod login;
mod page;
mod run;
mod safety;
mod stream;

use crate::support::PATIENCE;
use hivelog::sandbox::{Sandbox, SandboxOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// An event log no rule has anything against.
const GOOD: &str = r#"{"eventCode":"5004N","direction":"INBOUND","lifeCycleStage":"INBOUND_1","outcome":"PROCESSING","generatedAt":"2024-05-03T17:30:00.895+12:00","correlationId":"14cac731-6dd7-424c-bfbf-f0be0b07f8cf","dataId":{"@type":"DataReference","schemaName":"limber","shapeName":"Product","externalIdentities":[{"integrationKey":"ShopifyNZ","externalId":"9217354452632"}]},"integrationKey":"ShopifyNZ","shapeName":"Product","mode":"SANDBOX","schemaName":"limber","schemaVersion":"2.1.0"}"#;

const HEADERS: &str = "X-Shopify-Connector-Key: 9XnZr4JmPWTVHuyFBheg\r\nlimber-connector: shopify_connector\r\nContent-Type: application/json\r\n";

fn start(change: impl FnOnce(&mut SandboxOptions)) -> Sandbox {
    let mut options = SandboxOptions {
        rate: 0.0,
        ..SandboxOptions::default()
    };
    change(&mut options);
    Sandbox::start(options).expect("a free port")
}

fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(sandbox.address()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream
}

/// Sends bytes and reads to the end of the connection: status, head and body.
fn exchange(sandbox: &Sandbox, bytes: &[u8]) -> (u16, String, String) {
    let mut stream = connect(sandbox);
    stream.write_all(bytes).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("a status"), head.to_owned(), body.to_owned())
}

fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn put(sandbox: &Sandbox, headers: &str, body: &str) -> (u16, serde_json::Value) {
    let bytes = request("PUT /data-service/v1/eventLog", headers, body);
    let (status, _, body) = exchange(sandbox, &bytes);
    (status, serde_json::from_str(&body).expect("JSON"))
}

/// Opens a stream and hands over the head and a reader of the lines behind it.
fn listen(sandbox: &Sandbox, headers: &str) -> (String, BufReader<TcpStream>) {
    let mut stream = connect(sandbox);
    let request = format!("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).expect("a head"), 0, "{head}");
    }
    (head, reader)
}

/// The next line of a body in chunks: sizes and their line ends are passed over.
fn line(reader: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(
            reader.read_line(&mut line).expect("in time"),
            0,
            "it goes on"
        );
        if !line.ends_with("\r\n") {
            return line;
        }
    }
}

/// The next event as its id and its data.
fn event(reader: &mut BufReader<TcpStream>) -> (String, serde_json::Value) {
    let id = loop {
        if let Some(id) = line(reader).strip_prefix("id: ") {
            break id.trim_end().to_owned();
        }
    };
    let data = line(reader);
    let data = data.strip_prefix("data: ").expect("data behind the id");
    let data = serde_json::from_str(data).expect("an envelope");
    assert_eq!(line(reader), "\n", "an empty line ends the event");
    (id, data)
}
