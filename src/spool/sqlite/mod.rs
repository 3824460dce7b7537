//! The durable spool. Several processes share one; for each destination
//! the one that holds its lock sends.
//!
//! Records are appended on one connection, whose commits survive the loss of power when they
//! return, and settled on another, whose commits survive the death of the process when they return
//! and the loss of power a flush later: losing one of those costs a second copy at the most, never
//! a record.

mod accept;
mod acks;
mod arrivals;
mod backlog;
mod database;
mod drain;
mod engine;
mod fallback;
mod folder;
mod hidden;
mod high_water;
pub(super) mod inspect;
mod interventions;
mod left_behind;
mod leftovers;
mod legacy;
mod pause;
mod recovery;
mod reserve;
mod retries;
mod rows;
mod salvage;
mod schema;
mod send_queue;
mod sender;
mod sent_elsewhere;
mod site;
mod standby;
#[cfg(test)]
mod tests;
mod window;

use super::damage::Damage;
use super::lock_wait::LockWait;
use super::{
    AcceptedRecord, Call, Entry, Error, Leftover, Pause, Purpose, Receipt, Settlement, Spool,
};
use accept::{Acceptor, receipts};
use database::{await_turn, holds_nothing_for};
use drain::Drain;
use folder::Folder;
use recovery::{add_moved, connect_both};
use site::{Site, locked};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// The durable spool.
pub struct Sqlite {
    site: Arc<Site>,
    acceptor: Acceptor,
    /// Nothing for a run that only accepts.
    drain: Option<Mutex<Drain>>,
    closed: AtomicBool,
    news: Notify,
}

impl Sqlite {
    /// Opens the spool in a folder for one destination. The second value says what was found
    /// wrong.
    pub fn open(
        path: &Path,
        dest: String,
        purpose: Purpose,
        max_bytes: u64,
        clock: fn() -> i64,
        wait: &mut LockWait<'_>,
    ) -> Result<(Sqlite, Damage), Error> {
        let about = |error| Error::Storage(format!("cannot open the spool: {error}"));
        let folder = Folder::open(path, wait)?;
        let sends = purpose != Purpose::Accept;
        let (mut writer, connection, mut damage) = connect_both(&folder, sends, wait)?;
        let turn = await_turn(&folder, &writer, wait);
        if turn.is_ok() && !folder.inbox().is_empty() {
            arrivals::take_on_opening(&folder, &mut writer, &mut damage);
        }
        add_moved(&folder, &mut damage)?;
        // Without it a full disk would make every delivery one that cannot be noted. Who only
        // wants to accept finds out about the disk by accepting.
        let laid = reserve::fill(&folder);
        let own_only = laid.is_err();
        let unusable = match turn {
            // Nothing can be delivered that could not be noted.
            Ok(()) if purpose == Purpose::All && holds_nothing_for(&folder, &writer, &dest) => None,
            // What is delivered could not be noted.
            turn if matches!(purpose, Purpose::All | Purpose::Follow) => {
                turn.and(laid)?;
                None
            }
            turn => turn.err(),
        };
        let site = Site::new(folder, dest, purpose, clock);
        let site = Arc::new(site.map_err(about)?);
        let open = |connection| -> Result<_, Error> {
            let mut drain = Drain::open(Arc::clone(&site), connection)?;
            drain.send_queue.own_only = own_only;
            Ok(Mutex::new(drain))
        };
        let spool = Sqlite {
            drain: connection.map(open).transpose()?,
            acceptor: Acceptor::new(Arc::clone(&site), writer, max_bytes),
            site,
            closed: AtomicBool::new(false),
            news: Notify::new(),
        };
        if let Some(error) = unusable {
            spool.acceptor.fallback.begin(&error);
        }
        Ok((spool, damage))
    }

    fn drain(&self) -> Option<MutexGuard<'_, Drain>> {
        self.drain.as_ref().map(locked)
    }

    /// Waits for nobody's receipts any more.
    fn receipts_are_out(&self) {
        self.site.receipted.store(i64::MAX, Ordering::SeqCst);
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> Error + '_ {
        |error| self.site.failed(error)
    }

    fn close_drain(&self, drain: &mut Drain, take: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        let finished = drain.finish();
        let handed_over = if self.site.purpose == Purpose::Own {
            drain
                .read_if_unread(&self.acceptor)
                .and_then(|()| leftovers::hand_over(drain, &self.site, take))
                .map_err(self.failed())
        } else {
            Ok(())
        };
        // A run that has sent all it found may never have had a claim come back empty.
        let ended = handed_over
            .and_then(|()| self.look_for_hidden(drain))
            .and(finished);
        if self.site.purpose == Purpose::Follow {
            drain.step_back();
        }
        ended
    }

    fn look_for_hidden(&self, drain: &mut Drain) -> Result<(), Error> {
        if self.acceptor.fallback.has_begun() {
            return Ok(());
        }
        drain.look_for_hidden()
    }
}

