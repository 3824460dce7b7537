//! The way in: every record is changed as asked and checked before it may be sent.

use crate::check::finding::Finding;
use crate::check::rule::{Level, Rule};
use crate::check::{Checker, Policy};
use crate::commands::emit::edit::{self, Edit};
use crate::commands::emit::result::{Delivery, FindingSummary};
use crate::commands::record_kind::{self, RecordCounts};
use crate::model::delivery::DeliveryStatus;
use crate::spool;
use crate::wire::records::Record;
use bytes::Bytes;
use std::sync::Arc;

/// How strict the gate is.
#[derive(Clone, Debug)]
pub struct Strictness {
    /// The rules.
    pub policy: Policy,
    /// The lightest finding that refuses a record; `None` refuses nothing.
    pub fail_on: Option<Level>,
    /// The changes to make first.
    pub edits: Vec<Edit>,
}

/// Judges records in order.
pub struct Gate {
    checker: Checker,
    fail_on: Option<Level>,
    edits: Vec<Edit>,
}

/// A record that breaks our own rules.
#[derive(Debug)]
pub struct Invalid {
    /// What it is.
    pub counts: RecordCounts,
    /// What is reported of it.
    pub delivery: Delivery,
    /// Its bytes as they were read; none of a record that was too large to be held.
    pub bytes: Vec<u8>,
}

impl Gate {
    /// A gate that has seen no record yet.
    pub fn new(strictness: Strictness) -> Gate {
        Gate {
            checker: Checker::new(strictness.policy),
            fail_on: strictness.fail_on,
            edits: strictness.edits,
        }
    }

    /// Lets a record through, with what was found on the way, or rejects it.
    pub fn pass(
        &mut self,
        source: &Arc<str>,
        record: &Record<'_>,
    ) -> Result<(spool::AcceptedRecord, Vec<FindingSummary>), Box<Invalid>> {
        let changed = edit::apply(&self.edits, record.bytes);
        let bytes = changed.as_deref().unwrap_or(record.bytes);
        let whole = record.length == record.bytes.len() as u64;
        let checked = Record {
            bytes,
            length: if whole {
                bytes.len() as u64
            } else {
                record.length
            },
            ..*record
        };
        let findings = self.checker.check(source, &checked);
        let identity = self.checker.identity(&checked);
        let refused = findings.iter().any(|finding| self.refuses(finding));
        if refused || !whole {
            let mut counts = RecordCounts::default();
            counts.count(&record_kind::read(&checked));
            return Err(Box::new(Invalid {
                counts,
                delivery: Delivery {
                    event_code: identity.event_code,
                    correlation_id: identity.correlation_id,
                    findings: findings.iter().map(remark).collect(),
                    is_sys_event: counts.sys > 0,
                    ..Delivery::unsent(source, record.number, record.line, DeliveryStatus::Invalid)
                },
                bytes: if whole {
                    record.bytes.to_vec()
                } else {
                    Vec::new()
                },
            }));
        }
        self.checker.accept(&checked);
        let remarks = findings.iter().map(remark).collect();
        let passed = spool::AcceptedRecord {
            body: changed.map_or_else(|| Bytes::copy_from_slice(record.bytes), Bytes::from),
            source: Arc::clone(source),
            number: record.number,
            line: record.line,
            event_code: identity.event_code,
            correlation_id: identity.correlation_id,
            integration_key: identity.integration_key,
        };
        Ok((passed, remarks))
    }

    fn refuses(&self, finding: &Finding) -> bool {
        match self.fail_on {
            // A record that was not read to its end cannot be sent, whatever was asked.
            None => finding.rule == Rule::TooLarge,
            Some(threshold) => finding.level >= threshold,
        }
    }
}

fn remark(finding: &Finding) -> FindingSummary {
    FindingSummary {
        rule: finding.rule.name(),
        level: finding.level.name(),
        message: finding.message.clone(),
        pointer: finding.pointer.clone(),
    }
}
