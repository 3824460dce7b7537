//! `run`: a command with event logs around it. Whether these get through never changes how the
//! command's end is told.

use super::emit::destination::Destination;
use super::emit::edit::Edit;
use super::emit::gate::Strictness;
use super::emit::intake::Input;
use super::emit::{self, Event, Keeping, Plan as Sending, Target};
use crate::failure::{Exit, Failure};
use crate::host::{Host, Signal, core_dump};
use crate::model::delivery::{Delivery, Status};
use crate::model::timestamp::Zone;
use crate::spool::dispatch::Options;
use serde_json::Value;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How often the command is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// What the technical information may hold.
const LONGEST: usize = 2000;

/// The longest line of the command's that is remembered, in bytes.
const LONGEST_LINE: u64 = 4096;

/// What is to be done.
pub struct Plan {
    /// The command with its arguments.
    pub command: Vec<OsString>,
    /// The correlation id, which the command inherits.
    pub correlation_id: String,
    /// Sent when the command starts.
    pub on_start: Option<Vec<u8>>,
    /// Sent when it has ended well.
    pub on_success: Option<Vec<u8>>,
    /// Sent when it has not.
    pub on_failure: Option<Vec<u8>>,
    /// Whether the failure's detail is ours to write.
    pub own_detail: bool,
    /// How many of its last lines on standard error are sent with a failure.
    pub tail_lines: usize,
    /// How event logs are sent.
    pub post: Post,
}

/// How the event logs of a run are sent.
#[derive(Clone)]
pub struct Post {
    /// Where to.
    pub destination: Destination,
    /// Where they are kept until then.
    pub spool: Option<Keeping>,
    /// The rules.
    pub strictness: Strictness,
    /// How fast, and how long each is tried.
    pub options: Options,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The zone of times in what is sent.
    pub zone: Zone,
}

/// Does it; `tell` hears of event logs that were not delivered.
pub fn run(plan: &Plan, host: &Host, tell: &(dyn Fn(&str) + Sync)) -> Result<Exit, Failure> {
    let interrupt = host.interrupt()?;
    std::thread::scope(|scope| {
        // At its side: a server that does not answer must not hold the command up.
        let started = plan.on_start.as_ref().map(|log| {
            let log = log.clone();
            scope.spawn(move || plan.post.send(log, Vec::new(), host, tell))
        });
        let ended = execute(plan, || interrupt.seen());
        if let Some(started) = started {
            let _ = started.join();
        }
        let (code, edits, log) = match &ended {
            Ok((status, _)) if status.success() => (0, Vec::new(), &plan.on_success),
            Ok((status, lines)) => {
                let said = told(*status);
                (code(*status), plan.failed(&said, lines), &plan.on_failure)
            }
            Err(error) => {
                let said = format!("could not be started: {error}");
                tell(&format!("{} {said}", plan.name()));
                let code = if error.kind() == io::ErrorKind::NotFound {
                    127
                } else {
                    126
                };
                (code, plan.failed(&said, &VecDeque::new()), &plan.on_failure)
            }
        };
        if let Some(log) = log {
            plan.post.send(log.clone(), edits, host, tell);
        }
        Ok(Exit::Command(code))
    })
}

impl Plan {
    fn name(&self) -> String {
        let name = self.command.first().map(|name| name.to_string_lossy());
        name.unwrap_or_default().into_owned()
    }

    /// What the event log says of a failure.
    fn failed(&self, said: &str, lines: &VecDeque<String>) -> Vec<Edit> {
        let mut technical = format!("{} {said}", self.name());
        let room = LONGEST.saturating_sub(technical.chars().count() + 1);
        let tail: Vec<&str> = lines.iter().map(String::as_str).collect();
        let tail = tail.join("\n");
        // The end says most.
        let skip = tail.chars().count().saturating_sub(room);
        let tail: String = tail.chars().skip(skip).collect();
        if !tail.is_empty() {
            technical.push('\n');
            technical.push_str(&tail);
        }
        let mut edits = vec![Edit::of_field(
            "technicalInfo",
            Value::from(technical).to_string(),
        )];
        if self.own_detail {
            let detail = format!(
                "The command {} did not do its work.\nIt {said}.\nIts last messages are in the technical information.",
                self.name()
            );
            edits.push(Edit::of_field("detail", Value::from(detail).to_string()));
        }
        edits
    }
}

