//! Which events have come before, and which share an id with another one.

use super::digest::{Digests, content};
use super::notice::Notice;
use super::seen_ids::{SeenIds, key};
use crate::model::event::Event;

/// What an event is recognised by: its id, and what came under it.
#[derive(Clone, Copy, Debug)]
pub struct EventIdentity {
    key: u128,
    content: u64,
}

impl EventIdentity {
    /// That of an event; none without an id.
    pub fn of(event: &Event<'_>) -> Option<EventIdentity> {
        let id = event.id.as_ref()?;
        Some(EventIdentity {
            key: key(id),
            content: content(event),
        })
    }
}

/// How many events the next run takes for new although they came in this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unrecognised {
    /// Those without an id.
    pub without_id: u64,
    /// Those whose ids there was no room for.
    pub forgotten: u64,
}

/// Leaves out the events that have come before.
#[derive(Debug)]
pub(super) struct Dedup {
    ids: SeenIds,
    digests: Digests,
    /// Whether all of the input comes again the next time.
    comes_again: bool,
    /// How many events have had an id, of the page that is coming or of input that comes again.
    page_ids: usize,
    /// How many events had none.
    without_id: u64,
    /// How many repeats were left out since the last report, and at all.
    dropped: u64,
    repeats: u64,
    /// How many events came under the id of another one.
    conflicts: u64,
}

impl Dedup {
    pub(super) fn new() -> Dedup {
        Dedup {
            ids: SeenIds::new(SeenIds::WINDOW),
            digests: Digests::new(),
            comes_again: false,
            page_ids: 0,
            without_id: 0,
            dropped: 0,
            repeats: 0,
            conflicts: 0,
        }
    }

    /// All of the input comes again the next time, as that of a file does: every id is kept.
    pub(super) fn comes_again(&mut self) {
        self.comes_again = true;
    }

    /// Adds the ids that an earlier run has saved.
    pub(super) fn resume(&mut self, keys: Vec<u128>) {
        self.ids.hold(2 * keys.len());
        for key in keys {
            self.ids.insert(key);
        }
    }

    /// The ids that a later run needs. Unless all comes again, the usual number at most: a window
    /// that a long page has enlarged would make a file of many megabytes, written every second.
    pub(super) fn latest_ids(&self) -> Vec<u128> {
        let most = if self.comes_again {
            u32::MAX
        } else {
            SeenIds::WINDOW
        };
        self.ids.latest(most).collect()
    }

    /// Whether an event is new; `in_page` says whether all of its page may come again.
    pub(super) fn takes(
        &mut self,
        event: &Event<'_>,
        in_page: bool,
        notices: &mut Vec<Notice>,
    ) -> bool {
        let identity = EventIdentity::of(event);
        if in_page && identity.is_some() {
            self.hold_one_more();
        }
        if self.is_new(identity) {
            return true;
        }
        let (Some(id), Some(identity)) = (&event.id, identity) else {
            return true;
        };
        self.repeats += 1;
        if self.digests.differs(identity.key, identity.content) {
            notices.extend(self.conflict(id));
        } else {
            self.dropped += 1;
        }
        false
    }

    /// Prepares for events that will be noted soon.
    pub(super) fn look_ahead(&self, identities: impl Iterator<Item = EventIdentity>) {
        self.ids.look_ahead(identities.map(|identity| identity.key));
    }

    /// Notes an event, unless it has come before.
    pub(super) fn is_new(&mut self, identity: Option<EventIdentity>) -> bool {
        let Some(identity) = identity else {
            self.without_id += 1;
            return true;
        };
        if self.comes_again {
            self.hold_one_more();
        }
        let is_new = self.ids.insert(identity.key);
        if is_new {
            self.digests.note(identity.key, identity.content);
        }
        is_new
    }

    /// Makes room for an id that comes again, and what came first of it may be the newest.
    fn hold_one_more(&mut self) {
        self.page_ids += 1;
        self.ids.hold(2 * self.page_ids);
    }

    /// Which events are not recognised when all of the input comes again.
    pub(super) fn unrecognised(&self) -> Unrecognised {
        if !self.comes_again {
            return Unrecognised::default();
        }
        Unrecognised {
            without_id: self.without_id,
            forgotten: self.page_ids.saturating_sub(SeenIds::MOST as usize) as u64,
        }
    }

    /// How many events were left out.
    pub(super) fn repeats(&self) -> u64 {
        self.repeats
    }

    /// The next page begins.
    pub(super) fn page_begins(&mut self) {
        self.page_ids = 0;
    }

    /// Reports that an id is not unique: the first time, and then ever less often.
    fn conflict(&mut self, id: &str) -> Option<Notice> {
        self.conflicts += 1;
        let count = self.conflicts;
        let id = id.to_owned();
        (10_u64.pow(count.ilog10()) == count).then_some(Notice::Conflict { id, count })
    }

    /// Reports the repeats that were left out since the last report.
    pub(super) fn dropped(&mut self) -> Option<Notice> {
        let count = std::mem::take(&mut self.dropped);
        (count > 0).then_some(Notice::Dropped { count })
    }
}
