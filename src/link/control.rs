//! A request to the sandbox's own addresses: plain, small, on this machine.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// More than any answer of the sandbox to an order.
const MAX_ANSWER: u64 = 1 << 20;

/// Posts JSON and returns status and body.
pub fn post(server: &str, path: &str, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    let wrong = |message: &str| io::Error::new(io::ErrorKind::InvalidInput, message.to_owned());
    let url = url::Url::parse(server).map_err(|error| wrong(&error.to_string()))?;
    let (Some(host), "http") = (url.host_str(), url.scheme()) else {
        return Err(wrong(
            "a sandbox has an address such as http://127.0.0.1:8080",
        ));
    };
    let port = url.port_or_known_default().unwrap_or(80);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = (bare, port)
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| wrong("the host name has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    let unclear = || io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP");
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or_else(unclear)?;
    let status = std::str::from_utf8(&answer[..end])
        .ok()
        .filter(|head| head.starts_with("HTTP/1."))
        .and_then(|head| head.split(' ').nth(1)?.parse().ok())
        .ok_or_else(unclear)?;
    Ok((status, answer.split_off(end + 4)))
}
