//! What was accepted and is not delivered yet.
//!
//! A spool takes records on one side ([`Spool::append`], from the thread that reads) and hands
//! them out on the other ([`Spool::claim`], to the dispatcher). Its laws, which hold for every
//! kind of spool:
//!
//! 1. After `append` said yes a record is present until it is settled, as far as the spool's
//!    level of durability promises.
//! 2. A record is not handed out while an older one of its journey is unsettled.
//! 3. A record that was put back for later is not handed out before that.
//! 4. A settled record never comes back; one that was refused keeps its bytes.
//! 5. The bytes that come out are the bytes that went in.
//! 6. Two claimers never both hold one record.

pub mod damage;
pub mod dispatch;
pub mod identity;
mod inbox;
pub mod inspect;
pub mod lock_wait;
mod memory;
pub mod place;
pub mod postgres;
mod private_folder;
mod quarantine;
mod queue;
mod sqlite;
pub mod stored;

use crate::model::delivery::Problem;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// Whose records a process is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// None, which leaves the sending to others: `emit --queue`.
    Accept,
    /// Its own: `emit`.
    Own,
    /// Everybody's: `spool drain`.
    All,
    /// Everybody's, and those that come later: `spool drain --follow`.
    Follow,
}

/// A record as it is accepted: its bytes are frozen from here on.
#[derive(Clone, Debug)]
pub struct AcceptedRecord {
    /// What is sent.
    pub body: Bytes,
    /// Where it came from.
    pub source: Arc<str>,
    /// Its number there, from 1.
    pub number: u64,
    /// The line it begins on.
    pub line: u64,
    /// Its `eventCode`.
    pub event_code: Option<String>,
    /// Its `correlationId`; with the integration key it names the journey.
    pub correlation_id: Option<String>,
    /// Its `integrationKey`.
    pub integration_key: Option<String>,
}

/// Proof that a record is as safe as its spool makes it.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Our own id of the record.
    pub id: Uuid,
    /// Where it came from.
    pub source: Arc<str>,
    /// Its number there.
    pub number: u64,
    /// The line it begins on.
    pub line: u64,
    /// Its `eventCode`.
    pub event_code: Option<String>,
    /// Its `correlationId`.
    pub correlation_id: Option<String>,
}

/// A record in the spool.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place in the order of acceptance.
    pub seq: i64,
    /// Our own id of it.
    pub id: Uuid,
    /// Whether this run reports on it.
    pub own: bool,
    /// The record.
    pub record: AcceptedRecord,
    /// How many times it was put on the wire.
    pub attempts: u32,
    /// How many of these failed while others were delivered.
    pub counted: u32,
    /// How many others this run had delivered when it was tried last.
    pub others: Option<u64>,
    /// Attempts whose answer was never seen.
    pub maybe_duplicate: u32,
    /// The instant before which it is not tried again.
    pub due: i64,
    /// The instant of its first attempt in this run.
    pub first: Option<i64>,
    /// The status that was read last.
    pub http: Option<u16>,
    /// Why it was not delivered so far.
    pub problem: Option<Problem>,
}

impl Entry {
    /// A record that was not tried yet.
    pub fn new(seq: i64, id: Uuid, record: AcceptedRecord) -> Entry {
        Entry {
            seq,
            id,
            own: true,
            record,
            attempts: 0,
            counted: 0,
            others: None,
            maybe_duplicate: 0,
            due: 0,
            first: None,
            http: None,
            problem: None,
        }
    }
}

/// What becomes of a claimed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It was delivered and never comes back.
    Delivered,
    /// The server rejected it for good.
    Refused,
    /// It is tried again at its `due`.
    Later,
    /// This run has given it up, and with it what follows in its journey. A durable spool keeps
    /// both for the next one.
    GivenUp,
    /// Its row has left the spool without being delivered.
    Lost,
}

/// What the spool holds for a destination.
#[derive(Clone, Debug, Default)]
pub struct Leftover {
    /// Records that are still to be sent.
    pub ready: u64,
    /// Whether their number is an estimate.
    pub estimated: bool,
    /// Records that are not tried again without a person.
    pub dead: u64,
    /// The instant before which none of them is sent.
    pub until: Option<i64>,
    /// Why they were not delivered so far.
    pub why: Option<String>,
}

/// A destination's request to be left alone.
#[derive(Clone, Debug)]
pub struct Pause {
    /// The instant at which it ends.
    pub until: i64,
    /// The status of the answer that asked for it.
    pub http: Option<u16>,
    /// What that answer said.
    pub problem: Option<Problem>,
}

