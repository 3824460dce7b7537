//! `run`: a command with event logs around it. Nothing about these keeps the command from running
//! or changes how its end is told.

mod last_lines;

use crate::check::secrets;
use crate::commands::emit::destination::Destination;
use crate::commands::emit::edit::Edit;
use crate::commands::emit::gate::{Gate, Strictness};
use crate::commands::emit::intake::Input;
use crate::commands::emit::{self, Event, Place, Plan as Sending, Target, Trouble, keeping};
use crate::failure::{Exit, Failure};
use crate::host::{Child, Ended, Host, Interrupt, Stop};
use crate::model::delivery::{Delivery, Status};
use crate::model::timestamp::Zone;
use crate::spool::dispatch::Options;
use crate::spool::{Purpose, Spool};
use crate::wire::records::Record;
use last_lines::LastLines;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

/// How long the event logs together are waited for after the command has ended, where they are
/// safe in the spool or somebody has asked for the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the technical information may hold.
const LONGEST: usize = 2000;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// What is to be done.
pub struct Plan {
    /// The command with its arguments.
    pub command: Vec<OsString>,
    /// The correlation id, which the command inherits.
    pub correlation_id: Option<String>,
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
    /// How event logs are sent; nothing where it is not known where to.
    pub post: Option<Post>,
}

/// How the event logs of a run are sent.
#[derive(Clone)]
pub struct Post {
    /// Where to.
    pub destination: Destination,
    /// Whether there is a key to send with; without one, event logs are only kept.
    pub has_key: bool,
    /// Where they are kept until then.
    pub spool: Place,
    /// The rules.
    pub strictness: Strictness,
    /// How fast, and how long each is tried.
    pub options: Options,
    /// How long all are tried after the command has ended, where that was said.
    pub retry_for: Option<Duration>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The zone of times in what is sent.
    pub zone: Zone,
}

/// Does it; `tell` hears of event logs that were not delivered.
pub fn run(plan: &Plan, host: &Host, tell: &(dyn Fn(&str) + Sync)) -> Result<Exit, Failure> {
    let (stop, interrupt) = Stop::new();
    let aside = host.heeding(interrupt.clone());
    std::thread::scope(|scope| {
        // At its side: a server that does not answer must not hold the command up.
        let started = plan.on_start.as_ref().zip(plan.post.as_ref());
        let send = |log, edits, post: &Post| post.send(log, edits, &aside, &interrupt, tell);
        let started = started.map(|(log, post)| scope.spawn(move || send(log, Vec::new(), post)));
        let ended = execute(plan);
        let asked = matches!(&ended, Ok((ended, _)) if ended.asked().is_some());
        if let Err(error) = stop.clone().on_signals() {
            tell(&format!("cannot listen for signals: {error}"));
        }
        if let Some(post) = &plan.post
            && let Err(error) = limit(stop, post.patience(asked))
        {
            tell(&format!("cannot limit how long is reported: {error}"));
        }
        if let Some(started) = started {
            let _ = started.join();
        }
        let (code, edits, log) = match &ended {
            Ok((ended, _)) if ended.well() => (0, Vec::new(), &plan.on_success),
            Ok((ended, lines)) => (
                ended.code(),
                plan.failed(
                    &format!("{} {}", plan.name(), ended.description()),
                    lines,
                    host,
                ),
                &plan.on_failure,
            ),
            Err(failure) => {
                let said = failure.to_string();
                tell(&said);
                (
                    failure.exit.code(),
                    plan.failed(&said, &[], host),
                    &plan.on_failure,
                )
            }
        };
        if let Some((log, post)) = log.as_ref().zip(plan.post.as_ref()) {
            send(log, edits, post);
        }
        // A failure of the command is never hidden by how the reports of it ended.
        let interrupted = interrupt.seen().filter(|_| !interrupt.grace().is_zero());
        Ok(match interrupted {
            Some(signal) if code == 0 => signal.exit(),
            _ => Exit::Command(code),
        })
    })
}

