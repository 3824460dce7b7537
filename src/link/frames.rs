//! WebSocket frames, put together to messages (RFC 6455, section 5).
//!
//! The crate reads the header of a frame. Its own assembly is not used: over a message that is
//! larger than the limit it fails the connection, and the events behind it would be lost. Here
//! such a message is passed over as it comes, without being held, and the next one is read.

use std::io::Cursor;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

/// The longest header a frame can have.
const LONGEST_HEADER: usize = 14;

/// The longest payload of a control frame.
const LONGEST_CONTROL: u64 = 125;

/// The largest message whose end is waited for, even if it is not held.
const LARGEST: u64 = 64 << 20;

/// What the frames say.
#[derive(Debug, PartialEq, Eq)]
pub enum FrameEvent<'a> {
    /// A whole message.
    Message(&'a [u8]),
    /// A message larger than the limit was passed over; its size as far as it is known.
    TooLarge(u64),
    /// The other side wants to know whether we live.
    Ping(&'a [u8]),
    /// The other side lives.
    Pong,
    /// The other side closes; with its code and reason, if it gives them. Nothing comes after it.
    Close(Option<(CloseCode, &'a str)>),
}

/// Why the connection must be failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    /// The close code that is sent.
    pub code: CloseCode,
    /// What it did.
    pub reason: &'static str,
}

const fn protocol(reason: &'static str) -> Violation {
    let code = CloseCode::Protocol;
    Violation { code, reason }
}

/// Puts messages together: pushed bytes as they come, with a bound on what is held.
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    header: Vec<u8>,
    /// The frame whose payload is coming, and how much of it is missing.
    frame: Option<(FrameHeader, u64)>,
    /// Whether a message has begun whose last fragment has not come.
    fragmented: bool,
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
            fragmented: false,
            message: Vec::new(),
            dropped: 0,
            control: Vec::new(),
        }
    }

    /// Takes the next bytes. After a violation or a close nothing more is to be pushed.
    pub fn push(
        &mut self,
        mut bytes: &[u8],
        take: &mut impl FnMut(FrameEvent<'_>),
    ) -> Result<(), Violation> {
        loop {
            if self.frame.is_none() && !self.begin(&mut bytes, take)? {
                return Ok(());
            }
            let Some((header, missing)) = &mut self.frame else {
                return Ok(());
            };
            let now = usize::try_from(*missing)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            let (part, rest) = bytes.split_at(now);
            bytes = rest;
            *missing -= now as u64;
            if *missing > 0 {
                let opcode = header.opcode;
                self.hold(opcode, part);
                return Ok(());
            }
            let header = header.clone();
            self.hold(header.opcode, part);
            self.frame = None;
            if !self.end(&header, take)? {
                return Ok(());
            }
        }
    }

    /// Collects a frame's header; false when it has not come whole.
    fn begin(
        &mut self,
        bytes: &mut &[u8],
        take: &mut impl FnMut(FrameEvent<'_>),
    ) -> Result<bool, Violation> {
        let had = self.header.len();
        let more = bytes.len().min(LONGEST_HEADER - had);
        self.header.extend_from_slice(&bytes[..more]);
        let mut cursor = Cursor::new(&self.header);
        let parsed =
            FrameHeader::parse(&mut cursor).map_err(|_| protocol("a frame of an unknown kind"))?;
        let used = usize::try_from(cursor.position()).unwrap_or(had);
        let Some((header, length)) = parsed else {
            *bytes = &bytes[more..];
            return Ok(false);
        };
        *bytes = &bytes[used.saturating_sub(had)..];
        self.header.clear();
        self.check(&header, length)?;
        let whole = self.size().saturating_add(length);
        if matches!(header.opcode, OpCode::Data(_)) && whole > LARGEST {
            take(FrameEvent::TooLarge(whole));
            return Err(Violation {
                code: CloseCode::Size,
                reason: "a message that is too large",
            });
        }
        self.frame = Some((header, length));
        Ok(true)
    }

    /// What a server may send at this point.
    fn check(&self, header: &FrameHeader, length: u64) -> Result<(), Violation> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(protocol("a frame with a reserved bit"));
        }
        if header.mask.is_some() {
            return Err(protocol("a masked frame"));
        }
        if length >> 63 == 1 {
            return Err(protocol("a frame with an impossible length"));
        }
        match header.opcode {
            OpCode::Control(_) if !header.is_final => Err(protocol("a fragmented control frame")),
            OpCode::Control(_) if length > LONGEST_CONTROL => {
                Err(protocol("a control frame that is too long"))
            }
            OpCode::Data(Data::Continue) if !self.fragmented => {
                Err(protocol("a continuation without a beginning"))
            }
            OpCode::Data(Data::Text | Data::Binary) if self.fragmented => {
                Err(protocol("a new message inside a fragmented one"))
            }
            OpCode::Control(Control::Reserved(_)) | OpCode::Data(Data::Reserved(_)) => {
                Err(protocol("a frame of an unknown kind"))
            }
            OpCode::Control(_) | OpCode::Data(_) => Ok(()),
        }
    }

    /// How large the message is so far.
    fn size(&self) -> u64 {
        self.dropped + self.message.len() as u64
    }

    fn hold(&mut self, opcode: OpCode, part: &[u8]) {
        if matches!(opcode, OpCode::Control(_)) {
            return self.control.extend_from_slice(part);
        }
        let room = self.limit.saturating_sub(self.message.len());
        let kept = part.len().min(room);
        self.message.extend_from_slice(&part[..kept]);
        self.dropped += (part.len() - kept) as u64;
    }

    /// A frame is complete; false when none may follow.
    fn end(
        &mut self,
        header: &FrameHeader,
        take: &mut impl FnMut(FrameEvent<'_>),
    ) -> Result<bool, Violation> {
        match header.opcode {
            OpCode::Data(_) => {
                self.fragmented = !header.is_final;
                if header.is_final {
                    self.hand_over(take);
                }
                return Ok(true);
            }
            OpCode::Control(Control::Close) => {
                take(FrameEvent::Close(closing(&self.control)?));
                return Ok(false);
            }
            OpCode::Control(Control::Ping) => take(FrameEvent::Ping(&self.control)),
            OpCode::Control(_) => take(FrameEvent::Pong),
        }
        self.control.clear();
        Ok(true)
    }

    fn hand_over(&mut self, take: &mut impl FnMut(FrameEvent<'_>)) {
        if self.dropped > 0 {
            take(FrameEvent::TooLarge(self.size()));
        } else {
            // Text that is not UTF-8 costs itself alone, like any other event that is not JSON.
            take(FrameEvent::Message(&self.message));
        }
        self.message.clear();
        self.message.shrink_to(64 * 1024);
        self.dropped = 0;
    }
}

/// What a close frame says.
fn closing(payload: &[u8]) -> Result<Option<(CloseCode, &str)>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return match payload {
            [] => Ok(None),
            _ => Err(protocol("a close frame with half a code")),
        };
    };
    let code = CloseCode::from(u16::from_be_bytes(*code));
    if !code.is_allowed() {
        return Err(protocol("a close frame with a code that may not be sent"));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Violation {
        code: CloseCode::Invalid,
        reason: "a close frame whose reason is not UTF-8",
    })?;
    Ok(Some((code, reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what is met, up to the violation.
    fn read(chunks: &[&[u8]]) -> (Vec<String>, Option<u16>) {
        let mut frames = Frames::new(300);
        let mut met = Vec::new();
        for chunk in chunks {
            let pushed = frames.push(chunk, &mut |one| {
                met.push(match one {
                    FrameEvent::Message(message) => format!("message {}", message.len()),
                    FrameEvent::TooLarge(size) => format!("too large {size}"),
                    FrameEvent::Ping(payload) => format!("ping {}", payload.escape_ascii()),
                    FrameEvent::Pong => "pong".to_owned(),
                    FrameEvent::Close(None) => "close".to_owned(),
                    FrameEvent::Close(Some((code, reason))) => format!("close {code} {reason}"),
                });
            });
            if let Err(violation) = pushed {
                return (met, Some(violation.code.into()));
            }
            if met.last().is_some_and(|last| last.starts_with("close")) {
                break;
            }
        }
        (met, None)
    }

    fn long(first: u8, length: u16, content: u8) -> Vec<u8> {
        let [high, low] = length.to_be_bytes();
        let mut frame = vec![first, 126, high, low];
        frame.resize(4 + usize::from(length), content);
        frame
    }

    #[test]
    fn messages_are_the_same_however_the_bytes_are_split() {
        let bytes = [
            b"\x81\x03one".to_vec(),
            long(0x01, 130, b'x'),
            b"\x89\x00".to_vec(),
            b"\x89\x01?".to_vec(),
            b"\x00\x00".to_vec(),
            b"\x8a\x02ok".to_vec(),
            long(0x80, 150, b'y'),
            long(0x81, 301, b'z'),
            b"\x82\x00".to_vec(),
            b"\x88\x08\x03\xf0policy".to_vec(),
            b"\x81\x04late".to_vec(),
        ]
        .concat();
        let expected = [
            "message 3",
            "ping ",
            "ping ?",
            "pong",
            "message 280",
            "too large 301",
            "message 0",
            "close 1008 policy",
        ];
        for at in 0..=bytes.len() {
            let (met, violation) = read(&[&bytes[..at], &bytes[at..]]);
            assert_eq!(met, expected, "split at {at}");
            assert_eq!(violation, None);
        }
        let single: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(read(&single).0, expected);
    }

    #[test]
    fn what_no_server_may_send_fails_the_connection_with_its_code() {
        let huge = b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff";
        for (bytes, met, code) in [
            (&b"\x81\x81abcdx"[..], vec![], 1002),
            (b"\xc1\x00", vec![], 1002),
            (b"\x91\x00", vec![], 1002),
            (b"\x83\x00", vec![], 1002),
            (b"\x8b\x00", vec![], 1002),
            (b"\x09\x00", vec![], 1002),
            (b"\x89\x7e\x00\xff", vec![], 1002),
            (b"\x80\x01x", vec![], 1002),
            (b"\x00\x01x", vec![], 1002),
            (b"\x81\x01a\x80\x01x", vec!["message 1"], 1002),
            (b"\x01\x01a\x81\x01b", vec![], 1002),
            (b"\x01\x01a\x02\x01b", vec![], 1002),
            (b"\x88\x01\x03", vec![], 1002),
            (b"\x88\x02\x03\xed", vec![], 1002),
            (b"\x88\x02\x00\x00", vec![], 1002),
            (b"\x88\x03\x03\xe8\xff", vec![], 1007),
            (b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", vec![], 1002),
            (huge, vec!["too large 9223372036854775807"], 1009),
        ] {
            let found = read(&[bytes]);
            let met = met.into_iter().map(str::to_owned).collect();
            assert_eq!(found, (met, Some(code)), "{}", bytes.escape_ascii());
        }
    }
}
