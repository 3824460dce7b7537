//! A foreign server: nginx with the nchan module, which publishes what it is sent over
//! server-sent events and WebSocket alike.

use crate::support::{PATIENCE, Place, Running, hivelog};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const MODULES: [&str; 3] = [
    "/usr/lib/nginx/modules/ngx_nchan_module.so",
    "/usr/lib64/nginx/modules/ngx_nchan_module.so",
    "/usr/share/nginx/modules/ngx_nchan_module.so",
];

/// An nginx of our own: one process, one folder, one port of the loopback.
struct Nginx {
    place: Place,
    child: Child,
    port: u16,
}

impl Nginx {
    /// Starts it, or says aloud why not.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn start() -> Option<Nginx> {
        let module = MODULES.into_iter().find(|path| Path::new(path).exists());
        let mut there = Command::new(program());
        let there = there.arg("-v").stderr(Stdio::null()).status().is_ok();
        let (Some(module), true) = (module, there) else {
            eprintln!("SKIPPED: there is no nginx with nchan (nginx, libnginx-mod-nchan)");
            return None;
        };
        let place = Place::new();
        // Somebody else may take a port between our finding it and its use.
        for _ in 0..5 {
            let port = free_port();
            configure(&place, module, port);
            if let Some(child) = launch(&place, port) {
                return Some(Nginx { place, child, port });
            }
        }
        let log = std::fs::read_to_string(place.path("error.log"));
        panic!("nginx does not start: {log:?}");
    }

    /// Ends it without a farewell and starts it anew; what it had queued is gone.
    fn crash(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        // Its positions count within a second: those of the next life must not look older.
        let second = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.expect("later than 1970").as_secs()
        };
        let died = second();
        while second() == died {
            std::thread::yield_now();
        }
        self.child = launch(&self.place, self.port).expect("it starts again");
    }

    fn publish(&self, ids: std::ops::RangeInclusive<u32>) {
        for id in ids {
            let body =
                format!(r#"{{"id":"e-{id}","type":"auth.ok","data":{{"text":"ünï {id}"}}}}"#);
            let request = format!(
                "POST /publish HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
            stream.write_all(request.as_bytes()).expect("it reads");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("it answers");
            let status = answer.split(' ').nth(1);
            assert!(matches!(status, Some("201" | "202")), "{answer}");
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Debian keeps it where ordinary users do not look.
fn program() -> &'static str {
    let debian = "/usr/sbin/nginx";
    if Path::new(debian).exists() {
        debian
    } else {
        "nginx"
    }
}

fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address").port()
}

fn configure(place: &Place, module: &str, port: u16) {
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {name};\n"))
        .concat();
    place.file(
        "nginx.conf",
        format!(
            "load_module {module};
            daemon off; master_process off; pid pid;
            events {{ worker_connections 64; }}
            http {{
                access_log off;
                {temporary}
                server {{
                    listen 127.0.0.1:{port};
                    location = /api/v1/events/stream {{
                        nchan_subscriber eventsource websocket;
                        nchan_channel_id events;
                        nchan_subscriber_first_message oldest;
                    }}
                    location = /publish {{
                        nchan_publisher;
                        nchan_channel_id events;
                        nchan_message_buffer_length 1000;
                    }}
                }}
            }}"
        ),
    );
}

/// Starts it and waits until it answers; none when it ends instead.
fn launch(place: &Place, port: u16) -> Option<Child> {
    let folder = place.path("");
    let mut child = Command::new(program())
        .arg("-p")
        .arg(&folder)
        .args(["-c", "nginx.conf", "-e", "error.log"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx");
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if child.try_wait().expect("a child").is_some() {
            return None;
        }
        assert!(began.elapsed() < PATIENCE, "nginx does not answer");
        std::thread::yield_now();
    }
    Some(child)
}

/// A wire to nginx that is cut after so many bytes of each answer, as long as there are cuts.
/// Gives its port and the heads of the requests that went over it.
fn cutting(nginx: u16, cuts: &'static [usize]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&heads);
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let Ok(client) = client else { break };
            let recorded = Arc::clone(&recorded);
            let cut = cuts.get(number).copied().unwrap_or(usize::MAX);
            std::thread::spawn(move || carry(client, nginx, cut, &recorded));
        }
    });
    (port, heads)
}

