//! The side that sends: rows into the queue, settlements into rows.

use super::abroad::{Abroad, LOOK};
use super::accept::Acceptor;
use super::acks::{Acks, note_left_behind};
use super::engine::storage;
use super::hidden::Hidden;
use super::interventions::{Intervention, Interventions, data_version, lost};
use super::retries;
use super::rows::{Found, WHOLE, entry};
use super::sender::SenderLock;
use super::site::Site;
use super::window::Window;
use crate::model::delivery::Problem;
use crate::spool::queue::{Key, Queue, Queued};
use crate::spool::{Call, Entry, Error, Purpose, Record, Settlement};
use rusqlite::{Connection, OptionalExtension, params};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often a process that sends for ever looks for new records of others.
const FOLLOW: Duration = Duration::from_millis(500);

/// What belongs to sending.
pub struct Drain {
    site: Arc<Site>,
    pub connection: Connection,
    lock: SenderLock,
    /// Whether this process is the one that sends.
    pub holds: bool,
    pub queue: Queue,
    window: Window,
    acks: Acks,
    interventions: Interventions,
    abroad: Abroad,
    hidden: Hidden,
    /// When the inbox was looked into last.
    inbox_seen: Option<Instant>,
    /// Journeys that this run has given up, and the record on whose account.
    pub parked: HashMap<Key, Queued>,
    /// Whether records of other runs are left alone, because the disk has no room to note in any
    /// case what was delivered. Nor are they overtaken.
    pub own_only: bool,
    /// Records that were reported though they are still there.
    pub given_up: HashSet<i64>,
    /// Records that wait for another try, without their bytes.
    tried: HashMap<i64, Entry>,
    /// Records that were settled and are still to be handed over.
    pub settled: Vec<(Entry, Settlement)>,
    /// Records that have ended here without an answer and are still to be reported.
    ended: Vec<(Entry, Settlement)>,
    /// Records under way that were dropped meanwhile.
    dropped: HashSet<i64>,
    /// The last row when this process stepped back, and the state of the database in which there
    /// was none after it.
    left_at: (i64, i64),
}

impl Drain {
    /// The sending side of a spool, which leads if nobody else does.
    pub fn open(site: Arc<Site>, connection: Connection) -> Result<Drain, Error> {
        let about = |error| Error::Storage(format!("cannot open the spool: {error}"));
        let lock = SenderLock::open(&site.folder, &site.dest).map_err(about)?;
        let interventions = Interventions::skip(&connection).map_err(storage)?;
        let mut drain = Drain {
            connection,
            lock,
            holds: false,
            queue: Queue::default(),
            window: Window::new(),
            acks: Acks::new(Arc::clone(&site)),
            interventions,
            abroad: Abroad::new(),
            hidden: Hidden::default(),
            inbox_seen: None,
            parked: HashMap::new(),
            own_only: false,
            given_up: HashSet::new(),
            tried: HashMap::new(),
            settled: Vec::new(),
            ended: Vec::new(),
            dropped: HashSet::new(),
            left_at: (0, -1),
            site,
        };
        // Early, so that records of a process that is alone are never remembered twice.
        match drain.lead() {
            // What it wants to accept needs no database.
            Err(_) if drain.site.purpose == Purpose::Own => {}
            led => drop(led?),
        }
        Ok(drain)
    }

    /// Takes the lock of the one that sends, if it is free.
    pub fn lead(&mut self) -> Result<bool, Error> {
        if !self.holds && self.lock.try_hold() {
            let (connection, lock) = (&mut self.connection, &mut self.lock);
            let noted = note_left_behind(connection, lock, &self.site);
            if let Err(error) = noted {
                self.lock.release();
                return Err(error);
            }
            self.holds = true;
            self.window.restart();
        }
        Ok(self.holds)
    }

    /// Lets another process lead, once nothing is under way.
    pub fn step_back(&mut self) {
        if std::mem::take(&mut self.holds) {
            self.lock.release();
        }
        let last = "SELECT coalesce(max(seq), 0) FROM kept WHERE dest = ? AND state = 'ready'";
        let last = self.connection.prepare_cached(last);
        let last = last.and_then(|mut last| last.query_row([&self.site.dest], |row| row.get(0)));
        // Where it is not known what there is, everything is news.
        self.left_at.0 = last.unwrap_or(0);
    }

