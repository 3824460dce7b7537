//! The last lines a command writes to its standard error, which passes through to ours.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::process::ChildStderr;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest line that is remembered whole, in bytes; a longer one counts as several.
const LONGEST_LINE: usize = 4096;

/// A stream that is silent so long has ended, though something else holds it open.
const SILENCE: Duration = Duration::from_millis(100);

/// How long a stream that does not fall silent is listened to.
const PATIENCE: Duration = Duration::from_secs(1);

/// The lines as far as they have come.
pub struct LastLines {
    memory: Arc<Mutex<RecentLines>>,
    /// Something has come; closed at the end of the stream.
    pulse: Receiver<()>,
}

impl LastLines {
    /// Begins to read, and keeps the last `keep` lines.
    pub fn of(stream: Option<ChildStderr>, keep: usize) -> LastLines {
        let memory = Arc::new(Mutex::new(RecentLines {
            keep,
            ..RecentLines::default()
        }));
        let (beat, pulse) = sync_channel(1);
        let shared = Arc::clone(&memory);
        std::thread::spawn(move || {
            let Some(mut stream) = stream else { return };
            let mut bytes = [0; LONGEST_LINE];
            while let Some(read) = next(&mut stream, &mut bytes) {
                let _ = io::stderr().write_all(&bytes[..read]);
                let mut memory = shared.lock().unwrap_or_else(PoisonError::into_inner);
                memory.take(&bytes[..read]);
                drop(memory);
                let _ = beat.try_send(());
            }
        });
        LastLines { memory, pulse }
    }

    /// What a command that has ended has said. Whatever it left running may hold the stream open
    /// and say more; that is not waited for.
    pub fn so_far(self) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        while self.pulse.recv_timeout(SILENCE).is_ok() && Instant::now() < deadline {}
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.lines()
    }
}

/// Reads what there is; nothing at the end.
fn next(stream: &mut impl Read, bytes: &mut [u8]) -> Option<usize> {
    loop {
        match stream.read(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) | Ok(0) => return None,
            Ok(read) => return Some(read),
        }
    }
}

#[derive(Default)]
struct RecentLines {
    keep: usize,
    whole: VecDeque<String>,
    /// A line without its end.
    begun: Vec<u8>,
}

impl RecentLines {
    fn take(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.begun.len() >= LONGEST_LINE {
                self.whole.push_back(text(&self.begun));
                self.begun.clear();
            }
            if self.whole.len() > self.keep {
                self.whole.pop_front();
            }
        }
    }

    fn lines(&self) -> Vec<String> {
        let begun = (!self.begun.is_empty()).then(|| text(&self.begun));
        let count = self.whole.len() + usize::from(begun.is_some());
        let all = self.whole.iter().cloned().chain(begun);
        all.skip(count.saturating_sub(self.keep)).collect()
    }
}

fn text(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.trim_end_matches(['\r', '\n']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_stay_also_one_without_an_end() {
        let mut memory = RecentLines {
            keep: 2,
            ..RecentLines::default()
        };
        for piece in ["one\ntw", "o\r\nthree\nfo", "ur"] {
            memory.take(piece.as_bytes());
        }
        assert_eq!(memory.lines(), ["three", "four"]);
        memory.take(&[b'x'; 2 * LONGEST_LINE]);
        assert!(memory.begun.len() < LONGEST_LINE);
        memory.keep = 0;
        assert!(memory.lines().is_empty());
    }
}
