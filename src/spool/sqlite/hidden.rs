//! An index that has changed on the disk hides rows without an error.

use super::site::Site;
use crate::spool::{Error, Purpose};
use rusqlite::Connection;
use std::sync::atomic::Ordering;

/// In which state of the database it was made sure that no index hides a row.
#[derive(Default)]
pub struct Hidden {
    looked: Option<i64>,
}

impl Hidden {
    /// Compares what the index of what is ready finds with what is found without it.
    pub fn look(
        &mut self,
        connection: &Connection,
        site: &Site,
        version: i64,
    ) -> Result<(), Error> {
        let due = match site.purpose {
            Purpose::Accept => false,
            Purpose::Own => {
                site.last_own.load(Ordering::SeqCst) > 0 && self.looked != Some(version)
            }
            Purpose::All => self.looked != Some(version),
            // Once: reading the whole table whenever others add to it would be too much.
            Purpose::Follow => self.looked.is_none(),
        };
        if !due {
            return Ok(());
        }
        self.looked = Some(version);
        let (otherwise, whose) = if site.purpose == Purpose::Own {
            let own = format!("run = x'{}'", site.run.simple());
            ("INDEXED BY event_run", own)
        } else {
            ("NOT INDEXED", "true".to_owned())
        };
        let waiting = format!("{whose} AND dest = ?1 AND state = 'ready'");
        // With the search that the reading of rows makes, and without that index.
        let alike: bool = connection
            .prepare_cached(&format!(
                "SELECT (SELECT count(*), total(seq) FROM event INDEXED BY event_ready \
                 WHERE {waiting} AND seq > 0) = \
                 (SELECT count(*), total(seq) FROM event {otherwise} WHERE {waiting})"
            ))
            .and_then(|mut compare| compare.query_row([&site.dest], |row| row.get(0)))
            .map_err(|error| site.failed(error))?;
        if alike {
            return Ok(());
        }
        site.folder.suspect();
        let why = "the spool's storage has failed: records that are in it are not found; the next \
                   run recovers what can be read of its database";
        Err(Error::Storage(why.to_owned()))
    }
}
