//! Hermetic runs of the program: an empty environment, a home of its own, a fixed width, and
//! everything there is to know when something is not as expected.

#![allow(dead_code, reason = "each test file uses its own part")]

pub mod intercept;
pub mod postgres;
pub mod secure;
pub mod server;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The longest a test waits for anything. Reached only by a failure.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A place of its own for one test, with the program to run in it.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// An empty folder.
    pub fn new() -> Place {
        Place {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A path inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file inside and says where it is.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// A command line to run here.
    pub fn hivelog<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hivelog"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("COLUMNS", "100")
            .env("HIVELOG_TIMEZONE", "utc");
        Run {
            command,
            stdin: None,
        }
    }
}

/// Runs a command line in a place of its own.
pub fn hivelog<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    // The folder must outlive the run; leaking one small path a test keeps the callers short.
    let place: &'static Place = Box::leak(Box::new(Place::new()));
    place.hivelog(args)
}

/// A run that is being prepared.
pub struct Run {
    command: Command,
    stdin: Option<Vec<u8>>,
}

impl Run {
    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Run {
        self.command.env(name, value);
        self
    }

    /// Gives it something to read; without this, standard input is empty.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Run {
        self.stdin = Some(bytes.into());
        self
    }

    /// The same run as the child of another program, which must be installed; `None` says aloud
    /// that it is not.
    pub fn under(self, tool: &[&str]) -> Option<Run> {
        if Command::new(tool[0]).arg("--version").output().is_err() {
            skip(&format!("{} is not installed", tool[0]));
            return None;
        }
        let mut command = Command::new(tool[0]);
        command
            .args(&tool[1..])
            .arg(self.command.get_program())
            .args(self.command.get_args())
            .env_clear();
        for (name, value) in self.command.get_envs() {
            command.envs(value.map(|value| (name, value)));
        }
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        Some(Run {
            command,
            stdin: self.stdin,
        })
    }

    /// The prepared command, for a test that opens the streams itself.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    #[must_use = "how it ended is what a test is about"]
    pub fn run(mut self) -> Ended {
        let input = self.stdin.take();
        let mut running = self.start_piped(input.is_some());
        if let (Some(bytes), Some(mut pipe)) = (input, running.stdin.take()) {
            // On a thread: the program may write before it has read everything.
            std::thread::spawn(move || {
                let _ = pipe.write_all(&bytes);
            });
        }
        running.end()
    }

    /// Starts it with open pipes and goes on.
    pub fn start(mut self) -> Running {
        self.start_piped(true)
    }

    fn start_piped(&mut self, stdin: bool) -> Running {
        let reported = format!("{:?}", self.command);
        let mut child = self
            .command
            .stdin(if stdin { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Running {
            reported,
            stdin: child.stdin.take(),
            stdout: Lines::of(child.stdout.take().expect("a pipe")),
            stderr: Lines::of(child.stderr.take().expect("a pipe")),
            child,
        }
    }
}

/// A program at work.
pub struct Running {
    reported: String,
    child: Child,
    /// Its standard input, until it is closed.
    pub stdin: Option<ChildStdin>,
    /// Its standard output.
    pub stdout: Lines,
    /// Its standard error.
    pub stderr: Lines,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes to its standard input.
    pub fn write(&mut self, bytes: &[u8]) {
        let pipe = self.stdin.as_mut().expect("standard input is open");
        pipe.write_all(bytes).expect("it reads");
        pipe.flush().expect("it reads");
    }

    /// Sends it a signal by name, such as `INT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.pid().to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Whether it has ended of its own.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
    }

    /// Closes its standard input and waits for its end.
    pub fn end(mut self) -> Ended {
        drop(self.stdin.take());
        self.wait()
    }

    /// Waits for its end, with its standard input as it is.
    pub fn wait(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let stdout = self.stdout.rest(deadline);
        let stderr = self.stderr.rest(deadline);
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            let _ = self.child.kill();
            panic!("{} did not end in time", self.reported);
        };
        let status = self.child.wait().expect("it ends");
        Ended {
            reported: self.reported.clone(),
            code: status.code(),
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stream that is read on a thread, so that waiting for it has a deadline.
pub struct Lines(Receiver<Vec<u8>>);

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Lines {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            loop {
                let mut line = Vec::new();
                match reader.read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => break,
                    Ok(_) if sender.send(line).is_err() => break,
                    Ok(_) => {}
                }
            }
        });
        Lines(receiver)
    }

    /// The next line, which must come in time.
    pub fn next(&self) -> String {
        let line = self.0.recv_timeout(PATIENCE).expect("a line in time");
        String::from_utf8(line).expect("text")
    }

    /// The next line, or nothing at the end of the stream.
    pub fn next_or_end(&self) -> Option<String> {
        match self.0.recv_timeout(PATIENCE) {
            Ok(line) => Some(String::from_utf8_lossy(&line).into_owned()),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no line in time"),
        }
    }

    /// Reads on until a line holds this text, and returns that line.
    pub fn until(&self, wanted: &str) -> String {
        loop {
            let line = self.next();
            if line.contains(wanted) {
                return line;
            }
        }
    }

    fn rest(&self, deadline: Instant) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.0.recv_timeout(left) {
                Ok(line) => all.extend_from_slice(&line),
                Err(RecvTimeoutError::Disconnected) => return Some(all),
                Err(RecvTimeoutError::Timeout) => return None,
            }
        }
    }
}

