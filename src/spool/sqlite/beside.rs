//! Acceptance beside a database that cannot be used.

use super::engine::{is_busy, is_full};
use super::{Sqlite, locked, taking_in};
use crate::model::delivery::Problem;
use crate::spool::{Entry, Record};
use std::fmt::Display;
use uuid::Uuid;

/// Records that are kept beside the database.
pub(super) struct Strayed {
    why: String,
    entries: Vec<Entry>,
}

impl Sqlite {
    /// Takes what stands in the inbox into the database.
    pub(super) fn import(&self) -> rusqlite::Result<()> {
        if self.folder.inbox().is_empty() {
            return Ok(());
        }
        let _turn = locked(&self.turn);
        let mut writer = locked(&self.writer);
        match taking_in::take_in(&self.folder, &mut writer) {
            // It stays where it is, and what is in the database can be sent all the same.
            Err(error) if is_full(&error) || is_busy(&error) => Ok(()),
            taken => taken.map(drop),
        }
    }

    /// The database has failed.
    pub(super) fn give_up_database(&self, error: &rusqlite::Error) {
        self.folder.suspect_after(error);
        self.go_beside_database(error);
    }

    /// From now on this run accepts beside the database.
    pub(super) fn go_beside_database(&self, error: &dyn Display) {
        *locked(&self.strayed) = Some(Strayed {
            why: format!("kept in the spool's inbox: its database cannot be used ({error})"),
            entries: Vec::new(),
        });
    }

    /// Accepts records beside the database, which cannot be used.
    pub(super) fn stray(&self, records: Vec<Record>, ids: &[Uuid]) -> std::io::Result<()> {
        let now = (self.clock)();
        let name = Uuid::now_v7();
        let inbox = self.folder.inbox();
        inbox.write(&name, &self.run, &self.dest, now, &records, ids)?;
        let mut strayed = locked(&self.strayed);
        if let Some(strayed) = strayed.as_mut() {
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

    /// What went into the inbox since this was asked last.
    pub(super) fn take_strayed(&self) -> Vec<Entry> {
        let mut strayed = locked(&self.strayed);
        strayed
            .as_mut()
            .map(|strayed| std::mem::take(&mut strayed.entries))
            .unwrap_or_default()
    }

    /// Whether something in the inbox is still to be reported.
    pub(super) fn has_strayed(&self) -> bool {
        let strayed = locked(&self.strayed);
        strayed
            .as_ref()
            .is_some_and(|strayed| !strayed.entries.is_empty())
    }
}