fn carry(mut client: TcpStream, nginx: u16, cut: usize, heads: &Mutex<Vec<String>>) {
    let mut server = TcpStream::connect(("127.0.0.1", nginx)).expect("nginx");
    let mut block = [0; 4096];
    let read = client.read(&mut block).unwrap_or(0);
    let head = String::from_utf8_lossy(&block[..read]).into_owned();
    heads.lock().expect("no panic").push(head);
    let _ = server.write_all(&block[..read]);
    let (mut from, mut to) = (
        client.try_clone().expect("a socket"),
        server.try_clone().expect("a socket"),
    );
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    let limited = &mut (&mut server).take(cut as u64);
    let _ = std::io::copy(limited, &mut client);
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

fn follow(url: &str, count: &str) -> Running {
    hivelog(["tail", "--server", url, "--count", count]).start()
}

/// The ids in the order in which they were shown, and how many gaps there were.
fn shown(records: &[Value]) -> (Vec<&str>, usize) {
    let ours = |record: &&Value| record["kind"] == "hivelog";
    let ids = records.iter().filter(|record| !ours(record));
    let ids = ids.map(|record| record["id"].as_str().expect("an id"));
    (ids.collect(), records.iter().filter(ours).count())
}

fn wanted(count: u32) -> Vec<String> {
    (1..=count).map(|id| format!("e-{id}")).collect()
}

#[test]
fn a_cut_wire_to_nginx_loses_and_repeats_nothing() {
    let Some(nginx) = Nginx::start() else { return };
    nginx.publish(1..=30);
    for scheme in ["http", "ws"] {
        // In the midst of an event each time: the head of an answer has about 200 bytes.
        let (port, heads) = cutting(nginx.port, &[777, 901, 601]);
        let ended = follow(&format!("{scheme}://127.0.0.1:{port}"), "30")
            .wait()
            .exits(0);
        let records = ended.ndjson();
        assert_eq!(
            shown(&records),
            (wanted(30).iter().map(String::as_str).collect(), 3),
            "{}",
            ended.transcript()
        );
        let heads = heads.lock().expect("no panic");
        assert_eq!(heads.len(), 4);
        let asks = |head: &String| head.to_ascii_lowercase().contains("\r\nlast-event-id: ");
        let resumed = heads.iter().filter(|head| asks(head)).count();
        // A WebSocket has no position: the server sends all it has, and repeats are dropped.
        assert_eq!(resumed, if scheme == "http" { 3 } else { 0 }, "{heads:?}");
        let gaps = records.iter().filter(|record| record["kind"] == "hivelog");
        for gap in gaps {
            assert_eq!(gap["recovered"], scheme == "http", "{gap}");
        }
    }
}

#[test]
fn nginx_may_crash_and_come_back() {
    for scheme in ["http", "ws"] {
        let Some(mut nginx) = Nginx::start() else {
            return;
        };
        let url = format!("{scheme}://127.0.0.1:{}", nginx.port);
        nginx.publish(1..=5);
        let running = follow(&url, "10");
        let mut text = String::new();
        for _ in 1..=5 {
            text += &running.stdout.next();
        }
        nginx.crash();
        nginx.publish(6..=8);
        for _ in 6..=9 {
            text += &running.stdout.next();
        }
        nginx.publish(9..=10);
        let ended = running.wait().exits(0);
        text += &ended.text();
        let records: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(
            shown(&records),
            (wanted(10).iter().map(String::as_str).collect(), 1),
            "{text}"
        );
    }
}
