//! The position from which a connection or a later run continues.

use crate::model::event::Event;
use crate::model::timestamp::Timestamp;

/// The longest position that is sent back: with it a request still fits any server's limit.
const LONGEST: usize = 1024;

/// Whether a position can stand in a request. It comes from outside, so it may be anything.
fn can_be_sent(position: &str) -> bool {
    position.len() <= LONGEST && !position.chars().any(char::is_control)
}

#[derive(Clone, Debug, Default)]
struct PositionMark {
    position: Option<String>,
    /// The time of the latest event, when its id is the position.
    latest: Option<Timestamp>,
}

/// How far the events have come.
#[derive(Debug, Default)]
pub(super) struct Position {
    mark: PositionMark,
    /// The one before the page that is coming, which counts only once it is whole.
    before_page: Option<PositionMark>,
    /// Whether there is something to save since the last time.
    pub(super) moved: bool,
}

impl Position {
    /// Continues where an earlier run has ended.
    pub(super) fn resume(&mut self, position: Option<String>) {
        self.mark.position = position.filter(|position| can_be_sent(position));
    }

    /// What the next connection asks to go on from.
    pub(super) fn requested(&self) -> Option<&String> {
        self.mark.position.as_ref()
    }

    /// What a later run may go on from.
    pub(super) fn safe(&self) -> Option<&str> {
        let mark = self.before_page.as_ref().unwrap_or(&self.mark);
        mark.position.as_deref()
    }

    /// Follows a server that names the position; false when it cannot be sent back, so that none
    /// is known.
    pub(super) fn named(&mut self, position: &str) -> bool {
        let can_be_sent = can_be_sent(position);
        if position.is_empty() || !can_be_sent {
            self.mark.position = None;
        } else {
            position.clone_into(self.mark.position.get_or_insert_default());
        }
        self.moved = true;
        can_be_sent
    }

    /// Makes the latest event the position; a page need not be in order.
    pub(super) fn follow(&mut self, event: &Event<'_>) {
        let ts = event.ts.as_deref().and_then(Timestamp::parse);
        if let Some(id) = &event.id
            && (ts >= self.mark.latest || ts.is_none())
            && can_be_sent(id)
        {
            self.mark.position = Some(id.to_string());
            self.mark.latest = ts.or(self.mark.latest);
        }
    }

    /// The server does not know it.
    pub(super) fn forget(&mut self) {
        self.mark = PositionMark::default();
    }

    pub(super) fn page_begins(&mut self) {
        self.before_page = Some(self.mark.clone());
    }

    pub(super) fn page_ended(&mut self) {
        self.before_page = None;
    }

    pub(super) fn page_broke_off(&mut self) {
        if let Some(mark) = self.before_page.take() {
            self.mark = mark;
        }
    }

    pub(super) fn is_in_page(&self) -> bool {
        self.before_page.is_some()
    }
}
