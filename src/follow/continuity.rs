//! Breaks in continuity, which are reported once their end is known.

use super::Moment;
use super::notice::Notice;
use crate::model::timestamp::Timestamp;

/// A break whose end is not known yet.
#[derive(Debug)]
struct Break {
    from: Timestamp,
    reason: String,
    recoverable: bool,
}

#[derive(Debug, Default)]
pub(super) struct Continuity {
    last_heard: Option<Timestamp>,
    broken: Option<Break>,
}

impl Continuity {
    /// An earlier run has ended then.
    pub(super) fn resume(&mut self, ended: Timestamp) {
        self.broken = Some(Break {
            from: ended,
            reason: "hivelog was not running".to_owned(),
            recoverable: true,
        });
    }

    pub(super) fn heard(&mut self, now: Moment) {
        self.last_heard = Some(now.wall);
    }

    /// The connection has ended, or could not be made.
    pub(super) fn broke(&mut self, reason: &str, now: Moment) {
        self.broken.get_or_insert_with(|| Break {
            from: self.last_heard.unwrap_or(now.wall),
            reason: reason.to_owned(),
            recoverable: true,
        });
    }

    /// The position is unknown to the server, so that what was missed cannot be asked for.
    pub(super) fn lost(&mut self, reason: String, now: Moment) {
        let from = self.last_heard.unwrap_or(now.wall);
        self.broken = Some(Break {
            from: self.broken.take().map_or(from, |gap| gap.from),
            reason,
            recoverable: false,
        });
    }

    /// Nothing was missed.
    pub(super) fn restored(&mut self) {
        self.broken = None;
    }

    /// Reports the break that ends now, if there is one; `resumed` says whether what was missed
    /// comes.
    pub(super) fn gap(&mut self, resumed: bool, now: Moment) -> Option<Notice> {
        self.broken.take().map(|gap| Notice::Gap {
            from: gap.from,
            to: now.wall,
            recovered: resumed && gap.recoverable,
            reason: gap.reason,
        })
    }
}
