//! Reports of `validate` and of `sandbox run`: each format is one file, makes bytes, and knows nothing of where they
//! go.

pub mod diff;
pub mod format;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod place;
mod sarif;
mod source_line;

use crate::check::report::{Checked, FindingTally, Remark};

pub use github::Github;
pub use gitlab::Gitlab;
pub use human::HumanReport;
pub use json::{Json, Ndjson};
pub use junit::Junit;
pub use markdown::Markdown;
pub use sarif::Sarif;

/// One format of report.
pub trait Reporter {
    /// A record with what was found in it, in input order.
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>);
    /// Something that no rule found, among the records.
    fn remark(&mut self, remark: &Remark<'_>, out: &mut Vec<u8>);
    /// What is known only once the run is over, piece by piece; it comes before the end.
    fn pieces(&self) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(std::iter::empty())
    }
    /// The end of the run.
    fn end(&mut self, tally: &FindingTally, out: &mut Vec<u8>);
}