/// Why a destination that takes nothing is worth asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// A person wants its records to be tried again.
    Retry,
    /// There are new records for it.
    Arrival,
}

/// Why a spool cannot do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The run is ending; nothing more is accepted.
    #[error("the run is ending")]
    Closed,
    /// The storage has failed.
    #[error("{0}")]
    Storage(String),
    /// Another process has locked what is needed.
    #[error("{0}")]
    Busy(String),
    /// The place cannot be used as it is.
    #[error("{0}")]
    Unusable(String),
    /// A database is unavailable; trying again may help.
    #[error("{0}")]
    Unavailable(String),
    /// A database does not let this user in.
    #[error("{0}")]
    Denied(String),
    /// A database cannot be used before a person changes something there.
    #[error("{0}")]
    Database(String),
}

/// Accepted records. The laws are in the module's documentation.
pub trait Spool: Send + Sync {
    /// Accepts records, in order; waits while there is no room. `accepted` is called with them when they
    /// are as safe as this spool makes them and before any of them is handed out.
    fn append(
        &self,
        records: Vec<AcceptedRecord>,
        accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error>;

    /// Hands out up to `max` records that are due, the oldest first.
    fn claim(&self, max: usize, now: i64) -> Result<Vec<Entry>, Error>;

    /// Begins to settle claimed records, all at once.
    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error>;

    /// Hands over the settled records whose end is durable by now, each followed by what ends with
    /// it; those that are tried again later are not among them. With `wait` nothing is left that
    /// is still to become durable.
    fn settled(&self, wait: bool) -> Result<Vec<(Entry, Settlement)>, Error>;

    /// Records that were accepted where this run cannot send them from; a later one can.
    fn strayed(&self) -> Vec<Entry> {
        Vec::new()
    }

    /// Records that have ended without being settled since this was last asked: by other
    /// processes, or because they cannot be sent. Only with `now` is the spool sure to be looked
    /// through for them.
    fn returned(&self, now: bool) -> Result<Vec<(Entry, Settlement)>, Error>;

    /// Notes for later runs that the destination is to be left alone. Says whether that worked.
    fn pause(&self, _pause: &Pause) -> bool {
        false
    }

    /// Until when an earlier run was asked to leave the destination alone.
    fn paused(&self, _now: i64) -> Option<Pause> {
        None
    }

    /// What a person should know since this was asked last.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether this process is the one that sends what it accepts.
    fn sends_own(&self) -> bool {
        true
    }

    /// How often to look whether other processes have changed something.
    fn look_again(&self) -> Option<Duration> {
        None
    }

    /// When the next record that waits will be due.
    fn due(&self) -> Option<i64>;

    /// Whether this run has nothing left to hand out or to settle.
    fn is_done(&self) -> bool;

    /// Ends the taking and hands over, in order and one by one, what this run accepted and did
    /// not settle. The problem of a record that was never tried is what it waits for.
    fn close(&self, take: &mut dyn FnMut(Entry)) -> Result<(), Error>;

    /// What has come since this spool was closed that is a reason to send again.
    fn called(&self) -> Option<Call> {
        None
    }

    /// What the spool holds for the destination beyond what was reported.
    fn leftover(&self) -> Leftover {
        Leftover::default()
    }

    /// Whether records survive the end of the process.
    fn is_durable(&self) -> bool;

    /// Whether hosts share it.
    fn is_shared(&self) -> bool {
        false
    }

    /// How many records are ready of which only this address is known.
    fn unidentified(&self, _address: &str) -> Result<u64, Error> {
        Ok(0)
    }

    /// Makes these records this destination's own, unless another process sends.
    fn identify(&self, _address: &str) -> Result<(), Error> {
        Ok(())
    }

    /// Rings when there may be something new to claim.
    fn news(&self) -> &Notify;
}

/// A problem as it is stored with a record: JSON.
fn stored_problem(text: Option<String>) -> Option<Problem> {
    serde_json::from_str(&text?).ok()
}

/// Why a record is not sent whose bytes have changed since it was accepted.
fn damaged_record() -> Problem {
    Problem::titled("the stored bytes do not match their checksum")
}

/// The text that is stored of a problem.
fn problem_text(problem: Option<&Problem>) -> Option<String> {
    problem.and_then(|said| serde_json::to_string(said).ok())
}
