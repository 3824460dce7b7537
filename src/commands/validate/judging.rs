//! Judges the records of a block by themselves, on any core.

use crate::check::finding::Finding;
use crate::check::journey::Step;
use crate::check::{Inspector, Policy};
use crate::records::{Batch, InspectRecords};

/// How many findings of a block are held before the rest of it must wait for its turn: a block can
/// be made of records that have more findings than bytes.
const HELD: usize = 4096;

/// Judges records by these rules.
pub struct JudgeRecords(pub Policy);

/// What the records of a block say by themselves.
pub struct JudgedRecords {
    /// What each record's journey needs to know, as far as the records have been judged.
    pub steps: Vec<Option<Step>>,
    /// The findings of those records that have any, by their place in the block.
    pub findings: Vec<(usize, Vec<Finding>)>,
}

impl InspectRecords for JudgeRecords {
    type Memory = Inspector;
    type Found = JudgedRecords;

    /// Judges up to the record that brings the findings to the most that are held.
    fn inspect(&self, inspector: &mut Inspector, _: &str, batch: &Batch) -> JudgedRecords {
        let mut judged = JudgedRecords {
            steps: Vec::with_capacity(batch.len()),
            findings: Vec::new(),
        };
        let mut held = 0;
        for (at, record) in batch.records().enumerate() {
            let mut findings = Vec::new();
            let step = inspector.inspect(&self.0, &record, &mut findings);
            judged.steps.push(step);
            held += findings.len();
            if !findings.is_empty() {
                judged.findings.push((at, findings));
            }
            if held >= HELD {
                break;
            }
        }
        judged
    }
}
