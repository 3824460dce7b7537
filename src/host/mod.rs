//! Everything ambient, gathered once: arguments, environment, streams, terminal, clock,
//! folders and signals. Nothing else in the program asks the operating system for these.

mod atomic_file;
mod browser;
mod child;
pub mod core_dump;
mod descriptors;
mod output;
pub mod pager;
mod reader;
mod signals;
mod writer;

pub use atomic_file::AtomicFile;
pub use browser::browse;
pub use child::{ChildProcess, ExitedChild};
pub use descriptors::raise_descriptor_limit;
pub use output::Output;
pub use reader::{ReadBlock, read_on_thread, read_whole, read_whole_text};
pub use signals::{AsksToStop, DeferredSignals, GRACE, Interrupt, Signal, StopRequest};
pub use writer::StreamWriter;

use crate::failure::Failure;
use crate::model::sanitise;
use crate::model::timestamp::{Timestamp, local_is_utc};
use crate::model::wrap;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The surroundings of one run.
#[derive(Clone)]
pub struct Host {
    /// The command line, program name first.
    pub args: Vec<OsString>,
    /// The environment.
    pub env: Env,
    /// Whether standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Columns of the terminal, or 80.
    pub width: usize,
    /// Lines of the terminal, or 24.
    pub height: usize,
    /// `$XDG_CONFIG_HOME/hivelog`, if there is a home.
    pub config_dir: Option<PathBuf>,
    /// `$XDG_STATE_HOME/hivelog`, if there is a home.
    pub state_dir: Option<PathBuf>,
    /// Signals, once somebody listens for them.
    signals: Arc<OnceLock<Interrupt>>,
}

impl Host {
    /// Looks around.
    pub fn gather() -> Host {
        let env = Env(std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect());
        let home = env.get("HOME").map(PathBuf::from);
        Host {
            args: std::env::args_os().collect(),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            width: width(&env),
            height: terminal_size::terminal_size()
                .map(|(_, height)| usize::from(height.0))
                .filter(|lines| *lines > 0)
                .unwrap_or(24),
            config_dir: folder(&env, "XDG_CONFIG_HOME", home.as_ref(), ".config"),
            signals: Arc::default(),
            state_dir: folder(&env, "XDG_STATE_HOME", home.as_ref(), ".local/state"),
            env,
        }
    }

    /// Where files go that nobody will look for.
    pub fn temporary_folder(&self) -> PathBuf {
        std::env::temp_dir()
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        Timestamp::system_now()
    }

    /// A `TZ` that names no zone known here, so that times are shown in UTC.
    pub fn unknown_zone(&self) -> Option<&str> {
        const FOLDERS: [&str; 3] = ["/usr/share/zoneinfo", "/share/zoneinfo", "/etc/zoneinfo"];
        let zone = self.env.get("TZ")?;
        let name = zone.strip_prefix(':').unwrap_or(zone);
        // `UTC0` and `<+00>0` are UTC in POSIX form.
        let means_utc = ["", "UTC", "GMT", "Z"].contains(&name) || name.ends_with('0');
        let exists = || {
            FOLDERS
                .iter()
                .any(|folder| Path::new(folder).join(name).exists())
        };
        (!means_utc && local_is_utc() && name != "localtime" && !exists()).then_some(zone)
    }

    /// Standard output as a writer that survives a closed pipe.
    pub fn stdout(&self) -> Output {
        Output::new(Box::new(io::stdout()), "standard output").interruptible_by(&self.signals)
    }

    /// Standard error as such a writer.
    pub fn stderr(&self) -> Output {
        Output::new(Box::new(io::stderr()), "standard error").interruptible_by(&self.signals)
    }

    /// Whether a person can be asked: both ends are terminals and nothing says not to.
    pub fn may_prompt(&self, no_input: bool) -> bool {
        self.stdin_is_terminal
            && self.stderr_is_terminal
            && !no_input
            && !self.env.is_set("HIVELOG_NO_INPUT")
            && !self.env.is_set("CI")
    }

    /// Begins to catch SIGINT and SIGTERM: the first is reported, the second ends the process.
    pub fn interrupt(&self) -> Result<Interrupt, Failure> {
        if let Some(listening) = self.signals.get() {
            return Ok(listening.clone());
        }
        let (stop, interrupt) = StopRequest::new();
        stop.on_signals()
            .map_err(|error| Failure::io("cannot listen for signals", error))?;
        let _ = self.signals.set(interrupt.clone());
        Ok(interrupt)
    }

    /// The same surroundings, in which only `interrupt` says when to stop.
    #[must_use]
    pub fn interruptible_by(&self, interrupt: Interrupt) -> Host {
        Host {
            signals: Arc::new(OnceLock::from(interrupt)),
            ..self.clone()
        }
    }
}

/// Listening takes a thread, which what is done at once does without: until then a signal ends the
/// process.
impl AsksToStop for Host {
    fn listen(&self) -> Result<(), Failure> {
        self.interrupt().map(drop)
    }

    fn seen(&self) -> Option<Signal> {
        self.signals.get().and_then(Interrupt::seen)
    }
}

fn width(env: &Env) -> usize {
    env.get("COLUMNS")
        .and_then(|columns| columns.parse().ok())
        .filter(|columns| *columns > 0)
        .or_else(|| screen_size().map(|(columns, _)| columns))
        .unwrap_or(80)
}

