//! The problem bodies with which SyncHive answers what it does not take.
//!
//! The members and `RETRY_LATER` are documented; which status and type the platform uses for
//! each refusal is not, so those are the emulator's own reading.

use super::entry::finding_json;
use crate::check::finding::Finding;
use serde_json::{Value, json};

/// Why a request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
    /// The body is no JSON by its own account.
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

impl Kind {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Kind::InvalidEventLog | Kind::MissingHeader => 400,
            Kind::Unauthorised => 401,
            Kind::Forbidden => 403,
            Kind::NotFound => 404,
            Kind::MethodNotAllowed => 405,
            Kind::Timeout => 408,
            Kind::TooLarge => 413,
            Kind::UnsupportedMediaType => 415,
            Kind::TooMany => 429,
            Kind::RetryLater => 500,
            Kind::Status(status) => status,
        }
    }

    /// The machine-readable kind.
    pub const fn type_code(self) -> &'static str {
        match self {
            Kind::InvalidEventLog => "INVALID_EVENT_LOG",
            Kind::MissingHeader => "MISSING_HEADER",
            Kind::Unauthorised => "UNAUTHORIZED",
            Kind::Forbidden => "FORBIDDEN",
            Kind::NotFound => "NOT_FOUND",
            Kind::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Kind::Timeout => "REQUEST_TIMEOUT",
            Kind::TooLarge => "PAYLOAD_TOO_LARGE",
            Kind::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Kind::TooMany => "TOO_MANY_REQUESTS",
            Kind::RetryLater => "RETRY_LATER",
            Kind::Status(502) => "BAD_GATEWAY",
            Kind::Status(503) => "SERVICE_UNAVAILABLE",
            Kind::Status(504) => "GATEWAY_TIMEOUT",
            Kind::Status(500..) => "INTERNAL_SERVER_ERROR",
            Kind::Status(_) => "REQUEST_REFUSED",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Kind::InvalidEventLog => "Invalid event log",
            Kind::MissingHeader => "Missing header",
            Kind::Unauthorised => "Unauthorized",
            Kind::Forbidden => "Forbidden",
            Kind::NotFound => "Not found",
            Kind::MethodNotAllowed => "Method not allowed",
            Kind::Timeout => "Request timeout",
            Kind::TooLarge => "Payload too large",
            Kind::UnsupportedMediaType => "Unsupported media type",
            Kind::TooMany => "Too many requests",
            Kind::RetryLater => "Retry later",
            Kind::Status(502) => "Bad gateway",
            Kind::Status(503) => "Service unavailable",
            Kind::Status(504) => "Gateway timeout",
            Kind::Status(500..) => "Internal server error",
            Kind::Status(_) => "Request refused",
        }
    }
}

/// A refusal with its reason.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its kind.
    pub kind: Kind,
    /// What is wrong, for the person who reads the answer.
    pub detail: String,
    /// What the rules found.
    pub findings: Vec<Finding>,
}

impl Problem {
    /// A refusal without findings.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem {
            kind,
            detail: detail.into(),
            findings: Vec::new(),
        }
    }

    /// The body; `uuid` is the reference a user would give to support.
    pub fn body(&self, uuid: &str) -> Value {
        let base = match self.kind {
            Kind::RetryLater => "http://www.meaningful.co.nz/limber-sync",
            _ => "http://www.synchive.com/common",
        };
        let slug = self.kind.type_code().to_ascii_lowercase().replace('_', "-");
        let mut body = json!({
            "type": format!("{base}/{slug}"),
            "typeCode": self.kind.type_code(),
            "status": self.kind.status(),
            "title": self.kind.title(),
            "detail": self.detail,
            "uuid": uuid,
        });
        if !self.findings.is_empty() {
            body["findings"] = self.findings.iter().map(finding_json).collect();
        }
        body
    }
}
