//! `run`: a command with event logs around it. Nothing about these keeps the command from running
//! or changes how its end is reported.

mod failed;
mod last_lines;
mod post;
mod request;

use crate::commands::emit::edit::Edit;
use crate::commands::emit::given::GivenFields;
use crate::commands::ui;
use crate::failure::{Exit, Failure};
use crate::host::{ChildProcess, ExitedChild, Host, StopRequest};
use crate::render::theme::Theme;
use last_lines::LastLines;
use std::ffi::OsString;
use std::io;
use std::process::Stdio;
use std::time::Duration;

pub use post::Post;
pub use request::{RunRequest, Sending};

/// What is to be done.
pub struct RunPlan {
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

/// Runs the command, whatever is `wrong` with its event logs, unless it is to be `strict`.
pub fn run(
    plan: &RunPlan,
    mut wrong: Vec<Failure>,
    strict: bool,
    theme: &Theme,
    host: &Host,
) -> Result<Exit, Failure> {
    let report = |text: &str| ui::warn(&Failure::input(text), theme, host);
    if strict {
        if let Some(last) = wrong.pop() {
            for failure in &wrong {
                ui::complain(failure, theme, host);
            }
            return Err(last);
        }
        if let Some(post) = &plan.post {
            let _ = post.open_spool(&report)?;
        }
    } else {
        for failure in &wrong {
            ui::warn(failure, theme, host);
        }
        if !plan.has_event_logs() {
            report("running the command without event logs");
        }
    }
    run_command(plan, host, &report)
}

/// `report` is given each event log that was not delivered.
fn run_command(
    plan: &RunPlan,
    host: &Host,
    report: &(dyn Fn(&str) + Sync),
) -> Result<Exit, Failure> {
    let (stop, interrupt) = StopRequest::new();
    let aside = host.interruptible_by(interrupt.clone());
    std::thread::scope(|scope| {
        // At its side: a server that does not answer must not hold the command up.
        let started = plan.on_start.as_ref().zip(plan.post.as_ref());
        let send = |log, edits, post: &Post| post.send(log, edits, &aside, &interrupt, report);
        let started = started.map(|(log, post)| scope.spawn(move || send(log, Vec::new(), post)));
        let ended = execute(plan);
        let asked = matches!(&ended, Ok((ended, _)) if ended.asked().is_some());
        if let Err(error) = stop.clone().on_signals() {
            report(&format!("cannot listen for signals: {error}"));
        }
        if let Some(post) = &plan.post
            && let Err(error) = limit(stop, post.patience(asked))
        {
            report(&format!("cannot limit the time for reporting: {error}"));
        }
        if let Some(started) = started {
            let _ = started.join();
        }
        let (code, log, edits) = plan.last_word(&ended, host, report);
        if let Some((log, post)) = log.zip(plan.post.as_ref()) {
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
fn limit(stop: StopRequest, patience: Duration) -> io::Result<()> {
    let end = move || {
        std::thread::sleep(patience);
        stop.at_once();
    };
    std::thread::Builder::new()
        .name("patience".into())
        .spawn(end)
        .map(drop)
}

impl RunPlan {
    /// The command by itself, for settings that cannot be read.
    pub fn without_event_logs(
        command: Vec<OsString>,
        tail_lines: usize,
        fields: &GivenFields,
    ) -> RunPlan {
        RunPlan {
            command,
            correlation_id: None,
            on_start: None,
            on_success: None,
            on_failure: None,
            own_detail: fields.has_no_detail(),
            tail_lines,
            post: None,
        }
    }

    /// Whether any event log can be sent or stored.
    fn has_event_logs(&self) -> bool {
        let logs = [&self.on_start, &self.on_success, &self.on_failure];
        self.post.is_some() && logs.iter().any(|log| log.is_some())
    }

    /// The code of the command, and the event log for how it ended, with what that adds to it.
    fn last_word(
        &self,
        ended: &Execution,
        host: &Host,
        report: &(dyn Fn(&str) + Sync),
    ) -> (u8, Option<&Vec<u8>>, Vec<Edit>) {
        let (code, what, lines) = match ended {
            Ok((ended, _)) if ended.well() => return (0, self.on_success.as_ref(), Vec::new()),
            Ok((ended, lines)) => {
                let what = format!("{} {}", self.name(), ended.description());
                (ended.code(), what, lines.as_slice())
            }
            Err(failure) => {
                let what = failure.to_string();
                report(&what);
                (failure.exit.code(), what, [].as_slice())
            }
        };
        let edits = failed::edits(self, &what, lines, host);
        (code, self.on_failure.as_ref(), edits)
    }

    fn name(&self) -> String {
        let name = self.command.first().map(|name| name.to_string_lossy());
        name.unwrap_or_default().into_owned()
    }
}

/// How a command ended, with its last lines on standard error.
type Execution = Result<(ExitedChild, Vec<String>), Failure>;

/// Runs the command to its end. Its standard error passes through and its last lines stay.
fn execute(plan: &RunPlan) -> Execution {
    let mut command = ChildProcess::command(&plan.command)?;
    command.stderr(Stdio::piped());
    if let Some(id) = &plan.correlation_id {
        command.env("HIVELOG_CORRELATION_ID", id);
    }
    let mut child = ChildProcess::start(command)?;
    let lines = LastLines::of(child.stderr(), plan.tail_lines);
    Ok((child.wait()?, lines.so_far()))
}
