//! What comes over a connection: signs of life, events and the repeats among them, and pages.

use super::refusal::End;
use super::{Follow, Moment, State, pause};
use crate::follow::notice::Notice;
use crate::model::event::Event;
use crate::model::timestamp::Timestamp;
use std::time::Duration;

/// The longest position that is sent back: with it a request still fits any server's limit.
const LONGEST_POSITION: usize = 1024;

/// Whether a position can stand in a request. It comes from outside, so it may be anything.
pub(super) fn can_be_sent(position: &str) -> bool {
    position.len() <= LONGEST_POSITION && !position.chars().any(char::is_control)
}

impl Follow {
    /// Something has come over the connection.
    pub fn heard(&mut self, now: Moment) {
        self.failures = 0;
        self.heard = now.run;
        self.last_heard = Some(now.wall);
        if let State::Open(since) = self.state
            && now.run >= since + pause::HEALTHY
        {
            self.pause.reset();
        }
    }

    /// The server shows that it lives, although there is nothing to say.
    pub fn beat(&mut self, now: Moment) {
        self.pulse.beat(now.run);
    }

    /// The server names the position after what it has sent; false when it is one that cannot be
    /// sent back, so that none is known.
    pub fn moved(&mut self, position: &str) -> bool {
        let can_be_sent = can_be_sent(position);
        if position.is_empty() || !can_be_sent {
            self.position = None;
        } else {
            position.clone_into(self.position.get_or_insert_default());
        }
        self.moved = true;
        can_be_sent
    }

    /// An event has come; false when it is not to be shown: a repeat, or our own doing.
    pub fn event(&mut self, event: &Event<'_>) -> bool {
        self.failures = 0;
        self.refused_logins = 0;
        if self.policy.by_id {
            // A repeat counts too: a page of nothing else would be asked for again without end.
            self.move_to(event);
        }
        if let Some(id) = &event.id {
            if self.before_page.is_some() {
                // It comes again, and what came first of it may be the newest.
                self.page_ids += 1;
                self.seen.hold(2 * self.page_ids);
            }
            if self.seen.insert(id) {
                self.contents.note(id, event);
            } else if self.contents.differs(id, event) {
                self.tell_conflict(id);
                return false;
            } else {
                self.dropped += 1;
                return false;
            }
        }
        self.moved = true;
        if self.own.takes(event) {
            return false;
        }
        self.shutting_down = event.event_type == "server.shutdown";
        if self.dropped > 0 {
            self.tell_dropped();
        }
        true
    }

    /// Makes the latest event the position; a page need not be in order.
    fn move_to(&mut self, event: &Event<'_>) {
        let ts = event.ts.as_deref().and_then(Timestamp::parse);
        if let Some(id) = &event.id
            && (ts >= self.latest || ts.is_none())
            && can_be_sent(id)
        {
            self.position = Some(id.to_string());
            self.latest = ts.or(self.latest);
        }
    }

    /// Reports that an id is not unique: the first time, and then ever less often.
    fn tell_conflict(&mut self, id: &str) {
        self.conflicts += 1;
        let count = self.conflicts;
        if 10_u64.pow(count.ilog10()) == count {
            let id = id.to_owned();
            self.notices.push(Notice::Conflict { id, count });
        }
    }

    /// Reports the repeats that were dropped since the last report.
    pub fn tell_dropped(&mut self) {
        if self.dropped > 0 {
            let count = std::mem::take(&mut self.dropped);
            self.notices.push(Notice::Dropped { count });
        }
    }

    /// A document begins: it need not be in order, so part of it is no position to go on from.
    pub fn page_begins(&mut self) {
        self.before_page = Some((self.position.clone(), self.latest));
        self.page_ids = 0;
    }

    /// A document that holds what there is at the moment has ended as it should: the next one is
    /// asked for after a while. That is no break.
    pub fn page_ended(&mut self, interval: Duration, now: Moment) {
        self.before_page = None;
        if self.policy.follow {
            self.failures = 0;
            self.pause.reset();
            self.state = State::Apart(now.run + interval);
        } else {
            self.state = State::Over(End::Finished);
        }
    }
}