    /// What has come since this process stepped back that is a reason to lead again.
    pub fn called(&mut self) -> rusqlite::Result<Option<Call>> {
        let (last, before) = self.left_at;
        let (news, version) = self.interventions.news(&self.connection, &self.site.dest)?;
        if news.iter().any(|done| !done.dropped) {
            return Ok(Some(Call::Retry));
        }
        self.left_at.1 = version;
        if version == before && self.site.folder.inbox().is_empty() {
            return Ok(None);
        }
        let newer = "SELECT 1 FROM kept WHERE dest = ? AND state = 'ready' AND seq > ? \
                     ORDER BY seq LIMIT 1";
        let mut newer = self.connection.prepare_cached(newer)?;
        let arrived = newer.exists(params![self.site.dest, last])?;
        let arrived = arrived || !self.site.folder.inbox().is_empty();
        Ok(arrived.then_some(Call::Arrival))
    }

    /// Claims records that are due, the oldest first.
    pub fn claim(
        &mut self,
        acceptor: &Acceptor,
        max: usize,
        now: i64,
    ) -> Result<Vec<Entry>, Error> {
        if !self.lead()? {
            return Ok(Vec::new());
        }
        let site = Arc::clone(&self.site);
        self.claim_what_is_due(acceptor, max, now)
            .map_err(|error| site.failed(error))
    }

    fn claim_what_is_due(
        &mut self,
        acceptor: &Acceptor,
        max: usize,
        now: i64,
    ) -> rusqlite::Result<Vec<Entry>> {
        loop {
            let (cursor, credit) = (self.window.cursor, self.window.credit);
            self.fill(acceptor, now)?;
            let claimed = self.take(max, now)?;
            let nothing_unread = self.window.exhausted || self.window.more;
            if !claimed.is_empty() || self.queue.due().is_some() || nothing_unread {
                return Ok(claimed);
            }
            if credit == 0 && self.window.cursor == cursor {
                return Ok(claimed);
            }
            // What was read has been dropped meanwhile.
            self.window.credit = 0;
        }
    }

    /// Reads rows into the queue, as long as little of it can be sent.
    fn fill(&mut self, acceptor: &Acceptor, now: i64) -> rusqlite::Result<()> {
        if self.window.credit > 0 {
            return Ok(());
        }
        if Window::is_low(&self.queue, now) {
            let idle = self.queue.ready(now, 1) == 0;
            if self.site.purpose != Purpose::Own && (idle || self.is_inbox_due()) {
                acceptor.take_in_inbox()?;
            }
            let version = self.heed()?;
            let (given_up, acks) = (&self.given_up, &self.acks);
            let parked = RefCell::new(&mut self.parked);
            let own_only = self.own_only && self.site.purpose == Purpose::Own;
            let is_reported = |found: &Found| {
                let seq = found.place.seq;
                let reported = given_up.contains(&seq) || acks.has_delivered(seq);
                let mut parked = parked.borrow_mut();
                if own_only && !found.place.own {
                    parked.entry(found.key).or_insert(found.place);
                }
                reported || parked.contains_key(&found.key)
            };
            let (connection, queue) = (&self.connection, &mut self.queue);
            self.window
                .read(connection, &self.site, version, now, queue, &is_reported)?;
        }
        self.window.reckon(&self.queue, now);
        Ok(())
    }

    fn is_inbox_due(&mut self) -> bool {
        let due = self.inbox_seen.is_none_or(|seen| seen.elapsed() >= LOOK);
        if due {
            self.inbox_seen = Some(Instant::now());
        }
        due
    }

