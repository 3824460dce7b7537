//! WebSocket frames over a connection that the HTTP client has upgraded, so that proxies,
//! certificates and headers are the same as everywhere else.

use super::frames::{Frames, Met};
use super::stream::Fault;
use crate::wire::feed::StreamItem;
use reqwest::header::{
    CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{RequestBuilder, Response};
use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// How often a silent connection is asked whether it lives, and how long it has to answer.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// With so many bytes still to be written to a server that does not read, pings go unanswered.
const MOST_OUTGOING: usize = 64 * 1024;

/// What a WebSocket speaks over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A WebSocket that stands.
pub struct Socket {
    reader: ReadHalf<Box<dyn Wire>>,
    writer: WriteHalf<Box<dyn Wire>>,
    block: Box<[u8]>,
    frames: Frames,
    /// What is still to be written.
    outgoing: Vec<u8>,
    heard: Instant,
    asked: bool,
}

/// Adds what a request for a WebSocket needs; the key comes back in the answer, disguised.
pub(super) fn request(request: RequestBuilder) -> (RequestBuilder, String) {
    let key = generate_key();
    let request = request
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key);
    (request, key)
}

/// Whether a server has agreed to what was asked for, and to nothing else (RFC 6455, 4.1).
pub(super) fn check(response: &Response, key: &str) -> Result<(), &'static str> {
    let headers = response.headers();
    let accept = derive_accept_key(key.as_bytes());
    if !has_token(headers, &UPGRADE, "websocket") {
        return Err("its answer names another protocol");
    }
    if !has_token(headers, &CONNECTION, "upgrade") {
        return Err("its answer does not upgrade the connection");
    }
    if headers
        .get(SEC_WEBSOCKET_ACCEPT)
        .is_none_or(|given| given.as_bytes().trim_ascii() != accept.as_bytes())
    {
        return Err("its answer does not fit the request's key");
    }
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Err("it uses an extension that was not asked for");
    }
    if headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Err("it chose a subprotocol that was not asked for");
    }
    Ok(())
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().eq_ignore_ascii_case(token))
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({:?})", self.frames)
    }
}

impl Socket {
    /// Takes over a connection whose answer was checked.
    pub(super) async fn upgrade(response: Response, limit: usize) -> Result<Socket, Fault> {
        let stream = response
            .upgrade()
            .await
            .map_err(|error| Fault::Broken(super::client::causes(&error)))?;
        Ok(Socket::over(Box::new(stream), limit))
    }

    /// Speaks over a connection on which both sides have agreed.
    pub(super) fn over(wire: Box<dyn Wire>, limit: usize) -> Socket {
        let (reader, writer) = tokio::io::split(wire);
        Socket {
            reader,
            writer,
            block: vec![0; 64 * 1024].into(),
            frames: Frames::new(limit),
            outgoing: Vec::new(),
            heard: Instant::now(),
            asked: false,
        }
    }

    /// Waits for bytes and hands over the messages they complete; an error says why nothing more
    /// comes. May be dropped while it waits and called again.
    pub(super) async fn read(
        &mut self,
        take: &mut impl FnMut(StreamItem<'_>),
    ) -> Result<(), String> {
        let read = loop {
            let patience = tokio::time::sleep_until(self.heard + HEARTBEAT);
            tokio::select! {
                biased;
                wrote = self.writer.write(&self.outgoing), if !self.outgoing.is_empty() => {
                    let wrote = wrote.map_err(|error| error.to_string())?;
                    self.outgoing.drain(..wrote);
                }
                read = self.reader.read(&mut self.block) => break read.map_err(|error| error.to_string())?,
                () = patience => {
                    if self.asked {
                        return Err("the server no longer answers".to_owned());
                    }
                    self.asked = true;
                    self.heard = Instant::now();
                    send(&mut self.outgoing, Frame::ping(Vec::new()));
                }
            }
        };
        if read == 0 {
            return Err("the server ended the connection without closing the WebSocket".to_owned());
        }
        self.heard = Instant::now();
        self.asked = false;
        let outgoing = &mut self.outgoing;
        let mut closed = None;
        let pushed = self.frames.push(&self.block[..read], &mut |met| match met {
            Met::Message(message) => take(StreamItem::Value(message)),
            Met::TooLarge(size) => take(StreamItem::TooLarge(size)),
            Met::Ping(_) if outgoing.len() > MOST_OUTGOING => {}
            Met::Ping(payload) => send(outgoing, Frame::pong(payload.to_vec())),
            Met::Pong => {}
            Met::Close(said) => closed = Some(answered(said)),
        });
        let (code, why) = match (pushed, closed) {
            (Ok(()), None) => return Ok(()),
            (Ok(()), Some(closed)) => closed,
            (Err(violation), _) => (
                Some(violation.code),
                format!(
                    "the server broke the WebSocket protocol: {}",
                    violation.reason
                ),
            ),
        };
        let frame = code.map(|code| CloseFrame {
            code,
            reason: "".into(),
        });
        send(&mut self.outgoing, Frame::close(frame));
        // The farewell is a courtesy: whether it arrives changes nothing.
        let _ = tokio::time::timeout(
            Duration::from_secs(1),
            self.writer.write_all(&self.outgoing),
        )
        .await;
        Err(why)
    }
}

/// The code that a close is answered with, and what the close means in words.
fn answered(said: Option<(CloseCode, &str)>) -> (Option<CloseCode>, String) {
    let why = "the server closed the WebSocket";
    match said {
        None => (None, why.to_owned()),
        Some((code, "")) => (Some(code), format!("{why} with code {code}")),
        Some((code, reason)) => (Some(code), format!("{why} with code {code}: {reason}")),
    }
}

/// Adds a frame to what is to be written.
fn send(outgoing: &mut Vec<u8>, mut frame: Frame) {
    let mask: [u8; 4] = *uuid::Uuid::new_v4()
        .as_bytes()
        .first_chunk()
        .unwrap_or(&[0; 4]);
    frame.header_mut().mask = Some(mask);
    // Writing to memory cannot fail.
    let _ = frame.format(outgoing);
}
