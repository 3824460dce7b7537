//! How bad a system event is.

use super::last_part;

/// How bad an event is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to do.
    Quiet,
    /// Worth noticing.
    Notice,
    /// Somebody must act.
    Bad,
}

impl Severity {
    /// Judges an event type by its name; unknown types by their last part.
    pub fn of(event_type: &str) -> Severity {
        match event_type {
            "license.invalid" => Severity::Bad,
            "server.shutdown" | "license.valid" | "server.ready" => Severity::Notice,
            _ => match last_part(event_type) {
                "error" | "failed" | "disabled" => Severity::Bad,
                _ => Severity::Quiet,
            },
        }
    }
}
