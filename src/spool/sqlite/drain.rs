//! The side that sends: what waits is claimed and settled, and what others do meanwhile is
//! followed.

use super::accept::Acceptor;
use super::acks::Acks;
use super::engine::storage;
use super::hidden::Hidden;
use super::interventions::{Intervention, Interventions};
use super::left_behind;
use super::retries;
use super::send_queue::SendQueue;
use super::sender::SenderLock;
use super::sent_elsewhere::{LOOK, SentElsewhere};
use super::site::Site;
use super::standby::Standby;
use super::window::RowWindow;
use crate::model::delivery::Problem;
use crate::spool::queue::{Key, Queued};
use crate::spool::{
    AcceptedRecord, Call, Entry, Error, Purpose, Settlement, damaged_record, problem_text,
};
use rusqlite::{Connection, params};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often a process that keeps sending looks for new records of others.
const FOLLOW: Duration = Duration::from_millis(500);

/// What belongs to sending.
pub struct Drain {
    site: Arc<Site>,
    pub connection: Connection,
    lock: SenderLock,
    /// Whether this process is the one that sends.
    pub holds: bool,
    pub send_queue: SendQueue,
    acks: Acks,
    interventions: Interventions,
    sent_elsewhere: SentElsewhere,
    hidden: Hidden,
    standby: Standby,
    /// When the inbox was looked into last.
    inbox_seen: Option<Instant>,
    /// Records that were settled and are still to be handed over.
    pub settled: Vec<(Entry, Settlement)>,
    /// Records that have ended here without an answer and are still to be reported.
    ended: Vec<(Entry, Settlement)>,
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
            send_queue: SendQueue::new(Arc::clone(&site)),
            acks: Acks::new(Arc::clone(&site)),
            interventions,
            sent_elsewhere: SentElsewhere::new(),
            hidden: Hidden::default(),
            standby: Standby::new(),
            inbox_seen: None,
            settled: Vec::new(),
            ended: Vec::new(),
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
            let noted = left_behind::note_own(connection, lock, &self.site);
            if let Err(error) = noted {
                self.lock.release();
                return Err(error);
            }
            self.holds = true;
            self.send_queue.window.restart();
        }
        Ok(self.holds)
    }

    /// Lets another process lead, once nothing is under way.
    pub fn step_back(&mut self) {
        if std::mem::take(&mut self.holds) {
            self.lock.release();
        }
        self.standby.begin(&self.connection, &self.site.dest);
    }

    /// What has come since this process stepped back that is a reason to lead again.
    pub fn called(&mut self) -> rusqlite::Result<Option<Call>> {
        self.standby
            .called(&self.connection, &self.site, &mut self.interventions)
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
            let (cursor, credit) = (self.send_queue.window.cursor, self.send_queue.window.credit);
            self.fill(acceptor, now)?;
            let claimed = self.take(max, now)?;
            let SendQueue { queue, window, .. } = &mut self.send_queue;
            let nothing_unread = window.exhausted || window.more;
            if !claimed.is_empty() || queue.due().is_some() || nothing_unread {
                return Ok(claimed);
            }
            if credit == 0 && window.cursor == cursor {
                return Ok(claimed);
            }
            // What was read has been dropped meanwhile.
            window.credit = 0;
        }
    }

    /// Reads rows into the queue, as long as little of it can be sent; whether it did.
    fn fill(&mut self, acceptor: &Acceptor, now: i64) -> rusqlite::Result<bool> {
        if self.send_queue.window.credit > 0 {
            return Ok(false);
        }
        let reads = RowWindow::is_low(&self.send_queue.queue);
        if reads {
            let idle = self.send_queue.queue.ready(now, 1) == 0;
            if self.site.purpose != Purpose::Own && (idle || self.is_inbox_due()) {
                acceptor.take_in_inbox()?;
            }
            let version = self.follow_interventions()?;
            let delivered = |seq| self.acks.has_delivered(seq);
            self.send_queue
                .read(&self.connection, version, now, &delivered)?;
        }
        let SendQueue { queue, window, .. } = &mut self.send_queue;
        window.reckon(queue);
        Ok(reads)
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
            && let Some((key, place)) = self.send_queue.queue.claim(now)
        {
            self.lock.begin(place.seq);
            places.push((key, place));
        }
        self.send_queue.window.credit = self.send_queue.window.credit.saturating_sub(places.len());
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let (news, _) = self.interventions.news(&self.connection, &self.site.dest)?;
        for done in news.iter().filter(|done| done.dropped) {
            let is_it = |(_, place): &(Key, Queued)| place.seq == done.entry.seq;
            if let Some(at) = places.iter().position(is_it) {
                let (key, place) = places.remove(at);
                self.lock.end(place.seq);
                self.send_queue.queue.advance(key, place);
            }
        }
        self.follow_all(news)?;
        let mut claimed = Vec::with_capacity(places.len());
        for (key, place) in places {
            claimed.extend(self.fetch(key, place)?);
        }
        Ok(claimed)
    }

    /// A claimed record. One that is gone, or whose bytes have changed, is none.
    fn fetch(&mut self, key: Key, place: Queued) -> rusqlite::Result<Option<Entry>> {
        match self.send_queue.fetch(&self.connection, key, place)? {
            Some((entry, true)) => return Ok(Some(entry)),
            changed => {
                self.lock.end(place.seq);
                self.send_queue.queue.advance(key, place);
                if let Some((entry, _)) = changed {
                    self.mark_dead(entry)?;
                }
            }
        }
        Ok(None)
    }

    /// A row whose bytes have changed is not sent and not lost.
    fn mark_dead(&mut self, mut entry: Entry) -> rusqlite::Result<()> {
        let why = damaged_record();
        let _turn = self.site.turn();
        self.connection
            .prepare_cached("UPDATE event SET state = 'dead', last_error = ? WHERE seq = ?")?
            .execute(params![problem_text(Some(&why)), entry.seq])?;
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
        if self.send_queue.queue.under_way() == 0 {
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
        self.send_queue
            .given_up
            .extend(given_up.map(|(entry, _)| entry.seq));
        retries::write(&mut self.connection, &self.site, settled)?;
        if settled.iter().any(|(_, how)| *how == Settlement::Refused) {
            self.acks.flush_soon()?;
        }
        // Whoever dropped a record before its answer was noted has dropped one that is gone.
        let followed = self.follow_interventions();
        followed.map(drop).map_err(|error| self.site.failed(error))
    }

    /// Ends a settled record here; nothing of one that is tried again.
    fn end(
        &mut self,
        entry: Entry,
        settlement: Settlement,
    ) -> rusqlite::Result<Option<(Entry, Settlement)>> {
        self.sent_elsewhere.forget(&self.connection, entry.seq)?;
        if settlement != Settlement::Delivered {
            self.lock.end(entry.seq);
        }
        Ok(self.send_queue.settle(entry, settlement))
    }

    /// Notes in the database what was delivered.
    fn note_all(&mut self) -> Result<(), Error> {
        let now = (self.site.clock)();
        // At the end nothing of what was delivered stays.
        let last =
            self.send_queue.queue.under_way() == 0 && self.send_queue.queue.ready(now, 1) == 0;
        self.acks.note_all(&mut self.lock, last)
    }

    /// Follows what people have done since this was called last; the state of the database.
    fn follow_interventions(&mut self) -> rusqlite::Result<i64> {
        let (news, version) = self.interventions.news(&self.connection, &self.site.dest)?;
        self.follow_all(news)?;
        Ok(version)
    }

    fn follow_all(&mut self, news: Vec<Intervention>) -> rusqlite::Result<()> {
        for intervention in news {
            self.send_queue.window.take(intervention.entry.seq);
            if !intervention.dropped {
                self.send_queue.retry(&intervention.entry);
            } else if let Some(entry) = self.send_queue.remove(intervention) {
                self.sent_elsewhere.forget(&self.connection, entry.seq)?;
                self.ended.push((entry, Settlement::Lost));
            }
        }
        Ok(())
    }

    /// Records that have ended without being settled here.
    pub fn returned(&mut self, now: bool) -> Result<(Vec<(Entry, Settlement)>, bool), Error> {
        if now {
            self.note_all()?;
        }
        self.acks.keep_up(&mut self.lock)?;
        let site = Arc::clone(&self.site);
        if now || self.interventions.last_read().elapsed() >= LOOK {
            self.follow_interventions()
                .map_err(|error| site.failed(error))?;
        }
        let ended = std::mem::take(&mut self.ended);
        if !ended.is_empty() {
            return Ok((ended, false));
        }
        let returned = self
            .sent_elsewhere
            .returned(&self.connection, &site, self.holds, now);
        let returned = returned.map_err(|error| site.failed(error))?;
        let lost = returned.ended.iter();
        let lost = lost.filter(|(_, settlement)| *settlement == Settlement::Lost);
        // Reported here, so not again when the intervention itself is read.
        self.send_queue
            .given_up
            .extend(lost.map(|(entry, _)| entry.seq));
        Ok((returned.ended, returned.more))
    }

    /// Remembers accepted records that another process may send.
    pub fn watch(&mut self, places: &[i64], ids: &[Uuid], records: &[AcceptedRecord]) {
        let connection = &mut self.connection;
        let Err(error) = self
            .sent_elsewhere
            .remember(connection, places, ids, records)
        else {
            return;
        };
        let title = format!(
            "in the spool, and another process sends it; its result is not known here: {error}"
        );
        // Left to that process, which is reported in place of their results.
        for ((seq, id), record) in places.iter().zip(ids).zip(records) {
            let record = AcceptedRecord {
                body: bytes::Bytes::new(),
                ..record.clone()
            };
            let mut entry = Entry::new(*seq, *id, record);
            entry.problem = Some(Problem::titled(title.clone()));
            self.send_queue.given_up.insert(*seq);
            self.ended.push((entry, Settlement::GivenUp));
        }
    }

    /// How often to look whether other processes have changed something, or they want to know.
    pub fn look_again(&self) -> Option<Duration> {
        match (self.holds, self.site.purpose) {
            (false, _) => Some(LOOK),
            (true, _) if self.acks.wait() || !self.sent_elsewhere.is_empty() => Some(LOOK),
            (true, Purpose::Follow) => Some(FOLLOW),
            (true, _) => None,
        }
    }

    /// When the next record that waits is due.
    pub fn due(&self) -> Option<i64> {
        // Rows that are still to be read may be due.
        let unread = self.send_queue.window.more.then_some(0);
        unread.or_else(|| self.send_queue.queue.due())
    }

    /// Whether nothing of this run's own is left to hand out, to settle or to report.
    pub fn has_settled_own(&mut self, acceptor: &Acceptor) -> bool {
        self.sent_elsewhere.is_empty()
            && self.ended.is_empty()
            && self.send_queue.queue.own() == 0
            && self.has_read_own(acceptor)
            && self.send_queue.queue.own() == 0
    }

    /// Whether every record that this run has accepted was read into the queue, or is gone.
    fn has_read_own(&mut self, acceptor: &Acceptor) -> bool {
        if !self.holds {
            return true;
        }
        let all = self.site.receipted.load(Ordering::SeqCst) == i64::MAX;
        let last_own = self.site.last_own.load(Ordering::SeqCst);
        if !all || self.send_queue.window.cursor >= last_own {
            return all;
        }
        // Of rows that another process has sent nothing is left to be read: only the end shows that.
        // Where others wait, they are sent first.
        let now = (self.site.clock)();
        matches!(self.fill(acceptor, now), Ok(true)) && self.send_queue.window.exhausted
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
        self.send_queue.queue.len() == 0
            && self.fill(acceptor, now).is_ok()
            && self.send_queue.window.exhausted
            && self.ended.is_empty()
            && self.send_queue.queue.len() == 0
    }

    /// Whether no record that waits for this destination is due.
    fn has_nothing_due(&self, now: i64) -> rusqlite::Result<bool> {
        let due = "SELECT 1 FROM kept WHERE dest = ? AND state = 'ready' AND next_ms <= ? LIMIT 1";
        let mut select = self.connection.prepare_cached(due)?;
        select.exists(params![self.site.dest, now]).map(|due| !due)
    }

    /// With nothing left to send, makes sure that nothing is merely hidden.
    pub fn look_for_hidden(&mut self) -> Result<(), Error> {
        let idle = self.send_queue.queue.len() == 0 && self.sent_elsewhere.is_empty();
        if self.holds && self.send_queue.window.exhausted && idle {
            self.hidden
                .look(&self.connection, &self.site, self.send_queue.window.version)?;
        }
        Ok(())
    }

    /// Reads what there is, where nothing was read because nothing was sent.
    pub fn read_if_unread(&mut self, acceptor: &Acceptor) -> rusqlite::Result<()> {
        if self.holds && self.send_queue.window.cursor == 0 {
            self.fill(acceptor, (self.site.clock)())?;
        }
        Ok(())
    }

    /// Notes and flushes everything.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.acks.finish(&mut self.lock)
    }
}
