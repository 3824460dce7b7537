//! Acceptance beside a database that cannot be used.

use super::site::{Site, locked};
use crate::model::delivery::Problem;
use crate::spool::stored::Stored;
use crate::spool::{Entry, Record};
use std::fmt::Display;
use std::sync::Mutex;
use uuid::Uuid;

/// Whether a run accepts into the inbox. Once it does it stays there: a later batch must not
/// overtake.
#[derive(Default)]
pub struct Beside(Mutex<Option<Strayed>>);

/// Records that are in the inbox.
struct Strayed {
    why: String,
    /// Those that are still to be reported.
    entries: Vec<Entry>,
}

impl Beside {
    /// From now on this run accepts beside the database.
    pub fn begin(&self, error: &dyn Display) {
        *locked(&self.0) = Some(Strayed {
            why: format!("kept in the spool's inbox: its database cannot be used ({error})"),
            entries: Vec::new(),
        });
    }

    /// Whether it does.
    pub fn has_begun(&self) -> bool {
        locked(&self.0).is_some()
    }

    /// Accepts records.
    pub fn accept(&self, site: &Site, records: Vec<Record>, ids: &[Uuid]) -> std::io::Result<()> {
        let now = (site.clock)();
        let stored = |(record, id): (&Record, &Uuid)| {
            Stored::new(*id, site.run, site.dest.clone(), now, record.clone())
        };
        let batch: Vec<Stored> = records.iter().zip(ids).map(stored).collect();
        site.folder.inbox().write(&Uuid::now_v7(), &batch)?;
        if let Some(strayed) = locked(&self.0).as_mut() {
            let why = Problem {
                title: strayed.why.clone(),
                ..Problem::default()
            };
            for (record, id) in records.into_iter().zip(ids) {
                let mut entry = Entry::new(0, *id, record);
                entry.problem = Some(why.clone());
                strayed.entries.push(entry);
            }
        }
        Ok(())
    }

    /// What was accepted since this was asked last.
    pub fn take(&self) -> Vec<Entry> {
        let mut strayed = locked(&self.0);
        let entries = strayed.as_mut().map(|strayed| &mut strayed.entries);
        entries.map(std::mem::take).unwrap_or_default()
    }

    /// Whether something is still to be reported.
    pub fn has_news(&self) -> bool {
        let strayed = locked(&self.0);
        strayed
            .as_ref()
            .is_some_and(|strayed| !strayed.entries.is_empty())
    }
}
