//! The pages about sources: what stands on them is run, against the literal bytes of the source.

use crate::support::server::Server;
use crate::support::{Place, Running};
use std::io::{Read, Write};
use std::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// A page: its profile, and the lines that begin with `hivelog`.
struct Page {
    place: Place,
    profile: String,
    lines: Vec<Vec<String>>,
}

impl Page {
    fn read(name: &str) -> Page {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sources");
        let text = std::fs::read_to_string(path.join(name)).expect("a page");
        let fenced = |kind: &str| {
            let mut blocks = Vec::new();
            let mut rest = text.as_str();
            while let Some((_, behind)) = rest.split_once(&format!("```{kind}\n")) {
                let (block, behind) = behind.split_once("```").expect("an end");
                blocks.push(block.to_owned());
                rest = behind;
            }
            blocks
        };
        let shell = fenced("sh").concat();
        let lines = shell
            .lines()
            .filter_map(|line| line.strip_prefix("hivelog "));
        let words = |line: &str| {
            line.split(' ')
                .map(|word| word.trim_matches('\'').to_owned())
                .collect()
        };
        Page {
            place: Place::new(),
            profile: fenced("toml").concat(),
            lines: lines.map(words).collect(),
        }
    }

    /// Runs a line of the page with the address that the test has instead of the page's.
    fn start(&self, line: usize, given: &str, ours: &str, more: &[&str], token: &str) -> Running {
        let profile = self.profile.replace(given, ours);
        assert!(self.profile.is_empty() || profile != self.profile || given.starts_with(':'));
        self.place.file("config.toml", profile);
        let words = self.lines[line]
            .iter()
            .map(|word| word.replace(given, ours));
        let more = more.iter().map(|word| (*word).to_owned());
        let config = ["--config".to_owned(), "config.toml".to_owned()];
        let run = self.place.hivelog(words.chain(more).chain(config));
        let run = run.env("HIVELOG_LISTEN_SECRET", token);
        run.env("HIVELOG_SERVER_TOKEN", token).start()
    }
}

/// Posts to a listener that has just started.
fn post(running: &Running, head: &str, body: &[u8]) {
    let reported = running.stderr.until("listening on http://");
    let (_, url) = reported.trim().split_once("http://").expect("a URL");
    let address = url.split('/').next().expect("an address");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "POST {head}\r\nHost: localhost\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream
        .write_all(&[head.as_bytes(), body].concat())
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// Sends text frames to whoever asks for a WebSocket.
fn websocket(messages: &'static [&'static str], subprotocol: &'static str) -> Server {
    Server::scripted(move |_, request, stream| {
        let asked = request.header("sec-websocket-protocol").unwrap_or_default();
        assert_eq!(asked, subprotocol);
        let chosen = match subprotocol {
            "" => String::new(),
            name => format!("Sec-WebSocket-Protocol: {name}\r\n"),
        };
        let key = request.header("sec-websocket-key").expect("a key");
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{chosen}Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        let _ = stream.write_all(head.as_bytes());
        for message in messages {
            let length = u16::try_from(message.len()).expect("a short message");
            let [high, low] = length.to_be_bytes();
            let _ = stream.write_all(&[&[0x81, 126, high, low], message.as_bytes()].concat());
        }
        let _ = stream.read(&mut [0; 1024]);
    })
}

#[test]
fn a_sirveo_flow_posts_its_event() {
    let page = Page::read("sirveo.md");
    let running = page.start(
        0,
        "0.0.0.0:8080",
        "127.0.0.1:0",
        &["--count", "1"],
        "canary",
    );
    let event = r#"{ "id":"8c1c", "ts":"2024-02-25T11:58:12.336598Z", "kind":"sys", "type":"auth.ok", "persistent":true, "data":{"ip":"127.0.0.1"} }"#;
    let head = "/events HTTP/1.1\r\nContent-Type: application/json\r\nX-Hivelog-Secret: canary";
    post(&running, head, event.as_bytes());
    assert_eq!(running.wait().exits(0).text(), format!("{event}\n"));
    let copy = std::fs::read_to_string(page.place.path("events.ndjson"));
    assert_eq!(copy.expect("a copy"), format!("{event}\n"));
}

