//! WebSocket frames over a connection that the HTTP client has upgraded, so that proxies,
//! certificates and headers are the same as everywhere else.
//!
//! The crate knows the frames; putting messages together is done here, so that one that is too
//! large is passed over instead of ending the connection.

use super::stream::Fault;
use crate::wire::feed::Said;
use reqwest::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{RequestBuilder, Response};
use std::fmt;
use std::io::Cursor;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};

/// How often a silent connection is asked whether it lives, and how long it has to answer.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// The longest header a frame can have.
const LONGEST_HEADER: usize = 14;

/// What the frames say.
#[derive(Debug, PartialEq, Eq)]
pub enum Met<'a> {
    /// A whole message.
    Message(&'a [u8]),
    /// A message larger than the limit was passed over.
    TooLarge(u64),
    /// The other side wants to know whether we live.
    Ping(&'a [u8]),
    /// The other side lives.
    Pong,
    /// The other side hangs up.
    Close,
}

/// Puts messages together: pushed bytes as they come, with a bound on what is held.
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    header: Vec<u8>,
    /// The frame whose payload is coming, and how much of it is missing.
    frame: Option<(FrameHeader, u64)>,
    message: Vec<u8>,
    dropped: u64,
    control: Vec<u8>,
}

impl Frames {
    /// No message larger than `limit` bytes is held.
    pub fn new(limit: usize) -> Frames {
        Frames {
            limit,
            header: Vec::new(),
            frame: None,
            message: Vec::new(),
            dropped: 0,
            control: Vec::new(),
        }
    }

    /// Takes the next bytes. After an error the connection is of no use.
    pub fn push(&mut self, mut bytes: &[u8], take: &mut impl FnMut(Met<'_>)) -> Result<(), String> {
        loop {
            let Some((header, missing)) = &mut self.frame else {
                if bytes.is_empty() {
                    return Ok(());
                }
                self.begin(&mut bytes)?;
                if let Some((header, 0)) = &self.frame {
                    let header = header.clone();
                    self.end(&header, take)?;
                }
                continue;
            };
            let now = usize::try_from(*missing)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            let (part, rest) = bytes.split_at(now);
            bytes = rest;
            *missing -= now as u64;
            if matches!(header.opcode, OpCode::Control(_)) {
                self.control.extend_from_slice(part);
            } else {
                let kept = part
                    .len()
                    .min(self.limit.saturating_sub(self.message.len()));
                self.message.extend_from_slice(&part[..kept]);
                self.dropped += (part.len() - kept) as u64;
            }
            if *missing > 0 {
                return Ok(());
            }
            let header = header.clone();
            self.end(&header, take)?;
        }
    }

    /// Collects a frame's header.
    fn begin(&mut self, bytes: &mut &[u8]) -> Result<(), String> {
        let had = self.header.len();
        let more = bytes.len().min(LONGEST_HEADER - had);
        self.header.extend_from_slice(&bytes[..more]);
        let mut cursor = Cursor::new(&self.header);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|error| error.to_string())?;
        let used = usize::try_from(cursor.position()).unwrap_or(had);
        let Some((header, length)) = parsed else {
            *bytes = &bytes[more..];
            return Ok(());
        };
        *bytes = &bytes[used.saturating_sub(had)..];
        self.header.clear();
        if header.mask.is_some() || header.rsv1 || header.rsv2 || header.rsv3 {
            return Err("a frame that no server may send".to_owned());
        }
        if matches!(header.opcode, OpCode::Control(_)) && (length > 125 || !header.is_final) {
            return Err("a control frame that is too long".to_owned());
        }
        self.frame = Some((header, length));
        Ok(())
    }

    fn end(&mut self, header: &FrameHeader, take: &mut impl FnMut(Met<'_>)) -> Result<(), String> {
        self.frame = None;
        match header.opcode {
            OpCode::Control(control) => {
                match control {
                    Control::Ping => take(Met::Ping(&self.control)),
                    Control::Pong => take(Met::Pong),
                    Control::Close => take(Met::Close),
                    Control::Reserved(_) => return Err("an unknown control frame".to_owned()),
                }
                self.control.clear();
            }
            OpCode::Data(Data::Reserved(_)) => return Err("an unknown frame".to_owned()),
            OpCode::Data(_) if header.is_final => {
                if self.dropped > 0 {
                    take(Met::TooLarge(self.dropped + self.message.len() as u64));
                } else {
                    take(Met::Message(&self.message));
                }
                self.message.clear();
                self.message.shrink_to(64 * 1024);
                self.dropped = 0;
            }
            OpCode::Data(_) => {}
        }
        Ok(())
    }
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

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({:?})", self.frames)
    }
}

