//! The rules: what is wrong with a record, and with records that belong together. Pure.

pub mod finding;
pub mod rule;

use crate::model::timestamp::Timestamp;
use crate::wire::records::Record;
use finding::Finding;
use rule::Levels;

/// What records are checked as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schema {
    /// A record with `kind` and `type` is a sys event, any other an event log.
    #[default]
    Auto,
    /// Every record is an event log.
    EventLog,
    /// Every record is a sys event.
    SysEvent,
}

/// How strict one run is.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The level of each rule.
    pub levels: Levels,
    /// What records are checked as.
    pub schema: Schema,
    /// Codes to accept beside the glossary's.
    pub extra_codes: Vec<String>,
    /// The largest record that is accepted, in bytes.
    pub max_record: usize,
    /// The present moment, for timestamps that lie ahead.
    pub now: Timestamp,
    /// The fields that make a journey, dotted inside objects.
    pub journey_key: Vec<String>,
}

impl Policy {
    /// The rules as they are by default, at this moment.
    pub fn at(now: Timestamp) -> Policy {
        Policy {
            levels: Levels::default(),
            schema: Schema::Auto,
            extra_codes: Vec::new(),
            max_record: 1 << 20,
            now,
            journey_key: ["integrationKey", "correlationId", "direction", "stream"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

/// What the sender needs to know of a record beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `eventCode`, where it is text.
    pub event_code: Option<String>,
    /// `correlationId`, where it is text.
    pub correlation_id: Option<String>,
    /// `integrationKey`, where it is text.
    pub integration_key: Option<String>,
}

/// Judges records one after the other and remembers their journeys.
#[derive(Debug)]
pub struct Checker {
    #[expect(dead_code, reason = "the rules follow")]
    policy: Policy,
}

impl Checker {
    /// A checker with no journeys yet.
    pub fn new(policy: Policy) -> Checker {
        Checker { policy }
    }

    /// Every finding of a record: on its own, then against its journey. The journey does not move
    /// on before [`Checker::accept`] is called for the same record.
    pub fn check(&mut self, _source: &str, _record: &Record<'_>) -> Vec<Finding> {
        Vec::new()
    }

    /// Moves the journey of the record that was checked last on.
    pub fn accept(&mut self) {}

    /// What the record that was checked last says about itself.
    pub fn identity(&self) -> Identity {
        Identity::default()
    }
}