impl Spool for Sqlite {
    fn append(
        &self,
        records: Vec<AcceptedRecord>,
        accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        let ids: Vec<Uuid> = records.iter().map(|_| Uuid::now_v7()).collect();
        let receipts = receipts(&records, &ids);
        // Until they are out, nothing sends them here. Another process may, if it leads by then.
        let led = self.sends_own();
        let watched = (!led && self.drain.is_some()).then(|| records.clone());
        let places = self
            .acceptor
            .accept(records, &ids)
            .inspect_err(|_| self.receipts_are_out())?;
        if let Some(last) = places.last() {
            self.site.last_own.store(*last, Ordering::SeqCst);
        }
        accepted(receipts);
        if let (Some(records), Some(mut drain)) = (watched, self.drain())
            && !places.is_empty()
        {
            drain.watch(&places, &ids, &records);
        }
        self.receipts_are_out();
        self.news.notify_one();
        Ok(())
    }

    fn claim(&self, max: usize, now: i64) -> Result<Vec<Entry>, Error> {
        let Some(mut drain) = self.drain() else {
            return Ok(Vec::new());
        };
        let claimed = drain.claim(&self.acceptor, max, now)?;
        if claimed.is_empty() {
            self.look_for_hidden(&mut drain)?;
        }
        Ok(claimed)
    }

    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        match self.drain() {
            Some(mut drain) if !settled.is_empty() => drain.settle(settled),
            _ => Ok(()),
        }
    }

    fn settled(&self, _wait: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        let drain = self.drain();
        Ok(drain.map_or_else(Vec::new, |mut drain| std::mem::take(&mut drain.settled)))
    }

    fn strayed(&self) -> Vec<Entry> {
        self.acceptor.fallback.take()
    }

    fn returned(&self, now: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        let Some(mut drain) = self.drain() else {
            return Ok(Vec::new());
        };
        let (ended, more) = drain.returned(now)?;
        if more {
            // The rest of it at once.
            self.news.notify_one();
        }
        Ok(ended)
    }

    fn pause(&self, pause: &Pause) -> bool {
        self.drain()
            .is_some_and(|drain| pause::note(&drain.connection, &self.site.dest, pause).is_ok())
    }

    fn paused(&self, now: i64) -> Option<Pause> {
        pause::noted(&self.drain()?.connection, &self.site.dest, now)
    }

    fn due(&self) -> Option<i64> {
        self.drain()?.due()
    }

    fn look_again(&self) -> Option<Duration> {
        self.drain()?.look_again()
    }

    fn sends_own(&self) -> bool {
        self.drain().is_some_and(|drain| drain.holds)
    }

    fn is_done(&self) -> bool {
        let Some(mut drain) = self.drain() else {
            return true;
        };
        match self.site.purpose {
            Purpose::Accept => true,
            Purpose::Own => {
                !self.acceptor.fallback.has_unreported() && drain.has_settled_own(&self.acceptor)
            }
            Purpose::All => drain.has_settled_all(&self.acceptor),
            Purpose::Follow => false,
        }
    }

    fn close(&self, take: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        self.closed.store(true, Ordering::SeqCst);
        match self.drain() {
            Some(mut drain) => self.close_drain(&mut drain, take),
            None => Ok(()),
        }
    }

    fn called(&self) -> Option<Call> {
        // A database that cannot be read is met again, and reported, by who sends again.
        self.drain()?.called().ok().flatten()
    }

    fn leftover(&self) -> Leftover {
        // A database that cannot be read was reported when it was last used.
        let drain = self.drain();
        let count = drain.map(|drain| leftovers::count(&drain, &self.site));
        count.transpose().ok().flatten().unwrap_or_default()
    }

    fn unidentified(&self, address: &str) -> Result<u64, Error> {
        legacy::count(&self.acceptor.writer(), address).map_err(self.failed())
    }

    fn identify(&self, address: &str) -> Result<(), Error> {
        if !self.sends_own() {
            return Ok(());
        }
        let _turn = self.site.turn();
        let writer = self.acceptor.writer();
        legacy::identify(&self.site.folder, &writer, address, &self.site.dest).map(drop)
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn news(&self) -> &Notify {
        &self.news
    }
}