/// Ends the sending after this time, whatever is under way.
fn limit(stop: Stop, patience: Duration) -> io::Result<()> {
    let end = move || {
        std::thread::sleep(patience);
        stop.at_once();
    };
    std::thread::Builder::new()
        .name("patience".into())
        .spawn(end)
        .map(drop)
}

impl Plan {
    /// Whether any event log can be sent or kept.
    pub fn has_event_logs(&self) -> bool {
        let logs = [&self.on_start, &self.on_success, &self.on_failure];
        self.post.is_some() && logs.iter().any(|log| log.is_some())
    }

    /// Whether the spool can be used, for a command that runs only then.
    pub fn check_spool(&self, tell: &(dyn Fn(&str) + Sync)) -> Result<(), Failure> {
        match &self.post {
            Some(post) => post.open_spool(tell).map(drop),
            None => Ok(()),
        }
    }

    fn name(&self) -> String {
        let name = self.command.first().map(|name| name.to_string_lossy());
        name.unwrap_or_default().into_owned()
    }

    /// What the event log says of a failure.
    fn failed(&self, said: &str, lines: &[String], host: &Host) -> Vec<Edit> {
        let mut technical = said.to_owned();
        let room = LONGEST.saturating_sub(technical.chars().count() + 1);
        // Masked before it is cut, so that no part of a secret is left.
        let tail = self.masked(&lines.join("\n"), host);
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
            let where_to_look = if tail.is_empty() {
                "It said nothing on standard error: look at what else it writes."
            } else {
                "Its last messages are in the technical information."
            };
            let detail = format!(
                "The command {} did not do its work.\n{said}.\n{where_to_look}",
                self.name()
            );
            edits.push(Edit::of_field("detail", Value::from(detail).to_string()));
        }
        edits
    }

    /// The command's words without our key, without what its environment calls a secret, and
    /// without what looks like one.
    fn masked(&self, text: &str, host: &Host) -> String {
        let mut text = text.to_owned();
        for secret in host.env.secrets(secrets::is_telling) {
            text = text.replace(secret, MASK);
        }
        if let Some(post) = &self.post {
            text = post.destination.mask(text);
        }
        let bytes = text.as_bytes();
        let shown = secrets::masked(bytes, 0..bytes.len(), &secrets::spans(bytes));
        String::from_utf8_lossy(&shown).into_owned()
    }
}

impl Post {
    /// How long the event logs together are waited for after the command has ended; `asked`
    /// means that somebody wants the end.
    fn patience(&self, asked: bool) -> Duration {
        match self.retry_for {
            _ if asked => PATIENCE,
            Some(wanted) if self.spool.is_durable() => wanted.max(PATIENCE),
            None if self.spool.is_durable() => PATIENCE,
            // What is not delivered now is lost.
            _ => self.options.retry_for.saturating_add(self.timeout),
        }
    }

    /// Sends one event log, or keeps it, and tells if it was not delivered.
    fn send(
        &self,
        log: &[u8],
        mut edits: Vec<Edit>,
        host: &Host,
        interrupt: &Interrupt,
        tell: &(dyn Fn(&str) + Sync),
    ) {
        let now = host.now().at(self.zone).rfc3339();
        edits.push(Edit::of_field("generatedAt", Value::from(now).to_string()));
        let strictness = Strictness {
            edits,
            ..self.strictness.clone()
        };
        let stopped = || self.spool.is_durable() && interrupt.seen().is_some();
        // An event log that was not even accepted when the end came is not lost either.
        let result = if self.has_key && !stopped() {
            match self.deliver(log, &strictness, host, &stopped, tell) {
                Ok(false) if stopped() => self.keep(log, strictness, tell),
                result => result.map(drop),
            }
        } else {
            self.keep(log, strictness, tell)
        };
        if let Err(failure) = result {
            tell(&format!("the event log is lost: {failure}"));
        }
    }

