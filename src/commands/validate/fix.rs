//! `validate --fix`: a layer between a source and its reader. What is read has been fixed, and
//! the same bytes take the source's place, go to standard output, or are shown as changes.

use crate::check::Policy;
use crate::check::fix::{Fixer, Part, StreamFixer};
use crate::commands::validate::reports::diff::Unified;
use crate::failure::Failure;
use crate::host::{AtomicFile, Output, Talk};
use crate::records::{Layer, is_packed};
use crate::render::raw::TerminalBlocks;
use crate::render::theme::Theme;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How sources are to be fixed.
#[derive(Clone, Debug)]
pub struct FixOptions {
    /// The rules that ask for repairs.
    pub policy: Policy,
    /// Whether times are rewritten too.
    pub timestamps: bool,
    /// Show the changes on standard output, in these styles, instead of making them.
    pub diff: Option<Theme>,
    /// Whether standard output is a terminal, where text of others is escaped.
    pub is_terminal: bool,
    /// How to talk.
    pub talk: Talk,
    underway: Underway,
}

/// The file that is being written. Sources are read on a thread of their own; a run that ends
/// early takes the file away from it, so that nothing half done is left behind.
type Underway = Arc<Mutex<Option<AtomicFile>>>;

impl FixOptions {
    /// Repairs by these rules.
    pub fn new(policy: Policy, timestamps: bool, talk: Talk) -> FixOptions {
        FixOptions {
            policy,
            timestamps,
            diff: None,
            is_terminal: false,
            talk,
            underway: Underway::default(),
        }
    }

    /// The run is over: a source that was not read to its end stays as it is.
    pub fn give_up(&self) {
        drop(take(&self.underway));
    }
}

impl Layer for FixOptions {
    fn around(
        &self,
        name: &str,
        path: Option<&Path>,
        stream: Box<dyn Read + Send>,
    ) -> Result<Box<dyn Read + Send>, Failure> {
        if let Some(path) = path
            && self.diff.is_none()
            && !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
        {
            return Err(
                Failure::input(format!("cannot fix {name}: it is not a regular file"))
                    .hint("--fix with - reads standard input and prints the fixed text"),
            );
        }
        let standard_output = || Output::new(Box::new(io::stdout()), "standard output");
        let sink = match (self.diff, path) {
            (Some(theme), _) => {
                let diff = Box::new(Unified::new(name, theme, self.is_terminal));
                FixSink::Diff(diff, standard_output())
            }
            (None, None) if self.is_terminal => {
                FixSink::Terminal(TerminalBlocks::default(), standard_output())
            }
            (None, None) => FixSink::Stream(standard_output()),
            (None, Some(path)) => {
                let replacement = AtomicFile::begin(path)?;
                let output = Output::new(Box::new(replacement.writer()?), name);
                *locked(&self.underway) = Some(replacement);
                FixSink::File(Arc::clone(&self.underway), output)
            }
        };
        Ok(Box::new(FixReader {
            name: name.to_owned(),
            talk: self.talk,
            stream,
            repair: StreamFixer::new(
                Fixer::new(self.policy.clone(), self.timestamps),
                self.policy.max_record,
            ),
            sink: Some(sink),
            begun: false,
            repairs: 0,
            block: vec![0; Output::BLOCK],
            ready: Vec::new(),
            read: 0,
        }))
    }
}

/// A failure on its way through a reader.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that map_err asks for"
)]
fn as_io_error(failure: Failure) -> io::Error {
    io::Error::other(failure.to_string())
}

fn locked(underway: &Underway) -> MutexGuard<'_, Option<AtomicFile>> {
    underway.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take(underway: &Underway) -> Option<AtomicFile> {
    locked(underway).take()
}

/// Where the fixed source goes.
enum FixSink {
    File(Underway, Output),
    Stream(Output),
    Terminal(TerminalBlocks, Output),
    Diff(Box<Unified>, Output),
}

/// A source that is fixed while it is read.
struct FixReader {
    name: String,
    talk: Talk,
    stream: Box<dyn Read + Send>,
    repair: StreamFixer,
    /// Gone once the source has ended.
    sink: Option<FixSink>,
    begun: bool,
    repairs: u64,
    block: Vec<u8>,
    ready: Vec<u8>,
    read: usize,
}

impl Read for FixReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.ready.len() && self.sink.is_some() {
            self.fill()?;
        }
        let length = buffer.len().min(self.ready.len() - self.read);
        buffer[..length].copy_from_slice(&self.ready[self.read..self.read + length]);
        self.read += length;
        Ok(length)
    }
}

impl FixReader {
    fn fill(&mut self) -> io::Result<()> {
        let length = self.stream.read(&mut self.block)?;
        // Its reader unpacks it, but what is fixed is what was given.
        if !std::mem::replace(&mut self.begun, true) && is_packed(&self.block[..length]) {
            return Err(io::Error::other(
                "it is compressed, and --fix needs it unpacked",
            ));
        }
        self.ready.clear();
        self.read = 0;
        let FixReader {
            repair,
            sink,
            ready,
            repairs,
            block,
            ..
        } = self;
        let mut shown = Vec::new();
        let mut hand = |part: Part<'_>| {
            ready.extend_from_slice(part.fixed());
            *repairs += u64::from(matches!(part, Part::Changed { .. }));
            if let Some(FixSink::Diff(diff, _)) = sink {
                match part {
                    Part::Same(bytes) => diff.same(bytes, &mut shown),
                    Part::Changed { old, new } => diff.changed(old, new),
                }
            }
        };
        if length == 0 {
            repair.finish(&mut hand);
        } else {
            repair.push(&block[..length], &mut hand);
        }
        match sink {
            Some(FixSink::File(_, output) | FixSink::Stream(output)) => output.write(ready),
            Some(FixSink::Terminal(blocks, output)) => output.write(blocks.push(ready).as_bytes()),
            Some(FixSink::Diff(_, output)) => output.write(&shown),
            None => Ok(()),
        }
        .map_err(as_io_error)?;
        if length == 0 {
            return self.end().map_err(as_io_error);
        }
        match sink {
            Some(
                FixSink::Stream(output) | FixSink::Terminal(_, output) | FixSink::Diff(_, output),
            ) => output.flush(),
            _ => Ok(()),
        }
        .map_err(as_io_error)
    }

    fn end(&mut self) -> Result<(), Failure> {
        match self.sink.take() {
            None => return Ok(()),
            Some(FixSink::Stream(mut output)) => output.flush()?,
            Some(FixSink::Terminal(blocks, mut output)) => {
                output.write(blocks.finish().as_bytes())?;
                output.flush()?;
            }
            Some(FixSink::Diff(mut diff, mut output)) => {
                let mut shown = Vec::new();
                diff.end(&mut shown);
                output.write(&shown)?;
                return output.flush();
            }
            Some(FixSink::File(underway, mut output)) => {
                let Some(replacement) = take(&underway).filter(|_| self.repairs > 0) else {
                    return Ok(());
                };
                output.flush()?;
                if replacement.is_overtaken() {
                    return Err(Failure::input(format!(
                        "{} was changed while it was being fixed and is left as it is",
                        self.name
                    )));
                }
                replacement.commit()?;
            }
        }
        if self.repairs > 0 {
            let plural = if self.repairs == 1 { "" } else { "s" };
            self.talk
                .notice(&format!("{}: {} repair{plural}", self.name, self.repairs));
        }
        Ok(())
    }
}
