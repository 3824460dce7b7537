//! What hivelog itself has to say in a stream of events.

use crate::model::timestamp::Timestamp;
use serde_json::{Value, json};

/// A record of our own, written as an event of kind `hivelog`.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A break in continuity.
    Gap {
        /// When the stream was last heard.
        from: Timestamp,
        /// When it was heard again.
        to: Timestamp,
        /// Whether the server was asked for, and accepted to send, what was missed.
        recovered: bool,
        /// What broke it.
        reason: String,
    },
    /// A connection stands.
    Connected {
        /// To what.
        to: String,
        /// Since when.
        at: Timestamp,
        /// Whether it continues where the last one ended.
        resumed: bool,
    },
    /// Repeats were dropped.
    Dropped {
        /// How many.
        count: u64,
    },
    /// Another event came under the id of one that was shown.
    Conflict {
        /// The id.
        id: String,
        /// How many such events there were so far.
        count: u64,
    },
    /// Events were not shown because the reader was behind.
    Missed {
        /// How many.
        count: u64,
    },
    /// How the run ended.
    Verdict {
        /// The exit code.
        exit: u8,
        /// Why.
        reason: String,
    },
}

impl Notice {
    /// Whether the record is written without being asked for.
    pub const fn is_always_shown(&self) -> bool {
        matches!(self, Notice::Gap { .. } | Notice::Missed { .. })
    }

    /// The record as JSON.
    pub fn json(&self) -> String {
        let mut value = match self {
            Notice::Gap {
                from,
                to,
                recovered,
                reason,
            } => json!({
                "type": "hivelog.gap",
                "from": from.rfc3339(),
                "to": to.rfc3339(),
                "recovered": recovered,
                "reason": reason,
            }),
            Notice::Connected { to, at, resumed } => json!({
                "type": "hivelog.connected",
                "at": at.rfc3339(),
                "to": to,
                "resumed": resumed,
            }),
            Notice::Dropped { count } => {
                json!({"type": "hivelog.dropped", "count": count, "reason": "repeated"})
            }
            Notice::Conflict { id, count } => {
                json!({"type": "hivelog.conflict", "id": id, "count": count})
            }
            Notice::Missed { count } => {
                json!({"type": "hivelog.dropped", "count": count, "reason": "slow reader"})
            }
            Notice::Verdict { exit, reason } => {
                json!({"type": "hivelog.verdict", "exit": exit, "reason": reason})
            }
        };
        if let Value::Object(members) = &mut value {
            members.shift_insert(0, "kind".to_owned(), "hivelog".into());
        }
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_reads_as_documented() {
        let gap = Notice::Gap {
            from: Timestamp::from_millis(0),
            to: Timestamp::from_millis(1500),
            recovered: true,
            reason: "closed".to_owned(),
        };
        assert_eq!(
            gap.json(),
            r#"{"kind":"hivelog","type":"hivelog.gap","from":"1970-01-01T00:00:00.000Z","to":"1970-01-01T00:00:01.500Z","recovered":true,"reason":"closed"}"#
        );
    }
}
