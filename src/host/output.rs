//! Streams that outlive their readers: one that leaves ends the showing quietly, and one that
//! stalls does not keep the user from stopping the program.

use super::Interrupt;
use super::writer::{StallLimits, StreamWriter};
use crate::failure::Failure;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// A buffered stream that ends showing quietly once its reader has left.
///
/// Whether the reader is gone never decides what the work's verdict is: `validate` and `emit` go
/// on; `tail` asks [`Output::is_closed`].
pub struct Output {
    via: Via,
    buffer: Vec<u8>,
    name: String,
    closed: bool,
    limits: StallLimits,
}

/// Who writes.
enum Via {
    /// The thread at hand.
    Direct(Box<dyn Write + Send>),
    /// Another one, so that a reader that stalls stalls only that.
    Threaded(StreamWriter),
    /// Nobody any more.
    Ended,
}

impl Output {
    /// The size of a block of bytes.
    pub const BLOCK: usize = 64 * 1024;

    /// Wraps a stream; `name` is used in messages.
    pub fn new(inner: Box<dyn Write + Send>, name: impl Into<String>) -> Output {
        Output {
            via: Via::Direct(inner),
            buffer: Vec::with_capacity(Self::BLOCK),
            name: name.into(),
            closed: false,
            limits: StallLimits::default(),
        }
    }

    /// The same stream, given up when the user wants to stop and its reader stalls.
    #[must_use]
    pub(super) fn interruptible_by(mut self, signals: &Arc<OnceLock<Interrupt>>) -> Output {
        self.limits.signals = Arc::clone(signals);
        self
    }

    /// Gives up a reader that stalls soon after a deadline, as if it had left.
    pub fn give_up_at(&mut self, deadline: Option<Instant>) {
        self.limits.deadline = deadline;
        if let Via::Threaded(writer) = &mut self.via {
            writer.give_up_at(deadline);
        }
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
        let written = match &self.via {
            Via::Threaded(writer) if !self.closed => writer.flush(),
            _ => Ok(()),
        };
        self.judge(written)
    }

    /// Hands over the block at hand, which another thread may go on to write.
    fn hand_over(&mut self) -> Result<(), Failure> {
        if self.closed || self.buffer.is_empty() {
            return Ok(());
        }
        let written = self.put();
        self.buffer.clear();
        self.judge(written)
    }

    fn put(&mut self) -> io::Result<()> {
        if self.limits.signals.get().is_some() {
            self.via = match std::mem::replace(&mut self.via, Via::Ended) {
                Via::Direct(stream) => {
                    Via::Threaded(StreamWriter::new(stream, self.limits.clone())?)
                }
                via => via,
            };
        }
        match &mut self.via {
            Via::Direct(stream) => stream.write_all(&self.buffer).and_then(|()| stream.flush()),
            Via::Threaded(writer) => writer.take(&mut self.buffer),
            Via::Ended => Ok(()),
        }
    }

    /// Whether the reader has left.
    pub fn is_closed(&self) -> bool {
        self.closed
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
