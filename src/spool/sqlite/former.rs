//! Records of the first format, as far as they belong to the destination that is sent to.

use super::{Sqlite, locked};
use crate::spool::{Error, former};

impl Sqlite {
    /// How many records are ready of which only this address is known.
    pub fn unidentified(&self, address: &str) -> Result<u64, Error> {
        former::count(&self.drain().connection, address).map_err(|error| self.folder.failed(error))
    }

    /// Makes these records this destination's own, unless another process sends.
    pub fn identify(&self, address: &str) -> Result<(), Error> {
        if !self.drain().holds {
            return Ok(());
        }
        let _turn = locked(&self.turn);
        former::identify(&self.folder, &locked(&self.writer), address, &self.dest).map(drop)
    }
}
