//! The last record of a journey that may never have ended, for `never-ended`.

/// Where such a record stands and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneyEnd {
    /// The journey, as [`super::Step::journey`] gives it.
    pub journey: u64,
    /// The source's number in this run.
    pub source: u32,
    /// The record's number.
    pub number: u64,
    /// The line of its outcome.
    pub line: u64,
    /// The column of its outcome.
    pub column: u64,
    /// The journey's correlation id.
    pub correlation_id: Box<str>,
    /// The unfinished outcome.
    pub outcome: &'static str,
}
