//! Looking into a spool and setting single records right, while others use it.

use super::damage::Damage;
use super::identity::Identity;
use super::stored::{RecordState, Stored};
use super::{Error, Pause};
use crate::model::delivery::Problem;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Whether a spool that is looked into is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is looked at.
    Look,
    /// Records are changed.
    Change,
    /// Records are added; without a spool, one is made.
    Create,
}

/// A spool that is looked into.
pub trait Inspect {
    /// Which spool it is, however it was reached: two that say the same are one.
    fn id(&self) -> Result<String, Error>;

    /// What was found wrong on opening.
    fn damage(&self) -> &Damage;

    /// How many records have come from the inbox on opening.
    fn taken_in(&self) -> u64;

    /// Every record, in the order of acceptance, one at a time, for as long as `take` says so.
    fn each(&self, take: &mut dyn FnMut(Stored) -> bool) -> Result<(), Error>;

    /// The records with these ids, in the same way.
    fn some(&self, ids: &HashSet<Uuid>, take: &mut dyn FnMut(Stored) -> bool) -> Result<(), Error> {
        self.each(&mut |stored| !ids.contains(&stored.id) || take(stored))
    }

    /// Until when destinations, as they are stored with records, asked to be left alone.
    fn pauses(&self) -> Result<HashMap<String, i64>, Error>;

    /// Adds records of another spool, in their order, unless their ids are here; how many were not.
    fn import(&mut self, records: &[Stored]) -> Result<u64, Error>;

    /// The ids that begin or end with this text: one if it is right.
    fn find(&self, part: &str) -> Result<Vec<Uuid>, Error>;

    /// Makes records ready again, at once: the server's request to be left alone no longer
    /// counts. Those that were there.
    fn retry(&mut self, ids: &[Uuid], now: i64) -> Result<Vec<Uuid>, Error>;

    /// Gives records up for good and remembers that, as far as they are there and are not being
    /// sent now.
    fn drop(&mut self, ids: &[Uuid], now: i64) -> Result<Dropped, Error>;

    /// Gives the records of which only the address is known an identity; how many.
    fn identify(&self, identity: &Identity) -> Result<u64, Error>;

    /// Whether a process sends from it.
    fn is_sending(&self) -> Result<bool, Error>;

    /// Looks at every row and at the files themselves.
    fn verify(&self) -> Result<Health, Error>;

    /// What waits for each destination.
    fn backlogs(&self, now: i64) -> Result<Vec<Backlog>, Error>;

    /// How many records are ready for each destination.
    fn ready(&self) -> Result<Vec<(Identity, u64)>, Error>;

    /// The dead records of a destination, in the order of acceptance.
    fn dead(&self, identity: &Identity) -> Result<Vec<Uuid>, Error>;

    /// How much of the size that `spool.max_bytes` limits is in use.
    fn bytes(&self) -> Result<u64, Error>;

    /// What the database of a spool that hosts share does before it confirms a record.
    fn durability(&self) -> Result<Option<Durability>, Error> {
        Ok(None)
    }

    /// Who sends from a spool that hosts share, and how it does.
    fn sharing(&self) -> Result<Option<Sharing>, Error> {
        Ok(None)
    }
}

/// What a database does before it confirms a record, by its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// Whether it flushes to its disk at all.
    pub fsync: bool,
    /// `synchronous_commit`.
    pub commit: String,
    /// `synchronous_standby_names`; empty where no standby is waited for.
    pub standbys: String,
}

impl Durability {
    /// What a record survives that was confirmed; nothing where not even a crash of the server.
    pub fn survives(&self) -> Option<&'static str> {
        match (self.fsync, self.commit.as_str(), self.standbys.as_str()) {
            (false, ..) | (_, "off", _) => None,
            (_, "local", _) | (.., "") => Some("a crash of the server"),
            (_, "remote_write", _) => {
                Some("a crash of the server, and its loss while its synchronous standbys run")
            }
            _ => Some("a crash of the server, and its loss"),
        }
    }

    /// Whether what was confirmed is on another server, too.
    pub fn is_replicated(&self) -> bool {
        let waits = !["off", "local"].contains(&self.commit.as_str());
        waits && !self.standbys.is_empty()
    }
}

/// Who sends from a spool that hosts share, and how it does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sharing {
    /// Those that send.
    pub drainers: Vec<Drainer>,
    /// Records in this machine's inbox, which are still to be brought over.
    pub inbox: u64,
    /// Rows that were deleted and still take room.
    pub dead_rows: u64,
    /// How long the oldest transaction has lasted that keeps such rows, as far as that may be seen.
    pub oldest_transaction_seconds: Option<u64>,
}

/// A process that sends from a spool that hosts share.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drainer {
    /// Where it is.
    pub host: String,
    /// Its process id there.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// The address to which it sends.
    pub destination: String,
    /// How many lanes it owns.
    pub lanes: u64,
    /// How many seconds its lease still lasts.
    pub lease_seconds: i64,
}

/// What a look at every row has shown.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Rows whose bytes are those that were accepted.
    pub intact: u64,
    /// Ids of rows whose bytes have changed.
    pub damaged: Vec<String>,
    /// What the engine has to say about its files.
    pub complaints: Vec<String>,
}

/// Records that have left the spool undelivered, because a person wanted that.
#[derive(Clone, Debug, Default)]
pub struct Dropped {
    /// Nobody sends them.
    pub unsent: Vec<Uuid>,
    /// A process had begun to send them.
    pub sent: Vec<Uuid>,
}

/// A record's id and state, for somebody who is choosing one.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// Our own id of it.
    pub id: Uuid,
    /// Whether it is still to be sent.
    pub state: RecordState,
    /// Its `eventCode`.
    pub event_code: Option<String>,
}

/// What waits for one destination.
#[derive(Clone, Debug)]
pub struct Backlog {
    /// The destination.
    pub identity: Identity,
    /// Records that are still to be sent.
    pub ready: u64,
    /// Records that are not tried again without a person.
    pub dead: u64,
    /// Whether the number of those to be sent is an estimate.
    pub estimated: bool,
    /// When the oldest of those to be sent was accepted, in milliseconds since 1970.
    pub oldest: Option<i64>,
    /// That it asked to be left alone, if it did.
    pub pause: Option<Pause>,
    /// The status that the oldest record that was tried got last.
    pub http: Option<u16>,
    /// What was said to it.
    pub problem: Option<Problem>,
}

#[cfg(test)]
mod tests {
    use super::Durability;

    #[test]
    fn what_a_confirmed_record_survives_is_read_from_three_settings() {
        for (fsync, commit, standbys, survives, is_replicated) in [
            (false, "on", "", None, false),
            (true, "off", "a", None, false),
            (true, "on", "", Some("a crash of the server"), false),
            (true, "local", "a", Some("a crash of the server"), false),
            (
                true,
                "remote_write",
                "a",
                Some("a crash of the server, and its loss while its synchronous standbys run"),
                true,
            ),
            (
                true,
                "on",
                "ANY 1 (a, b)",
                Some("a crash of the server, and its loss"),
                true,
            ),
        ] {
            let settings = Durability {
                fsync,
                commit: commit.to_owned(),
                standbys: standbys.to_owned(),
            };
            assert_eq!(
                (settings.survives(), settings.is_replicated()),
                (survives, is_replicated),
                "{settings:?}"
            );
        }
    }
}
