//! The verdict on a whole run of event logs.

use super::finding::Finding;
use super::rule::Level;

/// What is wrong with one request.
#[derive(Clone, Debug)]
pub struct RequestFinding {
    /// The request's number.
    pub request: u64,
    /// Its event code, where it could be read.
    pub event_code: Option<String>,
    /// Its correlation id, where it could be read.
    pub journey: Option<String>,
    /// What it is.
    pub what: What,
}

/// A rule's finding, or a refusal before the rules.
#[derive(Clone, Debug)]
pub enum What {
    /// A rule found it.
    Finding(Finding),
    /// The request was refused: the status and why.
    Refusal(u16, String),
}

impl RequestFinding {
    /// How much it weighs; a refusal is an error.
    pub fn level(&self) -> Level {
        match &self.what {
            What::Finding(finding) => finding.level,
            What::Refusal(..) => Level::Error,
        }
    }

    /// The rule's name, or `refused`.
    pub fn name(&self) -> &'static str {
        match &self.what {
            What::Finding(finding) => finding.rule.name(),
            What::Refusal(..) => "refused",
        }
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> String {
        match &self.what {
            What::Finding(finding) => finding.message.clone(),
            What::Refusal(status, why) => format!("answered with {status}: {why}"),
        }
    }

    /// How to fix it, where that is known.
    pub fn help(&self) -> Option<&str> {
        match &self.what {
            What::Finding(finding) => Some(&finding.help),
            What::Refusal(..) => None,
        }
    }
}

/// Everything there is to say about a run.
#[derive(Clone, Debug)]
pub struct RunVerdict {
    /// Requests to the endpoint.
    pub requests: u64,
    /// Event logs that were accepted.
    pub accepted: u64,
    /// Requests that were not.
    pub refused: u64,
    /// Requests that a fault struck.
    pub struck: u64,
    /// How many journeys there were.
    pub journeys: usize,
    /// What is wrong, in order of arrival.
    pub found: Vec<RequestFinding>,
    /// Where the run differs from what was expected.
    pub differences: Vec<String>,
    /// The exit code of the command that was run.
    pub command: u8,
}

impl RunVerdict {
    /// Whether the event logs are as they should be.
    pub fn is_good(&self, fail_on: Option<Level>) -> bool {
        let heavy = |found: &RequestFinding| fail_on.is_some_and(|level| found.level() >= level);
        self.differences.is_empty() && !self.found.iter().any(heavy)
    }

    /// How many there are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.found
            .iter()
            .filter(|found| found.level() == level)
            .count()
    }
}