/// How many columns and lines the terminal has now, if there is one.
pub fn screen_size() -> Option<(usize, usize)> {
    let (columns, lines) = terminal_size::terminal_size()?;
    Some((usize::from(columns.0), usize::from(lines.0)))
}

/// The XDG folder of this program. A relative value counts as unset, as the specification says.
fn folder(env: &Env, variable: &str, home: Option<&PathBuf>, fallback: &str) -> Option<PathBuf> {
    env.get(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home.map(|home| home.join(fallback)))
        .map(|base| base.join("hivelog"))
}

/// Anything shorter would be found in many a text that has nothing to do with it.
const SHORTEST_SECRET: usize = 6;

/// The environment as it was at the start.
#[derive(Clone, Default)]
pub struct Env(BTreeMap<String, OsString>);

impl Env {
    /// A variable's value; one that is empty or not text counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.to_str()?;
        (!value.is_empty()).then_some(value)
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A variable with this prefix whose value is not text.
    pub fn without_text(&self, prefix: &str) -> Option<&str> {
        let mut own = self.0.iter().filter(|(name, _)| name.starts_with(prefix));
        own.find(|(_, value)| value.to_str().is_none())
            .map(|(name, _)| name.as_str())
    }

    /// Whether a variable is set to something.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A path with a `~/` at its beginning written out, as a shell does where it sees one.
    pub fn at_home(&self, path: &str) -> String {
        match (path.strip_prefix("~/"), self.get("HOME")) {
            (Some(below), Some(home)) => format!("{home}/{below}"),
            _ => path.to_owned(),
        }
    }

    /// What the environment keeps secret: the lines of each value whose name says so.
    pub fn secrets(&self, says_so: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = &str> {
        let texts = self.0.iter();
        let texts = texts.filter_map(|(name, value)| Some((name, value.to_str()?)));
        let secret = texts.filter(move |(name, value)| {
            // Where a secret lies is not the secret.
            !value.starts_with('/') && (name.ends_with("_KEY") || says_so(name.as_bytes()))
        });
        let lines = secret.flat_map(|(_, value)| value.lines());
        lines.filter(|line| line.len() >= SHORTEST_SECRET)
    }

    /// Whether a stream shows colour when no flag says so.
    pub fn wants_colour(&self, is_terminal: bool) -> bool {
        if self.is_set("NO_COLOR") {
            return false;
        }
        let forced = self.get("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        forced || (is_terminal && self.get("TERM") != Some("dumb"))
    }
}

impl std::fmt::Debug for Env {
    /// Variables may hold secrets, so only their number is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Env({} variables)", self.0.len())
    }
}

impl FromIterator<(String, String)> for Env {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Env {
        let pairs = pairs.into_iter();
        Env(pairs.map(|(name, value)| (name, value.into())).collect())
    }
}

/// Does asynchronous work on the thread at hand. Threads that the work has left behind, blocked in
/// what cannot be cancelled, do not hold up its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("cannot start the runtime", error))?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}

/// How many more files and connections this process can open, up to `wanted`. Found by trying:
/// the limit alone does not say what is open already.
pub fn room_for(wanted: usize) -> usize {
    let opened = (0..wanted).map_while(|_| std::fs::File::open("/dev/null").ok());
    opened.collect::<Vec<_>>().len()
}

/// What is said on standard error, one sanitised line at a time. A reader that has left is no
/// reason to stop, so errors are passed over.
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    /// Only failures are shown.
    pub quiet: bool,
    /// How much is said about what goes on: 0, 1 or 2.
    pub verbose: u8,
    /// Columns of the terminal, at which lines are folded; none where nothing is.
    pub width: Option<usize>,
}

impl Talk {
    /// Where only failures are shown.
    pub const QUIET: Talk = Talk {
        quiet: true,
        verbose: 0,
        width: None,
    };

    /// Says something a user should know but can do without; silent with `--quiet`.
    pub fn notice(self, text: &str) {
        if !self.quiet {
            self.line(text);
        }
    }

    /// Reports a failure that does not end the run.
    pub fn complain(self, failure: &Failure) {
        self.line(&format!("error: {failure}"));
    }

    /// Says something only `--verbose` asks for.
    pub fn detail(self, text: &str) {
        if self.verbose > 0 {
            self.line(text);
        }
    }

    fn line(self, text: &str) {
        let text = sanitise::line(text);
        match self.width {
            Some(width) => say(wrap::indented(&text, width).as_bytes()),
            None => say(text.as_bytes()),
        }
    }
}

/// Writes one line to standard error. What others wrote in it must have been made harmless.
pub fn say(line: &[u8]) {
    let mut bytes = line.to_vec();
    bytes.push(b'\n');
    let _ = io::stderr().lock().write_all(&bytes);
}

/// Goes on writing a line to standard error. What others wrote in it must have been made harmless.
pub fn say_on(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_folders_count_as_unset() {
        let env: Env = [("XDG_CONFIG_HOME".to_owned(), "relative".to_owned())]
            .into_iter()
            .collect();
        let home = PathBuf::from("/home/someone");
        assert_eq!(
            folder(&env, "XDG_CONFIG_HOME", Some(&home), ".config"),
            Some(PathBuf::from("/home/someone/.config/hivelog"))
        );
        assert_eq!(folder(&env, "XDG_CONFIG_HOME", None, ".config"), None);
    }
}