    /// Claims what is due. Whatever was read ahead of it holds only as long as nobody has dropped
    /// it: who drops looks for the mark of `begin` first, and leaves a note.
    fn take(&mut self, max: usize, now: i64) -> rusqlite::Result<Vec<Entry>> {
        let mut places = Vec::new();
        while places.len() < max
            && let Some((key, place)) = self.queue.claim(now)
        {
            self.lock.begin(place.seq);
            places.push((key, place));
        }
        self.window.credit = self.window.credit.saturating_sub(places.len());
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let (news, _) = self.interventions.news(&self.connection, &self.site.dest)?;
        for done in news.iter().filter(|done| done.dropped) {
            let is_it = |(_, place): &(Key, Queued)| place.seq == done.entry.seq;
            if let Some(at) = places.iter().position(is_it) {
                let (key, place) = places.remove(at);
                self.lock.end(place.seq);
                self.queue.advance(key, place);
            }
        }
        self.heed_all(news)?;
        let mut claimed = Vec::with_capacity(places.len());
        for (key, place) in places {
            claimed.extend(self.fetch(key, place)?);
        }
        Ok(claimed)
    }

    /// A claimed record. One that is gone, or whose bytes have changed, is none.
    fn fetch(&mut self, key: Key, place: Queued) -> rusqlite::Result<Option<Entry>> {
        let tried = self.tried.remove(&place.seq);
        let row = match self.window.take(place.seq) {
            Some(held) => Some(held),
            None => self
                .connection
                .prepare_cached(&format!(
                    "SELECT {WHOLE} FROM kept WHERE seq = ? AND state = 'ready'"
                ))?
                .query_row([place.seq], |row| Ok(entry(&self.site, row)))
                .optional()?,
        };
        match row {
            // Under the key by which it was queued, which a changed row may no longer name.
            Some((entry, true)) if entry.key() == key => {
                return Ok(Some(with_attempts(entry, tried)));
            }
            Some((entry, _)) => {
                self.lock.end(place.seq);
                self.queue.advance(key, place);
                self.bury(entry)?;
            }
            None => {
                self.lock.end(place.seq);
                self.queue.advance(key, place);
            }
        }
        Ok(None)
    }

    /// A row whose bytes have changed is not sent and not lost.
    fn bury(&mut self, mut entry: Entry) -> rusqlite::Result<()> {
        let why = Problem {
            title: "the stored bytes do not match their checksum".to_owned(),
            ..Problem::default()
        };
        let _turn = self.site.turn();
        self.connection
            .prepare_cached("UPDATE event SET state = 'dead', last_error = ? WHERE seq = ?")?
            .execute(params![serde_json::to_string(&why).ok(), entry.seq])?;
        entry.problem = Some(why);
        self.ended.push((entry, Settlement::Refused));
        Ok(())
    }

    /// Settles claimed records.
    pub fn settle(&mut self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        let mut undelivered = Vec::new();
        for (entry, settlement) in &settled {
            if *settlement == Settlement::Delivered {
                self.acks.deliver(&mut self.lock, entry)?;
            } else {
                undelivered.push((entry.clone(), *settlement));
            }
        }
        if !undelivered.is_empty() {
            self.settle_undelivered(&undelivered)?;
        }
        self.acks.keep_up(&mut self.lock)?;
        let site = Arc::clone(&self.site);
        for (entry, settlement) in settled {
            let gone = self.end(entry, settlement);
            self.settled
                .extend(gone.map_err(|error| site.failed(error))?);
        }
        if self.queue.under_way() == 0 {
            // Nothing more is to be expected for now.
            self.acks.hand_over_waiting()?;
        }
        Ok(())
    }

    fn settle_undelivered(&mut self, settled: &[(Entry, Settlement)]) -> Result<(), Error> {
        // Reported in any case, so never reported again.
        let given_up = settled
            .iter()
            .filter(|(_, settlement)| *settlement == Settlement::GivenUp);
        self.given_up.extend(given_up.map(|(entry, _)| entry.seq));
        retries::write(&mut self.connection, &self.site, settled)?;
        if settled.iter().any(|(_, how)| *how == Settlement::Refused) {
            self.acks.flush_soon()?;
        }
        // Whoever dropped a record before its answer was noted has dropped one that is gone.
        let heeded = self.heed();
        heeded.map(drop).map_err(|error| self.site.failed(error))
    }

