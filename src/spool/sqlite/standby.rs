//! A process that has left the sending to others, and looks whether there is a reason to take it
//! up again.

use super::interventions::Interventions;
use super::site::Site;
use crate::spool::Call;
use rusqlite::{Connection, params};

/// What there was when the sending was left to others.
pub struct Standby {
    /// The last row.
    last: i64,
    /// The state of the database in which there was none after it.
    version: i64,
}

impl Standby {
    /// Nothing was seen yet.
    pub const fn new() -> Standby {
        Standby {
            last: 0,
            version: -1,
        }
    }

    /// The sending is left to others from now on.
    pub fn begin(&mut self, connection: &Connection, dest: &str) {
        let last = "SELECT coalesce(max(seq), 0) FROM kept WHERE dest = ? AND state = 'ready'";
        let last = connection.prepare_cached(last);
        let last = last.and_then(|mut last| last.query_row([dest], |row| row.get(0)));
        // Where it is not known what there is, everything is new.
        self.last = last.unwrap_or(0);
    }

    /// What has come since then that is a reason to send again.
    pub fn called(
        &mut self,
        connection: &Connection,
        site: &Site,
        interventions: &mut Interventions,
    ) -> rusqlite::Result<Option<Call>> {
        let (news, version) = interventions.news(connection, &site.dest)?;
        if news.iter().any(|done| !done.dropped) {
            return Ok(Some(Call::Retry));
        }
        let before = std::mem::replace(&mut self.version, version);
        if version == before && site.folder.inbox().is_empty() {
            return Ok(None);
        }
        let newer = "SELECT 1 FROM kept WHERE dest = ? AND state = 'ready' AND seq > ? \
                     ORDER BY seq LIMIT 1";
        let mut newer = connection.prepare_cached(newer)?;
        let arrived = newer.exists(params![site.dest, self.last])?;
        let arrived = arrived || !site.folder.inbox().is_empty();
        Ok(arrived.then_some(Call::Arrival))
    }
}
