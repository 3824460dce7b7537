//! Outcomes and modes (event logging, "Event Log API"). The document lists the values
//! without describing them: the descriptions are our reading.

use serde::Serialize;

/// A value of a small closed list, with what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ListedValue {
    /// The value as it is sent.
    pub value: &'static str,
    /// What it says.
    pub description: &'static str,
}

const fn choice(value: &'static str, description: &'static str) -> ListedValue {
    ListedValue { value, description }
}

/// The seven outcomes, in the document's order.
pub static OUTCOMES: [ListedValue; 7] = [
    choice(
        "WAITING",
        "The message waits: work is queued or something else must happen first",
    ),
    choice(
        "FILTERED",
        "A filter or a rule left the message out on purpose",
    ),
    choice(
        "RETRYING",
        "It did not work yet and the connector will try again",
    ),
    choice("FAILED", "It did not work and the connector has given up"),
    choice(
        "MESSAGE_STORED",
        "The platform has stored the message; not for connectors",
    ),
    choice(
        "MESSAGE_DELIVERED",
        "The data has reached the external system",
    ),
    choice("PROCESSING", "The connector is working on the message"),
];

/// The two modes of operation.
pub static MODES: [ListedValue; 2] = [
    choice("LIVE", "Real operation"),
    choice("SANDBOX", "A trial that must not count as real operation"),
];

/// Outcomes that leave a journey open: something must follow.
pub const UNFINISHED: [&str; 3] = ["WAITING", "PROCESSING", "RETRYING"];
