//! WebSocket frames over a connection that the HTTP client has upgraded, so that proxies,
//! certificates and headers are the same as everywhere else.

use super::address::RequestError;
use super::causes::causes;
use super::frames::{FrameEvent, Frames};
use crate::wire::feed::{self, StreamItem};
use crate::wire::foreign;
use reqwest::header::{
    CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{RequestBuilder, Response};
use serde::de::IgnoredAny;
use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

/// How often a silent connection is asked whether it lives, and how long it has to answer.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// With so many bytes still to be written to a server that does not read, pings go unanswered.
const MOST_OUTGOING: usize = 64 * 1024;

/// What is agreed on, and what is said first.
#[derive(Clone, Debug, Default)]
pub struct Dialogue {
    /// The subprotocol that is asked for.
    pub subprotocol: Option<String>,
    /// The first messages, with `{token}` and `{position}` where these belong.
    pub hello: Vec<String>,
}

impl Dialogue {
    /// Whether a first message carries this: `token` or `position`.
    pub fn mentions(&self, name: &str) -> bool {
        let place = format!("{{{name}}}");
        self.hello.iter().any(|text| text.contains(&place))
    }
}

/// Refuses a subprotocol's name that is not a token (RFC 6455, 4.1).
pub fn check_subprotocol(name: &str) -> Result<(), RequestError> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte);
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(());
    }
    Err(RequestError::new(format!(
        "'{name}' is not the name of a WebSocket subprotocol"
    )))
}

/// Why nothing more comes over a WebSocket.
#[derive(Debug)]
pub(super) enum Ended {
    /// It was closed, or broke.
    Closed(String),
    /// Something else than events comes over it.
    NotEvents(String),
}

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
    /// Whether a first message has come.
    greeted: bool,
}

/// Adds what a request for a WebSocket needs; the key comes back in the answer, disguised.
pub(super) fn request(request: RequestBuilder, dialogue: &Dialogue) -> (RequestBuilder, String) {
    let key = generate_key();
    let request = match &dialogue.subprotocol {
        Some(name) => request.header(SEC_WEBSOCKET_PROTOCOL, name),
        None => request,
    };
    let request = request
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key);
    (request, key)
}

/// Whether a server has agreed to what was asked for, and to nothing else (RFC 6455, 4.1).
pub(super) fn check(
    response: &Response,
    key: &str,
    dialogue: &Dialogue,
) -> Result<(), &'static str> {
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
    let mut chosen = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let asked = dialogue.subprotocol.as_deref().map(str::as_bytes);
    if chosen.any(|chosen| Some(chosen.as_bytes().trim_ascii()) != asked) {
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
    pub(super) async fn upgrade(response: Response, limit: usize) -> Result<Socket, String> {
        let stream = response.upgrade().await.map_err(|error| causes(&error))?;
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
            greeted: false,
        }
    }

    /// Says the first messages, which are written while the first answer is waited for.
    pub(super) fn begin(&mut self, dialogue: &Dialogue, token: &str, position: &str) {
        for text in &dialogue.hello {
            let text = filled(text, token, position);
            let code = OpCode::Data(Data::Text);
            send(
                &mut self.outgoing,
                Frame::message(text.into_bytes(), code, true),
            );
        }
    }

    /// Says farewell, which is a courtesy: whether it arrives changes nothing.
    async fn close(&mut self, code: Option<CloseCode>) {
        let frame = code.map(|code| CloseFrame {
            code,
            reason: "".into(),
        });
        send(&mut self.outgoing, Frame::close(frame));
        let _ = tokio::time::timeout(
            Duration::from_secs(1),
            self.writer.write_all(&self.outgoing),
        )
        .await;
    }

    /// Waits for bytes, writes what is to be written, and asks whether a silent server lives.
    async fn wait(&mut self) -> Result<usize, Ended> {
        let broken = |error: std::io::Error| Ended::Closed(error.to_string());
        loop {
            let patience = tokio::time::sleep_until(self.heard + HEARTBEAT);
            tokio::select! {
                biased;
                wrote = self.writer.write(&self.outgoing), if !self.outgoing.is_empty() => {
                    let wrote = wrote.map_err(broken)?;
                    self.outgoing.drain(..wrote);
                }
                read = self.reader.read(&mut self.block) => match read.map_err(broken)? {
                    0 => {
                        let why = "the server ended the connection without closing the WebSocket";
                        return Err(Ended::Closed(why.to_owned()));
                    }
                    read => return Ok(read),
                },
                () = patience => {
                    if self.asked {
                        return Err(Ended::Closed("the server no longer answers".to_owned()));
                    }
                    self.asked = true;
                    self.heard = Instant::now();
                    send(&mut self.outgoing, Frame::ping(Vec::new()));
                }
            }
        }
    }

    /// Waits for bytes and hands over the messages they complete; an error says why nothing more
    /// comes. May be dropped while it waits and called again.
    pub(super) async fn read(
        &mut self,
        take: &mut impl FnMut(StreamItem<'_>),
    ) -> Result<(), Ended> {
        let read = self.wait().await?;
        self.heard = Instant::now();
        self.asked = false;
        let (outgoing, greeted) = (&mut self.outgoing, &mut self.greeted);
        let (mut closed, mut other) = (None, None);
        let pushed = self.frames.push(&self.block[..read], &mut |met| match met {
            FrameEvent::Message(message) => {
                if !std::mem::replace(greeted, true) {
                    other = foreign::first_message(message);
                }
                if other.is_none() {
                    feed::message(message, take);
                }
            }
            FrameEvent::TooLarge(size) => take(StreamItem::TooLarge(size)),
            FrameEvent::Ping(_) if outgoing.len() > MOST_OUTGOING => {}
            FrameEvent::Ping(payload) => send(outgoing, Frame::pong(payload.to_vec())),
            FrameEvent::Pong => {}
            FrameEvent::Close(said) => closed = Some(answered(said)),
        });
        if let Some(what) = other {
            return Err(Ended::NotEvents(what));
        }
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
        self.close(code).await;
        Err(Ended::Closed(why))
    }
}

/// A first message with token and position in their places. In JSON they are escaped as text.
fn filled(text: &str, token: &str, position: &str) -> String {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let put = |value: &str| {
        let quoted = serde_json::Value::from(value).to_string();
        if is_json {
            quoted[1..quoted.len() - 1].to_owned()
        } else {
            value.to_owned()
        }
    };
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, place) = rest.split_at(at);
        filled.push_str(before);
        rest = if let Some(behind) = place.strip_prefix("{token}") {
            filled.push_str(&put(token));
            behind
        } else if let Some(behind) = place.strip_prefix("{position}") {
            filled.push_str(&put(position));
            behind
        } else {
            filled.push('{');
            &place[1..]
        };
    }
    filled + rest
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_and_position_stand_where_the_first_message_wants_them() {
        for (text, wanted) in [
            (
                r#"{"auth":"{token}","from":"{position}","x":{}}"#,
                r#"{"auth":"a\"{position}","from":"7","x":{}}"#,
            ),
            (
                "AUTH {token} {position} {other} {",
                "AUTH a\"{position} 7 {other} {",
            ),
            ("", ""),
        ] {
            assert_eq!(filled(text, "a\"{position}", "7"), wanted);
        }
    }
}