#[test]
fn node_red_sends_its_messages() {
    const MESSAGE: &str = r#"{"_msgid":"a1b2","topic":"orders/new","payload":{"n":1.50},"qos":0}"#;
    const POSTED: &str = r#"{"id":"a1b2","type":"orders/new","data":{"n":1.5}}"#;
    const OURS: &str = "{\"id\":\"a1b2\",\"type\":\"orders/new\",\"data\":{\"n\":1.50},\"_msgid\":\"a1b2\",\"topic\":\"orders/new\",\"payload\":{\"n\":1.50},\"qos\":0}\n";
    let page = Page::read("node-red.md");
    let server = websocket(&[MESSAGE], "");
    let url = server.url().replace("http://", "ws://");
    let running = page.start(0, "ws://localhost:1880", &url, &["--count", "1"], "");
    assert_eq!(running.wait().exits(0).text(), OURS);
    let running = page.start(1, ":8080", ":0", &["--count", "1"], "");
    post(
        &running,
        "/ HTTP/1.1\r\nContent-Type: application/json",
        POSTED.as_bytes(),
    );
    assert_eq!(running.wait().exits(0).text(), format!("{POSTED}\n"));
}

#[test]
fn nchan_goes_on_from_its_position() {
    let page = Page::read("nchan.md");
    let server = Server::scripted(|number, request, stream| {
        assert!(request.head.starts_with("GET /sub/orders HTTP/1.1"));
        let last = request.header("last-event-id");
        assert_eq!(last, [None, Some("1764212400:0")][number]);
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n: hi\n\n";
        let id = number + 1;
        let event = format!(
            "id: 176421240{number}:0\ndata: {{\"id\":\"e-{id}\",\"type\":\"order.new\"}}\n\n"
        );
        let _ = stream.write_all((head.to_owned() + &event).as_bytes());
        let _ = stream.read(&mut [0; 64]);
    });
    for id in 1..=2 {
        let more = ["--count", "1"];
        let running = page.start(0, "https://push.example.com", &server.url(), &more, "");
        let ended = running.wait().exits(0);
        assert!(
            ended.text().contains(&format!("\"e-{id}\"")),
            "{}",
            ended.transcript()
        );
    }
}

#[test]
fn prefect_streams_its_events() {
    let page = Page::read("prefect.md");
    let messages = &[
        r#"{"type":"auth_success"}"#,
        r#"{"type":"event","event":{"occurred":"2026-11-27T03:00:00.5+00:00","event":"prefect.flow-run.Completed","resource":{"prefect.resource.id":"prefect.flow-run.1"},"related":[],"payload":{"n":1},"id":"01-a","follows":null}}"#,
    ];
    let server = websocket(messages, "prefect");
    let url = server.url().replace("http://", "ws://");
    let running = page.start(0, "ws://localhost:4200", &url, &["--count", "1"], "canary");
    let ended = running.wait().exits(0);
    assert_eq!(ended.errors(), "");
    let event = &ended.ndjson()[0];
    assert_eq!(event["type"], "prefect.flow-run.Completed");
    assert_eq!(event["ts"], "2026-11-27T03:00:00.5+00:00");
    assert_eq!(
        (&event["id"], &event["data"]["n"]),
        (&"01-a".into(), &1.into())
    );
    assert!(
        server.requests()[0]
            .head
            .starts_with("GET /api/events/out HTTP/1.1")
    );
}

#[test]
fn log_shippers_post_their_lines() {
    let page = Page::read("syslog-ng.md");
    let syslog =
        "{\"PROGRAM\":\"cron\",\"MESSAGE\":\"a\"}\n{\"PROGRAM\":\"cron\",\"MESSAGE\":\"b\"}";
    let vector = "{\"message\":\"a\",\"source_type\":\"file\"}\n{\"message\":\"b\",\"source_type\":\"file\"}\n";
    let fluent = "[{\"date\":1764212400.5,\"log_type\":\"app\",\"log\":\"a\"},{\"date\":1764212401.5,\"log_type\":\"app\",\"log\":\"b\"}]";
    let lines = "/ HTTP/1.1\r\nContent-Type: application/x-ndjson";
    let zipped = "/ HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Type: application/x-ndjson";
    let json = "/ HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Type: application/json";
    for (line, (head, body, kind)) in [
        (lines, syslog.as_bytes().to_vec(), "cron"),
        (zipped, gzip(vector), "file"),
        (json, gzip(fluent), "app"),
    ]
    .into_iter()
    .enumerate()
    {
        let running = page.start(line, ":8080", ":0", &["--count", "2"], "");
        post(&running, head, &body);
        let events = running.wait().exits(0).ndjson();
        assert_eq!(events.len(), 2);
        assert!(
            events.iter().all(|event| event["type"] == kind),
            "{events:?}"
        );
    }
}
