//! The problem bodies with which SyncHive answers what it does not take.
//!
//! The members and `RETRY_LATER` are documented; which status and type the platform uses for
//! each refusal is not, so those are the emulator's own reading.

use super::entry::finding_json;
use crate::check::finding::Finding;
use crate::model::text::upper_first;
use serde_json::{Value, json};

/// Why a request was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The rules rejected the event log.
    InvalidEventLog,
    /// A header is missing.
    MissingHeader,
    /// No key, or a wrong one.
    Unauthorised,
    /// No such address.
    NotFound,
    /// The address takes other methods.
    MethodNotAllowed,
    /// The body did not come in time.
    Timeout,
    /// The body is over the limit.
    TooLarge,
    /// The content type is not JSON.
    UnsupportedMediaType,
    /// The caller is not where the sandbox serves.
    Forbidden,
    /// Too much at once.
    TooMany,
    /// Try again: documented with status 500.
    RetryLater,
    /// Another status that was asked for as a fault.
    Status(u16),
}

impl ProblemKind {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.row().0
    }

    /// The machine-readable kind.
    pub const fn type_code(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (u16, &'static str) {
        match self {
            ProblemKind::InvalidEventLog => (400, "INVALID_EVENT_LOG"),
            ProblemKind::MissingHeader => (400, "MISSING_HEADER"),
            ProblemKind::Unauthorised => (401, "UNAUTHORIZED"),
            ProblemKind::Forbidden => (403, "FORBIDDEN"),
            ProblemKind::NotFound => (404, "NOT_FOUND"),
            ProblemKind::MethodNotAllowed => (405, "METHOD_NOT_ALLOWED"),
            ProblemKind::Timeout => (408, "REQUEST_TIMEOUT"),
            ProblemKind::TooLarge => (413, "PAYLOAD_TOO_LARGE"),
            ProblemKind::UnsupportedMediaType => (415, "UNSUPPORTED_MEDIA_TYPE"),
            ProblemKind::TooMany => (429, "TOO_MANY_REQUESTS"),
            ProblemKind::RetryLater => (500, "RETRY_LATER"),
            ProblemKind::Status(502) => (502, "BAD_GATEWAY"),
            ProblemKind::Status(503) => (503, "SERVICE_UNAVAILABLE"),
            ProblemKind::Status(504) => (504, "GATEWAY_TIMEOUT"),
            ProblemKind::Status(status @ 500..) => (status, "INTERNAL_SERVER_ERROR"),
            ProblemKind::Status(status) => (status, "REQUEST_REFUSED"),
        }
    }
}

/// A refusal with its reason.
#[derive(Clone, Debug)]
pub struct SandboxProblem {
    /// Its kind.
    pub kind: ProblemKind,
    /// What is wrong, for the person who reads the answer.
    pub detail: String,
    /// What the rules found.
    pub findings: Vec<Finding>,
}

impl SandboxProblem {
    /// A refusal without findings.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> SandboxProblem {
        SandboxProblem {
            kind,
            detail: detail.into(),
            findings: Vec::new(),
        }
    }

    /// The body; `uuid` is the reference a user would give to support.
    pub fn body(&self, uuid: &str) -> Value {
        let base = match self.kind {
            ProblemKind::RetryLater => "http://www.meaningful.co.nz/limber-sync",
            _ => "http://www.synchive.com/common",
        };
        let type_code = self.kind.type_code();
        let name = type_code.to_ascii_lowercase();
        let mut body = json!({
            "type": format!("{base}/{}", name.replace('_', "-")),
            "typeCode": type_code,
            "status": self.kind.status(),
            "title": upper_first(&name.replace('_', " ")),
            "detail": self.detail,
            "uuid": uuid,
        });
        if !self.findings.is_empty() {
            body["findings"] = self.findings.iter().map(finding_json).collect();
        }
        body
    }
}