/// How a run ended.
pub struct Ended {
    reported: String,
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Everything it wrote to standard output.
    pub stdout: Vec<u8>,
    /// Everything it wrote to standard error.
    pub stderr: Vec<u8>,
}

impl Ended {
    /// How a command ended that the test has started itself.
    pub fn of(output: std::process::Output) -> Ended {
        Ended {
            reported: String::new(),
            code: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        }
    }

    /// The exit code, unless a signal has ended it.
    pub fn code(&self) -> Option<i32> {
        self.code
    }

    /// Asserts the exit code, telling everything if it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "{}", self.transcript());
        self
    }

    /// Asserts that standard output holds a text.
    #[track_caller]
    pub fn says(self, wanted: &str) -> Ended {
        assert!(
            self.text().contains(wanted),
            "no {wanted:?}\n{}",
            self.transcript()
        );
        self
    }

    /// Asserts that standard error holds a text.
    #[track_caller]
    pub fn warns(self, wanted: &str) -> Ended {
        assert!(
            self.errors().contains(wanted),
            "no {wanted:?}\n{}",
            self.transcript()
        );
        self
    }

    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}", self.transcript()))
    }

    /// Standard output as one JSON value a line.
    #[track_caller]
    pub fn ndjson(&self) -> Vec<serde_json::Value> {
        self.text()
            .lines()
            .map(|line| {
                serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("{error} in {line:?}\n{}", self.transcript()))
            })
            .collect()
    }

    /// Everything there is to know.
    pub fn transcript(&self) -> String {
        format!(
            "command: {}\ncode: {:?}\nstdout:\n{}\nstderr:\n{}",
            self.reported,
            self.code,
            self.text(),
            self.errors()
        )
    }
}

/// Python with the foreign packages that `.ci/run` installs for tests, if it is there.
pub fn python_with_packages() -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(root.join("target/peers/bin/python"))
}

/// Says aloud that a test, or a part of one, cannot be done here. With `HIVELOG_STRICT_TESTS=1`,
/// on a machine that is to have everything, that is a failure.
pub fn skip(why: &str) {
    let strict = std::env::var_os("HIVELOG_STRICT_TESTS").is_some_and(|value| value == "1");
    assert!(!strict, "cannot be skipped here: {why}");
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// A file under `tests/data`.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// A seeded generator, so that a run that failed can be repeated.
pub struct Random(u64);

impl Random {
    /// A generator that begins at this seed.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// An index below `length`.
    pub fn index(&mut self, length: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % length as u64).expect("an index")
    }
}
