//! What makes a finding the same finding in another run: its rule, its pointer and the content of
//! its record, but not the line, which moves with everything that is written before it.

use super::finding::Finding;
use super::report::Remark;
use crate::model::fnv::Fnv;
use crate::wire::records::Record;

/// A stable hash of a record's content, computed once for all its findings.
#[derive(Clone, Copy, Debug)]
pub struct Content {
    hash: u128,
    /// What only the end shows has no record any more, but a journey.
    is_gone: bool,
}

impl Content {
    /// The content of a record.
    pub fn of(record: &Record<'_>) -> Content {
        let mut hash = Fnv::new();
        hash.take(record.bytes);
        if record.is_oversize() {
            hash.take(&record.length.to_le_bytes());
        }
        Content {
            hash: hash.0,
            is_gone: record.bytes.is_empty(),
        }
    }

    /// What a finding is about: this content, or the journey of a record that is gone.
    pub fn about(self, finding: &Finding) -> u128 {
        let mut hash = Fnv(self.hash);
        if self.is_gone {
            hash.take(finding.journey.as_deref().unwrap_or_default().as_bytes());
        }
        hash.0
    }

    /// A stable hash of a finding in it.
    pub fn with(self, finding: &Finding) -> u128 {
        let mut hash = Fnv::new();
        for part in [
            finding.rule.name().as_bytes(),
            finding.pointer.as_bytes(),
            &finding.offset.to_le_bytes(),
            &self.about(finding).to_le_bytes(),
        ] {
            hash.take(part);
            hash.take(&[0]);
        }
        hash.0
    }
}

/// A stable hash of what no rule found.
pub fn of_remark(remark: &Remark<'_>) -> u128 {
    let mut hash = Fnv::new();
    for part in [
        remark.name,
        remark.correlation_id.unwrap_or_default(),
        remark.message,
    ] {
        hash.take(part.as_bytes());
        hash.take(&[0]);
    }
    hash.0
}
