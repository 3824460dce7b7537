//! Safe repairs: what can be fixed without knowing more than the document says.
//!
//! A repair is an exchange of a few bytes of a record; everything around it stays as it is. No
//! record leaves with more errors than it came with, and what was fixed needs no second fixing,
//! but where a first record that went over several lines is on one now: the rest is then read line
//! by line.

mod edit;
mod stream;
#[cfg(test)]
mod tests;

use super::finding::Finding;
use super::rule::Level;
use super::{Inspector, Policy};
use crate::wire::json::{BOM, Document};
use crate::wire::records::{ArrayError, Record};

pub use edit::TextEdit;
pub use stream::{Part, StreamFixer};

/// Fixes records, one after the other.
#[derive(Debug)]
pub struct Fixer {
    policy: Policy,
    timestamps: bool,
    inspector: Inspector,
    document: Document,
    findings: Vec<Finding>,
}

impl Fixer {
    /// A fixer by these rules: a rule that is off asks for no repair. With `timestamps`, times
    /// in the document's own form are written as RFC 3339.
    pub fn new(policy: Policy, timestamps: bool) -> Fixer {
        Fixer {
            policy,
            timestamps,
            inspector: Inspector::default(),
            document: Document::default(),
            findings: Vec::new(),
        }
    }

    /// The repairs of a record, in order and apart from each other.
    pub fn fix(&mut self, record: &Record<'_>) -> Vec<TextEdit> {
        match record.flaw {
            Some(ArrayError::TrailingComma) => {
                return vec![TextEdit::delete(0, record.bytes.len())];
            }
            Some(ArrayError::StrayComma | ArrayError::ArrayCutOff) => return Vec::new(),
            Some(ArrayError::MissingComma) | None if record.is_oversize() => return Vec::new(),
            Some(ArrayError::MissingComma) | None => {}
        }
        let marks = match record.bytes.strip_prefix(BOM) {
            Some([b'{', ..]) => BOM.len(),
            // Without its mark the line might fall into other records than with it.
            Some(_) => return Vec::new(),
            None => 0,
        };
        let bare = &record.bytes[marks..];
        let errors = self.errors(record, bare);
        self.document.read(bare);
        let groups = edit::groups(&self.document, &self.policy, self.timestamps, bare);
        let mut edits = self.bearable(record, bare, groups, errors);
        for edit in &mut edits {
            edit.shift(marks);
        }
        if marks > 0 {
            edits.push(TextEdit::delete(0, marks));
        }
        edits.sort_by_key(|edit| edit.start);
        edits
    }

    /// Which of a record's findings its repairs take away.
    pub fn fixable(&mut self, record: &Record<'_>, findings: &[Finding]) -> Vec<bool> {
        let edits = self.fix(record);
        if edits.is_empty() || record.flaw == Some(ArrayError::TrailingComma) {
            return vec![!edits.is_empty(); findings.len()];
        }
        let fixed = edit::apply(record.bytes, &edits);
        self.errors(record, &fixed);
        let mut left: Vec<&Finding> = self.findings.iter().collect();
        let is_gone = |finding: &Finding| {
            let same = left.iter().position(|other| {
                other.rule == finding.rule
                    && other.pointer == finding.pointer
                    && other.message == finding.message
            });
            same.map(|at| left.swap_remove(at)).is_none() && finding.journey.is_none()
        };
        findings.iter().map(is_gone).collect()
    }

    /// The groups of repairs that do not add errors, each judged on top of those before it, until
    /// none of the others can be borne; hence a second run decides the same.
    fn bearable(
        &mut self,
        record: &Record<'_>,
        bytes: &[u8],
        mut groups: Vec<Vec<TextEdit>>,
        mut errors: usize,
    ) -> Vec<TextEdit> {
        let mut accepted: Vec<TextEdit> = Vec::new();
        loop {
            let next = groups.iter().enumerate().find_map(|(at, group)| {
                let edits = [&accepted[..], group].concat();
                let left = self.errors(record, &edit::apply(bytes, &edits));
                (left <= errors).then_some((at, edits, left))
            });
            let Some((at, edits, left)) = next else {
                return accepted;
            };
            groups.remove(at);
            accepted = edits;
            errors = left;
        }
    }

    /// How many errors a record has by itself with these bytes.
    fn errors(&mut self, record: &Record<'_>, bytes: &[u8]) -> usize {
        let fixed = Record {
            bytes,
            length: bytes.len() as u64,
            ..*record
        };
        self.findings.clear();
        self.inspector
            .inspect(&self.policy, &fixed, &mut self.findings);
        let errors = self.findings.iter();
        errors
            .filter(|finding| finding.level == Level::Error)
            .count()
    }
}
