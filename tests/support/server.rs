//! A server that speaks literal bytes: what it answers, and when it hangs up, is up to the test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A listening server; each connection is handled by the script on a thread of its own.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Server {
    /// Answers the n-th request (from 0) with the bytes the script returns, then closes the
    /// connection. Requests are recorded.
    pub fn answering(
        script: impl Fn(usize, &Request) -> Vec<u8> + Send + Sync + 'static,
    ) -> Server {
        Server::scripted(move |number, request, stream| {
            let _ = stream.write_all(&script(number, request));
        })
    }

    /// Hands the first connection, unread, to the script; answers every request on a later one
    /// with 200. What the script leaves unread is answered with a reset.
    pub fn spoiling_the_first(script: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Server {
        let first = std::sync::atomic::AtomicBool::new(true);
        Server::listening(move |stream, recorded| {
            if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
                script(stream);
            } else if let Some(request) = read_request(stream) {
                recorded.lock().expect("no panic").push(request);
                let _ = stream.write_all(&answer("200 OK", "", ""));
            }
        })
    }

    /// Hands every connection, unread, to the script.
    pub fn raw(script: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Server {
        Server::listening(move |stream, _| script(stream))
    }

    /// Hands the n-th request to the script and keeps the connection for another one, for as
    /// long as the script says.
    pub fn persistent(
        script: impl Fn(usize, &mut TcpStream) -> Option<Duration> + Send + Sync + 'static,
    ) -> Server {
        Server::listening(move |stream, recorded| {
            while let Some(request) = read_request(stream) {
                let number = {
                    let mut all = recorded.lock().expect("no panic");
                    all.push(request);
                    all.len() - 1
                };
                let Some(idle) = script(number, stream) else {
                    return;
                };
                let _ = stream.set_read_timeout(Some(idle));
            }
        })
    }

    /// Hands the n-th request and its connection to the script; the connection closes when the
    /// script returns.
    pub fn scripted(
        script: impl Fn(usize, &Request, &mut TcpStream) + Send + Sync + 'static,
    ) -> Server {
        Server::listening(move |stream, recorded| {
            let Some(request) = read_request(stream) else {
                return;
            };
            let number = {
                let mut all = recorded.lock().expect("no panic");
                all.push(request.clone());
                all.len() - 1
            };
            script(number, &request, stream);
        })
    }

    fn listening(
        serve: impl Fn(&mut TcpStream, &Mutex<Vec<Request>>) + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        let serve = Arc::new(serve);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { break };
                let (recorded, serve) = (Arc::clone(&recorded), Arc::clone(&serve));
                std::thread::spawn(move || serve(&mut stream, &recorded));
            }
        });
        Server { address, requests }
    }

    /// Its address as a URL without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// An answer with a length and `Connection: close`.
pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut block = [0; 4096];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut block) {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&block[..length]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut request = Request {
        head,
        body: bytes.split_off(end),
    };
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    while request.body.len() < length {
        match stream.read(&mut block) {
            Ok(0) | Err(_) => return None,
            Ok(read) => request.body.extend_from_slice(&block[..read]),
        }
    }
    Some(request)
}
