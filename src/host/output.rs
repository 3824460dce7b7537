//! Streams that outlive their readers: one that leaves ends the showing quietly, and one that
//! stalls does not keep the user from stopping the program.

use super::Interrupt;
use crate::failure::Failure;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How often a stalled reader is left to see whether the user wants to stop.
pub(super) const GLANCE: Duration = Duration::from_millis(50);

/// How long a reader that stalls is waited for after the user wants to stop.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// A buffered stream that ends showing quietly once its reader has left.
///
/// Whether the reader is gone never decides what the work's verdict is: `validate` and `emit` go
/// on; `tail` asks [`Output::is_closed`].
pub struct Output {
    pen: Pen,
    buffer: Vec<u8>,
    name: String,
    closed: bool,
    limits: Limits,
}

/// How long a reader that stalls is waited for: until the user wants to stop, or a deadline.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) signals: Arc<OnceLock<Interrupt>>,
    pub(super) deadline: Option<Instant>,
}

impl Limits {
    /// Whether the reader need not be waited for much longer.
    pub(super) fn are_reached(&self) -> bool {
        let stopped = self.signals.get().and_then(Interrupt::seen).is_some();
        stopped
            || self
                .deadline
                .is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// Who writes.
enum Pen {
    /// The thread at hand.
    Own(Box<dyn Write + Send>),
    /// Another one, so that a reader that stalls stalls only that.
    Lent(Scribe),
    /// Nobody any more.
    Down,
}

/// A thread that writes one block while the next one is filled.
struct Scribe {
    blocks: Sender<Vec<u8>>,
    written: Receiver<Written>,
    busy: bool,
    /// The memory of the block before.
    spare: Vec<u8>,
}

/// What became of a block, and its memory.
type Written = (io::Result<()>, Vec<u8>);

impl Output {
    /// The size of a block of bytes.
    pub const BLOCK: usize = 64 * 1024;

    /// Wraps a stream; `name` is used in messages.
    pub fn new(inner: Box<dyn Write + Send>, name: impl Into<String>) -> Output {
        Output {
            pen: Pen::Own(inner),
            buffer: Vec::with_capacity(Self::BLOCK),
            name: name.into(),
            closed: false,
            limits: Limits::default(),
        }
    }

    /// The same stream, given up when the user wants to stop and its reader stalls.
    #[must_use]
    pub(super) fn heeding(mut self, signals: &Arc<OnceLock<Interrupt>>) -> Output {
        self.limits.signals = Arc::clone(signals);
        self
    }

    /// Gives up a reader that stalls soon after a deadline, as if it had left.
    pub fn give_up_at(&mut self, deadline: Option<Instant>) {
        self.limits.deadline = deadline;
    }

    /// Takes bytes; they reach the stream when a block is full or at [`Output::flush`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= Self::BLOCK {
            self.hand_over()?;
        }
        Ok(())
    }

    /// Hands everything to the stream.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.hand_over()?;
        let written = match &mut self.pen {
            Pen::Lent(scribe) if !self.closed => scribe.wait(&self.limits),
            _ => Ok(()),
        };
        self.judge(written)
    }

    /// Hands over the block at hand, which another thread may go on to write.
    fn hand_over(&mut self) -> Result<(), Failure> {
        if self.closed || self.buffer.is_empty() {
            return Ok(());
        }
        let written = match self.limits.signals.get() {
            None => self.put(),
            Some(_) => self.lend(),
        };
        self.buffer.clear();
        self.judge(written)
    }

    /// Whether the reader has left.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Writes on the thread at hand.
    fn put(&mut self) -> io::Result<()> {
        match &mut self.pen {
            Pen::Own(stream) => stream.write_all(&self.buffer).and_then(|()| stream.flush()),
            Pen::Lent(..) | Pen::Down => Ok(()),
        }
    }

    /// Lets another thread write, once it is done with the block before.
    fn lend(&mut self) -> io::Result<()> {
        self.pen = match std::mem::replace(&mut self.pen, Pen::Down) {
            Pen::Own(stream) => Pen::Lent(scribe(stream)?),
            pen => pen,
        };
        let Pen::Lent(scribe) = &mut self.pen else {
            return Ok(());
        };
        scribe.wait(&self.limits)?;
        let fresh = std::mem::take(&mut scribe.spare);
        let block = std::mem::replace(&mut self.buffer, fresh);
        scribe.busy = true;
        scribe.blocks.send(block).map_err(|_| gone())
    }

    fn judge(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Ok(()) => Ok(()),
            Err(error) => {
                self.closed = true;
                if error.kind() == io::ErrorKind::BrokenPipe {
                    Ok(())
                } else {
                    Err(Failure::io(format!("cannot write to {}", self.name), error))
                }
            }
        }
    }
}

impl Scribe {
    /// Waits until what was handed over is written, but not for ever.
    fn wait(&mut self, limits: &Limits) -> io::Result<()> {
        let mut asked: Option<Instant> = None;
        while self.busy {
            match self.written.recv_timeout(GLANCE) {
                Ok((result, memory)) => {
                    self.busy = false;
                    self.spare = memory;
                    return result;
                }
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
                Err(RecvTimeoutError::Timeout) if limits.are_reached() => {
                    // As if the reader had left: what it does not take, it does not get.
                    if asked.get_or_insert_with(Instant::now).elapsed() >= GRACE {
                        return Err(gone());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        Ok(())
    }
}

fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

/// A thread that writes what it is given, one block after the other.
fn scribe(mut stream: Box<dyn Write + Send>) -> io::Result<Scribe> {
    let (blocks, queue) = channel::<Vec<u8>>();
    let (done, written) = channel();
    std::thread::Builder::new()
        .name("writer".into())
        .spawn(move || {
            for mut block in queue {
                let result = stream.write_all(&block).and_then(|()| stream.flush());
                block.clear();
                if done.send((result, block)).is_err() {
                    break;
                }
            }
        })?;
    Ok(Scribe {
        blocks,
        written,
        busy: false,
        spare: Vec::with_capacity(Output::BLOCK),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_ends_the_showing_and_is_no_failure() {
        let mut output = Output::new(Box::new(Gone), "test");
        assert!(output.write(b"x").is_ok());
        assert!(output.flush().is_ok());
        assert!(output.is_closed());
        assert!(output.write(b"y").is_ok());
    }
}
