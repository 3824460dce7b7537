//! What becomes of records.

use crate::model::delivery::DeliveryStatus;
use crate::spool::Entry;

/// Why a record ended as it did; one reason for all is the reason of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It was delivered.
    Delivered,
    /// The server rejected it for good.
    Refused,
    /// The key was not accepted.
    Unauthorised,
    /// The address or the certificate is wrong.
    Misconfigured,
    /// The destination could not be reached, or not in time.
    Undelivered,
    /// Its turn did not come.
    Stopped,
    /// Somebody removed it from the spool.
    Lost,
}

/// What became of a record.
#[derive(Debug)]
pub struct SendOutcome {
    /// The record, with its last answer.
    pub entry: Entry,
    /// How it ended.
    pub status: DeliveryStatus,
    /// Why.
    pub reason: Reason,
    /// Whether an answer said so: to this record, or to another for the same destination.
    pub answered: bool,
    /// Milliseconds from the first attempt to the last answer.
    pub ms: Option<u64>,
}
