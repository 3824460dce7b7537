//! A request's body under the rules: first by itself, which needs no ledger, then in its journey.

use crate::check::finding::Finding;
use crate::check::journey::Step;
use crate::check::{Identity, Inspector, Policy, identity};
use crate::model::timestamp::Timestamp;
use crate::wire::records::Record;

/// A body that was inspected by itself. That takes no ledger, so nothing else waits for it.
#[derive(Debug)]
pub struct InspectedBody {
    pub(super) body: Vec<u8>,
    pub(super) step: Option<Step>,
    pub(super) findings: Vec<Finding>,
    pub(super) identity: Identity,
}

impl InspectedBody {
    /// Applies the rules of single records at this moment.
    pub fn at(now: Timestamp, policy: Policy, body: Vec<u8>) -> InspectedBody {
        let policy = Policy { now, ..policy };
        let record = whole(&body);
        let mut findings = Vec::new();
        let step = Inspector::default().inspect(&policy, &record, &mut findings);
        InspectedBody {
            step,
            findings,
            identity: identity(&record),
            body,
        }
    }
}

/// A body as one record.
pub(super) fn whole(body: &[u8]) -> Record<'_> {
    let bytes = body.trim_ascii();
    Record::alone(bytes)
}
