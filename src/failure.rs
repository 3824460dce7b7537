//! How a run can end: the exit codes, and the failures that stop a run early.

use std::fmt;

/// How the process ends. One owner of the numbers; scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done, and the answer is yes.
    Yes,
    /// Done, and the answer is no.
    No,
    /// Wrong usage or configuration.
    Usage,
    /// Local input or storage unusable.
    Input,
    /// Not authorised.
    Unauthorised,
    /// Refused by the server or by our own check.
    Refused,
    /// Not delivered, and trying again may help.
    Undelivered,
    /// Some delivered, some not.
    Mixed,
    /// Ended without a verdict.
    NoVerdict,
    /// A bug in hivelog.
    Bug,
    /// Interrupted (Ctrl-C).
    Interrupted,
    /// Terminated (SIGTERM).
    Terminated,
    /// As the command ended that was run on the user's behalf.
    Command(u8),
}

impl Exit {
    /// Every way to end of its own, in the order of the codes.
    pub const ALL: [Exit; 12] = [
        Exit::Yes,
        Exit::No,
        Exit::Usage,
        Exit::Input,
        Exit::Unauthorised,
        Exit::Refused,
        Exit::Undelivered,
        Exit::Mixed,
        Exit::NoVerdict,
        Exit::Bug,
        Exit::Interrupted,
        Exit::Terminated,
    ];

    /// The number the shell sees.
    pub const fn code(self) -> u8 {
        self.row().0
    }

    /// What the code means, as `hivelog help exit-codes` prints it.
    pub const fn meaning(self) -> &'static str {
        self.row().1
    }

    #[rustfmt::skip]
    const fn row(self) -> (u8, &'static str) {
        match self {
            Exit::Yes => (0, "done, and the answer is yes"),
            Exit::No => (1, "done, and the answer is no: findings at or above the threshold, a look-up that found nothing, a --fail-on condition seen"),
            Exit::Usage => (2, "wrong usage or configuration (also: redirect, 404, 405, 410, 501, 505, TLS failure, unknown profile)"),
            Exit::Input => (3, "local input or storage unusable: missing file, unreadable bytes, no record where one was expected, disk full"),
            Exit::Unauthorised => (4, "not authorised: 401, 403, login refused"),
            Exit::Refused => (5, "refused: the server (other 4xx) or our own check rejected every record"),
            Exit::Undelivered => (6, "not delivered, and trying again may help: unreachable, other 5xx or 429 after all retries; with a spool the records are kept"),
            Exit::Mixed => (7, "mixed: some records delivered, some not; the result stream says which"),
            Exit::NoVerdict => (8, "ended without a verdict: --timeout, --idle-timeout, or the stream closed for good before --until"),
            Exit::Bug => (70, "a bug in hivelog"),
            Exit::Interrupted => (130, "interrupted (Ctrl-C)"),
            Exit::Terminated => (143, "terminated (SIGTERM)"),
            Exit::Command(code) => (code, "the exit code of the command that was run"),
        }
    }
}

/// Why a run stopped: how it ends, what happened and, where there is one, what to do about it.
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What happened, to what, and why.
    pub source: anyhow::Error,
    /// What the user can do.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure that ends with `exit`.
    pub fn new(exit: Exit, source: impl Into<anyhow::Error>) -> Failure {
        Failure {
            exit,
            source: source.into(),
            hint: None,
        }
    }

    /// A failure with a message of our own.
    pub fn message(exit: Exit, message: impl fmt::Display) -> Failure {
        Failure::new(exit, anyhow::Error::msg(message.to_string()))
    }

    /// Wrong usage or configuration.
    pub fn usage(message: impl fmt::Display) -> Failure {
        Failure::message(Exit::Usage, message)
    }

    /// Local input or storage that cannot be used.
    pub fn input(message: impl fmt::Display) -> Failure {
        Failure::message(Exit::Input, message)
    }

    /// Input that holds nothing of what it was read for: records, events.
    pub fn empty_input(what: &str) -> Failure {
        Failure::input(format!("no {what} in the input"))
    }

    /// Local input or storage that cannot be used, with the operating system's reason.
    pub fn io(what: impl fmt::Display, error: std::io::Error) -> Failure {
        Failure::new(
            Exit::Input,
            anyhow::Error::new(error).context(what.to_string()),
        )
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    /// The whole chain of causes on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.source)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.exit)
    }
}
