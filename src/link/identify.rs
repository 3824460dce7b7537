//! What listens at an address that does not answer as a web server does.

use super::address::is_loopback;
use crate::wire::foreign::{self, KAFKA_QUESTION};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};

/// How long each question may take.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Asks a server what it is, by its greeting and by two questions: one that every web server
/// answers, and one that a Kafka broker does. One sentence, if that identifies it.
pub(super) async fn ask(address: &Url) -> Option<String> {
    let port = address.port_or_known_default()?;
    for question in [&b"GET / HTTP/1.0\r\n\r\n"[..], KAFKA_QUESTION] {
        let answer = timeout(TIMEOUT, exchange(address, port, question)).await;
        let answer = answer.ok().flatten().unwrap_or_default();
        if answer.starts_with(b"HTTP/") {
            return None;
        }
        if let Some(message) = foreign::greeting(&answer, port) {
            return Some(message);
        }
    }
    None
}

async fn exchange(address: &Url, port: u16, question: &[u8]) -> Option<Vec<u8>> {
    let host = match address.host()? {
        // Whatever a resolver says: what is trusted to stay on this machine does.
        _ if is_loopback(address) && address.domain().is_some() => "127.0.0.1".to_owned(),
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    };
    let mut stream = TcpStream::connect((host.as_str(), port)).await.ok()?;
    stream.write_all(question).await.ok()?;
    let mut answer = vec![0; 256];
    let mut length = 0;
    // A greeting that comes in pieces is known by its first ones.
    while length < 8 {
        match stream.read(&mut answer[length..]).await {
            Ok(0) | Err(_) => break,
            Ok(read) => length += read,
        }
    }
    answer.truncate(length);
    Some(answer)
}
