//! `sandbox`: both servers on this machine, until somebody says stop.

pub mod judge;
pub mod order;
pub mod output;
mod report;
pub mod run;

use crate::failure::{Exit, Failure};
use crate::host::Interrupt;
use crate::sandbox::{Entry, Sandbox, Tally};
use std::io;
use std::sync::Arc;

// Parts of the plan that belong to the emulator.
pub use crate::sandbox::faults::Faults;
pub use crate::sandbox::{EVENT_LOG_PATH, EVENTS_PATH, Options};

/// What to serve.
#[derive(Debug)]
pub struct Plan {
    /// How the emulator behaves.
    pub options: Options,
}

/// What there is to tell.
#[derive(Clone, Debug)]
pub enum Event {
    /// It listens.
    Started {
        /// The address of both servers.
        url: String,
        /// Whether other machines can reach it.
        exposed: bool,
    },
    /// A request to the event-log endpoint has its answer.
    Received(Arc<Entry>),
    /// It has stopped.
    Stopped {
        /// How many requests ended how.
        tally: Tally,
        /// Why the record file is not complete, if it is not.
        record_error: Option<String>,
    },
}

/// Serves until interrupted.
pub fn run(
    plan: Plan,
    mut interrupt: Interrupt,
    tell: &mut dyn FnMut(Event) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let exposed = !plan.options.host.is_loopback();
    let sandbox = start(plan.options)?;
    tell(Event::Started {
        url: sandbox.url(),
        exposed,
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::io("cannot start the runtime", error))?;
    let mut received = sandbox.received();
    let mut told = 0;
    let signal = runtime.block_on(async {
        loop {
            tokio::select! {
                signal = interrupt.wait() => return Ok(signal),
                _ = received.changed() => {}
            }
            // Its ledger may have been emptied in the meantime.
            told = told.min(sandbox.tally().requests);
            for entry in sandbox.entries_after(told) {
                told = entry.number;
                tell(Event::Received(entry))?;
            }
        }
    })?;
    tell(Event::Stopped {
        tally: sandbox.tally(),
        record_error: sandbox.record_error(),
    })?;
    Ok(signal.exit())
}

/// Starts the emulator, or says which of its needs cannot be met.
pub fn start(options: Options) -> Result<Sandbox, Failure> {
    let (host, port) = (options.host, options.port);
    let record = options.record.clone();
    Sandbox::start(options).map_err(|error| match (error.kind(), record) {
        (io::ErrorKind::AddrInUse, _) => Failure::usage(format!("port {port} is in use"))
            .hint("choose another one, or leave --port out for a free one"),
        (io::ErrorKind::AddrNotAvailable, _) => {
            Failure::usage(format!("this machine has no address {host}"))
        }
        (_, Some(file)) => Failure::io(format!("cannot write {}", file.display()), error),
        (_, None) => Failure::io(format!("cannot listen on {host}:{port}"), error),
    })
}
