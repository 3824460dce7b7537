//! Keys, tokens and passwords: a type that cannot print itself, and the places they come from.

use crate::failure::Failure;
use crate::host::{DeferredSignals, core_dump};
use rustix::fs::OFlags;
use rustix::process::{self, Pid, Signal};
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// No secret is longer; more is another file, or a command that never ends.
const LONGEST: u64 = 64 << 10;

/// How long a command may take to print a secret.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a wait for a secret is left to look around.
const GLANCE: Duration = Duration::from_millis(20);

/// A secret. It has no way to be printed or serialised, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret as it stands.
    pub fn new(value: impl Into<String>) -> Secret {
        core_dump::withhold();
        Secret(Zeroizing::new(value.into()))
    }

    /// The secret itself, for putting it on the wire and for masking it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the secret replaced.
    pub fn mask(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(self.0.as_str(), MASK)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Reads a secret from a file that only its owner can read, or from a pipe that the shell has
/// opened for this process, as `<(command)` is.
pub fn from_file(what: &str, path: &Path) -> Result<Secret, Failure> {
    from_file_within(PATIENCE, what, path)
}

fn from_file_within(patience: Duration, what: &str, path: &Path) -> Result<Secret, Failure> {
    let shown = path.display();
    let about = |error| Failure::io(format!("cannot read the {what} from {shown}"), error);
    // A pipe that nobody writes to is not waited for.
    let mut options = File::options();
    options.read(true).custom_flags(NONBLOCKING);
    let file = options.open(path).map_err(about)?;
    // Of the file that is open, which is the one that is read.
    refuse_if_unfit(what, path, &file.metadata().map_err(about)?)?;
    let deadline = Instant::now() + patience;
    let mut text = String::new();
    Waiting { file, deadline }
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(about)?;
    taken(what, &format!("file {shown}"), text)
}

/// A file that may be a pipe whose writer has not written yet.
struct Waiting {
    file: File,
    deadline: Instant,
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if Instant::now() >= self.deadline {
                        let why = "what writes into it has not ended in time";
                        return Err(io::Error::new(io::ErrorKind::TimedOut, why));
                    }
                    thread::sleep(GLANCE);
                }
                read => return read,
            }
        }
    }
}

/// Whether a path names a descriptor that this process was given, and not a file of a folder.
fn is_descriptor(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::to_str);
    let number = path.file_name().and_then(|name| name.to_str());
    let is_number = number.is_some_and(|name| name.parse::<u32>().is_ok());
    path == Path::new("/dev/stdin")
        || (is_number && matches!(folder, Some("/dev/fd" | "/proc/self/fd")))
}

/// `O_NONBLOCK`, as the standard library takes it.
const NONBLOCKING: i32 = OFlags::NONBLOCK.bits().cast_signed();

