//! A thread that writes for others, so that a reader that stalls stalls nothing else.

use super::{Host, Interrupt};
use crate::failure::Failure;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How many bytes wait for a reader that is behind, at most.
const ROOM: usize = 1 << 20;

/// How often a stalled reader is left to see whether the user wants to stop.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long a reader that stalls is waited for after the user wants to stop.
const GRACE: Duration = Duration::from_secs(1);

/// A stream that is written by a thread of its own.
pub struct StreamWriter {
    shared: Arc<WriterShared>,
    limits: StallLimits,
}

/// How long a reader that stalls is waited for: until the user wants to stop, or a deadline.
#[derive(Clone, Default)]
pub(super) struct StallLimits {
    pub(super) signals: Arc<OnceLock<Interrupt>>,
    pub(super) deadline: Option<Instant>,
}

#[derive(Default)]
struct WriterShared {
    state: Mutex<WriterState>,
    changed: Condvar,
}

#[derive(Default)]
struct WriterState {
    waiting: Vec<u8>,
    writing: bool,
    /// Nothing more can be written, or will be given.
    ended: bool,
    /// Why nothing more can be written, until it is reported.
    error: Option<io::Error>,
}

impl StallLimits {
    /// Whether the reader need not be waited for much longer.
    fn are_reached(&self) -> bool {
        let stopped = self.signals.get().and_then(Interrupt::seen).is_some();
        let late = |deadline| Instant::now() >= deadline;
        stopped || self.deadline.is_some_and(late)
    }
}

impl WriterShared {
    /// Nobody panics while holding it.
    fn lock(&self) -> MutexGuard<'_, WriterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, whenever something does, until that fails or nothing more will come.
    fn write_to(&self, mut stream: impl Write) {
        let mut block = Vec::new();
        let mut state = self.lock();
        loop {
            if state.waiting.is_empty() {
                if state.ended {
                    return;
                }
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            std::mem::swap(&mut state.waiting, &mut block);
            state.writing = true;
            self.changed.notify_all();
            drop(state);
            let written = stream.write_all(&block).and_then(|()| stream.flush());
            block.clear();
            state = self.lock();
            state.writing = false;
            if let Err(error) = written {
                state.error = Some(error);
                state.ended = true;
                state.waiting.clear();
            }
            self.changed.notify_all();
        }
    }
}

impl StreamWriter {
    /// Standard output, for a run that goes on whatever its reader does.
    pub fn stdout(host: &Host) -> Result<StreamWriter, Failure> {
        let limits = StallLimits {
            signals: Arc::clone(&host.signals),
            deadline: None,
        };
        StreamWriter::new(io::stdout(), limits).map_err(|error| Failure::io("cannot start", error))
    }

    pub(super) fn new(
        stream: impl Write + Send + 'static,
        limits: StallLimits,
    ) -> io::Result<StreamWriter> {
        let shared = Arc::new(WriterShared::default());
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || theirs.write_to(stream))?;
        Ok(StreamWriter { shared, limits })
    }

    /// Gives up a reader that stalls soon after a deadline.
    pub fn give_up_at(&mut self, deadline: Option<Instant>) {
        self.limits.deadline = deadline;
    }

    /// Takes bytes if there is room for them; false if the reader is too far behind.
    pub fn offer(&self, bytes: &[u8]) -> bool {
        let mut state = self.shared.lock();
        let fits = state.waiting.is_empty() || state.waiting.len() + bytes.len() <= ROOM;
        if fits && !state.ended && !bytes.is_empty() {
            state.waiting.extend_from_slice(bytes);
            self.shared.changed.notify_all();
        }
        fits
    }

    /// Takes a block for an empty one, as soon as the one before is being written.
    pub(super) fn take(&self, block: &mut Vec<u8>) -> io::Result<()> {
        let mut state = self.wait(|state| state.waiting.is_empty())?;
        std::mem::swap(&mut state.waiting, block);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Waits until everything is written.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.wait(|state| state.waiting.is_empty() && !state.writing)
            .map(drop)
    }

    /// Waits for the thread, but not forever: what a reader does not take then, it does not get,
    /// as if it had left.
    fn wait(
        &self,
        is_done: impl Fn(&WriterState) -> bool,
    ) -> io::Result<MutexGuard<'_, WriterState>> {
        let mut asked: Option<Instant> = None;
        let mut state = self.shared.lock();
        while !state.ended && !is_done(&state) {
            if self.limits.are_reached()
                && asked.get_or_insert_with(Instant::now).elapsed() >= GRACE
            {
                return Err(gone());
            }
            let waited = self.shared.changed.wait_timeout(state, POLL_INTERVAL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.ended {
            return Err(state.error.take().unwrap_or_else(gone));
        }
        Ok(state)
    }

    /// Whether the reader is still there.
    pub fn is_open(&self) -> Result<bool, Failure> {
        let mut state = self.shared.lock();
        match state.error.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::io("cannot write to standard output", error))
            }
            _ => Ok(!state.ended),
        }
    }

    /// Waits until the reader has everything, or has left, or need not be waited for any more.
    pub fn finish(&self) -> Result<(), Failure> {
        match self.flush() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::io("cannot write to standard output", error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
    }
}

fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    /// Takes nothing before it is asked to.
    struct Stalled(Receiver<()>, Arc<Mutex<Vec<u8>>>);

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .recv()
                .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            self.1.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_behind_gets_what_there_was_room_for() {
        let (go, stall) = channel();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let stalled = Stalled(stall, Arc::clone(&taken));
        let writer = StreamWriter::new(stalled, StallLimits::default()).unwrap();
        let block = vec![b'x'; 100_000];
        let mut offered = 0;
        while writer.offer(&block) {
            offered += 1;
        }
        // What is being written, and what waits.
        assert!((10..=21).contains(&offered), "{offered}");
        for _ in 0..offered {
            go.send(()).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(taken.lock().unwrap().len(), offered * block.len());
        // Once the reader has left, which it does when it has read all it was asked to.
        drop(go);
        while writer.is_open().unwrap() {
            assert!(writer.offer(b"y"));
            writer.finish().unwrap();
        }
    }
}
