//! Which records of a spool are meant.

use crate::commands::emit::spool_failure;
use crate::failure::{Exit, Failure};
use crate::query::glob::Globs;
use crate::spool::identity::Identity;
use crate::spool::inspect::Inspect;
use crate::spool::stored::{RecordState, Stored};
use std::collections::HashSet;
use uuid::Uuid;

/// The least of a correlation id that names a journey.
const BEGINNING: usize = 8;

/// What narrows a command to some records. Everything that is said must hold.
#[derive(Debug, Default)]
pub struct Selection {
    /// Whether they are still to be sent.
    pub state: Option<RecordState>,
    /// Event codes.
    pub code: Option<Globs>,
    /// A correlation id, or its beginning.
    pub journey: Option<String>,
    /// The address, or its beginning.
    pub destination: Option<String>,
    /// Accepted at this instant or later, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Beginnings or ends of ids; one of them is enough.
    pub ids: Vec<String>,
}

impl Selection {
    /// Reads a glob of event codes, in upper case or lower.
    pub fn codes(text: &str) -> Result<Globs, Failure> {
        Globs::parse(&text.to_ascii_uppercase())
            .map_err(|complaint| Failure::usage(format!("--code: {complaint}")))
    }

    /// One record by its id.
    pub fn one(id: &str) -> Selection {
        Selection {
            ids: vec![id.to_owned()],
            ..Selection::default()
        }
    }

    /// Whether nothing was chosen, which means every record.
    pub fn is_everything(&self) -> bool {
        let Selection {
            state,
            code,
            journey,
            destination,
            since,
            ids,
        } = self;
        let narrowed = code.is_some() || journey.is_some() || destination.is_some();
        state.is_none() && !narrowed && since.is_none() && ids.is_empty()
    }

    /// Whether a record is meant, its id left aside.
    pub fn matches(&self, stored: &Stored) -> bool {
        let code =
            |globs: &Globs| globs.matches(stored.record.event_code.as_deref().unwrap_or_default());
        let journey = |wanted: &String| {
            stored.record.correlation_id.as_ref().is_some_and(|id| {
                id == wanted || wanted.len() >= BEGINNING && id.starts_with(wanted)
            })
        };
        let destination =
            |wanted: &String| Identity::read(&stored.destination).url.starts_with(wanted);
        self.state.is_none_or(|state| stored.state == state)
            && self.code.as_ref().is_none_or(code)
            && self.journey.as_ref().is_none_or(journey)
            && self.since.is_none_or(|since| stored.accepted >= since)
            && self.destination.as_ref().is_none_or(destination)
    }

    /// Hands over the records that are meant, in the order of acceptance, for as long as `take`
    /// says so.
    pub fn each(
        &self,
        spool: &dyn Inspect,
        take: &mut dyn FnMut(Stored) -> bool,
    ) -> Result<(), Failure> {
        let ids = self.named(spool)?;
        let mut take = |stored| !self.matches(&stored) || take(stored);
        if self.ids.is_empty() {
            spool.each(&mut take)
        } else {
            spool.some(&ids, &mut take)
        }
        .map_err(spool_failure)
    }

    /// The ids of the records that are meant.
    pub fn all(&self, spool: &dyn Inspect) -> Result<Vec<Uuid>, Failure> {
        let mut ids = Vec::new();
        self.each(spool, &mut |stored| {
            ids.push(stored.id);
            true
        })?;
        Ok(ids)
    }

    /// The ids that are named by their beginning or end: one for each.
    fn named(&self, spool: &dyn Inspect) -> Result<HashSet<Uuid>, Failure> {
        let one = |part: &String| {
            let found = spool.find(part).map_err(spool_failure)?;
            match found.as_slice() {
                [] => Err(no_record(part)),
                [id] => Ok(*id),
                _ => Err(Failure::usage(format!(
                    "several records have an id that begins or ends with {part}"
                ))
                .hint("give more of it")),
            }
        };
        self.ids.iter().map(one).collect()
    }
}

/// No record has this id.
pub(super) fn no_record(id: &str) -> Failure {
    Failure::message(Exit::No, format!("no record {id} in the spool"))
        .hint("'hivelog spool list' names them")
}
