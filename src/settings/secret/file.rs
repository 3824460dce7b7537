//! Secrets from files and from pipes that the shell has opened.

use super::{LONGEST, POLL_INTERVAL, Secret, TIME_LIMIT, accept};
use crate::failure::Failure;
use rustix::fs::OFlags;
use rustix::process;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Reads a secret from a file that only its owner can read, or from a pipe that the shell has
/// opened for this process, as `<(command)` is.
pub fn from_file(what: &str, path: &Path) -> Result<Secret, Failure> {
    from_file_within(TIME_LIMIT, what, path)
}

fn from_file_within(limit: Duration, what: &str, path: &Path) -> Result<Secret, Failure> {
    let shown = path.display();
    let about = |error| Failure::io(format!("cannot read the {what} from {shown}"), error);
    // Opening must not wait for a writer of a pipe.
    let mut options = File::options();
    options.read(true).custom_flags(NONBLOCKING);
    let file = options.open(path).map_err(|error| {
        let is_absent = error.kind() == io::ErrorKind::NotFound;
        let failure = about(error);
        if is_absent {
            failure.hint(format!(
                "write the {what} into it, then make it yours alone: chmod 600 {shown}"
            ))
        } else {
            failure
        }
    })?;
    // Checked on the open file, which is the one that is read.
    refuse_if_unfit(what, path, &file.metadata().map_err(about)?)?;
    let deadline = Instant::now() + limit;
    let mut text = String::new();
    PollingReader { file, deadline }
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(about)?;
    accept(what, &format!("file {shown}"), text)
}

/// A file that may be a pipe whose writer has not written yet.
struct PollingReader {
    file: File,
    deadline: Instant,
}

impl Read for PollingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if Instant::now() >= self.deadline {
                        let why = "its writer has not finished in time";
                        return Err(io::Error::new(io::ErrorKind::TimedOut, why));
                    }
                    thread::sleep(POLL_INTERVAL);
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
        return Err(
            Failure::usage(format!("the {what} file {shown} is not a regular file"))
                .hint("name a file that holds it, or use a command in the profile that prints it"),
        );
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
pub(in crate::settings) fn is_of_another_user(metadata: &Metadata) -> bool {
    ![0, process::geteuid().as_raw()].contains(&metadata.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_that_the_shell_has_opened_is_read_to_its_end_but_not_forever() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let limit = Duration::from_millis(50);
        let refused = from_file_within(limit, "key", Path::new(&path)).unwrap_err();
        assert!(
            refused.to_string().contains("has not finished in time"),
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
}
