//! The result of one check of `doctor`.

use crate::failure::Failure;
use serde::Serialize;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Not in use, or not needed for everything.
    Skipped,
    /// It works, but should be looked at.
    Warning,
    /// It does not work.
    Failed,
}

impl CheckStatus {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            CheckStatus::Ok => "ok",
            CheckStatus::Skipped => "skipped",
            CheckStatus::Warning => "warning",
            CheckStatus::Failed => "failed",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// What was looked at.
    pub check: &'static str,
    /// Its result.
    pub status: CheckStatus,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnosis {
    /// A check without advice.
    pub fn new(check: &'static str, status: CheckStatus, message: impl Into<String>) -> Diagnosis {
        Diagnosis {
            check,
            status,
            message: message.into(),
            help: None,
        }
    }

    /// What a failure elsewhere would say, or that all is well.
    pub fn of(check: &'static str, result: Result<String, Failure>) -> Diagnosis {
        match result {
            Ok(message) => Diagnosis::new(check, CheckStatus::Ok, message),
            Err(failure) => Diagnosis::failed(check, &failure),
        }
    }

    /// A failure elsewhere, with its advice.
    pub fn failed(check: &'static str, failure: &Failure) -> Diagnosis {
        Diagnosis {
            help: failure.hint.clone(),
            ..Diagnosis::new(check, CheckStatus::Failed, failure.to_string())
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnosis {
        self.help = Some(help.into());
        self
    }
}
