//! WebSocket frames over a connection that the HTTP client has upgraded, so that proxies,
//! certificates and headers are the same as everywhere else.

use super::causes::causes;
use super::frames::{FrameEvent, Frames};
use super::handshake::Dialogue;
use crate::wire::feed::{self, StreamItem};
use crate::wire::foreign;
use reqwest::Response;
use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

/// How often a silent connection is asked whether it lives, and how long it has to answer.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// With so many bytes still to be written to a server that does not read, pings go unanswered.
const MOST_OUTGOING: usize = 64 * 1024;

/// Why nothing more comes over a WebSocket.
#[derive(Debug)]
pub(super) enum SocketEnd {
    /// It was closed, or broke.
    Closed(String),
    /// Something else than events comes over it.
    NotEvents(String),
}

/// What a WebSocket speaks over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// An open WebSocket.
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

    /// Queues the first messages, which are written while the first answer is awaited.
    pub(super) fn begin(&mut self, dialogue: &Dialogue, token: &str, position: &str) {
        for text in dialogue.messages(token, position) {
            let code = OpCode::Data(Data::Text);
            send(
                &mut self.outgoing,
                Frame::message(text.into_bytes(), code, true),
            );
        }
    }

    /// Closes the connection; whether the frame arrives changes nothing.
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
    async fn wait(&mut self) -> Result<usize, SocketEnd> {
        let broken = |error: std::io::Error| SocketEnd::Closed(error.to_string());
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
                        return Err(SocketEnd::Closed(why.to_owned()));
                    }
                    read => return Ok(read),
                },
                () = patience => {
                    if self.asked {
                        return Err(SocketEnd::Closed("the server no longer answers".to_owned()));
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
    ) -> Result<(), SocketEnd> {
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
            return Err(SocketEnd::NotEvents(what));
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
        Err(SocketEnd::Closed(why))
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