impl Socket {
    /// Takes over a connection that has agreed to become a WebSocket.
    pub(super) async fn upgrade(
        response: Response,
        key: &str,
        limit: usize,
    ) -> Result<Socket, Fault> {
        let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT);
        if accepted.is_none_or(|accepted| {
            accepted.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes()
        }) {
            return Err(Fault::NotEvents(
                "the server has not understood the WebSocket request".to_owned(),
            ));
        }
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

    /// Waits for bytes and hands over the messages they complete; false when the other side has
    /// hung up. May be dropped while it waits and called again.
    pub(super) async fn read(&mut self, take: &mut impl FnMut(Said<'_>)) -> Result<bool, String> {
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
                    self.send(Frame::ping(Vec::new()));
                }
            }
        };
        if read == 0 {
            return Ok(false);
        }
        self.heard = Instant::now();
        self.asked = false;
        let (mut open, mut pongs) = (true, Vec::new());
        self.frames
            .push(&self.block[..read], &mut |met| match met {
                Met::Message(message) => take(Said::Value(message)),
                Met::TooLarge(size) => take(Said::TooLarge(size)),
                // Only the last of many is answered, so that asking costs the asker more than us.
                Met::Ping(payload) => pongs = payload.to_vec(),
                Met::Pong => {}
                Met::Close => open = false,
            })?;
        if !pongs.is_empty() || !open {
            let frame = if open {
                Frame::pong(pongs)
            } else {
                Frame::close(None)
            };
            self.send(frame);
        }
        if !open {
            // The farewell is a courtesy: whether it arrives changes nothing.
            let _ = tokio::time::timeout(
                Duration::from_secs(1),
                self.writer.write_all(&self.outgoing),
            )
            .await;
        }
        Ok(open)
    }

    fn send(&mut self, mut frame: Frame) {
        let mask: [u8; 4] = *uuid::Uuid::new_v4()
            .as_bytes()
            .first_chunk()
            .unwrap_or(&[0; 4]);
        frame.header_mut().mask = Some(mask);
        // Writing to memory cannot fail.
        let _ = frame.format(&mut self.outgoing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(opcode: OpCode, is_final: bool, payload: &[u8]) -> Vec<u8> {
        let header = FrameHeader {
            is_final,
            opcode,
            ..FrameHeader::default()
        };
        let mut bytes = Vec::new();
        let frame = Frame::from_payload(header, payload.to_vec().into());
        frame.format(&mut bytes).unwrap();
        bytes
    }

    fn read(chunks: &[&[u8]]) -> Result<Vec<String>, String> {
        let mut frames = Frames::new(300);
        let mut said = Vec::new();
        for chunk in chunks {
            frames.push(chunk, &mut |met| {
                said.push(match met {
                    Met::Message(message) => format!("message {}", message.len()),
                    Met::Ping(payload) => format!("ping {}", payload.len()),
                    other => format!("{other:?}"),
                });
            })?;
        }
        Ok(said)
    }

    #[test]
    fn messages_are_the_same_however_the_bytes_are_split() {
        let (text, more) = (OpCode::Data(Data::Text), OpCode::Data(Data::Continue));
        let bytes = [
            frame(text, true, b"one"),
            frame(text, false, &[b'x'; 100]),
            frame(OpCode::Control(Control::Ping), true, b"?"),
            frame(more, true, &[b'y'; 150]),
            frame(text, true, &[b'z'; 301]),
            frame(OpCode::Data(Data::Binary), true, b""),
            frame(OpCode::Control(Control::Pong), true, b""),
            frame(OpCode::Control(Control::Close), true, b""),
        ]
        .concat();
        let expected = [
            "message 3",
            "ping 1",
            "message 250",
            "TooLarge(301)",
            "message 0",
            "Pong",
            "Close",
        ];
        for at in 0..=bytes.len() {
            assert_eq!(
                read(&[&bytes[..at], &bytes[at..]]).unwrap(),
                expected,
                "split at {at}"
            );
        }
        let single: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(read(&single).unwrap(), expected);
    }

    #[test]
    fn what_no_server_may_send_ends_the_connection() {
        for bytes in [
            &b"\x81\x80abcd"[..],
            b"\xf1\x00",
            b"\x89\x7e\x00\xff",
            b"\x83\x00",
            b"\x8b\x00",
        ] {
            assert!(read(&[bytes]).is_err(), "{bytes:?}");
        }
    }
}
