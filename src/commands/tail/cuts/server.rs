//! A server without a network: it plays a recording, and its connections break where it is told.

use crate::commands::tail::cuts::recording::Recording;
use crate::link::login::{Login, Token};
use crate::link::stream::{Connection, Fault, Source};
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Gives its bytes in pieces, and then ends or breaks; takes whatever is written.
pub struct Wire {
    pub bytes: Vec<u8>,
    pub at: usize,
    /// Where pieces end, beside the end of what fits.
    pub splits: Vec<usize>,
    /// The longest piece.
    pub piece: usize,
    pub breaks: bool,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() && self.breaks {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let split = self.splits.iter().find(|split| **split > self.at);
        let split = split.map_or(usize::MAX, |split| split - self.at);
        let fits = self.piece.min(split).min(buffer.remaining());
        let length = rest.len().min(fits);
        buffer.put_slice(&rest[..length]);
        self.at += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
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

/// When connections break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Never.
    None,
    /// Once, after so many bytes of the session.
    Once(usize),
    /// Each one, a byte further than the one before.
    Always,
}

/// How a server is met.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// When connections break.
    pub trouble: Trouble,
    /// Whether that is an error or looks like an end.
    pub breaks: bool,
    /// How many bytes come at once.
    pub piece: usize,
    /// Whether the server knows positions, or begins anew each time.
    pub positions: bool,
}

/// A server with some events, and accidents.
pub struct Server<'r> {
    recording: &'r Recording,
    /// What it has after it lost its store, if it does so with the first accident.
    fresh: Option<&'r Recording>,
    course: Course,
    sent: Cell<usize>,
    accidents: Cell<usize>,
    /// Whether the connection before broke.
    broken: Cell<bool>,
    /// How many connections came after one that broke, and how many of them without a position.
    again: Cell<usize>,
    blind: Cell<usize>,
    refused: Cell<usize>,
    complete: Cell<bool>,
    /// The position of the connection before, and how far it went.
    last: RefCell<(Option<String>, usize)>,
}

impl<'r> Server<'r> {
    pub fn new(recording: &'r Recording, course: Course) -> Server<'r> {
        Server {
            recording,
            fresh: None,
            course,
            sent: Cell::new(0),
            accidents: Cell::new(0),
            broken: Cell::new(false),
            again: Cell::new(0),
            blind: Cell::new(0),
            refused: Cell::new(0),
            complete: Cell::new(false),
            last: RefCell::new((None, 0)),
        }
    }

    /// Comes back from its first accident with these events and no others.
    pub fn forgetting(mut self, fresh: &'r Recording) -> Server<'r> {
        self.fresh = Some(fresh);
        self
    }

    /// How many bytes were sent.
    pub fn sent(&self) -> usize {
        self.sent.get()
    }

    /// How many connections broke.
    pub fn accidents(&self) -> usize {
        self.accidents.get()
    }

    /// How many connections came after one that broke, and how many of them without a position.
    pub fn again(&self) -> (usize, usize) {
        (self.again.get(), self.blind.get())
    }

    /// How many positions were refused.
    pub fn refused(&self) -> usize {
        self.refused.get()
    }

    /// After how many bytes this connection breaks.
    fn reach(&self, position: Option<&str>) -> usize {
        match self.course.trouble {
            Trouble::None => usize::MAX,
            Trouble::Once(_) if self.accidents.get() > 0 => usize::MAX,
            Trouble::Once(cut) => cut.saturating_sub(self.sent.get()),
            Trouble::Always => {
                let mut last = self.last.borrow_mut();
                let (before, reach) = &mut *last;
                if before.as_deref() == position {
                    *reach += 1;
                } else {
                    *before = position.map(str::to_owned);
                    *reach = 0;
                }
                *reach
            }
        }
    }
}

fn status(code: u16) -> Fault {
    Fault::Status {
        code,
        said: "no".to_owned(),
        retry_after: None,
    }
}

impl Source for &Server<'_> {
    fn shown(&self) -> String {
        "recorded".to_owned()
    }

    async fn open(&self, _: Option<&str>, position: Option<&str>) -> Result<Connection, Fault> {
        let lost = self.fresh.filter(|_| self.accidents.get() > 0);
        let recording = lost.unwrap_or(self.recording);
        let position = position.filter(|_| self.course.positions);
        let Some(first) = recording.after(position) else {
            self.refused.set(self.refused.get() + 1);
            return Err(status(410));
        };
        if self.complete.get() || first == recording.ids().len() {
            return Err(status(204));
        }
        if self.broken.take() {
            self.again.set(self.again.get() + 1);
            self.blind
                .set(self.blind.get() + usize::from(position.is_none()));
        }
        let mut bytes = recording.body(first);
        let whole = bytes.len();
        let framing = recording.dress().framing();
        bytes.truncate(self.reach(position));
        let is_cut = bytes.len() < whole;
        self.broken.set(is_cut);
        if is_cut {
            self.accidents.set(self.accidents.get() + 1);
        } else if !framing.ends() {
            self.complete.set(true);
        }
        self.sent.set(self.sent.get() + bytes.len());
        let wire = Wire {
            breaks: self.course.breaks && is_cut,
            bytes,
            at: 0,
            splits: Vec::new(),
            piece: self.course.piece,
        };
        Ok(Connection::over(Box::new(wire), framing))
    }

    async fn log_in(&self, _: &Login) -> Result<Token, Fault> {
        Err(Fault::Broken("there is no login".to_owned()))
    }

    async fn renew(&self, _: &Login, _: &str) -> Result<Token, Fault> {
        Err(Fault::Broken("there is no login".to_owned()))
    }
}
