//! Accepting: into the database, or into this machine's inbox while that is unavailable.

use super::connection::DatabaseError;
use super::state::Append;
use super::{PATIENCE, Postgres};
use crate::model::delivery::Problem;
use crate::spool::stored::Stored;
use crate::spool::{AcceptedRecord, Entry, Error, Purpose, Receipt};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;
use uuid::Uuid;

impl Postgres {
    /// Accepts records; `accepted` is called when they are durable, here or there.
    pub(super) fn accept(
        &self,
        records: Vec<AcceptedRecord>,
        accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error> {
        {
            let mut state = self.state();
            if state.closing {
                return Err(Error::Closed);
            }
            if let Some(error) = &state.failed {
                return Err(error.clone());
            }
            state.accepting += 1;
        }
        let result = self.accept_batch(records, accepted);
        self.state().accepting -= 1;
        self.shared.changed.notify_all();
        result
    }

    fn accept_batch(
        &self,
        records: Vec<AcceptedRecord>,
        accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error> {
        let batch = Uuid::now_v7();
        let records: Vec<Stored> = records
            .into_iter()
            .map(|record| {
                let destination = self.shared.destination.clone();
                Stored::new(Uuid::now_v7(), self.shared.run, destination, 0, record)
            })
            .collect();
        let receipts = records.iter().map(receipt).collect();
        let records = Arc::new(records);
        // Whoever went to the inbox stays there: a later batch must not overtake.
        let strays = self.state().strayed.is_some();
        let result = if strays {
            Err(DatabaseError::Unavailable(String::new()))
        } else {
            self.send(batch, &records)
        };
        match result {
            Ok(()) => {}
            Err(DatabaseError::Unavailable(why)) => {
                self.switch_to_inbox(&why);
                self.save_to_inbox(&batch, &records)?;
                accepted(receipts);
                self.report_saved(&records);
                self.shared.news.notify_one();
                return Ok(());
            }
            Err(error) => {
                let error = self.named(error);
                return Err(not_accepted(&error, &records));
            }
        }
        accepted(receipts);
        if self.shared.purpose == Purpose::Own {
            let mut state = self.state();
            let lanes = state.lane_count;
            let records = Arc::try_unwrap(records).unwrap_or_else(|shared| shared.to_vec());
            state.watch.add(records, lanes);
            state.is_fresh = true;
        }
        self.shared.reader.notify_one();
        self.shared.news.notify_one();
        Ok(())
    }

    /// From now on this run accepts into this machine's inbox: a later batch must not overtake.
    pub(super) fn switch_to_inbox(&self, why: &str) {
        let why = format!("saved in this machine's inbox: the shared spool is unavailable ({why})");
        self.state().strayed.get_or_insert((why, Vec::new()));
    }

    /// Accepts records into the inbox, under the name by which their batch may be known already.
    fn save_to_inbox(&self, batch: &Uuid, records: &[Stored]) -> Result<(), Error> {
        let inbox = self.shared.database.open_inbox()?;
        let now = (self.shared.clock)();
        let accepted: Vec<Stored> = records
            .iter()
            .map(|stored| Stored {
                accepted: now,
                ..stored.clone()
            })
            .collect();
        inbox.write(batch, &accepted).map_err(|error| {
            let path = inbox.path(None);
            Error::Storage(format!("cannot write to {}: {error}", path.display()))
        })
    }

    /// Lets it be reported where these records are, now that it was that they are accepted.
    fn report_saved(&self, records: &[Stored]) {
        let mut state = self.state();
        let Some((why, entries)) = state.strayed.as_mut() else {
            return;
        };
        for stored in records {
            let mut entry = Entry::new(0, stored.id, stored.record.clone());
            entry.problem = Some(Problem {
                title: why.clone(),
                ..Problem::default()
            });
            entries.push(entry);
        }
    }

    /// Appends to the database, and waits for it.
    fn send(&self, batch: Uuid, records: &Arc<Vec<Stored>>) -> Result<(), DatabaseError> {
        let (reply, replied) = channel();
        {
            let mut state = self.state();
            if state.finished {
                return Err(DatabaseError::Unavailable("the run is ending".to_owned()));
            }
            state.appends.push_back(Append {
                batch,
                records: Arc::clone(records),
                tried: false,
                until: Instant::now() + PATIENCE,
                reply,
            });
        }
        self.shared.writer.notify_one();
        let gone = "the thread at the database has ended".to_owned();
        replied
            .recv()
            .unwrap_or(Err(DatabaseError::Unavailable(gone)))
    }
}

fn receipt(stored: &Stored) -> Receipt {
    Receipt {
        id: stored.id,
        source: stored.record.source.clone(),
        number: stored.record.number,
        line: stored.record.line,
        event_code: stored.record.event_code.clone(),
        correlation_id: stored.record.correlation_id.clone(),
    }
}

/// That records were not accepted, and why, with the lines they begin on.
fn not_accepted(error: &Error, records: &[Stored]) -> Error {
    let (first, last) = (&records[0].record, &records[records.len() - 1].record);
    let lines = match (first.line, last.line) {
        (first, last) if first == last => format!("line {first}"),
        (first, last) => format!("lines {first} to {last}"),
    };
    let why = format!(
        "{error}: {lines} of {} and what follows were not accepted",
        last.source
    );
    match error {
        Error::Denied(_) => Error::Denied(why),
        Error::Database(_) => Error::Database(why),
        _ => Error::Storage(why),
    }
}