impl Post {
    /// Sends one event log and tells if it was not delivered.
    fn send(&self, log: Vec<u8>, mut edits: Vec<Edit>, host: &Host, tell: &(dyn Fn(&str) + Sync)) {
        let now = host.now().at(self.zone).rfc3339();
        edits.push(Edit::of_field("generatedAt", Value::from(now).to_string()));
        let sending = Sending {
            input: Input::Composed(log),
            strictness: Strictness {
                edits,
                ..self.strictness.clone()
            },
            target: Target::Server(self.destination.clone()),
            options: self.options,
            timeout: self.timeout,
            spool: self.spool.clone(),
            fail_fast: false,
            receipts: false,
            rejected: None,
            allow_empty: false,
        };
        let result = emit::run(sending, host, &mut |event| match event {
            Event::Result(delivery) if delivery.status != Status::Delivered => {
                tell(&not_delivered(delivery));
            }
            Event::Notice(text) => tell(&text),
            _ => {}
        });
        if let Err(failure) = result {
            tell(&format!("the event log was not sent: {failure}"));
        }
    }
}

fn not_delivered(delivery: &Delivery) -> String {
    let code = delivery.event_code.as_deref().unwrap_or("without code");
    let why = match (&delivery.error, delivery.findings.first()) {
        (Some(problem), _) => problem.title.clone(),
        (None, Some(finding)) => finding.message.clone(),
        (None, None) => "no reason is known".to_owned(),
    };
    let kept = if delivery.status == Status::Kept {
        "; it is kept in the spool"
    } else {
        ""
    };
    format!("the event log {code} was not delivered: {why}{kept}")
}

/// Runs the command to its end. Its standard error passes through and its last lines stay.
fn execute(
    plan: &Plan,
    signal: impl Fn() -> Option<Signal>,
) -> io::Result<(ExitStatus, VecDeque<String>)> {
    let (program, arguments) = plan
        .command
        .split_first()
        .ok_or(io::ErrorKind::InvalidInput)?;
    let mut child = Command::new(program)
        .args(arguments)
        .env("HIVELOG_CORRELATION_ID", &plan.correlation_id)
        .stderr(Stdio::piped())
        .spawn()?;
    core_dump::leave_to(child.id());
    let keep = plan.tail_lines;
    let stderr = child.stderr.take();
    let reader = std::thread::spawn(move || stderr.map(|stream| pass_on(stream, keep)));
    let status = wait(&mut child, signal)?;
    // A grandchild may hold the stream open; what it says later is not the command's.
    let lines = if reader_ends(&reader) {
        reader.join().ok().flatten().unwrap_or_default()
    } else {
        VecDeque::new()
    };
    Ok((status, lines))
}

fn reader_ends<T>(reader: &std::thread::JoinHandle<T>) -> bool {
    for _ in 0..50 {
        if reader.is_finished() {
            return true;
        }
        std::thread::sleep(LOOK);
    }
    false
}

fn wait(child: &mut Child, signal: impl Fn() -> Option<Signal>) -> io::Result<ExitStatus> {
    let mut passed_on = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if let Some(signal) = signal()
            && !passed_on
        {
            passed_on = true;
            // Ctrl-C has reached the whole group already; a termination was meant for us alone.
            if signal == Signal::Terminate {
                let _ = Command::new("kill")
                    .args(["-TERM", &child.id().to_string()])
                    .status();
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// Copies a stream to our standard error and keeps its last lines.
fn pass_on(stream: impl io::Read, keep: usize) -> VecDeque<String> {
    let mut reader = BufReader::new(stream);
    let mut lines = VecDeque::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = io::Read::take(&mut reader, LONGEST_LINE);
        match limited.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return lines,
            Ok(_) => {}
        }
        let _ = io::stderr().write_all(&line);
        let text = String::from_utf8_lossy(&line);
        lines.push_back(text.trim_end_matches(['\r', '\n']).to_owned());
        if lines.len() > keep {
            lines.pop_front();
        }
    }
}

/// The code a shell would show.
fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

fn told(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
