//! A stream that never waits for its reader: what there is no room for is refused.

use super::output::{GLANCE, GRACE, Limits};
use super::{Host, Interrupt};
use crate::failure::Failure;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

/// How many bytes wait for a reader that is behind, at most.
const ROOM: usize = 1 << 20;

/// Standard output for a run that goes on whatever its reader does.
pub struct Overflow {
    shared: Arc<Shared>,
    limits: Limits,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    writing: bool,
    /// Why nothing more can be written.
    ended: Option<io::Error>,
}

impl Shared {
    /// Nobody panics while holding it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, whenever something does, until that fails.
    fn write_to(&self, mut stream: impl Write) {
        let mut block = Vec::new();
        let mut state = self.lock();
        while state.ended.is_none() {
            if state.waiting.is_empty() {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            std::mem::swap(&mut state.waiting, &mut block);
            state.writing = true;
            drop(state);
            let written = stream.write_all(&block).and_then(|()| stream.flush());
            block.clear();
            state = self.lock();
            state.writing = false;
            state.ended = written.err();
            self.changed.notify_all();
        }
    }
}

impl Overflow {
    /// Standard output, written by a thread of its own.
    pub fn stdout(host: &Host) -> Result<Overflow, Failure> {
        Overflow::new(io::stdout(), &host.signals)
            .map_err(|error| Failure::io("cannot start", error))
    }

    fn new(
        stream: impl Write + Send + 'static,
        signals: &Arc<OnceLock<Interrupt>>,
    ) -> io::Result<Overflow> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || theirs.write_to(stream))?;
        Ok(Overflow {
            shared,
            limits: Limits {
                signals: Arc::clone(signals),
                deadline: None,
            },
        })
    }

    /// Gives up a reader that stalls soon after a deadline.
    pub fn give_up_at(&mut self, deadline: Option<Instant>) {
        self.limits.deadline = deadline;
    }

    /// Takes bytes if there is room for them; false if the reader is too far behind.
    pub fn offer(&self, bytes: &[u8]) -> bool {
        let mut state = self.shared.lock();
        let fits = state.waiting.is_empty() || state.waiting.len() + bytes.len() <= ROOM;
        if fits && !bytes.is_empty() {
            state.waiting.extend_from_slice(bytes);
            self.shared.changed.notify_all();
        }
        fits
    }

    /// Whether the reader is still there.
    pub fn is_open(&self) -> Result<bool, Failure> {
        match &self.shared.lock().ended {
            None => Ok(true),
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Some(error) => Err(Failure::io(
                "cannot write to standard output",
                io::Error::from(error.kind()),
            )),
        }
    }

    /// Waits until the reader has everything, or has left, or need not be waited for any more.
    pub fn finish(&self) -> Result<(), Failure> {
        let mut asked: Option<Instant> = None;
        let mut state = self.shared.lock();
        while state.ended.is_none() && (state.writing || !state.waiting.is_empty()) {
            if self.limits.are_reached()
                && asked.get_or_insert_with(Instant::now).elapsed() >= GRACE
            {
                return Ok(());
            }
            let waited = self.shared.changed.wait_timeout(state, GLANCE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        self.is_open().map(drop)
    }
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
        let overflow = Overflow::new(stalled, &Arc::default()).unwrap();
        let block = vec![b'x'; 100_000];
        let mut offered = 0;
        while overflow.offer(&block) {
            offered += 1;
        }
        // What is being written, and what waits.
        assert!((10..=21).contains(&offered), "{offered}");
        for _ in 0..offered {
            go.send(()).unwrap();
        }
        overflow.finish().unwrap();
        assert_eq!(taken.lock().unwrap().len(), offered * block.len());
        // Once the reader has left, which it does when it has taken all it was asked to.
        drop(go);
        while overflow.is_open().unwrap() {
            assert!(overflow.offer(b"y"));
            overflow.finish().unwrap();
        }
    }
}
