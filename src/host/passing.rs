//! Signals that are passed on to a command which runs on the user's behalf.

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};
use std::io;

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
