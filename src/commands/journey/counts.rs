//! What the input held, and what of it belongs to no journey.

use crate::commands::record_kind::{TAKE_OTHERS, TAKE_SYS_EVENTS, passed_over};
use crate::host::Talk;

/// How many records there were, by what they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecordCounts {
    pub records: u64,
    pub logs: u64,
    pub sys: u64,
    pub neither: u64,
    /// Event logs that belong to no journey.
    pub without_id: u64,
}

impl RecordCounts {
    /// Adds those of further records.
    pub fn add(&mut self, further: RecordCounts) {
        self.records += further.records;
        self.logs += further.logs;
        self.sys += further.sys;
        self.neither += further.neither;
        self.without_id += further.without_id;
    }

    /// Says what was passed over; sys events are, unless they are part of the answer.
    pub fn report(&self, needs_sys_events: bool, talk: Talk) {
        let said = [
            (
                self.sys,
                !needs_sys_events || self.logs == 0,
                "sys event",
                TAKE_SYS_EVENTS,
            ),
            (self.neither, true, "other record", TAKE_OTHERS),
            (
                self.without_id,
                true,
                "event log",
                "they have no correlation id; 'hivelog validate' shows where they are",
            ),
        ];
        for (count, is_said, what, who) in said {
            if count > 0 && is_said {
                talk.notice(&passed_over(count, what, who));
            }
        }
    }
}