    /// Sends one event log; whether it is known what became of it.
    fn deliver(
        &self,
        log: &[u8],
        strictness: &Strictness,
        host: &Host,
        stopped: &dyn Fn() -> bool,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, Failure> {
        let settled = Cell::new(false);
        let trouble = RefCell::new(None);
        let attempt = |spool: Place| {
            let sending = Sending {
                input: Input::Composed(log.to_vec()),
                strictness: strictness.clone(),
                target: Target::Server(self.destination.clone()),
                options: self.options,
                timeout: self.timeout,
                spool,
                fail_fast: false,
                receipts: false,
                rejected: None,
                allow_empty: false,
            };
            emit::run(sending, host, &mut |event| match event {
                Event::Trouble(Trouble { end, what, next }) => {
                    trouble.replace(Some(match end {
                        // Whether it is kept is reported in any case.
                        Exit::Undelivered => what.clone(),
                        _ => format!("{what}; {next}"),
                    }));
                }
                Event::Result(delivery) => {
                    settled.set(true);
                    if delivery.status != Status::Delivered {
                        tell(&self.not_delivered(delivery, trouble.take()));
                    }
                }
                Event::Notice(text) => tell(&text),
                _ => {}
            })
        };
        let result = attempt(self.spool.clone());
        let result = match result {
            Err(_) if stopped() && !settled.get() => return Ok(false),
            Err(failure) if self.spool.is_durable() && !settled.get() => {
                tell(&format!(
                    "{failure}; the event log is sent without the spool"
                ));
                attempt(Place::Memory)
            }
            result => result,
        };
        if !settled.get() && !stopped() && result.is_ok() {
            tell("the event log was not sent: stopped before its turn");
        }
        result.map(|_| settled.get())
    }

    /// Puts one event log into the spool, for whoever has the key.
    fn keep(
        &self,
        log: &[u8],
        strictness: Strictness,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<(), Failure> {
        let spool = self
            .open_spool(tell)?
            .ok_or_else(|| Failure::usage("it can be neither sent nor saved in the spool"))?;
        match Gate::new(strictness).pass(&"flags".into(), &Record::alone(log)) {
            Ok((record, _)) => {
                spool
                    .append(vec![record], &mut |_| {})
                    .and_then(|()| spool.close(&mut |_| {}))
                    .map_err(emit::spool_failure)?;
                let drain = self.destination.remedies().drain();
                tell(&format!(
                    "the event log is saved in the spool; send it with: {drain}"
                ));
            }
            Err(invalid) => tell(&self.not_delivered(&invalid.delivery, None)),
        }
        Ok(())
    }

    /// Opens the spool, if there is to be one.
    fn open_spool(&self, tell: &(dyn Fn(&str) + Sync)) -> Result<Option<Arc<dyn Spool>>, Failure> {
        if !self.spool.is_durable() {
            return Ok(None);
        }
        let mut notice = |event: Event<'_>| {
            if let Event::Notice(text) = event {
                tell(&text);
            }
        };
        keeping::open(
            &self.spool,
            &self.destination,
            Purpose::Own,
            self.timeout,
            &mut notice,
        )
        .map(|(spool, _)| Some(spool))
    }

    /// What became of an event log, with what the user can do where sending says so.
    fn not_delivered(&self, delivery: &Delivery, trouble: Option<String>) -> String {
        let code = delivery.event_code.as_deref().unwrap_or("without code");
        let why = trouble.unwrap_or_else(|| match (&delivery.error, delivery.findings.first()) {
            (Some(problem), _) => problem.title.clone(),
            (None, Some(finding)) => finding.message.clone(),
            (None, None) => "no reason is known".to_owned(),
        });
        let kept = if delivery.status == Status::Kept {
            let drain = self.destination.remedies().drain();
            format!("; it is saved in the spool; send it with: {drain}")
        } else {
            String::new()
        };
        format!("the event log {code} was not delivered: {why}{kept}")
    }
}

/// Runs the command to its end. Its standard error passes through and its last lines stay.
fn execute(plan: &Plan) -> Result<(Ended, Vec<String>), Failure> {
    let mut command = Child::command(&plan.command)?;
    command.stderr(Stdio::piped());
    if let Some(id) = &plan.correlation_id {
        command.env("HIVELOG_CORRELATION_ID", id);
    }
    let mut child = Child::start(command)?;
    let lines = LastLines::of(child.stderr(), plan.tail_lines);
    Ok((child.wait()?, lines.so_far()))
}
