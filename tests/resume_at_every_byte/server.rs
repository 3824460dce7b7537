//! A server without a network: it plays a recording, and cuts its connections as configured.

use super::recording::Recording;
use hivelog::link::login::{IssuedToken, LoginRequest};
use hivelog::link::server::StreamFault;
use hivelog::link::stream::{EventSource, StreamConnection};
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Yields its bytes in chunks, and then ends or is reset; accepts whatever is written.
pub struct ByteStream {
    pub bytes: Vec<u8>,
    pub at: usize,
    /// Offsets at which a chunk ends, whatever its length.
    pub splits: Vec<usize>,
    /// The longest chunk.
    pub chunk: usize,
    pub resets: bool,
}

impl AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() && self.resets {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let split = self.splits.iter().find(|split| **split > self.at);
        let split = split.map_or(usize::MAX, |split| split - self.at);
        let fits = self.chunk.min(split).min(buffer.remaining());
        let length = rest.len().min(fits);
        buffer.put_slice(&rest[..length]);
        self.at += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ByteStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// When connections are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cuts {
    Never,
    /// Once, after so many bytes of the session.
    OnceAfter(usize),
    /// Each one, a byte further than the one before.
    EveryConnection,
}

/// How a server behaves.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    pub cuts: Cuts,
    /// Whether a cut is an error or looks like an end.
    pub resets: bool,
    /// How many bytes come at once.
    pub chunk: usize,
    /// Whether the server knows positions, or begins anew each time.
    pub positions: bool,
}

/// A server with some events, whose connections are cut.
pub struct Server<'r> {
    recording: &'r Recording,
    /// What it has after it lost its store, if it does so with the first cut.
    fresh: Option<&'r Recording>,
    behaviour: Behaviour,
    sent: Cell<usize>,
    cuts: Cell<usize>,
    /// Whether the connection before was cut.
    was_cut: Cell<bool>,
    /// How many connections came after one that was cut, and how many of them without a position.
    reconnects: Cell<usize>,
    without_position: Cell<usize>,
    refused_positions: Cell<usize>,
    complete: Cell<bool>,
    /// The position of the connection before, and how far it went.
    last: RefCell<(Option<String>, usize)>,
}

impl<'r> Server<'r> {
    pub fn new(recording: &'r Recording, behaviour: Behaviour) -> Server<'r> {
        Server {
            recording,
            fresh: None,
            behaviour,
            sent: Cell::new(0),
            cuts: Cell::new(0),
            was_cut: Cell::new(false),
            reconnects: Cell::new(0),
            without_position: Cell::new(0),
            refused_positions: Cell::new(0),
            complete: Cell::new(false),
            last: RefCell::new((None, 0)),
        }
    }

    /// Comes back from its first cut with these events and no others.
    pub fn forgetting(mut self, fresh: &'r Recording) -> Server<'r> {
        self.fresh = Some(fresh);
        self
    }

    /// How many bytes were sent.
    pub fn sent(&self) -> usize {
        self.sent.get()
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> usize {
        self.cuts.get()
    }

    /// How many connections came after one that was cut, and how many of them without a position.
    pub fn reconnects(&self) -> (usize, usize) {
        (self.reconnects.get(), self.without_position.get())
    }

    /// How many positions were refused.
    pub fn refused_positions(&self) -> usize {
        self.refused_positions.get()
    }

    /// After how many bytes this connection is cut.
    fn cut_after(&self, position: Option<&str>) -> usize {
        match self.behaviour.cuts {
            Cuts::Never => usize::MAX,
            Cuts::OnceAfter(_) if self.cuts.get() > 0 => usize::MAX,
            Cuts::OnceAfter(cut) => cut.saturating_sub(self.sent.get()),
            Cuts::EveryConnection => {
                let mut last = self.last.borrow_mut();
                let (before, length) = &mut *last;
                if before.as_deref() == position {
                    *length += 1;
                } else {
                    *before = position.map(str::to_owned);
                    *length = 0;
                }
                *length
            }
        }
    }
}

fn status(code: u16) -> StreamFault {
    StreamFault::Status {
        code,
        said: "no".to_owned(),
        retry_after: None,
    }
}

impl EventSource for &Server<'_> {
    fn shown(&self) -> String {
        "recorded".to_owned()
    }

    async fn open(
        &self,
        _: Option<&str>,
        position: Option<&str>,
    ) -> Result<StreamConnection, StreamFault> {
        let lost = self.fresh.filter(|_| self.cuts.get() > 0);
        let recording = lost.unwrap_or(self.recording);
        let position = position.filter(|_| self.behaviour.positions);
        let Some(first) = recording.after(position) else {
            self.refused_positions.set(self.refused_positions.get() + 1);
            return Err(status(410));
        };
        if self.complete.get() || first == recording.ids().len() {
            return Err(status(204));
        }
        if self.was_cut.take() {
            self.reconnects.set(self.reconnects.get() + 1);
            let blind = usize::from(position.is_none());
            self.without_position
                .set(self.without_position.get() + blind);
        }
        let mut bytes = recording.body(first);
        let whole = bytes.len();
        let framing = recording.encoding().framing();
        bytes.truncate(self.cut_after(position));
        let is_cut = bytes.len() < whole;
        self.was_cut.set(is_cut);
        if is_cut {
            self.cuts.set(self.cuts.get() + 1);
        } else if !framing.ends() {
            self.complete.set(true);
        }
        self.sent.set(self.sent.get() + bytes.len());
        let stream = ByteStream {
            resets: self.behaviour.resets && is_cut,
            bytes,
            at: 0,
            splits: Vec::new(),
            chunk: self.behaviour.chunk,
        };
        Ok(StreamConnection::over(Box::new(stream), framing))
    }

    async fn log_in(&self, _: &LoginRequest) -> Result<IssuedToken, StreamFault> {
        Err(StreamFault::Broken("there is no login".to_owned()))
    }

    async fn renew(&self, _: &LoginRequest, _: &str) -> Result<IssuedToken, StreamFault> {
        Err(StreamFault::Broken("there is no login".to_owned()))
    }
}
