//! Looking into a spool and setting single records right, while others use it.

use super::damage::Damage;
use super::identity::Identity;
use super::stored::{State, Stored};
use super::{Error, Pause};
use crate::model::delivery::Problem;
use std::collections::HashMap;
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
    /// What was found wrong on opening.
    fn damage(&self) -> &Damage;

    /// How many records have come from the inbox on opening.
    fn taken_in(&self) -> u64;

    /// Every record, in the order of acceptance, one at a time, for as long as `take` says so.
    fn each(&self, take: &mut dyn FnMut(Stored) -> bool) -> Result<(), Error>;

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
    pub state: State,
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
    /// When the oldest of those to be sent was accepted, in milliseconds since 1970.
    pub oldest: Option<i64>,
    /// That it asked to be left alone, if it did.
    pub pause: Option<Pause>,
    /// The status that the oldest record that was tried got last.
    pub http: Option<u16>,
    /// What was said to it.
    pub problem: Option<Problem>,
}
