//! Secrets that a command prints, such as a password manager's.

use super::{LONGEST, POLL_INTERVAL, Secret, TIME_LIMIT, accept};
use crate::failure::{Exit, Failure};
use crate::host::{self, DeferredSignals};
use crate::model::sanitise;
use rustix::process::{self, Pid, Signal};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long the last words of a command are waited for that has left something running with its
/// standard error.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Runs a command whose output is the secret; `place` is the setting that names it.
pub fn from_command(what: &str, place: &str, argv: &[String]) -> Result<Secret, Failure> {
    from_command_within(TIME_LIMIT, what, place, argv)
}

fn from_command_within(
    limit: Duration,
    what: &str,
    place: &str,
    argv: &[String],
) -> Result<Secret, Failure> {
    let Some((program, rest)) = argv.split_first() else {
        return Err(Failure::usage(format!("{place}: the command is empty")));
    };
    let origin = format!("command '{program}' ({place})");
    let about = |error| {
        let mut failure = Failure::io(format!("cannot run the {what} {origin}"), error);
        failure.exit = Exit::Usage;
        failure
    };
    let mut command = Command::new(program);
    command.args(rest);
    let Some(ended) = run(command, limit).map_err(about)? else {
        return Err(Failure::usage(format!(
            "the {what} {origin} has not ended within {} s",
            limit.as_secs()
        ))
        .hint("run it by hand to see what it waits for"));
    };
    let (bytes, status) = ended.map_err(about)?;
    if !status.success() && bytes.len() as u64 <= LONGEST {
        return Err(Failure::usage(format!(
            "the {what} {origin} failed ({status})"
        )));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("the {what} {origin} printed no text")))?;
    accept(what, &origin, text)
}

/// Runs a command to its end; nothing where it took too long and had to be killed.
fn run(mut command: Command, limit: Duration) -> io::Result<Option<io::Result<CommandOutput>>> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Only the group of the terminal may ask there, and Ctrl-C reaches all of it.
    let is_own_group = File::open("/dev/tty").is_err();
    if is_own_group {
        command.process_group(0);
    }
    let mut signals = DeferredSignals::begin()?;
    let child = command.spawn()?;
    let pid = Pid::from_child(&child);
    let (sender, output) = channel();
    thread::Builder::new()
        .name("secret".into())
        .spawn(move || sender.send(output_of(child)))?;
    let kill = |signal| {
        let _ = if is_own_group {
            process::kill_process_group(pid, Signal::KILL)
        } else {
            process::kill_process(pid, signal)
        };
    };
    let deadline = Instant::now() + limit;
    loop {
        match output.recv_timeout(POLL_INTERVAL) {
            Ok(ended) => return Ok(Some(ended)),
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
            Err(_) => {
                kill(Signal::KILL);
                return Ok(None);
            }
        }
        if let Some(number) = signals.take() {
            // At a terminal it may have to give the echo back.
            Signal::from_named_raw(number).map(kill);
            signals.obey(number);
        }
    }
}

/// The bytes a command printed, and its exit status.
type CommandOutput = (Vec<u8>, ExitStatus);

fn output_of(mut child: Child) -> io::Result<CommandOutput> {
    let said = child.stderr.take().map(pass_on).transpose()?;
    let mut bytes = Vec::new();
    if let Some(printed) = child.stdout.take() {
        // The pipe is closed after that, which ends a command that prints without end.
        printed.take(LONGEST + 1).read_to_end(&mut bytes)?;
    }
    let status = child.wait()?;
    if let Some(said) = said {
        // What it has said comes before what is said of it. What it has left running may go on.
        let _ = said.recv_timeout(LAST_WORDS);
    }
    Ok((bytes, status))
}

/// Passes on what a command says to its user, at once: it may ask for something. A server may have
/// said it first, so it is made harmless.
fn pass_on(mut said: ChildStderr) -> io::Result<Receiver<()>> {
    let (sender, ended) = channel();
    thread::Builder::new()
        .name("secret-said".into())
        .spawn(move || {
            let mut pending = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = said.read(&mut buffer) {
                pending.extend_from_slice(&buffer[..read]);
                host::say_on(&sanitise::block(&whole_characters(&mut pending)));
            }
            host::say_on(&sanitise::block(&String::from_utf8_lossy(&pending)));
            let _ = sender.send(());
        })?;
    Ok(ended)
}

/// Takes everything but a character that is still incomplete.
fn whole_characters(pending: &mut Vec<u8>) -> String {
    let whole = match std::str::from_utf8(pending) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => pending.len(),
    };
    let rest = pending.split_off(whole);
    let whole = std::mem::replace(pending, rest);
    String::from_utf8_lossy(&whole).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_waits_for_its_last_byte() {
        let mut pending = b"a\xc3".to_vec();
        assert_eq!(whole_characters(&mut pending), "a");
        pending.push(b'\xbc');
        assert_eq!(whole_characters(&mut pending), "ü");
        pending.extend(b"\xff!");
        assert_eq!(whole_characters(&mut pending), "\u{fffd}!");
        assert!(pending.is_empty());
    }

    #[test]
    fn a_command_that_does_not_end_is_ended_with_what_it_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", pid.display());
        let argv = ["sh", "-c", &script].map(str::to_owned);
        let limit = Duration::from_millis(500);
        let refused = from_command_within(limit, "key", "synchive.key_command", &argv);
        let message = refused.unwrap_err().to_string();
        assert!(
            message.contains("'sh' (synchive.key_command) has not ended"),
            "{message}"
        );
        if File::open("/dev/tty").is_err() {
            let pid: i32 = std::fs::read_to_string(pid)
                .unwrap()
                .trim()
                .parse()
                .unwrap();
            let pid = Pid::from_raw(pid).unwrap();
            let ended = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
                Ok(stat) => stat.contains(") Z "),
                Err(_) => true,
            };
            let deadline = Instant::now() + Duration::from_secs(20);
            while !ended() {
                assert!(Instant::now() < deadline, "it lives on");
                thread::yield_now();
            }
        }
    }
}
