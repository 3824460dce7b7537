//! Where to listen: `HOST:PORT`, `:PORT` or `PORT`.

use crate::failure::Failure;
use std::net::{SocketAddr, ToSocketAddrs};

/// Reads what a flag says. Without a host it is this machine alone.
pub fn listen_address(flag: &str, text: &str) -> Result<SocketAddr, Failure> {
    let whole = match text.strip_prefix(':') {
        Some(port) => format!("127.0.0.1:{port}"),
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("127.0.0.1:{text}"),
        None => text.to_owned(),
    };
    whole
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next())
        .ok_or_else(|| {
            Failure::usage(format!("{flag}: '{text}' is not an address to listen on"))
                .hint("use HOST:PORT, :PORT or PORT")
        })
}
