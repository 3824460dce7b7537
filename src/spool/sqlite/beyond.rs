//! What the spool holds beside the records of the destination that is sent to.

use super::{Sqlite, locked};
use crate::spool::{Error, former};

impl Sqlite {
    /// How many records are ready of which only this address is known.
    pub fn unidentified(&self, address: &str) -> Result<u64, Error> {
        former::count(&self.drain().connection, address).map_err(|error| self.failed(error))
    }

    /// Makes these records this destination's own, unless another process sends.
    pub fn identify(&self, address: &str) -> Result<(), Error> {
        if !self.drain().holds {
            return Ok(());
        }
        let _turn = locked(&self.turn);
        former::identify(&self.folder, &locked(&self.writer), address, &self.dest).map(drop)
    }

    /// How many records are ready for each other destination, as its identity is stored.
    pub fn elsewhere(&self) -> Result<Vec<(String, u64)>, Error> {
        let drain = self.drain();
        let read = || -> rusqlite::Result<Vec<(String, u64)>> {
            let mut select = drain.connection.prepare(
                "SELECT dest, count(*) FROM kept WHERE dest != ? AND state = 'ready' GROUP BY dest",
            )?;
            let rows = select.query_map([&self.dest], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
            })?;
            rows.collect()
        };
        read().map_err(|error| self.failed(error))
    }
}