    /// Lets the journey of a settled record go on, or stand still; nothing of one that is tried
    /// again.
    fn end(
        &mut self,
        mut entry: Entry,
        mut settlement: Settlement,
    ) -> rusqlite::Result<Option<(Entry, Settlement)>> {
        self.abroad.forget(&self.connection, entry.seq)?;
        if settlement != Settlement::Delivered {
            self.lock.end(entry.seq);
        }
        let dropped = self.dropped.remove(&entry.seq);
        if dropped && matches!(settlement, Settlement::Later | Settlement::GivenUp) {
            settlement = Settlement::Lost;
            entry.problem = Some(lost());
        }
        let (key, place) = (entry.key(), entry.queued());
        match settlement {
            Settlement::Later => {
                self.queue.put_back(key, place);
                // Its bytes are read again when its time has come.
                entry.record.body = bytes::Bytes::new();
                self.tried.insert(entry.seq, entry);
                return Ok(None);
            }
            Settlement::Delivered | Settlement::Refused | Settlement::Lost => {
                self.queue.advance(key, place);
            }
            Settlement::GivenUp => {
                // What follows in its journey must not overtake it.
                for behind in self.queue.park(key, place) {
                    self.window.take(behind.seq);
                }
                self.parked.insert(key, place);
            }
        }
        Ok(Some((entry, settlement)))
    }

    /// Notes in the database what was delivered.
    fn note_all(&mut self) -> Result<(), Error> {
        let now = (self.site.clock)();
        // At the end nothing of what was delivered stays.
        let last = self.queue.under_way() == 0 && self.queue.ready(now, 1) == 0;
        self.acks.note_all(&mut self.lock, last)
    }

    /// Heeds what people have done since this was called last; the state of the database.
    fn heed(&mut self) -> rusqlite::Result<i64> {
        let (news, version) = self.interventions.news(&self.connection, &self.site.dest)?;
        self.heed_all(news)?;
        Ok(version)
    }

    fn heed_all(&mut self, news: Vec<Intervention>) -> rusqlite::Result<()> {
        for intervention in news {
            self.window.take(intervention.entry.seq);
            if intervention.dropped {
                self.heed_drop(intervention)?;
            } else {
                self.heed_retry(&intervention.entry);
            }
        }
        Ok(())
    }

    fn heed_drop(&mut self, intervention: Intervention) -> rusqlite::Result<()> {
        let Intervention {
            ready,
            run,
            mut entry,
            ..
        } = intervention;
        if self.queue.is_under_way(entry.seq) {
            // Its answer decides.
            self.dropped.insert(entry.seq);
            return Ok(());
        }
        self.queue.remove(entry.key(), entry.seq);
        self.tried.remove(&entry.seq);
        self.window.credit = 0;
        let own = self.site.purpose == Purpose::Own && run == self.site.run.as_bytes();
        // Whatever was not ready, or was given up, has been reported.
        if own && ready && self.given_up.insert(entry.seq) {
            self.abroad.forget(&self.connection, entry.seq)?;
            entry.problem = Some(lost());
            self.ended.push((entry, Settlement::Lost));
        }
        Ok(())
    }

    /// Reads the rows from this one on again, with what follows in its journey.
    fn heed_retry(&mut self, entry: &Entry) {
        // A run reports once on what it has accepted; the next one sends it.
        if self.site.purpose == Purpose::Own || self.queue.is_under_way(entry.seq) {
            return;
        }
        self.given_up.remove(&entry.seq);
        self.parked.remove(&entry.key());
        self.tried.remove(&entry.seq);
        self.queue.remove(entry.key(), entry.seq);
        self.window.rewind(entry.seq);
    }

    /// Records that have ended without being settled here.
    pub fn returned(&mut self, now: bool) -> Result<(Vec<(Entry, Settlement)>, bool), Error> {
        if now {
            self.note_all()?;
        }
        self.acks.keep_up(&mut self.lock)?;
        let site = Arc::clone(&self.site);
        if now || self.interventions.heard().elapsed() >= LOOK {
            self.heed().map_err(|error| site.failed(error))?;
        }
        let ended = std::mem::take(&mut self.ended);
        if !ended.is_empty() {
            return Ok((ended, false));
        }
        let returned = self
            .abroad
            .returned(&self.connection, &site, self.holds, now);
        let returned = returned.map_err(|error| site.failed(error))?;
        let lost = returned.ended.iter();
        let lost = lost.filter(|(_, settlement)| *settlement == Settlement::Lost);
        // Reported here, so not again when the intervention itself is heard of.
        self.given_up.extend(lost.map(|(entry, _)| entry.seq));
        Ok((returned.ended, returned.more))
    }

