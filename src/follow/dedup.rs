//! Which events have come before, and which share an id with another one.

use super::digest::Digests;
use super::notice::Notice;
use super::seen_ids::SeenIds;
use crate::model::event::Event;

/// Leaves out the events that have come before.
#[derive(Debug)]
pub(super) struct Dedup {
    ids: SeenIds,
    digests: Digests,
    /// Whether all of the input comes again the next time.
    comes_again: bool,
    /// How many events of the page that is coming have an id.
    page_ids: usize,
    /// How many repeats were left out since the last report.
    dropped: u64,
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
            dropped: 0,
            conflicts: 0,
        }
    }

    /// All of the input comes again the next time, as that of a file does: every id is kept.
    pub(super) fn comes_again(&mut self) {
        self.comes_again = true;
    }

    /// Takes up the ids that an earlier run has kept.
    pub(super) fn resume(&mut self, keys: Vec<u128>) {
        self.ids.hold(2 * keys.len());
        for key in keys {
            self.ids.insert_key(key);
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
        let Some(id) = &event.id else { return true };
        if in_page || self.comes_again {
            // It comes again, and what came first of it may be the newest.
            self.page_ids += 1;
            self.ids.hold(2 * self.page_ids);
        }
        if self.ids.insert(id) {
            self.digests.note(id, event);
            return true;
        }
        if self.digests.differs(id, event) {
            notices.extend(self.conflict(id));
        } else {
            self.dropped += 1;
        }
        false
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
