//! A command that runs on the user's behalf: how it is started, which signals reach it, and how
//! it ended.

use super::core_dump;
use super::signals::{self, Caught, Signal};
use crate::failure::{Exit, Failure};
use rustix::io::Errno;
use rustix::process::{self, Pid, WaitId, WaitIdOptions};
use std::ffi::OsString;
use std::io;
use std::process::{ChildStderr, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long the command may take to end after a signal that was passed on to it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A command at work.
pub struct ChildProcess {
    name: String,
    process: std::process::Child,
    pid: Pid,
    events: Receiver<ChildEvent>,
}

enum ChildEvent {
    Caught(Caught),
    Ended,
}

/// How a command ended.
#[derive(Clone, Copy, Debug)]
pub struct ExitedChild {
    status: ExitStatus,
    /// The first signal that asked for the end.
    asked: Option<i32>,
}

impl ChildProcess {
    /// The command of a program and its arguments.
    pub fn command(words: &[OsString]) -> Result<Command, Failure> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| Failure::usage("no command to run given"))?;
        let mut command = Command::new(program);
        command.args(arguments);
        Ok(command)
    }

    /// Starts it. From now on signals are its own affair.
    pub fn start(mut command: Command) -> Result<ChildProcess, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let (sender, events) = channel();
        let about = |error| Failure::io(format!("cannot supervise {name}"), error);
        // Before it is there, so that none is missed.
        let caught = sender.clone();
        signals::catch(move |signal| caught.send(ChildEvent::Caught(signal)).is_ok())
            .map_err(about)?;
        let process = command.spawn().map_err(|error| not_started(&name, error))?;
        core_dump::leave_to(process.id());
        let pid = Pid::from_child(&process);
        std::thread::Builder::new()
            .name("command".into())
            .spawn(move || report_end(pid, &sender))
            .map_err(about)?;
        Ok(ChildProcess {
            name,
            process,
            pid,
            events,
        })
    }

    /// Its standard error, if that is a pipe.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.process.stderr.take()
    }

    /// Waits for its end and passes signals on. One that is asked to end and does not is killed.
    pub fn wait(mut self) -> Result<ExitedChild, Failure> {
        let mut asked = None;
        let mut deadline = None;
        loop {
            match self.next(deadline) {
                Some(ChildEvent::Caught(caught)) => {
                    let ends = caught.asks_to_end();
                    if self.pass_on(caught) && ends {
                        deadline.get_or_insert(Instant::now() + TIMEOUT);
                    }
                    if ends {
                        asked.get_or_insert(caught.number);
                    }
                }
                Some(ChildEvent::Ended) => {
                    let status = self.process.wait().map_err(|error| {
                        Failure::io(format!("cannot wait for {}", self.name), error)
                    })?;
                    return Ok(ExitedChild { status, asked });
                }
                None => {
                    deadline = None;
                    let _ = process::kill_process(self.pid, process::Signal::KILL);
                }
            }
        }
    }

    /// What happens next; nothing at the deadline.
    fn next(&self, deadline: Option<Instant>) -> Option<ChildEvent> {
        let Some(deadline) = deadline else {
            return Some(self.events.recv().unwrap_or(ChildEvent::Ended));
        };
        let left = deadline.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(events) => Some(events),
            Err(RecvTimeoutError::Disconnected) => Some(ChildEvent::Ended),
            Err(RecvTimeoutError::Timeout) => None,
        }
    }

    /// Sends the command a signal, unless the terminal has done so; says whether it was sent.
    fn pass_on(&self, caught: Caught) -> bool {
        let same_group =
            process::getpgid(Some(self.pid)).is_ok_and(|its| its == process::getpgrp());
        if caught.from_terminal && same_group {
            return false;
        }
        let signal = process::Signal::from_named_raw(caught.number);
        signal.is_some_and(|signal| process::kill_process(self.pid, signal).is_ok())
    }
}

/// Reports that the command has ended. It stays a zombie until [`ChildProcess::wait`] has reaped it, so
/// that no signal reaches a stranger who was given its number.
fn report_end(pid: Pid, sender: &Sender<ChildEvent>) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(process::waitid(WaitId::Pid(pid), options), Err(Errno::INTR)) {}
    let _ = sender.send(ChildEvent::Ended);
}

/// As a shell reports it: 127 for what is not there, 126 for what cannot be run.
fn not_started(name: &str, error: io::Error) -> Failure {
    let code = if error.kind() == io::ErrorKind::NotFound {
        127
    } else {
        126
    };
    let mut failure = Failure::io(format!("{name} could not be started"), error);
    failure.exit = Exit::Command(code);
    failure
}

impl ExitedChild {
    /// Whether it ended well.
    pub fn well(self) -> bool {
        self.status.success()
    }

    /// The exit code as a shell would show it.
    pub fn code(self) -> u8 {
        use std::os::unix::process::ExitStatusExt;
        let code = self.status.code();
        let code = code.or_else(|| self.status.signal().map(|signal| 128 + signal));
        code.and_then(|code| u8::try_from(code).ok()).unwrap_or(255)
    }

    /// How a run ends that was asked to end while the command ran.
    pub fn asked(self) -> Option<Exit> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        Some(match self.asked? {
            SIGINT => Signal::Interrupt.exit(),
            SIGTERM => Signal::Terminate.exit(),
            other => Exit::Command(u8::try_from(128 + other).unwrap_or(255)),
        })
    }

    /// How it ended, in words.
    pub fn description(self) -> String {
        use std::os::unix::process::ExitStatusExt;
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("ended with exit code {code}"),
            (None, Some(signal)) => format!("was terminated by signal {signal}"),
            (None, None) => "ended".to_owned(),
        }
    }
}