    /// Remembers accepted records that another process may send.
    pub fn watch(&mut self, places: &[i64], ids: &[Uuid], records: &[Record]) {
        let connection = &mut self.connection;
        let Err(error) = self.abroad.remember(connection, places, ids, records) else {
            return;
        };
        let title = format!(
            "in the spool, and another process sends it; its result is not known here: {error}"
        );
        // Left to that process, which is reported in place of their results.
        for ((seq, id), record) in places.iter().zip(ids).zip(records) {
            let record = Record {
                body: bytes::Bytes::new(),
                ..record.clone()
            };
            let mut entry = Entry::new(*seq, *id, record);
            entry.problem = Some(Problem {
                title: title.clone(),
                ..Problem::default()
            });
            self.given_up.insert(*seq);
            self.ended.push((entry, Settlement::GivenUp));
        }
    }

    /// How often to look whether other processes have changed something, or they want to know.
    pub fn look_again(&self) -> Option<Duration> {
        match (self.holds, self.site.purpose) {
            (false, _) => Some(LOOK),
            (true, _) if self.acks.wait() => Some(LOOK),
            (true, Purpose::Follow) => Some(FOLLOW),
            (true, _) => None,
        }
    }

    /// When the next record that waits is due.
    pub fn due(&self) -> Option<i64> {
        // Rows that are still to be read may be due.
        let unread = self.window.more.then_some(0);
        unread.or_else(|| self.queue.due())
    }

    /// Whether nothing of this run's own is left to hand out, to settle or to report.
    pub fn has_settled_own(&self) -> bool {
        self.abroad.is_empty()
            && self.ended.is_empty()
            && self.queue.own() == 0
            && self.has_read_own()
    }

    /// Whether every record that this run has accepted was read into the queue.
    fn has_read_own(&self) -> bool {
        if !self.holds {
            return true;
        }
        let all = self.site.receipted.load(Ordering::SeqCst) == i64::MAX;
        let current = || data_version(&self.connection).is_ok_and(|now| now == self.window.version);
        all && (self.window.cursor >= self.site.last_own.load(Ordering::SeqCst)
            || self.window.exhausted && current())
    }

    /// Whether nothing is left for the destination; of another process's, nothing that is due.
    pub fn has_settled_all(&mut self, acceptor: &Acceptor) -> bool {
        let now = (self.site.clock)();
        match self.lead() {
            Ok(true) => {}
            Ok(false) => return self.has_nothing_due(now).unwrap_or(true),
            // It is met again, and reported, when something is claimed.
            Err(_) => return false,
        }
        self.queue.len() == 0
            && self.fill(acceptor, now).is_ok()
            && self.window.exhausted
            && self.ended.is_empty()
            && self.queue.len() == 0
    }

    /// Whether no record that waits for this destination is due.
    fn has_nothing_due(&self, now: i64) -> rusqlite::Result<bool> {
        let due = "SELECT 1 FROM kept WHERE dest = ? AND state = 'ready' AND next_ms <= ? LIMIT 1";
        let mut select = self.connection.prepare_cached(due)?;
        select.exists(params![self.site.dest, now]).map(|due| !due)
    }

    /// With nothing left to send, makes sure that nothing is merely hidden.
    pub fn look_for_hidden(&mut self) -> Result<(), Error> {
        let idle = self.queue.len() == 0 && self.abroad.is_empty();
        if self.holds && self.window.exhausted && idle {
            self.hidden
                .look(&self.connection, &self.site, self.window.version)?;
        }
        Ok(())
    }

    /// Reads what there is, where nothing was read because nothing was sent.
    pub fn read_if_unread(&mut self, acceptor: &Acceptor) -> rusqlite::Result<()> {
        if self.holds && self.window.cursor == 0 {
            self.fill(acceptor, (self.site.clock)())?;
        }
        Ok(())
    }

    /// Notes and flushes everything.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.acks.finish(&mut self.lock)
    }
}

/// A record as it was read, with what this run knows of its attempts.
fn with_attempts(read: Entry, tried: Option<Entry>) -> Entry {
    match tried {
        Some(mut tried) => {
            tried.record.body = read.record.body;
            tried
        }
        None => read,
    }
}
