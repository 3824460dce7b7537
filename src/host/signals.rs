//! Signals: to stop cleanly, to pass on to a command, and to end something before the process ends.

use crate::failure::{Exit, Failure};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::{Signals, SignalsInfo};
use signal_hook::low_level::siginfo::{Cause, Origin};
use signal_hook::{flag, low_level};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::watch;

/// The signal that ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// How the process ends after it.
    pub const fn exit(self) -> Exit {
        match self {
            Signal::Interrupt => Exit::Interrupted,
            Signal::Terminate => Exit::Terminated,
        }
    }
}

/// How long work that is under way may take after the user asked to stop.
pub const GRACE: Duration = Duration::from_secs(5);

/// That somebody wants the end.
#[derive(Clone, Copy, Debug)]
struct Asked {
    signal: Signal,
    /// How long what is under way may take.
    grace: Duration,
}

/// Asks the holder of the other end to stop.
#[derive(Clone)]
pub struct StopRequest(watch::Sender<Option<Asked>>);

impl StopRequest {
    /// A way to ask, and the end that hears it.
    pub fn new() -> (StopRequest, Interrupt) {
        let (sender, receiver) = watch::channel(None);
        (StopRequest(sender), Interrupt(receiver))
    }

    /// Asks for the end at once: nothing that is under way is waited for.
    pub fn at_once(&self) {
        let (signal, grace) = (Signal::Terminate, Duration::ZERO);
        self.0.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert(Asked { signal, grace });
            first
        });
    }

    /// Asks with the first SIGINT or SIGTERM; the second ends the process.
    pub fn on_signals(self) -> io::Result<()> {
        listen();
        let once = Arc::new(AtomicBool::new(false));
        for (signal, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            // In this order the first signal only sets the flag, and the second finds it set.
            flag::register_conditional_shutdown(signal, i32::from(exit.code()), Arc::clone(&once))?;
            flag::register(signal, Arc::clone(&once))?;
        }
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                for number in signals.forever() {
                    let signal = if number == SIGINT {
                        Signal::Interrupt
                    } else {
                        Signal::Terminate
                    };
                    let asked = Asked {
                        signal,
                        grace: GRACE,
                    };
                    if self.0.send(Some(asked)).is_err() {
                        break;
                    }
                }
            })
            .map(drop)
    }
}

/// Says whether the user has asked to stop.
#[derive(Clone)]
pub struct Interrupt(watch::Receiver<Option<Asked>>);

impl Interrupt {
    /// One that never comes, where something else ends the work.
    pub fn never() -> Interrupt {
        StopRequest::new().1
    }

    /// The signal, if one has come.
    pub fn seen(&self) -> Option<Signal> {
        self.0.borrow().map(|asked| asked.signal)
    }

    /// How long what is under way may take after the signal.
    pub fn grace(&self) -> Duration {
        self.0.borrow().map_or(GRACE, |asked| asked.grace)
    }

    /// Waits for a signal.
    pub async fn wait(&mut self) -> Signal {
        loop {
            if let Some(signal) = self.seen() {
                return signal;
            }
            if self.0.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Where work hears that the user wants it to stop.
pub trait AsksToStop {
    /// Begins to listen, before anything is done that may take long.
    fn listen(&self) -> Result<(), Failure>;

    /// The signal, if one has been heard.
    fn seen(&self) -> Option<Signal>;
}

impl AsksToStop for Interrupt {
    fn listen(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn seen(&self) -> Option<Signal> {
        Interrupt::seen(self)
    }
}

/// What is passed on: what ends a program, and what programs give a meaning of their own.
const PASSED_ON: [i32; 6] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2];

/// A signal that came.
#[derive(Clone, Copy, Debug)]
pub struct Caught {
    /// Its number.
    pub number: i32,
    /// Whether a key of the terminal sent it, and so to every process in the foreground.
    pub from_terminal: bool,
}

impl Caught {
    /// Whether it ends a program that has not prepared for it. Our own signals are the others.
    pub fn asks_to_end(self) -> bool {
        !matches!(self.number, SIGUSR1 | SIGUSR2)
    }
}

impl From<Origin> for Caught {
    fn from(origin: Origin) -> Caught {
        let key = matches!(origin.signal, SIGINT | SIGQUIT);
        Caught {
            number: origin.signal,
            // A hang-up comes from the kernel as well, but reaches the session's leader alone.
            from_terminal: key && !matches!(origin.cause, Cause::Sent(_)),
        }
    }
}

/// Catches these signals from now on; `hear` gets each and says whether it will hear of more.
///
/// What was ignored from the start, as `nohup` has it, stays ignored: for the command as well,
/// which inherits that.
pub fn catch(mut hear: impl FnMut(Caught) -> bool + Send + 'static) -> io::Result<()> {
    listen();
    let ignored = ignored();
    let wanted = PASSED_ON
        .iter()
        .filter(|number| ignored >> (**number - 1) & 1 == 0);
    let mut signals = SignalsInfo::<WithOrigin>::new(wanted)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for origin in signals.forever() {
                if !hear(origin.into()) {
                    break;
                }
            }
        })
        .map(drop)
}

/// The signals this process ignores, a bit each; none where the system does not say.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// Whether a signal that asks for the end ends the process at once: while nobody listens.
fn unheard() -> &'static Arc<AtomicBool> {
    static UNHEARD: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    UNHEARD.get_or_init(|| Arc::new(AtomicBool::new(true)))
}

/// Somebody listens from now on.
fn listen() {
    unheard().store(false, Ordering::Relaxed);
}

/// Signals that ask for the end, held back while there is something to be ended first.
pub struct DeferredSignals {
    signals: Signals,
    unheard: bool,
}

impl DeferredSignals {
    /// Holds them back until this is dropped.
    pub fn begin() -> io::Result<DeferredSignals> {
        const ASKING: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];
        static REGISTERED: OnceLock<()> = OnceLock::new();
        let signals = Signals::new(ASKING)?;
        let before = unheard().swap(false, Ordering::Relaxed);
        if REGISTERED.set(()).is_ok() {
            // Once caught, a signal no longer ends the process of its own.
            for number in ASKING {
                flag::register_conditional_default(number, Arc::clone(unheard()))?;
            }
        }
        Ok(DeferredSignals {
            signals,
            unheard: before,
        })
    }

    /// The next one that has come.
    pub fn take(&mut self) -> Option<i32> {
        self.signals.pending().next()
    }

    /// Ends the process as the signal would have, unless somebody else listens for it.
    pub fn obey(&self, number: i32) {
        if self.unheard {
            let _ = low_level::emulate_default_handler(number);
        }
    }
}

impl Drop for DeferredSignals {
    fn drop(&mut self) {
        unheard().store(self.unheard, Ordering::Relaxed);
    }
}
