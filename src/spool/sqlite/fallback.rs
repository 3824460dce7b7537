//! Acceptance into the inbox, while the database cannot be used.

use super::site::locked;
use crate::model::delivery::Problem;
use crate::spool::Entry;
use crate::spool::stored::Stored;
use std::fmt::Display;
use std::sync::Mutex;

/// Whether a run accepts into the inbox. Once it does it stays there: a later batch must not
/// overtake.
#[derive(Default)]
pub struct Fallback(Mutex<Option<Strayed>>);

/// Records that are in the inbox.
struct Strayed {
    why: Problem,
    /// Those that are still to be reported.
    entries: Vec<Entry>,
}

impl Fallback {
    /// From now on this run accepts into the inbox.
    pub fn begin(&self, error: &dyn Display) {
        let title = format!("kept in the spool's inbox: its database cannot be used ({error})");
        *locked(&self.0) = Some(Strayed {
            why: Problem::titled(title),
            entries: Vec::new(),
        });
    }

    /// Whether it does.
    pub fn has_begun(&self) -> bool {
        locked(&self.0).is_some()
    }

    /// These records are in the inbox, and still to be reported.
    pub fn add(&self, batch: Vec<Stored>) {
        if let Some(strayed) = locked(&self.0).as_mut() {
            let why = &strayed.why;
            strayed
                .entries
                .extend(batch.into_iter().map(|stored| Entry {
                    problem: Some(why.clone()),
                    ..Entry::new(0, stored.id, stored.record)
                }));
        }
    }

    /// What was accepted since this was asked last.
    pub fn take(&self) -> Vec<Entry> {
        let mut strayed = locked(&self.0);
        let entries = strayed.as_mut().map(|strayed| &mut strayed.entries);
        entries.map(std::mem::take).unwrap_or_default()
    }

    /// Whether something is still to be reported.
    pub fn has_unreported(&self) -> bool {
        let strayed = locked(&self.0);
        strayed
            .as_ref()
            .is_some_and(|strayed| !strayed.entries.is_empty())
    }
}
