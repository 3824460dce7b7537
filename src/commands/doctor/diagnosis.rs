//! What `doctor` finds out about one thing.

use serde::Serialize;

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Ok,
    /// Not in use, or not needed for everything.
    Skipped,
    /// It works, but should be looked at.
    Warning,
    /// It does not work.
    Failed,
}

impl Health {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Skipped => "skipped",
            Health::Warning => "warning",
            Health::Failed => "failed",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub check: &'static str,
    /// How it stands.
    pub status: Health,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Check {
    /// A check without advice.
    pub fn new(check: &'static str, status: Health, message: impl Into<String>) -> Check {
        Check {
            check,
            status,
            message: message.into(),
            help: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Check {
        self.help = Some(help.into());
        self
    }
}