/// Rejects what is not a plain file, what anybody but its owner can read, and what another user owns.
fn refuse_if_unfit(what: &str, path: &Path, metadata: &Metadata) -> Result<(), Failure> {
    let shown = path.display();
    let is_given = metadata.file_type().is_fifo() && is_descriptor(path);
    if !metadata.is_file() && !is_given {
        return Err(Failure::usage(format!("the {what} file {shown} is not a regular file"))
            .hint("name a file that holds it; what a program prints is taken by a command in the profile"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(Failure::usage(format!(
            "the {what} file {shown} can be read by others (mode {:04o})",
            metadata.mode() & 0o7777
        ))
        .hint(format!("chmod 600 {shown}")));
    }
    if is_of_another_user(metadata) {
        return Err(Failure::usage(format!(
            "the {what} file {shown} belongs to another user"
        )));
    }
    Ok(())
}

/// Whether a file belongs to neither this user nor root.
pub(super) fn is_of_another_user(metadata: &Metadata) -> bool {
    ![0, process::geteuid().as_raw()].contains(&metadata.uid())
}

/// Runs a command and takes what it prints; `place` is the setting that names it.
pub fn from_command(what: &str, place: &str, argv: &[String]) -> Result<Secret, Failure> {
    from_command_within(PATIENCE, what, place, argv)
}

fn from_command_within(
    patience: Duration,
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
        failure.exit = crate::failure::Exit::Usage;
        failure
    };
    let mut command = Command::new(program);
    command
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    // Only the group of the terminal may ask there, and Ctrl-C reaches all of it.
    let is_own_group = File::open("/dev/tty").is_err();
    if is_own_group {
        command.process_group(0);
    }
    let mut signals = DeferredSignals::begin().map_err(about)?;
    let child = command.spawn().map_err(about)?;
    let pid = Pid::from_child(&child);
    let (sender, printed) = channel();
    thread::Builder::new()
        .name("secret".into())
        .spawn(move || sender.send(printed_by(child)))
        .map_err(about)?;
    let end = |signal| {
        let _ = if is_own_group {
            process::kill_process_group(pid, Signal::KILL)
        } else {
            process::kill_process(pid, signal)
        };
    };
    let deadline = Instant::now() + patience;
    let ended = loop {
        match printed.recv_timeout(GLANCE) {
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
            ended => break ended,
        }
        if let Some(number) = signals.take() {
            // At a terminal it may have to give the echo back.
            Signal::from_named_raw(number).map(end);
            signals.obey(number);
        }
    };
    let Ok(ended) = ended else {
        end(Signal::KILL);
        return Err(Failure::usage(format!(
            "the {what} {origin} has not ended within {} s",
            patience.as_secs()
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
    taken(what, &origin, text)
}

/// What a command prints, and how it ends.
fn printed_by(mut child: Child) -> io::Result<(Vec<u8>, ExitStatus)> {
    let mut bytes = Vec::new();
    if let Some(printed) = child.stdout.take() {
        // Dropped behind that: one that prints on and on is ended by its closed pipe.
        printed.take(LONGEST + 1).read_to_end(&mut bytes)?;
    }
    Ok((bytes, child.wait()?))
}

/// Takes a text without a byte-order mark and line breaks at its end. An empty secret, a very long
/// one, or one with control characters is a mistake.
fn taken(what: &str, origin: &str, text: String) -> Result<Secret, Failure> {
    let text = Zeroizing::new(text);
    let secret = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let secret = secret.trim_end_matches(['\r', '\n']);
    if text.len() as u64 > LONGEST {
        return Err(Failure::usage(format!(
            "the {what} from {origin} is longer than {} KiB",
            LONGEST >> 10
        )));
    }
    if secret.is_empty() {
        return Err(Failure::usage(format!("the {what} from {origin} is empty")));
    }
    check(&format!("{what} from {origin}"), secret)?;
    Ok(Secret::new(secret))
}

/// Refuses a secret that cannot travel in a header; `what` says where it came from, too.
pub fn check(what: &str, secret: &str) -> Result<(), Failure> {
    if secret.chars().any(char::is_control) {
        return Err(Failure::usage(format!(
            "the {what} contains a line break or another control character"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself_and_is_masked_in_text() {
        let secret = Secret::new("canary-1");
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(secret.mask("key canary-1 refused"), "key *** refused");
        assert_eq!(Secret::new("").mask("text"), "text");
    }

    #[test]
    fn a_pipe_that_the_shell_has_opened_is_read_to_its_end_but_not_forever() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let patience = Duration::from_millis(50);
        let refused = from_file_within(patience, "key", Path::new(&path)).unwrap_err();
        assert!(
            refused.to_string().contains("has not ended in time"),
            "{refused}"
        );
        let late = thread::spawn(move || writer.write_all(b"canary-1\n"));
        let key = from_file("key", Path::new(&path)).unwrap();
        assert_eq!(key.expose(), "canary-1");
        late.join().unwrap().unwrap();
        for other in ["/dev/fd", "/dev/fd/x", "/tmp/fd/3", "/dev/fd/3/x", "pipe"] {
            assert!(!is_descriptor(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_ended_with_what_it_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", pid.display());
        let argv = ["sh", "-c", &script].map(str::to_owned);
        let patience = Duration::from_millis(500);
        let refused = from_command_within(patience, "key", "synchive.key_command", &argv);
        let told = refused.unwrap_err().to_string();
        assert!(
            told.contains("'sh' (synchive.key_command) has not ended"),
            "{told}"
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
