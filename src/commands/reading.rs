//! The records of every source of a run, one after the other.

use crate::commands::input::Sources;
use crate::failure::Failure;
use crate::host::{Block, Interrupt, Signal, read_on_thread};
use crate::wire::records::{Framer, Record};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How many blocks of input are read ahead.
const IN_FLIGHT: usize = 2;

/// How often a wait is left to see whether the user wants to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// Who is handed what is read.
pub trait Take {
    /// A record of a source.
    fn record(&mut self, source: &str, record: &Record<'_>);
    /// A source that cannot be read, or not to its end.
    fn unreadable(&mut self, failure: Failure);
}

/// Hands out every record, of at most `limit` bytes. Ends early only at a signal, which is given
/// back.
pub fn read_all(
    sources: Sources,
    limit: usize,
    interrupt: &Interrupt,
    take: &mut impl Take,
) -> Option<Signal> {
    for source in sources {
        let source = match source {
            Ok(source) => source,
            Err(failure) => {
                take.unreadable(failure);
                continue;
            }
        };
        let name = source.name;
        let about = |error| Failure::io(format!("cannot read {name}"), error);
        let mut framer = Framer::new(limit);
        let (spares, spare) = channel();
        for _ in 0..IN_FLIGHT {
            let _ = spares.send(Block::default());
        }
        let (sender, blocks) = channel();
        let reading = read_on_thread(
            source.stream,
            move || spare.recv().ok(),
            move |block| sender.send(block).is_ok(),
        );
        if let Err(error) = reading {
            take.unreadable(about(error));
            continue;
        }
        loop {
            if let Some(signal) = interrupt.seen() {
                return Some(signal);
            }
            match blocks.recv_timeout(GLANCE) {
                Ok(Ok(block)) => {
                    framer.push(&block, &mut |record| take.record(&name, &record));
                    let _ = spares.send(block);
                }
                Ok(Err(error)) => {
                    take.unreadable(about(error));
                    break;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        framer.finish(&mut |record| take.record(&name, &record));
    }
    None
}
